// PReLU and its gradients against plain loops over coordinates.
#include "tensord/compute/prelu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "tensord/compute/thread_pool.h"
#include "tests/compute/activation_cases.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::AreAdjoint;
using test_support::CentralDifferences;
using test_support::Equals;
using test_support::InnerProduct;
using test_support::IntegerTensor;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::RealTensor;
using test_support::SameBits;
using test_support::StatusIs;
using test_support::ToDoubles;
using test_support::WithinBound;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Axis k of the slopes lies along axes[k] of the input, by `match`; kAxes with the letters of `slope_axes`.
struct PreluCase {
  std::string name;
  Shape input;
  Shape slopes;
  std::vector<int> axes;
  SlopeMatch match;
  std::string letters;
  std::string slope_axes;
};

void PrintTo(const PreluCase& c, std::ostream* out) { *out << c.name; }

std::vector<PreluCase> AllCases() {
  const SlopeMatch trailing = SlopeMatch::kTrailing;
  const SlopeMatch channel = SlopeMatch::kChannel;
  return {
      {"Scalar", {3, 4}, {}, {}, trailing, "HW", ""},
      {"Trailing", {2, 3, 4}, {4}, {2}, trailing, "HWC", ""},
      {"TrailingPlane", {2, 3, 4, 5}, {3, 1, 5}, {1, 2, 3}, trailing, "NCHW", ""},
      {"Full", {2, 3, 4}, {2, 3, 4}, {0, 1, 2}, trailing, "HWC", ""},
      {"Ones", {2, 3, 4}, {1, 1, 1}, {0, 1, 2}, trailing, "HWC", ""},
      {"ChannelFirst", {2, 3, 4, 5}, {3}, {1}, channel, "NCHW", ""},
      {"ChannelOne", {2, 3, 4, 5}, {1}, {1}, channel, "NCHW", ""},
      {"ByAxes", {2, 3, 4, 5}, {3}, {1}, SlopeMatch::kAxes, "NCHW", "C"},
      {"ByAxesTurned", {2, 3, 4, 5}, {5, 1, 2}, {3, 1, 0}, SlopeMatch::kAxes, "NCHW", "WCN"},
      {"Long", {2, 70000}, {2, 1}, {0, 1}, trailing, "HW", ""},
      {"LongMiddle", {3, 2, 70000}, {2, 1}, {1, 2}, trailing, "HWC", ""},
      {"LongScalar", {5, 30001}, {1}, {1}, trailing, "HW", ""},
      {"Wide", {2, 20001}, {20001}, {1}, trailing, "HW", ""},
      {"InnerOnes", {4, 3, 1, 1}, {3, 1, 1}, {1, 2, 3}, trailing, "NCHW", ""},
      {"ScalarInput", {}, {}, {}, trailing, "", ""},
  };
}

class PreluTest : public ::testing::TestWithParam<std::tuple<PreluCase, DataType>> {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};
  const PreluCase case_ = std::get<0>(GetParam());
  const DataType type_ = std::get<1>(GetParam());
  const std::vector<size_t> index_ = reference::SlopeIndices(case_.input, case_.slopes, case_.axes);

  [[nodiscard]] SlopeBroadcast Broadcast() const {
    Violations violations;
    SlopeOptions options{.match = case_.match};
    if (!case_.slope_axes.empty()) options.axes = case_.slope_axes;
    const auto resolved =
        ResolveSlopes(options, case_.slopes, case_.input, case_.letters, Profile::kNone, "match", "slope", violations);
    EXPECT_TRUE(resolved.has_value()) << violations.ToStatus();
    return resolved.value();
  }
};

TEST_P(PreluTest, ExactlyOnIntegers) {
  const Tensor x = IntegerTensor(type_, case_.input, 3);
  const Tensor a = IntegerTensor(type_, case_.slopes, 4);
  const auto y = Prelu(x.view(), a.view(), Broadcast(), context_);
  ASSERT_THAT(y, IsOk());
  const std::vector<double> in = ToDoubles(x);
  const std::vector<double> slopes = ToDoubles(a);
  std::vector<double> expected;
  for (size_t i = 0; i < in.size(); ++i) expected.push_back(in[i] > 0 ? in[i] : slopes[index_[i]] * in[i]);
  EXPECT_TRUE(Equals(y->view(), case_.input, expected));
}

