// The proof alone, without the search before it: it proves nothing of formulas that differ.
#include "grading/src/shape_formula/proof.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "grading/src/shape_formula/parser.h"
#include "tests/grading/shape_formula/formula_tables.h"
#include "tests/grading/shape_formula/random_formula.h"
#include "tests/support/matchers.h"

namespace tensord::grading::shapes {
namespace {

using ::tensord::test_support::IsOk;

ShapeFormulaQuestion InNAndS(std::vector<std::string> constraints = {}) {
  return {.expected = {}, .variables = {{.name = "N"}, {.name = "s"}}, .constraints = std::move(constraints)};
}

bool IsProved(const ShapeFormulaQuestion& question, const std::string& expected, const std::string& answer) {
  const absl::StatusOr<Names> names = Names::Create(question.variables);
  EXPECT_THAT(names, IsOk());
  Domain domain;
  for (const ShapeVariable& v : question.variables) domain.ranges.push_back({.least = v.least, .most = v.most});
  for (const std::string& constraint : question.constraints) {
    domain.constraints.push_back(ParseConstraint(constraint, *names).value());
  }
  const Formula first = ParseFormula(expected, *names, DivisionRule::kExact, 1).value();
  const Formula second = ParseFormula(answer, *names, DivisionRule::kExact, 1).value();
  const auto comparison =
      Compare(domain, {.tree = &first.tree, .root = first.roots[0]}, {.tree = &second.tree, .root = second.roots[0]});
  EXPECT_THAT(comparison, IsOk()) << expected << " and " << answer;
  return comparison.ok() && Prove(*comparison);
}

TEST(Proof, ProvesNoWrongAnswerOfTheTables) {
  for (const FormulaCase& c : FormulaCases()) {
    for (const std::string& answer : c.wrong) {
      EXPECT_FALSE(IsProved(c.question, c.question.expected[0], answer)) << c.name << ": " << answer;
    }
  }
}

TEST(Proof, DependsOnTheConstraints) {
  EXPECT_TRUE(IsProved(InNAndS({"N = 2*s"}), "N", "s + s"));
  EXPECT_TRUE(IsProved(InNAndS({"N = 2*s"}), "N*N", "4*s^2"));
  EXPECT_TRUE(IsProved(InNAndS({"2*s + 7 = N"}), "N^2", "(2s+7)^2"));
  EXPECT_FALSE(IsProved(InNAndS({"N >= 2*s"}), "N", "2*s"));
  EXPECT_TRUE(IsProved(InNAndS({"N <= s"}), "min(N, s)", "N"));
  EXPECT_TRUE(IsProved(InNAndS({"N < s"}), "[N >= s]*N", "0"));
  EXPECT_FALSE(IsProved(InNAndS({"N <= s"}), "[N >= s]*N", "0"));
  EXPECT_FALSE(IsProved(InNAndS({"N <= s"}), "[N > s - 1]*N", "0"));
  EXPECT_TRUE(IsProved(InNAndS({"N <= s", "N != s"}), "[N >= s]*N", "0"));
  EXPECT_TRUE(IsProved(InNAndS({"N mod s = 0"}), "N/s", "ceil(N/s)"));
  EXPECT_FALSE(IsProved(InNAndS({"N mod s <= 1"}), "floor(N/s)", "ceil(N/s)"));
}

TEST(Proof, ADivisorMayNotBeZero) {
  EXPECT_TRUE(IsProved(InNAndS(), "N", "N*(s+1)/(s+1)"));
  EXPECT_FALSE(IsProved(InNAndS(), "N", "N*(s-1)/(s-1)"));
  EXPECT_TRUE(IsProved(InNAndS({"s >= 2"}), "N", "N*(s-1)/(s-1)"));
  EXPECT_FALSE(IsProved(InNAndS(), "N", "N + 0*(1//(N-s))"));
  EXPECT_TRUE(IsProved(InNAndS(), "N*(s-1)/(s-1)", "N")) << "points where the expected is undefined do not count";
}

TEST(Proof, EveryCaseOfAQuotientCounts) {
  EXPECT_TRUE(IsProved(InNAndS(), "floor(N^2/3)", "(N^2 - N^2 mod 3)/3"));
  EXPECT_FALSE(IsProved(InNAndS(), "floor(N^2/3)", "(N^2 - 1)/3")) << "differs where 3 divides N";
  EXPECT_FALSE(IsProved(InNAndS(), "floor(N^2/3)", "N^2/3")) << "differs where 3 does not divide N";
  EXPECT_TRUE(IsProved(InNAndS(), "[2*N mod s <= s - 1]*N", "N"));
  EXPECT_FALSE(IsProved(InNAndS(), "[2*N mod s <= s - 2]*N", "N"));
  EXPECT_FALSE(IsProved(InNAndS(), "[2*N mod s >= 1]*N", "N"));
  EXPECT_FALSE(IsProved(InNAndS(), "(N - s)*max(N, s)/(N - s)", "N")) << "the divisor may be negative";
}

TEST(Proof, BoundsOfProductsNeedBoundsThatAreNotNegative) {
  ShapeFormulaQuestion question;
  for (const char* name : {"a", "b", "c"}) question.variables.push_back({.name = name, .least = -2});
  EXPECT_FALSE(IsProved(question, "[a*b*c - 4*a + 2*b*c - 8 >= 0]", "1"));
  for (ShapeVariable& variable : question.variables) variable.least = 2;
  EXPECT_TRUE(IsProved(question, "[a*b*c - 4*a - 2*b*c + 8 >= 0]", "1")) << "(a - 2)*(b*c - 4)";
}

// Smallest differences are searched up to a bound, so what differs only beyond it may be "proved" for all this test
// knows; the tables have such pairs.
TEST(Proof, ProvesOnlyRandomPairsThatAreEqualOnABox) {
  RandomFormula random(23);
  const BruteForceDomain domain{.variables = InNAndS().variables};
  int proved = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string formula = "N + " + random.Formula(1 + random.Below(2));
    const std::string other = i % 2 == 0 ? random.Rewritten(formula) : "N + " + random.Formula(1);
    if (!IsProved(InNAndS(), formula, other)) continue;
    ++proved;
    EXPECT_EQ(std::nullopt, SmallestDifference(domain, formula, other, 18)) << formula << " and " << other;
  }
  EXPECT_GT(proved, 150);
}

}  // namespace
}  // namespace tensord::grading::shapes
