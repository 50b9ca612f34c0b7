// The oracle itself, against numbers worked out by hand.
#include "tests/reference/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tensord::reference {
namespace {

using compute::AxisWindow;
using compute::Layout;
using compute::LengthRule;
using ::testing::ElementsAre;

compute::ConvolutionGeometry Geometry1d(int64_t input, int64_t window, int64_t pad) {
  const AxisWindow axis{.input = input,
                        .window = window,
                        .stride = 1,
                        .dilation = 1,
                        .pad_begin = pad,
                        .pad_end = pad,
                        .output = input + 2 * pad - window + 1};
  return {.input_layout = *Layout::Parse("W", Layout::Role::kActivation),
          .filter_layout = *Layout::Parse("W", Layout::Role::kFilter),
          .kernel = compute::KernelMode::kCrossCorrelation,
          .padding = compute::PaddingMode::kExplicit,
          .padding_source = compute::PaddingSource::kZero,
          .input_shape = {axis.input},
          .filter_shape = {axis.window},
          .output_shape = {axis.output},
          .batch = 1,
          .input_channels = 1,
          .output_channels = 1,
          .groups = 1,
          .axes = {axis}};
}

compute::PoolingGeometry PoolingGeometry1d(compute::PoolingKind kind, AxisWindow axis) {
  return {.kind = kind,
          .layout = *Layout::Parse("W", Layout::Role::kActivation),
          .padding = compute::PaddingMode::kValid,
          .length_rule = LengthRule::kStartInside,
          .average_divisor = compute::AverageDivisor::kExcluded,
          .fixed_divisor = 0,
          .tie_rule = compute::TieRule::kFirst,
          .nan_rule = compute::NanRule::kFirst,
          .index_base = compute::IndexBase::kPlane,
          .input_shape = {axis.input},
          .output_shape = {axis.output},
          .batch = 1,
          .channels = 1,
          .axes = {axis}};
}

TEST(ReferenceTest, ConvolutionByHand) {
  auto geometry = Geometry1d(3, 2, 1);
  EXPECT_THAT(Convolve(geometry, {1, 2, 4}, {10, 1}, {}).values, ElementsAre(1, 12, 24, 40));
  EXPECT_THAT(Convolve(geometry, {1, 2, 4}, {10, -1}, {0.5}).magnitudes, ElementsAre(1.5, 12.5, 24.5, 40.5));
  geometry.kernel = compute::KernelMode::kTrueConvolution;
  EXPECT_THAT(Convolve(geometry, {1, 2, 4}, {10, 1}, {}).values, ElementsAre(10, 21, 42, 4));
}

TEST(ReferenceTest, ConvolutionGradientsByHand) {
  const auto gradients = ConvolveBackward(Geometry1d(3, 2, 0), {1, 2, 4}, {10, 1}, {3, 5});
  EXPECT_THAT(gradients.input.values, ElementsAre(30, 53, 5));
  EXPECT_THAT(gradients.input.terms, ElementsAre(1, 2, 1));
  EXPECT_THAT(gradients.filter.values, ElementsAre(13, 26));
  EXPECT_THAT(gradients.bias.values, ElementsAre(8));
}

TEST(ReferenceTest, PaddingThatReadsTheInputByHand) {
  // The sums of two neighbours, of 2 padded cells before and after 1 2 4.
  auto geometry = Geometry1d(3, 2, 2);
  geometry.padding_source = compute::PaddingSource::kReflect;  // 4 2 | 1 2 4 | 2 1
  EXPECT_THAT(Convolve(geometry, {1, 2, 4}, {1, 1}, {}).values, ElementsAre(6, 3, 3, 6, 6, 3));
  EXPECT_THAT(ConvolveBackward(geometry, {1, 2, 4}, {1, 0}, {1, 2, 3, 4, 5, 6}).input.values, ElementsAre(3, 12, 6));
  geometry.padding_source = compute::PaddingSource::kReplicate;  // 1 1 | 1 2 4 | 4 4
  EXPECT_THAT(Convolve(geometry, {1, 2, 4}, {1, 1}, {}).values, ElementsAre(2, 2, 3, 6, 8, 8));
  EXPECT_THAT(ConvolveBackward(geometry, {1, 2, 4}, {1, 0}, {1, 2, 3, 4, 5, 6}).input.values, ElementsAre(6, 4, 11));
  geometry.padding_source = compute::PaddingSource::kCircular;  // 2 4 | 1 2 4 | 1 2
  EXPECT_THAT(Convolve(geometry, {1, 2, 4}, {1, 1}, {}).values, ElementsAre(6, 5, 3, 6, 5, 3));
  EXPECT_THAT(ConvolveBackward(geometry, {1, 2, 4}, {1, 0}, {1, 2, 3, 4, 5, 6}).input.values, ElementsAre(9, 5, 7));
}

TEST(ReferenceTest, TransposedConvolutionByHand) {
  compute::Violations violations;
  const auto geometry = compute::ResolveTransposedConvolution({.convolution = {.strides = {2}}},
                                                              compute::Profile::kNone, {2}, {3}, {}, {}, violations);
  ASSERT_TRUE(geometry.has_value());
  // 1 * (1 10 100) at 0, and 2 * (1 10 100) at 2.
  EXPECT_THAT(ConvolveTranspose(*geometry, {1, 2}, {1, 10, 100}, {}).values, ElementsAre(1, 10, 102, 20, 200));
  const auto gradients = ConvolveTransposeBackward(*geometry, {1, 2}, {1, 10, 100}, {1, 2, 3, 4, 5});
  EXPECT_THAT(gradients.input.values, ElementsAre(321, 543));
  EXPECT_THAT(gradients.filter.values, ElementsAre(7, 10, 13));
  EXPECT_THAT(gradients.bias.values, ElementsAre(15));
}

TEST(ReferenceTest, PoolingByHand) {
  const AxisWindow axis{.input = 5, .window = 2, .stride = 2, .output = 3};
  const std::vector<double> x = {1, 2, 5, 5, 3};
  const Pooled max = Pool(PoolingGeometry1d(compute::PoolingKind::kMax, axis), x);
  EXPECT_THAT(max.sums.values, ElementsAre(2, 5, 3));
  EXPECT_THAT(max.indices, ElementsAre(1, 2, 4));
  const auto average = PoolingGeometry1d(compute::PoolingKind::kAverage, axis);
  EXPECT_THAT(Pool(average, x).sums.values, ElementsAre(1.5, 5, 3));
  EXPECT_THAT(PoolBackward(average, x, {2, 4, 6}).values, ElementsAre(1, 1, 2, 2, 6));
}

TEST(ReferenceTest, CountsOfWindowsByHand) {
  AxisWindow axis{.input = 8, .window = 3, .stride = 2};
  EXPECT_EQ(CountWindows(LengthRule::kFloor, axis), 3);
  EXPECT_EQ(CountWindows(LengthRule::kCeil, axis), 4);
  EXPECT_EQ(CountWindows(LengthRule::kStartInside, axis), 4);
  axis.window = 9;
  EXPECT_EQ(CountWindows(LengthRule::kFloor, axis), 0);
}

TEST(ReferenceTest, ActivationsHaveTheirKnownValues) {
  using compute::Activation;
  using compute::ActivationKind;
  EXPECT_NEAR(static_cast<double>(Activate({.kind = ActivationKind::kSigmoid}, 1)), 0.7310585786300049, 1e-15);
  EXPECT_NEAR(static_cast<double>(Activate({.kind = ActivationKind::kGelu}, 1)), 0.8413447460685429, 1e-15);
  const Activation tanh_form{.kind = ActivationKind::kGelu, .gelu_form = compute::GeluForm::kTanh};
  EXPECT_NEAR(static_cast<double>(Activate(tanh_form, 1)), 0.8411919906082768, 1e-15);
  EXPECT_NEAR(static_cast<double>(Activate({.kind = ActivationKind::kSilu}, -1)), -0.2689414213699951, 1e-15);
  // From arbitrary precision, also where the tails lose digits.
  const auto close = [](long double actual, double exact) { return std::abs(actual / exact - 1) < 1e-15; };
  EXPECT_TRUE(close(Activate({.kind = ActivationKind::kGelu}, -35), -3.9371874726534218539e-267));
  EXPECT_TRUE(close(Activate(tanh_form, -20), -3.3754509563109673197e-261));
  EXPECT_TRUE(close(Activate({.kind = ActivationKind::kMish}, -1), -0.30340146137410891807));
  EXPECT_TRUE(close(Activate({.kind = ActivationKind::kMish}, 1), 0.86509838826731034612));
  EXPECT_TRUE(close(ActivationDerivative({.kind = ActivationKind::kMish}, -2), -0.10835509242039394283));
  EXPECT_TRUE(close(Activate({.kind = ActivationKind::kCelu, .alpha = 2}, -1), -0.78693868057473315279));
  EXPECT_TRUE(close(ActivationDerivative({.kind = ActivationKind::kCelu, .alpha = 2}, -1), 0.6065306597126334236));
  EXPECT_TRUE(close(Activate({.kind = ActivationKind::kErf}, 0.5), 0.52049987781304653768));
  EXPECT_TRUE(close(Activate({.kind = ActivationKind::kLogSigmoid}, -1), -1.313261687518222834));
  const Activation hard_tanh{.kind = ActivationKind::kHardTanh, .minimum = -1, .maximum = 2};
  EXPECT_EQ(Activate(hard_tanh, 5), 2);
  EXPECT_EQ(Activate({.kind = ActivationKind::kRelu6}, 7), 6);
  EXPECT_EQ(Activate({.kind = ActivationKind::kThresholdedRelu, .alpha = 1}, 1), 0);
}

TEST(ReferenceTest, SoftmaxHasItsKnownValues) {
  const std::vector<long double> y = Softmax(false, {3}, 0, {1, 2, 4});
  EXPECT_NEAR(static_cast<double>(y[0]), 0.042010066134066051018, 1e-16);
  EXPECT_NEAR(static_cast<double>(y[2]), 0.84379473448133947005, 1e-16);
  EXPECT_NEAR(static_cast<double>(Softmax(true, {3}, 0, {1, 2, 4})[1]), -2.1698460195562856488, 1e-15);
  // The axis that is summed over is the one that was named.
  EXPECT_THAT(Softmax(false, {2, 2}, 0, {0, 5, 0, 5}), ElementsAre(0.5L, 0.5L, 0.5L, 0.5L));
  EXPECT_THAT(SoftmaxBackward(false, {2}, 0, {0, 0}, {1, 0}), ElementsAre(0.25L, -0.25L));
  EXPECT_THAT(SoftmaxBackward(true, {2}, 0, {0, 0}, {1, 0}), ElementsAre(0.5L, -0.5L));
}

TEST(ReferenceTest, SlopesLieWhereTheirAxesSay) {
  EXPECT_THAT(SlopeIndices({2, 3}, {3}, {1}), ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_THAT(SlopeIndices({2, 3}, {3, 2}, {1, 0}), ElementsAre(0, 2, 4, 1, 3, 5));
  EXPECT_THAT(SlopeIndices({2, 2}, {1, 2}, {0, 1}), ElementsAre(0, 1, 0, 1));
}

}  // namespace
}  // namespace tensord::reference
