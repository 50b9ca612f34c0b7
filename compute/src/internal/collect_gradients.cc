#include "compute/src/internal/collect_gradients.h"

#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {

absl::StatusOr<ConvolutionGradientTensors> CollectGradients(const ConvolutionGradients& wanted, bool has_activation,
                                                            const TensorView& du, const GradientPasses& passes) {
  ConvolutionGradientTensors result;
  if (!wanted.input && !wanted.filter && !wanted.bias && !wanted.pre_activation) return result;
  TensorView dz = du;
  if (has_activation) {
    TENSORD_ASSIGN_OR_RETURN(result.pre_activation, passes.pre_activation());
    dz = result.pre_activation->view();
  }
  if (wanted.input) {
    TENSORD_ASSIGN_OR_RETURN(result.input, passes.input(dz));
  }
  if (wanted.filter) {
    TENSORD_ASSIGN_OR_RETURN(result.filter, passes.filter(dz));
  }
  if (wanted.bias) {
    TENSORD_ASSIGN_OR_RETURN(result.bias, passes.bias(dz));
  }
  if (!wanted.pre_activation) result.pre_activation.reset();
  return result;
}

}  // namespace tensord::compute::internal
