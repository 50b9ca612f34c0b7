// Softmax and log softmax against the oracle, and their gradients.
#include "tensord/compute/softmax.h"

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

using test_support::Equals;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::RealTensor;
using test_support::SameBits;
using test_support::StatusIs;
using test_support::ToDoubles;
using test_support::WithinBounds;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct SoftmaxCase {
  std::string name;
  Shape shape;
  int axis;
};

void PrintTo(const SoftmaxCase& c, std::ostream* out) { *out << c.name; }

class SoftmaxTest : public ::testing::TestWithParam<std::tuple<SoftmaxCase, ActivationKind, DataType>> {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};
  const Shape shape_ = std::get<0>(GetParam()).shape;
  const int axis_ = std::get<0>(GetParam()).axis;
  const ActivationKind kind_ = std::get<1>(GetParam());
  const DataType type_ = std::get<2>(GetParam());
  const bool log_ = kind_ == ActivationKind::kLogSoftmax;

  // The offsets of the elements of i's group.
  [[nodiscard]] std::vector<size_t> Group(size_t i) const {
    size_t inner = 1;
    for (int axis = axis_ + 1; axis < shape_.rank(); ++axis) inner *= static_cast<size_t>(shape_[axis]);
    const auto size = static_cast<size_t>(shape_[axis_]);
    const size_t first = i / (inner * size) * (inner * size) + i % inner;
    std::vector<size_t> offsets;
    for (size_t k = 0; k < size; ++k) offsets.push_back(first + k * inner);
    return offsets;
  }

  [[nodiscard]] double Ulp(double actual, long double exact) const {
    return type_ == DataType::kFloat32 ? UlpError<float>(actual, exact) : UlpError<double>(actual, exact);
  }
};

TEST_P(SoftmaxTest, IsWithinTheStatedUlps) {
  for (const double scale : {1e-3, 1.0, 30.0, 1000.0}) {
    const Tensor x = RealTensor(type_, shape_, 11, -scale, scale);
    const auto y = Softmax(kind_, x.view(), axis_, context_);
    ASSERT_THAT(y, IsOk());
    const std::vector<long double> exact = reference::Softmax(log_, shape_, axis_, ToDoubles(x));
    const std::vector<double> actual = ToDoubles(*y);
    ASSERT_EQ(actual.size(), exact.size());
    double worst = 0;
    for (size_t i = 0; i < actual.size(); ++i) worst = std::max(worst, Ulp(actual[i], exact[i]));
    EXPECT_LE(worst, type_ == DataType::kFloat32 ? 0.51 : 4) << "scale " << scale;
  }
}

TEST_P(SoftmaxTest, GradientIsWithinTheStatedBound) {
  if (shape_[axis_] > 1000) return;  // the oracle takes the square of it
  for (const double scale : {1e-3, 1.0, 30.0}) {
    const Tensor x = RealTensor(type_, shape_, 12, -scale, scale);
    const Tensor dy = RealTensor(type_, shape_, 13, -2, 2);
    const auto dx = SoftmaxBackward(kind_, x.view(), axis_, dy.view(), context_);
    ASSERT_THAT(dx, IsOk());
    const std::vector<double> upstream = ToDoubles(dy);
    const std::vector<long double> y = reference::Softmax(false, shape_, axis_, ToDoubles(x));
    const std::vector<long double> exact = reference::SoftmaxBackward(log_, shape_, axis_, ToDoubles(x), upstream);
    std::vector<double> expected;
    std::vector<double> bounds;
    for (size_t i = 0; i < upstream.size(); ++i) {
      expected.push_back(static_cast<double>(exact[i]));
      long double sum = 0;
      for (const size_t j : Group(i)) sum += std::abs((log_ ? 1 : y[j]) * upstream[j]);
      const long double magnitude = log_ ? std::abs(upstream[i]) + y[i] * sum : y[i] * (std::abs(upstream[i]) + sum);
      const double c = type_ == DataType::kFloat32 ? 2 : 12;
      // A little more for what `expected` itself is rounded by, and for underflow.
      bounds.push_back(static_cast<double>((c + 0.5) * test_support::UnitRoundoff(type_) * magnitude + 1e-45L));
    }
    EXPECT_TRUE(WithinBounds(dx->view(), shape_, expected, bounds)) << "scale " << scale;
  }
}

