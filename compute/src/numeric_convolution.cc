#include <optional>
#include <utility>

#include "compute/src/internal/collect_gradients.h"
#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/convolution_operator.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::AsFloating;
using internal::ConvertFloating;

// A tensor in the type in which it is computed with.
struct Operand {
  std::optional<Tensor> holder;
  TensorView view;
};

absl::StatusOr<Operand> OperandOf(const TensorView& tensor, DataType type, const ExecutionContext& context) {
  Operand operand;
  TENSORD_ASSIGN_OR_RETURN(operand.view, AsFloating(tensor, type, operand.holder, context));
  return operand;
}

// `tensor`, rounded once to `type` where it is of another one.
absl::StatusOr<Tensor> Rounded(Tensor tensor, DataType type, const ExecutionContext& context) {
  if (tensor.type() == type) return tensor;
  return ConvertFloating(tensor.view(), type, context);
}

// The type in which an accumulation other than kExact sums.
DataType SumType(DataType type, Accumulation accumulation) {
  if (type == DataType::kFloat64 || accumulation == Accumulation::kFaithful) return DataType::kFloat64;
  return DataType::kFloat32;
}

template <typename Operator>
absl::Status CheckShapes(const typename Operator::Geometry& geometry, const TensorView& x, const TensorView& w,
                         const TensorView& b) {
  TENSORD_RETURN_IF_ERROR(internal::CheckArgument(x, Operator::InputShape(geometry), x.type, "x"));
  TENSORD_RETURN_IF_ERROR(internal::CheckArgument(w, Operator::FilterShape(geometry), w.type, "w"));
  if (b.data == nullptr) return absl::OkStatus();
  Violations violations;
  CheckBiasShape(geometry, b.shape, "b", violations);
  return violations.ToStatus();
}

NumericTypes TypesOf(const TensorView& x, const TensorView& w, const TensorView& b) {
  return {.input = x.type, .filter = w.type, .bias = b.data == nullptr ? std::nullopt : std::optional(b.type)};
}

// U = f(Z) of an exact Z, in place or anew. The 16-bit types go by way of float64.
absl::StatusOr<Tensor> ApplyExactly(const Activation& activation, Tensor z, const ExecutionContext& context) {
  if (activation.kind == ActivationKind::kIdentity) return z;
  const DataType type = z.type();
  TENSORD_ASSIGN_OR_RETURN(const Operand wide,
                           OperandOf(z.view(), IsComputable(type) ? type : DataType::kFloat64, context));
  TENSORD_ASSIGN_OR_RETURN(Tensor u, Activate(activation, wide.view, context));
  return Rounded(std::move(u), type, context);
}

