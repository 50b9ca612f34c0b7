// The end of a run before its time.
#ifndef TENSORD_LOAD_CONTROL_H_
#define TENSORD_LOAD_CONTROL_H_

#include <atomic>
#include <cstdint>

namespace tensord::load {

// Says whether another call may be sent: until so many were, or somebody stopped it. Calls in flight are not touched.
// Safe to use from several threads.
class Control {
 public:
  // 0: any number of calls.
  explicit Control(uint64_t max_calls = 0) : max_calls_(max_calls) {}

  // Whether a call may be sent; it counts as sent then. The last one stops the run.
  bool TakeCall() {
    if (stopped()) return false;
    if (max_calls_ == 0) return true;
    const uint64_t before = taken_.fetch_add(1, std::memory_order_relaxed);
    if (before + 1 >= max_calls_) Stop();
    return before < max_calls_;
  }

  void Stop() { stopped_.store(true, std::memory_order_relaxed); }
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

 private:
  const uint64_t max_calls_;
  std::atomic<uint64_t> taken_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace tensord::load

#endif  // TENSORD_LOAD_CONTROL_H_
