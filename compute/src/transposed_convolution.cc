#include "tensord/compute/transposed_convolution.h"

#include <algorithm>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/data_gradient.h"
#include "compute/src/internal/tiles.h"
#include "compute/src/internal/transposed_arguments.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

// Elements that are written between two looks at the cancel flag.
constexpr int64_t kFillBlock = int64_t{1} << 14;

// Writes f(b[o]) into every element: what those come to that no term reaches.
template <typename T>
absl::Status FillWithoutTerms(const TransposedConvolutionGeometry& geometry, const internal::Epilogue<T>& epilogue,
                              Tensor& result, const ExecutionContext& context) {
  const int64_t channels = geometry.output_channels();
  TENSORD_ASSIGN_OR_RETURN(Tensor start, Tensor::Zeros(result.type(), Shape{channels}));
  if (epilogue.bias != nullptr) std::copy_n(epilogue.bias, channels, start.As<T>());
  if (epilogue.activation != nullptr) ApplyActivation(*epilogue.activation, start.As<T>(), channels);
  // Elements of one channel that follow each other.
  int64_t run = 1;
  const int channel = geometry.input_layout().channel();
  for (int axis = channel + 1; axis < geometry.output_shape().rank(); ++axis) run *= geometry.output_shape()[axis];
  const T* const starts = start.As<T>();
  T* const elements = result.As<T>();
  const int64_t count = result.element_count();
  return internal::RunTiles<T>(CeilDivide(count, kFillBlock), 0, context, [&](int64_t block, T*) {
    const int64_t end = std::min((block + 1) * kFillBlock, count);
    for (int64_t i = block * kFillBlock; i < end;) {
      const int64_t length = std::min(run - i % run, end - i);
      std::fill_n(elements + i, length, starts[i / run % channels]);
      i += length;
    }
  });
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
