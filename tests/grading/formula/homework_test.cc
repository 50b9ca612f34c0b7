// The three formulas of a course's problem set on convolution and a sigmoid, with one student's answers.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/grading/formula/questions.h"

namespace tensord::grading {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<FormulaProblemCode> Codes(const FormulaVerdict& verdict) {
  std::vector<FormulaProblemCode> codes;
  for (const FormulaProblem& problem : verdict.problems) codes.push_back(problem.code);
  return codes;
}

TEST(HomeworkTest, AnEqualFormOfTheSlopeOfTheSigmoidIsRight) {
  const FormulaJudge judge = JudgeOf(ConvolutionQuestion("dJ/dZ[i,j1,j2,m]", "U"));
  const FormulaVerdict verdict = judge.Judge(
      R"(\frac{\partial J}{\partial U} \cdot \frac{\exp(-Z[i, j_1, j_2, m])}{(1+\exp(-Z[i, j_1, j_2, m]))^2})");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight) << Summary(verdict);
  EXPECT_TRUE(verdict.exact);
  EXPECT_THAT(verdict.notes, ElementsAre("dJ/dU without indices is read as dJ/dU[i,j1,j2,m]"));
  EXPECT_THAT(verdict.problems, IsEmpty());
  EXPECT_FALSE(verdict.counterexample.has_value());
}

TEST(HomeworkTest, TheCoursesOwnFormOfItIsRight) {
  const FormulaJudge judge = JudgeOf(ConvolutionQuestion("dJ/dZ[i,j1,j2,m]", "U"));
  EXPECT_EQ(judge.Judge("dJ/dU[i,j1,j2,m] * U[i,j1,j2,m] * (1 - U[i,j1,j2,m])").outcome, FormulaOutcome::kRight);
  const FormulaVerdict verdict = judge.Judge("dJ/dU[i,j1,j2,m] * U (1-U)");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight) << Summary(verdict);
  EXPECT_THAT(verdict.notes, ElementsAre("U without indices is read as U[i,j1,j2,m]"));
}

TEST(HomeworkTest, OfTheWeightsTheSumIsMissingAndAnIndexIsNobodys) {
  const FormulaJudge judge = JudgeOf(ConvolutionQuestion("dJ/dW[k1,k2,n,m]", "Z"));
  const std::string answer = R"(\frac{\partial J}{\partial Z[i, j_1, j_2, m]} \cdot X[i, j + k_1, j_2 + k_2, n])";
  const FormulaVerdict verdict = judge.Judge(answer);
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kWrong);
  EXPECT_THAT(Codes(verdict), ElementsAre(FormulaProblemCode::kUnsummedIndex, FormulaProblemCode::kUnsummedIndex,
                                          FormulaProblemCode::kUnsummedIndex, FormulaProblemCode::kUnknownIndex));
  EXPECT_EQ(verdict.problems[3].name, "j");
  EXPECT_EQ(verdict.problems[3].text, "j is not an index of the problem");
  EXPECT_EQ(verdict.problems[3].offset, answer.find("j + k_1"));
  EXPECT_EQ(verdict.repair, "the sum over i, j1, j2 is missing, and it needs j1 in place of j");
}

TEST(HomeworkTest, OfTheInputTheSumAndTheShiftAreMissing) {
  const FormulaJudge judge = JudgeOf(ConvolutionQuestion("dJ/dX[i,j1,j2,n]", "Z"));
  const FormulaVerdict verdict =
      judge.Judge(R"(\frac{\partial J}{\partial Z[i, j_1, j_2, m]} \cdot W[k_1, k_2, n, m])");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kWrong);
  ASSERT_EQ(verdict.problems.size(), 3u) << Summary(verdict);
  EXPECT_EQ(verdict.problems[0].name, "m");
  EXPECT_EQ(verdict.problems[1].name, "k1");
  EXPECT_EQ(verdict.problems[2].name, "k2");
  EXPECT_EQ(verdict.repair, "the sum over m, k1, k2 is missing, and dJ/dZ has to be read at [i,j1-k1,j2-k2,m]");
  ASSERT_TRUE(verdict.counterexample.has_value());
  EXPECT_THAT(verdict.notes, ElementsAre("the counter-example holds even so: the sum over m, k1, k2 is missing"));
  EXPECT_NE(verdict.counterexample->expected, verdict.counterexample->actual);
}

