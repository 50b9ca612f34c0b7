// The functions of one element that tensord has by one kind: ONNX's formulas, and as requests.
#include "tests/conformance/activation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tensord/compute/status_macros.h"
#include "tests/conformance/operators.h"
#include "tests/conformance/precision.h"
#include "tests/conformance/wire.h"

namespace tensord::conformance {
namespace {

using onnx_reader::Attributes;
using onnx_reader::Tensor;
using Real = long double;

// How many roundings, each of them relative to `size`, the reference may make in its own type.
constexpr Real kReferenceRoundings = 8;

// A function as a request; its value; and its size, the sum of the absolute values of what the formula adds up on the
// way. Without a size the function rounds nothing.
struct Function {
  v1::Activation activation;
  std::function<Real(Real)> value = nullptr;
  std::function<Real(Real)> size = nullptr;
};

// The attribute; where the node does not have it, the request leaves it out too, so that the profile's default counts.
double Parameter(const Attributes& attributes, const std::string& name, double otherwise,
                 const std::function<void(double)>& set) {
  const std::optional<float> given = attributes.Float(name);
  if (given.has_value()) set(*given);
  return given.has_value() ? *given : otherwise;
}

Function OfKind(v1::ActivationKind kind) {
  Function function;
  function.activation.set_kind(kind);
  return function;
}

// A function whose every step is relative to its value.
Function Plain(v1::ActivationKind kind, const std::function<Real(Real)>& value) {
  Function function = OfKind(kind);
  function.value = value;
  function.size = [value](Real x) { return std::fabs(value(x)); };
  return function;
}

Function Thresholded(const Attributes& attributes) {
  Function function = OfKind(v1::ACTIVATION_KIND_THRESHOLDED_RELU);
  Parameter(attributes, "alpha", 1, [&function](double alpha) { function.activation.set_alpha(alpha); });
  return function;
}

Function Leaky(const Attributes& attributes) {
  Function function = OfKind(v1::ACTIVATION_KIND_LEAKY_RELU);
  const Real slope =
      Parameter(attributes, "alpha", 0.01, [&function](double alpha) { function.activation.set_slope(alpha); });
  function.value = [slope](Real x) { return x > 0 ? x : slope * x; };
  function.size = [value = function.value](Real x) { return std::fabs(value(x)); };
  return function;
}

// alpha * (exp(x / scale) - 1) below 0, with scale 1 or alpha.
Function Exponential(const Attributes& attributes, v1::ActivationKind kind, bool scaled) {
  Function function = OfKind(kind);
  const Real alpha =
      Parameter(attributes, "alpha", 1, [&function](double given) { function.activation.set_alpha(given); });
  const Real scale = scaled ? alpha : 1;
  function.value = [alpha, scale](Real x) { return x > 0 ? x : alpha * std::expm1(x / scale); };
  function.size = [alpha, scale](Real x) { return x > 0 ? x : std::fabs(alpha) * (std::exp(x / scale) + 1); };
  return function;
}

Function HardSigmoid(const Attributes& attributes) {
  Function function = OfKind(v1::ACTIVATION_KIND_HARD_SIGMOID);
  v1::Activation& activation = function.activation;
  const Real slope = Parameter(attributes, "alpha", 0.2, [&activation](double alpha) { activation.set_slope(alpha); });
  const Real offset = Parameter(attributes, "beta", 0.5, [&activation](double beta) { activation.set_offset(beta); });
  function.value = [=](Real x) { return std::clamp<Real>(slope * x + offset, 0, 1); };
  function.size = [=](Real x) { return std::fabs(slope * x) + std::fabs(offset); };
  return function;
}

Function HardSwish(const Attributes&) {
  Function function = OfKind(v1::ACTIVATION_KIND_HARD_SWISH);
  function.value = [](Real x) { return x * std::clamp<Real>(x / 6 + 0.5L, 0, 1); };
  function.size = [](Real x) { return std::fabs(x) * (std::fabs(x) / 6 + 0.5L); };
  return function;
}

Function Softplus(const Attributes&) {
  Function function = OfKind(v1::ACTIVATION_KIND_SOFTPLUS);
  function.value = [](Real x) { return std::max<Real>(x, 0) + std::log1p(std::exp(-std::fabs(x))); };
  function.size = [value = function.value](Real x) { return value(x) + 1; };
  return function;
}

Function Mish(const Attributes& attributes) {
  Function function = OfKind(v1::ACTIVATION_KIND_MISH);
  function.value = [softplus = Softplus(attributes).value](Real x) { return x * std::tanh(softplus(x)); };
  function.size = [](Real x) { return std::fabs(x); };
  return function;
}

Function Gelu(const Attributes& attributes) {
  Function function = OfKind(v1::ACTIVATION_KIND_GELU);
  const bool tanh_form = attributes.String("approximate", "none") == "tanh";
  function.activation.set_gelu_form(tanh_form ? v1::GELU_FORM_TANH : v1::GELU_FORM_EXACT);
  function.value = [tanh_form](Real x) {
    if (!tanh_form) return x / 2 * std::erfc(-x / std::sqrt(2.0L));
    return x / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0L)) * (x + 0.044715L * x * x * x)));
  };
  function.size = [](Real x) { return std::fabs(x); };
  return function;
}

