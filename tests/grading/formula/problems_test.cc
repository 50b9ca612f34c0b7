// What is said of wrong and of ungradable answers.
#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/grading/formula/questions.h"

namespace tensord::grading {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Code = FormulaProblemCode;

// The first problem of an answer to "dJ/dA[i,k]", dJ/dC being given.
FormulaProblem FirstProblem(const std::string& answer, FormulaOutcome outcome) {
  static const auto* const kJudge = new FormulaJudge(JudgeOf(MatrixQuestion("dJ/dA[i,k]", "C")));
  const FormulaVerdict verdict = kJudge->Judge(answer);
  EXPECT_EQ(verdict.outcome, outcome) << answer << "\n" << Summary(verdict);
  EXPECT_FALSE(verdict.problems.empty()) << answer;
  return verdict.problems.empty() ? FormulaProblem() : verdict.problems[0];
}

void ExpectProblem(const std::string& answer, Code code, const std::string& text, const std::string& at) {
  const FormulaProblem problem = FirstProblem(answer, FormulaOutcome::kWrong);
  EXPECT_EQ(problem.code, code) << answer;
  EXPECT_THAT(problem.text, HasSubstr(text)) << answer;
  EXPECT_EQ(answer.substr(problem.offset, at.size()), at) << answer << " at " << problem.offset;
}

TEST(ProblemsTest, WhatIsWrongWithIndicesIsNamedWithItsPlace) {
  ExpectProblem("dC[i,j] B[k,j]", Code::kUnsummedIndex, "j is neither an index of dJ/dA[i,k] nor summed", "j] B");
  ExpectProblem("sum(j) dC[i,j] B[k,q]", Code::kUnknownIndex, "q is not an index of the problem", "q]");
  ExpectProblem("sum(j) sum(j) dC[i,j] B[k,j]", Code::kSummedTwice, "j is summed over already", "j) dC");
  ExpectProblem("sum(j,j) dC[i,j] B[k,j]", Code::kSummedTwice, "j is summed over already", "j) dC");
  ExpectProblem("sum(i,j) dC[i,j] B[k,j]", Code::kSummedFreeIndex, "i is an index of the result", "i,j)");
  ExpectProblem("sum(j) dC[i,j] B[k]", Code::kIndexCount, "B has 2 indices, here are 1", "B[k]");
  ExpectProblem("sum(j) dC[i,j] B[k,j,i]", Code::kIndexCount, "B has 2 indices, here are 3", "B[");
  ExpectProblem("sum(j) dC[i,j] V[k,j]", Code::kUnknownTensor, "V is not a tensor of the problem", "V");
  ExpectProblem("sum(j,i2) dC[i,j] B[k,j]", Code::kUnusedSumIndex, "does not depend on it", "i2");
}

TEST(ProblemsTest, WhatMayNotBeUsedIsNamed) {
  ExpectProblem("dA[i,k]", Code::kCircular, "dJ/dA is what is asked for", "dA");
  ExpectProblem("sum(j) dD[i,j] B[k,j]", Code::kNotGiven, "dJ/dD is not given", "dD");
  ExpectProblem("dJ/dB[k,j] = sum(i) dC[i,j] A[i,k]", Code::kOtherTarget, "the left side is dJ/dB, asked for is dJ/dA",
                "dJ/dB");
  ExpectProblem("dA[i,i] = sum(j) dC[i,j] B[k,j]", Code::kIndexCount, "needs 2 different indices", "dA");
  ExpectProblem("dA[i] = sum(j) dC[i,j] B[k,j]", Code::kIndexCount, "needs 2 different indices", "dA");
}

TEST(ProblemsTest, ReadingOutsideIsWrongWhereTheQuestionSaysSo) {
  ExpectProblem("dC[i,0] B[K,0]", Code::kReadsOutside, "reads a tensor outside its shape", "dC");
  ExpectProblem("sum(j=0..M) dC[i,j] B[k,j]", Code::kReadsOutside, "reads a tensor outside its shape", "sum");
}

TEST(ProblemsTest, DividingByZeroWhateverTheValuesIsWrong) {
  ExpectProblem("sum(j) dC[i,j] B[k,j] / (B[k,j] - B[k,j])", Code::kUndefined, "divides by zero", "sum");
}

TEST(ProblemsTest, WhatCannotBeReadIsUngradableWithItsPlace) {
  struct Row {
    std::string answer;
    std::string text;
    size_t offset;
  };
  for (const Row& row : {Row{"", "a value is missing", 0},
                         Row{"sum(j) dC[i,j] *", "the formula ends here", 16},
                         Row{"sum(j) dC[i,j", "']' is missing", 13},
                         Row{"sum(j) dC[i,j] B[k,j])", "')' does not fit here", 21},
                         Row{"sum(j) dC[i/2,j] B[k,j]", "']' is missing", 11},
                         Row{"dC[i,j] @ B", "'@' has no meaning", 8},
                         Row{"\\foo", "the command \\foo is not known", 0},
                         Row{"dD/dC B", "of derivatives only dJ/d", 0},
                         Row{"\\frac{\\partial D}{\\partial C}", "of derivatives only dJ/d", 6},
                         Row{"A^B", "an exponent is an integer", 2},
                         Row{"A^65", "an exponent is an integer of at most 64", 2},
                         Row{"A^2^2", "needs parentheses", 3},
                         Row{"max(A)", "',' is missing", 5},
                         Row{"1.0000000001", "at most 9 digits", 0},
                         Row{"12345678901234567890", "at most 18 digits", 0},
                         Row{"sum_{} A", "the index of the sum is missing", 5},
                         Row{"2 = A", "the left side has to be a tensor", 0},
                         Row{"dA[2*i,k] = A", "have to be plain names", 0},
                         Row{"\x01", "a control character", 0},
                         Row{"A\xff", "has no meaning", 1}}) {
    const FormulaProblem problem = FirstProblem(row.answer, FormulaOutcome::kUngradable);
    EXPECT_THAT(problem.text, HasSubstr(row.text)) << row.answer;
    EXPECT_EQ(problem.offset, row.offset) << row.answer << ": " << problem.text;
  }
}

TEST(ProblemsTest, ARangeThatCannotBeToldIsUngradable) {
  const FormulaProblem problem = FirstProblem("sum(p,q) B[k,p+q]", FormulaOutcome::kUngradable);
  EXPECT_EQ(problem.code, Code::kUnknownRange);
  EXPECT_THAT(problem.text, HasSubstr("write its limits"));
}

TEST(ProblemsTest, ShadowedIndicesAreNamedButDoNotMakeARightAnswerWrong) {
  FormulaQuestion question;
  question.symbols = {{"N"}};
  question.indices = {{"i", "N"}, {"k", "N"}};
  question.tensors = {{"x", {"N"}, {"i"}, {}}};
  question.definitions = {"y[i] = exp(x[i]) / sum(k) exp(x[k])"};
  question.target = "y[i]";
  const FormulaVerdict verdict = JudgeOf(question).Judge("exp(x[i]) / sum(i) exp(x[i])");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight) << Summary(verdict);
  ASSERT_EQ(verdict.problems.size(), 1u);
  EXPECT_EQ(verdict.problems[0].code, Code::kSummedFreeIndex);
}

