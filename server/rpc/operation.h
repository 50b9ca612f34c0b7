// One request from its message to its answer: what is the same for a call of its own and for one of many on a stream.
#ifndef TENSORD_SERVER_RPC_OPERATION_H_
#define TENSORD_SERVER_RPC_OPERATION_H_

#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/rpc/admission.h"
#include "server/rpc/call_environment.h"
#include "server/rpc/client_registry.h"
#include "server/rpc/message.h"

namespace tensord::server {

// docs/adr/0009 has the stations in order: reserve memory for the message, decode and check it, reserve what it will
// take, wait for a worker, compute, encode. Small messages are decoded, and what takes less than some 20 microseconds
// is answered, on the thread that starts it; everything else on a worker of the pool.
class Operation {
 public:
  using TimePoint = std::chrono::system_clock::time_point;

  // Whoever waits for the answer.
  class Owner {
   public:
    // The operation is about to wait for a worker, or to be handed to one. May throw std::bad_alloc.
    virtual void BeforeQueueing() = 0;
    // The answer is in response(), or `status` says why there is none. The operation may be destroyed in this call. Any
    // thread, also within Start.
    virtual void OnOperationDone(const absl::Status& status) = 0;

   protected:
    ~Owner() = default;
  };

  // `method`: "tensord.v1.TensorService/Convolve", of static lifetime; its cost model is used. `held_bytes`, where
  // there is one, counts what this operation and others have of the memory budget. The pointers have to outlive it.
  Operation(CallEnvironment* environment, absl::string_view method, std::unique_ptr<Message> message, Owner* owner,
            std::atomic<int64_t>* held_bytes = nullptr)
      : environment_(environment), method_(method), message_(std::move(message)), owner_(owner), memory_(held_bytes) {}

  // The message's bytes; to be there before Start.
  [[nodiscard]] grpc::ByteBuffer& request() { return request_; }
  [[nodiscard]] grpc::ByteBuffer& response() { return response_; }
  [[nodiscard]] Message& message() { return *message_; }
  // Of the message, from Start on, and of the answer, from Conclude on.
  [[nodiscard]] int64_t request_bytes() const { return request_bytes_; }
  [[nodiscard]] int64_t response_bytes() const { return response_bytes_; }
  // The most it had of the memory budget; from Conclude on.
  [[nodiscard]] int64_t most_held_bytes() const { return most_held_bytes_; }

  // Runs it, for a client; OnOperationDone follows.
  void Start(std::shared_ptr<Client> client, TimePoint deadline);

  // After OnOperationDone, or instead of Start: frees everything but the answer, in response(), and its memory. `ran`:
  // whether it ended with OK.
  void Conclude(bool ran);
  // After OnOperationDone: frees everything but the message, so that Start can be called again.
  void Rest();

  // Makes running kernels stop. Any thread, as the next two.
  void Cancel() { cancel_.Cancel(); }
  // As Cancel, because the deadline has passed.
  void Expire() {
    expired_.store(true);
    cancel_.Cancel();
  }
  [[nodiscard]] bool cancelled() const { return cancel_.cancelled(); }
  // What a stopped kernel's kCancelled really means.
  [[nodiscard]] absl::Status Explain(const absl::Status& status, TimePoint deadline) const;

 private:
  // The stations. Each returns OK, or why the operation ends there.
  absl::Status AdmitMessage();
  absl::Status PrepareAndReserve();
  absl::Status RunOn(compute::Executor& executor);

  // Checks the request, and runs it here where that takes no time, else on the pool.
  void PrepareThenRun(bool on_worker);
  absl::Status Submit(void (Operation::*step)(), double expected_ns);
  void PrepareAndRunOnWorker() { PrepareThenRun(true); }
  void RunOnWorker();
  // Frees what was decoded.
  void ReleaseMessage();

  CallEnvironment* const environment_;
  const absl::string_view method_;
  const std::unique_ptr<Message> message_;
  Owner* const owner_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  int64_t request_bytes_ = 0;
  int64_t response_bytes_ = 0;
  int64_t most_held_bytes_ = 0;
  int64_t piece_bytes_ = 0;  // of the decoded message
  std::shared_ptr<Client> client_;
  TimePoint deadline_;
  bool charged_ = false;  // to the client
  compute::CancelFlag cancel_;
  std::atomic<bool> expired_ = false;
  Budget::Reservation memory_;
  Budget::Reservation multiplications_;
};

// kResourceExhausted, reason MESSAGE_TOO_LARGE, where `bytes` are more than `limit`; `what` is "request" or "answer".
[[nodiscard]] absl::Status CheckMessageSize(absl::string_view what, int64_t bytes, int64_t limit);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_OPERATION_H_
