// FAST and FAITHFUL in every floating type: what they are made of, and what they do with denormals.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tests/compute/numeric_cases.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::ConvolutionData;
using test_support::FloatingValues;
using test_support::IsOk;
using test_support::MakeFloating;
using test_support::SameBits;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};
constexpr ConvolutionGradients kAll{.input = true, .filter = true, .bias = true, .pre_activation = true};
const Activation kTanh{.kind = ActivationKind::kTanh};

Tensor As(DataType type, const Tensor& tensor) { return MakeFloating(type, tensor.shape(), FloatingValues(tensor)); }

class NumericConvolutionTest : public ::testing::TestWithParam<test_support::ConvolutionCase> {
 protected:
  const ConvolutionGeometry geometry_ = test_support::Resolve(GetParam());
};

// Both accumulations are the plain operator in another type, and one rounding.
TEST_P(NumericConvolutionTest, IsThePlainOneInTheTypeThatSums) {
  for (const DataType type : {DataType::kFloat16, DataType::kBfloat16, DataType::kFloat32, DataType::kFloat64}) {
    for (const Accumulation accumulation : {Accumulation::kFast, Accumulation::kFaithful}) {
      SCOPED_TRACE(testing::Message() << Name(type) << " " << Name(accumulation));
      const bool wide = type == DataType::kFloat64 || accumulation == Accumulation::kFaithful;
      const DataType sum_type = wide ? DataType::kFloat64 : DataType::kFloat32;
      const ConvolutionData data = test_support::HardData(geometry_, type, 5, 0);
      const ConvolutionData sums{
          .x = As(sum_type, data.x), .w = As(sum_type, data.w), .b = As(sum_type, data.b), .du = As(sum_type, data.du)};
      const auto u = Convolve(geometry_, sums.x.view(), sums.w.view(), sums.b.view(), kTanh, kSerially);
      const auto gradients = ConvolveBackward(geometry_, sums.x.view(), sums.w.view(), sums.b.view(), kTanh,
                                              sums.du.view(), kAll, kSerially);
      const NumericOptions options{.accumulation = accumulation};
      const auto got =
          ConvolveNumbers(geometry_, data.x.view(), data.w.view(), data.b.view(), kTanh, options, kSerially);
      const auto got_gradients = ConvolveBackwardNumbers(geometry_, data.x.view(), data.w.view(), data.b.view(), kTanh,
                                                         data.du.view(), kAll, options, kSerially);
      ASSERT_THAT(u, IsOk());
      ASSERT_THAT(gradients, IsOk());
      ASSERT_THAT(got, IsOk());
      ASSERT_THAT(got_gradients, IsOk());
      EXPECT_TRUE(SameBits(got->output.view(), As(type, *u).view()));
      const ConvolutionGradientTensors& tensors = got_gradients->gradients;
      EXPECT_TRUE(SameBits(tensors.input->view(), As(type, *gradients->input).view()));
      EXPECT_TRUE(SameBits(tensors.filter->view(), As(type, *gradients->filter).view()));
      EXPECT_TRUE(SameBits(tensors.bias->view(), As(type, *gradients->bias).view()));
      EXPECT_TRUE(SameBits(tensors.pre_activation->view(), As(type, *gradients->pre_activation).view()));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, NumericConvolutionTest, ::testing::ValuesIn(test_support::SmallCases(20000)),
                         [](const auto& each) { return each.param.name; });

TEST(NumericDenormalTest, OnlyFastFlushes) {
  const ConvolutionGeometry geometry = test_support::Resolve({"one", {1}, {1}, {}});
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
    const double denormal = type == DataType::kFloat32 ? 0x1p-140 : 0x1p-1050;
    const Tensor x = test_support::MakeTensor(type, {1}, {denormal});
    const Tensor w = test_support::MakeTensor(type, {1}, {0.5});
    const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
    for (const Accumulation accumulation : kAllAccumulations) {
      const auto z = ConvolveNumbers(geometry, x.view(), w.view(), TensorView(), std::nullopt,
                                     {.accumulation = accumulation}, kSerially);
      const auto back = ConvolveBackwardNumbers(geometry, x.view(), w.view(), TensorView(), std::nullopt, x.view(),
                                                {.input = true}, {.accumulation = accumulation}, kSerially);
      ASSERT_THAT(z, IsOk());
      ASSERT_THAT(back, IsOk());
      EXPECT_TRUE(FloatingPointMode::Current().flushes());  // again
      const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
      const double expected = accumulation == Accumulation::kFast ? 0 : denormal / 2;
      EXPECT_EQ(FloatingValues(z->output)[0], expected) << Name(type) << " " << Name(accumulation);
      EXPECT_EQ(FloatingValues(*back->gradients.input)[0], expected) << Name(type) << " " << Name(accumulation);
    }
  }
}

TEST(NumericDenormalTest, HalvesHaveDenormalsOfTheirOwn) {
  // The least float16 is a normal float32: no mode flushes it.
  const ConvolutionGeometry geometry = test_support::Resolve({"one", {1}, {1}, {}});
  const Tensor x = MakeFloating(DataType::kFloat16, {1}, {0x1p-24});
  const Tensor w = MakeFloating(DataType::kFloat16, {1}, {3});
  const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
  for (const Accumulation accumulation : kAllAccumulations) {
    const auto z = ConvolveNumbers(geometry, x.view(), w.view(), TensorView(), std::nullopt,
                                   {.accumulation = accumulation}, kSerially);
    ASSERT_THAT(z, IsOk());
    EXPECT_EQ(FloatingValues(z->output)[0], 0x3p-24);
  }
}

TEST(NumericRoundingTest, HalvesAreRoundedOnlyOnce) {
  // 2049 lies between the float16 2048 and 2050; its float16 sums 2048 + 1 - 1 would lose what float32 keeps.
  const ConvolutionGeometry geometry = test_support::Resolve({"sum", {3}, {3}, {}});
  const Tensor x = MakeFloating(DataType::kFloat16, {3}, {2048, 1, 1});
  const Tensor w = MakeFloating(DataType::kFloat16, {3}, {1, 1, 1});
  for (const Accumulation accumulation : kAllAccumulations) {
    const auto z = ConvolveNumbers(geometry, x.view(), w.view(), TensorView(), std::nullopt,
                                   {.accumulation = accumulation}, kSerially);
    ASSERT_THAT(z, IsOk());
    EXPECT_EQ(FloatingValues(z->output)[0], 2050);
  }
}

TEST(NumericConvolutionEdgeTest, RefusesPaddingThatReadsTheInput) {
  const ConvolutionGeometry geometry =
      test_support::Resolve({"reflect", {3}, {2}, {.padding = {.begin = {1}, .source = PaddingSource::kReflect}}});
  const Tensor x = MakeFloating(DataType::kFloat32, {3}, {1, 2, 3});
  const Tensor w = MakeFloating(DataType::kFloat32, {2}, {1, 1});
  const Tensor du = MakeFloating(DataType::kFloat32, geometry.output_shape, {1, 1, 1, 1});
  const auto refused =
      test_support::StatusIs(absl::StatusCode::kInvalidArgument, "padding.source: was REFLECT, has to be ZERO");
  EXPECT_THAT(ConvolveNumbers(geometry, x.view(), w.view(), TensorView(), std::nullopt, {}, kSerially), refused);
  EXPECT_THAT(ConvolveBackwardNumbers(geometry, x.view(), w.view(), TensorView(), std::nullopt, du.view(),
                                      {.input = true}, {}, kSerially),
              refused);
}

}  // namespace
}  // namespace tensord::compute
