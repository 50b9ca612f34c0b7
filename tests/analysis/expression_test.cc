#include "tensord/analysis/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/analysis/formula_reader.h"
#include "tests/support/matchers.h"

namespace tensord::analysis {
namespace {

using test_support::IsOk;
using test_support::StatusIs;

Expression Sym(const char* name) { return Expression::Symbol(name); }

// The value as int64_t at small symbol values.
int64_t At(const Expression& expression, const std::map<std::string, int64_t>& symbols) {
  std::map<std::string, Integer> values(symbols.begin(), symbols.end());
  const absl::StatusOr<Integer> value = expression.Evaluate(values);
  EXPECT_THAT(value, IsOk()) << expression.ToString();
  return value.ok() ? value->ToInt64().value_or(-999999) : -999999;
}

// Random expressions in N, M and s. The denominators are positive wherever the symbols are.
class RandomExpressions {
 public:
  Expression Make(int depth) {
    if (depth == 0) return Pick(3) == 0 ? Expression(Pick(9) - 4) : Sym(kNames[static_cast<size_t>(Pick(3))]);
    const Expression a = Make(depth - 1);
    switch (Pick(7)) {
      case 0:
        return Floor(a, Pick(4) + 1);
      case 1:
        return Ceil(a, Pick(4) + 1);
      case 2:
        return Floor(a, Sym("s"));
      case 3:
        return AtLeast(a, Make(depth - 1));
      case 4:
        return a - Make(depth - 1);
      case 5:
        return a * Make(depth - 1);
      default:
        return a + Make(depth - 1);
    }
  }
  int64_t Pick(int64_t count) { return std::uniform_int_distribution<int64_t>(0, count - 1)(engine_); }

