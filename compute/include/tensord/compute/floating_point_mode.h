// How this thread's processor treats denormal numbers.
#ifndef TENSORD_COMPUTE_FLOATING_POINT_MODE_H_
#define TENSORD_COMPUTE_FLOATING_POINT_MODE_H_

#include <cstdint>

namespace tensord::compute {

// Denormals (below 1.18e-38 in float32, 2.23e-308 in float64) cost up to two hundred times the usual arithmetic, so
// that data made of them could stop a server. With flushing, operands and results that small count as 0. Elsewhere than
// on x86-64 and AArch64 there is only the processor's own mode, and setting another does nothing.
class FloatingPointMode {
 public:
  // This thread's mode.
  [[nodiscard]] static FloatingPointMode Current();
  // Makes it this thread's.
  void Set() const;
  // The same mode, with denormals flushed to zero, as operands and as results.
  [[nodiscard]] FloatingPointMode Flushing() const;
  // The same mode, with denormals kept.
  [[nodiscard]] FloatingPointMode Keeping() const;
  [[nodiscard]] bool flushes() const { return Flushing() == *this; }

  friend bool operator==(const FloatingPointMode&, const FloatingPointMode&) = default;

 private:
  explicit FloatingPointMode(uint64_t control) : control_(control) {}
  uint64_t control_;
};

// Sets a mode for its own lifetime and restores the one before. Stays on one thread.
class ScopedFloatingPointMode {
 public:
  explicit ScopedFloatingPointMode(FloatingPointMode mode) : before_(FloatingPointMode::Current()) { mode.Set(); }
  ~ScopedFloatingPointMode() { before_.Set(); }
  ScopedFloatingPointMode(const ScopedFloatingPointMode&) = delete;
  ScopedFloatingPointMode& operator=(const ScopedFloatingPointMode&) = delete;

 private:
  const FloatingPointMode before_;
};

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_FLOATING_POINT_MODE_H_
