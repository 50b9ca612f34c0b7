#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "tests/contract/bad_cases.h"
#include "tests/contract/requests.h"

namespace tensord::contract {

namespace {

// Parameters, through every rpc that takes an activation: `spoil` is given it.
template <typename Add>
void AddParameterCases(Add add) {
  const auto row = [&](const std::string& name, v1::ActivationKind kind, auto set, const std::string& field,
                       const std::string& text) {
    add(
        name,
        [=](auto& r) {
          r.mutable_activation()->Clear();
          r.mutable_activation()->set_kind(kind);
          set(*r.mutable_activation());
        },
        "activation." + field, text);
  };
  using A = v1::Activation;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double alpha : {0.0, -1.0, -0.0}) {
    row(
        "CeluAlpha" + std::string(alpha == -1 ? "Negative" : (std::signbit(alpha) ? "NegativeZero" : "Zero")),
        v1::ACTIVATION_KIND_CELU, [=](A& a) { a.set_alpha(alpha); }, "alpha", "has to be above 0");
  }
  row(
      "CeluAlphaNan", v1::ACTIVATION_KIND_CELU, [](A& a) { a.set_alpha(std::nan("")); }, "alpha", "has to be finite");
  row(
      "ThresholdInfinite", v1::ACTIVATION_KIND_THRESHOLDED_RELU, [=](A& a) { a.set_alpha(kInfinity); }, "alpha",
      "has to be finite");
  row(
      "MinimumAtMaximum", v1::ACTIVATION_KIND_HARD_TANH, [](A& a) { a.set_minimum(1); }, "minimum",
      "was 1, has to be below the maximum, 1");
  row(
      "MinimumAbsurd", v1::ACTIVATION_KIND_HARD_TANH, [](A& a) { a.set_minimum(1e300); }, "minimum", "was 1e+300");
  row(
      "MinimumNan", v1::ACTIVATION_KIND_HARD_TANH, [](A& a) { a.set_minimum(std::nan("")); }, "minimum", "nan");
  row(
      "MaximumInfinite", v1::ACTIVATION_KIND_HARD_TANH, [=](A& a) { a.set_maximum(-kInfinity); }, "maximum",
      "was -inf");
  row(
      "MinimumOfRelu6", v1::ACTIVATION_KIND_RELU6, [](A& a) { a.set_minimum(0); }, "minimum", "relu6 takes no such");
  row(
      "MaximumOfMish", v1::ACTIVATION_KIND_MISH, [](A& a) { a.set_maximum(1); }, "maximum", "mish takes no such");
  row(
      "AlphaOfErf", v1::ACTIVATION_KIND_ERF, [](A& a) { a.set_alpha(1); }, "alpha", "erf takes no such");
  row(
      "KinkOfLogSigmoid", v1::ACTIVATION_KIND_LOG_SIGMOID, [](A& a) { a.set_kink_slope(v1::KINK_SLOPE_LEFT); },
      "kink_slope", "log_sigmoid takes no such");
  row(
      "KinkOfCelu", v1::ACTIVATION_KIND_CELU, [](A& a) { a.set_kink_slope(v1::KINK_SLOPE_LEFT); }, "kink_slope",
      "celu takes no such");
  row(
      "AxisOfTanh", v1::ACTIVATION_KIND_TANH, [](A& a) { a.set_axis("W"); }, "axis", "tanh takes no such");
  row(
      "AxisIndexOfTanh", v1::ACTIVATION_KIND_TANH, [](A& a) { a.set_axis_index(0); }, "axis_index",
      "tanh takes no such");
  row(
      "SlopeMatchOfLeakyRelu", v1::ACTIVATION_KIND_LEAKY_RELU, [](A& a) { a.set_slope_match(v1::SLOPE_MATCH_CHANNEL); },
      "slope_match", "leaky_relu takes no such");
  row(
      "SlopeMatchUnknown", v1::ACTIVATION_KIND_LEAKY_RELU,
      [](A& a) { a.set_slope_match(static_cast<v1::SlopeMatch>(7)); }, "slope_match",
      "was 7, has to be one of TRAILING, CHANNEL, AXES");
}

// What a convolution cannot apply to its result.
template <typename Request>
void AddFusedCases(const std::string& rpc, const Request& good, Cases& cases) {
  const auto add = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(std::string(kTensorService) + rpc, name, good, spoil, field, text);
  };
  AddParameterCases(add);
  for (const auto& [kind, name] : {std::pair<v1::ActivationKind, std::string>(v1::ACTIVATION_KIND_PRELU, "PRELU"),
                                   {v1::ACTIVATION_KIND_SOFTMAX, "SOFTMAX"},
                                   {v1::ACTIVATION_KIND_LOG_SOFTMAX, "LOG_SOFTMAX"}}) {
    add(
        "Fused" + name, [kind = kind](Request& r) { r.mutable_activation()->set_kind(kind); }, "activation.kind",
        "was " + name + ", has to be a function of one element");
  }
}

