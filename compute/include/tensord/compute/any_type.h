// Operators without sums, in the types that their kernels do not know: activations of 16-bit numbers, and unpooling of
// anything.
#ifndef TENSORD_COMPUTE_ANY_TYPE_H_
#define TENSORD_COMPUTE_ANY_TYPE_H_

#include "absl/status/statusor.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/activation_axes.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/prelu.h"
#include "tensord/compute/softmax.h"
#include "tensord/compute/tensor.h"
#include "tensord/compute/unpooling.h"
#include "tensord/compute/violations.h"

namespace tensord::compute {

// Activate() and its like in float16 and bfloat16 too: by way of float32, and rounded once at the end, so that a result
// is within 1 ULP of its type wherever the float32 one is. In float32 and float64 they are Activate() and its like.
//
// Shapes, edges, errors, threads: as the function of the name without "AnyType".
// Cost: the same with copies of the tensors in float32 (the ...AnyTypeCost functions).
[[nodiscard]] absl::StatusOr<Tensor> ActivateAnyType(const Activation& activation, const TensorView& x,
                                                     const ExecutionContext& context);
[[nodiscard]] absl::StatusOr<Tensor> ActivateBackwardAnyType(const Activation& activation, const TensorView& x,
                                                             const TensorView& dy, const ExecutionContext& context);
[[nodiscard]] absl::StatusOr<Tensor> SoftmaxAnyType(ActivationKind kind, const TensorView& x, int axis,
                                                    const ExecutionContext& context);
[[nodiscard]] absl::StatusOr<Tensor> SoftmaxBackwardAnyType(ActivationKind kind, const TensorView& x, int axis,
                                                            const TensorView& dy, const ExecutionContext& context);
[[nodiscard]] absl::StatusOr<Tensor> PreluAnyType(const TensorView& x, const TensorView& slopes,
                                                  const SlopeBroadcast& broadcast, const ExecutionContext& context);
[[nodiscard]] absl::StatusOr<PreluGradients> PreluBackwardAnyType(const TensorView& x, const TensorView& slopes,
                                                                  const SlopeBroadcast& broadcast, KinkSlope kink_slope,
                                                                  const TensorView& dy, bool slope_gradient,
                                                                  const ExecutionContext& context);
[[nodiscard]] Cost ActivationAnyTypeCost(const Shape& shape, DataType type);
[[nodiscard]] Cost SoftmaxAnyTypeCost(const Shape& shape, DataType type);
[[nodiscard]] Cost PreluAnyTypeCost(const Shape& x, DataType type);
[[nodiscard]] Cost PreluBackwardAnyTypeCost(const Shape& x, const Shape& slopes, DataType type, bool slope_gradient);

// Unpool() and UnpoolBackward() of elements of any type: their bits are moved, whatever they stand for.
[[nodiscard]] absl::StatusOr<Tensor> UnpoolAnyType(const PoolingGeometry& geometry, const TensorView& y,
                                                   const TensorView& indices, const IndexCheck& check,
                                                   const ExecutionContext& context, Violations& violations);
[[nodiscard]] absl::StatusOr<Tensor> UnpoolBackwardAnyType(const PoolingGeometry& geometry, const TensorView& indices,
                                                           const TensorView& dx, const IndexCheck& check,
                                                           const ExecutionContext& context, Violations& violations);
[[nodiscard]] Cost UnpoolingAnyTypeCost(const PoolingGeometry& geometry, DataType type);
[[nodiscard]] Cost UnpoolingBackwardAnyTypeCost(const PoolingGeometry& geometry, DataType type);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_ANY_TYPE_H_
