#include "compute/src/internal/exact_convolution.h"

#include <optional>

#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/correlation.h"
#include "compute/src/internal/exact_kernel.h"
#include "compute/src/internal/exact_sum.h"
#include "compute/src/internal/fill_channels.h"
#include "compute/src/internal/folded_terms.h"
#include "compute/src/internal/padded_input.h"
#include "compute/src/internal/term_runs.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

// The factors of the sums, in the type in which they are multiplied.
struct Factors {
  std::optional<Tensor> left_holder;
  std::optional<Tensor> right_holder;
  std::optional<Tensor> bias_holder;
  TensorView left;
  TensorView right;
  TensorView bias;
};

absl::StatusOr<Factors> FactorsOf(const TensorView& left, const TensorView& right, const TensorView& bias,
                                  const ExecutionContext& context) {
  const DataType type = left.type == DataType::kFloat64 ? DataType::kFloat64 : DataType::kFloat32;
  Factors factors;
  TENSORD_ASSIGN_OR_RETURN(factors.left, AsFloating(left, type, factors.left_holder, context));
  TENSORD_ASSIGN_OR_RETURN(factors.right, AsFloating(right, type, factors.right_holder, context));
  TENSORD_ASSIGN_OR_RETURN(factors.bias, AsFloating(bias, type, factors.bias_holder, context));
  return factors;
}

template <typename T, typename Terms>
absl::Status RunAs(const Terms& terms, const Factors& factors, Tensor& dest, const ExecutionContext& context) {
  return RunSums(terms, ExactKernel<T>(factors.left.As<T>(), factors.right.As<T>(), factors.bias.As<T>(), dest),
                 context);
}

template <typename Terms>
absl::Status Run(const Terms& terms, const Factors& factors, Tensor& dest, const ExecutionContext& context) {
  return factors.left.type == DataType::kFloat32 ? RunAs<float>(terms, factors, dest, context)
                                                 : RunAs<double>(terms, factors, dest, context);
}

// What a bias alone comes to, in every channel: that of elements that no term reaches.
absl::Status FillWithBias(const TransposedConvolutionGeometry& geometry, const TensorView& bias, Tensor& z,
                          const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor values, Tensor::Zeros(z.type(), Shape{geometry.output_channels()}));
  const BinaryFormat format = FormatOf(z.type());
  const auto round = [&]<typename T>(const T* elements) {
    for (int64_t i = 0; i < values.element_count(); ++i) {
      ExactSum<T> sum;
      sum.Add(elements[i]);
      StoreBits(values.data(), i, ItemSize(z.type()), sum.Round(1, format));
    }
  };
  if (bias.data != nullptr) bias.type == DataType::kFloat32 ? round(bias.As<float>()) : round(bias.As<double>());
  return FillChannels(geometry.input_layout(), values, z, context);
}

absl::StatusOr<Tensor> BiasGradientBy(const Correlation& correlation, const TensorView& dz, const Shape& shape,
                                      const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor db, Tensor::Allocate(dz.type, shape));
  TENSORD_ASSIGN_OR_RETURN(Factors factors, FactorsOf(dz, TensorView(), TensorView(), context));
  const float single = 1;
  const double one = 1;
  factors.right.data = factors.left.type == DataType::kFloat32 ? static_cast<const void*>(&single) : &one;
  TENSORD_RETURN_IF_ERROR(Run(BiasGradientTerms(correlation), factors, db, context));
  return db;
}

}  // namespace

absl::StatusOr<Tensor> ExactConvolve(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w,
                                     const TensorView& b, const ExecutionContext& context) {
  if (ReadsPadding(geometry)) {
    TENSORD_ASSIGN_OR_RETURN(const Tensor copy, PaddedCopyOf(geometry, x, context));
    return ExactConvolve(GeometryOfPadded(geometry), copy.view(), w, b, context);
  }
  TENSORD_ASSIGN_OR_RETURN(Tensor z, Tensor::Allocate(x.type, geometry.output_shape));
  TENSORD_ASSIGN_OR_RETURN(const Factors factors, FactorsOf(x, w, b, context));
  const Correlation forward = ForwardCorrelation(geometry);
  TENSORD_RETURN_IF_ERROR(Run(CorrelationTerms(forward), factors, z, context));
  return z;
}

