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

  // At least that many bytes, aligned to kTensorAlignment; null where there is no memory even without what is kept.
  [[nodiscard]] void* Take(size_t bytes);
  // Gives back what Take gave for that many bytes: it is kept, or freed where more than the limit would be kept.
  void Give(void* memory, size_t bytes);

  // At most this much is kept from now on; 0 keeps nothing.
  void SetLimit(int64_t limit_bytes);
  // Frees what nobody took since the last call. To be called from time to time by a process that lives long.
  void FreeIdle();
  // Frees all that is kept.
  void Clear();

  [[nodiscard]] int64_t kept_bytes() const;

 private:
  // Four sizes between one power of two and the next, up to the largest that memory can have.
  static constexpr size_t kClassCount = 4 * 48;

  // A kept buffer begins with this.
  struct Kept {
    Kept* next;
  };
  struct Class {
    Kept* first = nullptr;
    int64_t count = 0;
    int64_t least = 0;  // of `count`, since the last FreeIdle
  };

  [[nodiscard]] static size_t ClassOf(size_t bytes);
  [[nodiscard]] static size_t BytesOf(size_t size_class);
  // Takes up to `count` buffers out of a class and frees them; the lock is held.
  void Free(size_t size_class, int64_t count);

  mutable std::mutex mutex_;
  int64_t limit_bytes_;
  int64_t kept_bytes_ = 0;
  std::array<Class, kClassCount> classes_;
};

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_BUFFER_POOL_H_
