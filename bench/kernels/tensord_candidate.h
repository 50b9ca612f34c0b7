// tensord itself.
#ifndef TENSORD_BENCH_KERNELS_TENSORD_CANDIDATE_H_
#define TENSORD_BENCH_KERNELS_TENSORD_CANDIDATE_H_

#include <memory>

#include "bench/kernels/candidate.h"
#include "bench/kernels/problem.h"
#include "tensord/compute/execution.h"

namespace tensord::bench {

// The library's function, from plain tensors to a new plain one, nothing prepared. Both outlive the candidate.
[[nodiscard]] std::unique_ptr<Candidate> TensordCandidate(const Problem& problem, compute::Executor& executor);

// The bytes that one run allocates at most at a time, without its results.
[[nodiscard]] absl::StatusOr<int64_t> PeakBytesBeyondTensors(const Problem& problem, compute::Executor& executor);

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_KERNELS_TENSORD_CANDIDATE_H_
