// Pooling window by window: of integers, and averages as exact sums.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute::internal {

// Pool() of integers; or the average of any type as the exact sum over the divisor, rounded once to `type`, a floating
// one. Otherwise `type` is x's.
[[nodiscard]] absl::StatusOr<PoolingResult> ExactPool(const PoolingGeometry& geometry, const TensorView& x,
                                                      bool want_indices, DataType type,
                                                      const ExecutionContext& context);

// The gradient of a pooling, each element the exact sum of what reaches it, rounded once: of kSubsample, kMax and
// kAverage where SumsSharesExactly(), and kLp with p = 1. x and dy of one floating type.
[[nodiscard]] absl::StatusOr<Tensor> ExactPoolBackward(const PoolingGeometry& geometry, const TensorView& x,
                                                       const TensorView& dy, const ExecutionContext& context);

// Whether the shares of a window's gradient, of an average or of a maximum whose ties are split, have sums here that
// are exact. They have not where elements are in so many windows of so many sizes, hundreds of thousands, that a sum
// would take a million bits or more, or where a divisor may be 2^62 or more.
[[nodiscard]] bool SumsSharesExactly(const PoolingGeometry& geometry);

// How many times as long as a term of an exact sum such a share may take.
[[nodiscard]] int64_t WorkOfShare(const PoolingGeometry& geometry);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_
