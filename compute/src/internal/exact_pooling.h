// Pooling window by window: of integers, and averages as exact sums.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_

#include <cstdint>
#include <optional>

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
// kAverage where what they divide by has a CommonDivisor, and kLp with p = 1. x and dy of one floating type.
[[nodiscard]] absl::StatusOr<Tensor> ExactPoolBackward(const PoolingGeometry& geometry, const TensorView& x,
                                                       const TensorView& dy, const ExecutionContext& context);

// A common multiple of what the gradient of this pooling divides by, where it is below 2^24, so that each type that is
// summed in has its quotients exactly; else nothing. Of an average its divisors, of a maximum whose ties are split
// every number that may tie in a window (of up to 18 elements), of others 1.
[[nodiscard]] std::optional<int64_t> CommonDivisor(const PoolingGeometry& geometry);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_
