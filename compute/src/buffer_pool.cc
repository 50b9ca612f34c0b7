#include "tensord/compute/buffer_pool.h"

#include <algorithm>
#include <bit>
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

constexpr int kFirstPower = std::countr_zero(BufferPool::kMinBytes);

}  // namespace

BufferPool& BufferPool::OfProcess() {
  static auto* const pool = new BufferPool(kAddressSanitizer ? 0 : kDefaultLimitBytes);
  return *pool;
}

size_t BufferPool::ClassOf(size_t bytes) {
  const int power = std::max(kFirstPower, static_cast<int>(std::bit_width(bytes)) - 1);
  const size_t quarter = size_t{1} << (power - 2);
  const size_t quarters = (bytes + quarter - 1) / quarter;  // 4 to 8, less for the smallest
  return 4 * static_cast<size_t>(power - kFirstPower) + std::max<size_t>(quarters, 4) - 4;
}

size_t BufferPool::BytesOf(size_t size_class) {
  return (size_class % 4 + 4) << (size_class / 4 + static_cast<size_t>(kFirstPower) - 2);
}

void* BufferPool::Take(size_t bytes) {
  const size_t size_class = ClassOf(bytes);
  {
    const std::lock_guard lock(mutex_);
    Class& free = classes_[size_class];
    if (Kept* const kept = free.first; kept != nullptr) {
      free.first = kept->next;
      --free.count;
      free.least = std::min(free.least, free.count);
      kept_bytes_ -= static_cast<int64_t>(BytesOf(size_class));
      return kept;
    }
  }
  void* memory = std::aligned_alloc(kTensorAlignment, BytesOf(size_class));
  if (memory != nullptr) return memory;
  // What is kept may be what is missing.
  Clear();
  return std::aligned_alloc(kTensorAlignment, BytesOf(size_class));
}

void BufferPool::Give(void* memory, size_t bytes) {
  const size_t size_class = ClassOf(bytes);
  const auto size = static_cast<int64_t>(BytesOf(size_class));
  {
    const std::lock_guard lock(mutex_);
    if (size <= limit_bytes_ - kept_bytes_) {
      Class& free = classes_[size_class];
      free.first = new (memory) Kept{free.first};
      ++free.count;
      kept_bytes_ += size;
      return;
    }
  }
  std::free(memory);
}

void BufferPool::SetLimit(int64_t limit_bytes) {
  const std::lock_guard lock(mutex_);
  limit_bytes_ = limit_bytes;
  for (size_t i = kClassCount; i-- > 0 && kept_bytes_ > limit_bytes_;) {
    const auto size = static_cast<int64_t>(BytesOf(i));
    Free(i, (kept_bytes_ - limit_bytes_ + size - 1) / size);
  }
}

void BufferPool::FreeIdle() {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < kClassCount; ++i) {
    Free(i, classes_[i].least);
    classes_[i].least = classes_[i].count;
  }
}

void BufferPool::Clear() {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < kClassCount; ++i) Free(i, classes_[i].count);
}

void BufferPool::Free(size_t size_class, int64_t count) {
  Class& free = classes_[size_class];
  for (; count > 0 && free.first != nullptr; --count) {
    Kept* const kept = free.first;
    free.first = kept->next;
    --free.count;
    kept_bytes_ -= static_cast<int64_t>(BytesOf(size_class));
    std::free(kept);
  }
  free.least = std::min(free.least, free.count);
}

int64_t BufferPool::kept_bytes() const {
  const std::lock_guard lock(mutex_);
  return kept_bytes_;
}

}  // namespace tensord::compute
