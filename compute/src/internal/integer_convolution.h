// Convolution and transposed convolution of integers, exactly.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_INTEGER_CONVOLUTION_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_INTEGER_CONVOLUTION_H_

#include "absl/status/status.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/tensor.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute::internal {

// Writes every element of `dest`, of the output's shape: the sums of (x - zero_points.input) * (w -
// zero_points.filter[channel]), plus the bias where it has data, requantised where the options say so. All types have
// to go together. Where a sum does not fit into dest's type: kInvalidArgument, naming the first such element.
[[nodiscard]] absl::Status IntegerConvolve(const ConvolutionGeometry& geometry, const TensorView& x,
                                           const TensorView& w, const TensorView& b, const NumericOptions& options,
                                           Tensor& dest, const ExecutionContext& context);
[[nodiscard]] absl::Status IntegerConvolveTranspose(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                                    const TensorView& w, const TensorView& b,
                                                    const NumericOptions& options, Tensor& dest,
                                                    const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_INTEGER_CONVOLUTION_H_
