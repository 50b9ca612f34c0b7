#include "tests/support/comparer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/builders.h"

namespace tensord::test_support {
namespace {

using compute::DataType;
using compute::Tensor;
using ::testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Tensor Matrix(const std::vector<double>& values) { return MakeTensor(DataType::kFloat64, {2, 3}, values); }

TEST(ComparerTest, EqualTensorsPass) {
  EXPECT_TRUE(Equals(Matrix({1, 2, 3, 4, 5, 6}).view(), {2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(Equals(Matrix({kNaN, -0.0, kInfinity, 4, 5, 6}).view(), {2, 3}, {kNaN, 0, kInfinity, 4, 5, 6}));
}

TEST(ComparerTest, AnErrorOfHalfTheBoundPassesAndOfTwiceTheBoundFails) {
  const std::vector<double> expected = {1, 2, 3, 4, 5, 6};
  const std::vector<double> bounds = {0, 0, 0, 0, 1e-9, 0};
  EXPECT_TRUE(WithinBounds(Matrix({1, 2, 3, 4, 5 + 0.5e-9, 6}).view(), {2, 3}, expected, bounds));
  const auto result = WithinBounds(Matrix({1, 2, 3, 4, 5 + 2e-9, 6}).view(), {2, 3}, expected, bounds);
  EXPECT_FALSE(result);
  EXPECT_THAT(result.message(), HasSubstr("1 of 6 elements are wrong; the worst at [1, 1]"));
}

TEST(ComparerTest, TheWorstElementIsToldRelativeToItsBound) {
  const auto result =
      WithinBounds(Matrix({1.2, 0, 0, 0, 0, 0.2}).view(), {2, 3}, {1, 0, 0, 0, 0, 0}, {0.1, 1, 1, 1, 1, 0.01});
  EXPECT_FALSE(result);
  EXPECT_THAT(result.message(), HasSubstr("2 of 6 elements are wrong; the worst at [1, 2]"));
}

TEST(ComparerTest, APlantedNanFails) {
  EXPECT_FALSE(WithinBound(Matrix({1, 2, kNaN, 4, 5, 6}).view(), {2, 3}, {1, 2, 3, 4, 5, 6}, 1e9));
  EXPECT_FALSE(WithinBound(Matrix({1, 2, 3, 4, 5, 6}).view(), {2, 3}, {1, 2, kNaN, 4, 5, 6}, 1e9));
}

TEST(ComparerTest, ANanBoundAllowsNothing) {
  EXPECT_FALSE(WithinBound(Matrix({1, 2, 3.5, 4, 5, 6}).view(), {2, 3}, {1, 2, 3, 4, 5, 6}, kNaN));
}

TEST(ComparerTest, InfinitiesEqualThemselvesOnly) {
  EXPECT_FALSE(WithinBound(Matrix({1, 2, kInfinity, 4, 5, 6}).view(), {2, 3}, {1, 2, 3, 4, 5, 6}, kInfinity));
  EXPECT_FALSE(WithinBound(Matrix({1, 2, kInfinity, 4, 5, 6}).view(), {2, 3}, {1, 2, -kInfinity, 4, 5, 6}, kInfinity));
}

TEST(ComparerTest, AWrongShapeFails) {
  EXPECT_FALSE(Equals(Matrix({1, 2, 3, 4, 5, 6}).view(), {3, 2}, {1, 2, 3, 4, 5, 6}));
  EXPECT_FALSE(Equals(Matrix({1, 2, 3, 4, 5, 6}).view(), {6}, {1, 2, 3, 4, 5, 6}));
}

TEST(ComparerTest, AWrongNumberOfExpectedValuesFails) {
  EXPECT_FALSE(Equals(Matrix({1, 2, 3, 4, 5, 6}).view(), {2, 3}, {1, 2, 3, 4, 5}));
  EXPECT_FALSE(WithinBounds(Matrix({1, 2, 3, 4, 5, 6}).view(), {2, 3}, {1, 2, 3, 4, 5, 6}, {1}));
}

TEST(ComparerTest, SameBitsSeesSignsOfZeroAndTypes) {
  const Tensor zero = Matrix({0, 0, 0, 0, 0, 0});
  EXPECT_TRUE(SameBits(zero.view(), Matrix({0, 0, 0, 0, 0, 0}).view()));
  const auto result = SameBits(zero.view(), Matrix({0, 0, 0, 0, -0.0, 0}).view());
  EXPECT_FALSE(result);
  EXPECT_THAT(result.message(), HasSubstr("[1, 1]"));
  EXPECT_FALSE(SameBits(zero.view(), MakeTensor(DataType::kInt64, {2, 3}, {0, 0, 0, 0, 0, 0}).view()));
  EXPECT_FALSE(SameBits(zero.view(), MakeTensor(DataType::kFloat64, {6}, {0, 0, 0, 0, 0, 0}).view()));
}

}  // namespace
}  // namespace tensord::test_support
