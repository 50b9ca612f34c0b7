#include "tensord/compute/convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/compute/shape_catalogue.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::ConvolutionData;
using test_support::Equals;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::StatusIs;
using test_support::ToDoubles;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};
const TensorView kNoBias;

class ConvolutionTest : public ::testing::TestWithParam<test_support::TypedCase> {
 protected:
  const DataType type_ = std::get<0>(GetParam());
  const ConvolutionGeometry geometry_ = test_support::Resolve(std::get<1>(GetParam()));
};

TEST_P(ConvolutionTest, OfIntegersIsExactWithAndWithoutBias) {
  const ConvolutionData data = test_support::IntegerData(geometry_, type_);
  const auto check = [&](const TensorView& b, const std::vector<double>& bias) {
    const reference::Sums expected = reference::Convolve(geometry_, ToDoubles(data.x), ToDoubles(data.w), bias);
    const auto z = Convolve(geometry_, data.x.view(), data.w.view(), b, std::nullopt, kSerially);
    ASSERT_THAT(z, IsOk());
    EXPECT_TRUE(Equals(z->view(), geometry_.output_shape, expected.values));
  };
  check(data.b.view(), ToDoubles(data.b));
  check(kNoBias, {});
}

TEST_P(ConvolutionTest, OfRealsKeepsItsBound) {
  const ConvolutionData data = test_support::RealData(geometry_, type_);
  const reference::Sums expected =
      reference::Convolve(geometry_, ToDoubles(data.x), ToDoubles(data.w), ToDoubles(data.b));
  int64_t depth = geometry_.input_channels / geometry_.groups;
  for (const AxisWindow& axis : geometry_.axes) depth *= axis.window;
  std::vector<double> bounds;
  for (const double magnitude : expected.magnitudes) {
    bounds.push_back(test_support::Gamma(static_cast<double>(depth) + 2, type_) * magnitude);
  }
  const auto z = Convolve(geometry_, data.x.view(), data.w.view(), data.b.view(), std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  EXPECT_TRUE(test_support::WithinBounds(z->view(), geometry_.output_shape, expected.values, bounds));
}

TEST_P(ConvolutionTest, FusedActivationEqualsOneAfterwards) {
  const ConvolutionData data = test_support::RealData(geometry_, type_);
  const Activation tanh{.kind = ActivationKind::kTanh};
  const auto z = Convolve(geometry_, data.x.view(), data.w.view(), data.b.view(), std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  const auto expected = Activate(tanh, z->view(), kSerially);
  ASSERT_THAT(expected, IsOk());
  const auto u = Convolve(geometry_, data.x.view(), data.w.view(), data.b.view(), tanh, kSerially);
  ASSERT_THAT(u, IsOk());
  EXPECT_TRUE(test_support::SameBits(u->view(), expected->view()));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, ConvolutionTest, test_support::AllTypedCases(), test_support::NameOf);

TEST(ConvolutionExample, OfEdgesInASmallImage) {
  // The largest value is 6, at (1,3), (2,3), (3,3); the smallest -6, at (1,0), (2,0), (3,0).
  const ConvolutionGeometry geometry = test_support::Resolve({"edges", {6, 5}, {2, 2}, {}});
  const Tensor x = MakeTensor(DataType::kFloat32, {6, 5}, {0, 0, 0, 0, 0,  //
                                                           0, 3, 3, 3, 0,  //
                                                           0, 3, 3, 3, 0,  //
                                                           0, 3, 2, 3, 0,  //
                                                           0, 3, 2, 3, 0,  //
                                                           0, 0, 0, 0, 0});
  const Tensor w = MakeTensor(DataType::kFloat32, {2, 2}, {1, -1, 1, -1});
  const auto z = Convolve(geometry, x.view(), w.view(), kNoBias, std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  EXPECT_TRUE(Equals(z->view(), {5, 4}, {-3, 0, 0,  3,  //
                                         -6, 0, 0,  6,  //
                                         -6, 1, -1, 6,  //
                                         -6, 2, -2, 6,  //
                                         -3, 1, -1, 3}));
}

TEST(ConvolutionExample, OfTheLayerWithTwentyChannels) {
  const ConvolutionGeometry geometry = test_support::Resolve({"layer", {48, 64, 10}, {3, 3, 10, 20}, {}});
  EXPECT_EQ(geometry.output_shape, (Shape{46, 62, 20}));
  EXPECT_EQ(ConvolutionCost(geometry, DataType::kFloat32, 1).multiplication_count, 5133600);
}

class ConvolutionEdgeTest : public ::testing::TestWithParam<DataType> {};

TEST_P(ConvolutionEdgeTest, NanReachesOnlyTheWindowsThatReadIt) {
  const ConvolutionGeometry geometry = test_support::Resolve({"nan", {5}, {2}, {}});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor x = MakeTensor(GetParam(), {5}, {1, 2, nan, 4, 5});
  const Tensor w = MakeTensor(GetParam(), {2}, {1, 0});
  const auto z = Convolve(geometry, x.view(), w.view(), kNoBias, std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  EXPECT_TRUE(Equals(z->view(), {4}, {1, nan, nan, 4}));
}

TEST_P(ConvolutionEdgeTest, AnInfiniteWeightTimesThePaddingIsNan) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const ConvolutionGeometry geometry =
      test_support::Resolve({"infinite", {3}, {2}, {.padding = {.begin = {1}, .end = {0}}}});
  const Tensor x = MakeTensor(GetParam(), {3}, {1, 2, 3});
  const Tensor w = MakeTensor(GetParam(), {2}, {infinity, 1});
  const auto z = Convolve(geometry, x.view(), w.view(), kNoBias, std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  EXPECT_TRUE(Equals(z->view(), {3}, {nan, infinity, infinity}));
}

TEST_P(ConvolutionEdgeTest, AScalarBiasFitsAFilterWithoutChannels) {
  const ConvolutionGeometry geometry = test_support::Resolve({"scalar", {3}, {2}, {}});
  const Tensor x = MakeTensor(GetParam(), {3}, {1, 2, 3});
  const Tensor w = MakeTensor(GetParam(), {2}, {1, 1});
  const Tensor b = MakeTensor(GetParam(), {}, {10});
  const auto z = Convolve(geometry, x.view(), w.view(), b.view(), std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  EXPECT_TRUE(Equals(z->view(), {2}, {13, 15}));
}

INSTANTIATE_TEST_SUITE_P(Types, ConvolutionEdgeTest, ::testing::Values(DataType::kFloat32, DataType::kFloat64),
                         [](const auto& type) { return absl::StrCat(Name(type.param)); });

class ConvolutionErrorTest : public ::testing::Test {
 protected:
  absl::Status Run(const TensorView& x, const TensorView& w, const TensorView& b) const {
    return Convolve(geometry_, x, w, b, std::nullopt, kSerially).status();
  }

  const ConvolutionGeometry geometry_ = test_support::Resolve({"errors", {2, 5, 6, 3}, {2, 2, 3, 4}, {}});
  const Tensor x_ = test_support::IntegerTensor(DataType::kFloat32, {2, 5, 6, 3}, 1);
  const Tensor w_ = test_support::IntegerTensor(DataType::kFloat32, {2, 2, 3, 4}, 2);
  const Tensor b_ = test_support::IntegerTensor(DataType::kFloat32, {4}, 3);
};

TEST_F(ConvolutionErrorTest, NamesTheArgumentOfAnotherShape) {
  const Tensor other = test_support::IntegerTensor(DataType::kFloat32, {3, 5}, 1);
  const auto error = [](const char* text) { return StatusIs(absl::StatusCode::kInvalidArgument, text); };
  EXPECT_THAT(Run(other.view(), w_.view(), b_.view()), error("x: had shape [3, 5], has to have [2, 5, 6, 3]"));
  EXPECT_THAT(Run(x_.view(), other.view(), b_.view()), error("w: had shape [3, 5], has to have [2, 2, 3, 4]"));
  EXPECT_THAT(Run(x_.view(), w_.view(), other.view()), error("b: was [3, 5], has to be [4]"));
}

TEST_F(ConvolutionErrorTest, NamesTheArgumentOfAnotherType) {
  const Tensor w = test_support::IntegerTensor(DataType::kFloat64, {2, 2, 3, 4}, 2);
  const Tensor b = test_support::IntegerTensor(DataType::kFloat64, {4}, 2);
  const auto error = [](const char* text) { return StatusIs(absl::StatusCode::kInvalidArgument, text); };
  EXPECT_THAT(Run(x_.view(), w.view(), b_.view()), error("w: was float64, has to be float32, as x is"));
  EXPECT_THAT(Run(x_.view(), w_.view(), b.view()), error("b: was float64, has to be float32, as x is"));
}

TEST_F(ConvolutionErrorTest, NamesTheArgumentWithoutData) {
  const TensorView empty{.type = DataType::kFloat32, .shape = {2, 5, 6, 3}, .data = nullptr};
  EXPECT_THAT(Run(empty, w_.view(), b_.view()), StatusIs(absl::StatusCode::kInvalidArgument, "x: had no data"));
}

TEST_F(ConvolutionErrorTest, RefusesTypesThatItCannotComputeWith) {
  const Tensor x = test_support::IntegerTensor(DataType::kInt32, {2, 5, 6, 3}, 1);
  EXPECT_THAT(Run(x.view(), w_.view(), b_.view()), StatusIs(absl::StatusCode::kUnimplemented, "x: was int32"));
}

TEST_F(ConvolutionErrorTest, RefusesAResultThatNoMemoryHolds) {
  // Two dimensions, each padded to 2^31 - 1 positions.
  const int64_t padding = (int64_t{1} << 30) - 1;
  const ConvolutionGeometry geometry =
      test_support::Resolve({"huge", {1, 1}, {1, 1}, {.padding = {.begin = {padding}}}});
  const Tensor one = MakeTensor(DataType::kFloat64, {1, 1}, {1});
  EXPECT_THAT(Convolve(geometry, one.view(), one.view(), kNoBias, std::nullopt, kSerially),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace tensord::compute
