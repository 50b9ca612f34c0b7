// When calls are to be sent.
#ifndef TENSORD_LOAD_SCHEDULE_H_
#define TENSORD_LOAD_SCHEDULE_H_

#include <cstdint>
#include <random>

namespace tensord::load {

enum class Arrivals {
  kFixed,    // one every 1/rate
  kPoisson,  // independent of each other: exponential distances with the mean 1/rate
};

// The moments at which the calls of one phase are due, in nanoseconds after its start. They do not depend on how fast
// calls are answered: a call's latency is counted from its moment, so that a server that stalls does not hide the calls
// that it kept from being sent ("coordinated omission").
class Schedule {
 public:
  // rate > 0, calls a second.
  Schedule(double rate, Arrivals arrivals, uint64_t seed);

  // Each call gives the next moment; they never decrease.
  int64_t Next();

 private:
  double period_ns_;
  Arrivals arrivals_;
  std::mt19937_64 random_;
  std::exponential_distribution<double> distance_{1.0};
  double next_ns_ = 0;
  int64_t given_ = 0;
};

}  // namespace tensord::load

#endif  // TENSORD_LOAD_SCHEDULE_H_
