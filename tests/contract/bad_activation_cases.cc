#include <cmath>

#include "tests/contract/bad_cases.h"
#include "tests/contract/requests.h"

namespace tensord::contract {

void AddActivationCases(Cases& cases) {
  const auto both = [&](auto&& add) {
    add("Activate", GoodActivate());
    add("ActivateBackward", GoodActivateBackward());
  };
  both([&](const char* rpc, auto good) {
    AddTensorCases(
        rpc, good, "input", [](auto& r) { return r.mutable_input(); }, cases);
    AddSizeCases(
        rpc, good, "input", [](auto& r) { return r.mutable_input(); }, cases);
    const auto add = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
      cases.Add(std::string(kTensorService) + rpc, name, good, spoil, field, text);
    };
    add(
        "ActivationMissing", [](auto& r) { r.clear_activation(); }, "activation.kind", "was not given, is required");
    add(
        "KindUnknown", [](auto& r) { r.mutable_activation()->set_kind(static_cast<v1::ActivationKind>(99)); },
        "activation.kind", "was 99, has to be one of IDENTITY, RELU");
    add(
        "SlopeNan", [](auto& r) { r.mutable_activation()->set_slope(std::nan("")); }, "activation.slope", "nan");
    add(
        "SlopeInfinite", [](auto& r) { r.mutable_activation()->set_slope(INFINITY); }, "activation.slope", "inf");
    add(
        "AlphaOfALeakyRelu", [](auto& r) { r.mutable_activation()->set_alpha(1); }, "activation.alpha",
        "takes no such parameter");
    add(
        "BetaZero",
        [](auto& r) {
          r.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SOFTPLUS);
          r.mutable_activation()->set_beta(0);
        },
        "activation.beta", "above 0");
    add(
        "GeluFormUnknown",
        [](auto& r) {
          r.mutable_activation()->set_kind(v1::ACTIVATION_KIND_GELU);
          r.mutable_activation()->set_gelu_form(static_cast<v1::GeluForm>(5));
        },
        "activation.gelu_form", "was 5");
    add(
        "KinkSlopeUnknown", [](auto& r) { r.mutable_activation()->set_kink_slope(static_cast<v1::KinkSlope>(9)); },
        "activation.kink_slope", "was 9");
    add(
        "AxesOfOtherNumber", [](auto& r) { r.mutable_input()->set_axes("NCHW"); }, "input.axes", "was 'NCHW'");
    add(
        "AxesOfControlCharacters", [](auto& r) { r.mutable_input()->set_axes("\x1b\n"); }, "input.axes",
        "was '\\x1b\\n'");
  });
  cases.Add(
      std::string(kTensorService) + "ActivateBackward", "GradientOfOtherShape", GoodActivateBackward(),
      [](auto& r) {
        *r.mutable_output_gradient() = Ramp({3, 2});
      },
      "output_gradient.shape", "was [3, 2], has to be [2, 3], the input's shape");
}

}  // namespace tensord::contract
