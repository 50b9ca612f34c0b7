// Pooling backwards: against the oracle and the adjoint identity.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <tuple>

#include "tensord/compute/pooling.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/pooling_cases.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::AreAdjoint;
using test_support::Equals;
using test_support::Gamma;
using test_support::InnerProduct;
using test_support::IntegerTensor;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::RealTensor;
using test_support::SameBits;
using test_support::StatusIs;
using test_support::ToDoubles;
using test_support::WithinBounds;
using ::testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class PoolingBackwardTest : public ::testing::TestWithParam<TypedPoolingCase> {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  const PoolingCase& Case() const { return std::get<0>(GetParam()); }
  DataType Type() const { return std::get<1>(GetParam()); }

  PoolingGeometry Max() const { return Resolved(PoolingKind::kMax, Case().conventions, Case().input); }
  PoolingGeometry Average(AverageDivisor divisor) const {
    PoolingConventions conventions = Case().conventions;
    conventions.average_divisor = divisor;
    if (divisor == AverageDivisor::kFixed) conventions.fixed_divisor = 8;
    return Resolved(PoolingKind::kAverage, conventions, Case().input);
  }
};

TEST_P(PoolingBackwardTest, MaximaGetTheirGradientsExactly) {
  PoolingConventions conventions = Case().conventions;
  std::vector<double> values = ToDoubles(IntegerTensor(Type(), Case().input, 21, -3, 3));
  for (size_t i = 0; i < values.size(); i += 7) values[i] = kNaN;
  const Tensor x = MakeTensor(Type(), Case().input, values);
  for (const NanRule rule : {NanRule::kFirst, NanRule::kLast}) {
    SCOPED_TRACE(Name(rule));
    conventions.nan_rule = rule;
    const PoolingGeometry geometry = Resolved(PoolingKind::kMax, conventions, Case().input);
    const Tensor dy = IntegerTensor(Type(), geometry.output_shape, 22);
    const auto dx = PoolBackward(geometry, x.view(), dy.view(), context_);
    ASSERT_THAT(dx, IsOk());
    EXPECT_TRUE(Equals(dx->view(), Case().input, reference::PoolBackward(geometry, values, ToDoubles(dy)).values));
  }
}

TEST_P(PoolingBackwardTest, AveragesSpreadTheirGradientsWithinTheBound) {
  const Tensor x = RealTensor(Type(), Case().input, 23);
  for (const AverageDivisor divisor : {AverageDivisor::kExcluded, AverageDivisor::kIncluded, AverageDivisor::kFixed}) {
    SCOPED_TRACE(Name(divisor));
    const PoolingGeometry geometry = Average(divisor);
    const Tensor dy = RealTensor(Type(), geometry.output_shape, 24);
    const reference::Sums expected = reference::PoolBackward(geometry, ToDoubles(x), ToDoubles(dy));
    std::vector<double> bounds = expected.magnitudes;
    for (size_t i = 0; i < bounds.size(); ++i) {
      bounds[i] *= Gamma(static_cast<double>(expected.terms[i]) + 1, Type());
      bounds[i] += 0x1p-53 * std::abs(expected.values[i]);  // the expected value's own rounding
    }
    const auto dx = PoolBackward(geometry, x.view(), dy.view(), context_);
    ASSERT_THAT(dx, IsOk());
    EXPECT_TRUE(WithinBounds(dx->view(), Case().input, expected.values, bounds));
  }
}

TEST_P(PoolingBackwardTest, BackwardIsTheAdjointOfForward) {
  // <dy, A x> = <A^T dy, x>; a maximum is linear too as long as the same elements win. Integers: exact.
  const Tensor x = IntegerTensor(DataType::kFloat64, Case().input, 25);
  for (const PoolingGeometry& geometry : {Max(), Average(AverageDivisor::kFixed)}) {
    const Tensor dy = IntegerTensor(DataType::kFloat64, geometry.output_shape, 26);
    const auto y = Pool(geometry, x.view(), false, context_);
    const auto dx = PoolBackward(geometry, x.view(), dy.view(), context_);
    ASSERT_THAT(y, IsOk());
    ASSERT_THAT(dx, IsOk());
    EXPECT_TRUE(AreAdjoint(InnerProduct(*dx, x), InnerProduct(dy, y->output)));
  }
}

TEST_P(PoolingBackwardTest, AnyExecutorGivesTheSameBits) {
  ThreadPool pool(3, 4);
  const ExecutionContext parallel{.executor = &pool};
  const Tensor x = RealTensor(Type(), Case().input, 27);
  for (const PoolingGeometry& geometry : {Max(), Average(AverageDivisor::kExcluded)}) {
    const Tensor dy = RealTensor(Type(), geometry.output_shape, 28);
    EXPECT_TRUE(SameBits(PoolBackward(geometry, x.view(), dy.view(), context_)->view(),
                         PoolBackward(geometry, x.view(), dy.view(), parallel)->view()));
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, PoolingBackwardTest, AllTypedPoolingCases(), NameOfPooling);

class PoolingBackwardExamplesTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  std::vector<double> Gradient(const PoolingGeometry& geometry, const std::vector<double>& x,
                               const std::vector<double>& dy) {
    const auto dx = PoolBackward(geometry, MakeTensor(DataType::kFloat64, geometry.input_shape, x).view(),
                                 MakeTensor(DataType::kFloat64, geometry.output_shape, dy).view(), context_);
    EXPECT_THAT(dx, IsOk());
    return ToDoubles(*dx);
  }
};

TEST_F(PoolingBackwardExamplesTest, TheFirstOfEqualMaximaGetsEverything) {
  const auto geometry = Resolved(PoolingKind::kMax, {.window = {3}}, {3});
  EXPECT_THAT(Gradient(geometry, {1, 4, 4}, {7}), ElementsAre(0, 7, 0));
}

TEST_F(PoolingBackwardExamplesTest, SubsamplingSendsTheGradientBackWhereItCameFrom) {
  const auto geometry = Resolved(PoolingKind::kSubsample, {.strides = {2}}, {8});
  EXPECT_THAT(Gradient(geometry, {1, 2, 3, 2, 0, 10, 1, 0}, {1, 2, 3, 4}), ElementsAre(1, 0, 2, 0, 3, 0, 4, 0));
}

TEST_F(PoolingBackwardExamplesTest, ErrorsAreTold) {
  const auto geometry = Resolved(PoolingKind::kMax, {.window = {2}}, {4});
  const Tensor x = MakeTensor(DataType::kFloat32, {4}, {1, 2, 3, 4});
  EXPECT_THAT(PoolBackward(geometry, x.view(), x.view(), context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "float32 [4], has to be float32 [2]"));
  EXPECT_THAT(PoolBackward(geometry, x.view(), MakeTensor(DataType::kFloat64, {2}, {1, 2}).view(), context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "float64"));
  EXPECT_THAT(PoolBackward(geometry, MakeTensor(DataType::kFloat32, {2}, {1, 2}).view(), x.view(), context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "[2], has to be [4]"));
}

TEST_F(PoolingBackwardExamplesTest, ACancelledCallSaysSo) {
  CancelFlag flag;
  flag.Cancel();
  const ExecutionContext cancelled{.executor = &serial_, .cancel = &flag};
  const auto geometry = Resolved(PoolingKind::kMax, {.window = {2}}, {4});
  const Tensor x = MakeTensor(DataType::kFloat32, {4}, {1, 2, 3, 4});
  const Tensor dy = MakeTensor(DataType::kFloat32, {2}, {1, 1});
  EXPECT_THAT(PoolBackward(geometry, x.view(), dy.view(), cancelled), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace tensord::compute
