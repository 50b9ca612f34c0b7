// Values and derivatives of every elementwise activation against the oracle in long double, in units in the last place.
//
// float32 inputs are walked by their bit patterns, every TENSORD_ULP_STRIDE-th of the 2^32: by default about 131072 of
// them for each function, all of them in the tests labelled slow, where an oracle in double spares the other one what
// it is sure of. The worst of each is printed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <functional>
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

  // What a walk computes at once.
  static constexpr int64_t kBlock = 1 << 14;
  static Tensor BlockOf(double value) {
    return MakeTensor(DataType::kFloat32, {kBlock}, std::vector<double>(kBlock, value));
  }

  // f, or f' where `derivative`, as two oracles have it.
  struct Oracles {
    double (*rough)(const Activation&, double);
    long double (*fine)(const Activation&, long double);
    bool derivative;
  };

  // Adds the errors of y = f(x), or f'(x), of every stride-th float32. The oracle in double judges it, and the one in
  // long double where the former leaves a doubt; every kDefaultStride-th input is judged by both, which have to agree.
  void WalkFloats(const Oracles& oracles, const std::function<absl::StatusOr<Tensor>(const TensorView&)>& compute,
                  Worst& worst) {
    constexpr uint64_t kEnd = uint64_t{1} << 32;
    Tensor inputs = BlockOf(0);
    auto* x = inputs.As<float>();
    uint64_t asked = 0;
    Worst disagreement;
    for (uint64_t first = 0; first < kEnd; first += kBlock * stride_) {
      const auto pattern = [&](int64_t i) { return first + static_cast<uint64_t>(i) * stride_; };
      for (int64_t i = 0; i < kBlock; ++i) x[i] = std::bit_cast<float>(static_cast<uint32_t>(pattern(i)));
      const auto outputs = compute(inputs.view());
      ASSERT_THAT(outputs, IsOk());
      const auto* y = outputs->As<float>();
      for (int64_t i = 0; i < kBlock && pattern(i) < kEnd; ++i) {
        const double input = static_cast<double>(x[i]);
        const double rough = oracles.rough(activation_, input);
        const bool cancels = oracles.derivative && NextToZero(activation_, input, static_cast<long double>(rough));
        const bool trusted = !cancels && IsTrusted(input, rough);
        const double rough_error = RoughUlpError(y[i], rough);
        const bool by_both = pattern(i) % kDefaultStride == 0;
        if (trusted && rough_error <= kMaxErrorWithoutDoubt && !by_both) {
          worst.Add(rough_error, input);
          continue;
        }
        ++asked;
        const long double exact = oracles.fine(activation_, static_cast<long double>(input));
        worst.Add(UlpError<float>(static_cast<double>(y[i]), exact), input);
        if (trusted) disagreement.Add(Disagreement(rough, exact), input);
      }
    }
    std::cout << "worst ULP, stride " << stride_ << ": " << worst << "; judged in long double: " << asked
              << ", the oracle in double errs by at most " << disagreement << "\n";
    EXPECT_LE(disagreement.error, kMaxDisagreement) << disagreement;
  }

 private:
  // Errors that the oracle in double finds up to here are not asked about again; it errs by kMaxDisagreement at most.
  static constexpr double kMaxErrorWithoutDoubt = 0.505;
  static constexpr double kMaxDisagreement = 0.001;

  bool IsTrusted(double x, double rough) const {
    if (!std::isfinite(x) || !std::isfinite(rough)) return false;
    return activation_.kind != ActivationKind::kCelu || x == 0 || std::abs(x / activation_.alpha) > 1e-290;
  }

  // UlpError<float>() of a finite number, quickly.
  static double RoughUlpError(float actual, double rough) {
    if (std::abs(rough) >= 0x1p129) return std::isinf(actual) && (actual > 0) == (rough > 0) ? 0 : kInfinity;
    const auto exponent = static_cast<int64_t>(std::bit_cast<uint64_t>(rough) >> 52 & 0x7ff) - 1023;
    const auto ulp_exponent = static_cast<uint64_t>(std::max<int64_t>(exponent, -126) - 23 + 1023);
    const double error = std::abs(static_cast<double>(actual) - rough) / std::bit_cast<double>(ulp_exponent << 52);
    return error >= 0 ? error : kInfinity;
  }

  // In units of the last place of float32; of a number above its range, relative to it.
  static double Disagreement(double rough, long double exact) {
    const long double unit = std::max(std::abs(exact), 0x1p-126L) * 0x1p-24L;
    const auto errors = static_cast<double>(std::abs(static_cast<long double>(rough) - exact) / unit);
    return errors >= 0 ? errors : kInfinity;
  }

  const uint64_t stride_ = Stride();
};

TEST_P(ActivationAccuracyTest, Float32Values) {
  Worst worst;
  AddValues<float>(ActivationInputs<float>(), worst);
  WalkFloats(
      {.rough = reference::ActivateInDouble, .fine = reference::Activate, .derivative = false},
      [&](const TensorView& x) { return Activate(activation_, x, context_); }, worst);
  EXPECT_LE(worst.error, kMaxUlp32) << worst;
}

TEST_P(ActivationAccuracyTest, Float32Derivatives) {
  Worst worst;
  Worst unused;
  AddDerivatives<float>(ActivationInputs<float>(), worst, unused);
  const Tensor ones = BlockOf(1);
  WalkFloats(
      {.rough = reference::ActivationDerivativeInDouble, .fine = reference::ActivationDerivative, .derivative = true},
      [&](const TensorView& x) { return ActivateBackward(activation_, x, ones.view(), context_); }, worst);
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
