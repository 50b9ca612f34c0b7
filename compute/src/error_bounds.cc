#include "tensord/compute/error_bounds.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/convolution_operator.h"
#include "compute/src/internal/pooling_plan.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::ForEachBlock;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Every bound takes a dozen operations of float64: this makes up for their roundings several times over.
constexpr double kSafety = 1 + 0x1p-44;

// What is characteristic of a floating type.
struct Precision {
  double roundoff;  // u
  double least;     // the least positive number
  double least_normal;
  double largest;
};
Precision PrecisionOf(DataType type) {
  const BinaryFormat format = internal::FormatOf(type);
  const int stored = format.stored_bits;
  return {.roundoff = std::ldexp(1, -stored - 1),
          .least = std::ldexp(1, format.min_exponent() - stored),
          .least_normal = std::ldexp(1, format.min_exponent()),
          .largest = std::ldexp(2 - std::ldexp(1, -stored), format.max_exponent())};
}

// n u / (1 - n u), rounded up; infinity where that is no bound.
double Gamma(double n, double u) {
  const double nu = n * u;
  return nu < 1 ? nu / (1 - nu) * kSafety : kInfinity;
}

// gamma * sum, where 0 * infinity is 0: an empty or a zero sum has no error.
double Share(double gamma, double sum) { return sum == 0 ? 0 : gamma * sum; }

// A bound as a function of what is known of an element: gamma * S + absolute + flushed * F + roundoff * |y|.
struct BoundRule {
  double gamma = 0;
  double absolute = 0;
  double flushed = 0;
  double roundoff = 0;
  double largest = kInfinity;  // of the type that sums: beyond it there is no bound

  [[nodiscard]] double At(double sum, double flushed_sum, double result) const {
    const double summed = Share(gamma, sum);
    const double bound = (summed + absolute + Share(flushed, flushed_sum) + roundoff * std::fabs(result)) * kSafety;
    // An exact sum cannot overflow on the way; a sum that did is not finite.
    const bool safe = (gamma == 0 || sum + summed + absolute < largest) && std::isfinite(result) && bound < kInfinity;
    return safe ? bound : kInfinity;
  }
};

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

// With one rounding to `type` after it.
BoundRule ThenRounded(BoundRule rule, DataType type) {
  const Precision precision = PrecisionOf(type);
  rule.roundoff += precision.roundoff;
  // Half of the least float64 is no float64: rounded up.
  rule.absolute += std::max(precision.least / 2, std::numeric_limits<double>::denorm_min());
  return rule;
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
  return rule;
}

// The bounds' rules for a result of `type`.
struct Rules {
  BoundRule computed;
  BoundRule any_order;
};
Rules RulesFor(DataType type, Accumulation accumulation, double n, bool flushed, const Activation* activation) {
  const bool wide = accumulation == Accumulation::kFaithful;
  const DataType sum_type = wide || type == DataType::kFloat64 ? DataType::kFloat64 : DataType::kFloat32;
  const bool keeps = accumulation != Accumulation::kFast || !flushed;
  Rules rules;
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

// Element `at` of a floating tensor.
double ElementOf(const TensorView& tensor, int64_t at) {
  switch (tensor.type) {
    case DataType::kFloat32:
      return tensor.As<float>()[at];
    case DataType::kFloat64:
      return tensor.As<double>()[at];
    default:
      return std::bit_cast<double>(
          ConvertBits(tensor.As<uint16_t>()[at], internal::FormatOf(tensor.type), kFloat64Format));
  }
}

// |tensor| in float64; or only its denormals, as its own type counts them, the others 0. `found`: whether any element
// is not 0.
enum class Part { kAll, kDenormals };
absl::StatusOr<Tensor> Magnitudes(const TensorView& tensor, Part part, std::atomic<bool>& found,
                                  const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor result, Tensor::Allocate(DataType::kFloat64, tensor.shape));
  const double least_normal = PrecisionOf(tensor.type).least_normal;
  TENSORD_RETURN_IF_ERROR(ForEachBlock(result.element_count(), context, [&](int64_t first, int64_t count) {
    bool any = false;
    for (int64_t i = first; i < first + count; ++i) {
      const double magnitude = std::fabs(ElementOf(tensor, i));
      const double kept = part == Part::kAll || magnitude < least_normal ? magnitude : 0;
      result.As<double>()[i] = kept;
      any = any || kept != 0;
    }
    if (any) found.store(true, std::memory_order_relaxed);
  }));
  return result;
}

// One kind of sum of a convolution, with other factors of the same shapes.
template <typename Operator>
class Sums {
 public:
  using Geometry = typename Operator::Geometry;

  Sums(const Geometry& geometry, BoundedSums kind, const ExecutionContext& context)
      : geometry_(geometry), kind_(kind), context_(context) {}