TEST_P(PreluTest, GradientsExactlyOnIntegers) {
  const Tensor x = IntegerTensor(type_, case_.input, 5);
  const Tensor a = IntegerTensor(type_, case_.slopes, 6);
  const Tensor dy = IntegerTensor(type_, case_.input, 7);
  const std::vector<double> in = ToDoubles(x);
  const std::vector<double> slopes = ToDoubles(a);
  const std::vector<double> upstream = ToDoubles(dy);
  for (const KinkSlope rule : {KinkSlope::kLeft, KinkSlope::kRight, KinkSlope::kMean}) {
    const auto gradients = PreluBackward(x.view(), a.view(), Broadcast(), rule, dy.view(), true, context_);
    ASSERT_THAT(gradients, IsOk());
    std::vector<double> dx;
    std::vector<double> da(slopes.size(), 0);
    for (size_t i = 0; i < in.size(); ++i) {
      const double slope = slopes[index_[i]];
      const double at_kink = rule == KinkSlope::kLeft ? slope : (rule == KinkSlope::kRight ? 1 : (slope + 1) / 2);
      dx.push_back(upstream[i] * (in[i] > 0 ? 1 : (in[i] < 0 ? slope : at_kink)));
      if (in[i] < 0) da[index_[i]] += in[i] * upstream[i];
    }
    EXPECT_TRUE(Equals(gradients->input.view(), case_.input, dx));
    ASSERT_TRUE(gradients->slopes.has_value());
    EXPECT_TRUE(Equals(gradients->slopes->view(), case_.slopes, da));
  }
}

TEST_P(PreluTest, TheSlopesGradientIsWithinTheStatedBound) {
  const Tensor x = RealTensor(type_, case_.input, 8);
  const Tensor a = RealTensor(type_, case_.slopes, 9);
  const Tensor dy = RealTensor(type_, case_.input, 10);
  const auto gradients = PreluBackward(x.view(), a.view(), Broadcast(), KinkSlope::kLeft, dy.view(), true, context_);
  ASSERT_THAT(gradients, IsOk());
  const std::vector<double> in = ToDoubles(x);
  const std::vector<double> upstream = ToDoubles(dy);
  std::vector<long double> sums(ToDoubles(a).size(), 0);
  std::vector<long double> magnitudes(sums.size(), 0);
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] >= 0) continue;
    const long double term = static_cast<long double>(in[i]) * upstream[i];
    sums[index_[i]] += term;
    magnitudes[index_[i]] += std::abs(term);
  }
  const std::vector<double> actual = ToDoubles(*gradients->slopes);
  for (size_t k = 0; k < sums.size(); ++k) {
    const long double bound =
        test_support::UnitRoundoff(type_) * (1.01L * std::abs(sums[k]) + 0x1p-20L * magnitudes[k]) +
        0x1p-60L * magnitudes[k];  // the oracle's own rounding
    EXPECT_LE(std::abs(actual[k] - sums[k]), bound) << k;
  }
}

// y is linear in the slopes: <dy, y(a) - y(0)> = <da, a>, exactly on integers.
TEST_P(PreluTest, TheSlopesGradientIsTheAdjoint) {
  const Tensor x = IntegerTensor(type_, case_.input, 11);
  const Tensor a = IntegerTensor(type_, case_.slopes, 12);
  const Tensor dy = IntegerTensor(type_, case_.input, 13);
  const std::vector<double> in = ToDoubles(x);
  const std::vector<double> slopes = ToDoubles(a);
  const std::vector<double> upstream = ToDoubles(dy);
  const std::vector<double> y = ToDoubles(*Prelu(x.view(), a.view(), Broadcast(), context_));
  const auto gradients = PreluBackward(x.view(), a.view(), Broadcast(), KinkSlope::kLeft, dy.view(), true, context_);
  std::vector<double> linear = y;
  for (size_t i = 0; i < y.size(); ++i) linear[i] -= std::max(in[i], 0.0);
  EXPECT_TRUE(AreAdjoint(InnerProduct(ToDoubles(*gradients->slopes), slopes), InnerProduct(upstream, linear)));
}

