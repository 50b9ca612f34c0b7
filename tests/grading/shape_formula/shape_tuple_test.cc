// Shapes of several axes, and the slips that explain wrong ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensord/grading/shape_formula.h"
#include "tests/support/matchers.h"

namespace tensord::grading {
namespace {

using ::tensord::test_support::IsOk;
using ::testing::ElementsAre;

// An input of shape (B, N, C), pooled along N.
ShapeVerdict Judged(const std::string& answer) {
  const absl::StatusOr<ShapeFormulaJudge> judge =
      ShapeFormulaJudge::Create({.expected = {"B", "ceil(N/s)", "C"},
                                 .variables = {{.name = "B"}, {.name = "N"}, {.name = "C"}, {.name = "s"}},
                                 .constraints = {}});
  EXPECT_THAT(judge, IsOk());
  return judge.ok() ? judge->Judge(answer) : ShapeVerdict{};
}

TEST(ShapeTuples, Right) {
  for (const char* answer : {"(B, floor((N-1)/s)+1, C)", "(B, ceil(N/s), C)", "[B, ceil(N/s), C]", "B, (N-1)//s+1, C",
                             R"(\left(B, \lceil N/s \rceil, C\right))", "B x ceil(N/s) x C",
                             "(B \xC3\x97 ceil(N/s) \xC3\x97 C)", R"(B \times \lceil\frac{N}{s}\rceil \times C)",
                             "Y = (B, ceil(N/s), C)", "(B, ceil(N/s), C,)", "{B, ceil(N/s), C}"}) {
    const ShapeVerdict verdict = Judged(answer);
    EXPECT_EQ(ShapeOutcome::kRight, verdict.outcome) << answer << ": " << verdict.reason;
    EXPECT_EQ(3U, verdict.components.size()) << answer;
    EXPECT_EQ(ShapeSlip::kNone, verdict.diagnosis.slip) << answer;
  }
}

TEST(ShapeTuples, TheWrongComponentIsNamed) {
  const ShapeVerdict verdict = Judged("(B, floor(N/s), C)");
  EXPECT_EQ(ShapeOutcome::kWrong, verdict.outcome);
  EXPECT_EQ("component 2: for B = 1, N = 1, C = 1, s = 2 it is 0, expected 1", verdict.reason);
  ASSERT_EQ(3U, verdict.components.size());
  EXPECT_TRUE(verdict.components[0].equal);
  EXPECT_FALSE(verdict.components[1].equal);
  EXPECT_TRUE(verdict.components[2].equal);
  EXPECT_EQ(ShapeSlip::kNone, verdict.diagnosis.slip);
}

TEST(ShapeTuples, TheNumberOfComponentsIsCompared) {
  EXPECT_EQ("has 2 components, expected 3", Judged("(B, ceil(N/s))").reason);
  EXPECT_EQ("has 1 components, expected 3", Judged("B*ceil(N/s)*C").reason);
  EXPECT_EQ("has 1 components, expected 3", Judged(R"(B \times C)").reason) << "one sign too few for a tuple";
  EXPECT_EQ(ShapeOutcome::kWrong, Judged("(B, ceil(N/s), C, 1)").outcome);
  EXPECT_EQ(ShapeOutcome::kUngradable, Judged("(1, 2, 3)").outcome);
  EXPECT_EQ(ShapeOutcome::kUngradable, Judged("(B, , C)").outcome);
  EXPECT_EQ(ShapeOutcome::kUngradable, Judged("()").outcome);
}

// Homework 10, item 5c.
TEST(ShapeTuples, AnotherAxisReduced) {
  for (const char* answer : {"(B, N, ceil(C/s))", "(B, N, floor((C-1)/s)+1)"}) {
    const ShapeVerdict verdict = Judged(answer);
    EXPECT_EQ(ShapeOutcome::kWrong, verdict.outcome) << answer;
    EXPECT_EQ(ShapeSlip::kOtherAxisReduced, verdict.diagnosis.slip) << answer;
    EXPECT_EQ("N", verdict.diagnosis.axis);
    EXPECT_EQ("C", verdict.diagnosis.instead);
    EXPECT_EQ("reduced the axis of size C instead of that of size N", verdict.diagnosis.text);
  }
  EXPECT_EQ("B", Judged("(ceil(B/s), N, C)").diagnosis.instead);
}

TEST(ShapeTuples, AxesPermuted) {
  const ShapeVerdict verdict = Judged("(C, B, ceil(N/s))");
  EXPECT_EQ(ShapeOutcome::kWrong, verdict.outcome);
  EXPECT_EQ(ShapeSlip::kAxesPermuted, verdict.diagnosis.slip);
  EXPECT_THAT(verdict.diagnosis.permutation, ElementsAre(2, 0, 1));
}

TEST(ShapeTuples, OtherSlips) {
  EXPECT_EQ(ShapeSlip::kAxisNotReduced, Judged("(B, N, C)").diagnosis.slip);
  EXPECT_EQ("N", Judged("(B, N, C)").diagnosis.axis);
  const ShapeDiagnosis diagnosis = Judged("(B, ceil(C/s), C)").diagnosis;
  EXPECT_EQ(ShapeSlip::kOtherAxisInFormula, diagnosis.slip);
  EXPECT_EQ("C", diagnosis.instead);
  EXPECT_EQ(ShapeSlip::kNone, Judged("(B, s, ceil(C/s))").diagnosis.slip);
  EXPECT_EQ(ShapeSlip::kNone, Judged("(B, N, floor(C/s))").diagnosis.slip);
  EXPECT_EQ(ShapeSlip::kNone, Judged("(B, B, ceil(N/s))").diagnosis.slip);
}

}  // namespace
}  // namespace tensord::grading
