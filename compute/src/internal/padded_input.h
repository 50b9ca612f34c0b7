// Padding that reads the input: written out into a copy of it, and the copy's gradient brought back.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_PADDED_INPUT_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_PADDED_INPUT_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

// Whether some padding reads other than zero: then the kernels work on a padded copy of the input.
[[nodiscard]] bool ReadsPadding(const ConvolutionGeometry& geometry);

// The same convolution of the padded copy, whose shape is its input_shape.
[[nodiscard]] ConvolutionGeometry GeometryOfPadded(const ConvolutionGeometry& geometry);

// The padded copy of x, which may be of any type. kResourceExhausted - memory. kCancelled - the flag was set.
[[nodiscard]] absl::StatusOr<Tensor> PaddedCopyOf(const ConvolutionGeometry& geometry, const TensorView& x,
                                                  const ExecutionContext& context);

// The cells of the padded copy along one spatial axis that read a cell of the input: up to three runs.
struct PaddedReaders {
  std::array<int64_t, 3> first;
  std::array<int64_t, 3> length;
  size_t count = 0;

  void Add(int64_t at, int64_t run) {
    first[count] = at;
    length[count] = run;
    ++count;
  }
};
[[nodiscard]] PaddedReaders ReadersOf(PaddingSource source, const AxisWindow& axis, int64_t cell);

// dx[p] = the sum of `dpadded` over the cells that read p, in a fixed order. kCancelled - the flag was
// set; `dx` is then partly written.
template <typename T>
absl::Status FoldPadded(const ConvolutionGeometry& geometry, const T* dpadded, T* dx, const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_PADDED_INPUT_H_
