// Calls with a deadline, and a sign of life while they take long.
#ifndef TENSORD_CLI_CALLER_H_
#define TENSORD_CLI_CALLER_H_

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/status/statusor.h"
#include "tensord/client/chunks.h"
#include "tensord/client/client.h"
#include "tensord/client/compute_stream.h"

namespace tensord::cli {

// A line on a terminal that counts the seconds, from the second one on, and goes away at the end.
class Progress {
 public:
  // Shows nothing where `err` is null.
  explicit Progress(std::ostream* err) : err_(err) {}

  // Waits until `ready`, which waits for the time given, says so.
  void WaitFor(const std::function<bool(std::chrono::milliseconds)>& ready);

 private:
  std::ostream* err_;
};

class Caller {
 public:
  // `client` must outlive the caller.
  Caller(client::ClientInterface& client, client::CallOptions options, Progress progress)
      : client_(client), options_(std::move(options)), progress_(progress) {}

  // Calls one rpc, e.g. Call(&client::ClientInterface::PoolAsync, request).
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(void (client::ClientInterface::*method)(Request, const client::CallOptions&,
                                                                        client::Callback<Response>),
                                Request request) {
    // The callback may run after this function has returned only if the process is ending, but owns what it writes to.
    auto answer = std::make_shared<std::promise<absl::StatusOr<Response>>>();
    std::future<absl::StatusOr<Response>> future = answer->get_future();
    (client_.*method)(std::move(request), options_,
                      [answer](absl::StatusOr<Response> response) { answer->set_value(std::move(response)); });
    progress_.WaitFor(
        [&future](std::chrono::milliseconds time) { return future.wait_for(time) == std::future_status::ready; });
    return future.get();
  }

  // Calls one of chunks.h's functions, e.g. CallInChunks(&client::PoolInChunks, request, options).
  template <typename Request, typename Response>
  absl::StatusOr<Response> CallInChunks(absl::StatusOr<Response> (*call)(client::ClientInterface&, Request,
                                                                         const client::ChunkOptions&),
                                        Request request, client::ChunkOptions options) {
    options.stream.call = options_;
    std::future<absl::StatusOr<Response>> future =
        std::async(std::launch::async, [&] { return call(client_, std::move(request), options); });
    progress_.WaitFor(
        [&future](std::chrono::milliseconds time) { return future.wait_for(time) == std::future_status::ready; });
    return future.get();
  }

  // A stream of operations with the caller's deadline where it has one, else with none.
  std::unique_ptr<client::ComputeStream> StreamCompute(client::StreamOptions options, client::OnAnswer on_answer) {
    options.call = options_;
    return client_.StreamCompute(options, std::move(on_answer));
  }

  // Grades a class, with the caller's deadline where it has one, else with none.
  absl::Status GradeClass(const v1::Assignment& assignment, const client::NextSubmission& next,
                          const client::OnGraded& on_graded) {
    return client_.GradeClass(assignment, next, on_graded, options_);
  }

  absl::StatusOr<client::Health> CheckHealth() { return client_.CheckHealth("", options_); }

 private:
  client::ClientInterface& client_;
  client::CallOptions options_;
  Progress progress_;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_CALLER_H_