TEST_P(PreluTest, GradientsAgreeWithCentralDifferences) {
  if (type_ != DataType::kFloat64 || ElementCount(case_.input).value() > 1000) return;
  std::vector<double> x = ToDoubles(RealTensor(type_, case_.input, 14, -1, 1));
  std::vector<double> a = ToDoubles(RealTensor(type_, case_.slopes, 15, -1, 1));
  const Tensor dy = RealTensor(type_, case_.input, 16, -1, 1);
  constexpr double kStep = 0x1p-10;
  for (double& value : x) value += std::copysign(2 * kStep, value);  // away from the kink
  const auto value = [&] {
    const auto y = Prelu(MakeTensor(type_, case_.input, x).view(), MakeTensor(type_, case_.slopes, a).view(),
                         Broadcast(), context_);
    return static_cast<long double>(InnerProduct(*y, dy));
  };
  const auto gradients =
      PreluBackward(MakeTensor(type_, case_.input, x).view(), MakeTensor(type_, case_.slopes, a).view(), Broadcast(),
                    KinkSlope::kLeft, dy.view(), true, context_);
  ASSERT_THAT(gradients, IsOk());
  constexpr double kTolerance = 1e-10;  // linear on either side: only rounding, divided by the step
  EXPECT_TRUE(WithinBound(gradients->input.view(), case_.input, CentralDifferences(x, kStep, value), kTolerance));
  EXPECT_TRUE(WithinBound(gradients->slopes->view(), case_.slopes, CentralDifferences(a, kStep, value), kTolerance));
}

TEST_P(PreluTest, AnyExecutorGivesTheSameBits) {
  ThreadPool pool(3, 4);
  const ExecutionContext parallel{.executor = &pool};
  const Tensor x = RealTensor(type_, case_.input, 14);
  const Tensor a = RealTensor(type_, case_.slopes, 15);
  EXPECT_TRUE(SameBits(Prelu(x.view(), a.view(), Broadcast(), context_)->view(),
                       Prelu(x.view(), a.view(), Broadcast(), parallel)->view()));
  const auto one = PreluBackward(x.view(), a.view(), Broadcast(), KinkSlope::kLeft, x.view(), true, context_);
  const auto many = PreluBackward(x.view(), a.view(), Broadcast(), KinkSlope::kLeft, x.view(), true, parallel);
  EXPECT_TRUE(SameBits(one->input.view(), many->input.view()));
  EXPECT_TRUE(SameBits(one->slopes->view(), many->slopes->view()));
}

INSTANTIATE_TEST_SUITE_P(Every, PreluTest,
                         ::testing::Combine(::testing::ValuesIn(AllCases()),
                                            ::testing::Values(DataType::kFloat32, DataType::kFloat64)),
                         [](const auto& test) {
                           return std::get<0>(test.param).name + std::string(Name(std::get<1>(test.param)));
                         });

class PreluEdgesTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};
  const SlopeBroadcast one_each_{.strides = {1}};
};

TEST_F(PreluEdgesTest, IsLeakyReluWithOneSlope) {
  const std::vector<double> inputs = ActivationInputs<float>();
  const Tensor x = MakeTensor(DataType::kFloat32, {static_cast<int64_t>(inputs.size())}, inputs);
  for (const double slope : {0.25, 0.0, -2.0}) {
    const Tensor a = MakeTensor(DataType::kFloat32, {}, {slope});
    const Activation leaky = Resolved({.kind = ActivationKind::kLeakyRelu, .slope = slope});
    EXPECT_TRUE(SameBits(Prelu(x.view(), a.view(), {.strides = {0}}, context_)->view(),
                         Activate(leaky, x.view(), context_)->view()));
    EXPECT_TRUE(SameBits(
        PreluBackward(x.view(), a.view(), {.strides = {0}}, KinkSlope::kLeft, x.view(), false, context_)->input.view(),
        ActivateBackward(leaky, x.view(), x.view(), context_)->view()));
  }
}

TEST_F(PreluEdgesTest, NanAndInfinities) {
  const Tensor x = MakeTensor(DataType::kFloat64, {5}, {kNaN, -kInfinity, kInfinity, 2, -2});
  const Tensor a = MakeTensor(DataType::kFloat64, {5}, {1, 0, kNaN, kNaN, kNaN});
  EXPECT_TRUE(Equals(Prelu(x.view(), a.view(), one_each_, context_)->view(), {5}, {kNaN, 0, kInfinity, 2, kNaN}));
  const Tensor dy = MakeTensor(DataType::kFloat64, {5}, {1, 1, 1, 1, kInfinity});
  const auto gradients = PreluBackward(x.view(), a.view(), one_each_, KinkSlope::kLeft, dy.view(), true, context_);
  EXPECT_TRUE(Equals(gradients->input.view(), {5}, {kNaN, 0, 1, 1, kNaN}));
  EXPECT_TRUE(Equals(gradients->slopes->view(), {5}, {kNaN, -kInfinity, 0, 0, -kInfinity}));
}

