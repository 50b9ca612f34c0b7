// A client of tensord: every rpc as a function that returns absl::StatusOr, or calls back.
#ifndef TENSORD_CLIENT_CLIENT_H_
#define TENSORD_CLIENT_CLIENT_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "tensord/client/compute_stream.h"
#include "tensord/client/options.h"
#include "tensord/v1/activation.pb.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/model.pb.h"
#include "tensord/v1/pooling.pb.h"
#include "tensord/v1/server.pb.h"
#include "tensord/v1/transposed_convolution.pb.h"
#include "tensord/v1/unpooling.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::client {

// Receives an answer, on a thread of gRPC's, or at once where the request is larger than any message can be: it must
// not block, throw, or destroy the client. It may begin other calls.
template <typename Response>
using Callback = std::function<void(absl::StatusOr<Response>)>;

// Gives the next submission of a class; false where there is none. On a thread of its own.
using NextSubmission = std::function<bool(v1::Submission&)>;
// Receives what became of a message of a class, by its number: submissions count from 1. On the thread that waits.
using OnGraded = std::function<void(const v1::StreamGradeSubmissionsResponse&)>;

// What a server says of its readiness.
enum class Health { kServing, kNotServing, kUnknownService };

// The rpcs. Program against this; test with mock_client.h.
//
// Errors: the server's code and message; google.rpc details are payloads of the status, see errors.h. Besides those
// kUnavailable - no server there; kDeadlineExceeded - no answer in time; kCancelled - see CallOptions;
// kResourceExhausted - a message over ClientOptions::max_message_bytes.
// Threads: every member may be called from any thread.
class ClientInterface {
 public:
  virtual ~ClientInterface() = default;

  // Per rpc: the answer as a value; or later, to a callback that is called exactly once; and the first with
  // CallOptions().
  //
  // A request that is given away (std::move) is sent from where its payloads lie, and goes when the call has ended; one
  // that is kept is copied.
#define TENSORD_CLIENT_RPC(Service, Rpc)                                                       \
  [[nodiscard]] virtual absl::StatusOr<v1::Rpc##Response> Rpc(const v1::Rpc##Request& request, \
                                                              const CallOptions& options) = 0; \
  [[nodiscard]] virtual absl::StatusOr<v1::Rpc##Response> Rpc(v1::Rpc##Request&& request,      \
                                                              const CallOptions& options) {    \
    return Rpc(static_cast<const v1::Rpc##Request&>(request), options);                        \
  }                                                                                            \
  virtual void Rpc##Async(v1::Rpc##Request request, const CallOptions& options,                \
                          Callback<v1::Rpc##Response> callback) = 0;                           \
  [[nodiscard]] absl::StatusOr<v1::Rpc##Response> Rpc(const v1::Rpc##Request& request) {       \
    return Rpc(request, CallOptions());                                                        \
  }                                                                                            \
  [[nodiscard]] absl::StatusOr<v1::Rpc##Response> Rpc(v1::Rpc##Request&& request) {            \
    return Rpc(std::move(request), CallOptions());                                             \
  }
#include "tensord/client/rpcs.inc"
#undef TENSORD_CLIENT_RPC

  // grpc.health.v1's Check of one service, or of the whole server for an empty name. A server that does not know the
  // service is no error.
  [[nodiscard]] virtual absl::StatusOr<Health> CheckHealth(const std::string& service, const CallOptions& options) = 0;

  // A stream of operations; it connects at the first one. Never null. See compute_stream.h.
  [[nodiscard]] virtual std::unique_ptr<ComputeStream> StreamCompute(const StreamOptions& options,
                                                                     OnAnswer on_answer) = 0;

  // Grades any number of submissions of one assignment on one stream, and returns when all have been answered. The
  // message with the number 0 has the assignment alone; its answer has the assignment's faults. Answers come in any
  // order. What is not yet answered is bounded by the server: `next` is not asked for more meanwhile. Without a
  // deadline of its own it has none.
  [[nodiscard]] virtual absl::Status GradeClass(const v1::Assignment& assignment, const NextSubmission& next,
                                                const OnGraded& on_graded, const CallOptions& options) = 0;
};

// A client over a gRPC channel. Its destruction cancels the asynchronous calls in flight and returns when the callbacks
// have returned: what they refer to may go after it.
class Client final : public ClientInterface {
 public:
  // A client of the server at `address`: host:port, [ipv6]:port, dns:///host:port (balanced over all addresses of the
  // name), ipv4:address:port, ipv6:[address]:port, unix:/path or unix:///path. It connects when it is first used.
  //
  // Errors: kInvalidArgument - an address that is none of these, options out of range or at odds with each other, or a
  // file that cannot be read or holds no PEM; the message names it.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Client>> Connect(const std::string& address,
                                                                       const ClientOptions& options);

  // A client over a channel that the caller made, e.g. an in-process one. Its calls have the deadline of
  // ClientOptions().
  explicit Client(const std::shared_ptr<grpc::Channel>& channel);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() override;

#define TENSORD_CLIENT_RPC(Service, Rpc)                                                                           \
  using ClientInterface::Rpc;                                                                                      \
  [[nodiscard]] absl::StatusOr<v1::Rpc##Response> Rpc(const v1::Rpc##Request& request, const CallOptions& options) \
      override;                                                                                                    \
  [[nodiscard]] absl::StatusOr<v1::Rpc##Response> Rpc(v1::Rpc##Request&& request, const CallOptions& options)      \
      override;                                                                                                    \
  void Rpc##Async(v1::Rpc##Request request, const CallOptions& options, Callback<v1::Rpc##Response> callback) override;
#include "tensord/client/rpcs.inc"
#undef TENSORD_CLIENT_RPC

  [[nodiscard]] absl::StatusOr<Health> CheckHealth(const std::string& service, const CallOptions& options) override;

  [[nodiscard]] std::unique_ptr<ComputeStream> StreamCompute(const StreamOptions& options, OnAnswer on_answer) override;

  [[nodiscard]] absl::Status GradeClass(const v1::Assignment& assignment, const NextSubmission& next,
                                        const OnGraded& on_graded, const CallOptions& options) override;

 private:
  struct State;
  explicit Client(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_CLIENT_H_
