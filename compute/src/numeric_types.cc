#include <bit>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/exact_pooling.h"
#include "tensord/compute/binary_format.h"
#include "tensord/compute/numeric.h"

namespace tensord::compute {
namespace {

bool IsPiecewiseLinear(ActivationKind kind) {
  return kind == ActivationKind::kIdentity || kind == ActivationKind::kRelu || kind == ActivationKind::kLeakyRelu ||
         kind == ActivationKind::kHardSigmoid;
}

bool HasBounds(ActivationKind kind) {
  return kind == ActivationKind::kIdentity || kind == ActivationKind::kRelu || kind == ActivationKind::kLeakyRelu;
}

void CheckSameType(DataType type, DataType wanted, absl::string_view field, Violations& violations) {
  if (type == wanted) return;
  violations.Add(field, absl::StrCat("was ", Name(type), ", has to be ", Name(wanted)));
}

struct Range {
  int64_t low;
  int64_t high;
};
Range RangeOf8Bits(DataType type) { return type == DataType::kInt8 ? Range{-128, 127} : Range{0, 255}; }

// Everything about a convolution's types but the activation's fitness for an accumulation.
class ConvolutionTypes {
 public:
  ConvolutionTypes(int64_t output_channels, const NumericTypes& types, const NumericOptions& options,
                   const NumericFields& fields, Violations& violations)
      : output_channels_(output_channels), types_(types), options_(options), fields_(fields), violations_(violations) {}

  // The result's type; it means something where no violation was added.
  DataType Resolve() {
    if (Is8Bit(types_.input)) return Resolve8Bits();
    CheckSameType(types_.filter, types_.input, fields_.filter_type, violations_);
    RefuseZeroPoints();
    if (options_.requantization.has_value()) {
      violations_.Add(fields_.requantization,
                      absl::StrCat("was set, has to be unset for an input of ", Name(types_.input)));
    }
    const DataType result = options_.output_type.value_or(types_.input);
    const bool wider = types_.input == DataType::kInt32 && result == DataType::kInt64;
    if (!wider) CheckSameType(result, types_.input, fields_.output_type, violations_);
    CheckBias(wider ? result : types_.input);
    return result;
  }

 private:
  DataType Resolve8Bits() {
    if (!Is8Bit(types_.filter)) {
      violations_.Add(
          fields_.filter_type,
          absl::StrCat("was ", Name(types_.filter), ", has to be int8 or uint8, as the input is ", Name(types_.input)));
    } else {
      CheckZeroPoints();
    }
    if (options_.requantization.has_value()) return ResolveRequantized(*options_.requantization);
    const DataType result = options_.output_type.value_or(DataType::kInt32);
    if (result != DataType::kInt32 && result != DataType::kInt64) {
      violations_.Add(fields_.output_type, absl::StrCat("was ", Name(result), ", has to be int32 or int64"));
    } else {
      CheckBias(result);
    }
    return result;
  }

  void RefuseZeroPoints() {
    const auto refuse = [&](absl::string_view field) {
      violations_.Add(field, absl::StrCat("was set, has to be unset for an input of ", Name(types_.input),
                                          ": only int8 and uint8 have zero points"));
    };
    if (options_.zero_points.input != 0) refuse(fields_.input_zero_point);
    if (!options_.zero_points.filter.empty()) refuse(fields_.filter_zero_points);
  }

  DataType ResolveRequantized(const Requantization& to) {
    const auto field = [&](absl::string_view name) { return absl::StrCat(fields_.requantization, ".", name); };
    if (!Is8Bit(to.output_type)) {
      violations_.Add(fields_.output_type,
                      absl::StrCat("was ", Name(to.output_type), ", has to be int8 or uint8 beside scales"));
    } else {
      CheckZeroPoint(to.output_zero_point, to.output_type, field("output_zero_point"));
    }
    if (options_.output_type.has_value()) {
      CheckSameType(*options_.output_type, to.output_type, fields_.output_type, violations_);
    }
    CheckScale(to.input_scale, field("input_scale"));
    CheckScale(to.output_scale, field("output_scale"));
    if (to.filter_scales.empty()) {
      violations_.Add(field("filter_scales"), absl::StrCat("had no entries, has to have 1 or ", output_channels_));
    }
    CheckCount(to.filter_scales.size(), field("filter_scales"));
    CheckEntries(to.filter_scales.size(), field("filter_scales"),
                 [&](size_t i, absl::string_view name) { return CheckScale(to.filter_scales[i], name, i); });
    if (options_.error_bounds) {
      violations_.Add(fields_.error_bounds, "was set, has to be unset with a requantisation, which rounds by design");
    }
    CheckBias(DataType::kInt32);
    return to.output_type;
  }

