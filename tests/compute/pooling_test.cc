// Pooling forwards, against the oracle.
#include "tensord/compute/pooling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <tuple>

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
using test_support::StatusIs;
using test_support::ToDoubles;
using test_support::WithinBounds;
using ::testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr IndexBase kAllBases[] = {IndexBase::kPlane, IndexBase::kTensor, IndexBase::kTensorColumnMajor,
                                   IndexBase::kLayout, IndexBase::kLayoutPerSample};

std::vector<double> AsDoubles(const std::vector<int64_t>& values) { return {values.begin(), values.end()}; }

class PoolingTest : public ::testing::TestWithParam<TypedPoolingCase> {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  const PoolingCase& Case() const { return std::get<0>(GetParam()); }
  DataType Type() const { return std::get<1>(GetParam()); }

  void ExpectMaximaAsReference(const PoolingConventions& conventions, const Tensor& x) {
    const PoolingGeometry geometry = Resolved(PoolingKind::kMax, conventions, Case().input);
    const reference::Pooled expected = reference::Pool(geometry, ToDoubles(x));
    const auto with_indices = Pool(geometry, x.view(), true, context_);
    const auto without = Pool(geometry, x.view(), false, context_);
    ASSERT_THAT(with_indices, IsOk());
    ASSERT_THAT(without, IsOk());
    EXPECT_TRUE(Equals(with_indices->output.view(), geometry.output_shape, expected.sums.values));
    EXPECT_TRUE(Equals(without->output.view(), geometry.output_shape, expected.sums.values));
    EXPECT_TRUE(Equals(with_indices->indices->view(), geometry.output_shape, AsDoubles(expected.indices)));
    EXPECT_FALSE(without->indices.has_value());
  }
};

TEST_P(PoolingTest, MaximaAndTheirIndicesEqualTheReferenceInEveryIndexBase) {
  const Tensor x = IntegerTensor(Type(), Case().input, 11, -5, 5);  // with many ties
  PoolingConventions conventions = Case().conventions;
  for (const IndexBase base : kAllBases) {
    SCOPED_TRACE(Name(base));
    conventions.index_base = base;
    ExpectMaximaAsReference(conventions, x);
  }
}

TEST_P(PoolingTest, NansWinAndTheRulePicksWhich) {
  std::vector<double> values = ToDoubles(IntegerTensor(Type(), Case().input, 12, -5, 5));
  test_support::Random random(13);
  for (double& value : values) {
    const int64_t die = random.Integer(0, 9);
    if (die <= 2) value = kNaN;
    if (die == 3) value = kInfinity;
    if (die == 4) value = -kInfinity;
  }
  PoolingConventions conventions = Case().conventions;
  for (const NanRule rule : {NanRule::kFirst, NanRule::kLast}) {
    SCOPED_TRACE(Name(rule));
    conventions.nan_rule = rule;
    ExpectMaximaAsReference(conventions, MakeTensor(Type(), Case().input, values));
  }
}

TEST_P(PoolingTest, AveragesAreWithinTheirBoundForEveryDivisor) {
  PoolingConventions conventions = Case().conventions;
  const Tensor x = RealTensor(Type(), Case().input, 14);
  for (const AverageDivisor divisor : {AverageDivisor::kExcluded, AverageDivisor::kIncluded, AverageDivisor::kFixed}) {
    SCOPED_TRACE(Name(divisor));
    conventions.average_divisor = divisor;
    if (divisor == AverageDivisor::kFixed) conventions.fixed_divisor = 16777217;  // no float32
    const PoolingGeometry geometry = Resolved(PoolingKind::kAverage, conventions, Case().input);
    const reference::Sums expected = reference::Pool(geometry, ToDoubles(x)).sums;
    std::vector<double> bounds = expected.magnitudes;
    for (size_t i = 0; i < bounds.size(); ++i) {
      bounds[i] *= Gamma(static_cast<double>(expected.terms[i]) + 1, Type());
      // The expected value is itself rounded, to float64.
      bounds[i] += 0x1p-53 * std::abs(expected.values[i]);
    }
    const auto y = Pool(geometry, x.view(), false, context_);
    ASSERT_THAT(y, IsOk());
    EXPECT_TRUE(WithinBounds(y->output.view(), geometry.output_shape, expected.values, bounds));
  }
}

TEST_P(PoolingTest, SumsOfIntegersAreExact) {
  PoolingConventions conventions = Case().conventions;
  conventions.average_divisor = AverageDivisor::kFixed;
  conventions.fixed_divisor = 4;
  const Tensor x = IntegerTensor(Type(), Case().input, 15);
  const PoolingGeometry geometry = Resolved(PoolingKind::kAverage, conventions, Case().input);
  const auto y = Pool(geometry, x.view(), false, context_);
  ASSERT_THAT(y, IsOk());
  EXPECT_TRUE(Equals(y->output.view(), geometry.output_shape, reference::Pool(geometry, ToDoubles(x)).sums.values));
}

