#include "compute/src/internal/bound_rules.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "compute/src/internal/convert_tensor.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {

Precision PrecisionOf(DataType type) {
  const BinaryFormat format = FormatOf(type);
  const int stored = format.stored_bits;
  return {.roundoff = std::ldexp(1, -stored - 1),
          .least = std::ldexp(1, format.min_exponent() - stored),
          .least_normal = std::ldexp(1, format.min_exponent()),
          .largest = std::ldexp(2 - std::ldexp(1, -stored), format.max_exponent())};
}

double Gamma(double n, double u) {
  const double nu = n * u;
  return nu < 1 ? nu / (1 - nu) * kSafety : kNoBound;
}

double BoundRule::At(double sum, double flushed_sum, double result) const {
  const double summed = Share(gamma, sum);
  const double bound = (summed + absolute + Share(flushed, flushed_sum) + roundoff * std::fabs(result)) * kSafety;
  // An exact sum cannot overflow on the way; a sum that did is not finite.
  const bool safe = (gamma == 0 || sum + summed + absolute < largest) && std::isfinite(result) && bound < kNoBound;
  return safe ? bound : kNoBound;
}

BoundRule ThenRounded(BoundRule rule, DataType type) {
  const Precision precision = PrecisionOf(type);
  rule.roundoff += precision.roundoff;
  // Half of the least float64 is no float64: rounded up.
  rule.absolute += std::max(precision.least / 2, std::numeric_limits<double>::denorm_min());
  return rule;
}

namespace {

// Sums of `n` terms made in `type`, products first; `keeps` means that denormals are kept.
BoundRule SumRule(DataType type, double n, bool keeps) {
  const Precision precision = PrecisionOf(type);
  const double gamma = Gamma(n + 2, precision.roundoff);
  return {.gamma = gamma,
          .absolute = (2 * n + 3) * (keeps ? precision.least : precision.least_normal) * (1 + gamma),
          .flushed = keeps ? 0.0 : 1.0,
          .roundoff = 0,
          .largest = precision.largest * (1 - 0x1p-9)};
}

// With an activation after it: f's slope is at most `slope`, and its own rounding a few units.
BoundRule ThenActivated(BoundRule rule, const Activation* activation, DataType type, bool keeps) {
  if (activation == nullptr || activation->kind != ActivationKind::kLeakyRelu) return rule;
  const double slope = std::max(1.0, std::fabs(activation->slope));
  const Precision precision = PrecisionOf(type);
  rule.gamma *= slope;
  rule.flushed *= slope;
  rule.absolute = rule.absolute * slope + (slope + 10) * (keeps ? precision.least : precision.least_normal);
  rule.roundoff += 10 * precision.roundoff;
  // The product has to be in the range too.
  rule.largest /= slope * (1 + 10 * precision.roundoff);
  return rule;
}

}  // namespace

BoundRules RulesFor(DataType type, Accumulation accumulation, double n, bool flushed, const Activation* activation) {
  const bool wide = accumulation == Accumulation::kFaithful;
  const DataType sum_type = wide || type == DataType::kFloat64 ? DataType::kFloat64 : DataType::kFloat32;
  const bool keeps = accumulation != Accumulation::kFast || !flushed;
  BoundRules rules;
  if (accumulation == Accumulation::kExact) {
    rules.computed = ThenActivated(ThenRounded({}, type), activation, type, true);
  } else {
    // The activation is applied before the one rounding to a narrower type.
    rules.computed = ThenActivated(SumRule(sum_type, n, keeps), activation, sum_type, keeps);
    if (sum_type != type) rules.computed = ThenRounded(rules.computed, type);
    // Denormals of float16 are none of float32.
    if (type == DataType::kFloat16) rules.computed.flushed = 0;
  }
  const bool any_keeps = type == DataType::kFloat16;
  rules.any_order = ThenActivated(SumRule(type, n, any_keeps), activation, type, any_keeps);
  return rules;
}

double ElementOf(const TensorView& tensor, int64_t at) {
  switch (tensor.type) {
    case DataType::kFloat32:
      return tensor.As<float>()[at];
    case DataType::kFloat64:
      return tensor.As<double>()[at];
    default:
      return std::bit_cast<double>(ConvertBits(tensor.As<uint16_t>()[at], FormatOf(tensor.type), kFloat64Format));
  }
}

absl::StatusOr<Tensor> Magnitudes(const TensorView& tensor, MagnitudePart part, std::atomic<bool>& found,
                                  const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor result, Tensor::Allocate(DataType::kFloat64, tensor.shape));
  const double least_normal = PrecisionOf(tensor.type).least_normal;
  TENSORD_RETURN_IF_ERROR(ForEachBlock(result.element_count(), context, [&](int64_t first, int64_t count) {
    bool any = false;
    for (int64_t i = first; i < first + count; ++i) {
      const double magnitude = std::fabs(ElementOf(tensor, i));
      const double kept = part == MagnitudePart::kAll || magnitude < least_normal ? magnitude : 0;
      result.As<double>()[i] = kept;
      any = any || kept != 0;
    }
    if (any) found.store(true, std::memory_order_relaxed);
  }));
  return result;
}

absl::StatusOr<ErrorBounds> ApplyRules(const BoundRules& rules, double term_count, const Tensor& sums,
                                       const Tensor& flushed_sums, const TensorView& result,
                                       const ExecutionContext& context) {
  ErrorBounds bounds;
  TENSORD_ASSIGN_OR_RETURN(bounds.computed, Tensor::Allocate(DataType::kFloat64, result.shape));
  TENSORD_ASSIGN_OR_RETURN(bounds.any_order, Tensor::Allocate(DataType::kFloat64, result.shape));
  // S and F were themselves summed in float64, with denormals kept.
  const Precision wide = PrecisionOf(DataType::kFloat64);
  const double up = (1 + 2 * Gamma(term_count + 4, wide.roundoff)) * kSafety;
  const auto raise = [&](double sum) { return sum == 0 ? 0 : (sum + (term_count + 2) * wide.least) * up; };
  TENSORD_RETURN_IF_ERROR(ForEachBlock(sums.element_count(), context, [&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; ++i) {
      const double sum = raise(sums.As<double>()[i]);
      const double flushed = flushed_sums.element_count() == 0 ? 0 : raise(flushed_sums.As<double>()[i]);
      const double value = ElementOf(result, i);
      bounds.computed.As<double>()[i] = rules.computed.At(sum, flushed, value);
      bounds.any_order.As<double>()[i] = rules.any_order.At(sum, flushed, value);
    }
  }));
  return bounds;
}

}  // namespace tensord::compute::internal