  // The number of products in a sum, at most.
  [[nodiscard]] double term_count() const {
    const ConvolutionGeometry& convolution = Operator::Convolution(geometry_);
    double taps = 1;
    double positions = static_cast<double>(convolution.batch);
    double results = positions;
    double readers = 1;
    for (const AxisWindow& axis : convolution.axes) {
      taps *= static_cast<double>(axis.window);
      positions *= static_cast<double>(axis.output);
      results *= static_cast<double>(Operator::kIsAdjoint ? axis.input : axis.output);
      readers *= MostReaders(convolution.padding_source, axis);
    }
    const auto per_group = [&](int64_t channels) { return static_cast<double>(channels / convolution.groups); };
    const double forward = per_group(convolution.input_channels) * taps;
    const double adjoint = per_group(convolution.output_channels) * taps * readers;
    switch (kind_) {
      case BoundedSums::kOutput:
        return Operator::kIsAdjoint ? adjoint : forward;
      case BoundedSums::kInputGradient:
        return Operator::kIsAdjoint ? forward : adjoint;
      case BoundedSums::kFilterGradient:
        return positions;
      default:
        return results;
    }
  }

  [[nodiscard]] absl::StatusOr<Tensor> Make(const Tensor& source, const Tensor& filter, const TensorView& bias) const {
    if (kind_ == BoundedSums::kOutput) {
      return Operator::Forward(geometry_, source.view(), filter.view(), bias, std::nullopt, context_);
    }
    // What a gradient does not read is not looked at; its place is taken by a tensor without data that is never read.
    const bool of_filter = kind_ == BoundedSums::kFilterGradient;
    const TensorView x = of_filter ? source.view() : Unread(Operator::InputShape(geometry_));
    const TensorView w =
        kind_ == BoundedSums::kInputGradient ? filter.view() : Unread(Operator::FilterShape(geometry_));
    const TensorView dz = of_filter ? filter.view() : source.view();
    const ConvolutionGradients wanted{.input = kind_ == BoundedSums::kInputGradient,
                                      .filter = of_filter,
                                      .bias = kind_ == BoundedSums::kBiasGradient};
    TENSORD_ASSIGN_OR_RETURN(ConvolutionGradientTensors gradients,
                             Operator::Backward(geometry_, x, w, TensorView(), std::nullopt, dz, wanted, context_));
    if (wanted.input) return *std::move(gradients.input);
    return wanted.filter ? *std::move(gradients.filter) : *std::move(gradients.bias);
  }

 private:
  // How many cells of the padded input read one of the input, along an axis.
  [[nodiscard]] static double MostReaders(PaddingSource source, const AxisWindow& axis) {
    if (source == PaddingSource::kZero) return 1;
    const double padding = static_cast<double>(axis.pad_begin) + static_cast<double>(axis.pad_end);
    return 1 + (source == PaddingSource::kReplicate ? padding : std::min(padding, 2.0));
  }

  [[nodiscard]] static TensorView Unread(const Shape& shape) {
    static const double kNothing = 0;
    return {.type = DataType::kFloat64, .shape = shape, .data = &kNothing};
  }

  const Geometry& geometry_;
  const BoundedSums kind_;
  const ExecutionContext& context_;
};

// a += b.
absl::Status AddTo(Tensor& a, const Tensor& b, const ExecutionContext& context) {
  return ForEachBlock(a.element_count(), context, [&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; ++i) a.As<double>()[i] += b.As<double>()[i];
  });
}

// The terms' absolute values of which a factor is a denormal; empty where there is none.
template <typename Operator>
absl::StatusOr<Tensor> FlushedSums(const Sums<Operator>& sums, const TensorView& source, const TensorView& filter,
                                   const TensorView& bias, const Tensor& all_source, const Tensor& all_filter,
                                   const ExecutionContext& context) {
  std::atomic<bool> in_source = false;
  std::atomic<bool> in_filter = false;
  std::atomic<bool> in_bias = false;
  TENSORD_ASSIGN_OR_RETURN(const Tensor few_source, Magnitudes(source, Part::kDenormals, in_source, context));
  Tensor few_filter;
  if (filter.data != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(few_filter, Magnitudes(filter, Part::kDenormals, in_filter, context));
  }
  Tensor few_bias;
  if (bias.data != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(few_bias, Magnitudes(bias, Part::kDenormals, in_bias, context));
  }
  if (!in_source && !in_filter && !in_bias) return Tensor::Allocate(DataType::kFloat64, Shape{0});
  TENSORD_ASSIGN_OR_RETURN(Tensor result, sums.Make(few_source, all_filter, few_bias.view()));
  if (in_filter) {
    TENSORD_ASSIGN_OR_RETURN(const Tensor more, sums.Make(all_source, few_filter, TensorView()));
    TENSORD_RETURN_IF_ERROR(AddTo(result, more, context));
  }
  return result;
}

