// What every backward call of a convolution does around its own kernels.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_COLLECT_GRADIENTS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_COLLECT_GRADIENTS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

// The kernels of one call. Each is called at most once.
struct GradientPasses {
  absl::FunctionRef<absl::StatusOr<Tensor>()> pre_activation;  // dZ = dU * f'(Z); only with an activation
  absl::FunctionRef<absl::StatusOr<Tensor>(const TensorView& dz)> input;
  absl::FunctionRef<absl::StatusOr<Tensor>(const TensorView& dz)> filter;
  absl::FunctionRef<absl::StatusOr<Tensor>(const TensorView& dz)> bias;
};

// The gradients that are wanted: dZ first, which is `du` without an activation, and the others from it. Stops at the
// first error.
[[nodiscard]] absl::StatusOr<ConvolutionGradientTensors> CollectGradients(const ConvolutionGradients& wanted,
                                                                          bool has_activation, const TensorView& du,
                                                                          const GradientPasses& passes);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_COLLECT_GRADIENTS_H_
