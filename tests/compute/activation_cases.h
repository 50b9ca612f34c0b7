// What the tests of activations share: every kind with parameters that make its formula hard, and inputs to try.
#ifndef TENSORD_TESTS_COMPUTE_ACTIVATION_CASES_H_
#define TENSORD_TESTS_COMPUTE_ACTIVATION_CASES_H_

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <type_traits>
#include <vector>

#include "tensord/compute/activation.h"
#include "tests/support/builders.h"

namespace tensord::compute {

struct ActivationCase {
  std::string name;
  ActivationOptions options;
};

inline void PrintTo(const ActivationCase& c, std::ostream* out) { *out << c.name; }

// Every elementwise kind with its defaults, and the parameters that make its formula hard.
inline std::vector<ActivationCase> AllActivationCases() {
  using Kind = ActivationKind;
  return {
      {"Identity", {.kind = Kind::kIdentity}},
      {"Relu", {.kind = Kind::kRelu}},
      {"LeakyRelu", {.kind = Kind::kLeakyRelu}},
      {"LeakyReluZero", {.kind = Kind::kLeakyRelu, .slope = 0}},
      {"LeakyReluNegative", {.kind = Kind::kLeakyRelu, .slope = -2.5}},
      {"Elu", {.kind = Kind::kElu}},
      {"EluLarge", {.kind = Kind::kElu, .alpha = 1e10}},
      {"EluNegative", {.kind = Kind::kElu, .alpha = -0.75}},
      {"Selu", {.kind = Kind::kSelu}},
      {"Sigmoid", {.kind = Kind::kSigmoid}},
      {"Tanh", {.kind = Kind::kTanh}},
      {"Softplus", {.kind = Kind::kSoftplus}},
      {"SoftplusSteep", {.kind = Kind::kSoftplus, .beta = 31.7}},
      {"SoftplusFlat", {.kind = Kind::kSoftplus, .beta = 1e-3}},
      {"SoftplusTiny", {.kind = Kind::kSoftplus, .beta = 1e-300}},
      {"Softsign", {.kind = Kind::kSoftsign}},
      {"Silu", {.kind = Kind::kSilu}},
      {"Gelu", {.kind = Kind::kGelu}},
      {"GeluTanh", {.kind = Kind::kGelu, .gelu_form = GeluForm::kTanh}},
      {"HardSigmoid", {.kind = Kind::kHardSigmoid}},
      {"HardSigmoidFalling", {.kind = Kind::kHardSigmoid, .slope = -0.3, .offset = 0.7}},
      {"HardSigmoidFlat", {.kind = Kind::kHardSigmoid, .slope = 0, .offset = 0.25}},
      {"HardSwish", {.kind = Kind::kHardSwish}},
      {"Celu", {.kind = Kind::kCelu}},
      {"CeluSteep", {.kind = Kind::kCelu, .alpha = 0.013}},
      {"CeluFlat", {.kind = Kind::kCelu, .alpha = 7.3}},
      {"CeluTiny", {.kind = Kind::kCelu, .alpha = 1e-310}},
      {"CeluHuge", {.kind = Kind::kCelu, .alpha = 1e308}},
      {"Mish", {.kind = Kind::kMish}},
      {"ThresholdedRelu", {.kind = Kind::kThresholdedRelu}},
      {"ThresholdedReluNegative", {.kind = Kind::kThresholdedRelu, .alpha = -2.5}},
      {"Erf", {.kind = Kind::kErf}},
      {"HardTanh", {.kind = Kind::kHardTanh}},
      {"HardTanhPositive", {.kind = Kind::kHardTanh, .minimum = 0.1, .maximum = 1e30}},
      {"Relu6", {.kind = Kind::kRelu6}},
      {"LogSigmoid", {.kind = Kind::kLogSigmoid}},
  };
}

inline Activation Resolved(const ActivationOptions& options, Profile profile = Profile::kNone) {
  Violations violations;
  const auto activation = ResolveActivation(options, profile, "activation", violations);
  EXPECT_TRUE(activation.has_value()) << violations.ToStatus();
  return activation.value_or(Activation{});
}

// A dense grid around 0, powers of two of both signs through the whole range, special values and random bit patterns.
template <typename T>
std::vector<double> ActivationInputs() {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  using Numbers = std::numeric_limits<T>;
  std::vector<double> inputs = {0.0, -0.0, INFINITY, -INFINITY, NAN, -NAN, 1, -1, 2.5, -2.5, 3, -3, 6, -12};
  for (const T x : {Numbers::max(), Numbers::min(), Numbers::denorm_min(), Numbers::epsilon()}) {
    inputs.push_back(static_cast<double>(x));
    inputs.push_back(-static_cast<double>(x));
  }
  for (int i = -20000; i <= 20000; ++i) inputs.push_back(static_cast<double>(static_cast<T>(i * 0.002 + i * 1e-7)));
  for (int i = -4000; i <= 4000; ++i) inputs.push_back(static_cast<double>(static_cast<T>(i * 0.2001)));
  for (int e = Numbers::min_exponent - Numbers::digits; e < Numbers::max_exponent; ++e) {
    inputs.push_back(std::ldexp(1.0, e));
    inputs.push_back(-std::ldexp(1.0, e));
  }
  // Next to the zeros of the derivatives of silu, gelu, its tanh form and mish.
  for (const double zero : {-1.2784645427610738, -0.7517915246935645, -0.7524614220710163, -1.1924312145154916}) {
    const double unit = std::ldexp(1.0, -Numbers::digits);
    for (int i = -50; i <= 50; ++i) inputs.push_back(static_cast<double>(static_cast<T>(zero + i * unit)));
  }
  test_support::Random random(42);
  for (int i = 0; i < 20000; ++i) {
    inputs.push_back(static_cast<double>(std::bit_cast<T>(static_cast<Bits>(random.Bits()))));
  }
  return inputs;
}

// |actual - exact| in units of the last place of T at `exact`. An overflow counts as rounding to 2^max_exponent.
template <typename T>
double UlpError(double actual, long double exact) {
  using Numbers = std::numeric_limits<T>;
  if (std::isnan(actual) || std::isnan(exact))
    return std::isnan(actual) && std::isnan(exact) ? 0 : std::numeric_limits<double>::infinity();
  const bool overflows = std::abs(exact) >= std::ldexp(1.0L, Numbers::max_exponent);
  if (overflows) return std::isinf(actual) && (actual > 0) == (exact > 0) ? 0 : std::numeric_limits<double>::infinity();
  const long double reached =
      std::isinf(actual) ? std::copysign(std::ldexp(1.0L, Numbers::max_exponent), static_cast<long double>(actual))
                         : static_cast<long double>(actual);
  int exponent = Numbers::min_exponent;
  if (exact != 0) std::frexp(exact, &exponent);
  exponent = std::clamp(exponent, Numbers::min_exponent, Numbers::max_exponent);
  return static_cast<double>(std::abs(reached - exact) / std::ldexp(1.0L, exponent - Numbers::digits));
}

}  // namespace tensord::compute

#endif  // TENSORD_TESTS_COMPUTE_ACTIVATION_CASES_H_