// Softmax: the axis.
template <typename Request>
void AddAxisCases(const std::string& rpc, const Request& good, Cases& cases) {
  const auto add = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(
        std::string(kTensorService) + rpc, "Softmax" + name, good,
        [&](Request& r) {
          r.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SOFTMAX);
          spoil(r);
        },
        field, text);
  };
  for (const int64_t index : {int64_t{2}, int64_t{-3}, int64_t{1} << 32, std::numeric_limits<int64_t>::min()}) {
    add(
        "AxisIndex" + std::string(index < 0 ? "Minus" : "") + std::to_string(index).substr(index < 0 ? 1 : 0),
        [=](Request& r) { r.mutable_activation()->set_axis_index(index); }, "activation.axis_index", "has to be -2..1");
  }
  add(
      "AxisNotThere", [](Request& r) { r.mutable_activation()->set_axis("C"); }, "activation.axis",
      "was 'C', has to be one letter of the input's axes, HW");
  add(
      "AxisEmpty", [](Request& r) { r.mutable_activation()->set_axis(""); }, "activation.axis", "was ''");
  add(
      "AxisLong", [](Request& r) { r.mutable_activation()->set_axis(std::string(5000, '\x1b')); }, "activation.axis",
      "was '\\x1b\\x1b");
  add(
      "AxesAtOdds",
      [](Request& r) {
        r.mutable_activation()->set_axis("H");
        r.mutable_activation()->set_axis_index(1);
      },
      "activation.axis_index", "was 1, has to be 0");
  add(
      "AxisRequiredUnderPytorch", [](Request& r) { r.set_profile(v1::CONVENTION_PROFILE_PYTORCH); }, "activation.axis",
      "was not given, is required with the profile PYTORCH");
  add(
      "OfAScalar",
      [](Request& r) {
        r.mutable_input()->clear_shape();
        r.mutable_input()->mutable_data()->resize(4);
      },
      "activation.axis", "the input is a scalar");
  add(
      "WithAlpha", [](Request& r) { r.mutable_activation()->set_alpha(1); }, "activation.alpha",
      "softmax takes no such");
  add(
      "WithSlopes", [](Request& r) { *r.mutable_slope() = Floats({1}, {1}); }, "slope",
      "only PRELU takes a tensor of slopes");
}

