// The budget of memory that all requests in flight share.
#ifndef TENSORD_SERVER_RPC_ADMISSION_H_
#define TENSORD_SERVER_RPC_ADMISSION_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"

namespace tensord::server {

// Hands out bytes of a budget. Threads: every member may be called from any thread.
class MemoryBudget {
 public:
  // Bytes that were handed out; they go back when it is destroyed. Movable.
  class Reservation {
   public:
    Reservation() = default;
    Reservation(Reservation&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Reservation& operator=(Reservation&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Reservation() { Release(); }

    // Gives back what is above `bytes`.
    void ShrinkTo(int64_t bytes) {
      if (budget_ == nullptr || bytes >= bytes_) return;
      budget_->used_.fetch_sub(bytes_ - bytes, std::memory_order_relaxed);
      bytes_ = bytes;
    }

    // Gives all of them back.
    void Release() {
      if (budget_ != nullptr) budget_->used_.fetch_sub(bytes_, std::memory_order_relaxed);
      budget_ = nullptr;
      bytes_ = 0;
    }

   private:
    friend class MemoryBudget;
    MemoryBudget* budget_ = nullptr;
    int64_t bytes_ = 0;
  };

  explicit MemoryBudget(int64_t limit_bytes) : limit_(limit_bytes) {}

  // Adds `bytes` >= 0 to `reservation`. kResourceExhausted: TENSOR_TOO_LARGE where the whole budget would not be enough
  // for this one request, else OVERLOADED, with the advice to try again; then nothing is added.
  [[nodiscard]] absl::Status Reserve(int64_t bytes, Reservation& reservation);

  [[nodiscard]] int64_t used_bytes() const { return used_.load(std::memory_order_relaxed); }

 private:
  const int64_t limit_;
  std::atomic<int64_t> used_ = 0;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_ADMISSION_H_