TEST_P(PoolingTest, AnyExecutorGivesTheSameBits) {
  ThreadPool pool(3, 4);
  const ExecutionContext parallel{.executor = &pool};
  PoolingConventions conventions = Case().conventions;
  const Tensor x = RealTensor(Type(), Case().input, 16);
  const PoolingGeometry max = Resolved(PoolingKind::kMax, conventions, Case().input);
  EXPECT_TRUE(SameBits(Pool(max, x.view(), true, context_)->indices->view(),
                       Pool(max, x.view(), true, parallel)->indices->view()));
  conventions.average_divisor = AverageDivisor::kExcluded;
  const PoolingGeometry average = Resolved(PoolingKind::kAverage, conventions, Case().input);
  EXPECT_TRUE(SameBits(Pool(average, x.view(), false, context_)->output.view(),
                       Pool(average, x.view(), false, parallel)->output.view()));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, PoolingTest, AllTypedPoolingCases(), NameOfPooling);

class PoolingExamplesTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};

  std::vector<double> Pooled(PoolingKind kind, const PoolingConventions& conventions, const Shape& shape,
                             const std::vector<double>& x) {
    const auto result =
        Pool(Resolved(kind, conventions, shape), MakeTensor(DataType::kFloat32, shape, x).view(), false, context_);
    EXPECT_THAT(result, IsOk());
    return ToDoubles(result->output);
  }
};

TEST_F(PoolingExamplesTest, TheTextbookSignal) {
  const std::vector<double> x = {1, 2, 3, 2, 0, 10, 1, 0};
  EXPECT_THAT(Pooled(PoolingKind::kSubsample, {.strides = {2}}, {8}, x), ElementsAre(1, 3, 0, 1));
  PoolingConventions max{.window = {2}, .strides = {2}, .length_rule = LengthRule::kStartInside};
  EXPECT_THAT(Pooled(PoolingKind::kMax, max, {8}, x), ElementsAre(2, 3, 10, 1));
  max.window = {4};
  EXPECT_THAT(Pooled(PoolingKind::kMax, max, {8}, x), ElementsAre(3, 10, 10, 1));
}

TEST_F(PoolingExamplesTest, SubsamplingCopiesExactlyWhateverIsThere) {
  const std::vector<double> x = {-0.0, 1, kNaN, 2, -kInfinity, 3, 0x1p-149};
  const Tensor tensor = MakeTensor(DataType::kFloat32, {7}, x);
  const auto y = Pool(Resolved(PoolingKind::kSubsample, {.strides = {2}}, {7}), tensor.view(), false, context_);
  ASSERT_THAT(y, IsOk());
  EXPECT_TRUE(
      SameBits(y->output.view(), MakeTensor(DataType::kFloat32, {4}, {-0.0, kNaN, -kInfinity, 0x1p-149}).view()));
}

TEST_F(PoolingExamplesTest, AveragesOfNegativeZerosAreNegativeZero) {
  const std::vector<double> y = Pooled(PoolingKind::kAverage, {.window = {2}}, {2}, {-0.0, -0.0});
  EXPECT_TRUE(std::signbit(y[0]));
}

TEST_F(PoolingExamplesTest, PaddingNeverWinsAMaximum) {
  const PoolingConventions padded{.window = {3}, .strides = {1}, .padding = {.begin = {1}}};
  EXPECT_THAT(Pooled(PoolingKind::kMax, padded, {3}, {-7, -5, -9}), ElementsAre(-5, -5, -5));
  EXPECT_THAT(Pooled(PoolingKind::kMax, padded, {3}, {-kInfinity, -kInfinity, -kInfinity}),
              ElementsAre(-kInfinity, -kInfinity, -kInfinity));
}

TEST_F(PoolingExamplesTest, DivisorsDifferWhereAWindowReachesPastTheInput) {
  // Windows [pad 1], [2 3] and, because of CEIL, [6 past the end].
  PoolingConventions conventions{.window = {2}, .padding = {.begin = {1}, .end = {0}}};
  conventions.length_rule = LengthRule::kCeil;
  const std::vector<double> x = {1, 2, 3, 6};
  conventions.average_divisor = AverageDivisor::kExcluded;
  EXPECT_THAT(Pooled(PoolingKind::kAverage, conventions, {4}, x), ElementsAre(1, 2.5, 6));
  conventions.average_divisor = AverageDivisor::kIncluded;
  EXPECT_THAT(Pooled(PoolingKind::kAverage, conventions, {4}, x), ElementsAre(0.5, 2.5, 6));
  conventions.average_divisor = AverageDivisor::kFixed;
  conventions.fixed_divisor = 4;
  EXPECT_THAT(Pooled(PoolingKind::kAverage, conventions, {4}, x), ElementsAre(0.25, 1.25, 1.5));
}

