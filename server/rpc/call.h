// One unary call from its headers to its answer: what is the same for every method.
#ifndef TENSORD_SERVER_RPC_CALL_H_
#define TENSORD_SERVER_RPC_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "server/rpc/call_environment.h"

namespace tensord::server {

// The reactor of one call. It deletes itself when gRPC is done with it and its work has ended. docs/adr/0009 has the
// stations in order.
//
//   gRPC's thread          on the headers: refuse while draining, without a token, over the client's rates. Then read
//   the
//                          message, reserve memory for it, decode and check small messages, and answer what takes
//                          less than some 20 microseconds
//   a worker of the pool   decode and check large messages; compute; encode
// The deadline (the client's, or the default one) and the client's leaving set the cancel flag that kernels poll.
class Call : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // `method`: "tensord.v1.TensorService/Convolve", of static lifetime.
  Call(CallEnvironment* environment, grpc::CallbackServerContext* context, absl::string_view method);
  ~Call() override;

  // To be called once, when the call's headers are there.
  void Start();
  // Makes running kernels stop.
  void Cancel() { cancel_.Cancel(); }

  void OnReadDone(bool ok) final;
  void OnCancel() final { cancel_.Cancel(); }
  void OnDone() final;

 protected:
  // What decoding the request will take, in bytes; some number above `limit` where it is more than that.
  // kInvalidArgument where it can be seen already that it is no message.
  [[nodiscard]] virtual absl::StatusOr<int64_t> DecodedBytes(const grpc::ByteBuffer& request, int64_t limit) const = 0;
  // Decodes and checks the request. kInvalidArgument and so on; afterwards cost() and estimated_ns() can be asked.
  virtual absl::Status Prepare(const grpc::ByteBuffer& request, const PrepareOptions& options) = 0;
  [[nodiscard]] virtual compute::Cost cost() const = 0;
  [[nodiscard]] virtual double estimated_ns() const = 0;
  // Computes and encodes the answer.
  virtual absl::Status Run(const compute::ExecutionContext& context, grpc::ByteBuffer& response) = 0;
  // Frees what was decoded, on the thread that ends the call. Nothing above is asked afterwards.
  virtual void Release() = 0;

 private:
  // The stations. Each returns OK, or why the call ends there.
  absl::Status Identify();
  absl::Status AdmitMessage();
  absl::Status PrepareAndReserve();
  absl::Status RunOn(compute::Executor& executor);

  // Checks the request, and runs it here where that takes no time, else on the pool.
  void PrepareThenRun(bool on_worker);
  absl::Status Submit(void (Call::*step)(), double expected_ns);
  void PrepareAndRunOnWorker() { PrepareThenRun(true); }
  void RunOnWorker();
  // Has OnDeadline called when the deadline passes before the answer has left.
  void ArmDeadline();
  // Ends the call where its message is awaited, stops its work, breaks off its answer.
  void OnDeadline();
  // What a stopped kernel's kCancelled really means.
  [[nodiscard]] absl::Status Explain(absl::Status status) const;
  void FinishWith(const absl::Status& status);
  // The answer of a call that ends with `status`, which is not OK; notes it for the log and the metrics.
  [[nodiscard]] grpc::Status Refuse(const absl::Status& status);
  void Record(std::chrono::nanoseconds duration);

  CallEnvironment* const environment_;
  grpc::CallbackServerContext* const context_;
  const absl::string_view method_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::string peer_;
  std::string request_id_;
  absl::Status refusal_;  // decided on the headers
  ClientRegistry::Lease lease_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  int64_t request_bytes_ = 0;
  int64_t response_bytes_ = 0;
  absl::StatusCode code_ = absl::StatusCode::kUnknown;  // of the answer
  std::string reason_;                                  // of a refusal
  std::chrono::system_clock::time_point deadline_;
  compute::CancelFlag cancel_;
  // Whoever sets it to false goes on with the call: the message's arrival, or the deadline.
  std::atomic<bool> awaits_message_ = false;
  std::atomic<bool> finishing_ = false;  // the answer is on its way
  std::atomic<bool> deadline_passed_ = false;
  Budget::Reservation memory_;
  Budget::Reservation multiplications_;
  // The alarm's callback may come when this call is gone. It holds the link only: the alarm keeps its callback for as
  // long as it lives itself, so that a callback that held the alarm would keep both for ever.
  struct DeadlineLink;
  std::shared_ptr<DeadlineLink> deadline_link_;
  std::optional<grpc::Alarm> alarm_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_CALL_H_
