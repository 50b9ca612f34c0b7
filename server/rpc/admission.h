// Budgets that all requests in flight share: bytes of memory, and multiplications.
#ifndef TENSORD_SERVER_RPC_ADMISSION_H_
#define TENSORD_SERVER_RPC_ADMISSION_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/metrics/metrics.h"

namespace tensord::server {

// What a budget is a budget of, and how its refusals say so.
struct BudgetDescription {
  int64_t limit;
  const char* unit;              // "bytes of memory"
  const char* too_large_reason;  // of a request that the whole budget could not hold: "TENSOR_TOO_LARGE"
  Gauge gauge;                   // shows what is handed out
};

// Hands out shares of a budget. Threads: every member may be called from any thread.
class Budget {
 public:
  // Amounts that were handed out; they go back when it is destroyed.
  class Reservation {
   public:
    // `tally`, where there is one, counts the amounts of several reservations; it has to outlive this.
    explicit Reservation(std::atomic<int64_t>* tally = nullptr) : tally_(tally) {}
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    ~Reservation() { ShrinkTo(0); }

    // Gives back what is above `amount`.
    void ShrinkTo(int64_t amount) {
      if (budget_ == nullptr || amount >= amount_) return;
      budget_->GiveBack(amount_ - amount);
      Count(amount - amount_);
    }
    [[nodiscard]] int64_t amount() const { return amount_; }

   private:
    friend class Budget;
    void Count(int64_t change) {
      amount_ += change;
      if (tally_ != nullptr) tally_->fetch_add(change, std::memory_order_relaxed);
    }

    Budget* budget_ = nullptr;
    std::atomic<int64_t>* const tally_;
    int64_t amount_ = 0;
  };

  // `metrics` has to outlive it.
  Budget(const BudgetDescription& description, Metrics* metrics) : description_(description), metrics_(metrics) {}

  // Adds `amount` >= 0 to `reservation`. kResourceExhausted: the description's reason where the whole budget would not
  // be enough for this one request, else OVERLOADED, with the advice to try again; then nothing is added.
  [[nodiscard]] absl::Status Reserve(int64_t amount, Reservation& reservation);

  [[nodiscard]] int64_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] int64_t limit() const { return description_.limit; }

 private:
  void GiveBack(int64_t amount);

  const BudgetDescription description_;
  Metrics* const metrics_;
  std::atomic<int64_t> used_ = 0;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_ADMISSION_H_
