#include "tensord/compute/convolution.h"

#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "compute/src/internal/padded_input.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

template <typename T>
absl::Status Forward(const ConvolutionGeometry& geometry, const TensorView& x, const T* w, const TensorView& b,
                     const std::optional<Activation>& activation, const ExecutionContext& context, T* result) {
  const internal::Epilogue<T> epilogue{.bias = b.As<T>(),
                                       .activation = activation.has_value() ? &*activation : nullptr};
  if (!internal::ReadsPadding(geometry)) {
    return internal::Correlate(internal::ForwardCorrelation(geometry), x.As<T>(), w, result, epilogue, context);
  }
  TENSORD_ASSIGN_OR_RETURN(const Tensor copy, internal::PaddedCopyOf(geometry, x, context));
  return internal::Correlate(internal::ForwardCorrelation(internal::GeometryOfPadded(geometry)), copy.As<T>(), w,
                             result, epilogue, context);
}

template <typename T>
absl::StatusOr<Tensor> Run(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w,
                           const TensorView& b, const std::optional<Activation>& activation,
                           const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor result, Tensor::Allocate(x.type, geometry.output_shape));
  TENSORD_RETURN_IF_ERROR(Forward(geometry, x, w.As<T>(), b, activation, context, result.As<T>()));
  return result;
}

}  // namespace

absl::StatusOr<Tensor> Convolve(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w,
                                const TensorView& b, const std::optional<Activation>& activation,
                                const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(internal::CheckConvolutionArguments(geometry, x, w, b));
  if (activation.has_value()) TENSORD_RETURN_IF_ERROR(CheckElementwise("convolve", *activation));
  const auto run = x.type == DataType::kFloat32 ? Run<float> : Run<double>;
  return run(geometry, x, w, b, activation, context);
}

}  // namespace tensord::compute
