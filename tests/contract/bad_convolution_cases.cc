#include "tests/contract/bad_cases.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

// Cases that only a backward request has. `shape` is what the gradient's shape [2, 4, 3, 3] is answered with.
template <typename Request>
void AddBackwardCases(const char* rpc, const Request& good, const std::string& shape, Cases& cases) {
  const auto gradient = [](auto& r) { return r.mutable_output_gradient(); };
  AddTensorCases(rpc, good, "output_gradient", gradient, cases);
  const auto add = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(std::string(kTensorService) + rpc, name, good, spoil, field, text);
  };
  add(
      "GradientMissing", [](auto& r) { r.clear_output_gradient(); }, "output_gradient", "was not given, is required");
  add(
      "GradientOfOtherShape",
      [](auto& r) {
        *r.mutable_output_gradient() = Ramp({2, 4, 3, 3});
      },
      "output_gradient.shape", shape);
  add(
      "NoGradientWanted", [](auto& r) { r.clear_gradients(); }, "gradients", "has to name at least one");
  add(
      "GradientUnknown", [](auto& r) { r.set_gradients(0, static_cast<v1::ConvolutionGradient>(7)); }, "gradients[0]",
      "was 7");
  add(
      "GradientTwice", [](auto& r) { r.set_gradients(1, r.gradients(0)); }, "gradients[1]", "has to stand once");
  add(
      "PreActivationWithoutActivation", [](auto& r) { r.clear_activation(); }, "gradients", "needs an activation");
}

}  // namespace

void AddConvolutionCases(Cases& cases) {
  const auto input = [](auto& r) { return r.mutable_input(); };
  const auto filter = [](auto& r) { return r.mutable_filter(); };
  const auto bias = [](auto& r) { return r.mutable_bias(); };
  const auto both = [&](auto&& add) {
    add("Convolve", GoodConvolve());
    add("ConvolveBackward", GoodConvolveBackward());
    add("ConvolveTranspose", GoodConvolveTranspose());
    add("ConvolveTransposeBackward", GoodConvolveTransposeBackward());
  };
  both([&](const char* rpc, auto good) {
    using Request = decltype(good);
    AddTensorCases(rpc, good, "input", input, cases);
    AddTensorCases(rpc, good, "filter", filter, cases);
    AddTensorCases(rpc, good, "bias", bias, cases);
    AddSizeCases(rpc, good, "input", input, cases);
    AddSizeCases(rpc, good, "filter", filter, cases);
    const auto add = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
      cases.Add(
          std::string(kTensorService) + rpc, name, good, [&](Request& r) { spoil(r); }, field, text);
    };
    add(
        "InputMissing", [](auto& r) { r.clear_input(); }, "input", "was not given, is required");
    add(
        "FilterMissing", [](auto& r) { r.clear_filter(); }, "filter", "was not given, is required");
    add(
        "FilterOfRank6",
        [](auto& r) {
          *r.mutable_filter() = Ramp({1, 1, 1, 1, 1, 1});
        },
        "filter.shape", "had rank 6");
    add(
        "InputOfRank2",
        [](auto& r) {
          *r.mutable_input() = Ramp({5, 4});
        },
        "input.shape", "had rank 2, has to have rank 3 (HWC) or 4 (NHWC)");
    add(
        "FilterOfOtherChannels",
        [](auto& r) {
          *r.mutable_filter() = Ramp({2, 2, 5, 4});
        },
        "filter.shape[2]", "was 5 input channels");
    add(
        "FilterOfOtherType",
        [](auto& r) {
          r.mutable_filter()->set_data_type(v1::DATA_TYPE_FLOAT64);
          r.mutable_filter()->mutable_data()->append(r.filter().data());
        },
        "filter.data_type", "was float64, has to be float32");
    add(
        "BiasOfOtherLength", [](auto& r) { *r.mutable_bias() = Ramp({3}); }, "bias.shape", "was [3], has to be [4]");
    add(
        "BiasOfRank2",
        [](auto& r) {
          *r.mutable_bias() = Ramp({1, 4});
        },
        "bias.shape", "was [1, 4]");
    add(
        "AxesAtOddsWithTheLayout",
        [](auto& r) {
          r.mutable_input()->set_axes("NWHC");
          r.mutable_conventions()->set_input_layout("NHWC");
        },
        "input.axes", "was 'NWHC', has to be 'NHWC'");
    add(
        "ProfileUnknown", [](auto& r) { r.set_profile(static_cast<v1::ConventionProfile>(42)); }, "profile",
        "was 42, has to be one of TEXTBOOK, PYTORCH");
    add(
        "ActivationWithoutKind", [](auto& r) { r.mutable_activation()->clear_kind(); }, "activation.kind",
        "was not given");
    add(
        "NumberThatFloat32CannotHold",
        [](auto& r) {
          r.clear_bias();
          r.mutable_filter()->clear_data();
          for (int i = 0; i < 48; ++i) r.mutable_filter()->mutable_integers()->add_values(16777217);
        },
        "filter.integers.values[0]", "was 16777217, which float32 does not represent exactly");
  });
  const auto too_large = [](auto& r) { *r.mutable_filter() = Ramp({6, 2, 3, 4}); };
  const char* const at_most = "was 6, has to be at most 5, the length of the padded input";
  cases.Add(std::string(kTensorService) + "Convolve", "FilterLargerThanTheInput", GoodConvolve(), too_large,
            "filter.shape[0]", at_most);
  cases.Add(std::string(kTensorService) + "ConvolveBackward", "FilterLargerThanTheInput", GoodConvolveBackward(),
            too_large, "filter.shape[0]", at_most);
  const auto leaves_nothing = [](auto& r) { r.mutable_conventions()->mutable_padding()->add_begin(5); };
  const char* const at_least = "was 2, has to be at least 4, or the padding less: the output's length would be -1";
  cases.Add(std::string(kTensorService) + "ConvolveTranspose", "PaddingThatLeavesNothing", GoodConvolveTranspose(),
            leaves_nothing, "filter.shape[1]", at_least);
  cases.Add(std::string(kTensorService) + "ConvolveTransposeBackward", "PaddingThatLeavesNothing",
            GoodConvolveTransposeBackward(), leaves_nothing, "filter.shape[1]", at_least);
  AddBackwardCases("ConvolveBackward", GoodConvolveBackward(), "was [2, 4, 3, 3], has to be [2, 4, 3, 4]", cases);
  AddBackwardCases("ConvolveTransposeBackward", GoodConvolveTransposeBackward(),
                   "was [2, 4, 3, 3], has to be [2, 11, 9, 4]", cases);
}

}  // namespace tensord::contract
