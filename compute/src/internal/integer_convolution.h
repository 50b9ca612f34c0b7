// Convolution of integers, exactly.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_INTEGER_CONVOLUTION_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_INTEGER_CONVOLUTION_H_

#include "absl/status/status.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

// Writes every element of `dest` that the correlation has: the sums of (source - zero_points.input) * (filter -
// zero_points.filter[channel]), plus the bias where it has data, requantised where the options say so. All types have
// to go together. Where a sum does not fit into dest's type: kInvalidArgument, naming the first such element.
[[nodiscard]] absl::Status IntegerCorrelate(const Correlation& correlation, const TensorView& source,
                                            const TensorView& filter, const TensorView& bias,
                                            const NumericOptions& options, Tensor& dest,
                                            const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_INTEGER_CONVOLUTION_H_
