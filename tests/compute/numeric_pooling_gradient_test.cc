// Gradients of poolings in every floating type: exact ones against MPFR, the others against the plain ones, and all of
// them against their bounds.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/numeric_cases.h"
#include "tests/compute/pooling_cases.h"
#include "tests/compute/pooling_windows.h"
#include "tests/reference/exact.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using reference::Fractions;
using test_support::FloatingValues;
using test_support::IsOk;
using test_support::kFloats;
using test_support::SameBits;
using test_support::StatusIs;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};

// What a gradient is of.
struct Kind {
  const char* name;
  PoolingKind kind;
  TieRule ties = TieRule::kFirst;
};
constexpr Kind kKinds[] = {{"max", PoolingKind::kMax},
                           {"max, all ties", PoolingKind::kMax, TieRule::kAll},
                           {"max, split ties", PoolingKind::kMax, TieRule::kSplit},
                           {"average", PoolingKind::kAverage},
                           {"norm", PoolingKind::kLp}};

bool Fits(const PoolingCase& each, const Kind& kind) {
  return kind.kind != PoolingKind::kLp || each.conventions.window_mode != WindowMode::kAdaptive;
}

PoolingGeometry GeometryOf(const PoolingCase& each, const Kind& kind) {
  PoolingConventions conventions = each.conventions;
  const bool given = conventions.window_mode.value_or(WindowMode::kExplicit) == WindowMode::kExplicit;
  if (kind.kind == PoolingKind::kMax) conventions.tie_rule = kind.ties;
  if (kind.kind == PoolingKind::kAverage && given) conventions.average_divisor = AverageDivisor::kExcluded;
  if (kind.kind == PoolingKind::kLp) conventions.p = 1;
  return Resolved(kind.kind, conventions, each.input);
}

std::vector<Fractions<double>> FractionsOf(const PoolingGeometry& geometry, const Tensor& x, const Tensor& dy) {
  return GradientFractions(geometry, WindowsOf(geometry), FloatingValues(x), FloatingValues(dy));
}

// How far `value` is from the fractions' sum.
double ErrorOf(Fractions<double> fractions, double value) {
  fractions.Add(-value, 1);
  return std::fabs(reference::ExactFractions(DataType::kFloat64, fractions));
}

// Few values, so that there are ties.
Tensor TiedTensor(DataType type, const Shape& shape) {
  const Tensor integers = test_support::IntegerTensor(DataType::kFloat32, shape, 3, -2, 2);
  return test_support::MakeFloating(type, shape, FloatingValues(integers));
}

class NumericPoolingGradientTest : public ::testing::TestWithParam<PoolingCase> {};

TEST_P(NumericPoolingGradientTest, ExactOnesAreTheOracles) {
  for (const Kind& kind : kKinds) {
    if (!Fits(GetParam(), kind)) continue;
    const PoolingGeometry geometry = GeometryOf(GetParam(), kind);
    for (const DataType type : kFloats) {
      for (const int data : {1, 3}) {
        SCOPED_TRACE(testing::Message() << kind.name << " " << Name(type) << ", data of kind " << data);
        const Tensor x = TiedTensor(type, geometry.input_shape);
        const Tensor dy = test_support::HardTensor(type, geometry.output_shape, 8, data);
        const std::vector<Fractions<double>> fractions = FractionsOf(geometry, x, dy);
        ThreadPool pool(3, 0);
        const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
        const auto got = PoolBackwardNumbers(geometry, x.view(), dy.view(), {.accumulation = Accumulation::kExact},
                                             {.executor = &pool});
        const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
        ASSERT_THAT(got, IsOk());
        const std::vector<double> values = FloatingValues(got->input);
        for (size_t i = 0; i < values.size(); i += 1 + values.size() / 200) {
          const double expected = reference::ExactFractions(type, fractions[i]);
          ASSERT_EQ(std::bit_cast<uint64_t>(values[i]), std::bit_cast<uint64_t>(expected))
              << i << ": " << values[i] << ", not " << expected;
        }
      }
    }
  }
}

