// Values and derivatives of every activation against the oracle in long double.
#include "tensord/compute/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tensord/compute/thread_pool.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::Equals;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::SameBits;
using test_support::StatusIs;
using test_support::ToDoubles;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Case {
  std::string name;
  ActivationOptions options;
  double max_ulp64;  // what the header promises
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

// Every kind with its defaults, and the parameters that make its formula hard.
std::vector<Case> AllCases() {
  return {
      {"Identity", {.kind = ActivationKind::kIdentity}, 4},
      {"Relu", {.kind = ActivationKind::kRelu}, 4},
      {"LeakyRelu", {.kind = ActivationKind::kLeakyRelu}, 4},
      {"LeakyReluZero", {.kind = ActivationKind::kLeakyRelu, .slope = 0}, 4},
      {"LeakyReluNegative", {.kind = ActivationKind::kLeakyRelu, .slope = -2.5}, 4},
      {"Elu", {.kind = ActivationKind::kElu}, 4},
      {"EluLarge", {.kind = ActivationKind::kElu, .alpha = 1e10}, 4},
      {"EluNegative", {.kind = ActivationKind::kElu, .alpha = -0.75}, 4},
      {"Selu", {.kind = ActivationKind::kSelu}, 4},
      {"Sigmoid", {.kind = ActivationKind::kSigmoid}, 4},
      {"Tanh", {.kind = ActivationKind::kTanh}, 4},
      {"Softplus", {.kind = ActivationKind::kSoftplus}, 4},
      {"SoftplusSteep", {.kind = ActivationKind::kSoftplus, .beta = 31.7}, 4},
      {"SoftplusFlat", {.kind = ActivationKind::kSoftplus, .beta = 1e-3}, 4},
      {"SoftplusTiny", {.kind = ActivationKind::kSoftplus, .beta = 1e-300}, 4},
      {"Softsign", {.kind = ActivationKind::kSoftsign}, 4},
      {"Silu", {.kind = ActivationKind::kSilu}, 4},
      {"Gelu", {.kind = ActivationKind::kGelu}, 6},
      {"GeluTanh", {.kind = ActivationKind::kGelu, .gelu_form = GeluForm::kTanh}, 6},
      {"HardSigmoid", {.kind = ActivationKind::kHardSigmoid}, 4},
      {"HardSigmoidFalling", {.kind = ActivationKind::kHardSigmoid, .slope = -0.3, .offset = 0.7}, 4},
      {"HardSigmoidFlat", {.kind = ActivationKind::kHardSigmoid, .slope = 0, .offset = 0.25}, 4},
      {"HardSwish", {.kind = ActivationKind::kHardSwish}, 4},
  };
}

Activation Resolved(const ActivationOptions& options, Profile profile = Profile::kNone) {
  Violations violations;
  const auto activation = ResolveActivation(options, profile, "activation", violations);
  EXPECT_TRUE(activation.has_value()) << violations.ToStatus();
  return activation.value_or(Activation{});
}

// A dense grid around 0, powers of two of both signs through the whole range, special values and random bit patterns.
template <typename T>
std::vector<double> Inputs() {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  using Limits = std::numeric_limits<T>;
  std::vector<double> inputs = {0.0, -0.0, kInfinity, -kInfinity, kNaN, -kNaN, 3, -3, 2.5, -2.5};
  for (const T x : {Limits::max(), Limits::min(), Limits::denorm_min(), Limits::epsilon()}) {
    inputs.push_back(static_cast<double>(x));
    inputs.push_back(-static_cast<double>(x));
  }
  for (int i = -20000; i <= 20000; ++i) inputs.push_back(static_cast<double>(static_cast<T>(i * 0.002 + i * 1e-7)));
  for (int i = -4000; i <= 4000; ++i) inputs.push_back(static_cast<double>(static_cast<T>(i * 0.2001)));
  for (int e = Limits::min_exponent - Limits::digits; e < Limits::max_exponent; ++e) {
    inputs.push_back(std::ldexp(1.0, e));
    inputs.push_back(-std::ldexp(1.0, e));
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
  using Limits = std::numeric_limits<T>;
  if (std::isnan(actual) || std::isnan(exact)) return std::isnan(actual) && std::isnan(exact) ? 0 : kInfinity;
  const bool overflows = std::abs(exact) >= std::ldexp(1.0L, Limits::max_exponent);
  if (overflows) return std::isinf(actual) && (actual > 0) == (exact > 0) ? 0 : kInfinity;
  const long double reached =
      std::isinf(actual) ? std::copysign(std::ldexp(1.0L, Limits::max_exponent), static_cast<long double>(actual))
                         : static_cast<long double>(actual);
  int exponent = Limits::min_exponent;
  if (exact != 0) std::frexp(exact, &exponent);
  exponent = std::clamp(exponent, Limits::min_exponent, Limits::max_exponent);
  return static_cast<double>(std::abs(reached - exact) / std::ldexp(1.0L, exponent - Limits::digits));
}

class ActivationTest : public ::testing::TestWithParam<Case> {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  template <typename T>
  double WorstUlp() {
    const Activation activation = Resolved(GetParam().options);
    const std::vector<double> inputs = Inputs<T>();
    const Tensor x = MakeTensor(kDataTypeOf<T>, {static_cast<int64_t>(inputs.size())}, inputs);
    const auto y = Activate(activation, x.view(), context_);
    EXPECT_THAT(y, IsOk());
    double worst = 0;
    double worst_at = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const double error = UlpError<T>(static_cast<double>(y->template As<T>()[i]),
                                       reference::Activate(activation, static_cast<long double>(inputs[i])));
      if (error <= worst) continue;
      worst = error;
      worst_at = inputs[i];
    }
    RecordProperty("worst_ulp", std::to_string(worst));
    RecordProperty("worst_at", std::to_string(worst_at));
    return worst;
  }

  // The largest |error| / (u * (|exact| + |dy|)), apart from underflow.
  template <typename T>
  double WorstDerivativeExcess() {
    const Activation activation = Resolved(GetParam().options);
    const std::vector<double> inputs = Inputs<T>();
    const auto count = static_cast<int64_t>(inputs.size());
    const Tensor x = MakeTensor(kDataTypeOf<T>, {count}, inputs);
    const Tensor dy = test_support::RealTensor(kDataTypeOf<T>, {count}, 7, -2, 2);
    const auto dx = ActivateBackward(activation, x.view(), dy.view(), context_);
    EXPECT_THAT(dx, IsOk());
    const std::vector<double> upstream = ToDoubles(dy);
    double worst = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const long double exact = static_cast<long double>(upstream[i]) *
                                reference::ActivationDerivative(activation, static_cast<long double>(inputs[i]));
      const auto actual = static_cast<long double>(dx->template As<T>()[i]);
      if (std::isnan(exact) && std::isnan(actual)) continue;
      const long double unit = test_support::UnitRoundoff(kDataTypeOf<T>) * (std::abs(exact) + std::abs(upstream[i]));
      const long double excess = std::abs(actual - exact) / unit;
      worst = excess <= worst ? worst : static_cast<double>(excess);
      if (std::isnan(excess)) return kNaN;
    }
    RecordProperty("worst_excess", std::to_string(worst));
    return worst;
  }
};

