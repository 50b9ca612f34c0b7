#include "tensord/compute/buffer_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tensord/compute/tensor.h"

namespace tensord::compute {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kAddressSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kAddressSanitizer = true;
#else
constexpr bool kAddressSanitizer = false;
#endif
#else
constexpr bool kAddressSanitizer = false;
#endif

// More than this the C library always gets from the system, in a mapping that it ends when the memory is freed
// (M_MMAP_THRESHOLD's upper bound); what is advised for it stays with no other memory.
constexpr size_t kOwnMappingBytes = size_t{32} << 20;

// Fresh memory, or null. Large ones are asked for in huge pages: the first touch of each small page costs more than
// what a kernel writes to it.
void* Allocate(size_t bytes) {
  void* const memory = std::aligned_alloc(kTensorAlignment, bytes);
  if (memory == nullptr || bytes <= kOwnMappingBytes) return memory;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(memory) + page - 1) / page * page;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(memory) + bytes) / page * page;
  // Only advice: where it is not taken the pages are small.
  (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  return memory;
}

}  // namespace

BufferPool& BufferPool::OfProcess() {
  static auto* const pool = new BufferPool(kAddressSanitizer ? 0 : kDefaultLimitBytes);
  return *pool;
}

void* BufferPool::Take(size_t bytes, size_t& capacity) {
  capacity = bytes;
  {
    const std::lock_guard lock(mutex_);
    // The newest first: the caches may still have some of it.
    for (size_t i = kept_count_; i-- > 0;) {
      if (kept_[i].capacity < bytes || kept_[i].capacity - bytes > bytes / 4) continue;
      void* const memory = kept_[i].memory;
      capacity = kept_[i].capacity;
      Remove(i);
      return memory;
    }
  }
  void* const memory = Allocate(bytes);
  if (memory != nullptr) return memory;
  // What is kept may be what is missing.
  Clear();
  return Allocate(bytes);
}

void BufferPool::Give(void* memory, size_t capacity) {
  const auto size = static_cast<int64_t>(capacity);
  {
    const std::lock_guard lock(mutex_);
    if (size <= limit_bytes_) {
      size_t oldest = 0;
      for (int64_t kept = kept_bytes_; kept > limit_bytes_ - size; ++oldest) {
        kept -= static_cast<int64_t>(kept_[oldest].capacity);
      }
      FreeOldest(kept_count_ == kMaxKept ? std::max<size_t>(oldest, 1) : oldest);
      kept_[kept_count_++] = {.memory = memory, .capacity = capacity, .round = round_};
      kept_bytes_ += size;
      return;
    }
  }
  std::free(memory);
}

void BufferPool::SetLimit(int64_t limit_bytes) {
  const std::lock_guard lock(mutex_);
  limit_bytes_ = limit_bytes;
  while (kept_bytes_ > limit_bytes_) FreeOldest(1);
}

void BufferPool::FreeIdle() {
  const std::lock_guard lock(mutex_);
  size_t idle = 0;
  while (idle < kept_count_ && kept_[idle].round < round_) ++idle;
  FreeOldest(idle);
  ++round_;
}

void BufferPool::Clear() {
  const std::lock_guard lock(mutex_);
  FreeOldest(kept_count_);
}

void BufferPool::FreeOldest(size_t count) {
  for (; count > 0; --count) {
    std::free(kept_[0].memory);
    Remove(0);
  }
}

void BufferPool::Remove(size_t index) {
  kept_bytes_ -= static_cast<int64_t>(kept_[index].capacity);
  --kept_count_;
  std::move(kept_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
            kept_.begin() + static_cast<std::ptrdiff_t>(kept_count_) + 1,
            kept_.begin() + static_cast<std::ptrdiff_t>(index));
}

int64_t BufferPool::kept_bytes() const {
  const std::lock_guard lock(mutex_);
  return kept_bytes_;
}

}  // namespace tensord::compute
