#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "tensord/compute/activation.h"

namespace tensord::compute {
namespace {

constexpr double kDefaultAlpha = 1;  // of elu, celu and thresholded relu
constexpr double kDefaultSoftplusBeta = 1;
constexpr double kDefaultMinimum = -1;
constexpr double kDefaultMaximum = 1;

// All that is known about a kind besides its formula's code.
struct Kind {
  absl::string_view name;
  absl::string_view formula;
  ActivationParameters parameters;
};

const Kind& KindOf(ActivationKind kind) {
  // In the order of ActivationKind.
  static constexpr Kind kKinds[] = {
      {"identity", "x", {}},
      {"relu", "max(0, x)", {.kink_slope = true}},
      {"leaky_relu", "x for x > 0, else slope * x", {.slope = true, .kink_slope = true}},
      {"elu", "x for x > 0, else alpha * (exp(x) - 1)", {.alpha = true, .kink_slope = true}},
      {"selu", "1.0507009873554805 * (x for x > 0, else 1.6732632423543772 * (exp(x) - 1))", {.kink_slope = true}},
      {"sigmoid", "1 / (1 + exp(-x))", {}},
      {"tanh", "tanh(x)", {}},
      {"softplus", "log(1 + exp(beta * x)) / beta", {.beta = true}},
      {"softsign", "x / (1 + |x|)", {}},
      {"silu", "x / (1 + exp(-x))", {}},
      {"gelu",
       "x * (1 + erf(x / sqrt(2))) / 2; form tanh: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2",
       {.gelu_form = true}},
      {"hard_sigmoid", "max(0, min(1, slope * x + offset))", {.slope = true, .offset = true, .kink_slope = true}},
      {"hard_swish", "x * max(0, min(1, x / 6 + 1 / 2))", {.kink_slope = true}},
      {"celu", "x for x > 0, else alpha * (exp(x / alpha) - 1)", {.alpha = true}},
      {"mish", "x * tanh(log(1 + exp(x)))", {}},
      {"thresholded_relu", "x for x > alpha, else 0", {.alpha = true, .kink_slope = true}},
      {"erf", "erf(x)", {}},
      {"hard_tanh", "max(minimum, min(maximum, x))", {.minimum = true, .maximum = true, .kink_slope = true}},
      {"relu6", "max(0, min(6, x))", {.kink_slope = true}},
      {"log_sigmoid", "log(1 / (1 + exp(-x)))", {}},
      {"prelu", "x for x > 0, else slope * x, slope a tensor", {.kink_slope = true}},
      {"softmax", "exp(x) / (the sum of exp(x) along the axis)", {}},
      {"log_softmax", "x - log(the sum of exp(x) along the axis)", {}},
  };
  static_assert(std::size(kKinds) == kAllActivationKinds.size());
  return kKinds[static_cast<size_t>(kind)];
}

bool Saturates(ActivationKind kind) {
  return kind == ActivationKind::kHardSigmoid || kind == ActivationKind::kHardSwish ||
         kind == ActivationKind::kHardTanh || kind == ActivationKind::kRelu6;
}

double DefaultSlope(ActivationKind kind, Profile profile) {
  const ProfileDefaults& defaults = DefaultsOf(profile);
  return kind == ActivationKind::kHardSigmoid ? defaults.hard_sigmoid_slope : defaults.leaky_relu_slope;
}

// Checks and resolves the parameters of one activation.
class Resolver {
 public:
  Resolver(ActivationKind kind, absl::string_view field, Violations& violations)
      : kind_(kind), field_(field), violations_(violations) {}

  // As Number, of one that has to be above 0.
  double Positive(absl::string_view name, bool taken, const std::optional<double>& given, double fallback) {
    const double value = Number(name, taken, given, fallback);
    if (taken && std::isfinite(value) && value <= 0) Add(name, absl::StrCat("was ", value, ", has to be above 0"));
    return value;
  }

