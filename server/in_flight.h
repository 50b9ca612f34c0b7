// How many calls are being worked on.
#ifndef TENSORD_SERVER_IN_FLIGHT_H_
#define TENSORD_SERVER_IN_FLIGHT_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "server/metrics/metrics.h"

namespace tensord::server {

// Counts calls on their way to the metrics behind it, so that a drain can wait for the last one.
// Threads: every member may be called from any thread.
class InFlightMetrics final : public Metrics {
 public:
  // `inner` has to outlive this.
  explicit InFlightMetrics(Metrics* inner) : inner_(inner) {}

  void CallStarted(absl::string_view method) override;
  void CallFinished(absl::string_view method, grpc::StatusCode code, std::chrono::nanoseconds duration,
                    int64_t received_bytes, int64_t sent_bytes) override;
  void CallRefused(absl::string_view reason) override { inner_->CallRefused(reason); }
  void OperationFinished(grpc::StatusCode code) override { inner_->OperationFinished(code); }
  void QueueWaited(std::chrono::nanoseconds wait) override { inner_->QueueWaited(wait); }
  void Set(Gauge gauge, double value) override { inner_->Set(gauge, value); }
  void Change(Gauge gauge, double change) override { inner_->Change(gauge, change); }
  void Add(Counter counter, double amount) override { inner_->Add(counter, amount); }
  void ReloadFinished(Reloadable what, bool ok) override { inner_->ReloadFinished(what, ok); }

  // Waits until no call is running, or until `deadline`; whether none is.
  [[nodiscard]] bool WaitForNone(std::chrono::steady_clock::time_point deadline);

 private:
  Metrics* const inner_;
  std::mutex mutex_;
  std::condition_variable none_;
  int64_t count_ = 0;  // guarded by mutex_
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_IN_FLIGHT_H_
