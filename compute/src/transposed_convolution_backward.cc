#include <utility>

#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "compute/src/internal/data_gradient.h"
#include "compute/src/internal/parameter_gradients.h"
#include "compute/src/internal/transposed_arguments.h"
#include "tensord/compute/status_macros.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute {
namespace {

using internal::Correlation;

// As far as a bias gradient looks at it: a correlation whose destination is this one's source, in all its positions.
Correlation WithSourceAsDestination(const Correlation& correlation) {
  Correlation result;
  result.groups = correlation.groups;
  result.dest_channels = correlation.source_channels;
  result.dest_channel_stride = correlation.source_channel_stride;
  result.dest_group_stride = correlation.source_group_stride;
  for (size_t i = 0; i < internal::kCorrelationAxisCount; ++i) {
    result.axes[i].position_count = correlation.axes[i].source_size;
    result.axes[i].dest_step = correlation.axes[i].source_stride;
  }
  return result;
}

template <typename T>
absl::StatusOr<Tensor> PreActivationGradient(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                             const TensorView& w, const TensorView& b, const Activation& activation,
                                             const TensorView& du, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor z, ConvolveTranspose(geometry, x, w, b, std::nullopt, context));
  TENSORD_RETURN_IF_ERROR(internal::MultiplyBySlope(activation, du.As<T>(), z.element_count(), z.As<T>(), context));
  return z;
}

template <typename T>
absl::StatusOr<ConvolutionGradientTensors> Backward(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                                    const TensorView& w, const TensorView& b,
                                                    const std::optional<Activation>& activation, const TensorView& du,
                                                    const ConvolutionGradients& wanted,
                                                    const ExecutionContext& context) {
  ConvolutionGradientTensors result;
  if (!wanted.input && !wanted.filter && !wanted.bias && !wanted.pre_activation) return result;
  TensorView dz = du;
  if (activation.has_value()) {
    TENSORD_ASSIGN_OR_RETURN(result.pre_activation,
                             PreActivationGradient<T>(geometry, x, w, b, *activation, du, context));
    dz = result.pre_activation->view();
  }
  // The convolution's forward pass, with dz as its input and x as the gradient of its output.
  const Correlation forward = internal::ForwardCorrelation(geometry.convolution);
  if (wanted.input) {
    TENSORD_ASSIGN_OR_RETURN(result.input, Tensor::Allocate(x.type, geometry.input_shape()));
    TENSORD_RETURN_IF_ERROR(
        internal::Correlate(forward, dz.As<T>(), w.As<T>(), result.input->As<T>(), internal::Epilogue<T>(), context));
  }
  if (wanted.filter) {
    TENSORD_ASSIGN_OR_RETURN(result.filter, Tensor::Allocate(x.type, geometry.filter_shape()));
    TENSORD_RETURN_IF_ERROR(internal::FilterGradient(forward, dz.As<T>(), x.As<T>(), result.filter->As<T>(), context));
  }
  if (wanted.bias) {
    TENSORD_ASSIGN_OR_RETURN(result.bias, Tensor::Allocate(x.type, b.data == nullptr ? BiasShape(geometry) : b.shape));
    TENSORD_RETURN_IF_ERROR(
        internal::BiasGradient(WithSourceAsDestination(forward), dz.As<T>(), result.bias->As<T>(), context));
  }
  if (!wanted.pre_activation) result.pre_activation.reset();
  return result;
}

}  // namespace

absl::StatusOr<ConvolutionGradientTensors> ConvolveTransposeBackward(
    const TransposedConvolutionGeometry& geometry, const TensorView& x, const TensorView& w, const TensorView& b,
    const std::optional<Activation>& activation, const TensorView& du, const ConvolutionGradients& wanted,
    const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(internal::CheckTransposedArguments(geometry, x, w, b));
  if (activation.has_value()) TENSORD_RETURN_IF_ERROR(CheckElementwise("convolve transpose backward", *activation));
  TENSORD_RETURN_IF_ERROR(internal::CheckArgument(du, geometry.output_shape(), x.type, "du"));
  if (wanted.pre_activation && !activation.has_value()) {
    return absl::InvalidArgumentError("wanted.pre_activation: was set, has to be unset without an activation");
  }
  const auto backward = x.type == DataType::kFloat32 ? Backward<float> : Backward<double>;
  return backward(geometry, x, w, b, activation, du, wanted, context);
}

}  // namespace tensord::compute