template <typename Operator>
absl::StatusOr<Tensor> ConvolveFloating(const typename Operator::Geometry& geometry, const TensorView& x,
                                        const TensorView& w, const TensorView& b,
                                        const std::optional<Activation>& activation, Accumulation accumulation,
                                        const ExecutionContext& context) {
  if (accumulation == Accumulation::kExact) {
    TENSORD_ASSIGN_OR_RETURN(Tensor z, Operator::kExactForward(geometry, x, w, b, context));
    if (!activation.has_value()) return z;
    return ApplyExactly(*activation, std::move(z), context);
  }
  const DataType type = SumType(x.type, accumulation);
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_x, OperandOf(x, type, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_w, OperandOf(w, type, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_b, OperandOf(b, type, context));
  TENSORD_ASSIGN_OR_RETURN(Tensor u,
                           Operator::kForward(geometry, wide_x.view, wide_w.view, wide_b.view, activation, context));
  return Rounded(std::move(u), x.type, context);
}

template <typename Operator>
absl::StatusOr<Numbers> ConvolveIntegers(const typename Operator::Geometry& geometry, const TensorView& x,
                                         const TensorView& w, const TensorView& b, DataType type,
                                         const NumericOptions& options, const ExecutionContext& context) {
  const Shape& shape = Operator::OutputShape(geometry);
  Numbers numbers;
  TENSORD_ASSIGN_OR_RETURN(numbers.output, Tensor::Allocate(type, shape));
  TENSORD_RETURN_IF_ERROR(Operator::kIntegerForward(geometry, x, w, b, options, numbers.output, context));
  if (!options.error_bounds) return numbers;
  numbers.bounds.emplace();
  TENSORD_ASSIGN_OR_RETURN(numbers.bounds->computed, Tensor::Zeros(DataType::kFloat64, shape));
  TENSORD_ASSIGN_OR_RETURN(numbers.bounds->any_order, Tensor::Zeros(DataType::kFloat64, shape));
  return numbers;
}

// The mode in which an accumulation runs.
FloatingPointMode ModeFor(Accumulation accumulation) {
  const FloatingPointMode current = FloatingPointMode::Current();
  return accumulation == Accumulation::kFast ? current : current.Keeping();
}

// The gradients in another type, rounded once each.
absl::Status RoundAll(DataType type, const ExecutionContext& context, ConvolutionGradientTensors& gradients) {
  for (std::optional<Tensor>* tensor :
       {&gradients.input, &gradients.filter, &gradients.bias, &gradients.pre_activation}) {
    if (!tensor->has_value()) continue;
    TENSORD_ASSIGN_OR_RETURN(*tensor, Rounded(*std::move(*tensor), type, context));
  }
  return absl::OkStatus();
}

template <typename Operator>
absl::StatusOr<ConvolutionGradientTensors> SummedGradients(const typename Operator::Geometry& geometry,
                                                           const TensorView& x, const TensorView& w,
                                                           const TensorView& b,
                                                           const std::optional<Activation>& activation,
                                                           const TensorView& du, const ConvolutionGradients& wanted,
                                                           DataType type, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_x, OperandOf(x, type, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_w, OperandOf(w, type, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_b, OperandOf(b, type, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_du, OperandOf(du, type, context));
  TENSORD_ASSIGN_OR_RETURN(
      ConvolutionGradientTensors gradients,
      Operator::kBackward(geometry, wide_x.view, wide_w.view, wide_b.view, activation, wide_du.view, wanted, context));
  TENSORD_RETURN_IF_ERROR(RoundAll(x.type, context, gradients));
  return gradients;
}

// dZ = du * f'(Z), with Z the exact sums; the 16-bit types go by way of float64.
template <typename Operator>
absl::StatusOr<Tensor> ExactPreActivationGradient(const typename Operator::Geometry& geometry, const TensorView& x,
                                                  const TensorView& w, const TensorView& b,
                                                  const Activation& activation, const TensorView& du,
                                                  const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(const Tensor z, Operator::kExactForward(geometry, x, w, b, context));
  const DataType type = IsComputable(x.type) ? x.type : DataType::kFloat64;
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_z, OperandOf(z.view(), type, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_du, OperandOf(du, type, context));
  TENSORD_ASSIGN_OR_RETURN(Tensor dz, ActivateBackward(activation, wide_z.view, wide_du.view, context));
  return Rounded(std::move(dz), x.type, context);
}

template <typename Operator>
absl::StatusOr<ConvolutionGradientTensors> ExactGradients(const typename Operator::Geometry& geometry,
                                                          const TensorView& x, const TensorView& w, const TensorView& b,
                                                          const std::optional<Activation>& activation,
                                                          const TensorView& du, const ConvolutionGradients& wanted,
                                                          const ExecutionContext& context) {
  const Shape bias_shape = b.data == nullptr ? BiasShape(geometry) : b.shape;
  return internal::CollectGradients(
      wanted, activation.has_value(), du,
      {.pre_activation =
           [&] { return ExactPreActivationGradient<Operator>(geometry, x, w, b, *activation, du, context); },
       .input = [&](const TensorView& dz) { return Operator::kExactInputGradient(geometry, dz, w, context); },
       .filter = [&](const TensorView& dz) { return Operator::kExactFilterGradient(geometry, x, dz, context); },
       .bias = [&](const TensorView& dz) { return Operator::kExactBiasGradient(geometry, dz, bias_shape, context); }});
}

template <typename Operator>
absl::StatusOr<Numbers> ForwardNumbers(const typename Operator::Geometry& geometry, const TensorView& x,
                                       const TensorView& w, const TensorView& b,
                                       const std::optional<Activation>& activation, const NumericOptions& options,
                                       const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(CheckShapes<Operator>(geometry, x, w, b));
  Violations violations;
  const std::optional<DataType> type =
      ResolveConvolutionNumbers(geometry, TypesOf(x, w, b), activation, options, NumericFields(), violations);
  if (!type.has_value()) return violations.ToStatus();
  if (!IsFloating(x.type)) return ConvolveIntegers<Operator>(geometry, x, w, b, *type, options, context);
  const bool flushed = FloatingPointMode::Current().flushes();
  const ScopedFloatingPointMode mode(ModeFor(options.accumulation));
  Numbers numbers;
  TENSORD_ASSIGN_OR_RETURN(numbers.output,
                           ConvolveFloating<Operator>(geometry, x, w, b, activation, options.accumulation, context));
  if (!options.error_bounds) return numbers;
  TENSORD_ASSIGN_OR_RETURN(
      numbers.bounds,
      ConvolutionErrorBounds(geometry, BoundedSums::kOutput, x, w, b, activation.has_value() ? &*activation : nullptr,
                             options.accumulation, flushed, numbers.output.view(), context));
  return numbers;
}

template <typename Operator>
absl::StatusOr<NumericGradients> BackwardNumbers(const typename Operator::Geometry& geometry, const TensorView& x,
                                                 const TensorView& w, const TensorView& b,
                                                 const std::optional<Activation>& activation, const TensorView& du,
                                                 const ConvolutionGradients& wanted, const NumericOptions& options,
                                                 const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(CheckShapes<Operator>(geometry, x, w, b));
  TENSORD_RETURN_IF_ERROR(internal::CheckArgument(du, Operator::OutputShape(geometry), x.type, "du"));
  Violations violations;
  CheckConvolutionGradientNumbers(TypesOf(x, w, b), activation, options, NumericFields(), violations);
  if (wanted.pre_activation && !activation.has_value()) {
    violations.Add("wanted.pre_activation", "was set, has to be unset without an activation");
  }
  TENSORD_RETURN_IF_ERROR(violations.ToStatus());
  const bool flushed = FloatingPointMode::Current().flushes();
  const ScopedFloatingPointMode mode(ModeFor(options.accumulation));
  NumericGradients result;
  if (options.accumulation == Accumulation::kExact) {
    TENSORD_ASSIGN_OR_RETURN(result.gradients,
                             ExactGradients<Operator>(geometry, x, w, b, activation, du, wanted, context));
  } else {
    TENSORD_ASSIGN_OR_RETURN(result.gradients,
                             SummedGradients<Operator>(geometry, x, w, b, activation, du, wanted,
                                                       SumType(x.type, options.accumulation), context));
  }
  if (!options.error_bounds) return result;
  const TensorView none;
  const auto bounds_of = [&](BoundedSums sums, const TensorView& left, const TensorView& right,
                             const Tensor& gradient) {
    return ConvolutionErrorBounds(geometry, sums, left, right, none, nullptr, options.accumulation, flushed,
                                  gradient.view(), context);
  };
  if (result.gradients.input.has_value()) {
    TENSORD_ASSIGN_OR_RETURN(result.input, bounds_of(BoundedSums::kInputGradient, du, w, *result.gradients.input));
  }
  if (result.gradients.filter.has_value()) {
    TENSORD_ASSIGN_OR_RETURN(result.filter, bounds_of(BoundedSums::kFilterGradient, x, du, *result.gradients.filter));
  }
  if (result.gradients.bias.has_value()) {
    TENSORD_ASSIGN_OR_RETURN(result.bias, bounds_of(BoundedSums::kBiasGradient, du, none, *result.gradients.bias));
  }
  return result;
}

}  // namespace

absl::StatusOr<Numbers> ConvolveNumbers(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w,
                                        const TensorView& b, const std::optional<Activation>& activation,
                                        const NumericOptions& options, const ExecutionContext& context) {
  return ForwardNumbers<internal::PlainConvolution>(geometry, x, w, b, activation, options, context);
}

absl::StatusOr<NumericGradients> ConvolveBackwardNumbers(const ConvolutionGeometry& geometry, const TensorView& x,
                                                         const TensorView& w, const TensorView& b,
                                                         const std::optional<Activation>& activation,
                                                         const TensorView& du, const ConvolutionGradients& wanted,
                                                         const NumericOptions& options,
                                                         const ExecutionContext& context) {
  return BackwardNumbers<internal::PlainConvolution>(geometry, x, w, b, activation, du, wanted, options, context);
}

absl::StatusOr<Numbers> ConvolveTransposeNumbers(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                                 const TensorView& w, const TensorView& b,
                                                 const std::optional<Activation>& activation,
                                                 const NumericOptions& options, const ExecutionContext& context) {
  return ForwardNumbers<internal::TransposedConvolution>(geometry, x, w, b, activation, options, context);
}

absl::StatusOr<NumericGradients> ConvolveTransposeBackwardNumbers(
    const TransposedConvolutionGeometry& geometry, const TensorView& x, const TensorView& w, const TensorView& b,
    const std::optional<Activation>& activation, const TensorView& du, const ConvolutionGradients& wanted,
    const NumericOptions& options, const ExecutionContext& context) {
  return BackwardNumbers<internal::TransposedConvolution>(geometry, x, w, b, activation, du, wanted, options, context);
}

}  // namespace tensord::compute
