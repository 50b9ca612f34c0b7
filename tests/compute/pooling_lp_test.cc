// Lp pooling, forwards and backwards: against the oracle, in extremes, and by central differences.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "tensord/compute/pooling.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/pooling_cases.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::Equals;
using test_support::Gamma;
using test_support::IntegerTensor;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::RealTensor;
using test_support::SameBits;
using test_support::ToDoubles;
using test_support::WithinBounds;
using ::testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kExponents[] = {1, 2, 0.5, 3, 7.25, 0.75};

double WindowElements(const PoolingGeometry& geometry) {
  double count = 1;
  for (const AxisWindow& axis : geometry.axes) count *= static_cast<double>(std::min(axis.window, axis.input));
  return count;
}

class LpPoolingTest : public ::testing::TestWithParam<TypedPoolingCase> {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  const PoolingCase& Case() const { return std::get<0>(GetParam()); }
  DataType Type() const { return std::get<1>(GetParam()); }
  PoolingGeometry Geometry(double p) const {
    PoolingConventions conventions = Case().conventions;
    conventions.p = p;
    return Resolved(PoolingKind::kLp, conventions, Case().input);
  }
};

TEST_P(LpPoolingTest, NormsAreWithinTheirBound) {
  const Tensor x = RealTensor(Type(), Case().input, 41);
  for (const double p : kExponents) {
    SCOPED_TRACE(p);
    const PoolingGeometry geometry = Geometry(p);
    const reference::Sums expected = reference::Pool(geometry, ToDoubles(x)).sums;
    std::vector<double> bounds = expected.values;
    for (size_t i = 0; i < bounds.size(); ++i) {
      bounds[i] *= Gamma((2 * static_cast<double>(expected.terms[i]) + 2) / p + 8, Type()) + 0x1p-53;
    }
    const auto y = Pool(geometry, x.view(), false, context_);
    ASSERT_THAT(y, IsOk());
    EXPECT_TRUE(WithinBounds(y->output.view(), geometry.output_shape, expected.values, bounds));
  }
}

TEST_P(LpPoolingTest, SumsOfMagnitudesAreExactAndSoAreTheirGradients) {
  const PoolingGeometry geometry = Geometry(1);
  const Tensor x = IntegerTensor(Type(), Case().input, 42);
  const Tensor dy = IntegerTensor(Type(), geometry.output_shape, 43);
  const auto y = Pool(geometry, x.view(), false, context_);
  const auto dx = PoolBackward(geometry, x.view(), dy.view(), context_);
  ASSERT_THAT(y, IsOk());
  ASSERT_THAT(dx, IsOk());
  const std::vector<double> values = ToDoubles(x);
  EXPECT_TRUE(Equals(y->output.view(), geometry.output_shape, reference::Pool(geometry, values).sums.values));
  EXPECT_TRUE(Equals(dx->view(), Case().input, reference::PoolBackward(geometry, values, ToDoubles(dy)).values));
  // Euler's identity for what is homogeneous of degree 1: <dy, y> = <dx, x>.
  double by_outputs = 0;
  double by_inputs = 0;
  const std::vector<double> outputs = ToDoubles(y->output);
  const std::vector<double> output_gradients = ToDoubles(dy);
  const std::vector<double> input_gradients = ToDoubles(*dx);
  for (size_t i = 0; i < outputs.size(); ++i) by_outputs += outputs[i] * output_gradients[i];
  for (size_t i = 0; i < values.size(); ++i) by_inputs += values[i] * input_gradients[i];
  EXPECT_EQ(by_outputs, by_inputs);
}

TEST_P(LpPoolingTest, GradientsAreWithinTheirBound) {
  const Tensor x = RealTensor(Type(), Case().input, 44);
  for (const double p : kExponents) {
    SCOPED_TRACE(p);
    const PoolingGeometry geometry = Geometry(p);
    const Tensor dy = RealTensor(Type(), geometry.output_shape, 45);
    const reference::Sums expected = reference::PoolBackward(geometry, ToDoubles(x), ToDoubles(dy));
    std::vector<double> bounds = expected.magnitudes;
    const double per_term = (p + 1) * ((2 * WindowElements(geometry) + 2) / p + 10);
    for (size_t i = 0; i < bounds.size(); ++i) {
      bounds[i] *= Gamma(static_cast<double>(expected.terms[i]) + 4 + per_term, Type());
      bounds[i] += 0x1p-53 * std::abs(expected.values[i]);  // the expected value's own rounding
    }
    const auto dx = PoolBackward(geometry, x.view(), dy.view(), context_);
    ASSERT_THAT(dx, IsOk());
    EXPECT_TRUE(WithinBounds(dx->view(), Case().input, expected.values, bounds));
  }
}

TEST_P(LpPoolingTest, AnyExecutorGivesTheSameBits) {
  ThreadPool pool(3, 4);
  const ExecutionContext parallel{.executor = &pool};
  const Tensor x = RealTensor(Type(), Case().input, 46);
  const PoolingGeometry geometry = Geometry(3);
  const Tensor dy = RealTensor(Type(), geometry.output_shape, 47);
  EXPECT_TRUE(SameBits(Pool(geometry, x.view(), false, context_)->output.view(),
                       Pool(geometry, x.view(), false, parallel)->output.view()));
  EXPECT_TRUE(SameBits(PoolBackward(geometry, x.view(), dy.view(), context_)->view(),
                       PoolBackward(geometry, x.view(), dy.view(), parallel)->view()));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, LpPoolingTest, AllTypedPoolingCases(), NameOfPooling);

class LpExamplesTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  double Norm(DataType type, double p, const std::vector<double>& x) {
    const Shape shape = {static_cast<int64_t>(x.size())};
    const auto geometry = Resolved(PoolingKind::kLp, {.window_mode = WindowMode::kGlobal, .p = p}, shape);
    const auto y = Pool(geometry, MakeTensor(type, shape, x).view(), false, context_);
    EXPECT_THAT(y, IsOk());
    return ToDoubles(y->output)[0];
  }
  std::vector<double> Gradient(double p, const std::vector<double>& x, double dy) {
    const Shape shape = {static_cast<int64_t>(x.size())};
    const auto geometry = Resolved(PoolingKind::kLp, {.window_mode = WindowMode::kGlobal, .p = p}, shape);
    const auto dx = PoolBackward(geometry, MakeTensor(DataType::kFloat64, shape, x).view(),
                                 MakeTensor(DataType::kFloat64, {1}, {dy}).view(), context_);
    EXPECT_THAT(dx, IsOk());
    return ToDoubles(*dx);
  }
};

TEST_F(LpExamplesTest, PythagoreanIntegersAreExact) {
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
    EXPECT_EQ(Norm(type, 2, {3, -4}), 5);
    EXPECT_EQ(Norm(type, 2, {-5, 12}), 13);
    EXPECT_EQ(Norm(type, 2, {2, 3, 6}), 7);
    EXPECT_EQ(Norm(type, 1, {2, -3, 6}), 11);
  }
  EXPECT_EQ(Norm(DataType::kFloat64, 3, {0, -2, 0}), 2);
}

TEST_F(LpExamplesTest, PaddingCountsAsZero) {
  const auto geometry = Resolved(PoolingKind::kLp, {.window = {2}, .strides = {1}, .padding = {.begin = {1}}}, {2});
  EXPECT_EQ(geometry.p, 2);
  const auto y = Pool(geometry, MakeTensor(DataType::kFloat32, {2}, {-3, 4}).view(), false, context_);
  EXPECT_THAT(ToDoubles(y->output), ElementsAre(3, 5, 4));
}

TEST_F(LpExamplesTest, NoPowerOverflowsOrUnderflowsOnTheWay) {
  EXPECT_EQ(Norm(DataType::kFloat64, 2, {3e300, 4e300}), 5e300);
  EXPECT_NEAR(Norm(DataType::kFloat64, 2, {3e-300, 4e-300}) / 5e-300, 1, 1e-15);
  EXPECT_NEAR(Norm(DataType::kFloat64, 2, {3 * 0x1p-1060, 4 * 0x1p-1060}) / (5 * 0x1p-1060), 1, 1e-3);
  EXPECT_NEAR(Norm(DataType::kFloat64, 50, {1e200, 1e200}) / (1e200 * std::pow(2, 1.0 / 50)), 1, 1e-14);
  EXPECT_NEAR(Norm(DataType::kFloat64, 1e6, {7, 7, 3}) / 7, 1, 1e-6);
  EXPECT_EQ(Norm(DataType::kFloat64, 1e308, {7, -9, 3}), 9);
  EXPECT_EQ(Norm(DataType::kFloat64, 1e-308, {7}), 7);
  EXPECT_EQ(Norm(DataType::kFloat64, 1e-308, {7, 7}), kInfinity);  // 2^(1/p) is beyond every number
}

TEST_F(LpExamplesTest, ZerosInfinitiesAndNans) {
  for (const double p : kExponents) {
    EXPECT_EQ(Norm(DataType::kFloat32, p, {0, -0.0}), 0) << p;
    EXPECT_EQ(Norm(DataType::kFloat32, p, {1, -kInfinity}), kInfinity) << p;
    EXPECT_TRUE(std::isnan(Norm(DataType::kFloat32, p, {1, kNaN}))) << p;
    EXPECT_TRUE(std::isnan(Norm(DataType::kFloat32, p, {kNaN, kInfinity}))) << p;
    EXPECT_TRUE(std::isnan(Norm(DataType::kFloat32, p, {kNaN, 0}))) << p;
    EXPECT_THAT(Gradient(p, {0, -0.0, 0}, 5), ElementsAre(0, 0, 0)) << p;
    EXPECT_EQ(Gradient(p, {0, 2, -1}, 5)[0], 0) << p;
  }
  EXPECT_THAT(Gradient(2, {3, -4}, 5), ElementsAre(3, -4));
  EXPECT_THAT(Gradient(1, {3, -4, 0}, 5), ElementsAre(5, -5, 0));
}

TEST_F(LpExamplesTest, CostCountsPowers) {
  const auto cost = [](double p) {
    return PoolingCost(Resolved(PoolingKind::kLp, {.window = {3}, .strides = {2}, .p = p}, {9}), DataType::kFloat32,
                       false, 1)
        .multiplication_count;
  };
  EXPECT_EQ(cost(1), 12);
  EXPECT_EQ(cost(2), 24);
  EXPECT_EQ(cost(3), 12 * kPowerCost);
}

}  // namespace
}  // namespace tensord::compute
