#include "tensord/analysis/integer.h"

#include <gtest/gtest.h>

#include <limits>

namespace tensord::analysis {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr const char* kLargestDigits = "340282366920938463463374607431768211455";

TEST(IntegerTest, PrintsDecimalDigits) {
  EXPECT_EQ(Integer(0).ToString(), "0");
  EXPECT_EQ(Integer(-1230).ToString(), "-1230");
  EXPECT_EQ(Integer(kMin).ToString(), "-9223372036854775808");
  EXPECT_EQ(Integer::Largest().ToString(), kLargestDigits);
  EXPECT_EQ((-Integer::Largest()).ToString(), std::string("-") + kLargestDigits);
}

TEST(IntegerTest, ConvertsToInt64ExactlyWhereItFits) {
  EXPECT_EQ(Integer(kMax).ToInt64(), kMax);
  EXPECT_EQ(Integer(kMin).ToInt64(), kMin);
  EXPECT_EQ(Add(Integer(kMax), 1)->ToInt64(), std::nullopt);
  EXPECT_EQ(Subtract(Integer(kMin), 1)->ToInt64(), std::nullopt);
}

TEST(IntegerTest, TellsOverflowAtExactly128Bits) {
  const Integer half = Integer::FromMagnitude(Uint128{1} << 127);
  EXPECT_EQ(Add(Integer::Largest(), 1), std::nullopt);
  EXPECT_EQ(Subtract(-Integer::Largest(), 1), std::nullopt);
  EXPECT_EQ(Multiply(half, 2), std::nullopt);
  EXPECT_EQ(Add(half, *Subtract(half, 1)), Integer::Largest());
  EXPECT_EQ(Multiply(Integer::Largest(), -1), -Integer::Largest());
}

TEST(IntegerTest, AgreesWithInt64OnSmallNumbers) {
  for (int64_t a = -12; a <= 12; ++a) {
    for (int64_t b = -12; b <= 12; ++b) {
      EXPECT_EQ(Add(a, b), Integer(a + b));
      EXPECT_EQ(Subtract(a, b), Integer(a - b));
      EXPECT_EQ(Multiply(a, b), Integer(a * b));
      EXPECT_EQ(Integer(a) < Integer(b), a < b);
      EXPECT_EQ(Integer(a) == Integer(b), a == b);
      if (b < 1) continue;
      const int64_t floor = FloorDivide(a, b).ToInt64().value();
      const int64_t ceil = CeilDivide(a, b).ToInt64().value();
      EXPECT_TRUE(floor * b <= a && a < (floor + 1) * b) << a << "/" << b;
      EXPECT_TRUE((ceil - 1) * b < a && a <= ceil * b) << a << "/" << b;
    }
  }
}

TEST(IntegerTest, ZeroHasNoSign) {
  EXPECT_EQ(-Integer(0), Integer(0));
  EXPECT_EQ(Multiply(-5, 0), Integer(0));
  EXPECT_FALSE((-Integer(0)).negative());
}

TEST(IntegerTest, FindsGreatestCommonDivisors) {
  EXPECT_EQ(GreatestCommonDivisor(12, -18), Integer(6));
  EXPECT_EQ(GreatestCommonDivisor(0, -7), Integer(7));
  EXPECT_EQ(GreatestCommonDivisor(0, 0), Integer(0));
}

}  // namespace
}  // namespace tensord::analysis