TEST_F(PreluEdgesTest, TheSlopesGradientComesOnRequestOnly) {
  const Tensor x = MakeTensor(DataType::kFloat32, {2}, {-1, 1});
  const auto gradients = PreluBackward(x.view(), x.view(), one_each_, KinkSlope::kLeft, x.view(), false, context_);
  ASSERT_THAT(gradients, IsOk());
  EXPECT_FALSE(gradients->slopes.has_value());
}

TEST_F(PreluEdgesTest, AnEmptyBatchHasGradientZero) {
  const Tensor x = MakeTensor(DataType::kFloat32, {0, 2}, {});
  const Tensor a = MakeTensor(DataType::kFloat32, {2}, {1, 2});
  const SlopeBroadcast broadcast{.strides = {0, 1}};
  EXPECT_EQ(Prelu(x.view(), a.view(), broadcast, context_)->shape(), (Shape{0, 2}));
  const auto gradients = PreluBackward(x.view(), a.view(), broadcast, KinkSlope::kLeft, x.view(), true, context_);
  ASSERT_THAT(gradients, IsOk());
  EXPECT_TRUE(Equals(gradients->slopes->view(), {2}, {0, 0}));
}

TEST_F(PreluEdgesTest, ErrorsAreTold) {
  const Tensor x = MakeTensor(DataType::kFloat32, {2}, {1, -2});
  const Tensor doubles = MakeTensor(DataType::kFloat64, {2}, {1, 2});
  const Tensor integers = MakeTensor(DataType::kInt32, {2}, {1, 2});
  EXPECT_THAT(Prelu(integers.view(), integers.view(), one_each_, context_),
              StatusIs(absl::StatusCode::kUnimplemented, "int32"));
  EXPECT_THAT(Prelu(x.view(), doubles.view(), one_each_, context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "float64"));
  // Broadcasts that would read beside the slopes.
  for (const SlopeBroadcast& bad : {SlopeBroadcast{.strides = {2}}, SlopeBroadcast{.strides = {-1}},
                                    SlopeBroadcast{.strides = {}}, SlopeBroadcast{.strides = {1, 0}}}) {
    EXPECT_THAT(Prelu(x.view(), x.view(), bad, context_), StatusIs(absl::StatusCode::kInvalidArgument, "do not lie"));
  }
  EXPECT_THAT(PreluBackward(x.view(), x.view(), one_each_, KinkSlope::kLeft, doubles.view(), true, context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "dy is float64"));
  CancelFlag flag;
  flag.Cancel();
  const ExecutionContext cancelled{.executor = &serial_, .cancel = &flag};
  EXPECT_THAT(Prelu(x.view(), x.view(), one_each_, cancelled), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(PreluBackward(x.view(), x.view(), one_each_, KinkSlope::kLeft, x.view(), true, cancelled),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(PreluEdgesTest, CostCountsBothGradients) {
  EXPECT_EQ(PreluCost({3, 5}, DataType::kFloat64).result_bytes, 120);
  EXPECT_EQ(PreluBackwardCost({3, 5}, {5}, DataType::kFloat64, false).result_bytes, 120);
  EXPECT_EQ(PreluBackwardCost({3, 5}, {5}, DataType::kFloat64, true).result_bytes, 160);
  EXPECT_EQ(PreluBackwardCost({3, 5}, {5}, DataType::kFloat64, true).scratch_bytes, 0);
  // Ten pieces of two doubles for the sum over 600000 elements.
  EXPECT_GE(PreluBackwardCost({600000}, {}, DataType::kFloat32, true).scratch_bytes, 160);
  EXPECT_EQ(PreluBackwardCost({kMaxSize, kMaxSize, kMaxSize}, {1}, DataType::kFloat32, true).result_bytes,
            kSaturatedCost);
}

}  // namespace
}  // namespace tensord::compute
