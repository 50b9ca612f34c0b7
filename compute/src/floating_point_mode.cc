#include "tensord/compute/floating_point_mode.h"

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace tensord::compute {
namespace {

#if defined(__SSE2__)
// MXCSR: flush-to-zero for results, denormals-are-zero for operands.
constexpr uint64_t kFlushBits = (uint64_t{1} << 15) | (uint64_t{1} << 6);
uint64_t Read() { return _mm_getcsr(); }
void Write(uint64_t control) { _mm_setcsr(static_cast<unsigned>(control)); }
#elif defined(__aarch64__)
// FPCR.FZ: both at once.
constexpr uint64_t kFlushBits = uint64_t{1} << 24;
uint64_t Read() {
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return control;
}
void Write(uint64_t control) { __asm__ volatile("msr fpcr, %0" : : "r"(control)); }
#else
constexpr uint64_t kFlushBits = 0;
uint64_t Read() { return 0; }
void Write(uint64_t) {}
#endif

}  // namespace

FloatingPointMode FloatingPointMode::Current() { return FloatingPointMode(Read()); }

void FloatingPointMode::Set() const { Write(control_); }

FloatingPointMode FloatingPointMode::Flushing() const { return FloatingPointMode(control_ | kFlushBits); }

FloatingPointMode FloatingPointMode::Keeping() const { return FloatingPointMode(control_ & ~kFlushBits); }

}  // namespace tensord::compute
