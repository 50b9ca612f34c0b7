#include "server/rpc/call.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "server/convert/status_convert.h"
#include "server/rpc/guarded.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

using std::chrono::system_clock;

constexpr std::chrono::milliseconds kEarly{5};

}  // namespace

struct Call::DeadlineLink {
  // Recursive, as gRPC may end the call within TryCancel, on this thread.
  std::recursive_mutex mutex;
  Call* call = nullptr;  // guarded by mutex; null once gRPC is done with the call
};

Call::Call(CallEnvironment* environment, grpc::CallbackServerContext* context, absl::string_view method,
           std::unique_ptr<Message> message)
    : environment_(environment),
      context_(context),
      account_(environment, context, method),
      operation_(environment, method, std::move(message), this) {
  environment_->Register(this);
}

Call::~Call() { environment_->Unregister(this); }

void Call::Start() {
  refusal_ = Guard("beginning the call", [this] { return Identify(); });
  // Nothing is read of strangers. Others are refused when their message is there, unread: a proxy that still sends it
  // (haproxy 2.6, for one) takes an answer before its end for a broken stream, and the client would not get it.
  if (refusal_.code() == absl::StatusCode::kUnauthenticated) return FinishWith(refusal_);
  awaits_message_.store(true);
  // gRPC runs nothing of this call before Start has returned: neither the read nor the alarm can end it here.
  StartRead(&operation_.request());
  if (account_.has_own_deadline()) return;  // gRPC itself ends such a call
  static_cast<void>(Guard("setting the deadline", [this] {
    ArmDeadline();
    return absl::OkStatus();
  }));
}

absl::Status Call::Identify() {
  TENSORD_RETURN_IF_ERROR(account_.Identify());
  // Before the message is read where it is known to be in vain.
  if (!environment_->cost_model(account_.method()).usually_queued()) return absl::OkStatus();
  return environment_->queue().CheckRoom(*account_.client());
}

void Call::OnReadDone(bool ok) {
  if (!awaits_message_.exchange(false)) return;  // the deadline has ended the call
  if (!ok) {
    if (operation_.cancelled() || context_->IsCancelled()) return FinishWith(absl::CancelledError());
    return FinishWith(ErrorWithReason(absl::StatusCode::kInvalidArgument, "MALFORMED_MESSAGE",
                                      "the call ended before its request message was complete"));
  }
  if (!refusal_.ok()) return FinishWith(refusal_);
  operation_.Start(account_.client(), account_.deadline());
}

void Call::ArmDeadline() {
  if (alarm_.has_value()) return;
  deadline_link_ = std::make_shared<DeadlineLink>();
  deadline_link_->call = this;
  alarm_.emplace();
  // A little early: at the deadline itself gRPC resets the stream, and the client would be told of a cancelled call.
  const system_clock::duration left = account_.deadline() - system_clock::now();
  alarm_->Set(account_.deadline() - std::min<system_clock::duration>(kEarly, left / 10),
              [link = deadline_link_](bool expired) {
                const std::lock_guard lock(link->mutex);
                if (expired && link->call != nullptr) link->call->OnDeadline();
              });
}

void Call::OnDeadline() {
  const bool was_finishing = finishing_.load();
  operation_.Expire();
  if (awaits_message_.exchange(false)) return FinishWith(absl::CancelledError());
  // An answer that its client does not read would keep its memory for as long as the connection lives. Where the client
  // sent the deadline, gRPC itself ends the call. An error that is being sent because the operation has just expired is
  // not an answer: the client is to have it.
  if ((was_finishing || has_answer_.load()) && !account_.has_own_deadline()) context_->TryCancel();
}

void Call::FinishWith(const absl::Status& status) {
  // Only the answer is left to be sent, and its client may take long to read it.
  if (!status.ok()) operation_.response().Clear();
  operation_.Conclude(status.ok());
  // Nothing of this call may be touched after its last operation has begun: OnDone may have deleted it.
  has_answer_.store(status.ok());
  finishing_.store(true);
  if (status.ok()) {
    account_.Succeed();
    return StartWriteAndFinish(&operation_.response(), grpc::WriteOptions(), grpc::Status::OK);
  }
  Finish(account_.Refuse(operation_.Explain(status, account_.deadline())));
}

void Call::OnDone() {
  if (alarm_.has_value()) {
    {
      const std::lock_guard lock(deadline_link_->mutex);
      deadline_link_->call = nullptr;
    }
    alarm_->Cancel();
  }
  // Only now has the answer left: what counts calls in flight, and the memory that they hold, counts this one until
  // here.
  account_.Close(operation_.request_bytes(), operation_.response_bytes());
  delete this;
}

}  // namespace tensord::server
