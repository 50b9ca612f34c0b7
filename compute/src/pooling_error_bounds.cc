#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <optional>

#include "compute/src/internal/bound_rules.h"
#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/pooling_plan.h"
#include "tensord/compute/error_bounds.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::ApplyRules;
using internal::BoundRule;
using internal::BoundRules;
using internal::ElementOf;
using internal::ForEachBlock;
using internal::Gamma;
using internal::kNoBound;
using internal::kSafety;
using internal::MagnitudePart;
using internal::Magnitudes;
using internal::Precision;
using internal::PrecisionOf;
using internal::RulesFor;
using internal::Share;
using internal::ThenRounded;

// By how much, relative to the norm, its sum of powers may be wrong where elements underflow once they are scaled by
// the largest, in float64: |a^p - b^p| <= |a - b|^p for p <= 1, and larger exponents make less of it.
double LostPowers(double count, double p) {
  const double lost = count * std::exp2(-1074 * std::min(p, 1.0)) / p;
  // (1 + e)^(1/p) - 1 <= 2e/p, for e/p <= 1.
  return lost <= 1 ? 2 * lost * kSafety : kNoBound;
}

}  // namespace

absl::StatusOr<ErrorBounds> PoolingErrorBounds(const PoolingGeometry& geometry, const TensorView& x,
                                               Accumulation accumulation, bool flushed, const TensorView& result,
                                               const ExecutionContext& context) {
  const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
  std::atomic<bool> found = false;
  TENSORD_ASSIGN_OR_RETURN(const Tensor magnitudes, Magnitudes(x, MagnitudePart::kAll, found, context));
  TENSORD_ASSIGN_OR_RETURN(const PoolingResult averages, Pool(geometry, magnitudes.view(), false, context));
  // One more rounding for the quotient, and one for the divisor.
  const double n = static_cast<double>(internal::WindowElements(geometry)) + 2;
  BoundRules rules = RulesFor(result.type, accumulation, n, flushed, nullptr);
  // It is the sum that could overflow, not the average. What is flushed of x is below the least normal number each
  // time, and within `absolute`.
  double divisor = static_cast<double>(geometry.fixed_divisor);
  double window = 1;
  for (const AxisWindow& axis : geometry.axes) window *= static_cast<double>(axis.window);
  divisor = std::max({divisor, window, 1.0});
  rules.computed.largest /= divisor;
  rules.any_order.largest /= divisor;
  return ApplyRules(rules, n, averages.output, Tensor(), result, context);
}

