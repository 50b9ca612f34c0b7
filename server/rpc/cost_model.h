// What a method's calls are like: how long their work really takes, and whether they need a worker.
#ifndef TENSORD_SERVER_RPC_COST_MODEL_H_
#define TENSORD_SERVER_RPC_COST_MODEL_H_

#include <algorithm>
#include <atomic>

namespace tensord::server {

// Estimates come from shapes, for one thread and the slowest way; this learns the factor between them and the time on
// this machine under this load. Threads: every member may be called from any thread.
class CostModel {
 public:
  [[nodiscard]] double ExpectedNs(double estimated_ns) const {
    return estimated_ns * factor_.load(std::memory_order_relaxed);
  }

  // Work that was estimated at `estimated_ns` > 0 took `measured_ns`. Of two threads at once one may go unheard.
  void Observe(double estimated_ns, double measured_ns) {
    const double ratio = std::clamp(measured_ns / estimated_ns, kLeast, kMost);
    const double before = factor_.load(std::memory_order_relaxed);
    factor_.store(before + kWeight * (ratio - before), std::memory_order_relaxed);
    const double mean = mean_ns_.load(std::memory_order_relaxed);
    mean_ns_.store(mean + kWeight * (measured_ns - mean), std::memory_order_relaxed);
  }

  // Of the method's calls of late; what to expect of one whose request has not been looked at. 0 at first.
  [[nodiscard]] double mean_ns() const { return mean_ns_.load(std::memory_order_relaxed); }

  // Whether a call needed a worker.
  void ObserveQueued(bool queued) {
    const double before = queued_share_.load(std::memory_order_relaxed);
    queued_share_.store(before + kWeight * ((queued ? 1 : 0) - before), std::memory_order_relaxed);
  }
  // Whether most calls of late did.
  [[nodiscard]] bool usually_queued() const { return queued_share_.load(std::memory_order_relaxed) > 0.5; }

 private:
  // At first little, so that nothing is refused for want of time before anything was measured.
  static constexpr double kFirst = 1.0 / 32;
  static constexpr double kLeast = 1.0 / 1024;
  static constexpr double kMost = 4;
  static constexpr double kWeight = 1.0 / 16;

  std::atomic<double> factor_ = kFirst;
  std::atomic<double> mean_ns_ = 0;
  std::atomic<double> queued_share_ = 0;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_COST_MODEL_H_
