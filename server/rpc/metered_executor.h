// Counts the time that other workers help with loops.
#ifndef TENSORD_SERVER_RPC_METERED_EXECUTOR_H_
#define TENSORD_SERVER_RPC_METERED_EXECUTOR_H_

#include <atomic>
#include <chrono>
#include <thread>

#include "server/metrics/metrics.h"
#include "tensord/compute/execution.h"

namespace tensord::server {

// Passes loops on to `inner`, and adds the time of pieces that run on other threads than the caller's to the workers'
// busy seconds. Both pointers have to outlive it.
class MeteredExecutor final : public compute::Executor {
 public:
  MeteredExecutor(compute::Executor* inner, Metrics* metrics) : inner_(inner), metrics_(metrics) {}

  void ParallelFor(int64_t count, absl::FunctionRef<void(int64_t)> body) override {
    const std::thread::id caller = std::this_thread::get_id();
    std::atomic<int64_t> helped_ns = 0;
    inner_->ParallelFor(count, [&](int64_t i) {
      if (std::this_thread::get_id() == caller) return body(i);
      const auto began = std::chrono::steady_clock::now();
      body(i);
      const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - began;
      helped_ns.fetch_add(took.count(), std::memory_order_relaxed);
    });
    const int64_t helped = helped_ns.load(std::memory_order_relaxed);
    if (helped > 0) metrics_->Add(Counter::kWorkerBusySeconds, static_cast<double>(helped) * 1e-9);
  }
  [[nodiscard]] int thread_count() const override { return inner_->thread_count(); }

 private:
  compute::Executor* const inner_;
  Metrics* const metrics_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_METERED_EXECUTOR_H_