TEST(ProblemsTest, IdentitiesThatTheFieldDoesNotKnowAreDecidedInDoubles) {
  FormulaQuestion question;
  question.symbols = {{"N"}};
  question.indices = {{"i", "N"}};
  question.tensors = {{"x", {"N"}, {"i"}, {}}, {"y", {"N"}, {"i"}, {}}};
  question.definitions = {"z[i] = log(exp(x[i]) * exp(y[i]))"};
  question.target = "z[i]";
  const FormulaJudge judge = JudgeOf(question);
  FormulaVerdict verdict = judge.Judge("x + y");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight) << Summary(verdict);
  EXPECT_FALSE(verdict.exact);
  EXPECT_THAT(verdict.notes, Contains(HasSubstr("in doubles")));
  verdict = judge.Judge("log(exp(x + y))");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight);
  EXPECT_TRUE(verdict.exact);
  EXPECT_EQ(judge.Judge("x - y").outcome, FormulaOutcome::kWrong);
}

// In the field 61 is the first number that is not above 0.
TEST(ProblemsTest, WhereFieldAndDoublesContradictEachOtherAPersonDecides) {
  FormulaQuestion question;
  question.symbols = {{"N"}};
  question.indices = {{"i", "N"}};
  question.tensors = {{"x", {"N"}, {"i"}, {}}};
  question.definitions = {"z[i] = x[i]"};
  question.target = "z[i]";
  const FormulaJudge judge = JudgeOf(question);
  const FormulaVerdict verdict = judge.Judge("x * (1 - [61 > 0])");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kUngradable) << Summary(verdict);
  ASSERT_EQ(verdict.problems.size(), 1u);
  EXPECT_EQ(verdict.problems[0].code, Code::kUndecided);
  EXPECT_EQ(judge.Judge("x * (1 - [59 > 0])").outcome, FormulaOutcome::kWrong);
  EXPECT_TRUE(judge.Judge("x * [59 > 0]").exact);
  EXPECT_FALSE(judge.Judge("x * [61 > 0]").exact);
  EXPECT_EQ(judge.Judge("sqrt(x^2) * sign(x)").outcome, FormulaOutcome::kRight);
}

