#include "client/load/call_pool.h"

namespace tensord::load {

CallPool::CallPool(size_t capacity) {
  for (size_t i = 0; i < capacity; ++i) {
    calls_.push_back(std::make_unique<Call>());
    free_.push_back(calls_.back().get());
  }
}

Call* CallPool::Take() {
  Call* call = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return nullptr;
    call = free_.back();
    free_.pop_back();
  }
  call->context.emplace();
  return call;
}

void CallPool::Renew(Call* call) {
  call->reader.reset();
  call->response.Clear();
  call->context.emplace();
}

void CallPool::Give(Call* call) {
  call->reader.reset();
  call->context.reset();
  call->response.Clear();
  const std::lock_guard lock(mutex_);
  free_.push_back(call);
}

size_t CallPool::in_flight() const {
  const std::lock_guard lock(mutex_);
  return calls_.size() - free_.size();
}

}  // namespace tensord::load
