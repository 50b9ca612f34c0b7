// Transposed convolution with 1, 2 or 3 spatial axes: geometry, forwards, backwards.
//
// Alphabet: N batch, C input channels, O output channels, G groups, D H W input, Kd Kh Kw filter, Do Ho Wo output.
#ifndef TENSORD_COMPUTE_TRANSPOSED_CONVOLUTION_H_
#define TENSORD_COMPUTE_TRANSPOSED_CONVOLUTION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "tensord/compute/convolution.h"

namespace tensord::compute {

// As ConvolutionConventions, where padding cuts the output at its borders. The filter's I counts all input channels,
// its O the output channels of one group.
struct TransposedConvolutionConventions {
  ConvolutionConventions convolution = {};
  std::vector<int64_t> output_padding = {};  // cells more at the output's end; as the other lists
  std::vector<int64_t> output_shape = {};    // the output's spatial sizes, one per spatial axis, or none
};

// A transposed convolution with every convention resolved and every size checked: the adjoint, by its input, of
// `convolution`, whose output is this operator's input. Only ResolveTransposedConvolution makes one.
struct TransposedConvolutionGeometry {
  ConvolutionGeometry convolution;      // its I are this operator's O, and the other way round
  Layout filter_layout;                 // in this operator's letters
  std::vector<int64_t> output_padding;  // per spatial axis; with unknown sizes perhaps kUnknownSize

  [[nodiscard]] const Layout& input_layout() const { return convolution.input_layout; }
  [[nodiscard]] const Shape& input_shape() const { return convolution.output_shape; }
  [[nodiscard]] const Shape& filter_shape() const { return convolution.filter_shape; }
  [[nodiscard]] const Shape& output_shape() const { return convolution.input_shape; }
  [[nodiscard]] int64_t batch() const { return convolution.batch; }
  [[nodiscard]] int64_t input_channels() const { return convolution.output_channels; }
  [[nodiscard]] int64_t output_channels() const { return convolution.input_channels; }
  [[nodiscard]] int64_t groups() const { return convolution.groups; }
  // Of spatial axis i, `input` is this operator's output and `output` its input.
  [[nodiscard]] const std::vector<AxisWindow>& axes() const { return convolution.axes; }
};

// As ResolveConvolution. Along each spatial axis, with w = dilation*(K - 1) + 1, op the output padding, pb and pe the
// padding, the output's length is
//   stride*(N - 1) + op + w - pb - pe,
// at least 1, with 0 <= op < max(stride, dilation). What of this is not given follows:
//   SAME_UPPER, SAME_LOWER: the length is output_shape's, else stride*N; pb + pe is the rest, its odd cell in pe or pb;
//   output_shape without padding: as SAME_LOWER;
//   output_shape with VALID or EXPLICIT: op is the rest.
// Where even no padding leaves the output too short, op makes it up. FULL and CAUSAL are violations, and so is padding
// that reads anything but zero.
[[nodiscard]] std::optional<TransposedConvolutionGeometry> ResolveTransposedConvolution(
    const TransposedConvolutionConventions& given, Profile profile, const Shape& input, const Shape& filter,
    const ConvolutionFields& fields, const SizeRules& rules, Violations& violations);

// As for convolutions: [O], or [1] for a filter without channels.
[[nodiscard]] Shape BiasShape(const TransposedConvolutionGeometry& geometry);
void CheckBiasShape(const TransposedConvolutionGeometry& geometry, const Shape& bias, absl::string_view field,
                    Violations& violations);

// U = f(Z),
//   Z[n,o,p,q] = b[o] + sum over c,i,j,y,x with y*stride_h + i*dilation_h - pad_top = p (and q likewise) of
//                x[n,c,y,x] * w[c, o mod O/G, i,j], over the c of o's group
// kTrueConvolution reads w reversed along each spatial axis.
//
// Shapes:   x geometry.input_shape(); w geometry.filter_shape(); b BiasShape() or data == nullptr for none;
//           result geometry.output_shape(), in the input's layout. Dense, row-major.
// Dtype:    float32 or float64, equal for all; sums are kept in that type.
// Edges:    N = 0 gives an empty result. A cell that no term reaches is f(b[o]), and f(0) without a bias. As the
//           gradient of Convolve by its input, positions outside x may be multiplied as zeros: an infinite or NaN
//           weight gives NaN where a window reaches past x.
// Accuracy: |error of Z| <= gamma(K + 2) * (|b| + sum |w x|), K the number of terms. Then f's own.
// Cost:     TransposedConvolutionCost(). The same bits for any executor.
// Errors:   as Convolve.
// Owns:     reads its tensors during the call only. Threads: no shared state; safe to call concurrently.
// Source:   Dumoulin & Visin, arXiv:1603.07285.
[[nodiscard]] absl::StatusOr<Tensor> ConvolveTranspose(const TransposedConvolutionGeometry& geometry,
                                                       const TensorView& x, const TensorView& w, const TensorView& b,
                                                       const std::optional<Activation>& activation,
                                                       const ExecutionContext& context);

// Gradients of J = J(U), given du = dJ/dU:
//   dz = du * f'(Z), or du without an activation
//   db[o] = sum over n,p,q of dz[n,o,p,q]
//   dw[c,o,i,j] = sum over n,y,x of x[n,c,y,x] * dz0[n, g*O/G + o, y*stride_h + i*dilation_h - pad_top, ...]
//   dx[n,c,y,x] = sum over o,i,j of w[c,o,i,j] * dz0[n, g*O/G + o, y*stride_h + i*dilation_h - pad_top, ...]
//   dz0 is dz, read as zero outside its borders; g = c / (C/G). dx is the convolution of dz with w.
//
// Shapes, errors: as ConvolveBackward, with this geometry's. Accuracy: gamma(K) * sum |products|, given dz.
[[nodiscard]] absl::StatusOr<ConvolutionGradientTensors> ConvolveTransposeBackward(
    const TransposedConvolutionGeometry& geometry, const TensorView& x, const TensorView& w, const TensorView& b,
    const std::optional<Activation>& activation, const TensorView& du, const ConvolutionGradients& wanted,
    const ExecutionContext& context);

// What either costs. Products are counted as they are computed: an output cell visits every tap that could reach it.
[[nodiscard]] Cost TransposedConvolutionCost(const TransposedConvolutionGeometry& geometry, DataType type,
                                             int thread_count);
[[nodiscard]] Cost TransposedConvolutionBackwardCost(const TransposedConvolutionGeometry& geometry, DataType type,
                                                     bool has_activation, const ConvolutionGradients& wanted,
                                                     int thread_count);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_TRANSPOSED_CONVOLUTION_H_
