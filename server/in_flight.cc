#include "server/in_flight.h"

namespace tensord::server {

void InFlightMetrics::CallStarted(absl::string_view method) {
  inner_->CallStarted(method);
  const std::lock_guard lock(mutex_);
  ++count_;
}

void InFlightMetrics::CallFinished(absl::string_view method, grpc::StatusCode code, std::chrono::nanoseconds duration,
                                   int64_t received_bytes, int64_t sent_bytes) {
  inner_->CallFinished(method, code, duration, received_bytes, sent_bytes);
  const std::lock_guard lock(mutex_);
  // Under the lock: whoever waits may destroy this as soon as it sees zero.
  if (--count_ == 0) none_.notify_all();
}

bool InFlightMetrics::WaitForNone(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return none_.wait_until(lock, deadline, [this] { return count_ == 0; });
}

}  // namespace tensord::server
