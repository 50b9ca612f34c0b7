// The field's laws, on which verdicts rest.
#include "grading/src/formula/field.h"

#include <gtest/gtest.h>

#include "grading/src/formula/numbers.h"

namespace tensord::grading::formula {
namespace {

bool IsPrime(uint64_t n) {
  // Miller and Rabin with the bases that decide every number of 64 bits (Sinclair).
  __extension__ using Wide = unsigned __int128;
  const auto power = [n](uint64_t base, uint64_t exponent) {
    uint64_t result = 1;
    for (base %= n; exponent > 0; exponent >>= 1) {
      if ((exponent & 1) != 0) result = static_cast<uint64_t>(static_cast<Wide>(result) * base % n);
      base = static_cast<uint64_t>(static_cast<Wide>(base) * base % n);
    }
    return result;
  };
  const int zeros = __builtin_ctzll(n - 1);
  for (const uint64_t base : {2u, 325u, 9375u, 28178u, 450775u, 9780504u, 1795265022u}) {
    uint64_t x = power(base, (n - 1) >> zeros);
    bool passes = x == 1 || x == n - 1;
    for (int i = 1; i < zeros && !passes; ++i) {
      x = static_cast<uint64_t>(static_cast<Wide>(x) * x % n);
      passes = x == n - 1;
    }
    if (!passes) return false;
  }
  return true;
}

class FieldTest : public testing::Test {
 protected:
  FieldValue Draw() { return FieldArithmetic::Draw(&random_); }
  FieldValue Of(Function function, FieldValue a) { return field_.Apply(function, a).value; }
  FieldValue Number(int64_t numerator, int64_t denominator = 1) { return field_.FromFraction(numerator, denominator); }

