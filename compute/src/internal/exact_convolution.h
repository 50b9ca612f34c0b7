// Convolution, transposed convolution and their gradients as exact sums, rounded once.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_EXACT_CONVOLUTION_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_EXACT_CONVOLUTION_H_

#include "absl/status/statusor.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/tensor.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute::internal {

// All take tensors of one floating type and of the geometry's shapes, and give one of that type. The 16-bit types are
// converted to float32 first, which is exact. kResourceExhausted - memory. kCancelled - the flag was set.

// Z, before any activation. `b` may have no data.
[[nodiscard]] absl::StatusOr<Tensor> ExactConvolve(const ConvolutionGeometry& geometry, const TensorView& x,
                                                   const TensorView& w, const TensorView& b,
                                                   const ExecutionContext& context);
// dX.
[[nodiscard]] absl::StatusOr<Tensor> ExactInputGradient(const ConvolutionGeometry& geometry, const TensorView& dz,
                                                        const TensorView& w, const ExecutionContext& context);
// dW.
[[nodiscard]] absl::StatusOr<Tensor> ExactFilterGradient(const ConvolutionGeometry& geometry, const TensorView& x,
                                                         const TensorView& dz, const ExecutionContext& context);
// db, of that shape.
[[nodiscard]] absl::StatusOr<Tensor> ExactBiasGradient(const ConvolutionGeometry& geometry, const TensorView& dz,
                                                       const Shape& shape, const ExecutionContext& context);

// The same of a transposed convolution.
[[nodiscard]] absl::StatusOr<Tensor> ExactConvolveTranspose(const TransposedConvolutionGeometry& geometry,
                                                            const TensorView& x, const TensorView& w,
                                                            const TensorView& b, const ExecutionContext& context);
[[nodiscard]] absl::StatusOr<Tensor> ExactTransposedInputGradient(const TransposedConvolutionGeometry& geometry,
                                                                  const TensorView& dz, const TensorView& w,
                                                                  const ExecutionContext& context);
[[nodiscard]] absl::StatusOr<Tensor> ExactTransposedFilterGradient(const TransposedConvolutionGeometry& geometry,
                                                                   const TensorView& x, const TensorView& dz,
                                                                   const ExecutionContext& context);
[[nodiscard]] absl::StatusOr<Tensor> ExactTransposedBiasGradient(const TransposedConvolutionGeometry& geometry,
                                                                 const TensorView& dz, const Shape& shape,
                                                                 const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_EXACT_CONVOLUTION_H_