absl::StatusOr<ErrorBounds> NormErrorBounds(const PoolingGeometry& geometry, Accumulation accumulation, bool flushed,
                                            const TensorView& result, const ExecutionContext& context) {
  const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
  const double count = static_cast<double>(internal::WindowElements(geometry));
  const bool wide = accumulation == Accumulation::kFaithful || result.type == DataType::kFloat64;
  const DataType sum_type = wide ? DataType::kFloat64 : DataType::kFloat32;
  const bool keeps = accumulation != Accumulation::kFast || !flushed;
  BoundRule computed = ThenRounded({}, result.type);
  if (!keeps && geometry.p < 1 && result.type != DataType::kFloat16) {
    // However small an element is, its power is not.
    computed.roundoff = kNoBound;
  } else if (accumulation != Accumulation::kExact) {
    const Precision precision = PrecisionOf(sum_type);
    double gamma = Gamma((2 * count + 2) / geometry.p + 8, precision.roundoff);
    if (result.type == DataType::kFloat64) gamma += LostPowers(count, geometry.p);
    // y is at most the result and its error: hence 1 - gamma, and twice what is absolute.
    computed = {
        .gamma = 0,
        .absolute = keeps ? 4 * precision.least : 2 * (std::pow(count, 1 / geometry.p) + 2) * precision.least_normal,
        .flushed = 0,
        .roundoff = gamma < 0.5 ? gamma / (1 - gamma) * (1 + 0x1p-7) : kNoBound};
    if (sum_type != result.type) computed = ThenRounded(computed, result.type);
  }
  const Precision own = PrecisionOf(result.type);
  const double any_gamma = Gamma(count + 2, own.roundoff);
  const double lost = (2 * count + 3) * own.least_normal;
  const auto any_order = [&](double most) {
    const bool squares = geometry.p == 2;
    const bool overflows = (squares ? most * most : most) * (1 + any_gamma) >= own.largest * (1 - 0x1p-9);
    if ((geometry.p != 1 && !squares) || !(most < kNoBound) || overflows) return kNoBound;
    return (Share(any_gamma, most) + (squares ? std::sqrt(lost) + lost : lost)) * kSafety;
  };
  ErrorBounds bounds;
  TENSORD_ASSIGN_OR_RETURN(bounds.computed, Tensor::Allocate(DataType::kFloat64, result.shape));
  TENSORD_ASSIGN_OR_RETURN(bounds.any_order, Tensor::Allocate(DataType::kFloat64, result.shape));
  TENSORD_RETURN_IF_ERROR(ForEachBlock(bounds.computed.element_count(), context, [&](int64_t first, int64_t length) {
    for (int64_t i = first; i < first + length; ++i) {
      const double value = ElementOf(result, i);
      const double bound = computed.At(0, 0, value);
      bounds.computed.As<double>()[i] = bound;
      bounds.any_order.As<double>()[i] = any_order(std::fabs(value) + bound);
    }
  }));
  return bounds;
}

absl::StatusOr<ErrorBounds> PoolingGradientErrorBounds(const PoolingGeometry& geometry, const TensorView& x,
                                                       const TensorView& dy, Accumulation accumulation, bool flushed,
                                                       const TensorView& result, const ExecutionContext& context) {
  const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
  std::atomic<bool> found = false;
  std::optional<Tensor> holder;
  TENSORD_ASSIGN_OR_RETURN(const TensorView wide_x, internal::AsFloating(x, DataType::kFloat64, holder, context));
  TENSORD_ASSIGN_OR_RETURN(const Tensor magnitudes, Magnitudes(dy, MagnitudePart::kAll, found, context));
  TENSORD_ASSIGN_OR_RETURN(const Tensor sums, PoolBackward(geometry, wide_x, magnitudes.view(), context));
  // A term may be a quotient, whose divisor is rounded; and its dy may be flushed.
  const double n = static_cast<double>(internal::MostWindows(geometry)) + 2;
  const BoundRules rules = RulesFor(result.type, accumulation, n, flushed, nullptr);
  TENSORD_ASSIGN_OR_RETURN(ErrorBounds bounds, ApplyRules(rules, n, sums, Tensor(), result, context));
  if (geometry.kind != PoolingKind::kMax) return bounds;
  std::atomic<bool> denormal = false;
  TENSORD_ASSIGN_OR_RETURN(const Tensor few, Magnitudes(x, MagnitudePart::kDenormals, denormal, context));
  if (!denormal) return bounds;
  const auto withdraw = [](Tensor& tensor) { std::fill_n(tensor.As<double>(), tensor.element_count(), kNoBound); };
  if (accumulation == Accumulation::kFast && flushed) withdraw(bounds.computed);
  withdraw(bounds.any_order);
  return bounds;
}

absl::StatusOr<ErrorBounds> IntegerAverageErrorBounds(const TensorView& result, const ExecutionContext& context) {
  const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
  const BoundRule rounded = ThenRounded({}, result.type);
  TENSORD_ASSIGN_OR_RETURN(const Tensor nothing, Tensor::Zeros(DataType::kFloat64, result.shape));
  return ApplyRules({.computed = rounded, .any_order = rounded}, 0, nothing, Tensor(), result, context);
}

}  // namespace tensord::compute
