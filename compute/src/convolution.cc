#include "tensord/compute/convolution.h"

#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

template <typename T>
absl::Status Forward(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w, const TensorView& b,
                     const std::optional<Activation>& activation, const ExecutionContext& context, Tensor& result) {
  const internal::Epilogue<T> epilogue{.bias = b.As<T>(),
                                       .activation = activation.has_value() ? &*activation : nullptr};
  return internal::Correlate(internal::ForwardCorrelation(geometry), x.As<T>(), w.As<T>(), result.As<T>(), epilogue,
                             context);
}

}  // namespace

absl::StatusOr<Tensor> Convolve(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w,
                                const TensorView& b, const std::optional<Activation>& activation,
                                const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(internal::CheckConvolutionArguments(geometry, x, w, b));
  if (activation.has_value()) TENSORD_RETURN_IF_ERROR(CheckElementwise("convolve", *activation));
  TENSORD_ASSIGN_OR_RETURN(Tensor result, Tensor::Allocate(x.type, geometry.output_shape));
  const auto forward = x.type == DataType::kFloat32 ? Forward<float> : Forward<double>;
  TENSORD_RETURN_IF_ERROR(forward(geometry, x, w, b, activation, context, result));
  return result;
}

}  // namespace tensord::compute
