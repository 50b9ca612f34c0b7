// Values and derivatives of every elementwise activation against the oracle in long double, in units in the last place.
//
// float32 inputs are walked by their bit patterns, every TENSORD_ULP_STRIDE-th of the 2^32: by default about 131072 of
// them for each function, all of them in the tests labelled slow. The worst of each is printed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

#include "tensord/compute/activation.h"
#include "tests/compute/activation_cases.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/calculus.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;
using test_support::MakeTensor;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// What the header promises.
constexpr double kMaxUlp32 = 0.51;
constexpr double kMaxUlp64 = 2;
constexpr double kMaxErrorNextToZero64 = 0x1p-56;

// A prime, so that all the patterns of the low bits come.
constexpr uint64_t kDefaultStride = 32749;

uint64_t Stride() {
  const char* text = std::getenv("TENSORD_ULP_STRIDE");
  const uint64_t stride = text == nullptr ? kDefaultStride : std::strtoull(text, nullptr, 10);
  return std::max<uint64_t>(stride, 1);
}

// Next to a zero of the derivative, where its bound is absolute.
bool NextToZero(const Activation& activation, double x, long double derivative) {
  const ActivationKind kind = activation.kind;
  if (kind != ActivationKind::kSilu && kind != ActivationKind::kGelu && kind != ActivationKind::kMish) return false;
  return x > -2 && std::abs(derivative) < 0.125L;
}

// The worst of the errors that it was told, and where that was.
struct Worst {
  double error = 0;
  double at = 0;

  void Add(double candidate, double x) {
    if (candidate <= error) return;
    error = candidate;
    at = x;
  }
};

std::ostream& operator<<(std::ostream& out, const Worst& worst) {
  return out << worst.error << " at " << std::hexfloat << worst.at << std::defaultfloat;
}

class ActivationAccuracyTest : public ::testing::TestWithParam<ActivationCase> {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};
  const Activation activation_ = Resolved(GetParam().options);

  template <typename T>
  void AddValues(const std::vector<double>& inputs, Worst& worst) {
    const Tensor x = MakeTensor(kDataTypeOf<T>, {static_cast<int64_t>(inputs.size())}, inputs);
    const auto y = Activate(activation_, x.view(), context_);
    ASSERT_THAT(y, IsOk());
    for (size_t i = 0; i < inputs.size(); ++i) {
      const long double exact = reference::Activate(activation_, static_cast<long double>(inputs[i]));
      worst.Add(UlpError<T>(static_cast<double>(y->template As<T>()[i]), exact), inputs[i]);
    }
  }

  // With dJ/df(x) = 1; next to zeros in units of kMaxErrorNextToZero64.
  template <typename T>
  void AddDerivatives(const std::vector<double>& inputs, Worst& worst, Worst& next_to_zero) {
    const auto count = static_cast<int64_t>(inputs.size());
    const Tensor x = MakeTensor(kDataTypeOf<T>, {count}, inputs);
    const Tensor dy = MakeTensor(kDataTypeOf<T>, {count}, std::vector<double>(inputs.size(), 1));
    const auto dx = ActivateBackward(activation_, x.view(), dy.view(), context_);
    ASSERT_THAT(dx, IsOk());
    for (size_t i = 0; i < inputs.size(); ++i) {
      const long double exact = reference::ActivationDerivative(activation_, static_cast<long double>(inputs[i]));
      const auto actual = static_cast<double>(dx->template As<T>()[i]);
      if (std::is_same_v<T, double> && NextToZero(activation_, inputs[i], exact)) {
        next_to_zero.Add(static_cast<double>(std::abs(actual - exact)) / kMaxErrorNextToZero64, inputs[i]);
      } else {
        worst.Add(UlpError<T>(actual, exact), inputs[i]);
      }
    }
  }

  // Calls add(inputs) with every stride-th float32, some thousands at a time.
  template <typename Add>
  void WalkFloats(Add add) {
    constexpr size_t kBlock = 1 << 14;
    std::vector<double> inputs;
    for (uint64_t bits = 0; bits <= std::numeric_limits<uint32_t>::max(); bits += stride_) {
      inputs.push_back(static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits))));
      if (inputs.size() < kBlock) continue;
      add(inputs);
      inputs.clear();
    }
    if (!inputs.empty()) add(inputs);
  }

  const uint64_t stride_ = Stride();
};

TEST_P(ActivationAccuracyTest, Float32Values) {
  Worst worst;
  AddValues<float>(ActivationInputs<float>(), worst);
  WalkFloats([&](const std::vector<double>& inputs) { AddValues<float>(inputs, worst); });
  std::cout << "worst ULP, stride " << stride_ << ": " << worst << "\n";
  EXPECT_LE(worst.error, kMaxUlp32) << worst;
}