TEST(ProblemsTest, TheCounterexampleIsTheSmallest) {
  const FormulaJudge judge = JudgeOf(MatrixQuestion("C[i,j]", ""));
  FormulaVerdict verdict = judge.Judge("2 sum(k) A[i,k] B[k,j]");
  ASSERT_TRUE(verdict.counterexample.has_value());
  EXPECT_THAT(verdict.counterexample->sizes,
              ElementsAre(testing::Pair("N", 1), testing::Pair("K", 1), testing::Pair("M", 1)));
  EXPECT_THAT(verdict.counterexample->cell, ElementsAre(0, 0));
  verdict = judge.Judge("A[i,0] B[0,j]");
  ASSERT_TRUE(verdict.counterexample.has_value());
  EXPECT_THAT(verdict.counterexample->sizes,
              ElementsAre(testing::Pair("N", 1), testing::Pair("K", 2), testing::Pair("M", 1)));
}

// All three are of one shape, and yet A is not A[i,j].
TEST(ProblemsTest, ATensorWithoutIndicesHasItsOwnWhereTheyAreAtHand) {
  FormulaQuestion question;
  question.symbols = {{"N"}};
  question.indices = {{"i", "N"}, {"j", "N"}, {"k", "N"}};
  question.tensors = {{"A", {"N", "N"}, {"i", "k"}, {}}, {"B", {"N", "N"}, {"k", "j"}, {}}};
  question.definitions = {"C[i,j] = sum(k) A[i,k] * B[k,j]"};
  question.target = "C[i,j]";
  const FormulaVerdict verdict = JudgeOf(question).Judge("sum(k) A B");
  EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight) << Summary(verdict);
  EXPECT_THAT(verdict.notes, ElementsAre("A without indices is read as A[i,k]", "B without indices is read as B[k,j]"));
}

TEST(ProblemsTest, FractionsAreShownAsFractions) {
  const FormulaJudge judge = JudgeOf(MatrixQuestion("C[i,j]", ""));
  const FormulaVerdict verdict = judge.Judge("sum(k) A[i,k] B[k,j] + 1/3");
  ASSERT_TRUE(verdict.counterexample.has_value());
  EXPECT_THAT(verdict.counterexample->actual, testing::EndsWith("/3"));
  EXPECT_NEAR(verdict.counterexample->actual_value - verdict.counterexample->expected_value, 1.0 / 3, 1e-12);
}

TEST(ProblemsTest, TheTreeShowsHowAnAnswerWasRead) {
  const FormulaJudge judge = JudgeOf(MatrixQuestion("dJ/dA[i,k]", "C"));
  const absl::StatusOr<std::string> tree = judge.Tree("sum_j dC_{ij} B[k,j]^2 / -2 + 0.5");
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(*tree,
            "add\n"
            "  sum over j\n"
            "    multiply\n"
            "      read dJ/dC[i, j]\n"
            "      to the power 2\n"
            "        read B[k, j]\n"
            "      divide by\n"
            "        negate\n"
            "          2\n"
            "  5/10\n");
  EXPECT_FALSE(judge.Tree("(").ok());
}

}  // namespace
}  // namespace tensord::grading
