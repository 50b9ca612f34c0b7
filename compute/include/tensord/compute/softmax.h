// Softmax and log softmax along an axis, and their gradients.
#ifndef TENSORD_COMPUTE_SOFTMAX_H_
#define TENSORD_COMPUTE_SOFTMAX_H_

#include "absl/status/statusor.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute {

// Along `axis`, for each group of elements that differ in it alone, with m = max x and S = sum exp(x - m):
//
//   softmax       y = exp(x - m) / S
//   log softmax   y = x - m - log(S)
//
// Shapes:   x any of rank 1 and up, 0 <= axis < rank; the result x's.
// Dtype:    float32 or float64. float32 is computed in float64 and rounded once.
// Edges:    -inf counts as exp(-inf) = 0, its log softmax is -inf. NaN or +inf makes its whole group NaN, and so does a
//           group of -inf alone. Nothing else overflows.
// Accuracy: float32: within 0.51 ULP. float64: within 4 ULP. Tested in tests/compute/softmax_test.cc with groups of up
//           to 2^16 elements.
// Cost:     two exponentials an element; no scratch. Groups are shared among threads, one group is not.
// Errors:   kUnimplemented - another dtype. kInvalidArgument - the kind is neither, or the axis is not x's.
//           kResourceExhausted - memory. kCancelled - the flag was set.
// Threads:  no shared state; the same bits for any executor.
[[nodiscard]] absl::StatusOr<Tensor> Softmax(ActivationKind kind, const TensorView& x, int axis,
                                             const ExecutionContext& context);

// The gradient by x, which is what went in; y is computed again.
//
//   softmax       dx = y * (dy - sum(y * dy))
//   log softmax   dx = dy - exp(y) * sum(dy)
//
// Shapes:   as Softmax, dy x's.
// Dtype:    as Softmax, dy x's.
// Accuracy: |error| <= c u (|dy| + sum |y dy|) y for softmax and c u (|dy| + exp(y) sum |dy|) for log softmax, with
//           u = 2^-24, c = 2 for float32, and u = 2^-53, c = 12 for float64, barring underflow. Tested in
//           tests/compute/softmax_test.cc.
// Errors:   as Softmax, and kInvalidArgument - dy is not of x's shape and type.
[[nodiscard]] absl::StatusOr<Tensor> SoftmaxBackward(ActivationKind kind, const TensorView& x, int axis,
                                                     const TensorView& dy, const ExecutionContext& context);

// What either costs: twice the elements.
[[nodiscard]] Cost SoftmaxCost(const Shape& shape, DataType type);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_SOFTMAX_H_
