// What found its queue full: it waits for a place, and is refused when it has waited enough, at a bounded pace.
#ifndef TENSORD_SERVER_RPC_OVERFLOW_H_
#define TENSORD_SERVER_RPC_OVERFLOW_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "server/rpc/token_bucket.h"

namespace tensord::server {

struct OverflowLimits {
  size_t capacity = 0;                    // items; with 0 there is no overflow
  std::chrono::milliseconds patience{0};  // nothing is refused before it has waited this long
  double refusals_per_second = 0;         // with a burst of one second's worth; 0: no limit
};

// The oldest item is the first to get a place, and the first to be refused. Time is given, never asked for.
// Threads: none of its own; whoever owns it locks.
template <typename T>
class Overflow {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Overflow(const OverflowLimits& limits) : limits_(limits) {}

  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] bool full() const { return items_.size() >= limits_.capacity; }
  [[nodiscard]] size_t size() const { return items_.size(); }

  // Only where it is not full. `item` is untouched where there is no memory for it (std::bad_alloc).
  void PushBack(T&& item, TimePoint since) { items_.emplace_back(std::move(item), since); }
  // For what was in the queue already.
  void PushFront(T&& item, TimePoint since) { items_.emplace_front(std::move(item), since); }

  // Only where it is not empty.
  [[nodiscard]] T& oldest() { return items_.front().first; }
  void PopOldest() { items_.pop_front(); }

  // The oldest item, where it may be refused now. Else nothing, and `next` is when to ask again; that is never where
  // nothing waits.
  std::optional<T> TakeOverdue(TimePoint now, TimePoint& next) {
    next = TimePoint::max();
    if (items_.empty()) return std::nullopt;
    next = items_.front().second + limits_.patience;
    if (now < next) return std::nullopt;
    const TokenBucket::Seconds wait = pace_.Take(1, kAlmostOne, limits_.refusals_per_second, now);
    next = now + std::chrono::ceil<TimePoint::duration>(wait);
    if (wait.count() > 0) return std::nullopt;
    std::optional<T> overdue(std::move(items_.front().first));
    items_.pop_front();
    return overdue;
  }

 private:
  // Rounding must not make a moment that was named too early.
  static constexpr double kAlmostOne = 0.999;

  const OverflowLimits limits_;
  TokenBucket pace_;
  std::deque<std::pair<T, TimePoint>> items_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_OVERFLOW_H_
