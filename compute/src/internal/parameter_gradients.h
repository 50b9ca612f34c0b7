// The gradients that are sums over positions: of the filter and of the bias.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_PARAMETER_GRADIENTS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_PARAMETER_GRADIENTS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// Both cut the work into tiles of results, and where these are few the positions into a fixed number of chunks, whose
// sums are added pairwise in a fixed order: all by the correlation's sizes alone, so that the result is the same bits
// for any executor. kResourceExhausted - scratch. kCancelled - the flag was set.

// dw[row, k] = sum over positions of dz[row, position] * patch[k, position], for the correlation of the forward pass.
template <typename T>
absl::Status FilterGradient(const Correlation& forward, const T* x, const T* dz, T* dw,
                            const ExecutionContext& context);

// db[o] = sum over positions of dz[o, position].
template <typename T>
absl::Status BiasGradient(const Correlation& forward, const T* dz, T* db, const ExecutionContext& context);

// Bytes of scratch that either uses at most: less than 4 MiB per thread, and where the positions make several blocks
// the chunks' sums, less than 18 MiB.
template <typename T>
int64_t MaxParameterGradientScratchBytes(int64_t position_count, int thread_count);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_PARAMETER_GRADIENTS_H_
