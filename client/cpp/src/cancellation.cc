#include "tensord/client/cancellation.h"

#include <grpcpp/client_context.h>

#include <utility>

namespace tensord::client {

void Cancellation::Cancel() {
  std::vector<std::weak_ptr<grpc::ClientContext>> calls;
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    calls = std::exchange(calls_, {});
  }
  // Not under the lock: gRPC may run a callback within TryCancel.
  for (const std::weak_ptr<grpc::ClientContext>& call : calls) {
    if (const std::shared_ptr<grpc::ClientContext> context = call.lock()) context->TryCancel();
  }
}

bool Cancellation::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void Cancellation::Watch(const std::shared_ptr<grpc::ClientContext>& call) {
  {
    const std::lock_guard lock(mutex_);
    if (!cancelled_) {
      std::erase_if(calls_, [](const std::weak_ptr<grpc::ClientContext>& other) { return other.expired(); });
      calls_.push_back(call);
      return;
    }
  }
  call->TryCancel();
}

}  // namespace tensord::client
