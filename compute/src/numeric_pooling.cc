#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/convolution_arguments.h"
#include "compute/src/internal/exact_pooling.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::AsFloating;
using internal::ConvertFloating;

// Whether there is anything to sum: maxima and first elements are exact.
bool HasSums(PoolingKind kind) { return kind == PoolingKind::kAverage || kind == PoolingKind::kLp; }

// The type in which Pool() does the work. Maxima need no more than holds every element.
DataType PoolType(PoolingKind kind, DataType type, Accumulation accumulation) {
  if (type == DataType::kFloat64) return type;
  const bool wide = HasSums(kind) && accumulation == Accumulation::kFaithful;
  return wide ? DataType::kFloat64 : DataType::kFloat32;
}

absl::StatusOr<PoolingResult> PoolFloating(const PoolingGeometry& geometry, const TensorView& x, bool want_indices,
                                           Accumulation accumulation, const ExecutionContext& context) {
  std::optional<Tensor> holder;
  TENSORD_ASSIGN_OR_RETURN(const TensorView wide,
                           AsFloating(x, PoolType(geometry.kind, x.type, accumulation), holder, context));
  TENSORD_ASSIGN_OR_RETURN(PoolingResult result, Pool(geometry, wide, want_indices, context));
  if (result.output.type() != x.type) {
    TENSORD_ASSIGN_OR_RETURN(result.output, ConvertFloating(result.output.view(), x.type, context));
  }
  return result;
}

// Bounds that are the same everywhere.
absl::StatusOr<ErrorBounds> UniformBounds(const Shape& shape, double computed, double any_order) {
  ErrorBounds bounds;
  TENSORD_ASSIGN_OR_RETURN(bounds.computed, Tensor::Allocate(DataType::kFloat64, shape));
  TENSORD_ASSIGN_OR_RETURN(bounds.any_order, Tensor::Allocate(DataType::kFloat64, shape));
  std::fill_n(bounds.computed.As<double>(), bounds.computed.element_count(), computed);
  std::fill_n(bounds.any_order.As<double>(), bounds.any_order.element_count(), any_order);
  return bounds;
}

// The least normal number: where denormals count as zero, a maximum may be any of them.
double LeastNormal(DataType type) {
  if (!IsComputable(type) && type != DataType::kBfloat16) return 0;
  return type == DataType::kFloat64 ? 0x1p-1022 : 0x1p-126;
}

}  // namespace

absl::StatusOr<PooledNumbers> PoolNumbers(const PoolingGeometry& geometry, const TensorView& x, bool want_indices,
                                          const NumericOptions& options, const ExecutionContext& context) {
  Violations violations;
  const std::optional<DataType> type = ResolvePoolingNumbers(geometry, x.type, options, NumericFields(), violations);
  if (!type.has_value()) return violations.ToStatus();
  if (!(x.shape == geometry.input_shape)) {
    return absl::InvalidArgumentError(absl::StrCat("pool: x is ", x.shape.ToString(), ", has to be ",
                                                   geometry.input_shape.ToString(), ", the shape of the geometry"));
  }
  if (want_indices && geometry.kind != PoolingKind::kMax) {
    return absl::InvalidArgumentError("pool: only MAX pooling has indices");
  }
  const FloatingPointMode current = FloatingPointMode::Current();
  const bool fast = options.accumulation == Accumulation::kFast;
  const ScopedFloatingPointMode mode(fast ? current : current.Keeping());
  PooledNumbers pooled;
  if (!IsFloating(x.type) || (HasSums(geometry.kind) && options.accumulation == Accumulation::kExact)) {
    TENSORD_ASSIGN_OR_RETURN(pooled.result, internal::ExactPool(geometry, x, want_indices, *type, context));
  } else {
    TENSORD_ASSIGN_OR_RETURN(pooled.result, PoolFloating(geometry, x, want_indices, options.accumulation, context));
  }
  if (!options.error_bounds) return pooled;
  if (!HasSums(geometry.kind)) {
    const double least_normal = LeastNormal(x.type);
    TENSORD_ASSIGN_OR_RETURN(
        pooled.bounds,
        UniformBounds(geometry.output_shape, fast && current.flushes() ? least_normal : 0.0, least_normal));
    return pooled;
  }
  if (!IsFloating(x.type)) {
    TENSORD_ASSIGN_OR_RETURN(pooled.bounds, IntegerAverageErrorBounds(pooled.result.output.view(), context));
    return pooled;
  }
  if (geometry.kind == PoolingKind::kLp) {
    TENSORD_ASSIGN_OR_RETURN(pooled.bounds, NormErrorBounds(geometry, options.accumulation, current.flushes(),
                                                            pooled.result.output.view(), context));
    return pooled;
  }
  TENSORD_ASSIGN_OR_RETURN(pooled.bounds, PoolingErrorBounds(geometry, x, options.accumulation, current.flushes(),
                                                             pooled.result.output.view(), context));
  return pooled;
}

absl::StatusOr<NumericPoolingGradient> PoolBackwardNumbers(const PoolingGeometry& geometry, const TensorView& x,
                                                           const TensorView& dy, const NumericOptions& options,
                                                           const ExecutionContext& context) {
  Violations violations;
  CheckPoolingGradientNumbers(geometry, x.type, options, NumericFields(), violations);
  TENSORD_RETURN_IF_ERROR(violations.ToStatus());
  TENSORD_RETURN_IF_ERROR(internal::CheckArgument(x, geometry.input_shape, x.type, "x"));
  TENSORD_RETURN_IF_ERROR(internal::CheckArgument(dy, geometry.output_shape, x.type, "dy"));
  const FloatingPointMode current = FloatingPointMode::Current();
  const bool fast = options.accumulation == Accumulation::kFast;
  const ScopedFloatingPointMode mode(fast ? current : current.Keeping());
  NumericPoolingGradient gradient;
  if (options.accumulation == Accumulation::kExact) {
    TENSORD_ASSIGN_OR_RETURN(gradient.input, internal::ExactPoolBackward(geometry, x, dy, context));
  } else {
    const bool wide = x.type == DataType::kFloat64 || options.accumulation == Accumulation::kFaithful;
    const DataType type = wide ? DataType::kFloat64 : DataType::kFloat32;
    std::optional<Tensor> x_holder;
    std::optional<Tensor> dy_holder;
    TENSORD_ASSIGN_OR_RETURN(const TensorView wide_x, AsFloating(x, type, x_holder, context));
    TENSORD_ASSIGN_OR_RETURN(const TensorView wide_dy, AsFloating(dy, type, dy_holder, context));
    TENSORD_ASSIGN_OR_RETURN(gradient.input, PoolBackward(geometry, wide_x, wide_dy, context));
    if (type != x.type) {
      TENSORD_ASSIGN_OR_RETURN(gradient.input, ConvertFloating(gradient.input.view(), x.type, context));
    }
  }
  if (!options.error_bounds) return gradient;
  TENSORD_ASSIGN_OR_RETURN(gradient.bounds,
                           PoolingGradientErrorBounds(geometry, x, dy, options.accumulation, current.flushes(),
                                                      gradient.input.view(), context));
  return gradient;
}

}  // namespace tensord::compute
