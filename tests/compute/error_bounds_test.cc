#include "tensord/compute/error_bounds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/compute/error_bounds_sweep.h"
#include "tests/compute/pooling_bounds_sweep.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};

TEST(ErrorBoundsTest, HoldInASweep) { SweepBounds(2000, 1, 100000); }
TEST(ErrorBoundsTest, OfPoolingsHoldInASweep) { SweepPoolingBounds(300, 1, 100000); }

absl::StatusOr<Numbers> Product(double x, double w, const NumericOptions& options) {
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{"one", {1}, {1}, {}});
  const auto number = [](double value) {
    const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
    return test_support::MakeTensor(DataType::kFloat32, {1}, {value});
  };
  const Tensor left = number(x);
  const Tensor right = number(w);
  return ConvolveNumbers(geometry, left.view(), right.view(), TensorView(), std::nullopt, options, kSerially);
}

double BoundOf(double x, double w, Accumulation accumulation) {
  const auto z = Product(x, w, {.accumulation = accumulation, .error_bounds = true});
  EXPECT_THAT(z, IsOk());
  return z->bounds->computed.As<double>()[0];
}

TEST(ErrorBoundsTest, AreWhatTheirFormulasSay) {
  // One product, 1 * 1: gamma(3) of float32; gamma(3) of float64 and one rounding; one rounding.
  const double u = 0x1p-24;
  const double wide = 0x1p-53;
  EXPECT_NEAR(BoundOf(1, 1, Accumulation::kFast), 3 * u / (1 - 3 * u), 1e-18);
  EXPECT_NEAR(BoundOf(1, 1, Accumulation::kFaithful), 3 * wide + u, 1e-18);
  EXPECT_NEAR(BoundOf(1, 1, Accumulation::kExact), u, 1e-18);
  // Rounded upwards.
  EXPECT_GT(BoundOf(1, 1, Accumulation::kExact), u);
}

TEST(ErrorBoundsTest, ThereAreNoneWhereSomethingIsNotFinite) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const Accumulation accumulation : kAllAccumulations) {
    EXPECT_EQ(BoundOf(kInfinity, 1, accumulation), kInfinity);
    EXPECT_EQ(BoundOf(std::nan(""), 1, accumulation), kInfinity);
    // The product overflows.
    EXPECT_EQ(BoundOf(0x1p127, 2, accumulation), kInfinity);
  }
}

TEST(ErrorBoundsTest, ThereAreNoneWhereAnActivationMayOverflow) {
  // -1.7 times -38528 is a float16, 65504, yet a sum that is rounded upwards is too much.
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{"one", {1}, {1}, {}});
  const Activation activation{.kind = ActivationKind::kLeakyRelu, .slope = -1.7};
  for (const double w : {-38528.0, -1000.0}) {
    const Tensor x = test_support::MakeFloating(DataType::kFloat16, {1}, {1});
    const Tensor filter = test_support::MakeFloating(DataType::kFloat16, {1}, {w});
    const auto z =
        ConvolveNumbers(geometry, x.view(), filter.view(), TensorView(), activation, {.error_bounds = true}, kSerially);
    ASSERT_THAT(z, IsOk());
    EXPECT_TRUE(std::isfinite(test_support::FloatingValues(z->output)[0]));
    EXPECT_LT(z->bounds->computed.As<double>()[0], 100);
    EXPECT_EQ(std::isinf(z->bounds->any_order.As<double>()[0]), w < -2000);
  }
}

TEST(ErrorBoundsTest, CountFlushedDenormals) {
  const FloatingPointMode mode = FloatingPointMode::Current();
  const ScopedFloatingPointMode flushing(mode.Flushing());
  // 2^-130 counts as zero in FAST: the whole product, 2^-30, is lost.
  const double bound = BoundOf(0x1p-130, 0x1p100, Accumulation::kFast);
  EXPECT_GE(bound, 0x1p-30);
  EXPECT_LT(bound, 0x1.1p-30);
  EXPECT_LT(BoundOf(0x1p-130, 0x1p100, Accumulation::kFaithful), 0x1p-53);
}

TEST(ErrorBoundsTest, CountThePaddedCellsThatReadACell) {
  // Of one sign, so that the errors of folding them add up.
  constexpr int64_t kPadding = 1 << 17;
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{
      "folded", {1}, {1}, {.padding = {.begin = {kPadding}, .source = PaddingSource::kReplicate}}});
  const Tensor x = test_support::MakeTensor(DataType::kFloat32, {1}, {1});
  const Tensor dz = test_support::RealTensor(DataType::kFloat32, geometry.output_shape, 3, 0.5, 1);
  const auto back = ConvolveBackwardNumbers(geometry, x.view(), x.view(), TensorView(), std::nullopt, dz.view(),
                                            {.input = true}, {.error_bounds = true}, kSerially);
  ASSERT_THAT(back, IsOk());
  std::vector<double> terms = test_support::ToDoubles(dz);
  terms.push_back(-back->gradients.input->As<float>()[0]);
  const double error = reference::ExactDot(DataType::kFloat64, terms, std::vector<double>(terms.size(), 1));
  const double without = 3 * 0x1p-24 * 0.75 * kPadding;
  EXPECT_GT(std::fabs(error), without);
  EXPECT_LE(std::fabs(error), back->input->computed.As<double>()[0]);
}

TEST(ErrorBoundsTest, OfTooManyTermsAreNone) {
  // n u >= 1 for the 258 terms of bfloat16 and of any order.
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{"long", {258}, {258}, {}});
  const Tensor x = test_support::HardTensor(DataType::kBfloat16, {258}, 1, 0);
  const auto z =
      ConvolveNumbers(geometry, x.view(), x.view(), TensorView(), std::nullopt, {.error_bounds = true}, kSerially);
  ASSERT_THAT(z, IsOk());
  EXPECT_TRUE(std::isinf(z->bounds->any_order.As<double>()[0]));
  // FAST sums in float32.
  EXPECT_LT(z->bounds->computed.As<double>()[0], 1);
}

}  // namespace
}  // namespace tensord::compute
