// Right and wrong formulas; each counter-example is checked by evaluating every smaller point.
#include "tensord/grading/shape_formula.h"

#include <gtest/gtest.h>

#include "tests/grading/shape_formula/brute_force.h"
#include "tests/grading/shape_formula/formula_tables.h"
#include "tests/support/matchers.h"

namespace tensord::grading {
namespace {

using ::tensord::test_support::IsOk;

size_t CountAnswers(std::vector<std::string> FormulaCase::*answers) {
  size_t count = 0;
  for (const FormulaCase& c : FormulaCases()) count += (c.*answers).size();
  return count;
}

TEST(ShapeFormulaTables, HaveAHundredOfEach) {
  EXPECT_GE(CountAnswers(&FormulaCase::right), 100U);
  EXPECT_GE(CountAnswers(&FormulaCase::wrong), 100U);
}

class ShapeFormulas : public testing::TestWithParam<FormulaCase> {};

TEST_P(ShapeFormulas, RightAnswersAreProved) {
  const absl::StatusOr<ShapeFormulaJudge> judge = ShapeFormulaJudge::Create(GetParam().question);
  ASSERT_THAT(judge, IsOk());
  for (const std::string& answer : GetParam().right) {
    const ShapeVerdict verdict = judge->Judge(answer);
    EXPECT_EQ(ShapeOutcome::kRight, verdict.outcome) << answer << ": " << verdict.reason;
    ASSERT_EQ(1U, verdict.components.size()) << answer;
    EXPECT_EQ(ShapeEvidence::kProved, verdict.components[0].evidence) << answer << ": " << verdict.components[0].note;
    EXPECT_TRUE(verdict.reason.empty()) << answer << ": " << verdict.reason;
  }
}

TEST_P(ShapeFormulas, WrongAnswersGetTheSmallestCounterExample) {
  const FormulaCase& c = GetParam();
  const absl::StatusOr<ShapeFormulaJudge> judge = ShapeFormulaJudge::Create(c.question);
  ASSERT_THAT(judge, IsOk());
  for (const std::string& answer : c.wrong) {
    const ShapeVerdict verdict = judge->Judge(answer);
    EXPECT_EQ(ShapeOutcome::kWrong, verdict.outcome) << answer << ": " << verdict.reason;
    ASSERT_EQ(1U, verdict.components.size()) << answer;
    ASSERT_TRUE(verdict.components[0].counter_example.has_value()) << answer;
    const ShapeCounterExample& example = *verdict.components[0].counter_example;
    EXPECT_TRUE(example.smallest) << answer;
    Point point;
    int64_t sum = 0;
    for (const auto& [name, value] : example.values) {
      point[name] = value;
      sum += value;
    }
    EXPECT_TRUE(c.holds(point)) << answer;
    EXPECT_EQ(SlowValueOf(answer, point).value().ToString(), example.answer) << answer;
    EXPECT_EQ(SlowValueOf(c.question.expected[0], point).value().ToString(), example.expected) << answer;
    EXPECT_NE(example.answer, example.expected) << answer;
    const BruteForceDomain domain{.variables = c.question.variables, .holds = c.holds};
    EXPECT_EQ(point, SmallestDifference(domain, c.question.expected[0], answer, sum)) << answer;
  }
}

INSTANTIATE_TEST_SUITE_P(Questions, ShapeFormulas, testing::ValuesIn(FormulaCases()),
                         [](const auto& test) { return test.param.name; });

ShapeFormulaQuestion Question(std::vector<std::string> expected, std::vector<ShapeVariable> variables) {
  return {.expected = std::move(expected), .variables = std::move(variables)};
}

ShapeVerdict Judged(const ShapeFormulaQuestion& question, const std::string& answer) {
  const absl::StatusOr<ShapeFormulaJudge> judge = ShapeFormulaJudge::Create(question);
  EXPECT_THAT(judge, IsOk());
  return judge.ok() ? judge->Judge(answer) : ShapeVerdict{};
}

TEST(ShapeFormula, AFiniteDomainIsLookedAtAsAWhole) {
  const ShapeFormulaQuestion small =
      Question({"ceil(N/s)"}, {{.name = "N", .least = 1, .most = 20}, {.name = "s", .least = 1, .most = 3}});
  EXPECT_EQ(ShapeEvidence::kExhaustive, Judged(small, "min(ceil(N/s), 20)").components.at(0).evidence);
  EXPECT_EQ(ShapeOutcome::kRight, Judged(small, "min(ceil(N/s), 20)").outcome);
  EXPECT_EQ(ShapeOutcome::kWrong, Judged(small, "min(ceil(N/s), 19)").outcome);
}

TEST(ShapeFormula, TheLastPointOfAFiniteDomainCounts) {
  ShapeFormulaQuestion question = Question({"N + s"}, {{.name = "N"}, {.name = "s"}});
  question.variables[0].most = 20;
  question.variables[1].most = 3;
  EXPECT_EQ(ShapeOutcome::kRight, Judged(question, "min(N + s, 23)").outcome);
  const ShapeVerdict verdict = Judged(question, "min(N + s, 22)");
  EXPECT_EQ(ShapeOutcome::kWrong, verdict.outcome);
  EXPECT_EQ(20, verdict.components.at(0).counter_example->values[0].second);
}

TEST(ShapeFormula, ValuesBeyond64BitsAreExact) {
  // 2^64 is 0 in 64 bits.
  const ShapeVerdict wrapped =
      Judged(Question({"N"}, {{.name = "N"}, {.name = "s"}}), "N + [N mod s >= 3]*(1073741824*(N mod s + 1))^2");
  EXPECT_EQ("18446744073709551619", wrapped.components.at(0).counter_example->answer);
  const ShapeFormulaQuestion question = Question({"900000000000000000*(N mod s)"}, {{.name = "N"}, {.name = "s"}});
  const ShapeVerdict verdict = Judged(question, "min(900000000000000000*(N mod s), 10*900000000000000000)");
  EXPECT_EQ(ShapeOutcome::kWrong, verdict.outcome);
  EXPECT_EQ("9900000000000000000", verdict.components.at(0).counter_example->expected);
  EXPECT_EQ(11, verdict.components.at(0).counter_example->values[0].second);
  EXPECT_EQ(12, verdict.components.at(0).counter_example->values[1].second);
}

// The proof does not cancel a variable.
constexpr const char* kUnproved = "ceil(N*s/s^2)";

TEST(ShapeFormula, NineMillionPointsAreLookedAtWhereNoProofIsFound) {
  ShapeFormulaQuestion question = Question({"ceil(N/s)"}, {{.name = "N"}, {.name = "s"}});
  for (ShapeVariable& variable : question.variables) variable.most = 3000;
  const ShapeVerdict verdict = Judged(question, kUnproved);
  EXPECT_EQ(ShapeOutcome::kRight, verdict.outcome) << verdict.reason;
  EXPECT_EQ(ShapeEvidence::kExhaustive, verdict.components.at(0).evidence);
}

TEST(ShapeFormula, WhatIsNeitherProvedNorRefutedIsRightWithANote) {
  const ShapeVerdict verdict = Judged(Question({"ceil(N/s)"}, {{.name = "N"}, {.name = "s"}}), kUnproved);
  EXPECT_EQ(ShapeOutcome::kRight, verdict.outcome) << verdict.reason;
  EXPECT_EQ(ShapeEvidence::kBox, verdict.components.at(0).evidence);
  ASSERT_EQ(1U, verdict.notes.size());
  EXPECT_NE(std::string::npos, verdict.notes[0].find("equal at every point with N + s <= ")) << verdict.notes[0];
  EXPECT_NE(std::string::npos, verdict.notes[0].find("not proved")) << verdict.notes[0];
}

TEST(ShapeFormula, ADifferenceFarAwayIsFound) {
  const ShapeFormulaQuestion question = Question({"ceil(N/s)"}, {{.name = "N"}, {.name = "s"}});
  const ShapeVerdict verdict = Judged(question, "min(ceil(N/s), 1000000)");
  EXPECT_EQ(ShapeOutcome::kWrong, verdict.outcome);
  ASSERT_TRUE(verdict.components.at(0).counter_example.has_value());
  EXPECT_FALSE(verdict.components[0].counter_example->smallest);
  EXPECT_EQ("1000000", verdict.components[0].counter_example->answer);
}

TEST(ShapeFormula, DividesAsTheQuestionSays) {
  ShapeFormulaQuestion question = Question({"ceil(N/s)"}, {{.name = "N"}, {.name = "s"}});
  EXPECT_EQ(ShapeOutcome::kWrong, Judged(question, "(N-1)/s + 1").outcome);
  question.division = DivisionRule::kTruncated;
  EXPECT_EQ(ShapeOutcome::kRight, Judged(question, "(N-1)/s + 1").outcome);
  EXPECT_EQ(ShapeOutcome::kWrong, Judged(question, "-(-N/s)").outcome);
  EXPECT_EQ(ShapeOutcome::kRight, Judged(question, "N/s + min(1, N % s)").outcome);
  question.division = DivisionRule::kFloored;
  EXPECT_EQ(ShapeOutcome::kRight, Judged(question, "-(-N/s)").outcome);
  EXPECT_EQ(ShapeOutcome::kWrong, Judged(question, R"(\frac{N-1}{s} + 1)").outcome) << "a fraction stays exact";
}

TEST(ShapeFormula, ThePointsOutsideOfTheConstraintsDoNotCount) {
  ShapeFormulaQuestion question = Question({"N/s"}, {{.name = "N"}, {.name = "s"}});
  EXPECT_EQ(ShapeOutcome::kWrong, Judged(question, "N//s").outcome);
  question.constraints = {"N mod s = 0"};
  const ShapeVerdict verdict = Judged(question, "N//s");
  EXPECT_EQ(ShapeOutcome::kRight, verdict.outcome);
  EXPECT_EQ(ShapeEvidence::kProved, verdict.components.at(0).evidence);
}

TEST(ShapeFormula, PointsWhereTheExpectedIsUndefinedDoNotCount) {
  const ShapeFormulaQuestion question = Question({"N/(s - 1)*(s - 1)"}, {{.name = "N"}, {.name = "s"}});
  EXPECT_EQ(ShapeOutcome::kRight, Judged(question, "N").outcome);
  const ShapeVerdict verdict = Judged(question, "N/(s-2)*(s-2)");
  EXPECT_EQ(ShapeOutcome::kWrong, verdict.outcome);
  EXPECT_EQ("undefined", verdict.components.at(0).counter_example->answer);
}

}  // namespace
}  // namespace tensord::grading
