// Convolution with 1, 2 or 3 spatial axes: geometry, forwards, backwards.
//
// Alphabet: N batch, C input channels, O output channels, G groups, D H W input, Kd Kh Kw filter, Do Ho Wo output.
#ifndef TENSORD_COMPUTE_CONVOLUTION_H_
#define TENSORD_COMPUTE_CONVOLUTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/layout.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/tensor.h"
#include "tensord/compute/violations.h"
#include "tensord/compute/window.h"

namespace tensord::compute {

// A convolution with every convention resolved and every size checked. Only ResolveConvolution makes one.
struct ConvolutionGeometry {
  Layout input_layout;  // the output's too: its C counts output channels
  Layout filter_layout;
  KernelMode kernel;
  PaddingMode padding;
  PaddingSource padding_source;
  Shape input_shape;
  Shape filter_shape;
  Shape output_shape;
  int64_t batch;                 // N; 1 without a batch axis
  int64_t input_channels;        // C; 1 without channels
  int64_t output_channels;       // O; 1 without channels
  int64_t groups;                // G
  std::vector<AxisWindow> axes;  // per spatial axis, in the order D, H, W
};

// What the fields are called in violations. The defaults are those of the convolution requests.
struct ConvolutionFields {
  std::string input_shape = "input.shape";
  std::string filter_shape = "filter.shape";
  std::string conventions = "conventions";
};

// Checks the sizes and resolves the conventions; adds everything that is wrong to `violations`, and then returns
// nothing. `rules` say which sizes are allowed; with unknown sizes among them, what depends on one is unknown and what
// would have to be checked against one is not.
[[nodiscard]] std::optional<ConvolutionGeometry> ResolveConvolution(const ConvolutionConventions& given,
                                                                    Profile profile, const Shape& input,
                                                                    const Shape& filter,
                                                                    const ConvolutionFields& fields,
                                                                    const SizeRules& rules, Violations& violations);

// The shape of the bias and of its gradient: [O], or [1] for a filter without channels.
[[nodiscard]] Shape BiasShape(const ConvolutionGeometry& geometry);
// Adds a violation of `field` unless `bias` is BiasShape (a scalar too, for a filter without channels).
void CheckBiasShape(const ConvolutionGeometry& geometry, const Shape& bias, absl::string_view field,
                    Violations& violations);

// Bytes of scratch that Convolve and ConvolveBackward use at most, besides their results. It does not grow with the
// number of output positions: per thread less than 1.5 MiB of copies of the input and sums, and for the filter's
// gradient up to 9 MiB of partial sums. Padding that reads the input adds one padded copy of that.
[[nodiscard]] int64_t ConvolutionScratchBytes(const ConvolutionGeometry& geometry, DataType type, int thread_count);

// U = f(Z),
//   Z[n,o,y,x] = b[o] + sum over c,i,j of  w[o,c,i,j] * x0[n, g*C/G + c, y*stride_h + i*dilation_h - pad_top,
//                                                                      x*stride_w + j*dilation_w - pad_left]
//   x0 is x, continued outside its borders as geometry.padding_source says; g = o / (O/G). kTrueConvolution reads w
//   reversed along each spatial axis.
//
// Shapes:   x geometry.input_shape; w geometry.filter_shape; b BiasShape() or data == nullptr for none;
//           result geometry.output_shape, in the input's layout. Dense, row-major.
// Dtype:    float32 or float64, equal for all; sums are kept in that type.
// Edges:    N = 0 gives an empty result. NaN and infinities go where the formula takes them; with kZero an element of
//           x0 outside x is multiplied as a zero (so an infinite weight gives NaN there).
// Accuracy: |error of Z| <= gamma(K + 2) * (|b| + sum |w x0|), K = C/G*Kd*Kh*Kw, gamma(n) = n u / (1 - n u)
//           (Higham 2002, section 3.1), barring underflow. Then f's own.
// Cost:     N*O*Do*Ho*Wo*K multiplications; scratch at most ConvolutionScratchBytes(). The same bits for any executor.
// Errors:   kInvalidArgument - a shape or type is not the geometry's. kUnimplemented - another dtype.
//           kResourceExhausted - memory. kCancelled - the flag was set.
// Owns:     reads its tensors during the call only. Threads: no shared state; safe to call concurrently.
// Source:   Dumoulin & Visin, arXiv:1603.07285.
[[nodiscard]] absl::StatusOr<Tensor> Convolve(const ConvolutionGeometry& geometry, const TensorView& x,
                                              const TensorView& w, const TensorView& b,
                                              const std::optional<Activation>& activation,
                                              const ExecutionContext& context);

// Which gradients to compute.
struct ConvolutionGradients {
  bool input = false;
  bool filter = false;
  bool bias = false;
  bool pre_activation = false;
};

// The gradients that were asked for; the others are empty.
struct ConvolutionGradientTensors {
  std::optional<Tensor> input;           // dX
  std::optional<Tensor> filter;          // dW
  std::optional<Tensor> bias;            // db
  std::optional<Tensor> pre_activation;  // dZ
};

// Gradients of J = J(U), given du = dJ/dU:
//   dz = du * f'(Z), or du without an activation
//   db[o] = sum over n,y,x of dz[n,o,y,x]
//   dw[o,c,i,j] = sum over n,y,x of dz[n,o,y,x] * x0[n, g*C/G + c, y*stride_h + i*dilation_h - pad_top, ...]
//   dx[n,c,p,q] = sum over o,i,j,y,x for which x0 at y*stride_h + i*dilation_h - pad_top, ... is x at p, q, of
//                 dz[n,o,y,x] * w[o,c mod C/G,i,j], over the o of c's group
//
// Shapes:   x, w, b as in Convolve (b matters only with an activation); du geometry.output_shape.
//           dX as x, dW as w, db as b where given, else BiasShape(); dZ as du.
// Edges:    as Convolve: positions outside dz are multiplied as zeros, so an infinite or NaN weight gives NaN in dX
//           where a window reaches past the border.
// Accuracy: of each sum of K products, given dz: |error| <= gamma(K) * sum |products|, with K = N*Do*Ho*Wo for db
//           and dw, and the number of terms for dx.
// Cost:     as Convolve for each of dX and dW, and once more for Z with an activation.
// Errors:   as Convolve; and kInvalidArgument - pre_activation without an activation.
[[nodiscard]] absl::StatusOr<ConvolutionGradientTensors> ConvolveBackward(
    const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w, const TensorView& b,
    const std::optional<Activation>& activation, const TensorView& du, const ConvolutionGradients& wanted,
    const ExecutionContext& context);

// What Convolve costs, and ConvolveBackward for the gradients wanted.
[[nodiscard]] Cost ConvolutionCost(const ConvolutionGeometry& geometry, DataType type, int thread_count);
[[nodiscard]] Cost ConvolutionBackwardCost(const ConvolutionGeometry& geometry, DataType type, bool has_activation,
                                           const ConvolutionGradients& wanted, int thread_count);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_CONVOLUTION_H_
