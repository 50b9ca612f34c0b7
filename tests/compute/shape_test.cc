#include "tensord/compute/shape.h"

#include <gtest/gtest.h>

#include "tensord/compute/checked_math.h"

namespace tensord::compute {
namespace {

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

TEST(ShapeTest, TextShowsSizesAndSymbols) {
  EXPECT_EQ((Shape{5, 4}).ToString(), "[5, 4]");
  EXPECT_EQ(Shape{}.ToString(), "[]");
  EXPECT_EQ((Shape{kUnknownSize, 3}).ToString(), "[?, 3]");
}

TEST(ShapeTest, EqualityIsByRankAndSizes) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{3, 2}));
  EXPECT_FALSE((Shape{2}) == (Shape{2, 1}));
}

TEST(ShapeTest, ElementCountsAreProducts) {
  EXPECT_EQ(ElementCount({}), 1);
  EXPECT_EQ(ElementCount({3, 4}), 12);
  EXPECT_EQ(ElementCount({0, 4}), 0);
  EXPECT_EQ(ByteCount({3, 4}, DataType::kFloat64), 96);
}

TEST(ShapeTest, WhatDoesNotFitGivesNothing) {
  EXPECT_FALSE(ElementCount({int64_t{1} << 32, int64_t{1} << 32}).has_value());  // wraps to 0
  EXPECT_FALSE(ElementCount({kMaxSize, kMaxSize, kMaxSize}).has_value());
  EXPECT_FALSE(ElementCount({0, int64_t{1} << 62, 4}).has_value());
  EXPECT_FALSE(ElementCount({int64_t{1} << 62, 4, 0}).has_value());
  EXPECT_FALSE(ElementCount({-1}).has_value());
  EXPECT_FALSE(ElementCount({-2, -3}).has_value());
  EXPECT_EQ(ElementCount({kLargest}), kLargest);
  EXPECT_FALSE(ByteCount({kLargest}, DataType::kFloat32).has_value());
}

TEST(CheckedMathTest, TellsOverflow) {
  EXPECT_EQ(CheckedAdd(2, -3), -1);
  EXPECT_FALSE(CheckedAdd(kLargest, 1).has_value());
  EXPECT_EQ(CheckedMultiply(-4, 5), -20);
  EXPECT_FALSE(CheckedMultiply(kLargest, 2).has_value());
}

TEST(CheckedMathTest, DivisionRoundsDownOrUp) {
  EXPECT_EQ(FloorDivide<int64_t>(7, 2), 3);
  EXPECT_EQ(FloorDivide<int64_t>(-7, 2), -4);
  EXPECT_EQ(FloorDivide<int64_t>(-8, 2), -4);
  EXPECT_EQ(CeilDivide<int64_t>(7, 2), 4);
  EXPECT_EQ(CeilDivide<int64_t>(-7, 2), -3);
  EXPECT_EQ(CeilDivide<int64_t>(8, 2), 4);
}

}  // namespace
}  // namespace tensord::compute
