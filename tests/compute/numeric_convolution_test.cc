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

// Both operators under one name, in their plain form.
auto Plain(const ConvolutionGeometry& geometry, const ConvolutionData& data) {
  return Convolve(geometry, data.x.view(), data.w.view(), data.b.view(), kTanh, kSerially);
}
auto Plain(const TransposedConvolutionGeometry& geometry, const test_support::TransposedData& data) {
  return ConvolveTranspose(geometry, data.x.view(), data.w.view(), data.b.view(), kTanh, kSerially);
}
auto PlainBackward(const ConvolutionGeometry& geometry, const ConvolutionData& data) {
  return ConvolveBackward(geometry, data.x.view(), data.w.view(), data.b.view(), kTanh, data.du.view(), kAll,
                          kSerially);
}
auto PlainBackward(const TransposedConvolutionGeometry& geometry, const test_support::TransposedData& data) {
  return ConvolveTransposeBackward(geometry, data.x.view(), data.w.view(), data.b.view(), kTanh, data.du.view(), kAll,
                                   kSerially);
}

// Both accumulations are the plain operator in another type, and one rounding.
template <typename Geometry>
void ExpectThePlainOne(const Geometry& geometry) {
  for (const DataType type : {DataType::kFloat16, DataType::kBfloat16, DataType::kFloat32, DataType::kFloat64}) {
    for (const Accumulation accumulation : {Accumulation::kFast, Accumulation::kFaithful}) {
      SCOPED_TRACE(testing::Message() << Name(type) << " " << Name(accumulation));
      const bool wide = type == DataType::kFloat64 || accumulation == Accumulation::kFaithful;
      const DataType sum_type = wide ? DataType::kFloat64 : DataType::kFloat32;
      const auto data = test_support::HardData(geometry, type, 5, 0);
      const decltype(data) sums{
          .x = As(sum_type, data.x), .w = As(sum_type, data.w), .b = As(sum_type, data.b), .du = As(sum_type, data.du)};
      const auto u = Plain(geometry, sums);
      const auto gradients = PlainBackward(geometry, sums);
      const NumericOptions options{.accumulation = accumulation};
      const auto got = test_support::ForwardNumbers(geometry, data, kTanh, options, kSerially);
      const auto got_gradients = test_support::BackwardNumbers(geometry, data, kTanh, kAll, options, kSerially);
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

class NumericConvolutionTest : public ::testing::TestWithParam<test_support::ConvolutionCase> {};
TEST_P(NumericConvolutionTest, IsThePlainOneInTheTypeThatSums) { ExpectThePlainOne(test_support::Resolve(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Catalogue, NumericConvolutionTest, ::testing::ValuesIn(test_support::SmallCases(20000)),
                         [](const auto& each) { return each.param.name; });

class NumericTransposedTest : public ::testing::TestWithParam<test_support::TransposedCase> {};
TEST_P(NumericTransposedTest, IsThePlainOneInTheTypeThatSums) { ExpectThePlainOne(test_support::Resolve(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Catalogue, NumericTransposedTest,
                         ::testing::ValuesIn(test_support::SmallTransposedCases(20000)),
                         [](const auto& each) { return each.param.name; });

TEST(NumericDenormalTest, OnlyFastFlushes) {
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{"one", {1}, {1}, {}});
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
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{"one", {1}, {1}, {}});
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
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{"sum", {3}, {3}, {}});
  const Tensor x = MakeFloating(DataType::kFloat16, {3}, {2048, 1, 1});
  const Tensor w = MakeFloating(DataType::kFloat16, {3}, {1, 1, 1});
  for (const Accumulation accumulation : kAllAccumulations) {
    const auto z = ConvolveNumbers(geometry, x.view(), w.view(), TensorView(), std::nullopt,
                                   {.accumulation = accumulation}, kSerially);
    ASSERT_THAT(z, IsOk());
    EXPECT_EQ(FloatingValues(z->output)[0], 2050);
  }
}

}  // namespace
}  // namespace tensord::compute
