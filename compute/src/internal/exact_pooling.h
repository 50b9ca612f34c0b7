// Pooling window by window: of integers, and averages as exact sums.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_

#include "absl/status/statusor.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute::internal {

// Pool() of integers; or the average of any type as the exact sum over the divisor, rounded once to `type`, a floating
// one. Otherwise `type` is x's.
[[nodiscard]] absl::StatusOr<PoolingResult> ExactPool(const PoolingGeometry& geometry, const TensorView& x,
                                                      bool want_indices, DataType type,
                                                      const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_
