#include <cmath>
#include <limits>

#include "tests/contract/bad_cases.h"
#include "tests/contract/requests.h"

namespace tensord::contract {

void AddPoolingCases(Cases& cases) {
  const auto input = [](auto& r) { return r.mutable_input(); };
  const auto both = [&](auto&& add) {
    add("Pool", GoodPool());
    add("PoolBackward", GoodPoolBackward());
  };
  both([&](const char* rpc, auto good) {
    AddTensorCases(rpc, good, "input", input, cases);
    AddSizeCases(rpc, good, "input", input, cases);
    const auto add = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
      cases.Add(std::string(kTensorService) + rpc, name, good, spoil, field, text);
    };
    add(
        "InputMissing", [](auto& r) { r.clear_input(); }, "input", "was not given, is required");
    add(
        "KindMissing", [](auto& r) { r.clear_kind(); }, "kind", "was not given, is required");
    add(
        "KindUnknown", [](auto& r) { r.set_kind(static_cast<v1::PoolingKind>(9)); }, "kind",
        "was 9, has to be one of MAX, AVERAGE, SUBSAMPLE, LP");
    add(
        "InputOfRank6",
        [](auto& r) {
          *r.mutable_input() = Ramp({1, 1, 1, 1, 1, 1});
        },
        "input.shape", "had rank 6");
    add(
        "InputScalar", [](auto& r) { *r.mutable_input() = Ramp({}); }, "input.shape", "had rank 0");
    add(
        "SubsampleWithAWindow", [](auto& r) { r.set_kind(v1::POOLING_KIND_SUBSAMPLE); }, "conventions.window",
        "was 2, has to be 1 or left out");
    add(
        "SubsampleWithoutStride",
        [](auto& r) {
          r.set_kind(v1::POOLING_KIND_SUBSAMPLE);
          r.clear_conventions();
        },
        "conventions.strides", "was not given");
    add(
        "AverageWithoutDivisorInPadding",
        [](auto& r) {
          r.set_kind(v1::POOLING_KIND_AVERAGE);
          r.mutable_conventions()->mutable_padding()->add_begin(1);
        },
        "conventions.average_divisor", "was not given, has to be EXCLUDED, INCLUDED or FIXED");
    add(
        "FixedDivisorMissing",
        [](auto& r) {
          r.set_kind(v1::POOLING_KIND_AVERAGE);
          r.mutable_conventions()->set_average_divisor(v1::AVERAGE_DIVISOR_FIXED);
        },
        "conventions.fixed_divisor", "was not given");
    add(
        "FixedDivisorZero",
        [](auto& r) {
          r.set_kind(v1::POOLING_KIND_AVERAGE);
          r.mutable_conventions()->set_average_divisor(v1::AVERAGE_DIVISOR_FIXED);
          r.mutable_conventions()->set_fixed_divisor(0);
        },
        "conventions.fixed_divisor", "was 0, has to be 1..");
    add(
        "AdaptiveNorms",
        [](auto& r) {
          r.set_kind(v1::POOLING_KIND_LP);
          r.clear_conventions();
          r.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
          r.mutable_conventions()->add_output_size(2);
        },
        "conventions.window_mode", "was ADAPTIVE, has to be EXPLICIT or GLOBAL for LP pooling");
    add(
        "SubsampleWithAMode",
        [](auto& r) {
          r.set_kind(v1::POOLING_KIND_SUBSAMPLE);
          r.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_GLOBAL);
        },
        "conventions.window_mode", "only MAX, AVERAGE and LP pooling takes it, this is SUBSAMPLE");
    for (const double p : {0.0, -2.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
      const std::string name = p == 0 ? "Zero" : p < 0 ? "Negative" : std::isnan(p) ? "Nan" : "Infinite";
      add(
          "Exponent" + name,
          [p](auto& r) {
            r.set_kind(v1::POOLING_KIND_LP);
            r.mutable_conventions()->set_p(p);
          },
          "conventions.p", "has to be a finite number above 0");
    }
    add(
        "ProfileUnknown", [](auto& r) { r.set_profile(static_cast<v1::ConventionProfile>(42)); }, "profile", "was 42");
  });
  cases.Add(
      std::string(kTensorService) + "Pool", "IndicesOfAnAverage", GoodPool(),
      [](auto& r) { r.set_kind(v1::POOLING_KIND_AVERAGE); }, "return_indices", "only MAX pooling has indices");
  AddTensorCases(
      "PoolBackward", GoodPoolBackward(), "output_gradient", [](auto& r) { return r.mutable_output_gradient(); },
      cases);
  cases.Add(
      std::string(kTensorService) + "PoolBackward", "GradientOfOtherShape", GoodPoolBackward(),
      [](auto& r) {
        *r.mutable_output_gradient() = Ramp({2, 2, 2, 4});
      },
      "output_gradient.shape", "was [2, 2, 2, 4], has to be [2, 2, 2, 3]");
}

}  // namespace tensord::contract
