// PReLU: a leaky relu whose slopes are a tensor, and its gradients.
#ifndef TENSORD_COMPUTE_PRELU_H_
#define TENSORD_COMPUTE_PRELU_H_

#include <optional>

#include "absl/status/statusor.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/activation_axes.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute {

// y = x for x > 0, else a * x, where a is the slope that `broadcast` (ResolveSlopes) gives the element.
//
// Shapes:   x any, the result x's; slopes as ResolveSlopes allows.
// Dtype:    float32 or float64, the same for both. float32 is computed in float64 and rounded once.
// Edges:    as leaky relu: NaN in x gives NaN, and a slope of 0 gives 0 even for -inf. A slope matters only where
//           x <= 0.
// Accuracy: within 0.5 ULP. Tested in tests/compute/prelu_test.cc.
// Errors:   kUnimplemented - another dtype. kInvalidArgument - the types differ, or `broadcast` is not for these
//           shapes. kResourceExhausted - memory. kCancelled - the flag was set.
// Threads:  no shared state.
[[nodiscard]] absl::StatusOr<Tensor> Prelu(const TensorView& x, const TensorView& slopes,
                                           const SlopeBroadcast& broadcast, const ExecutionContext& context);

struct PreluGradients {
  Tensor input;
  std::optional<Tensor> slopes;
};

// The gradients of a J whose derivative by y is dy.
//
//   dx = dy for x > 0, a * dy for x < 0, by `kink_slope` between them at x = 0 (between a and 1)
//   da = sum of x * dy over the elements of x < 0 that a belongs to
//
// Shapes:   x and dy alike, dx too; da as the slopes.
// Dtype:    as Prelu.
// Edges:    NaN in x gives NaN in both.
// Accuracy: dx within 0.51 ULP. da: |error| <= u (1.01 |da| + 2^-20 sum |x dy|), u = 2^-24 for float32 and 2^-53 for
//           float64, barring underflow. Tested in tests/compute/prelu_test.cc.
// Cost:     da: scratch of PreluCost's; the order of its sums depends on the shapes only.
// Errors:   as Prelu, and dy is not of x's shape and type.
[[nodiscard]] absl::StatusOr<PreluGradients> PreluBackward(const TensorView& x, const TensorView& slopes,
                                                           const SlopeBroadcast& broadcast, KinkSlope kink_slope,
                                                           const TensorView& dy, bool slope_gradient,
                                                           const ExecutionContext& context);

// What Prelu costs, and what PreluBackward does where it is asked for the slopes' gradient too.
[[nodiscard]] Cost PreluCost(const Shape& x, DataType type);
[[nodiscard]] Cost PreluBackwardCost(const Shape& x, const Shape& slopes, DataType type, bool slope_gradient);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_PRELU_H_
