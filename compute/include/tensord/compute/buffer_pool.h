// Memory that tensors had, for tensors to come.
#ifndef TENSORD_COMPUTE_BUFFER_POOL_H_
#define TENSORD_COMPUTE_BUFFER_POOL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace tensord::compute {

// The operating system clears a page when it is first written, which takes longer than to fill it: a tensor in new
// memory costs its kernel's time again. So large buffers are kept when their tensors are gone, up to a limit, and given
// to the next tensors of about that size. Smaller ones are left to the C library, which keeps them itself. All
// functions may be called by any thread.
class BufferPool {
 public:
  // Buffers below are not kept.
  static constexpr size_t kMinBytes = size_t{128} << 10;
  static constexpr int64_t kDefaultLimitBytes = int64_t{64} << 20;

  // The pool of all tensors of this process; never destroyed. Under AddressSanitizer its limit is 0 at first, so that
  // what is used after it was freed is seen.
  [[nodiscard]] static BufferPool& OfProcess();

  explicit BufferPool(int64_t limit_bytes) : limit_bytes_(limit_bytes) {}
  ~BufferPool() { Clear(); }
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // At least that many bytes, aligned to kTensorAlignment: a kept buffer that is at most a quarter larger, or a new one
  // of that size, which has to be a multiple of the alignment. `capacity` becomes the buffer's size. Null where there
  // is no memory even without what is kept.
  [[nodiscard]] void* Take(size_t bytes, size_t& capacity);
  // Gives back what Take gave: it is kept, the oldest are freed where more than the limit would be.
  void Give(void* memory, size_t capacity);

  // At most this much is kept from now on; 0 keeps nothing.
  void SetLimit(int64_t limit_bytes);
  // Frees what was kept before the last call and nobody took since. To be called from time to time by a process that
  // lives long.
  void FreeIdle();
  // Frees all that is kept.
  void Clear();

  [[nodiscard]] int64_t kept_bytes() const;

 private:
  static constexpr size_t kMaxKept = 512;

  struct Kept {
    void* memory;
    size_t capacity;
    int64_t round;  // of FreeIdle, when it was given
  };

  // Frees the oldest `count` buffers; the lock is held.
  void FreeOldest(size_t count);
  // Takes one out of the list; the lock is held.
  void Remove(size_t index);

  mutable std::mutex mutex_;
  int64_t limit_bytes_;
  int64_t kept_bytes_ = 0;
  int64_t round_ = 0;
  size_t kept_count_ = 0;
  std::array<Kept, kMaxKept> kept_;  // from the oldest to the newest
};

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_BUFFER_POOL_H_
