// A rate with room for bursts.
#ifndef TENSORD_SERVER_RPC_TOKEN_BUCKET_H_
#define TENSORD_SERVER_RPC_TOKEN_BUCKET_H_

#include <algorithm>
#include <chrono>

namespace tensord::server {

// Fills with `rate` a second up to one second's worth, and is full at first. Time is given, never asked for.
// Threads: none of its own; whoever owns it locks.
class TokenBucket {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Seconds = std::chrono::duration<double>;

  // Takes `amount` where at least `least` is there (and full where the bucket can never hold that much), which may
  // leave a debt. Zero where it was taken, else how long to wait before it can be. A rate of 0 or less is no limit.
  Seconds Take(double amount, double least, double rate, TimePoint now) {
    if (rate <= 0) return Seconds(0);
    const double capacity = std::max(rate, 1.0);
    level_ = started_ ? std::min(capacity, level_ + rate * Seconds(now - last_).count()) : capacity;
    started_ = true;
    last_ = now;
    const double needed = std::min(least, capacity);
    if (level_ < needed) return Seconds((needed - level_) / rate);
    level_ -= amount;
    return Seconds(0);
  }

 private:
  bool started_ = false;
  TimePoint last_;
  double level_ = 0;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_TOKEN_BUCKET_H_