TEST_F(PoolingExamplesTest, IndexBasesOfOneMaximum) {
  // One sample too many in front, so that batch, channel and layout all matter: x[n=1, h=1, w=2, c=1] is the maximum.
  const Shape shape = {2, 2, 3, 2};  // NHWC
  std::vector<double> x(24, 0);
  x[((1 * 2 + 1) * 3 + 2) * 2 + 1] = 5;
  const auto index = [&](IndexBase base) {
    const auto geometry =
        Resolved(PoolingKind::kMax, {.input_layout = "NHWC", .window = {2, 3}, .index_base = base}, shape);
    const auto result = Pool(geometry, MakeTensor(DataType::kFloat64, shape, x).view(), true, context_);
    return result->indices->As<int64_t>()[3];
  };
  EXPECT_EQ(index(IndexBase::kPlane), 5);
  EXPECT_EQ(index(IndexBase::kTensor), (1 * 2 + 1) * 6 + 5);
  EXPECT_EQ(index(IndexBase::kTensorColumnMajor), (1 * 2 + 1) * 6 + 1 + 2 * 2);
  EXPECT_EQ(index(IndexBase::kLayout), 23);
  EXPECT_EQ(index(IndexBase::kLayoutPerSample), 11);
}

TEST_F(PoolingExamplesTest, EnormousWindowsAndStridesAreFine) {
  const PoolingConventions conventions{
      .window = {kMaxSize}, .strides = {kMaxSize}, .dilations = {kMaxSize}, .length_rule = LengthRule::kStartInside};
  EXPECT_THAT(Pooled(PoolingKind::kMax, conventions, {3}, {4, 5, 6}), ElementsAre(4));
}

TEST_F(PoolingExamplesTest, AnEmptyBatchMayHaveAnyOtherSizes) {
  const Shape shape = {0, 1 << 20, 1 << 20, 1 << 20};
  const auto geometry = Resolved(PoolingKind::kMax, {.input_layout = "NDHW", .window = {2}}, shape);
  const auto result = Pool(geometry, {.type = DataType::kFloat32, .shape = shape, .data = nullptr}, true, context_);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->output.element_count(), 0);
}

TEST_F(PoolingExamplesTest, ErrorsAreTold) {
  const auto max = Resolved(PoolingKind::kMax, {.window = {2}}, {4});
  const auto subsample = Resolved(PoolingKind::kSubsample, {.strides = {2}}, {4});
  const Tensor x = MakeTensor(DataType::kFloat32, {4}, {1, 2, 3, 4});
  EXPECT_THAT(Pool(subsample, x.view(), true, context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "only MAX pooling has indices"));
  EXPECT_THAT(Pool(max, MakeTensor(DataType::kFloat32, {2, 2}, {1, 2, 3, 4}).view(), false, context_),
              StatusIs(absl::StatusCode::kInvalidArgument, "[2, 2], has to be [4]"));
  EXPECT_THAT(Pool(max, MakeTensor(DataType::kInt32, {4}, {1, 2, 3, 4}).view(), false, context_),
              StatusIs(absl::StatusCode::kUnimplemented, "int32"));
}

TEST_F(PoolingExamplesTest, ACancelledCallSaysSo) {
  CancelFlag flag;
  flag.Cancel();
  const ExecutionContext cancelled{.executor = &serial_, .cancel = &flag};
  const Tensor x = MakeTensor(DataType::kFloat32, {4}, {1, 2, 3, 4});
  EXPECT_THAT(Pool(Resolved(PoolingKind::kMax, {.window = {2}}, {4}), x.view(), false, cancelled),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(PoolingExamplesTest, CostCountsResultsAndElementsVisited) {
  const auto max = Resolved(PoolingKind::kMax, {.window = {3}, .strides = {2}}, {9});
  EXPECT_EQ(PoolingCost(max, DataType::kFloat32, false, 1).result_bytes, 4 * 4);
  EXPECT_EQ(PoolingCost(max, DataType::kFloat32, true, 1).result_bytes, 4 * (4 + 8));
  EXPECT_EQ(PoolingCost(max, DataType::kFloat32, true, 1).multiplication_count, 12);
  EXPECT_EQ(PoolingBackwardCost(max, DataType::kFloat64, 1).result_bytes, 72);
  EXPECT_EQ(PoolingBackwardCost(max, DataType::kFloat64, 1).multiplication_count, 12 + 9);
}

}  // namespace
}  // namespace tensord::compute