// The bounds from S, F (empty for none) and the result, by the rules.
absl::StatusOr<ErrorBounds> ApplyRules(const Rules& rules, double term_count, const Tensor& sums,
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

template <typename Operator>
absl::StatusOr<ErrorBounds> BoundsOf(const typename Operator::Geometry& geometry, BoundedSums sums,
                                     const TensorView& source, const TensorView& filter, const TensorView& bias,
                                     const Activation* activation, Accumulation accumulation, bool flushed,
                                     const TensorView& result, const ExecutionContext& context) {
  const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
  const Sums<Operator> make(geometry, sums, context);
  std::atomic<bool> found = false;
  TENSORD_ASSIGN_OR_RETURN(const Tensor all_source, Magnitudes(source, Part::kAll, found, context));
  Tensor all_filter;
  if (filter.data != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(all_filter, Magnitudes(filter, Part::kAll, found, context));
  }
  Tensor all_bias;
  if (bias.data != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(all_bias, Magnitudes(bias, Part::kAll, found, context));
  }
  TENSORD_ASSIGN_OR_RETURN(const Tensor total, make.Make(all_source, all_filter, all_bias.view()));
  TENSORD_ASSIGN_OR_RETURN(const Tensor flushed_sums,
                           FlushedSums(make, source, filter, bias, all_source, all_filter, context));
  const double n = make.term_count();
  return ApplyRules(RulesFor(result.type, accumulation, n, flushed, activation), n, total, flushed_sums, result,
                    context);
}

}  // namespace

absl::StatusOr<ErrorBounds> ConvolutionErrorBounds(const ConvolutionGeometry& geometry, BoundedSums sums,
                                                   const TensorView& source, const TensorView& filter,
                                                   const TensorView& bias, const Activation* activation,
                                                   Accumulation accumulation, bool flushed, const TensorView& result,
                                                   const ExecutionContext& context) {
  return BoundsOf<internal::PlainConvolution>(geometry, sums, source, filter, bias, activation, accumulation, flushed,
                                              result, context);
}

absl::StatusOr<ErrorBounds> ConvolutionErrorBounds(const TransposedConvolutionGeometry& geometry, BoundedSums sums,
                                                   const TensorView& source, const TensorView& filter,
                                                   const TensorView& bias, const Activation* activation,
                                                   Accumulation accumulation, bool flushed, const TensorView& result,
                                                   const ExecutionContext& context) {
  return BoundsOf<internal::TransposedConvolution>(geometry, sums, source, filter, bias, activation, accumulation,
                                                   flushed, result, context);
}

absl::StatusOr<ErrorBounds> PoolingErrorBounds(const PoolingGeometry& geometry, const TensorView& x,
                                               Accumulation accumulation, bool flushed, const TensorView& result,
                                               const ExecutionContext& context) {
  const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
  std::atomic<bool> found = false;
  TENSORD_ASSIGN_OR_RETURN(const Tensor magnitudes, Magnitudes(x, Part::kAll, found, context));
  TENSORD_ASSIGN_OR_RETURN(const PoolingResult averages, Pool(geometry, magnitudes.view(), false, context));
  // One more rounding for the quotient, and one for the divisor.
  const double n = static_cast<double>(internal::WindowElements(geometry)) + 2;
  Rules rules = RulesFor(result.type, accumulation, n, flushed, nullptr);
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
  if (accumulation != Accumulation::kExact) {
    const Precision precision = PrecisionOf(sum_type);
    const double gamma = Gamma((2 * count + 2) / geometry.p + 8, precision.roundoff);
    // y is at most the result and its error: hence 1 - gamma, and twice what is absolute.
    computed = {
        .gamma = 0,
        .absolute = keeps ? 4 * precision.least : 2 * (std::pow(count, 1 / geometry.p) + 2) * precision.least_normal,
        .flushed = 0,
        .roundoff = gamma < 0.5 ? gamma / (1 - gamma) * (1 + 0x1p-7) : kInfinity};
    if (sum_type != result.type) computed = ThenRounded(computed, result.type);
  }
  const Precision own = PrecisionOf(result.type);
  const double any_gamma = Gamma(count + 2, own.roundoff);
  const double lost = (2 * count + 3) * own.least_normal;
  const auto any_order = [&](double most) {
    const bool squares = geometry.p == 2;
    const bool overflows = (squares ? most * most : most) * (1 + any_gamma) >= own.largest * (1 - 0x1p-9);
    if ((geometry.p != 1 && !squares) || !(most < kInfinity) || overflows) return kInfinity;
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
  TENSORD_ASSIGN_OR_RETURN(const Tensor magnitudes, Magnitudes(dy, Part::kAll, found, context));
  TENSORD_ASSIGN_OR_RETURN(const Tensor sums, PoolBackward(geometry, wide_x, magnitudes.view(), context));
  double n = 1;
  for (const AxisWindow& axis : geometry.axes) n *= static_cast<double>(std::min(axis.window, axis.output));
  // A term may be a quotient, whose divisor is rounded; and its dy may be flushed.
  Rules rules = RulesFor(result.type, accumulation, n + 2, flushed, nullptr);
  TENSORD_ASSIGN_OR_RETURN(ErrorBounds bounds, ApplyRules(rules, n + 2, sums, Tensor(), result, context));
  if (geometry.kind != PoolingKind::kMax) return bounds;
  std::atomic<bool> denormal = false;
  TENSORD_ASSIGN_OR_RETURN(const Tensor few, Magnitudes(x, Part::kDenormals, denormal, context));
  if (!denormal) return bounds;
  const auto withdraw = [](Tensor& tensor) { std::fill_n(tensor.As<double>(), tensor.element_count(), kInfinity); };
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