  void CheckZeroPoints() {
    CheckZeroPoint(options_.zero_points.input, types_.input, fields_.input_zero_point);
    const std::vector<int64_t>& zero_points = options_.zero_points.filter;
    CheckCount(zero_points.size(), fields_.filter_zero_points);
    CheckEntries(zero_points.size(), fields_.filter_zero_points, [&](size_t i, absl::string_view field) {
      return CheckZeroPoint(zero_points[i], types_.filter, field, i);
    });
  }

  // check(index) adds a violation and is false where an entry is wrong: of the first ones only, as a list may be as
  // long as a message.
  template <typename Check>
  void CheckEntries(size_t count, absl::string_view field, Check&& check) {
    for (size_t i = 0, wrong = 0; i < count && wrong < Violations::kMaxKept; ++i) {
      if (!check(i, field)) ++wrong;
    }
  }

  // Of a list where there is an index.
  bool CheckZeroPoint(int64_t value, DataType type, absl::string_view field, std::optional<size_t> index = {}) {
    const Range range = RangeOf8Bits(type);
    if (value >= range.low && value <= range.high) return true;
    violations_.Add(index.has_value() ? Indexed(field, *index) : std::string(field),
                    absl::StrCat("was ", value, ", has to be ", range.low, "..", range.high, ", as ", Name(type)));
    return false;
  }

  // By the bits: a denormal scale is one whatever the processor's mode is.
  bool CheckScale(float scale, absl::string_view field, std::optional<size_t> index = {}) {
    const auto bits = std::bit_cast<uint32_t>(scale);
    if (bits > 0 && bits < kFloat32Format.infinity()) return true;
    violations_.Add(index.has_value() ? Indexed(field, *index) : std::string(field),
                    absl::StrCat("was ", scale, ", has to be positive and finite"));
    return false;
  }

  // A list with an entry per output channel, or one, or none.
  void CheckCount(size_t count, absl::string_view field) {
    if (count <= 1 || output_channels_ == kUnknownSize || static_cast<int64_t>(count) == output_channels_) return;
    violations_.Add(
        field, absl::StrCat("had ", count, " entries, has to have 1 or one per output channel, ", output_channels_));
  }

  void CheckBias(DataType result) {
    if (types_.bias.has_value()) CheckSameType(*types_.bias, result, fields_.bias_type, violations_);
  }

