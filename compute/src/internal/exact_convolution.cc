#include "compute/src/internal/exact_convolution.h"

#include <optional>

#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/correlation.h"
#include "compute/src/internal/exact_kernel.h"
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

}  // namespace

absl::StatusOr<Tensor> ExactConvolve(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w,
                                     const TensorView& b, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor z, Tensor::Allocate(x.type, geometry.output_shape));
  TENSORD_ASSIGN_OR_RETURN(const Factors factors, FactorsOf(x, w, b, context));
  const Correlation forward = ForwardCorrelation(geometry);
  TENSORD_RETURN_IF_ERROR(Run(CorrelationTerms(forward), factors, z, context));
  return z;
}

absl::StatusOr<Tensor> ExactInputGradient(const ConvolutionGeometry& geometry, const TensorView& dz,
                                          const TensorView& w, const ExecutionContext& context) {
  const DataGradient gradient = DataGradientOf(geometry);
  const auto allocate = gradient.covers_all ? Tensor::Allocate : Tensor::Zeros;
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, allocate(dz.type, geometry.input_shape));
  TENSORD_ASSIGN_OR_RETURN(const Factors factors, FactorsOf(dz, w, TensorView(), context));
  TENSORD_RETURN_IF_ERROR(ForEachPart(
      gradient, [&](const Correlation& part) { return Run(CorrelationTerms(part), factors, dx, context); }));
  TENSORD_RETURN_IF_ERROR(context.CheckCancelled());
  return dx;
}

absl::StatusOr<Tensor> ExactFilterGradient(const ConvolutionGeometry& geometry, const TensorView& x,
                                           const TensorView& dz, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor dw, Tensor::Allocate(x.type, geometry.filter_shape));
  TENSORD_ASSIGN_OR_RETURN(const Factors factors, FactorsOf(x, dz, TensorView(), context));
  const Correlation forward = ForwardCorrelation(geometry);
  TENSORD_RETURN_IF_ERROR(Run(FilterGradientTerms(forward), factors, dw, context));
  return dw;
}

absl::StatusOr<Tensor> ExactBiasGradient(const ConvolutionGeometry& geometry, const TensorView& dz, const Shape& shape,
                                         const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor db, Tensor::Allocate(dz.type, shape));
  TENSORD_ASSIGN_OR_RETURN(Factors factors, FactorsOf(dz, TensorView(), TensorView(), context));
  const float single = 1;
  const double one = 1;
  factors.right.data = factors.left.type == DataType::kFloat32 ? static_cast<const void*>(&single) : &one;
  const Correlation forward = ForwardCorrelation(geometry);
  TENSORD_RETURN_IF_ERROR(Run(BiasGradientTerms(forward), factors, db, context));
  return db;
}

}  // namespace tensord::compute::internal