TEST_P(NumericPoolingGradientTest, ExactOnesAreTheSameBitsOnAnyNumberOfThreads) {
  for (const Kind& kind : kKinds) {
    if (!Fits(GetParam(), kind)) continue;
    const PoolingGeometry geometry = GeometryOf(GetParam(), kind);
    for (const DataType type : {DataType::kBfloat16, DataType::kFloat32, DataType::kFloat64}) {
      const Tensor x = TiedTensor(type, geometry.input_shape);
      const Tensor dy = test_support::HardTensor(type, geometry.output_shape, 8, 1);
      const NumericOptions options{.accumulation = Accumulation::kExact};
      const bool sums = kind.kind != PoolingKind::kMax;
      const auto y = PoolNumbers(geometry, x.view(), false, options, kSerially);
      const auto dx = PoolBackwardNumbers(geometry, x.view(), dy.view(), options, kSerially);
      ASSERT_THAT(y, IsOk());
      ASSERT_THAT(dx, IsOk());
      for (const int threads : {1, 2, 8}) {
        ThreadPool pool(threads, 0);
        const ExecutionContext context{.executor = &pool};
        const auto got = PoolBackwardNumbers(geometry, x.view(), dy.view(), options, context);
        ASSERT_THAT(got, IsOk());
        EXPECT_TRUE(SameBits(got->input.view(), dx->input.view())) << kind.name << " on " << threads;
        if (!sums) continue;
        const auto pooled = PoolNumbers(geometry, x.view(), false, options, context);
        ASSERT_THAT(pooled, IsOk());
        EXPECT_TRUE(SameBits(pooled->result.output.view(), y->result.output.view())) << kind.name << " on " << threads;
      }
    }
  }
}

// <dy, y> = <dX, x> where y is linear in x while signs and maxima stay where they are; of small integers exactly.
TEST_P(NumericPoolingGradientTest, AreAdjoint) {
  using test_support::InnerProduct;
  for (const Kind& kind : kKinds) {
    if (!Fits(GetParam(), kind) || kind.ties != TieRule::kFirst) continue;
    PoolingGeometry geometry = GeometryOf(GetParam(), kind);
    if (kind.kind == PoolingKind::kAverage) {
      // Sums, which are integers.
      geometry.average_divisor = AverageDivisor::kFixed;
      geometry.fixed_divisor = 1;
    }
    for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
      const Tensor x = test_support::IntegerTensor(type, geometry.input_shape, 1);
      const Tensor dy = test_support::IntegerTensor(type, geometry.output_shape, 2);
      for (const Accumulation accumulation : kAllAccumulations) {
        const NumericOptions options{.accumulation = accumulation};
        const auto y = PoolNumbers(geometry, x.view(), false, options, kSerially);
        const auto dx = PoolBackwardNumbers(geometry, x.view(), dy.view(), options, kSerially);
        ASSERT_THAT(y, IsOk());
        ASSERT_THAT(dx, IsOk());
        EXPECT_TRUE(test_support::AreAdjoint(InnerProduct(dx->input, x), InnerProduct(dy, y->result.output)))
            << kind.name << " " << Name(type) << " " << Name(accumulation);
      }
    }
  }
}

