#include <utility>

#include "compute/src/internal/bias_gradient.h"
#include "compute/src/internal/collect_gradients.h"
#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "compute/src/internal/data_gradient.h"
#include "compute/src/internal/filter_gradient.h"
#include "compute/src/internal/transposed_arguments.h"
#include "tensord/compute/status_macros.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute {
namespace {

using internal::Correlation;

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
  // The convolution's forward pass, with dz as its input and x as the gradient of its output.
  const Correlation forward = internal::ForwardCorrelation(geometry.convolution);
  const Shape bias_shape = b.data == nullptr ? BiasShape(geometry) : b.shape;
  return internal::CollectGradients(
      wanted, activation.has_value(), du,
      {.pre_activation = [&] { return PreActivationGradient<T>(geometry, x, w, b, *activation, du, context); },
       .input = [&](const TensorView& dz) -> absl::StatusOr<Tensor> {
         TENSORD_ASSIGN_OR_RETURN(Tensor dx, Tensor::Allocate(x.type, geometry.input_shape()));
         TENSORD_RETURN_IF_ERROR(
             internal::Correlate(forward, dz.As<T>(), w.As<T>(), dx.As<T>(), internal::Epilogue<T>(), context));
         return dx;
       },
       .filter = [&](const TensorView& dz) -> absl::StatusOr<Tensor> {
         TENSORD_ASSIGN_OR_RETURN(Tensor dw, Tensor::Allocate(x.type, geometry.filter_shape()));
         TENSORD_RETURN_IF_ERROR(internal::FilterGradient(forward, dz.As<T>(), x.As<T>(), dw.As<T>(), context));
         return dw;
       },
       .bias = [&](const TensorView& dz) -> absl::StatusOr<Tensor> {
         TENSORD_ASSIGN_OR_RETURN(Tensor db, Tensor::Allocate(x.type, bias_shape));
         TENSORD_RETURN_IF_ERROR(
             internal::BiasGradient(internal::WithSourceAsDestination(forward), dz.As<T>(), db.As<T>(), context));
         return db;
       }});
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