using MakeFunction = std::function<Function(const Attributes&)>;

const std::map<std::string, MakeFunction>& Functions() {
  const auto always = [](const Function& function) { return [function](const Attributes&) { return function; }; };
  static const std::map<std::string, MakeFunction>& functions = *new std::map<std::string, MakeFunction>{
      {"Celu", [](const Attributes& a) { return Exponential(a, v1::ACTIVATION_KIND_CELU, true); }},
      {"Elu", [](const Attributes& a) { return Exponential(a, v1::ACTIVATION_KIND_ELU, false); }},
      {"Erf", always(Plain(v1::ACTIVATION_KIND_ERF, [](Real x) { return std::erf(x); }))},
      {"Gelu", Gelu},
      {"HardSigmoid", HardSigmoid},
      {"HardSwish", HardSwish},
      {"Identity", always(OfKind(v1::ACTIVATION_KIND_IDENTITY))},
      {"LeakyRelu", Leaky},
      {"Mish", Mish},
      {"Relu", always(OfKind(v1::ACTIVATION_KIND_RELU))},
      {"Sigmoid", always(Plain(v1::ACTIVATION_KIND_SIGMOID, [](Real x) { return 1 / (1 + std::exp(-x)); }))},
      {"Softplus", Softplus},
      {"Softsign", always(Plain(v1::ACTIVATION_KIND_SOFTSIGN, [](Real x) { return x / (1 + std::fabs(x)); }))},
      {"Tanh", always(Plain(v1::ACTIVATION_KIND_TANH, [](Real x) { return std::tanh(x); }))},
      {"ThresholdedRelu", Thresholded},
  };
  return functions;
}

}  // namespace

absl::StatusOr<Tensor> Activate(const Tensor& input, const v1::Activation& activation,
                                client::ClientInterface& server) {
  v1::ActivateRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_input(), ToWire(input));
  *request.mutable_activation() = activation;
  TENSORD_ASSIGN_OR_RETURN(const v1::ActivateResponse response, Answered(server.Activate(request)));
  return FromWire(response.output());
}

absl::StatusOr<std::vector<Computed>> RunElementwise(const Case& tested, client::ClientInterface& server) {
  const Tensor* input = tested.Input(0);
  if (input == nullptr) return absl::InvalidArgumentError("an activation needs its input");
  const Function function = Functions().at(tested.node.op_type)(tested.node.attributes);
  TENSORD_RETURN_IF_ERROR(tested.node.attributes.Check());
  Computed computed;
  TENSORD_ASSIGN_OR_RETURN(computed.answer, Activate(*input, function.activation, server));
  if (function.value == nullptr) return std::vector<Computed>{computed};
  TENSORD_ASSIGN_OR_RETURN(const Precision precision, PrecisionOf(input->type));
  Exact& exact = computed.exact.emplace();
  exact.shape = input->shape;
  for (const Real x : Reals(*input)) {
    const Real value = function.value(x);
    exact.values.push_back(value);
    exact.answer_bounds.push_back(AnswerBoundOfFunction(precision, value, 2));
    exact.reference_bounds.push_back(kReferenceRoundings * precision.unit * function.size(x) + precision.least);
  }
  return std::vector<Computed>{computed};
}

}  // namespace tensord::conformance
