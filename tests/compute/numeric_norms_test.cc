// Norms in every floating type, and windows of every mode: against MPFR, and against their bounds.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tests/compute/numeric_cases.h"
#include "tests/compute/pooling_cases.h"
#include "tests/compute/pooling_windows.h"
#include "tests/reference/exact.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::FloatingValues;
using test_support::IsOk;
using test_support::kFloats;
using test_support::SameBits;
using test_support::StatusIs;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};

class NumericNormTest : public ::testing::TestWithParam<PoolingCase> {
 protected:
  static PoolingGeometry Norm(double p) {
    PoolingConventions conventions = GetParam().conventions;
    conventions.p = p;
    return Resolved(PoolingKind::kLp, conventions, GetParam().input);
  }
  static absl::StatusOr<PooledNumbers> Bounded(const PoolingGeometry& geometry, const Tensor& x,
                                               Accumulation accumulation, bool flushing) {
    const FloatingPointMode mode = FloatingPointMode::Current();
    const ScopedFloatingPointMode scope(flushing ? mode.Flushing() : mode);
    return PoolNumbers(geometry, x.view(), false, {.accumulation = accumulation, .error_bounds = true}, kSerially);
  }
};

TEST_P(NumericNormTest, ExactOnesAreTheOracles) {
  for (const int p : {1, 2}) {
    const PoolingGeometry geometry = Norm(p);
    const std::vector<PoolingWindow> windows = WindowsOf(geometry);
    for (const DataType type : kFloats) {
      for (const int kind : {1, 3, 4}) {
        const Tensor x = test_support::HardTensor(type, geometry.input_shape, 8, kind);
        const std::vector<double> values = FloatingValues(x);
        const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
        const auto pooled = PoolNumbers(geometry, x.view(), false, {.accumulation = Accumulation::kExact}, kSerially);
        const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
        ASSERT_THAT(pooled, IsOk());
        const std::vector<double> got = FloatingValues(pooled->result.output);
        for (size_t i = 0; i < windows.size(); i += 1 + windows.size() / 60) {
          std::vector<double> elements;
          for (const size_t input : windows[i].inputs) elements.push_back(std::fabs(values[input]));
          const double expected = p == 2 ? reference::ExactNorm(type, elements)
                                         : reference::ExactDot(type, elements, std::vector<double>(elements.size(), 1));
          ASSERT_EQ(std::bit_cast<uint64_t>(got[i]), std::bit_cast<uint64_t>(expected))
              << Name(type) << " p = " << p << " " << i << ": " << got[i] << ", not " << expected;
        }
      }
    }
  }
}

// FAST and FAITHFUL are the plain norm in another type, and one rounding.
TEST_P(NumericNormTest, OthersAreThePlainOneInTheTypeThatSums) {
  for (const double p : {1.0, 2.0, 3.5}) {
    const PoolingGeometry geometry = Norm(p);
    for (const DataType type : kFloats) {
      for (const Accumulation accumulation : {Accumulation::kFast, Accumulation::kFaithful}) {
        const bool wide = type == DataType::kFloat64 || accumulation == Accumulation::kFaithful;
        const Tensor x = test_support::HardTensor(type, geometry.input_shape, 8, 0);
        const Tensor sums =
            test_support::MakeTensor(wide ? DataType::kFloat64 : DataType::kFloat32, x.shape(), FloatingValues(x));
        const auto expected = Pool(geometry, sums.view(), false, kSerially);
        const auto pooled = PoolNumbers(geometry, x.view(), false, {.accumulation = accumulation}, kSerially);
        ASSERT_THAT(expected, IsOk());
        ASSERT_THAT(pooled, IsOk());
        const Tensor rounded =
            test_support::MakeFloating(type, expected->output.shape(), FloatingValues(expected->output));
        EXPECT_TRUE(SameBits(pooled->result.output.view(), rounded.view()));
      }
    }
  }
}

