// The filter's gradient.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_FILTER_GRADIENT_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_FILTER_GRADIENT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// dw[row, k] = sum over positions of dz[row, position] * patch[k, position], for the correlation of the forward pass.
// Positions are cut into a number of chunks that follows from the correlation's sizes alone, whose sums are added
// pairwise in a fixed order: the result is the same bits for any executor. kResourceExhausted - scratch. kCancelled -
// the flag was set.
template <typename T>
absl::Status FilterGradient(const Correlation& forward, const T* x, const T* dz, T* dw,
                            const ExecutionContext& context);

// Bytes of scratch that it uses at most: less than 1.5 MiB per thread, and where the positions make several blocks the
// chunks' sums, at most 9 MiB.
template <typename T>
int64_t MaxFilterGradientScratchBytes(int64_t position_count, int thread_count);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_FILTER_GRADIENT_H_