absl::StatusOr<Tensor> ExactInputGradient(const ConvolutionGeometry& geometry, const TensorView& dz,
                                          const TensorView& w, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(const Factors factors, FactorsOf(dz, w, TensorView(), context));
  if (ReadsPadding(geometry)) {
    TENSORD_ASSIGN_OR_RETURN(Tensor dx, Tensor::Allocate(dz.type, geometry.input_shape));
    TENSORD_RETURN_IF_ERROR(Run(FoldedGradientTerms(geometry), factors, dx, context));
    return dx;
  }
  const DataGradient gradient = DataGradientOf(geometry);
  const auto allocate = gradient.covers_all ? Tensor::Allocate : Tensor::Zeros;
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, allocate(dz.type, geometry.input_shape));
  TENSORD_RETURN_IF_ERROR(ForEachPart(
      gradient, [&](const Correlation& part) { return Run(CorrelationTerms(part), factors, dx, context); }));
  TENSORD_RETURN_IF_ERROR(context.CheckCancelled());
  return dx;
}

absl::StatusOr<Tensor> ExactFilterGradient(const ConvolutionGeometry& geometry, const TensorView& x,
                                           const TensorView& dz, const ExecutionContext& context) {
  if (ReadsPadding(geometry)) {
    TENSORD_ASSIGN_OR_RETURN(const Tensor copy, PaddedCopyOf(geometry, x, context));
    return ExactFilterGradient(GeometryOfPadded(geometry), copy.view(), dz, context);
  }
  TENSORD_ASSIGN_OR_RETURN(Tensor dw, Tensor::Allocate(x.type, geometry.filter_shape));
  TENSORD_ASSIGN_OR_RETURN(const Factors factors, FactorsOf(x, dz, TensorView(), context));
  const Correlation forward = ForwardCorrelation(geometry);
  TENSORD_RETURN_IF_ERROR(Run(FilterGradientTerms(forward), factors, dw, context));
  return dw;
}

absl::StatusOr<Tensor> ExactBiasGradient(const ConvolutionGeometry& geometry, const TensorView& dz, const Shape& shape,
                                         const ExecutionContext& context) {
  return BiasGradientBy(ForwardCorrelation(geometry), dz, shape, context);
}

absl::StatusOr<Tensor> ExactConvolveTranspose(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                              const TensorView& w, const TensorView& b,
                                              const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor z, Tensor::Allocate(x.type, geometry.output_shape()));
  TENSORD_ASSIGN_OR_RETURN(const Factors factors, FactorsOf(x, w, b, context));
  const DataGradient adjoint = DataGradientOf(geometry.convolution);
  if (!adjoint.covers_all) TENSORD_RETURN_IF_ERROR(FillWithBias(geometry, factors.bias, z, context));
  TENSORD_RETURN_IF_ERROR(
      ForEachPart(adjoint, [&](const Correlation& part) { return Run(CorrelationTerms(part), factors, z, context); }));
  TENSORD_RETURN_IF_ERROR(context.CheckCancelled());
  return z;
}

// The gradients of an adjoint: dZ takes the part of the convolution's input, and X that of its output's gradient.

absl::StatusOr<Tensor> ExactTransposedInputGradient(const TransposedConvolutionGeometry& geometry, const TensorView& dz,
                                                    const TensorView& w, const ExecutionContext& context) {
  return ExactConvolve(geometry.convolution, dz, w, TensorView(), context);
}

absl::StatusOr<Tensor> ExactTransposedFilterGradient(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                                     const TensorView& dz, const ExecutionContext& context) {
  return ExactFilterGradient(geometry.convolution, dz, x, context);
}

absl::StatusOr<Tensor> ExactTransposedBiasGradient(const TransposedConvolutionGeometry& geometry, const TensorView& dz,
                                                   const Shape& shape, const ExecutionContext& context) {
  return BiasGradientBy(WithSourceAsDestination(ForwardCorrelation(geometry.convolution)), dz, shape, context);
}

}  // namespace tensord::compute::internal
