// Where the gradient of a maximum goes: ties, NaNs, and windows that hold nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
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
using test_support::SameBits;
using test_support::ToDoubles;
using test_support::WithinBounds;
using ::testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class TieTest : public ::testing::TestWithParam<TypedPoolingCase> {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  const PoolingCase& Case() const { return std::get<0>(GetParam()); }
  DataType Type() const { return std::get<1>(GetParam()); }
  PoolingGeometry Geometry(TieRule tie_rule, NanRule nan_rule = NanRule::kFirst) const {
    PoolingConventions conventions = Case().conventions;
    conventions.tie_rule = tie_rule;
    conventions.nan_rule = nan_rule;
    return Resolved(PoolingKind::kMax, conventions, Case().input);
  }
};

TEST_P(TieTest, EveryRuleEqualsTheReference) {
  std::vector<double> values = ToDoubles(IntegerTensor(Type(), Case().input, 51, -1, 1));  // ties nearly everywhere
  for (size_t i = 0; i < values.size(); i += 13) values[i] = kNaN;
  for (size_t i = 5; i < values.size(); i += 11) values[i] = -0.0;
  const Tensor x = MakeTensor(Type(), Case().input, values);
  for (const TieRule tie_rule : {TieRule::kFirst, TieRule::kAll, TieRule::kSplit}) {
    for (const NanRule nan_rule : {NanRule::kFirst, NanRule::kLast}) {
      SCOPED_TRACE(std::string(Name(tie_rule)) + " " + std::string(Name(nan_rule)));
      const PoolingGeometry geometry = Geometry(tie_rule, nan_rule);
      const Tensor dy = IntegerTensor(Type(), geometry.output_shape, 52);
      const auto dx = PoolBackward(geometry, x.view(), dy.view(), context_);
      ASSERT_THAT(dx, IsOk());
      const reference::Sums expected = reference::PoolBackward(geometry, values, ToDoubles(dy));
      std::vector<double> bounds(values.size());  // sums of integers are exact; a share is a quotient
      for (size_t i = 0; tie_rule == TieRule::kSplit && i < bounds.size(); ++i) {
        bounds[i] = expected.magnitudes[i] * Gamma(static_cast<double>(expected.terms[i]) + 1, Type());
        bounds[i] += 0x1p-53 * std::abs(expected.values[i]);
      }
      EXPECT_TRUE(WithinBounds(dx->view(), Case().input, expected.values, bounds));
    }
  }
}

TEST_P(TieTest, RulesAgreeWhereNothingIsTied) {
  std::vector<double> values(ToDoubles(IntegerTensor(Type(), Case().input, 53)).size());
  std::iota(values.begin(), values.end(), 0);
  test_support::Random random(54);
  for (size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[static_cast<size_t>(random.Integer(0, static_cast<int64_t>(i) - 1))]);
  }
  const Tensor x = MakeTensor(Type(), Case().input, values);
  const PoolingGeometry first = Geometry(TieRule::kFirst);
  const Tensor dy = IntegerTensor(Type(), first.output_shape, 55, 1, 9);
  const auto expected = PoolBackward(first, x.view(), dy.view(), context_);
  for (const TieRule rule : {TieRule::kAll, TieRule::kSplit}) {
    EXPECT_TRUE(SameBits(PoolBackward(Geometry(rule), x.view(), dy.view(), context_)->view(), expected->view()));
  }
}

TEST_P(TieTest, AnyExecutorGivesTheSameBits) {
  ThreadPool pool(3, 4);
  const ExecutionContext parallel{.executor = &pool};
  const Tensor x = IntegerTensor(Type(), Case().input, 56, 0, 1);
  const PoolingGeometry geometry = Geometry(TieRule::kSplit);
  const Tensor dy = test_support::RealTensor(Type(), geometry.output_shape, 57);
  EXPECT_TRUE(SameBits(PoolBackward(geometry, x.view(), dy.view(), context_)->view(),
                       PoolBackward(geometry, x.view(), dy.view(), parallel)->view()));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, TieTest, AllTypedPoolingCases(), NameOfPooling);

class TieExamplesTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  std::vector<double> Gradient(const PoolingConventions& conventions, const std::vector<double>& x,
                               const std::vector<double>& dy) {
    const Shape shape = {static_cast<int64_t>(x.size())};
    const auto geometry = Resolved(PoolingKind::kMax, conventions, shape);
    const auto dx = PoolBackward(geometry, MakeTensor(DataType::kFloat64, shape, x).view(),
                                 MakeTensor(DataType::kFloat64, geometry.output_shape, dy).view(), context_);
    EXPECT_THAT(dx, IsOk());
    return ToDoubles(*dx);
  }
};

TEST_F(TieExamplesTest, PlantedTies) {
  const std::vector<double> x = {3, 1, 3, 3};
  EXPECT_THAT(Gradient({.window = {4}, .tie_rule = TieRule::kFirst}, x, {12}), ElementsAre(12, 0, 0, 0));
  EXPECT_THAT(Gradient({.window = {4}, .tie_rule = TieRule::kAll}, x, {12}), ElementsAre(12, 0, 12, 12));
  EXPECT_THAT(Gradient({.window = {4}, .tie_rule = TieRule::kSplit}, x, {12}), ElementsAre(4, 0, 4, 4));
  // Overlapping windows add up: {3 1} {1 3} {3 3}.
  EXPECT_THAT(Gradient({.window = {2}, .strides = {1}, .tie_rule = TieRule::kSplit}, x, {1, 2, 4}),
              ElementsAre(1, 0, 4, 2));
}

