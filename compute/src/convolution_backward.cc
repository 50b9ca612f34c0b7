#include <utility>

#include "compute/src/internal/bias_gradient.h"
#include "compute/src/internal/collect_gradients.h"
#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "compute/src/internal/data_gradient.h"
#include "compute/src/internal/filter_gradient.h"
#include "compute/src/internal/padded_input.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

// dX of a convolution whose padding reads zero.
template <typename T>
absl::StatusOr<Tensor> PlainInputGradient(const ConvolutionGeometry& geometry, const TensorView& dz,
                                          const TensorView& w, const ExecutionContext& context) {
  const internal::DataGradient gradient = internal::DataGradientOf(geometry);
  const auto allocate = gradient.covers_all ? Tensor::Allocate : Tensor::Zeros;
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, allocate(dz.type, geometry.input_shape));
  TENSORD_RETURN_IF_ERROR(
      internal::RunDataGradient(gradient, dz.As<T>(), w.As<T>(), dx.As<T>(), internal::Epilogue<T>(), context));
  return dx;
}

template <typename T>
absl::StatusOr<Tensor> InputGradient(const ConvolutionGeometry& geometry, const TensorView& dz, const TensorView& w,
                                     const ExecutionContext& context) {
  if (!internal::ReadsPadding(geometry)) return PlainInputGradient<T>(geometry, dz, w, context);
  TENSORD_ASSIGN_OR_RETURN(const Tensor padded,
                           PlainInputGradient<T>(internal::GeometryOfPadded(geometry), dz, w, context));
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, Tensor::Allocate(dz.type, geometry.input_shape));
  TENSORD_RETURN_IF_ERROR(internal::FoldPadded(geometry, padded.As<T>(), dx.As<T>(), context));
  return dx;
}

template <typename T>
absl::StatusOr<Tensor> FilterGradientOf(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& dz,
                                        const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor dw, Tensor::Allocate(x.type, geometry.filter_shape));
  if (!internal::ReadsPadding(geometry)) {
    TENSORD_RETURN_IF_ERROR(
        internal::FilterGradient(internal::ForwardCorrelation(geometry), x.As<T>(), dz.As<T>(), dw.As<T>(), context));
    return dw;
  }
  TENSORD_ASSIGN_OR_RETURN(const Tensor copy, internal::PaddedCopyOf(geometry, x, context));
  TENSORD_RETURN_IF_ERROR(internal::FilterGradient(internal::ForwardCorrelation(internal::GeometryOfPadded(geometry)),
                                                   copy.As<T>(), dz.As<T>(), dw.As<T>(), context));
  return dw;
}

template <typename T>
absl::StatusOr<Tensor> BiasGradientOf(const ConvolutionGeometry& geometry, const TensorView& dz, const Shape& shape,
                                      const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor db, Tensor::Allocate(dz.type, shape));
  TENSORD_RETURN_IF_ERROR(
      internal::BiasGradient(internal::ForwardCorrelation(geometry), dz.As<T>(), db.As<T>(), context));
  return db;
}

template <typename T>
absl::StatusOr<Tensor> PreActivationGradient(const ConvolutionGeometry& geometry, const TensorView& x,
                                             const TensorView& w, const TensorView& b, const Activation& activation,
                                             const TensorView& du, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor z, Convolve(geometry, x, w, b, std::nullopt, context));
  TENSORD_RETURN_IF_ERROR(internal::MultiplyBySlope(activation, du.As<T>(), z.element_count(), z.As<T>(), context));
  return z;
}

template <typename T>
absl::StatusOr<ConvolutionGradientTensors> Backward(const ConvolutionGeometry& geometry, const TensorView& x,
                                                    const TensorView& w, const TensorView& b,
                                                    const std::optional<Activation>& activation, const TensorView& du,
                                                    const ConvolutionGradients& wanted,
                                                    const ExecutionContext& context) {
  return internal::CollectGradients(
      wanted, activation.has_value(), du,
      {.pre_activation = [&] { return PreActivationGradient<T>(geometry, x, w, b, *activation, du, context); },
       .input = [&](const TensorView& dz) { return InputGradient<T>(geometry, dz, w, context); },
       .filter = [&](const TensorView& dz) { return FilterGradientOf<T>(geometry, x, dz, context); },
       .bias =
           [&](const TensorView& dz) {
             return BiasGradientOf<T>(geometry, dz, b.data == nullptr ? BiasShape(geometry) : b.shape, context);
           }});
}

}  // namespace

absl::StatusOr<ConvolutionGradientTensors> ConvolveBackward(const ConvolutionGeometry& geometry, const TensorView& x,
                                                            const TensorView& w, const TensorView& b,
                                                            const std::optional<Activation>& activation,
                                                            const TensorView& du, const ConvolutionGradients& wanted,
                                                            const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(internal::CheckConvolutionArguments(geometry, x, w, b));
  TENSORD_RETURN_IF_ERROR(internal::CheckArgument(du, geometry.output_shape, x.type, "du"));
  if (activation.has_value()) TENSORD_RETURN_IF_ERROR(CheckElementwise("convolve backward", *activation));
  if (wanted.pre_activation && !activation.has_value()) {
    return absl::InvalidArgumentError("wanted.pre_activation: was set, has to be unset without an activation");
  }
  const auto backward = x.type == DataType::kFloat32 ? Backward<float> : Backward<double>;
  return backward(geometry, x, w, b, activation, du, wanted, context);
}

}  // namespace tensord::compute
