// Bounds of rounding errors, element by element: rigorous, and computed with the rounding of their own computation on
// the safe side.
#ifndef TENSORD_COMPUTE_ERROR_BOUNDS_H_
#define TENSORD_COMPUTE_ERROR_BOUNDS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "tensord/compute/accumulation.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/tensor.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute {

// For a result y of type T whose exact value is y*, float64 tensors of its shape. Infinity is no promise: where an
// input of the element is NaN or infinite, or where a partial sum or the result could overflow. The derivations are in
// docs/adr/0014-numbers-with-a-proof.md.
//   computed:  |y - y*| <= computed for this y, as it was computed:
//     kFast      gamma(K+2) S + (2K+3) m (1 + gamma(K+2)) + F, in the type that sums, and for the 16-bit types the one
//                rounding, u |y| + h/2
//     kFaithful  gamma(K+2) S + K h of float64, and the one rounding, u |y| + h/2
//     kExact     max(u |y|, h/2)
//   any_order: |y - y*| <= any_order for any y that comes from T's arithmetic, whatever the order of summation, with or
//              without fused multiply-add, with denormals kept or (not for float16) flushed: as kFast in T itself.
// S is the sum of the terms' absolute values, the bias' too; K the number of products; gamma(n) = n u / (1 - n u),
// infinity from n u = 1 on; h the least positive number of a type; m its least normal number where denormals are
// flushed, else h; F the terms' absolute values of which a factor is a denormal that is flushed.
struct ErrorBounds {
  Tensor computed;
  Tensor any_order;
};

// Which sums a bound is about.
enum class BoundedSums { kOutput, kInputGradient, kFilterGradient, kBiasGradient };

// Bounds of Z or U (`activation` null, identity, relu or leaky relu) or of a gradient, which ConvolveNumbers or
// ConvolveBackwardNumbers computed as `result` with denormals flushed or not. `source` and `filter` are the sums'
// factors: x and w for the output, dz and w for dX, x and dz for dW, dz and nothing for db; `bias` may have no data.
//
// Dtype:    floating, equal for all; the bounds float64.
// Cost:     one convolution in float64 of each of those sums; three where there are denormals among the factors.
// Errors:   kResourceExhausted - memory. kCancelled - the flag was set.
[[nodiscard]] absl::StatusOr<ErrorBounds> ConvolutionErrorBounds(const ConvolutionGeometry& geometry, BoundedSums sums,
                                                                 const TensorView& source, const TensorView& filter,
                                                                 const TensorView& bias, const Activation* activation,
                                                                 Accumulation accumulation, bool flushed,
                                                                 const TensorView& result,
                                                                 const ExecutionContext& context);

[[nodiscard]] absl::StatusOr<ErrorBounds> ConvolutionErrorBounds(
    const TransposedConvolutionGeometry& geometry, BoundedSums sums, const TensorView& source, const TensorView& filter,
    const TensorView& bias, const Activation* activation, Accumulation accumulation, bool flushed,
    const TensorView& result, const ExecutionContext& context);

// Bounds of an average pooling; K is the number of elements in a window, S their average in absolute value.
[[nodiscard]] absl::StatusOr<ErrorBounds> PoolingErrorBounds(const PoolingGeometry& geometry, const TensorView& x,
                                                             Accumulation accumulation, bool flushed,
                                                             const TensorView& result, const ExecutionContext& context);

// Bounds of a norm (kLp): c u / (1 - c u) y with c = (2K+2)/p + 8, from the result, which is within that of y; with
// kExact one rounding. float64 adds 2K 2^(-1074 min(p, 1)) / p to c u, for elements that underflow beside the largest.
// Infinity for p below 1 where denormals are flushed: the power of what is lost is not small. Any order: of the sum of
// absolute values or of squares; for other p it is infinity.
[[nodiscard]] absl::StatusOr<ErrorBounds> NormErrorBounds(const PoolingGeometry& geometry, Accumulation accumulation,
                                                          bool flushed, const TensorView& result,
                                                          const ExecutionContext& context);

// Bounds of a pooling's gradient, kMax (whatever its ties do), kAverage or kSubsample: K is the number of windows that
// an element is in, at most, S the sum of the terms in absolute value. Where denormals of x may be taken for zeros,
// another element may be the maximum: then there is no bound.
[[nodiscard]] absl::StatusOr<ErrorBounds> PoolingGradientErrorBounds(const PoolingGeometry& geometry,
                                                                     const TensorView& x, const TensorView& dy,
                                                                     Accumulation accumulation, bool flushed,
                                                                     const TensorView& result,
                                                                     const ExecutionContext& context);

// Bounds of averages of integers, which are exact but for the one rounding: u |y| + h/2, both times.
[[nodiscard]] absl::StatusOr<ErrorBounds> IntegerAverageErrorBounds(const TensorView& result,
                                                                    const ExecutionContext& context);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_ERROR_BOUNDS_H_
