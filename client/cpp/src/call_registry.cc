#include "client/cpp/src/call_registry.h"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

namespace tensord::client {

Call::~Call() = default;

thread_local const CallRegistry* CallRegistry::running_callback_ = nullptr;

void CallRegistry::Begin(const std::shared_ptr<Call>& call, const CallOptions& options) {
  // Further away the sum below could overflow.
  constexpr std::chrono::milliseconds kNever = std::chrono::hours(24 * 365 * 100);
  const std::chrono::milliseconds deadline = options.deadline.value_or(default_deadline_);
  if (deadline < kNever) {
    const auto now = std::chrono::system_clock::now();
    call->context.set_deadline(deadline.count() > 0 ? now + deadline : now);
  }
  if (!authorization_.empty()) call->context.AddMetadata("authorization", authorization_);
  bool closing;
  {
    const std::lock_guard lock(mutex_);
    ++in_flight_;
    calls_.emplace(call.get(), call);
    closing = closing_;
  }
  if (closing) call->context.TryCancel();
  if (options.cancellation != nullptr) {
    options.cancellation->Watch(std::shared_ptr<grpc::ClientContext>(call, &call->context));
  }
}

void CallRegistry::End(const Call* call) {
  std::shared_ptr<Call> ended;
  {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(call);
    ended = std::move(found->second);
    calls_.erase(found);
  }
  ended.reset();
  const std::lock_guard lock(mutex_);
  --in_flight_;
  ended_.notify_all();
}

void CallRegistry::StreamBegins() {
  const std::lock_guard lock(mutex_);
  ++streams_;
}

void CallRegistry::StreamEnds() {
  const std::lock_guard lock(mutex_);
  --streams_;
}

void CallRegistry::CancelAllAndWait() {
  if (running_callback_ == this) {
    std::fputs("tensord: a client was destroyed by one of its own callbacks\n", stderr);
    std::abort();
  }
  std::vector<std::shared_ptr<Call>> calls;
  {
    const std::lock_guard lock(mutex_);
    if (streams_ > 0) {
      std::fputs("tensord: a client was destroyed before one of its streams\n", stderr);
      std::abort();
    }
    closing_ = true;
    for (const auto& [pointer, call] : calls_) calls.push_back(call);
  }
  // Not under the lock: gRPC may run a callback within TryCancel.
  for (const std::shared_ptr<Call>& call : calls) call->context.TryCancel();
  calls.clear();
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return in_flight_ == 0; });
}

}  // namespace tensord::client
