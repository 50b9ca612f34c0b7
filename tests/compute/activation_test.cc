// Edges of activations: kinks, infinities, NaN, errors, executors.
#include "tensord/compute/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tensord/compute/thread_pool.h"
#include "tests/compute/activation_cases.h"
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

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ActivationCasesTest, EveryKindIsTested) {
  for (const ActivationKind kind : kAllActivationKinds) {
    if (!IsElementwise(kind)) continue;
    const std::vector<ActivationCase> cases = AllActivationCases();
    EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), [&](const ActivationCase& c) {
      return c.options.kind == kind;
    })) << Name(kind);
  }
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
  for (const ActivationCase& c : AllActivationCases()) {
    EXPECT_TRUE(std::isnan(ValueAt(c.options, kNaN))) << c.name;
    const bool identity = c.options.kind == ActivationKind::kIdentity;
    EXPECT_EQ(std::isnan(SlopeAt(c.options, kNaN)), !identity) << c.name;
  }
}

TEST_F(ActivationEdgesTest, InfinitiesGiveLimits) {
  for (const ActivationCase& c : AllActivationCases()) {
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
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kThresholdedRelu}, 1), 0);
  EXPECT_EQ(SlopeAt({.kind = ActivationKind::kThresholdedRelu}, std::nextafter(1, 2)), 1);
  for (const double end : {-1, 1}) EXPECT_EQ(SlopeAt({.kind = ActivationKind::kHardTanh}, end), 0);
  for (const double end : {-0.0, 0.0, 6.0}) EXPECT_EQ(SlopeAt({.kind = ActivationKind::kRelu6}, end), 0);
}

TEST_F(ActivationEdgesTest, ExactValuesOfTheSimpleOnes) {
  struct Row {
    ActivationOptions options;
    double x, y, slope;
  };
  for (const Row& row :
       {Row{{.kind = ActivationKind::kThresholdedRelu}, 1, 0, 0},
        Row{{.kind = ActivationKind::kThresholdedRelu}, 1.5, 1.5, 1},
        Row{{.kind = ActivationKind::kThresholdedRelu, .alpha = -2}, -1.5, -1.5, 1},
        Row{{.kind = ActivationKind::kHardTanh}, -1.5, -1, 0}, Row{{.kind = ActivationKind::kHardTanh}, 0.75, 0.75, 1},
        Row{{.kind = ActivationKind::kHardTanh, .minimum = 2, .maximum = 3}, 0, 2, 0},
        Row{{.kind = ActivationKind::kHardTanh, .minimum = 2, .maximum = 3}, 9, 3, 0},
        Row{{.kind = ActivationKind::kRelu6}, 7, 6, 0}, Row{{.kind = ActivationKind::kRelu6}, 5.5, 5.5, 1},
        Row{{.kind = ActivationKind::kRelu6}, -1, 0, 0}, Row{{.kind = ActivationKind::kCelu, .alpha = 2}, 0, 0, 1},
        Row{{.kind = ActivationKind::kCelu, .alpha = 2}, -1e300, -2, 0},
        Row{{.kind = ActivationKind::kMish}, 1e300, 1e300, 1}, Row{{.kind = ActivationKind::kErf}, -50, -1, 0},
        Row{{.kind = ActivationKind::kLogSigmoid}, -1e300, -1e300, 1}}) {
    EXPECT_EQ(ValueAt(row.options, row.x), row.y) << Name(row.options.kind) << " of " << row.x;
    EXPECT_EQ(SlopeAt(row.options, row.x), row.slope) << Name(row.options.kind) << "' of " << row.x;
  }
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
        Row{ActivationKind::kHardSwish, -3, 0, -0.5}, Row{ActivationKind::kHardSwish, 3, 1.5, 1},
        Row{ActivationKind::kThresholdedRelu, 1, 0, 1}, Row{ActivationKind::kHardTanh, -1, 0, 1},
        Row{ActivationKind::kHardTanh, 1, 1, 0}, Row{ActivationKind::kRelu6, 0, 0, 1},
        Row{ActivationKind::kRelu6, 6, 1, 0}}) {
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
  for (const ActivationKind kind : {ActivationKind::kPrelu, ActivationKind::kSoftmax, ActivationKind::kLogSoftmax}) {
    EXPECT_THAT(
        Activate({.kind = kind}, x.view(), context_),
        StatusIs(absl::StatusCode::kInvalidArgument, std::string(Name(kind)) + ", has to be an elementwise one"));
    EXPECT_THAT(ActivateBackward({.kind = kind}, x.view(), x.view(), context_),
                StatusIs(absl::StatusCode::kInvalidArgument, "elementwise"));
  }
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
