// Pairs of random formulas: the verdict against an evaluation of every point of a box.
#include <gtest/gtest.h>

#include "tensord/grading/shape_formula.h"
#include "tests/grading/shape_formula/brute_force.h"
#include "tests/grading/shape_formula/random_formula.h"
#include "tests/support/matchers.h"

namespace tensord::grading {
namespace {

using ::tensord::test_support::IsOk;

struct Tally {
  int right = 0;
  int proved = 0;
  int wrong = 0;
};

Point PointOf(const ShapeCounterExample& example) {
  Point point;
  for (const auto& [name, value] : example.values) point[name] = value;
  return point;
}

void ExpectAgreement(const ShapeFormulaQuestion& question, const std::string& answer, int64_t last_sum, Tally* tally) {
  const std::string& expected = question.expected[0];
  const absl::StatusOr<ShapeFormulaJudge> judge = ShapeFormulaJudge::Create(question);
  ASSERT_THAT(judge, IsOk()) << expected;
  const ShapeVerdict verdict = judge->Judge(answer);
  SCOPED_TRACE(expected + " and " + answer + ": " + verdict.reason);
  const BruteForceDomain domain{.variables = question.variables};
  if (verdict.outcome == ShapeOutcome::kRight) {
    ++tally->right;
    tally->proved += verdict.components.at(0).evidence == ShapeEvidence::kProved ? 1 : 0;
    EXPECT_EQ(std::nullopt, SmallestDifference(domain, expected, answer, last_sum));
    return;
  }
  ASSERT_EQ(ShapeOutcome::kWrong, verdict.outcome);
  ++tally->wrong;
  const ShapeCounterExample& example = *verdict.components.at(0).counter_example;
  const Point point = PointOf(example);
  EXPECT_EQ(SlowValueOf(answer, point).value().ToString(), example.answer);
  EXPECT_EQ(SlowValueOf(expected, point).value().ToString(), example.expected);
  const int64_t sum = point.at("N") + point.at("s");
  EXPECT_EQ(sum <= last_sum ? std::optional(point) : std::nullopt,
            SmallestDifference(domain, expected, answer, std::min(sum, last_sum)));
}

// A finite domain for every third pair, so that all ways to decide are taken.
ShapeFormulaQuestion QuestionOf(const std::string& expected, int index) {
  ShapeFormulaQuestion question{.expected = {expected}, .variables = {{.name = "N"}, {.name = "s"}}};
  if (index % 3 == 0) question.variables[0].most = 12;
  if (index % 6 == 0) question.variables[1].most = 4;
  return question;
}

TEST(RandomShapeFormulas, TenThousandPairsAgreeWithBruteForce) {
  RandomFormula random(7);
  Tally tally;
  for (int i = 0; i < 10000; ++i) {
    // A comparison needs a name on both sides: a bare number is ungradable.
    const std::string expected = "(N + s) + " + random.Formula(1 + random.Below(2));
    ExpectAgreement(QuestionOf(expected, i), "(N + s) + " + random.Formula(1 + random.Below(2)), 16, &tally);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(tally.wrong, 8000);
  EXPECT_GT(tally.right, 20);
}

TEST(RandomShapeFormulas, RewrittenOnesAgreeWithBruteForce) {
  RandomFormula random(11);
  Tally tally;
  for (int i = 0; i < 400; ++i) {
    const std::string formula = "N + " + random.Formula(1 + random.Below(2));
    ExpectAgreement(QuestionOf(formula, i), random.Rewritten(formula), 20, &tally);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(tally.right, 150);
  EXPECT_GT(tally.proved, 80);
  EXPECT_GT(tally.wrong, 40);
}

}  // namespace
}  // namespace tensord::grading
