// Checks of the tensors that convolution calls are given.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_ARGUMENTS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_ARGUMENTS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/convolution.h"

namespace tensord::compute::internal {

// kInvalidArgument unless the tensor has that shape and type and data to go with it; `name` is the argument's.
[[nodiscard]] absl::Status CheckArgument(const TensorView& tensor, const Shape& shape, DataType type,
                                         absl::string_view name);

// Checks x, w and b against the geometry and against x's type, and that this is a type that can be computed with.
[[nodiscard]] absl::Status CheckConvolutionArguments(const ConvolutionGeometry& geometry, const TensorView& x,
                                                     const TensorView& w, const TensorView& b);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_ARGUMENTS_H_
