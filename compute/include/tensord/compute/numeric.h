// Convolution, transposed convolution and pooling in every element type and way of accumulating, with bounds of the
// error: one entry each for forwards and backwards, over the kernels of convolution.h and pooling.h.
//
// u is the unit roundoff of a type: 2^-11 (float16), 2^-8 (bfloat16), 2^-24 (float32), 2^-53 (float64).
#ifndef TENSORD_COMPUTE_NUMERIC_H_
#define TENSORD_COMPUTE_NUMERIC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensord/compute/accumulation.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/error_bounds.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/tensor.h"
#include "tensord/compute/transposed_convolution.h"
#include "tensord/compute/violations.h"

namespace tensord::compute {

// What is subtracted from every element of int8 and uint8 tensors before it is used.
struct ZeroPoints {
  int64_t input = 0;
  std::vector<int64_t> filter = {};  // one per output channel, or one for all; empty: 0
};

// The scales and the result of a quantised convolution; a real number is scale * (element - zero point).
struct Requantization {
  float input_scale = 1;
  std::vector<float> filter_scales = {};  // one per output channel, or one for all
  float output_scale = 1;
  int64_t output_zero_point = 0;
  DataType output_type = DataType::kUint8;  // int8 or uint8
};

// What a numeric call is told besides what the plain ones are.
struct NumericOptions {
  Accumulation accumulation = Accumulation::kFast;
  std::optional<DataType> output_type = {};           // absent: see ConvolveNumbers and PoolNumbers
  ZeroPoints zero_points = {};                        // convolution only
  std::optional<Requantization> requantization = {};  // convolution only
  bool error_bounds = false;
};

// The element types of a convolution's tensors.
struct NumericTypes {
  DataType input = DataType::kFloat32;
  DataType filter = DataType::kFloat32;
  std::optional<DataType> bias = {};
};

// What the fields are called in violations.
struct NumericFields {
  std::string input_type = "input.data_type";
  std::string filter_type = "filter.data_type";
  std::string bias_type = "bias.data_type";
  std::string activation = "activation";
  std::string accumulation = "accumulation";
  std::string output_type = "output_type";
  std::string input_zero_point = "quantization.input_zero_point";
  std::string filter_zero_points = "quantization.filter_zero_points";
  std::string requantization = "quantization";
  std::string error_bounds = "return_error_bounds";
  std::string empty_window = "conventions.empty_window";
};

// The result's type. Adds everything that does not go together to `violations`, and then returns nothing.
//   Floating types: the filter and the bias are of the input's type, and so is the result. No quantisation. With kExact
//   the activation has to be piecewise linear (identity, relu, leaky relu, hard sigmoid); with error bounds it has to
//   be identity, relu or leaky relu.
//   int8 and uint8: the filter is either; the result int32, or int64 where asked for, or requantization.output_type.
//   The bias is of the result's type, and int32 with a requantisation. int32, int64: the filter is the same, the result
//   too (int64 for int32 where asked for); no quantisation. No activation but identity for any of them.
[[nodiscard]] std::optional<DataType> ResolveConvolutionNumbers(const ConvolutionGeometry& geometry,
                                                                const NumericTypes& types,
                                                                const std::optional<Activation>& activation,
                                                                const NumericOptions& options,
                                                                const NumericFields& fields, Violations& violations);
[[nodiscard]] std::optional<DataType> ResolveConvolutionNumbers(const TransposedConvolutionGeometry& geometry,
                                                                const NumericTypes& types,
                                                                const std::optional<Activation>& activation,
                                                                const NumericOptions& options,
                                                                const NumericFields& fields, Violations& violations);
// The same where only the number of output channels is known, or not even that: kUnknownSize, and a list with an entry
// for each may have any length.
[[nodiscard]] std::optional<DataType> ResolveConvolutionNumbers(int64_t output_channels, const NumericTypes& types,
                                                                const std::optional<Activation>& activation,
                                                                const NumericOptions& options,
                                                                const NumericFields& fields, Violations& violations);

// A result and, where asked for, how far it may be from the exact one.
struct Numbers {
  Tensor output;
  std::optional<ErrorBounds> bounds;
};

// Convolve() in any type:
//   float32, float64    as options.accumulation says.
//   float16, bfloat16   kFast: converted to float32, summed there, rounded once. kFaithful: the same by way of float64.
//   integers            exactly: sum of (x - zero_points.input) * (w - zero_points.filter[o]), plus the bias; outside
//                       the input x is its zero point. With a requantisation, q = sum * input_scale * filter_scale[o] /
//                       output_scale rounded to the nearest integer, ties to even, from its exact value; plus
//                       output_zero_point; cut off at the ends of output_type. (ONNX: ConvInteger, QLinearConv.)
// With kExact and an activation, Z is the exact sum rounded once and U = f(Z) of that: for identity and relu U is the
// exact value rounded once; others add f's own rounding, which is the same everywhere.
//
// Shapes:   as Convolve.
// Dtype:    ResolveConvolutionNumbers.
// Edges:    as Convolve, and Accumulation.
// Accuracy: as the bounds: error_bounds.h.
// Cost:     ConvolveNumbersCost.
// Errors:   as Convolve; and kInvalidArgument - ResolveConvolutionNumbers' violations, or an integer result that does
//           not fit into its type: the message names the first such element in row-major order.
// Owns:     reads its tensors during the call only. Threads: no shared state; safe to call concurrently. kFaithful and
//           kExact keep denormals while they run, whatever the caller's mode is, and restore it.
[[nodiscard]] absl::StatusOr<Numbers> ConvolveNumbers(const ConvolutionGeometry& geometry, const TensorView& x,
                                                      const TensorView& w, const TensorView& b,
                                                      const std::optional<Activation>& activation,
                                                      const NumericOptions& options, const ExecutionContext& context);

// The gradients of ConvolveBackward, with bounds of those that have any.
struct NumericGradients {
  ConvolutionGradientTensors gradients;
  std::optional<ErrorBounds> input;
  std::optional<ErrorBounds> filter;
  std::optional<ErrorBounds> bias;
};

// ConvolveBackward() in any floating type. kExact: dX, dW and db are each the exact sum for the dZ at hand, rounded
// once; dZ = du * f'(Z) with the correctly rounded Z.
//
// Errors:   as ConvolveBackward; and kInvalidArgument - an integer type, a quantisation, another output_type, an
//           activation that is not piecewise linear with kExact, any activation with error bounds: where f' jumps, no
//           bound holds.
[[nodiscard]] absl::StatusOr<NumericGradients> ConvolveBackwardNumbers(
    const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w, const TensorView& b,
    const std::optional<Activation>& activation, const TensorView& du, const ConvolutionGradients& wanted,
    const NumericOptions& options, const ExecutionContext& context);
// ConvolveTranspose() and ConvolveTransposeBackward() in any type, as ConvolveNumbers() and ConvolveBackwardNumbers();
// zero points and scales of the filter count output channels.
[[nodiscard]] absl::StatusOr<Numbers> ConvolveTransposeNumbers(
    const TransposedConvolutionGeometry& geometry, const TensorView& x, const TensorView& w, const TensorView& b,
    const std::optional<Activation>& activation, const NumericOptions& options, const ExecutionContext& context);
[[nodiscard]] absl::StatusOr<NumericGradients> ConvolveTransposeBackwardNumbers(
    const TransposedConvolutionGeometry& geometry, const TensorView& x, const TensorView& w, const TensorView& b,
    const std::optional<Activation>& activation, const TensorView& du, const ConvolutionGradients& wanted,
    const NumericOptions& options, const ExecutionContext& context);
// What of a backward call, plain or transposed, does not go together.
void CheckConvolutionGradientNumbers(const NumericTypes& types, const std::optional<Activation>& activation,
                                     const NumericOptions& options, const NumericFields& fields,
                                     Violations& violations);

// The result's type of a pooling: the input's; for averages of integers options.output_type, which has to be a floating
// one. Integers have no norms and no empty windows, and only norms with p = 1 and p = 2 have an exact sum. Adds
// violations as ResolveConvolutionNumbers.
[[nodiscard]] std::optional<DataType> ResolvePoolingNumbers(const PoolingGeometry& geometry, DataType input,
                                                            const NumericOptions& options, const NumericFields& fields,
                                                            Violations& violations);

// The pooled tensor, its indices where asked for, and bounds.
struct PooledNumbers {
  PoolingResult result;
  std::optional<ErrorBounds> bounds;
};

// Pool() in any type. Maxima and sub-sampling are exact; averages and norms are summed as options.accumulation says.
// kExact: the exact average, the exact sum of absolute values (p = 1) or the root of the exact sum of squares (p = 2),
// rounded once. Averages of integers are that in every mode.
//
// Errors:   as Pool; and kInvalidArgument - ResolvePoolingNumbers' violations.
[[nodiscard]] absl::StatusOr<PooledNumbers> PoolNumbers(const PoolingGeometry& geometry, const TensorView& x,
                                                        bool want_indices, const NumericOptions& options,
                                                        const ExecutionContext& context);

// The gradient of a pooling, and its bounds.
struct NumericPoolingGradient {
  Tensor input;
  std::optional<ErrorBounds> bounds;
};

// PoolBackward() in any floating type. kFast and kFaithful: in float32 or float64, rounded once. kExact: the exact sum
// of all that reaches an element, rounded once: of maxima, of first elements, of averages, and of norms with p = 1.
//
// Errors:   as PoolBackward; and kInvalidArgument - CheckPoolingGradientNumbers' violations.
[[nodiscard]] absl::StatusOr<NumericPoolingGradient> PoolBackwardNumbers(const PoolingGeometry& geometry,
                                                                         const TensorView& x, const TensorView& dy,
                                                                         const NumericOptions& options,
                                                                         const ExecutionContext& context);
// What of it does not go together: an integer type; another output_type or a quantisation; with kExact norms but for
// p = 1, and ties that are split and averages in windows of hundreds of thousands of elements that overlap as much;
// with bounds norms.
void CheckPoolingGradientNumbers(const PoolingGeometry& geometry, DataType input, const NumericOptions& options,
                                 const NumericFields& fields, Violations& violations);

// What these calls cost. `multiplication_count` is in multiplications of float32: one of an exact sum counts as
// kExactWork, one of float64 as 2, of an integer sum as kIntegerWork.
inline constexpr int64_t kExactWork = 64;
inline constexpr int64_t kIntegerWork = 16;
[[nodiscard]] Cost ConvolveNumbersCost(const ConvolutionGeometry& geometry, const NumericTypes& types,
                                       DataType output_type, const NumericOptions& options, int thread_count);
[[nodiscard]] Cost ConvolveBackwardNumbersCost(const ConvolutionGeometry& geometry, DataType type, bool has_activation,
                                               const ConvolutionGradients& wanted, const NumericOptions& options,
                                               int thread_count);
[[nodiscard]] Cost ConvolveTransposeNumbersCost(const TransposedConvolutionGeometry& geometry,
                                                const NumericTypes& types, DataType output_type,
                                                const NumericOptions& options, int thread_count);
[[nodiscard]] Cost ConvolveTransposeBackwardNumbersCost(const TransposedConvolutionGeometry& geometry, DataType type,
                                                        bool has_activation, const ConvolutionGradients& wanted,
                                                        const NumericOptions& options, int thread_count);
[[nodiscard]] Cost PoolNumbersCost(const PoolingGeometry& geometry, DataType type, DataType output_type,
                                   bool want_indices, const NumericOptions& options, int thread_count);
[[nodiscard]] Cost PoolBackwardNumbersCost(const PoolingGeometry& geometry, DataType type,
                                           const NumericOptions& options, int thread_count);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_NUMERIC_H_