  Random random_{42};
  FieldArithmetic field_{7};
};

TEST_F(FieldTest, BothModuliArePrime) {
  EXPECT_TRUE(IsPrime(kPrime));
  EXPECT_TRUE(IsPrime(kExponentPrime));
  EXPECT_EQ(kPrime, 2 * kExponentPrime + 1);
  EXPECT_FALSE(IsPrime(kPrime - 2));
}

TEST_F(FieldTest, FractionsAreQuotients) {
  EXPECT_TRUE(field_.Same(field_.Multiply(Number(3, 7), Number(7)), Number(3)));
  EXPECT_TRUE(field_.Same(field_.Add(Number(-1, 2), Number(1, 3)), Number(-1, 6)));
  EXPECT_EQ(field_.Invert(Number(0)).state, State::kUndefined);
  const FieldValue a = Draw();
  EXPECT_TRUE(field_.Same(field_.Multiply(a, field_.Invert(a).value), Number(1)));
  EXPECT_EQ(field_.Multiply(a, field_.Invert(a).value).exponent, 1u);
  EXPECT_TRUE(field_.Same(field_.Add(a, field_.Negate(a)), Number(0)));
}

TEST_F(FieldTest, ExpTurnsSumsIntoProducts) {
  for (int i = 0; i < 100; ++i) {
    const FieldValue a = Draw();
    const FieldValue b = Draw();
    EXPECT_TRUE(field_.Same(Of(Function::kExp, field_.Add(a, b)),
                            field_.Multiply(Of(Function::kExp, a), Of(Function::kExp, b))));
    EXPECT_FALSE(field_.Same(Of(Function::kExp, a), Of(Function::kExp, b)));
    EXPECT_TRUE(field_.Holds(Comparison::kGreater, Of(Function::kExp, a), Number(0)));
  }
  EXPECT_TRUE(field_.Same(Of(Function::kExp, Number(0)), Number(1)));
}

TEST_F(FieldTest, SigmoidAndTanhAreMadeOfExp) {
  const FieldValue a = Draw();
  const FieldValue s = Of(Function::kSigmoid, a);
  EXPECT_TRUE(field_.Same(field_.Add(s, Of(Function::kSigmoid, field_.Negate(a))), Number(1)));
  // tanh(a) = 2 sigmoid(2a) - 1
  const FieldValue twice = Of(Function::kSigmoid, field_.Add(a, a));
  EXPECT_TRUE(field_.Same(Of(Function::kTanh, a), field_.Add(field_.Add(twice, twice), Number(-1))));
  EXPECT_TRUE(field_.Same(Of(Function::kSigmoidSlope, a), field_.Multiply(s, field_.Add(Number(1), field_.Negate(s)))));
}

TEST_F(FieldTest, SignsAreMultiplicativeAndRightForSmallFractions) {
  for (int64_t n = 1; n <= 60; ++n) {
    EXPECT_TRUE(field_.Holds(Comparison::kGreater, Number(n), Number(0))) << n;
    EXPECT_TRUE(field_.Holds(Comparison::kLess, Number(-n, 59), Number(0))) << n;
  }
  EXPECT_FALSE(field_.Holds(Comparison::kGreater, Number(61), Number(0)));  // The first one.
  EXPECT_TRUE(field_.Holds(Comparison::kGreaterOrEqual, Number(0), Number(0)));
  EXPECT_FALSE(field_.Holds(Comparison::kLess, Number(0), Number(0)));
  for (int i = 0; i < 100; ++i) {
    const FieldValue a = Draw();
    const FieldValue b = Draw();
    const FieldValue signs = field_.Multiply(Of(Function::kSign, a), Of(Function::kSign, b));
    EXPECT_TRUE(field_.Same(Of(Function::kSign, field_.Multiply(a, b)), signs));
    EXPECT_TRUE(field_.Same(Of(Function::kSqrt, field_.Multiply(a, a)), Of(Function::kAbs, a)));
    EXPECT_TRUE(
        field_.Same(field_.Add(Of(Function::kRelu, a), field_.Negate(Of(Function::kRelu, field_.Negate(a)))), a));
  }
}

TEST_F(FieldTest, LogIsAFunctionOfItsArgumentAlone) {
  const FieldValue a = Draw();
  EXPECT_TRUE(field_.Same(Of(Function::kLog, a), Of(Function::kLog, a)));
  EXPECT_FALSE(field_.Same(Of(Function::kLog, a), Of(Function::kLog, Draw())));
  EXPECT_EQ(field_.Apply(Function::kLog, Number(0)).state, State::kUndefined);
}

TEST(FractionTest, TooManyDigitsAreNoNumber) {
  const FractionArithmetic fractions;
  Fraction power = fractions.FromFraction(-3, 2);
  for (int i = 0; i < 5; ++i) power = fractions.Multiply(power, power);
  EXPECT_TRUE(FractionArithmetic::Fits(power));
  EXPECT_EQ(FractionArithmetic::Text(power), "1853020188851841/4294967296");
  EXPECT_FALSE(FractionArithmetic::Fits(fractions.Multiply(power, fractions.Multiply(power, power))));
  EXPECT_EQ(fractions.Apply(Function::kExp, power).state, State::kInexact);
  EXPECT_EQ(FractionArithmetic::Text(fractions.Add(fractions.FromFraction(1, 6), fractions.FromFraction(-2, 3))),
            "-1/2");
}

// Each slope against a central difference.
TEST(RealTest, SlopesAreThoseOfTheFunctions) {
  const RealArithmetic reals;
  for (const Function function :
       {Function::kExp, Function::kLog, Function::kSigmoid, Function::kTanh, Function::kSqrt, Function::kRelu,
        Function::kAbs, Function::kSign, Function::kSigmoidSlope, Function::kTanhSlope, Function::kReluSlope}) {
    for (const double x : {0.3, 0.9, 1.7}) {
      constexpr double kStep = 1e-5;
      const double difference = reals.Apply(function, x + kStep).value - reals.Apply(function, x - kStep).value;
      EXPECT_NEAR(reals.Slope(function, x).value, difference / (2 * kStep), 1e-8)
          << static_cast<int>(function) << " at " << x;
    }
  }
  EXPECT_EQ(reals.Slope(Function::kRelu, -1).value, 0);
  EXPECT_EQ(reals.Slope(Function::kAbs, -1).value, -1);
  EXPECT_EQ(reals.Apply(Function::kLog, -1).state, State::kUndefined);
}

}  // namespace
}  // namespace tensord::grading::formula
