#include <algorithm>
#include <utility>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "compute/src/internal/parameter_gradients.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

// Elements of dz that are computed between two looks at the cancel flag.
constexpr int64_t kActivationBlock = int64_t{1} << 14;

// dz from z, in place: dz = du * f'(z).
template <typename T>
absl::Status MultiplyBySlope(const Activation& activation, const T* du, int64_t count, T* z,
                             const ExecutionContext& context) {
  return internal::RunTiles<T>(CeilDivide(count, kActivationBlock), 0, context, [&](int64_t block, T*) {
    const int64_t begin = block * kActivationBlock;
    ApplyActivationGradient(activation, z + begin, du + begin, z + begin, std::min(kActivationBlock, count - begin));
  });
}

// Every part of dX, one after the other: there are few of them, and each is cut into tiles.
template <typename T>
absl::Status RunParts(const internal::DataGradient& gradient, const T* dz, const T* w, T* dx,
                      const ExecutionContext& context) {
  internal::Correlation part = gradient.base;
  for (const internal::CorrelationAxis& d : gradient.classes[0]) {
    part.axes[1] = d;
    for (const internal::CorrelationAxis& h : gradient.classes[1]) {
      part.axes[2] = h;
      for (const internal::CorrelationAxis& axis : gradient.classes[2]) {
        part.axes[3] = axis;
        TENSORD_RETURN_IF_ERROR(internal::Correlate(part, dz, w, dx, internal::Epilogue<T>(), context));
      }
    }
  }
  return context.CheckCancelled();
}

template <typename T>
absl::StatusOr<Tensor> InputGradient(const ConvolutionGeometry& geometry, const TensorView& dz, const TensorView& w,
                                     const ExecutionContext& context) {
  const internal::DataGradient gradient = internal::DataGradientOf(geometry);
  const auto allocate = gradient.covers_all ? Tensor::Allocate : Tensor::Zeros;
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, allocate(dz.type, geometry.input_shape));
  TENSORD_RETURN_IF_ERROR(RunParts(gradient, dz.As<T>(), w.As<T>(), dx.As<T>(), context));
  return dx;
}

template <typename T>
absl::StatusOr<Tensor> PreActivationGradient(const ConvolutionGeometry& geometry, const TensorView& x,
                                             const TensorView& w, const TensorView& b, const Activation& activation,
                                             const TensorView& du, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor z, Convolve(geometry, x, w, b, std::nullopt, context));
  TENSORD_RETURN_IF_ERROR(MultiplyBySlope(activation, du.As<T>(), z.element_count(), z.As<T>(), context));
  return z;
}

template <typename T>
absl::StatusOr<ConvolutionGradientTensors> Backward(const ConvolutionGeometry& geometry, const TensorView& x,
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
  if (wanted.input) {
    TENSORD_ASSIGN_OR_RETURN(result.input, InputGradient<T>(geometry, dz, w, context));
  }
  const internal::Correlation forward = internal::ForwardCorrelation(geometry);
  if (wanted.filter) {
    TENSORD_ASSIGN_OR_RETURN(result.filter, Tensor::Allocate(x.type, geometry.filter_shape));
    TENSORD_RETURN_IF_ERROR(internal::FilterGradient(forward, x.As<T>(), dz.As<T>(), result.filter->As<T>(), context));
  }
  if (wanted.bias) {
    TENSORD_ASSIGN_OR_RETURN(result.bias, Tensor::Allocate(x.type, b.data == nullptr ? BiasShape(geometry) : b.shape));
    TENSORD_RETURN_IF_ERROR(internal::BiasGradient(forward, dz.As<T>(), result.bias->As<T>(), context));
  }
  if (!wanted.pre_activation) result.pre_activation.reset();
  return result;
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