TEST_P(ActivationTest, Float32IsWithinTheStatedUlps) { EXPECT_LE(WorstUlp<float>(), 0.51); }

TEST_P(ActivationTest, Float64IsWithinTheStatedUlps) { EXPECT_LE(WorstUlp<double>(), GetParam().max_ulp64); }

TEST_P(ActivationTest, Float32DerivativeIsWithinTheStatedBound) { EXPECT_LE(WorstDerivativeExcess<float>(), 2); }

TEST_P(ActivationTest, Float64DerivativeIsWithinTheStatedBound) { EXPECT_LE(WorstDerivativeExcess<double>(), 4); }

TEST_P(ActivationTest, DerivativeAgreesWithCentralDifferences) {
  const Activation activation = Resolved(GetParam().options);
  constexpr double kStep = 1e-6;
  for (int i = -60; i <= 60; ++i) {
    const double x = i * 0.1013 + 0.0037;  // never near a kink
    const Tensor points = MakeTensor(DataType::kFloat64, {2}, {x - kStep, x + kStep});
    const Tensor at = MakeTensor(DataType::kFloat64, {1}, {x});
    const Tensor one = MakeTensor(DataType::kFloat64, {1}, {1});
    const auto y = Activate(activation, points.view(), context_);
    const auto dx = ActivateBackward(activation, at.view(), one.view(), context_);
    ASSERT_THAT(y, IsOk());
    ASSERT_THAT(dx, IsOk());
    const double difference = (y->As<double>()[1] - y->As<double>()[0]) / (2 * kStep);
    const double scale = 1 + std::abs(difference) + std::abs(y->As<double>()[0]);
    EXPECT_NEAR(dx->As<double>()[0], difference, 1e-8 * scale) << "at " << x;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, ActivationTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& test) { return test.param.name; });