TEST_P(NumericPoolingGradientTest, OthersAreThePlainOneInTheTypeThatSums) {
  for (const Kind& kind : kKinds) {
    if (!Fits(GetParam(), kind)) continue;
    const PoolingGeometry geometry = GeometryOf(GetParam(), kind);
    for (const DataType type : kFloats) {
      for (const Accumulation accumulation : {Accumulation::kFast, Accumulation::kFaithful}) {
        const bool wide = type == DataType::kFloat64 || accumulation == Accumulation::kFaithful;
        const DataType sum_type = wide ? DataType::kFloat64 : DataType::kFloat32;
        const Tensor x = TiedTensor(type, geometry.input_shape);
        const Tensor dy = test_support::HardTensor(type, geometry.output_shape, 8, 0);
        const Tensor wide_x = test_support::MakeTensor(sum_type, x.shape(), FloatingValues(x));
        const Tensor wide_dy = test_support::MakeTensor(sum_type, dy.shape(), FloatingValues(dy));
        const auto expected = PoolBackward(geometry, wide_x.view(), wide_dy.view(), kSerially);
        const auto got = PoolBackwardNumbers(geometry, x.view(), dy.view(), {.accumulation = accumulation}, kSerially);
        ASSERT_THAT(expected, IsOk());
        ASSERT_THAT(got, IsOk());
        const Tensor rounded = test_support::MakeFloating(type, x.shape(), FloatingValues(*expected));
        EXPECT_TRUE(SameBits(got->input.view(), rounded.view())) << kind.name << " " << Name(type);
      }
    }
  }
}