// <v, J u> = <J^T v, u>: J u by differences of the forward pass, J^T v by the backward pass.
TEST_P(SoftmaxTest, GradientAgreesWithCentralDifferences) {
  if (type_ != DataType::kFloat64 || ElementCount(shape_).value() > 1000) return;
  const Tensor x = RealTensor(type_, shape_, 14, -2, 2);
  const Tensor v = RealTensor(type_, shape_, 15, -1, 1);
  const auto dx = SoftmaxBackward(kind_, x.view(), axis_, v.view(), context_);
  ASSERT_THAT(dx, IsOk());
  std::vector<double> at = ToDoubles(x);
  const auto differences = test_support::CentralDifferences(at, 1e-5, [&] {
    const auto y = Softmax(kind_, MakeTensor(type_, shape_, at).view(), axis_, context_);
    return static_cast<long double>(test_support::InnerProduct(*y, v));
  });
  EXPECT_TRUE(test_support::WithinBound(dx->view(), shape_, differences, 1e-7));
}

TEST_P(SoftmaxTest, GradientIsLinearInTheUpstreamGradient) {
  const Tensor x = RealTensor(type_, shape_, 16, -2, 2);
  const Tensor dy = RealTensor(type_, shape_, 17, -1, 1);
  std::vector<double> scaled = ToDoubles(dy);
  for (double& value : scaled) value *= -4;  // exactly
  const auto once = SoftmaxBackward(kind_, x.view(), axis_, dy.view(), context_);
  const auto four = SoftmaxBackward(kind_, x.view(), axis_, MakeTensor(type_, shape_, scaled).view(), context_);
  std::vector<double> expected = ToDoubles(*once);
  for (double& value : expected) value *= -4;
  EXPECT_TRUE(Equals(four->view(), shape_, expected));
}

TEST_P(SoftmaxTest, AnyExecutorGivesTheSameBits) {
  ThreadPool pool(3, 4);
  const ExecutionContext parallel{.executor = &pool};
  const Tensor x = RealTensor(type_, shape_, 18, -10, 10);
  EXPECT_TRUE(
      SameBits(Softmax(kind_, x.view(), axis_, context_)->view(), Softmax(kind_, x.view(), axis_, parallel)->view()));
  EXPECT_TRUE(SameBits(SoftmaxBackward(kind_, x.view(), axis_, x.view(), context_)->view(),
                       SoftmaxBackward(kind_, x.view(), axis_, x.view(), parallel)->view()));
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, SoftmaxTest,
    ::testing::Combine(::testing::Values(SoftmaxCase{"Vector", {10}, 0}, SoftmaxCase{"One", {1}, 0},
                                         SoftmaxCase{"Last", {3, 4, 5}, 2}, SoftmaxCase{"Middle", {3, 40, 5}, 1},
                                         SoftmaxCase{"First", {6, 4, 5}, 0}, SoftmaxCase{"Wide", {2, 3, 71}, 1},
                                         SoftmaxCase{"Ones", {2, 1, 3}, 1}, SoftmaxCase{"Long", {2, 20000}, 1},
                                         SoftmaxCase{"Many", {4001, 3}, 1}, SoftmaxCase{"Deep", {2, 2, 2, 2, 3, 2}, 4}),
                       ::testing::Values(ActivationKind::kSoftmax, ActivationKind::kLogSoftmax),
                       ::testing::Values(DataType::kFloat32, DataType::kFloat64)),
    [](const auto& test) {
      return std::get<0>(test.param).name +
             (std::get<1>(test.param) == ActivationKind::kSoftmax ? "Softmax" : "LogSoftmax") +
             std::string(Name(std::get<2>(test.param)));
    });

class SoftmaxEdgesTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  Tensor Of(ActivationKind kind, const std::vector<double>& x) {
    const Tensor input = MakeTensor(DataType::kFloat64, {static_cast<int64_t>(x.size())}, x);
    return *Softmax(kind, input.view(), 0, context_);
  }
};

TEST_F(SoftmaxEdgesTest, ExactValues) {
  EXPECT_TRUE(Equals(Of(ActivationKind::kSoftmax, {7, 7, 7, 7}).view(), {4}, {0.25, 0.25, 0.25, 0.25}));
  EXPECT_TRUE(Equals(Of(ActivationKind::kSoftmax, {0, -1e300}).view(), {2}, {1, 0}));
  EXPECT_TRUE(Equals(Of(ActivationKind::kSoftmax, {1e308, -1e308, 1e308}).view(), {3}, {0.5, 0, 0.5}));
  EXPECT_TRUE(Equals(Of(ActivationKind::kLogSoftmax, {5}).view(), {1}, {0}));
  EXPECT_TRUE(Equals(Of(ActivationKind::kLogSoftmax, {0, -1e300}).view(), {2}, {0, -1e300}));
  EXPECT_EQ(Of(ActivationKind::kLogSoftmax, {3, 3}).As<double>()[0], -std::log(2.0));
}