TEST(ActivationCasesTest, EveryKindIsTested) {
  for (const ActivationKind kind : kAllActivationKinds) {
    const std::vector<Case> cases = AllCases();
    EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), [&](const Case& c) { return c.options.kind == kind; }))
        << Name(kind);
  }
}

TEST(ActivationCasesTest, TheUlpMeasureSeesErrors) {
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

class ActivationEdgesTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  double ValueAt(const ActivationOptions& options, double x) {
    return Activate(Resolved(options), MakeTensor(DataType::kFloat64, {1}, {x}).view(), context_)->As<double>()[0];
  }
  double SlopeAt(const ActivationOptions& options, double x) {
    const Tensor one = MakeTensor(DataType::kFloat64, {1}, {1});
    return ActivateBackward(Resolved(options), MakeTensor(DataType::kFloat64, {1}, {x}).view(), one.view(), context_)
        ->As<double>()[0];
  }
};

TEST_F(ActivationEdgesTest, NanStaysNan) {
  for (const Case& c : AllCases()) {
    EXPECT_TRUE(std::isnan(ValueAt(c.options, kNaN))) << c.name;
    const bool identity = c.options.kind == ActivationKind::kIdentity;
    EXPECT_EQ(std::isnan(SlopeAt(c.options, kNaN)), !identity) << c.name;
  }
}

TEST_F(ActivationEdgesTest, InfinitiesGiveLimits) {
  for (const Case& c : AllCases()) {
    EXPECT_FALSE(std::isnan(ValueAt(c.options, kInfinity))) << c.name;
    EXPECT_FALSE(std::isnan(ValueAt(c.options, -kInfinity))) << c.name;
    EXPECT_FALSE(std::isnan(SlopeAt(c.options, kInfinity))) << c.name;
    EXPECT_FALSE(std::isnan(SlopeAt(c.options, -kInfinity))) << c.name;
  }
  EXPECT_EQ(ValueAt({.kind = ActivationKind::kSilu}, -kInfinity), 0);
  EXPECT_EQ(ValueAt({.kind = ActivationKind::kGelu}, -kInfinity), 0);
  EXPECT_EQ(ValueAt({.kind = ActivationKind::kSoftsign}, -kInfinity), -1);
  EXPECT_EQ(ValueAt({.kind = ActivationKind::kElu}, -kInfinity), -1);
  EXPECT_EQ(ValueAt({.kind = ActivationKind::kLeakyRelu}, -kInfinity), -kInfinity);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kSilu}, kInfinity), 1);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kGelu}, -kInfinity), 0);
}

TEST_F(ActivationEdgesTest, KinksHaveTheLeftOrSaturatedSlopeByDefault) {
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kRelu}, 0), 0);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kRelu}, -0.0), 0);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kLeakyRelu}, 0), 0.01);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kElu, .alpha = 2}, 0), 2);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kSelu}, 0), kSeluScale * kSeluAlpha);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kHardSigmoid}, -3), 0);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kHardSigmoid}, 3), 0);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kHardSigmoid, .slope = 0.2}, 2.5), 0);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kHardSwish}, -3), 0);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kHardSwish}, 3), 1);
}

TEST_F(ActivationEdgesTest, KinksHaveTheSlopeThatWasAskedFor) {
  struct Row {
    ActivationKind kind;
    double x, left, right;
  };
  for (const Row& row :
       {Row{ActivationKind::kRelu, 0, 0, 1}, Row{ActivationKind::kLeakyRelu, 0, 0.01, 1},
        Row{ActivationKind::kElu, 0, 1, 1}, Row{ActivationKind::kSelu, 0, kSeluScale * kSeluAlpha, kSeluScale},
        Row{ActivationKind::kHardSigmoid, -3, 0, 1.0 / 6}, Row{ActivationKind::kHardSigmoid, 3, 1.0 / 6, 0},
        Row{ActivationKind::kHardSwish, -3, 0, -0.5}, Row{ActivationKind::kHardSwish, 3, 1.5, 1}}) {
    EXPECT_EQ(SlopeAt({.kind = row.kind, .kink_slope = KinkSlope::kLeft}, row.x), row.left) << Name(row.kind);
    EXPECT_EQ(SlopeAt({.kind = row.kind, .kink_slope = KinkSlope::kRight}, row.x), row.right) << Name(row.kind);
    EXPECT_DOUBLE_EQ(SlopeAt({.kind = row.kind, .kink_slope = KinkSlope::kMean}, row.x), (row.left + row.right) / 2)
        << Name(row.kind);
  }
}

