// Texts that mean harm: they end in a verdict, soon.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/grading/formula/questions.h"

namespace tensord::grading {
namespace {

std::string Repeated(const std::string& text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += text;
  return result;
}

FormulaProblemCode CodeOf(const std::string& answer) {
  static const auto* const kJudge = new FormulaJudge(JudgeOf(MatrixQuestion("C[i,j]", "")));
  const FormulaVerdict verdict = kJudge->Judge(answer);
  EXPECT_NE(verdict.outcome, FormulaOutcome::kRight);
  EXPECT_FALSE(verdict.problems.empty()) << answer.substr(0, 60);
  if (verdict.problems.empty()) return FormulaProblemCode::kUndecided;
  EXPECT_LE(verdict.problems[0].offset, answer.size());
  EXPECT_FALSE(FormulaExcerpt(answer, verdict.problems[0]).empty());
  return verdict.problems[0].code;
}

TEST(HostileTest, LongTextsAreNotRead) {
  EXPECT_EQ(CodeOf(std::string((64 << 10) + 1, '1')), FormulaProblemCode::kTooLarge);
  EXPECT_EQ(CodeOf(Repeated("1+", 32000) + "1"), FormulaProblemCode::kTooLarge);
}

TEST(HostileTest, DeepTextsAreNotRead) {
  for (const std::string open : {"(", "[", "{", "-(", "exp(", "sum_i ", "sum(", "|", "\\frac{1}{", "max(1,", "e^{",
                                 "sqrt ", "\\exp -", "1_{", "I(", "step("}) {
    EXPECT_EQ(CodeOf(Repeated(open, 3000)), FormulaProblemCode::kTooLarge) << open;
  }
  for (const std::string before : {"sum_{i=", "A[", "A_", "\\sum_{", "\\sum^{"}) {
    EXPECT_EQ(CodeOf(before + Repeated("(", 3000)), FormulaProblemCode::kTooLarge) << before;
  }
  EXPECT_EQ(CodeOf(std::string(60000, '-')), FormulaProblemCode::kSyntax);  // Signs are no levels.
}

TEST(HostileTest, NamesAndTermsOfIndicesAreBounded) {
  std::string names;
  for (int i = 0; i < 300; ++i) names += "+q" + std::to_string(i);
  EXPECT_EQ(CodeOf("A[0" + names + ",0]"), FormulaProblemCode::kSyntax);
  std::string sums = "sum(q0";
  for (int i = 1; i < 300; ++i) sums += ",q" + std::to_string(i);
  EXPECT_EQ(CodeOf(sums + ") 1"), FormulaProblemCode::kTooLarge);
  EXPECT_EQ(CodeOf("A[" + Repeated("i*", 5000) + "i,0]"), FormulaProblemCode::kSyntax);
  EXPECT_EQ(CodeOf("A[9223372036854775807*9,0]"), FormulaProblemCode::kSyntax);
  EXPECT_EQ(CodeOf("A[9223372036854775807*i+9,0]"), FormulaProblemCode::kReadsOutside);
}

TEST(HostileTest, WorkIsBounded) {
  EXPECT_EQ(CodeOf("sum(p=0..999999999999) sum(q=0..999999999999) 1"), FormulaProblemCode::kTooLarge);
  EXPECT_EQ(CodeOf("sum(p=0..999999999999) sum(q=0..0-1) p*q"), FormulaProblemCode::kTooLarge);
  std::string nested;
  for (int i = 0; i < 60; ++i) nested += "sum(q" + std::to_string(i) + "=0..9) ";
  EXPECT_EQ(CodeOf(nested + "1"), FormulaProblemCode::kTooLarge);
  EXPECT_EQ(CodeOf("sum(p=9223372036854775807..9223372036854775807) 1"), FormulaProblemCode::kUnusedSumIndex);
  EXPECT_EQ(CodeOf("0" + Repeated("+sum(p) A[i,p]", 1000)), FormulaProblemCode::kTooLarge);
  EXPECT_EQ(CodeOf("0" + Repeated("+sum(A[p,q])", 1000)), FormulaProblemCode::kTooLarge);
  EXPECT_EQ(CodeOf("(((((A[i,0]^64)^64)^64)^64)^64)^64"), FormulaProblemCode::kTooLarge);
}

TEST(HostileTest, ProblemsAreAFew) {
  const FormulaJudge judge = JudgeOf(MatrixQuestion("C[i,j]", ""));
  EXPECT_EQ(judge.Judge("Q[i]" + Repeated("+Q[i]", 5000)).problems.size(), 50u);
}

TEST(HostileTest, AnyBytesEndInAVerdict) {
  const FormulaJudge judge = JudgeOf(MatrixQuestion("dJ/dA[i,k]", "C"));
  const std::vector<std::string> pieces = {
      "sum", "(", ")", "[",        "]",         "{",   "}", "_", "^", "i",    "j",   "k", "dC",    "B", "A",   "*", "/",
      "+",   "-", ",", "\\frac",   "\\partial", "J",   "=", "<", "0", "1",    "2",   " ", "\\sum", "e", "exp", "'", "|",
      "..",  "d", "T", "\xCF\x83", "\\mathrm{", "max", "N", "K", "q", "\xFF", "over"};
  std::mt19937 random(3);
  int ungradable = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string answer;
    for (size_t length = 1 + random() % 14; length > 0; --length) answer += pieces[random() % pieces.size()];
    const FormulaVerdict verdict = judge.Judge(answer);
    ungradable += verdict.outcome == FormulaOutcome::kUngradable ? 1 : 0;
    ASSERT_TRUE(verdict.outcome != FormulaOutcome::kUngradable || verdict.problems.size() == 1) << answer;
    for (const FormulaProblem& problem : verdict.problems)
      ASSERT_LE(problem.offset + problem.length, answer.size()) << answer;
    static_cast<void>(judge.Tree(answer));
  }
  EXPECT_GT(ungradable, 10000);
  EXPECT_LT(ungradable, 20000);
}

TEST(HostileTest, ExcerptsOfAnythingAreLines) {
  const std::string text = "first\nA\t\xCF\x83\x01 x\nlast";
  for (size_t offset = 0; offset <= text.size() + 3; ++offset) {
    FormulaProblem problem;
    problem.offset = offset;
    const std::string excerpt = FormulaExcerpt(text, problem);
    EXPECT_EQ(std::count(excerpt.begin(), excerpt.end(), '\n'), 1) << offset;
    EXPECT_EQ(excerpt.find('\x01'), std::string::npos);
    EXPECT_EQ(excerpt.back(), '^');
  }
}

}  // namespace
}  // namespace tensord::grading