  // `given`, or `fallback`; a violation where it is given and not taken, or not finite.
  double Number(absl::string_view name, bool taken, const std::optional<double>& given, double fallback) {
    if (!taken) {
      Refuse(name, given.has_value());
      return 0;
    }
    if (!given) return fallback;
    if (!std::isfinite(*given)) Add(name, absl::StrCat("was ", *given, ", has to be finite"));
    return *given;
  }

  template <typename Choice>
  Choice Chosen(absl::string_view name, bool taken, const std::optional<Choice>& given, Choice fallback) {
    if (!taken) Refuse(name, given.has_value());
    return taken && given ? *given : fallback;
  }

  void Add(absl::string_view name, absl::string_view description) {
    violations_.Add(absl::StrCat(field_, ".", name), description);
  }

 private:
  void Refuse(absl::string_view name, bool given) {
    if (given) Add(name, absl::StrCat("was given, but ", Name(kind_), " takes no such parameter"));
  }

  const ActivationKind kind_;
  const absl::string_view field_;
  Violations& violations_;
};

}  // namespace

ActivationParameters ParametersOf(ActivationKind kind) { return KindOf(kind).parameters; }

absl::string_view Name(ActivationKind kind) { return KindOf(kind).name; }

absl::string_view ActivationFormula(ActivationKind kind) { return KindOf(kind).formula; }

absl::string_view Name(GeluForm value) { return value == GeluForm::kExact ? "exact" : "tanh"; }

absl::string_view Name(KinkSlope value) {
  switch (value) {
    case KinkSlope::kLeft:
      return "left";
    case KinkSlope::kRight:
      return "right";
    case KinkSlope::kMean:
      return "mean";
    case KinkSlope::kSaturated:
      return "saturated";
  }
  return "left";
}

std::optional<Activation> ResolveActivation(const ActivationOptions& options, Profile profile, absl::string_view field,
                                            Violations& violations) {
  const size_t violations_before = violations.total();
  const ActivationKind kind = options.kind;
  const ActivationParameters takes = ParametersOf(kind);
  Resolver resolver(kind, field, violations);
  Activation result;
  result.kind = kind;
  result.slope = resolver.Number("slope", takes.slope, options.slope, DefaultSlope(kind, profile));
  result.offset = resolver.Number("offset", takes.offset, options.offset, DefaultsOf(profile).hard_sigmoid_offset);
  result.alpha = kind == ActivationKind::kCelu  // below 0 its exponential would grow without bound
                     ? resolver.Positive("alpha", takes.alpha, options.alpha, kDefaultAlpha)
                     : resolver.Number("alpha", takes.alpha, options.alpha, kDefaultAlpha);
  result.beta = resolver.Positive("beta", takes.beta, options.beta, kDefaultSoftplusBeta);
  result.minimum = resolver.Number("minimum", takes.minimum, options.minimum, kDefaultMinimum);
  result.maximum = resolver.Number("maximum", takes.maximum, options.maximum, kDefaultMaximum);
  if (takes.minimum && std::isfinite(result.minimum) && std::isfinite(result.maximum) &&
      result.minimum >= result.maximum) {
    resolver.Add("minimum", absl::StrCat("was ", result.minimum, ", has to be below the maximum, ", result.maximum));
  }
  result.gelu_form = resolver.Chosen("gelu_form", takes.gelu_form, options.gelu_form, GeluForm::kExact);
  result.kink_slope = resolver.Chosen("kink_slope", takes.kink_slope, options.kink_slope,
                                      Saturates(kind) ? KinkSlope::kSaturated : KinkSlope::kLeft);
  if (takes.kink_slope && !Saturates(kind) && result.kink_slope == KinkSlope::kSaturated) {
    resolver.Add("kink_slope",
                 absl::StrCat("was saturated, but ", Name(kind), " saturates nowhere: has to be left, right or mean"));
  }
  if (violations.total() != violations_before) return std::nullopt;
  return result;
}

}  // namespace tensord::compute