TEST_F(ActivationEdgesTest, AFallingHardSigmoidHasItsKinksTheOtherWayRound) {
  // 1 up to x = -1, 0 from x = 3 on.
  ActivationOptions options{.kind = ActivationKind::kHardSigmoid, .slope = -0.25, .offset = 0.75};
  options.kink_slope = KinkSlope::kLeft;
  EXPECT_EQ(SlopeAt(options, -1), 0);
  EXPECT_EQ(SlopeAt(options, 3), -0.25);
  options.kink_slope = KinkSlope::kRight;
  EXPECT_EQ(SlopeAt(options, -1), -0.25);
  EXPECT_EQ(SlopeAt(options, 3), 0);
  EXPECT_EQ(SlopeAt(options, 0), -0.25);
  EXPECT_EQ(ValueAt(options, -100), 1);
}

TEST_F(ActivationEdgesTest, AZeroDerivativeTimesInfinityIsNan) {
  const Tensor x = MakeTensor(DataType::kFloat32, {2}, {-1, 1});
  const Tensor dy = MakeTensor(DataType::kFloat32, {2}, {kInfinity, kInfinity});
  const auto dx = ActivateBackward(Resolved({.kind = ActivationKind::kRelu}), x.view(), dy.view(), context_);
  EXPECT_TRUE(Equals(dx->view(), {2}, {kNaN, kInfinity}));
}

TEST_F(ActivationEdgesTest, AnEmptyTensorGivesAnEmptyTensor) {
  const Tensor x = MakeTensor(DataType::kFloat32, {0, 3}, {});
  const auto y = Activate(Resolved({.kind = ActivationKind::kTanh}), x.view(), context_);
  ASSERT_THAT(y, IsOk());
  EXPECT_EQ(y->shape(), (Shape{0, 3}));
}

TEST_F(ActivationEdgesTest, ErrorsAreTold) {
  const Activation relu = Resolved({.kind = ActivationKind::kRelu});
  const Tensor integers = MakeTensor(DataType::kInt32, {1}, {1});
  const Tensor x = MakeTensor(DataType::kFloat32, {2}, {1, 2});
  EXPECT_THAT(Activate(relu, integers.view(), context_), StatusIs(absl::StatusCode::kUnimplemented, "int32"));
  EXPECT_THAT(ActivateBackward(relu, integers.view(), integers.view(), context_),
              StatusIs(absl::StatusCode::kUnimplemented, "int32"));
  EXPECT_THAT(ActivateBackward(relu, x.view(), MakeTensor(DataType::kFloat32, {1}, {1}).view(), context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "[1]"));
  EXPECT_THAT(ActivateBackward(relu, x.view(), MakeTensor(DataType::kFloat64, {2}, {1, 1}).view(), context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "float64"));
}

TEST_F(ActivationEdgesTest, ACancelledCallSaysSo) {
  CancelFlag flag;
  flag.Cancel();
  const ExecutionContext cancelled{.executor = &serial_, .cancel = &flag};
  const Tensor x = MakeTensor(DataType::kFloat32, {2}, {1, 2});
  const Activation relu = Resolved({.kind = ActivationKind::kRelu});
  EXPECT_THAT(Activate(relu, x.view(), cancelled), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(ActivateBackward(relu, x.view(), x.view(), cancelled), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(ActivationEdgesTest, AnyExecutorGivesTheSameBits) {
  ThreadPool pool(3, 4);
  const ExecutionContext parallel{.executor = &pool};
  const Activation silu = Resolved({.kind = ActivationKind::kSilu});
  const Tensor x = test_support::RealTensor(DataType::kFloat32, {7, 9001}, 5, -10, 10);
  EXPECT_TRUE(SameBits(Activate(silu, x.view(), context_)->view(), Activate(silu, x.view(), parallel)->view()));
  EXPECT_TRUE(SameBits(ActivateBackward(silu, x.view(), x.view(), context_)->view(),
                       ActivateBackward(silu, x.view(), x.view(), parallel)->view()));
}

TEST_F(ActivationEdgesTest, CostCountsElementsAndBytes) {
  const Cost cost = ActivationCost({3, 5}, DataType::kFloat64);
  EXPECT_EQ(cost.result_bytes, 120);
  EXPECT_EQ(cost.multiplication_count, 15);
  EXPECT_EQ(ActivationCost({kMaxSize, kMaxSize, kMaxSize}, DataType::kFloat32).result_bytes, kSaturatedCost);
}

}  // namespace
}  // namespace tensord::compute
