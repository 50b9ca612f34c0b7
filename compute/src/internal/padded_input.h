// Padding that reads the input: written out into a copy of it, and the copy's gradient brought back.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_PADDED_INPUT_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_PADDED_INPUT_H_

#include "absl/status/status.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// Whether some padding reads other than zero: then the kernels work on a padded copy of the input.
[[nodiscard]] bool ReadsPadding(const ConvolutionGeometry& geometry);

// The same convolution of the padded copy, whose shape is its input_shape.
[[nodiscard]] ConvolutionGeometry GeometryOfPadded(const ConvolutionGeometry& geometry);

// Writes the padded copy of x. kCancelled - the flag was set; `padded` is then partly written.
template <typename T>
absl::Status WritePadded(const ConvolutionGeometry& geometry, const T* x, T* padded, const ExecutionContext& context);

// dx[p] = the sum of `dpadded` over the cells that read p, in a fixed order. Cancelled as above.
template <typename T>
absl::Status FoldPadded(const ConvolutionGeometry& geometry, const T* dpadded, T* dx, const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_PADDED_INPUT_H_