TEST_P(ActivationAccuracyTest, Float32Derivatives) {
  Worst worst;
  Worst unused;
  AddDerivatives<float>(ActivationInputs<float>(), worst, unused);
  WalkFloats([&](const std::vector<double>& inputs) { AddDerivatives<float>(inputs, worst, unused); });
  std::cout << "worst ULP, stride " << stride_ << ": " << worst << "\n";
  EXPECT_LE(worst.error, kMaxUlp32) << worst;
}

TEST_P(ActivationAccuracyTest, Float64Values) {
  Worst worst;
  AddValues<double>(ActivationInputs<double>(), worst);
  std::cout << "worst ULP: " << worst << "\n";
  EXPECT_LE(worst.error, kMaxUlp64) << worst;
}

TEST_P(ActivationAccuracyTest, Float64Derivatives) {
  Worst worst;
  Worst next_to_zero;
  AddDerivatives<double>(ActivationInputs<double>(), worst, next_to_zero);
  std::cout << "worst ULP: " << worst << "; next to zero, of the bound: " << next_to_zero << "\n";
  EXPECT_LE(worst.error, kMaxUlp64) << worst;
  EXPECT_LE(next_to_zero.error, 1) << next_to_zero;
}

TEST_P(ActivationAccuracyTest, TheGradientIsRoundedOnceMore) {
  const std::vector<double> inputs = ActivationInputs<double>();
  const auto count = static_cast<int64_t>(inputs.size());
  const Tensor x = MakeTensor(DataType::kFloat64, {count}, inputs);
  const Tensor dy = test_support::RealTensor(DataType::kFloat64, {count}, 7, -2, 2);
  const Tensor ones = MakeTensor(DataType::kFloat64, {count}, std::vector<double>(inputs.size(), 1));
  const auto dx = ActivateBackward(activation_, x.view(), dy.view(), context_);
  const auto slopes = ActivateBackward(activation_, x.view(), ones.view(), context_);
  ASSERT_THAT(dx, IsOk());
  ASSERT_THAT(slopes, IsOk());
  Worst worst;
  for (size_t i = 0; i < inputs.size(); ++i) {
    worst.Add(UlpError<double>(dx->As<double>()[i], static_cast<long double>(dy.As<double>()[i]) *
                                                        static_cast<long double>(slopes->As<double>()[i])),
              inputs[i]);
  }
  EXPECT_LE(worst.error, 0.51) << worst;
}

TEST_P(ActivationAccuracyTest, DerivativeAgreesWithCentralDifferences) {
  constexpr double kStep = 1e-6;
  for (int i = -60; i <= 60; ++i) {
    const double x = i * 0.1013 + 0.0037;                         // never near a kink
    if (GetParam().options.alpha.value_or(1) < 1e-300) continue;  // which bends within the step
    std::vector<double> point = {x};
    const Tensor at = MakeTensor(DataType::kFloat64, {1}, {x});
    const Tensor one = MakeTensor(DataType::kFloat64, {1}, {1});
    const auto value = [&] {
      return Activate(activation_, MakeTensor(DataType::kFloat64, {1}, point).view(), context_)->As<double>()[0];
    };
    const auto dx = ActivateBackward(activation_, at.view(), one.view(), context_);
    ASSERT_THAT(dx, IsOk());
    const double difference = test_support::CentralDifferences(point, kStep, value)[0];
    const double scale = 1 + std::abs(difference) + std::abs(value());
    EXPECT_NEAR(dx->As<double>()[0], difference, 1e-8 * scale) << "at " << x;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, ActivationAccuracyTest, ::testing::ValuesIn(AllActivationCases()),
                         [](const auto& test) { return test.param.name; });

TEST(UlpErrorTest, SeesErrors) {
  EXPECT_EQ(UlpError<float>(1, 1), 0);
  EXPECT_EQ(UlpError<float>(1 + 0x1p-23, 1), 1);
  EXPECT_EQ(UlpError<double>(1 + 0x1p-51, 1), 2);
  EXPECT_EQ(UlpError<float>(0, 0x1p-149L), 1);
  EXPECT_EQ(UlpError<double>(kNaN, 1), kInfinity);
  EXPECT_EQ(UlpError<double>(1, kNaN), kInfinity);
  EXPECT_EQ(UlpError<double>(1, static_cast<long double>(kInfinity)), kInfinity);
  EXPECT_EQ(UlpError<float>(kInfinity, 1e39L), 0);
  EXPECT_EQ(UlpError<float>(std::numeric_limits<float>::max(), 1e39L), kInfinity);
}

}  // namespace
}  // namespace tensord::compute