TEST_F(SoftmaxEdgesTest, InfinitiesAndNan) {
  EXPECT_TRUE(Equals(Of(ActivationKind::kSoftmax, {1, -kInfinity, 1}).view(), {3}, {0.5, 0, 0.5}));
  EXPECT_TRUE(Equals(Of(ActivationKind::kLogSoftmax, {0, -kInfinity}).view(), {2}, {0, -kInfinity}));
  for (const ActivationKind kind : {ActivationKind::kSoftmax, ActivationKind::kLogSoftmax}) {
    EXPECT_TRUE(Equals(Of(kind, {kInfinity, 1}).view(), {2}, {kNaN, kNaN}));
    EXPECT_TRUE(Equals(Of(kind, {1, kNaN, 2}).view(), {3}, {kNaN, kNaN, kNaN}));
    EXPECT_TRUE(Equals(Of(kind, {kNaN, 1}).view(), {2}, {kNaN, kNaN}));
    EXPECT_TRUE(Equals(Of(kind, {-kInfinity, -kInfinity}).view(), {2}, {kNaN, kNaN}));
  }
}

TEST_F(SoftmaxEdgesTest, ANanSpoilsItsOwnGroupOnly) {
  const Tensor x = MakeTensor(DataType::kFloat32, {2, 2}, {kNaN, 0, 1, 0});
  EXPECT_TRUE(Equals(Softmax(ActivationKind::kSoftmax, x.view(), 0, context_)->view(), {2, 2}, {kNaN, 0.5, kNaN, 0.5}));
}

TEST_F(SoftmaxEdgesTest, GradientsOfAnUncertainPair) {
  const Tensor x = MakeTensor(DataType::kFloat32, {2}, {3, 3});
  const Tensor dy = MakeTensor(DataType::kFloat32, {2}, {1, 0});
  EXPECT_TRUE(
      Equals(SoftmaxBackward(ActivationKind::kSoftmax, x.view(), 0, dy.view(), context_)->view(), {2}, {0.25, -0.25}));
  EXPECT_TRUE(
      Equals(SoftmaxBackward(ActivationKind::kLogSoftmax, x.view(), 0, dy.view(), context_)->view(), {2}, {0.5, -0.5}));
}

TEST_F(SoftmaxEdgesTest, AnEmptyBatchGivesAnEmptyTensor) {
  const Tensor x = MakeTensor(DataType::kFloat32, {0, 3}, {});
  for (const int axis : {0, 1}) {
    const auto y = Softmax(ActivationKind::kSoftmax, x.view(), axis, context_);
    ASSERT_THAT(y, IsOk());
    EXPECT_EQ(y->shape(), (Shape{0, 3}));
    EXPECT_THAT(SoftmaxBackward(ActivationKind::kSoftmax, x.view(), axis, x.view(), context_), IsOk());
  }
}

TEST_F(SoftmaxEdgesTest, ErrorsAreTold) {
  const Tensor x = MakeTensor(DataType::kFloat32, {2}, {1, 2});
  const Tensor integers = MakeTensor(DataType::kInt32, {2}, {1, 2});
  const auto softmax = ActivationKind::kSoftmax;
  EXPECT_THAT(Softmax(ActivationKind::kRelu, x.view(), 0, context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "the kind is relu"));
  for (const int axis : {-1, 1, 7}) {
    EXPECT_THAT(Softmax(softmax, x.view(), axis, context_), StatusIs(absl::StatusCode::kInvalidArgument, "axis is"));
  }
  EXPECT_THAT(Softmax(softmax, integers.view(), 0, context_), StatusIs(absl::StatusCode::kUnimplemented, "int32"));
  EXPECT_THAT(SoftmaxBackward(softmax, x.view(), 0, integers.view(), context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "int32"));
  CancelFlag flag;
  flag.Cancel();
  const ExecutionContext cancelled{.executor = &serial_, .cancel = &flag};
  EXPECT_THAT(Softmax(softmax, x.view(), 0, cancelled), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(SoftmaxBackward(softmax, x.view(), 0, x.view(), cancelled), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(SoftmaxEdgesTest, CostCountsTwoExponentials) {
  EXPECT_EQ(SoftmaxCost({3, 5}, DataType::kFloat64).result_bytes, 120);
  EXPECT_EQ(SoftmaxCost({3, 5}, DataType::kFloat64).multiplication_count, 30);
  EXPECT_EQ(SoftmaxCost({kMaxSize, kMaxSize, kMaxSize}, DataType::kFloat32).multiplication_count, kSaturatedCost);
}

}  // namespace
}  // namespace tensord::compute