TEST_P(NumericPoolingGradientTest, KeepTheirBounds) {
  for (const Kind& kind : kKinds) {
    if (kind.kind == PoolingKind::kLp) continue;
    const PoolingGeometry geometry = GeometryOf(GetParam(), kind);
    for (const DataType type : kFloats) {
      for (const Accumulation accumulation : kAllAccumulations) {
        for (int data = 0; data < test_support::kDataKinds; ++data) {
          const Tensor x = TiedTensor(type, geometry.input_shape);
          const Tensor dy = test_support::HardTensor(type, geometry.output_shape, 8, data);
          const std::vector<Fractions<double>> fractions = FractionsOf(geometry, x, dy);
          absl::StatusOr<NumericPoolingGradient> got;
          {
            const FloatingPointMode mode = FloatingPointMode::Current();
            const ScopedFloatingPointMode scope(data % 2 == 0 ? mode.Flushing() : mode);
            got = PoolBackwardNumbers(geometry, x.view(), dy.view(),
                                      {.accumulation = accumulation, .error_bounds = true}, kSerially);
          }
          ASSERT_THAT(got, IsOk());
          const std::vector<double> values = FloatingValues(got->input);
          for (size_t i = 0; i < values.size(); i += 1 + values.size() / 30) {
            const double bound = got->bounds->computed.As<double>()[i];
            if (std::isinf(values[i])) {
              ASSERT_TRUE(std::isinf(bound));
              continue;
            }
            ASSERT_LE(ErrorOf(fractions[i], values[i]), bound)
                << kind.name << " " << Name(type) << " " << Name(accumulation);
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, NumericPoolingGradientTest, ::testing::ValuesIn(AveragedCases()),
                         [](const auto& each) { return each.param.name; });

// An element of few is in many adaptive windows, each of one or two elements.
TEST(NumericPoolingGradientBoundsTest, CountTheWindowsThatAnElementIsIn) {
  constexpr int64_t kWindows = 65536;
  for (const Kind& kind : kKinds) {
    if (kind.kind == PoolingKind::kLp) continue;
    const PoolingCase each{
        "", {3}, {.input_layout = "W", .window_mode = WindowMode::kAdaptive, .output_size = {kWindows}}};
    const PoolingGeometry geometry = GeometryOf(each, kind);
    const Tensor x = test_support::MakeTensor(DataType::kFloat32, {3}, {3, 2, 1});
    // Of one sign, so that errors add up.
    const Tensor dy = test_support::RealTensor(DataType::kFloat32, {kWindows}, 3, 0.5, 1);
    const std::vector<Fractions<double>> fractions = FractionsOf(geometry, x, dy);
    const auto got = PoolBackwardNumbers(geometry, x.view(), dy.view(), {.error_bounds = true}, kSerially);
    ASSERT_THAT(got, IsOk());
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_LE(ErrorOf(fractions[i], got->input.As<float>()[i]), got->bounds->computed.As<double>()[i])
          << kind.name << " " << i;
    }
  }
}

class NumericPoolingGradientEdgeTest : public ::testing::Test {
 protected:
  static absl::Status Refusal(PoolingKind kind, const PoolingConventions& conventions, DataType type,
                              const NumericOptions& options) {
    const PoolingGeometry geometry = Resolved(kind, conventions, {40});
    const Tensor x = type == DataType::kInt32 ? test_support::IntegerTensor(type, {40}, 1)
                                              : test_support::HardTensor(type, {40}, 1, 0);
    const Tensor dy = type == DataType::kInt32 ? test_support::IntegerTensor(type, geometry.output_shape, 1)
                                               : test_support::HardTensor(type, geometry.output_shape, 1, 0);
    return PoolBackwardNumbers(geometry, x.view(), dy.view(), options, kSerially).status();
  }
};

TEST_F(NumericPoolingGradientEdgeTest, RefusesWhatHasNoExactSum) {
  const NumericOptions exact{.accumulation = Accumulation::kExact};
  const PoolingConventions plain{.input_layout = "W", .window = {2}};
  EXPECT_THAT(Refusal(PoolingKind::kLp, plain, DataType::kFloat64, exact),
              StatusIs(absl::StatusCode::kInvalidArgument, "for the gradient of a norm with p = 2"));
  EXPECT_THAT(Refusal(PoolingKind::kLp, plain, DataType::kFloat32, {.error_bounds = true}),
              StatusIs(absl::StatusCode::kInvalidArgument, "return_error_bounds: was set"));
  EXPECT_THAT(Refusal(PoolingKind::kMax, plain, DataType::kInt32, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, "input.data_type: was int32"));
}

// Windows of 2^20 elements, one at each of 2^20 places: shares of any number of elements up to that.
TEST_F(NumericPoolingGradientEdgeTest, RefusesSharesOfTooManyDigits) {
  constexpr int64_t kLarge = 1 << 20;
  for (const bool split : {true, false}) {
    PoolingConventions conventions{.input_layout = "W", .window = {kLarge}, .strides = {1}};
    if (split) {
      conventions.tie_rule = TieRule::kSplit;
    } else {
      conventions.average_divisor = AverageDivisor::kExcluded;
      conventions.padding = {.begin = {kLarge - 1}};
    }
    const PoolingGeometry geometry =
        Resolved(split ? PoolingKind::kMax : PoolingKind::kAverage, conventions, {2 * kLarge});
    Violations violations;
    CheckPoolingGradientNumbers(geometry, DataType::kFloat32, {.accumulation = Accumulation::kExact}, {}, violations);
    EXPECT_THAT(violations.ToStatus(), StatusIs(absl::StatusCode::kInvalidArgument, split ? "ties" : "averages"));
  }
}

TEST_F(NumericPoolingGradientEdgeTest, WhereDenormalsMayCountAsZerosNothingIsPromisedOfMaxima) {
  const PoolingGeometry geometry = Resolved(PoolingKind::kMax, {.input_layout = "W", .window = {2}}, {2});
  const Tensor x = test_support::MakeTensor(DataType::kFloat32, {2}, {0, 0x1p-140});
  const Tensor dy = test_support::MakeTensor(DataType::kFloat32, {1}, {1});
  const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
  const auto fast = PoolBackwardNumbers(geometry, x.view(), dy.view(), {.error_bounds = true}, kSerially);
  const auto exact = PoolBackwardNumbers(geometry, x.view(), dy.view(),
                                         {.accumulation = Accumulation::kExact, .error_bounds = true}, kSerially);
  ASSERT_THAT(fast, IsOk());
  ASSERT_THAT(exact, IsOk());
  EXPECT_TRUE(std::isinf(fast->bounds->computed.As<double>()[0]));
  EXPECT_EQ(exact->input.As<float>()[1], 1);
  EXPECT_LT(exact->bounds->computed.As<double>()[1], 1e-6);
}

}  // namespace
}  // namespace tensord::compute