TEST(HomeworkTest, TheRightFormulasAreRight) {
  const FormulaJudge weights = JudgeOf(ConvolutionQuestion("dJ/dW[k1,k2,n,m]", "Z"));
  FormulaVerdict verdict = weights.Judge("dW[k1,k2,n,m] = sum(i,j1,j2) dZ[i,j1,j2,m] * X[i,j1+k1,j2+k2,n]");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight) << Summary(verdict);
  EXPECT_THAT(verdict.notes, IsEmpty());
  const FormulaJudge input = JudgeOf(ConvolutionQuestion("dJ/dX[i,j1,j2,n]", "Z"));
  verdict = input.Judge("sum(k1,k2,m) dJ/dZ[i,j1-k1,j2-k2,m] W[k1,k2,n,m]");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight) << Summary(verdict);
}

// The derivative of U may be given instead: then that of Z is computed, and may still be used.
TEST(HomeworkTest, DerivativesBetweenTheGivenOneAndTheAskedForMayBeUsed) {
  const FormulaJudge judge = JudgeOf(ConvolutionQuestion("dJ/db[m]", "U"));
  EXPECT_EQ(judge.Judge("sum(i,j1,j2) dZ[i,j1,j2,m]").outcome, FormulaOutcome::kRight);
  EXPECT_EQ(judge.Judge("sum(i,j1,j2) dU[i,j1,j2,m] U[i,j1,j2,m] (1 - U[i,j1,j2,m])").outcome, FormulaOutcome::kRight);
  const FormulaVerdict verdict = judge.Judge("sum(i,j1,j2) dU[i,j1,j2,m]");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kWrong);
  ASSERT_TRUE(verdict.counterexample.has_value());
  EXPECT_FALSE(verdict.counterexample->exact);
}

TEST(HomeworkTest, TheVerdictIsTheSameEachTime) {
  const FormulaQuestion question = ConvolutionQuestion("dJ/dX[i,j1,j2,n]", "Z");
  const std::string answer = "sum(k1,k2,m) dZ[i,j1+k1,j2+k2,m] W[k1,k2,n,m]";
  const FormulaVerdict first = JudgeOf(question).Judge(answer);
  EXPECT_EQ(first, JudgeOf(question).Judge(answer));
  EXPECT_EQ(first.repair, "dJ/dZ has to be read at [i,j1-k1,j2-k2,m]");
  EXPECT_THAT(first.problems, IsEmpty());
}

// A slip is another question: here the kernel is reversed, and the answer to that is recognised.
TEST(HomeworkTest, AnAnswerToTheQuestionOfASlipIsRightThere) {
  FormulaQuestion question = ConvolutionQuestion("Z[i,j1,j2,m]", "");
  const std::string answer = "sum(k1,k2,n) W[Kh-1-k1,Kw-1-k2,n,m] X[i,j1+k1,j2+k2,n] + b[m]";
  EXPECT_EQ(JudgeOf(question).Judge(answer).outcome, FormulaOutcome::kWrong);
  question.definitions[0] = "Z[i,j1,j2,m] = sum(k1,k2,n) W[Kh-1-k1,Kw-1-k2,n,m] * X[i,j1+k1,j2+k2,n] + b[m]";
  EXPECT_EQ(JudgeOf(question).Judge(answer).outcome, FormulaOutcome::kRight);
}

TEST(HomeworkTest, TheCaretStandsBelowThePlace) {
  const FormulaJudge judge = JudgeOf(ConvolutionQuestion("dJ/dW[k1,k2,n,m]", "Z"));
  const std::string answer = "δ[i,j1,j2,m] X[i,j+k1,j2+k2,n]";
  const FormulaVerdict verdict = judge.Judge(answer);
  ASSERT_FALSE(verdict.problems.empty());
  EXPECT_EQ(FormulaExcerpt(answer, verdict.problems.back()), answer + "\n" + std::string(17, ' ') + "^");
  EXPECT_THAT(verdict.problems.back().text, HasSubstr("j is not"));
}

}  // namespace
}  // namespace tensord::grading
