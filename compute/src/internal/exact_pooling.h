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

// The gradient of a pooling, each element the exact sum of what reaches it, rounded once: of kMax with ties to the
// first or to all, kSubsample, kAverage whose divisors have a CommonDivisor, and kLp with p = 1. x and dy of one
// floating type.
[[nodiscard]] absl::StatusOr<Tensor> ExactPoolBackward(const PoolingGeometry& geometry, const TensorView& x,
                                                       const TensorView& dy, const ExecutionContext& context);

// The least common multiple of an average pooling's divisors, where it is below 2^24, so that each type that is summed
// in has its quotients exactly; else nothing.
[[nodiscard]] std::optional<int64_t> CommonDivisor(const PoolingGeometry& geometry);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_EXACT_POOLING_H_