TEST_F(TieExamplesTest, ZerosOfEitherSignAreTied) {
  EXPECT_THAT(Gradient({.window = {2}, .tie_rule = TieRule::kAll}, {-0.0, 0.0}, {5}), ElementsAre(5, 5));
}

TEST_F(TieExamplesTest, InfinitiesAreTiedAndNansAreNot) {
  EXPECT_THAT(Gradient({.window = {3}, .tie_rule = TieRule::kSplit}, {-kInfinity, -kInfinity, -kInfinity}, {6}),
              ElementsAre(2, 2, 2));
  EXPECT_THAT(Gradient({.window = {3}, .tie_rule = TieRule::kAll, .nan_rule = NanRule::kLast}, {kNaN, 1, kNaN}, {6}),
              ElementsAre(0, 0, 6));
}

TEST_F(TieExamplesTest, AnIndexIsTheFirstOnesWhateverTheRule) {
  for (const TieRule rule : {TieRule::kFirst, TieRule::kAll, TieRule::kSplit}) {
    const auto geometry = Resolved(PoolingKind::kMax, {.window = {3}, .tie_rule = rule}, {3});
    const auto y = Pool(geometry, MakeTensor(DataType::kFloat32, {3}, {1, 2, 2}).view(), true, context_);
    EXPECT_EQ(y->indices->As<int64_t>()[0], 1);
  }
}

TEST_F(TieExamplesTest, AnEmptyWindowIsMinusInfinityWhereThatIsAskedFor) {
  PoolingConventions conventions{.window = {1}, .padding = {.begin = {1}}};
  Violations refused;
  EXPECT_FALSE(ResolvePooling(PoolingKind::kMax, conventions, Profile::kNone, {2}, {}, {}, refused).has_value());
  conventions.empty_window = EmptyWindow::kNegativeInfinity;
  const auto geometry = Resolved(PoolingKind::kMax, conventions, {2});
  const Tensor x = MakeTensor(DataType::kFloat32, {2}, {-7, 3});
  for (const bool want_indices : {false, true}) {
    const auto y = Pool(geometry, x.view(), want_indices, context_);
    ASSERT_THAT(y, IsOk());
    EXPECT_THAT(ToDoubles(y->output), ElementsAre(-kInfinity, -7, 3, -kInfinity));
    if (want_indices) {
      EXPECT_THAT(ToDoubles(*y->indices), ElementsAre(-1, 0, 1, -1));
    }
  }
  for (const TieRule rule : {TieRule::kFirst, TieRule::kAll, TieRule::kSplit}) {
    conventions.tie_rule = rule;
    EXPECT_THAT(Gradient(conventions, {-7, 3}, {100, 1, 2, 100}), ElementsAre(1, 2)) << Name(rule);
  }
}

TEST_F(TieExamplesTest, EmptyWindowsInTheMiddleOfAShortInputToo) {
  // Dilated windows step over the input: every small geometry, against the oracle.
  int64_t empty = 0;
  for (int64_t n = 1; n <= 4; ++n)
    for (int64_t window = 1; window <= 3; ++window)
      for (int64_t stride = 1; stride <= 3; ++stride)
        for (int64_t dilation = 1; dilation <= 6; ++dilation)
          for (int64_t begin = 0; begin <= 7; ++begin)
            for (int64_t end = 0; end <= 4; ++end) {
              const PoolingConventions given{.input_layout = "HW",
                                             .window = {1, window},
                                             .strides = {1, stride},
                                             .dilations = {1, dilation},
                                             .padding = {.begin = {0, begin}, .end = {0, end}},
                                             .empty_window = EmptyWindow::kNegativeInfinity};
              Violations violations;
              const Shape shape = {2, n};
              const auto g = ResolvePooling(PoolingKind::kMax, given, Profile::kNone, shape, {}, {}, violations);
              if (!g.has_value()) continue;
              const Tensor x = IntegerTensor(DataType::kFloat32, shape, 58);
              const reference::Pooled expected = reference::Pool(*g, ToDoubles(x));
              const auto y = Pool(*g, x.view(), true, context_);
              ASSERT_THAT(y, IsOk());
              ASSERT_TRUE(Equals(y->output.view(), g->output_shape, expected.sums.values));
              ASSERT_TRUE(Equals(y->indices->view(), g->output_shape,
                                 std::vector<double>(expected.indices.begin(), expected.indices.end())));
              const Tensor dy = IntegerTensor(DataType::kFloat32, g->output_shape, 59);
              ASSERT_TRUE(Equals(PoolBackward(*g, x.view(), dy.view(), context_)->view(), shape,
                                 reference::PoolBackward(*g, ToDoubles(x), ToDoubles(dy)).values));
              for (const int64_t index : expected.indices) empty += index == -1 ? 1 : 0;
            }
  EXPECT_GT(empty, 1000);
}

}  // namespace
}  // namespace tensord::compute