// Prelu: the tensor of slopes.
template <typename Request>
void AddSlopeCases(const std::string& rpc, Request good, Cases& cases) {
  good.mutable_activation()->set_kind(v1::ACTIVATION_KIND_PRELU);
  *good.mutable_slope() = Floats({1, 3}, {1, 2, 3});
  const auto add = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(std::string(kTensorService) + rpc, "Prelu" + name, good, spoil, field, text);
  };
  AddTensorCases(
      rpc, good, "slope", [](auto& r) { return r.mutable_slope(); }, cases);
  AddSizeCases(
      rpc, good, "slope", [](auto& r) { return r.mutable_slope(); }, cases);
  add(
      "WithoutSlopes", [](Request& r) { r.clear_slope(); }, "slope", "was not given, is required");
  add(
      "SlopesOfOtherType", [](Request& r) { r.mutable_slope()->set_data_type(v1::DATA_TYPE_FLOAT64); },
      "slope.data_type", "FLOAT64");
  add(
      "SlopesThatDoNotFit",
      [](Request& r) {
        *r.mutable_slope() = Floats({2}, {1, 2});
      },
      "slope.shape[0]", "was 2, has to be 1 or 3");
  add(
      "SlopesOfMoreAxes",
      [](Request& r) {
        *r.mutable_slope() = Floats({1, 2, 3}, {1, 2, 3, 4, 5, 6});
      },
      "slope.shape", "had rank 3, has to have 0..2");
  add(
      "SlopesPerChannelWithoutChannels",
      [](Request& r) {
        *r.mutable_slope() = Floats({3}, {1, 2, 3});
        r.mutable_activation()->set_slope_match(v1::SLOPE_MATCH_CHANNEL);
      },
      "activation.slope_match", "have no C");
  add(
      "SlopesWithoutAxes", [](Request& r) { r.mutable_activation()->set_slope_match(v1::SLOPE_MATCH_AXES); },
      "slope.axes", "are required");
  add(
      "SlopesOfOtherAxes", [](Request& r) { r.mutable_slope()->set_axes("QW"); }, "slope.axes", "was 'Q'");
  add(
      "SlopesOfLowerCaseAxes", [](Request& r) { r.mutable_slope()->set_axes("hw"); }, "slope.axes", "capital letter");
  add(
      "SlopeNumber", [](Request& r) { r.mutable_activation()->set_slope(0.5); }, "activation.slope",
      "prelu takes no such");
  add(
      "Axis", [](Request& r) { r.mutable_activation()->set_axis("W"); }, "activation.axis", "prelu takes no such");
  add(
      "KinkSaturated", [](Request& r) { r.mutable_activation()->set_kink_slope(v1::KINK_SLOPE_SATURATED); },
      "activation.kink_slope", "saturates nowhere");
}

}  // namespace

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
    for (const v1::DataType type :
         {v1::DATA_TYPE_INT8, v1::DATA_TYPE_UINT8, v1::DATA_TYPE_INT32, v1::DATA_TYPE_INT64}) {
      add(
          "InputOf" + std::to_string(type), [type](auto& r) { r.mutable_input()->set_data_type(type); },
          "input.data_type", "has to be a floating type");
    }
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
    AddParameterCases(add);
    AddAxisCases(rpc, good, cases);
    AddSlopeCases(rpc, good, cases);
    add(
        "SlopesOfALeakyRelu", [](auto& r) { *r.mutable_slope() = Floats({1}, {1}); }, "slope",
        "only PRELU takes a tensor of slopes");
    add(
        "AxesOfOtherNumber", [](auto& r) { r.mutable_input()->set_axes("NCHW"); }, "input.axes", "was 'NCHW'");
    add(
        "AxesOfControlCharacters", [](auto& r) { r.mutable_input()->set_axes("\x1b\n"); }, "input.axes",
        "was '\\x1b\\n'");
  });
  AddFusedCases("Convolve", GoodConvolve(), cases);
  AddFusedCases("ConvolveBackward", GoodConvolveBackward(), cases);
  cases.Add(
      std::string(kTensorService) + "ActivateBackward", "SlopeGradientOfALeakyRelu", GoodActivateBackward(),
      [](auto& r) { r.set_return_slope_gradient(true); }, "return_slope_gradient", "only PRELU has a tensor of slopes");
  cases.Add(
      std::string(kTensorService) + "ActivateBackward", "GradientOfOtherShape", GoodActivateBackward(),
      [](auto& r) {
        *r.mutable_output_gradient() = Ramp({3, 2});
      },
      "output_gradient.shape", "was [3, 2], has to be [2, 3], the input's shape");
}

}  // namespace tensord::contract