 private:
  static constexpr const char* kNames[] = {"N", "M", "s"};
  std::mt19937 engine_{20240607};
};

TEST(ExpressionTest, PrintsFactorsBeforeTheNumber) {
  EXPECT_EQ((Expression(57040) * Sym("N")).ToString(), "N*57040");
  EXPECT_EQ((Expression(5) + Sym("N") * 20).ToString(), "N*20 + 5");
  EXPECT_EQ((Floor(Sym("N") - 1, 2) + 1).ToString(), "floor((N - 1)/2) + 1");
  EXPECT_EQ((Floor(Sym("N") - 1, Sym("s")) + 1).ToString(), "floor((N - 1)/s) + 1");
  EXPECT_EQ(Ceil(Sym("N"), Sym("s") * 2).ToString(), "ceil(N/(s*2))");
  EXPECT_EQ(Floor(Sym("N") * 2, 3).ToString(), "floor(N*2/3)");
  EXPECT_EQ((Sym("N") * Sym("N") * 3).ToString(), "N*N*3");
  EXPECT_EQ(Expression().ToString(), "0");
  EXPECT_EQ((-7 * Sym("N")).ToString(), "-N*7");
  EXPECT_EQ(AtLeast(Sym("s") * 2, Sym("N") + 3).ToString(), "[s*2 >= N + 3]");
}

TEST(ExpressionTest, PrintsWhatAllTermsShareOnce) {
  EXPECT_EQ((Sym("B") * Sym("C") * (Floor(Sym("N") - 1, Sym("s")) + 1) * 4).ToString(), "B*C*(floor((N - 1)/s) + 1)*4");
  EXPECT_EQ(((Sym("H") - 2) * 9900).ToString(), "(H - 2)*9900");
  EXPECT_EQ((Sym("N") * (Sym("H") * 4 + 2)).ToString(), "N*(H*4 + 2)");
}

TEST(ExpressionTest, BeginsASumWithAPositiveTerm) {
  EXPECT_EQ((Sym("W") - Sym("K") * 2 + 4).ToString(), "W - K*2 + 4");
  EXPECT_EQ((Expression(10) - Sym("K")).ToString(), "10 - K");
  EXPECT_EQ((Expression(-10) - Sym("K")).ToString(), "-K - 10");
}

TEST(ExpressionTest, EqualPolynomialsAreEqualAndPrintAlike) {
  const Expression a = (Sym("N") + Sym("M")) * (Sym("N") - Sym("M"));
  const Expression b = Sym("N") * Sym("N") - Sym("M") * Sym("M");
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.ToString(), b.ToString());
  EXPECT_EQ(Floor(a, 7), Floor(b, 7));
  EXPECT_NE(a, b + 1);
  EXPECT_NE(Floor(a, 7), Ceil(a, 7));
  EXPECT_EQ((Sym("N") - Sym("N")).constant(), Integer(0));
}

TEST(ExpressionTest, FloorAndCeilDivideOutWhatDivides) {
  EXPECT_EQ(Floor(Sym("N") * 2 + 3, 2), Sym("N") + 1);
  EXPECT_EQ(Ceil(Sym("N") * 2 + 3, 2), Sym("N") + 2);
  EXPECT_EQ(Floor(Sym("N") * 2 + 3, 4).ToString(), "floor((N + 1)/2)");
  EXPECT_EQ(Ceil(Sym("N") * 2 + 3, 4).ToString(), "ceil((N + 2)/2)");
  EXPECT_EQ(Floor(Sym("N") + 3, 1), Sym("N") + 3);
  EXPECT_EQ(Floor(Sym("N") * Sym("s"), Sym("s")), Sym("N"));
  EXPECT_EQ(Floor(Sym("N") + 3, Sym("N") + 3), Expression(1));
  EXPECT_EQ(Floor(-7, 2), Expression(-4));
  EXPECT_EQ(Ceil(-7, 2), Expression(-3));
}

TEST(ExpressionTest, BracketsFoldWhereNoSymbolIsLeft) {
  EXPECT_EQ(AtLeast(3, 3), Expression(1));
  EXPECT_EQ(AtLeast(2, 3), Expression(0));
  EXPECT_EQ(AtLeast(Sym("N") + 1, Sym("N")), Expression(1));
  const Expression bracket = AtLeast(Sym("N"), 3);
  EXPECT_EQ(bracket * bracket, bracket);
}

TEST(ExpressionTest, RingLawsHold) {
  RandomExpressions random;
  for (int i = 0; i < 200; ++i) {
    const Expression a = random.Make(2);
    const Expression b = random.Make(2);
    const Expression c = random.Make(1);
    EXPECT_EQ(a + b, b + a);
    EXPECT_EQ(a * b, b * a);
    EXPECT_EQ((a + b) + c, a + (b + c));
    EXPECT_EQ((a * b) * c, a * (b * c));
    EXPECT_EQ((a + b) * c, a * c + b * c);
    EXPECT_EQ(a - a, Expression(0));
    EXPECT_EQ(a * 1, a);
  }
}

TEST(ExpressionTest, OperationsAndTextsAgreeWithArithmeticOnValues) {
  RandomExpressions random;
  for (int i = 0; i < 2000; ++i) {
    const Expression a = random.Make(2);
    const Expression b = random.Make(2);
    const std::map<std::string, int64_t> values = {
        {"N", random.Pick(12) + 1}, {"M", random.Pick(12) + 1}, {"s", random.Pick(5) + 1}};
    const int64_t x = At(a, values);
    const int64_t y = At(b, values);
    const int64_t d = random.Pick(6) + 1;
    EXPECT_EQ(At(a + b, values), x + y);
    EXPECT_EQ(At(a - b, values), x - y);
    EXPECT_EQ(At(a * b, values), x * y);
    EXPECT_EQ(At(AtLeast(a, b), values), x >= y ? 1 : 0);
    EXPECT_EQ(At(Floor(a, d), values), FloorDivide(x, d).ToInt64()) << a.ToString() << " / " << d;
    EXPECT_EQ(At(Ceil(a, d), values), CeilDivide(x, d).ToInt64()) << a.ToString() << " / " << d;
    EXPECT_EQ(ReadFormula(a.ToString(), values), x) << a.ToString();
    EXPECT_EQ(ReadFormula("3*" + a.ToFactor(), values), 3 * x) << a.ToString();
    const std::string holds = AtLeastText(a, b);
    EXPECT_EQ(ReadFormula("[" + holds + "]", values), x >= y ? 1 : 0) << holds;
    if (const auto bound = a.LowerBound(); bound.has_value()) {
      EXPECT_LE(bound->ToInt64().value(), x) << a.ToString();
    }
  }
}

TEST(ExpressionTest, LowerBoundsAreTightForPositivePolynomials) {
  EXPECT_EQ((Sym("N") * 2 + Sym("M") - 3).LowerBound(), Integer(0));
  EXPECT_EQ((Expression(3) - Sym("N")).LowerBound(), std::nullopt);
  EXPECT_EQ(Ceil(Sym("N"), Sym("s")).LowerBound(), Integer(1));
  EXPECT_EQ(Floor(Sym("N") - 2, Sym("s")).LowerBound(), std::nullopt);
}

TEST(ExpressionTest, ConditionsPutSymbolsOnTheLeft) {
  EXPECT_EQ(AtLeastText(Sym("N"), 3), "N >= 3");
  EXPECT_EQ(AtLeastText(Sym("N") * 2 - 5, 0), "N >= 3");
  EXPECT_EQ(AtLeastText(5, Sym("K")), "K <= 5");
  EXPECT_EQ(AtLeastText(Sym("N") + 2, Sym("K")), "N + 2 >= K");
  EXPECT_EQ(EqualText(10, Sym("C") * 2), "C = 5");
  EXPECT_EQ(EqualText(Sym("C"), Sym("I") * 2), "C = I*2");
}

TEST(ExpressionTest, EvaluateNamesWhatItLacks) {
  EXPECT_THAT((Sym("N") + Sym("M")).Evaluate({{"N", 1}}),
              StatusIs(absl::StatusCode::kInvalidArgument, "has no value for M"));
  EXPECT_THAT(Floor(Sym("N"), Sym("s")).Evaluate({{"N", 1}, {"s", 0}}),
              StatusIs(absl::StatusCode::kInvalidArgument, "denominator"));
  EXPECT_THAT((Sym("N") * 2).Evaluate({{"N", Integer::Largest()}}),
              StatusIs(absl::StatusCode::kInvalidArgument, "128 bits"));
}

TEST(ExpressionTest, OverflowSticks) {
  const Expression largest = Integer::Largest();
  EXPECT_THAT(largest.status(), IsOk());
  const Expression beyond = largest + 1;
  EXPECT_THAT(beyond.status(), StatusIs(absl::StatusCode::kInvalidArgument, "128 bits"));
  EXPECT_THAT((beyond * 0 - beyond).status(), StatusIs(absl::StatusCode::kInvalidArgument, "128 bits"));
  EXPECT_THAT(Floor(Sym("N"), beyond).status(), StatusIs(absl::StatusCode::kInvalidArgument, "128 bits"));
  EXPECT_THAT((Sym("N") * largest * 2).status(), StatusIs(absl::StatusCode::kInvalidArgument, "128 bits"));
  EXPECT_EQ(beyond.constant(), std::nullopt);
  EXPECT_EQ(beyond.ToString(), "");
}

TEST(ExpressionTest, DenominatorsBelowOneAreErrors) {
  EXPECT_THAT(Floor(Sym("N"), 0).status(), StatusIs(absl::StatusCode::kInvalidArgument, "denominator"));
  EXPECT_THAT(Ceil(4, -2).status(), StatusIs(absl::StatusCode::kInvalidArgument, "denominator"));
}

TEST(ExpressionTest, SizeIsBounded) {
  Expression sum;
  for (int i = 0; i < 200; ++i) sum = sum + Expression::Symbol("a_symbol_of_just_thirty_chars" + std::to_string(i));
  ASSERT_THAT(sum.status(), IsOk());
  EXPECT_THAT((sum * sum).status(), StatusIs(absl::StatusCode::kInvalidArgument, "too large"));
  EXPECT_THAT((sum * sum * sum).status(), StatusIs(absl::StatusCode::kInvalidArgument, "too large"));
  Expression nested = Sym("N");
  for (int i = 0; i < 20 && nested.ok(); ++i) nested = nested * nested + Floor(nested, 7) + 1;
  EXPECT_THAT(nested.status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ExpressionTest, ASumInPlaceIsTheSum) {
  const Expression parts[] = {Sym("N") * 3,  Expression(7), Sym("N") * Sym("M"),
                              Sym("N") * -3, Sym("M") + -7, Sym("N") * Sym("M") * -1,
                              Sym("M") * -1, Expression()};
  Expression in_place;
  Expression copied;
  for (const Expression& part : parts) {
    const Expression before = in_place;
    copied = copied + part;
    in_place += part;
    EXPECT_EQ(in_place, copied) << part.ToString();
    EXPECT_EQ(before + part, copied) << "a copy stays as it was";
  }
  EXPECT_EQ(in_place, Expression());
  Expression twice = Sym("N") + 1;
  twice += twice;
  EXPECT_EQ(twice.ToString(), "(N + 1)*2");
  Expression large = Sym("N") * Integer::Largest();
  large += Sym("N");
  EXPECT_THAT(large.status(), StatusIs(absl::StatusCode::kInvalidArgument, "128 bits"));
  large += 1;
  EXPECT_FALSE(large.ok());
}

TEST(ExpressionTest, ASumInPlaceIsBounded) {
  Expression sum;
  for (int i = 0; i < 5000 && sum.ok(); ++i) {
    sum += Expression::Symbol("a_symbol_of_just_thirty_chars" + std::to_string(i % 500)) * 2;
  }
  EXPECT_TRUE(sum.ok()) << sum.status();
  for (int i = 0; i < 5000 && sum.ok(); ++i) {
    sum += Expression::Symbol("a_symbol_of_just_thirty_chars" + std::to_string(i)) * 2;
  }
  EXPECT_THAT(sum.status(), StatusIs(absl::StatusCode::kInvalidArgument, "too large"));
}

TEST(ExpressionTest, SymbolsAreALetterAndAtMost32Characters) {
  EXPECT_TRUE(IsSymbol("N"));
  EXPECT_TRUE(IsSymbol("batch_2"));
  EXPECT_TRUE(IsSymbol(std::string(32, 'x')));
  for (const std::string& bad : {std::string(), std::string("2N"), std::string("_N"), std::string("N-1"),
                                 std::string("N "), std::string("\xc3\xa4"), std::string(33, 'x')}) {
    EXPECT_FALSE(IsSymbol(bad)) << bad;
  }
}

}  // namespace
}  // namespace tensord::analysis
