#include "tensord/grading/number.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "grading/src/reader/rational.h"
#include "tests/grading/reader/texts.h"

namespace tensord::grading {
namespace {

using internal::Rational;

Number Fraction(int64_t a, int64_t b) { return Number(Rational(a) / Rational(b)); }

TEST(NumberTest, PrintsIntegersDecimalsAndFractions) {
  EXPECT_EQ(Number().ToString(), "0");
  EXPECT_EQ(Number(-1820).ToString(), "-1820");
  EXPECT_EQ(Number(INT64_MIN).ToString(), "-9223372036854775808");
  EXPECT_EQ(Fraction(-3, 8).ToString(), "-0.375");
  EXPECT_EQ(Fraction(1, 3).ToString(), "1/3");
  EXPECT_EQ(Fraction(-14, 6).ToString(), "-7/3");
  EXPECT_EQ(Fraction(1, 1000).ToString(), "0.001");
  EXPECT_EQ(Number(Power(Rational(2), -20)).ToString(), "0.00000095367431640625");
  EXPECT_EQ(Number(Power(Rational(2), -21)).ToString(), "1/2097152");
  EXPECT_EQ(Number::NotANumber().ToString(), "nan");
  EXPECT_EQ(Number::Infinity(true).ToString(), "-inf");
}

TEST(NumberTest, IsOrderedAsIeee754Orders) {
  const Number nan = Number::NotANumber();
  EXPECT_FALSE(nan == nan);
  EXPECT_FALSE(nan < Number(1));
  EXPECT_FALSE(nan > Number(1));
  EXPECT_LT(Number::Infinity(true), Number(-5));
  EXPECT_LT(Number(5), Number::Infinity(false));
  EXPECT_GT(Number::Infinity(false), Number::Infinity(true));
  EXPECT_EQ(Number::Infinity(false), Number::Infinity(false));
  EXPECT_EQ(Fraction(6, 4), Fraction(3, 2));
  EXPECT_LT(Fraction(1, 3), Fraction(334, 1000));
  EXPECT_EQ(Number(0), Number());
}

TEST(NumberTest, BecomesAnIntegerWhereItFits) {
  EXPECT_EQ(Number(INT64_MIN).ToInt64(), INT64_MIN);
  EXPECT_EQ(Number(INT64_MAX).ToInt64(), INT64_MAX);
  EXPECT_EQ(Number(Power(Rational(2), 63)).ToInt64(), std::nullopt);
  EXPECT_EQ(Fraction(1, 2).ToInt64(), std::nullopt);
  const Number largest = Number(Power(Rational(2), 128) - Rational(1));
  ASSERT_TRUE(largest.ToInteger().has_value());
  EXPECT_EQ(largest.ToInteger()->ToString(), "340282366920938463463374607431768211455");
  EXPECT_EQ(Number(-largest.rational()).ToInteger()->ToString(), "-340282366920938463463374607431768211455");
  EXPECT_EQ(Number(Power(Rational(2), 128)).ToInteger(), std::nullopt);
  EXPECT_EQ(Number::Infinity(false).ToInt64(), std::nullopt);
}

TEST(NumberTest, IsRoundedOnceToNearestEven) {
  // Half of the least denormal goes to 0, all above it to the denormal.
  const Rational half = Power(Rational(2), -1075);
  EXPECT_EQ(Number(half).ToDouble(), 0.0);
  EXPECT_EQ(Number(half + Power(Rational(2), -1400)).ToDouble(), 4.9406564584124654e-324);
  EXPECT_EQ(Number(half * Rational(3)).ToDouble(), 2 * 4.9406564584124654e-324);
  // Halfway between 2^53 and 2^53 + 2, and just beyond.
  const Rational odd = Power(Rational(2), 53) + Rational(1);
  EXPECT_EQ(Number(odd).ToDouble(), 9007199254740992.0);
  EXPECT_EQ(Number(odd + Power(Rational(10), -300)).ToDouble(), 9007199254740994.0);
  EXPECT_EQ(Number(Power(Rational(2), 1024)).ToDouble(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Number(-Power(Rational(10), 4000)).ToDouble(), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(Number::NotANumber().ToDouble()));
}

// from_chars rounds correctly, by another algorithm.
TEST(NumberTest, RoundsRandomDecimalsAsTheLibraryDoes) {
  std::mt19937_64 random(20240611);
  for (int i = 0; i < 20000; ++i) {
    uint64_t bits = random();
    double start = 0;
    std::memcpy(&start, &bits, sizeof start);
    if (!std::isfinite(start)) continue;
    char text[64];
    const int precision = static_cast<int>(random() % 25);
    const auto end =
        std::to_chars(text, text + sizeof text, std::abs(start), std::chars_format::scientific, precision).ptr;
    const absl::string_view printed(text, static_cast<size_t>(end - text));
    double expected = 0;
    if (std::from_chars(text, end, expected).ec != std::errc()) continue;
    const auto read = ReadNumber(printed);
    ASSERT_TRUE(std::holds_alternative<NumberReading>(read)) << printed << ": " << test::Text(read);
    ASSERT_EQ(std::get<NumberReading>(read).value.number.ToDouble(), expected) << printed;
  }
}

TEST(RationalTest, FloorsTowardsMinusInfinity) {
  EXPECT_EQ(Number(Floor(Fraction(7, 2).rational())), Number(3));
  EXPECT_EQ(Number(Floor(Fraction(-7, 2).rational())), Number(-4));
  EXPECT_EQ(Number(Floor(Rational(-4))), Number(-4));
}

TEST(RationalTest, TellsPowersOfTen) {
  EXPECT_EQ(Rational(1000).PowerOfTen(), 3);
  EXPECT_EQ(Rational(1).PowerOfTen(), 0);
  EXPECT_EQ(Fraction(1, 100).rational().PowerOfTen(), -2);
  EXPECT_EQ(Fraction(3, 100).rational().PowerOfTen(), std::nullopt);
  EXPECT_EQ(Rational(20).PowerOfTen(), std::nullopt);
  EXPECT_EQ(Rational(0).PowerOfTen(), std::nullopt);
  EXPECT_EQ(Rational(-10).PowerOfTen(), std::nullopt);
}

}  // namespace
}  // namespace tensord::grading
