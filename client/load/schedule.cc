#include "client/load/schedule.h"

#include <cmath>

namespace tensord::load {

Schedule::Schedule(double rate, Arrivals arrivals, uint64_t seed)
    : period_ns_(1e9 / rate), arrivals_(arrivals), random_(seed) {}

int64_t Schedule::Next() {
  if (arrivals_ == Arrivals::kPoisson) {
    next_ns_ += distance_(random_) * period_ns_;
    return std::llround(next_ns_);
  }
  // Not by adding periods: their rounding errors would add up to a wrong rate.
  return std::llround(static_cast<double>(given_++) * period_ns_);
}

}  // namespace tensord::load
