// Pairs of random formulas: the verdict against an evaluation of every point of a box.
#include <gtest/gtest.h>

#include <random>

#include "tensord/grading/shape_formula.h"
#include "tests/grading/shape_formula/brute_force.h"
#include "tests/support/matchers.h"

namespace tensord::grading {
namespace {

using ::tensord::test_support::IsOk;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  int Below(int count) { return static_cast<int>(engine_() % static_cast<unsigned>(count)); }
  std::string Number() { return std::to_string(Below(4)); }

  // A formula in N and s with up to that many operations in each other.
  std::string Formula(int depth) {
    if (depth == 0) return Below(3) == 0 ? Number() : Below(3) == 0 ? "s" : "N";
    const std::string a = Formula(depth - 1 - Below(depth));
    const std::string b = Formula(depth - 1 - Below(depth));
    switch (Below(12)) {
      case 0:
      case 1:
        return "(" + a + " + " + b + ")";
      case 2:
        return "(" + a + " - " + b + ")";
      case 3:
        return "(" + a + "*" + b + ")";
      case 4:
        return "min(" + a + ", " + b + ")";
      case 5:
        return "max(" + a + ", " + b + ")";
      case 6:
        return "(" + a + ")//" + Divisor();
      case 7:
        return "ceil((" + a + ")/" + Divisor() + ")";
      case 8:
        return "floor((" + a + ")/" + Divisor() + ")";
      case 9:
        return "(" + a + ")%" + Divisor();
      case 10:
        return "int((" + a + ")/" + Divisor() + ")";
      default:
        return "(" + a + ")/" + std::to_string(1 + Below(3));
    }
  }
  std::string Divisor() {
    static const char* const kDivisors[] = {"s", "s", "s", "2", "3", "(2*s)", "(s + 1)", "(N - s)", "(s - 1)"};
    return kDivisors[Below(9)];
  }

  // Equal to the formula, or nearly.
  std::string Rewritten(const std::string& f) {
    switch (Below(9)) {
      case 0:
        return "(" + f + ")*3/3";
      case 1:
        return "-(-(" + f + "))";
      case 2:
        return "floor((" + f + ")*s/s)";
      case 3:
        return "(" + f + ")//2 + (" + f + ")%2";
      case 4:
        return "2*((" + f + ")//2) + (" + f + ")%2";
      case 5:
        return "s*((" + f + ")//s) + (" + f + ")%s";
      case 6:
        return "max(" + f + ", 0) + min(" + f + ", 0)";
      case 7:
        return "max(" + f + ", 0)";
      default:
        return "((" + f + ")*s + s - 1)//s";
    }
  }

 private:
  std::mt19937 engine_;
};

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
  Random random(7);
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
  Random random(11);
  Tally tally;
  for (int i = 0; i < 800; ++i) {
    const std::string formula = "N + " + random.Formula(1 + random.Below(2));
    ExpectAgreement(QuestionOf(formula, i), random.Rewritten(formula), 20, &tally);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(tally.right, 300);
  EXPECT_GT(tally.proved, 160);
  EXPECT_GT(tally.wrong, 80);
}

}  // namespace
}  // namespace tensord::grading
