// The filter's gradient of depthwise convolution, with vectors along the rows of planes.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_FILTER_GRADIENT_ROWS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_FILTER_GRADIENT_ROWS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// Whether there are rows that lie as such and are long, and few channels in a group.
template <typename T>
[[nodiscard]] bool HasFilterGradientOfRows(const Correlation& forward, const ExecutionContext& context);

// As FilterGradient, where HasFilterGradientOfRows and there are positions.
template <typename T>
absl::Status FilterGradientOfRows(const Correlation& forward, const T* x, const T* dz, T* dw,
                                  const ExecutionContext& context);

// Bytes of scratch that each thread uses at most, with the sums of one chunk.
template <typename T>
int64_t MaxFilterGradientOfRowsScratchBytes();

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_FILTER_GRADIENT_ROWS_H_
