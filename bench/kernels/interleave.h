// Times of several candidates that follow from the same moments.
#ifndef TENSORD_BENCH_KERNELS_INTERLEAVE_H_
#define TENSORD_BENCH_KERNELS_INTERLEAVE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "bench/kernels/candidate.h"

namespace tensord::bench {

// Of one candidate, in seconds for one computation.
struct Timing {
  double median;
  double spread;  // the median distance from the median
  // The median of its time over that of the first candidate in the same round.
  double ratio_to_first;
};

struct TimingOptions {
  int rounds;
  double least_seconds;  // of what is timed at once
  // Before each candidate's turn, where threads that wait by running (OpenMP's do) would take the next one's
  // processors; after it the candidate computes once untimed.
  double pause_seconds = 0;
};

// Each candidate once in each round, in turns: what changes the machine's pace changes all of theirs. The order is
// reversed from round to round. The first error of a candidate ends it.
[[nodiscard]] absl::StatusOr<std::vector<Timing>> Measure(const Candidates& candidates, const TimingOptions& options);

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_KERNELS_INTERLEAVE_H_
