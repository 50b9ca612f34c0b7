// Counts what is allocated. A binary that includes this, in one file, is linked so that the allocation functions that
// the library calls go through the counters below: tensord_counts_allocations(TARGET).
#ifndef TENSORD_TESTS_SUPPORT_ALLOCATION_COUNTER_H_
#define TENSORD_TESTS_SUPPORT_ALLOCATION_COUNTER_H_

#include <malloc.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "tensord/compute/buffer_pool.h"

namespace {

std::atomic<int64_t> allocated_bytes = 0;
std::atomic<int64_t> peak_bytes = 0;

void* Count(void* memory) {
  if (memory == nullptr) return nullptr;
  const int64_t now = allocated_bytes += static_cast<int64_t>(malloc_usable_size(memory));
  int64_t peak = peak_bytes;
  while (now > peak && !peak_bytes.compare_exchange_weak(peak, now)) {
  }
  return memory;
}

void Uncount(void* memory) {
  if (memory != nullptr) allocated_bytes -= static_cast<int64_t>(malloc_usable_size(memory));
}

}  // namespace

// --wrap=NAME makes the linker call __wrap_NAME for NAME, and NAME for __real_NAME.
extern "C" {
void* __real_aligned_alloc(size_t alignment, size_t size);
void* __real_malloc(size_t size);
void* __real__Znwm(size_t size);
void __real_free(void* memory);
void __real__ZdlPv(void* memory);
void __real__ZdlPvm(void* memory, size_t size);

void* __wrap_aligned_alloc(size_t alignment, size_t size) { return Count(__real_aligned_alloc(alignment, size)); }
void* __wrap_malloc(size_t size) { return Count(__real_malloc(size)); }
void* __wrap__Znwm(size_t size) { return Count(__real__Znwm(size)); }
void __wrap_free(void* memory) {
  Uncount(memory);
  __real_free(memory);
}
void __wrap__ZdlPv(void* memory) {
  Uncount(memory);
  __real__ZdlPv(memory);
}
void __wrap__ZdlPvm(void* memory, size_t size) {
  Uncount(memory);
  __real__ZdlPvm(memory, size);
}
}

namespace tensord::test_support {

// The peak of what `run` allocates, over what was there before; nothing comes out of the pool of buffers.
template <typename Run>
int64_t PeakOf(const Run& run) {
  compute::BufferPool::OfProcess().SetLimit(0);
  const int64_t before = allocated_bytes;
  peak_bytes = before;
  run();
  return peak_bytes - before;
}

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_SUPPORT_ALLOCATION_COUNTER_H_