  const int64_t output_channels_;
  const NumericTypes& types_;
  const NumericOptions& options_;
  const NumericFields& fields_;
  Violations& violations_;
};

}  // namespace

std::optional<DataType> ResolveConvolutionNumbers(int64_t output_channels, const NumericTypes& types,
                                                  const std::optional<Activation>& activation,
                                                  const NumericOptions& options, const NumericFields& fields,
                                                  Violations& violations) {
  const size_t before = violations.total();
  const DataType result = ConvolutionTypes(output_channels, types, options, fields, violations).Resolve();
  const ActivationKind kind = activation.has_value() ? activation->kind : ActivationKind::kIdentity;
  const auto refuse_activation = [&](absl::string_view instead) {
    violations.Add(fields.activation, absl::StrCat("was ", Name(kind), ", has to be ", instead));
  };
  if (!IsFloating(types.input)) {
    if (kind != ActivationKind::kIdentity) refuse_activation(absl::StrCat("unset for an input of ", Name(types.input)));
  } else if (options.error_bounds && !HasBounds(kind)) {
    refuse_activation("identity, relu or leaky_relu with error bounds");
  } else if (options.accumulation == Accumulation::kExact && !IsPiecewiseLinear(kind)) {
    refuse_activation("piecewise linear with EXACT accumulation: identity, relu, leaky_relu or hard_sigmoid");
  }
  if (violations.total() != before) return std::nullopt;
  return result;
}

std::optional<DataType> ResolveConvolutionNumbers(const ConvolutionGeometry& geometry, const NumericTypes& types,
                                                  const std::optional<Activation>& activation,
                                                  const NumericOptions& options, const NumericFields& fields,
                                                  Violations& violations) {
  return ResolveConvolutionNumbers(geometry.output_channels, types, activation, options, fields, violations);
}

std::optional<DataType> ResolveConvolutionNumbers(const TransposedConvolutionGeometry& geometry,
                                                  const NumericTypes& types,
                                                  const std::optional<Activation>& activation,
                                                  const NumericOptions& options, const NumericFields& fields,
                                                  Violations& violations) {
  return ResolveConvolutionNumbers(geometry.output_channels(), types, activation, options, fields, violations);
}

namespace {

void CheckNorm(const PoolingGeometry& geometry, DataType input, const NumericOptions& options,
               const NumericFields& fields, Violations& violations) {
  if (geometry.kind != PoolingKind::kLp) return;
  if (!IsFloating(input)) {
    violations.Add(fields.input_type, absl::StrCat("was ", Name(input), ", has to be a floating type for a norm"));
  }
  if (options.accumulation == Accumulation::kExact && geometry.p != 1 && geometry.p != 2) {
    violations.Add(fields.accumulation, absl::StrCat("was EXACT, has to be FAST or FAITHFUL for a norm with p = ",
                                                     geometry.p, ": only p = 1 and p = 2 have exact sums"));
  }
}

}  // namespace

void CheckConvolutionGradientNumbers(const NumericTypes& types, const std::optional<Activation>& activation,
                                     const NumericOptions& options, const NumericFields& fields,
                                     Violations& violations) {
  if (!IsFloating(types.input)) {
    violations.Add(fields.input_type, absl::StrCat("was ", Name(types.input), ", has to be a floating type"));
    return;
  }
  ConvolutionTypes(1, types, options, fields, violations).Resolve();
  const ActivationKind kind = activation.has_value() ? activation->kind : ActivationKind::kIdentity;
  if (options.error_bounds && kind != ActivationKind::kIdentity) {
    violations.Add(fields.error_bounds, absl::StrCat("was set, has to be unset with the activation ", Name(kind),
                                                     ": where its derivative jumps no bound holds"));
  } else if (options.accumulation == Accumulation::kExact && !IsPiecewiseLinear(kind)) {
    violations.Add(fields.activation, absl::StrCat("was ", Name(kind),
                                                   ", has to be piecewise linear with EXACT accumulation: identity, "
                                                   "relu, leaky_relu or hard_sigmoid"));
  }
}

std::optional<DataType> ResolvePoolingNumbers(const PoolingGeometry& geometry, DataType input,
                                              const NumericOptions& options, const NumericFields& fields,
                                              Violations& violations) {
  const size_t before = violations.total();
  const PoolingKind kind = geometry.kind;
  CheckNorm(geometry, input, options, fields, violations);
  if (geometry.empty_window != EmptyWindow::kRefuse && !IsFloating(input)) {
    violations.Add(fields.empty_window, absl::StrCat("was ", Name(geometry.empty_window), ", has to be ",
                                                     Name(EmptyWindow::kRefuse), " for an input of ", Name(input)));
  }
  const DataType result = options.output_type.value_or(input);
  if (kind == PoolingKind::kAverage && !IsFloating(input)) {
    if (!options.output_type.has_value()) {
      violations.Add(fields.output_type,
                     absl::StrCat("was not given, has to be a floating type for averages of ", Name(input)));
    } else if (!IsFloating(result)) {
      violations.Add(fields.output_type,
                     absl::StrCat("was ", Name(result), ", has to be a floating type for averages"));
    }
  } else {
    CheckSameType(result, input, fields.output_type, violations);
  }
  if (options.zero_points.input != 0 || !options.zero_points.filter.empty() || options.requantization.has_value()) {
    violations.Add(fields.requantization, "was set, has to be unset for pooling");
  }
  if (violations.total() != before) return std::nullopt;
  return result;
}

void CheckPoolingGradientNumbers(const PoolingGeometry& geometry, DataType input, const NumericOptions& options,
                                 const NumericFields& fields, Violations& violations) {
  if (!IsFloating(input)) {
    violations.Add(fields.input_type, absl::StrCat("was ", Name(input), ", has to be a floating type"));
    return;
  }
  if (options.output_type.has_value()) CheckSameType(*options.output_type, input, fields.output_type, violations);
  if (options.zero_points.input != 0 || !options.zero_points.filter.empty() || options.requantization.has_value()) {
    violations.Add(fields.requantization, "was set, has to be unset for pooling");
  }
  if (options.error_bounds && geometry.kind == PoolingKind::kLp) {
    violations.Add(fields.error_bounds, "was set, has to be unset for the gradient of a norm, which has no bound");
  }
  if (options.accumulation != Accumulation::kExact) return;
  const auto refuse = [&](absl::string_view why) {
    violations.Add(fields.accumulation, absl::StrCat("was EXACT, has to be FAST or FAITHFUL ", why));
  };
  if (geometry.kind == PoolingKind::kLp && geometry.p != 1) {
    refuse(absl::StrCat("for the gradient of a norm with p = ", geometry.p, ": only p = 1 has an exact one"));
  }
  if (internal::SumsSharesExactly(geometry)) return;
  refuse(absl::StrCat("for ", geometry.kind == PoolingKind::kMax ? "ties that are split" : "averages",
                      " in windows that are so large and overlap so much: sums of their shares have too many digits"));
}

}  // namespace tensord::compute
