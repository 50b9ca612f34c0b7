// One unary call from its headers to its answer: what is the same for every method.
#ifndef TENSORD_SERVER_RPC_CALL_H_
#define TENSORD_SERVER_RPC_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "server/rpc/call_account.h"
#include "server/rpc/call_environment.h"
#include "server/rpc/message.h"
#include "server/rpc/operation.h"

namespace tensord::server {

// The reactor of one call. It deletes itself when gRPC is done with it and its work has ended. On the headers it
// refuses while draining, without a token, over the client's rates; then it reads the message, and the rest is an
// Operation's. The deadline (the client's, or the default one) and the client's leaving set the cancel flag that
// kernels poll.
class Call final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                   public ActiveCall,
                   private Operation::Owner {
 public:
  // `method`: "tensord.v1.TensorService/Convolve", of static lifetime.
  Call(CallEnvironment* environment, grpc::CallbackServerContext* context, absl::string_view method,
       std::unique_ptr<Message> message);
  ~Call() override;

  // To be called once, when the call's headers are there.
  void Start();
  void Cancel() override { operation_.Cancel(); }
  void BeginDrain() override {}  // it ends by itself

  void OnReadDone(bool ok) override;
  void OnCancel() override { operation_.Cancel(); }
  void OnDone() override;

 private:
  absl::Status Identify();
  void BeforeQueueing() override { ArmDeadline(); }
  void OnOperationDone(const absl::Status& status) override { FinishWith(status); }
  // Has OnDeadline called when the deadline passes before the answer has left.
  void ArmDeadline();
  // Ends the call where its message is awaited, stops its work, breaks off its answer.
  void OnDeadline();
  void FinishWith(const absl::Status& status);

  CallEnvironment* const environment_;
  grpc::CallbackServerContext* const context_;
  CallAccount account_;
  Operation operation_;
  absl::Status refusal_;  // decided on the headers
  // Whoever sets it to false goes on with the call: the message's arrival, or the deadline.
  std::atomic<bool> awaits_message_ = false;
  std::atomic<bool> finishing_ = false;   // the answer is on its way
  std::atomic<bool> has_answer_ = false;  // what is being sent is no error
  // The alarm's callback may come when this call is gone. It holds the link only: the alarm keeps its callback for as
  // long as it lives itself, so that a callback that held the alarm would keep both for ever.
  struct DeadlineLink;
  std::shared_ptr<DeadlineLink> deadline_link_;
  std::optional<grpc::Alarm> alarm_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_CALL_H_
