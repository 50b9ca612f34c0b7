// The filter's gradient of depthwise convolution, with vectors along groups.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_FILTER_GRADIENT_GROUPS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_FILTER_GRADIENT_GROUPS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// As FilterGradient, where HasVectorsOfGroups and there are positions.
template <typename T>
absl::Status FilterGradientOfGroups(const Correlation& forward, const T* x, const T* dz, T* dw,
                                    const ExecutionContext& context);

// Bytes of scratch that each thread uses at most, with the sums of one chunk.
template <typename T>
int64_t MaxFilterGradientOfGroupsScratchBytes();

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_FILTER_GRADIENT_GROUPS_H_