TEST_P(NumericNormTest, KeepTheirBounds) {
  for (const double p : {0.3, 1.0, 2.0, 3.5}) {
    const PoolingGeometry geometry = Norm(p);
    const std::vector<PoolingWindow> windows = WindowsOf(geometry);
    for (const DataType type : kFloats) {
      for (const Accumulation accumulation : kAllAccumulations) {
        if (accumulation == Accumulation::kExact && p != 1 && p != 2) continue;
        for (int kind = 0; kind < test_support::kDataKinds; ++kind) {
          for (const bool flushing : {false, true}) {
            const Tensor x = test_support::HardTensor(type, geometry.input_shape, 8, kind);
            const std::vector<double> values = FloatingValues(x);
            const auto pooled = Bounded(geometry, x, accumulation, flushing);
            ASSERT_THAT(pooled, IsOk());
            const std::vector<double> got = FloatingValues(pooled->result.output);
            // What is lost of small powers is not small.
            const bool has_bounds =
                p >= 1 || !flushing || accumulation != Accumulation::kFast || type == DataType::kFloat16;
            for (size_t i = 0; i < windows.size(); i += 1 + windows.size() / 10) {
              const double bound = pooled->bounds->computed.As<double>()[i];
              if (std::isinf(got[i]) || !has_bounds) {
                ASSERT_TRUE(std::isinf(bound));
                continue;
              }
              std::vector<double> elements;
              for (const size_t input : windows[i].inputs) elements.push_back(values[input]);
              ASSERT_LE(reference::ErrorOfNorm(got[i], elements, p), bound)
                  << Name(type) << " " << Name(accumulation) << " data " << kind << " p " << p;
              ASSERT_LE(bound, std::max(got[i], 1.0)) << "says nothing";
            }
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, NumericNormTest, ::testing::ValuesIn(EveryModeCases()),
                         [](const auto& each) { return each.param.name; });

// Roots that lie half-way between two numbers, and a little beyond: what is left over far below decides.
TEST(NumericNormEdgeTest, RootsNextToTiesAreRoundedByWhatIsLeftOver) {
  struct Row {
    DataType type;
    std::vector<double> x;
    double norm;
  };
  // (1 + 2^-24)^2 = 1 + 2^-23 + 2^-48, and (1 + 2^-53)^2 = 1 + 2^-52 + 2^-106.
  const std::vector<double> half32 = {1, 0x1p-12, 0x1p-12, 0x1p-24};
  const std::vector<double> half64 = {1, 0x1p-26, 0x1p-53};
  const auto with = [](std::vector<double> x, std::vector<double> more) {
    x.insert(x.end(), more.begin(), more.end());
    return x;
  };
  const Row rows[] = {
      {DataType::kFloat32, half32, 1},
      {DataType::kFloat32, with(half32, {0x1p-50}), 1 + 0x1p-23},
      {DataType::kFloat32, with(half32, {0x1p-64, 0x1p-64}), 1 + 0x1p-23},  // the 128th bit of the sum
      {DataType::kFloat32, with(half32, {0x1p-70}), 1 + 0x1p-23},
      {DataType::kFloat64, half64, 1},
      {DataType::kFloat64, with(half64, {0x1p-64, 0x1p-64}), 1 + 0x1p-52},
      {DataType::kFloat64, with(half64, {0x1p-400}), 1 + 0x1p-52},
      {DataType::kFloat64, with(half64, {0x1p-537}), 1 + 0x1p-52},
  };
  for (const Row& row : rows) {
    const auto count = static_cast<int64_t>(row.x.size());
    const PoolingGeometry geometry = Resolved(PoolingKind::kLp, {.input_layout = "W", .window = {count}}, {count});
    const Tensor x = test_support::MakeTensor(row.type, {count}, row.x);
    const auto pooled = PoolNumbers(geometry, x.view(), false, {.accumulation = Accumulation::kExact}, kSerially);
    ASSERT_THAT(pooled, IsOk());
    EXPECT_EQ(FloatingValues(pooled->result.output)[0], row.norm) << Name(row.type) << " " << row.x.back();
  }
}

TEST(NumericNormEdgeTest, RefusesWhatHasNoExactSum) {
  PoolingConventions conventions{.input_layout = "W", .window = {2}};
  conventions.p = 3;
  const PoolingGeometry geometry = Resolved(PoolingKind::kLp, conventions, {4});
  const Tensor x = test_support::MakeTensor(DataType::kFloat32, {4}, {1, 2, 3, 4});
  EXPECT_THAT(PoolNumbers(geometry, x.view(), false, {.accumulation = Accumulation::kExact}, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "accumulation: was EXACT, has to be FAST or FAITHFUL for a norm with p = 3"));
  const Tensor integers = test_support::MakeTensor(DataType::kInt32, {4}, {1, 2, 3, 4});
  EXPECT_THAT(
      PoolNumbers(geometry, integers.view(), false, {}, kSerially),
      StatusIs(absl::StatusCode::kInvalidArgument, "input.data_type: was int32, has to be a floating type for a norm"));
}

TEST(NumericNormEdgeTest, BoundsOfSmallExponentsKnowWhatUnderflows) {
  PoolingConventions conventions{.input_layout = "W", .window = {2}};
  conventions.p = 0.01;
  const PoolingGeometry geometry = Resolved(PoolingKind::kLp, conventions, {2});
  // The second is 0 beside the first, but its power is 2^-20.74 of the sum.
  const std::vector<double> values = {0x1p1000, 0x1p-1074};
  const Tensor x = test_support::MakeTensor(DataType::kFloat64, {2}, values);
  const NumericOptions options{.accumulation = Accumulation::kFaithful, .error_bounds = true};
  const auto pooled = PoolNumbers(geometry, x.view(), false, options, kSerially);
  ASSERT_THAT(pooled, IsOk());
  const double error = reference::ErrorOfNorm(pooled->result.output.As<double>()[0], values, 0.01);
  EXPECT_GT(error, 0x1p980);
  EXPECT_LE(error, pooled->bounds->computed.As<double>()[0]);
  // Of float32 nothing underflows there.
  const Tensor narrow = test_support::MakeTensor(DataType::kFloat32, {2}, {0x1p100, 0x1p-149});
  const auto kept = PoolNumbers(geometry, narrow.view(), false, options, kSerially);
  const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
  const auto flushed = PoolNumbers(geometry, narrow.view(), false, {.error_bounds = true}, kSerially);
  ASSERT_THAT(kept, IsOk());
  ASSERT_THAT(flushed, IsOk());
  EXPECT_LT(kept->bounds->computed.As<double>()[0], std::fabs(kept->result.output.As<float>()[0]) * 1e-6);
  EXPECT_TRUE(std::isinf(flushed->bounds->computed.As<double>()[0]));
}

TEST(NumericNormEdgeTest, AnEmptyWindowOfAHalfIsMinusInfinity) {
  const PoolingGeometry geometry = Resolved(
      PoolingKind::kMax,
      {.input_layout = "W", .window = {1}, .padding = {.begin = {2}}, .empty_window = EmptyWindow::kNegativeInfinity},
      {4});
  const Tensor x = test_support::MakeFloating(DataType::kFloat16, {4}, {1, 2, 3, 4});
  const auto pooled = PoolNumbers(geometry, x.view(), true, {}, kSerially);
  ASSERT_THAT(pooled, IsOk());
  EXPECT_EQ(FloatingValues(pooled->result.output)[0], -INFINITY);
  EXPECT_EQ(pooled->result.indices->As<int64_t>()[0], -1);
  const Tensor integers = test_support::MakeTensor(DataType::kInt8, {4}, {1, 2, 3, 4});
  EXPECT_THAT(PoolNumbers(geometry, integers.view(), false, {}, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "conventions.empty_window: was NEGATIVE_INFINITY, has to be REFUSE for an input of int8"));
}

}  // namespace
}  // namespace tensord::compute
