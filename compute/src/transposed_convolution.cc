#include "tensord/compute/transposed_convolution.h"

#include <algorithm>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/data_gradient.h"
#include "compute/src/internal/fill_channels.h"
#include "compute/src/internal/transposed_arguments.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

// Writes f(b[o]) into every element: what those come to that no term reaches.
template <typename T>
absl::Status FillWithoutTerms(const TransposedConvolutionGeometry& geometry, const internal::Epilogue<T>& epilogue,
                              Tensor& result, const ExecutionContext& context) {
  const int64_t channels = geometry.output_channels();
  TENSORD_ASSIGN_OR_RETURN(Tensor start, Tensor::Zeros(result.type(), Shape{channels}));
  if (epilogue.bias != nullptr) std::copy_n(epilogue.bias, channels, start.As<T>());
  if (epilogue.activation != nullptr) ApplyActivation(*epilogue.activation, start.As<T>(), channels);
  return internal::FillChannels(geometry.input_layout(), start, result, context);
}

template <typename T>
absl::StatusOr<Tensor> Run(const TransposedConvolutionGeometry& geometry, const TensorView& x, const TensorView& w,
                           const TensorView& b, const std::optional<Activation>& activation,
                           const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor result, Tensor::Allocate(x.type, geometry.output_shape()));
  const internal::Epilogue<T> epilogue{.bias = b.As<T>(),
                                       .activation = activation.has_value() ? &*activation : nullptr};
  const internal::DataGradient adjoint = internal::DataGradientOf(geometry.convolution);
  if (!adjoint.covers_all) TENSORD_RETURN_IF_ERROR(FillWithoutTerms(geometry, epilogue, result, context));
  TENSORD_RETURN_IF_ERROR(internal::RunDataGradient(adjoint, x.As<T>(), w.As<T>(), result.As<T>(), epilogue, context));
  return result;
}

}  // namespace

absl::Status internal::CheckTransposedArguments(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                                const TensorView& w, const TensorView& b) {
  // The same checks, of a geometry whose input and output are this operator's.
  ConvolutionGeometry own = geometry.convolution;
  own.input_shape = geometry.input_shape();
  own.output_channels = geometry.output_channels();
  return CheckConvolutionArguments(own, x, w, b);
}

absl::StatusOr<Tensor> ConvolveTranspose(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                         const TensorView& w, const TensorView& b,
                                         const std::optional<Activation>& activation, const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(internal::CheckTransposedArguments(geometry, x, w, b));
  if (activation.has_value()) TENSORD_RETURN_IF_ERROR(CheckElementwise("convolve transpose", *activation));
  const auto run = x.type == DataType::kFloat32 ? Run<float> : Run<double>;
  return run(geometry, x, w, b, activation, context);
}

}  // namespace tensord::compute
