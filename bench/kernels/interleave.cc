#include "bench/kernels/interleave.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <thread>

#include "tensord/compute/status_macros.h"

namespace tensord::bench {
namespace {

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// How many computations take at least that long; warms the candidate up.
absl::StatusOr<int64_t> IterationsOf(Candidate& candidate, double least_seconds) {
  TENSORD_RETURN_IF_ERROR(candidate.Run(1).status());
  for (int64_t iterations = 1;; iterations *= 2) {
    TENSORD_ASSIGN_OR_RETURN(const double seconds, candidate.Run(iterations));
    if (seconds >= least_seconds || iterations >= int64_t{1} << 20) return iterations;
  }
}

}  // namespace

absl::StatusOr<std::vector<Timing>> Measure(const Candidates& candidates, const TimingOptions& options) {
  const size_t count = candidates.size();
  std::vector<int64_t> iterations(count);
  for (size_t i = 0; i < count; ++i) {
    TENSORD_ASSIGN_OR_RETURN(iterations[i], IterationsOf(*candidates[i], options.least_seconds));
  }
  std::vector<std::vector<double>> seconds(count);
  for (int round = 0; round < options.rounds; ++round) {
    for (size_t turn = 0; turn < count; ++turn) {
      const size_t i = round % 2 == 0 ? turn : count - 1 - turn;
      if (options.pause_seconds > 0) {
        std::this_thread::sleep_for(std::chrono::duration<double>(options.pause_seconds));
        TENSORD_RETURN_IF_ERROR(candidates[i]->Run(1).status());
      }
      TENSORD_ASSIGN_OR_RETURN(const double taken, candidates[i]->Run(iterations[i]));
      seconds[i].push_back(taken / static_cast<double>(iterations[i]));
    }
  }
  std::vector<Timing> timings;
  for (size_t i = 0; i < count; ++i) {
    Timing timing{.median = Median(seconds[i]), .spread = 0, .ratio_to_first = 0};
    std::vector<double> distances;
    std::vector<double> ratios;
    for (size_t round = 0; round < seconds[i].size(); ++round) {
      distances.push_back(std::fabs(seconds[i][round] - timing.median));
      ratios.push_back(seconds[i][round] / seconds[0][round]);
    }
    timing.spread = Median(distances);
    timing.ratio_to_first = Median(ratios);
    timings.push_back(timing);
  }
  return timings;
}

}  // namespace tensord::bench
