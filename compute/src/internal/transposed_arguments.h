// Checks of the tensors that transposed convolution calls are given.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_TRANSPOSED_ARGUMENTS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_TRANSPOSED_ARGUMENTS_H_

#include "absl/status/status.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute::internal {

// As CheckConvolutionArguments.
[[nodiscard]] absl::Status CheckTransposedArguments(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                                    const TensorView& w, const TensorView& b);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_TRANSPOSED_ARGUMENTS_H_
