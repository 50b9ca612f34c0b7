#include "tests/grading/formula/questions.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tensord::grading {

FormulaQuestion ConvolutionQuestion(const std::string& target, const std::string& given_gradient) {
  FormulaQuestion question;
  question.symbols = {{"B"}, {"H"}, {"L"}, {"Kh"}, {"Kw"}, {"C"}, {"O"}};
  question.indices = {{"i", "B"},   {"j1", "H-Kh+1"}, {"j2", "L - Kw + 1"}, {"m", "O"}, {"k1", "Kh"},
                      {"k2", "Kw"}, {"n", "C"}};
  question.tensors = {{"X", {"B", "H", "L", "C"}, {}, {}},
                      {"W", {"Kh", "Kw", "C", "O"}, {"k1", "k2", "n", "m"}, {"weights"}},
                      {"b", {"O"}, {"m"}, {}}};
  question.definitions = {"Z[i,j1,j2,m] = sum(k1,k2,n) W[k1,k2,n,m] * X[i,j1+k1,j2+k2,n] + b[m]",
                          "U[i,j1,j2,m] = 1/(1+exp(-Z[i,j1,j2,m]))"};
  question.target = target;
  question.given_gradient = given_gradient;
  question.gradient_names = {{"Z", {"\\delta"}}};
  question.outside = OutsideRule::kZero;
  return question;
}

FormulaQuestion MatrixQuestion(const std::string& target, const std::string& given_gradient) {
  FormulaQuestion question;
  question.symbols = {{"N"}, {"K"}, {"M"}};
  question.indices = {{"i", "N"}, {"k", "K"}, {"j", "M"}};
  question.tensors = {{"A", {"N", "K"}, {"i", "k"}, {}}, {"B", {"K", "M"}, {"k", "j"}, {}}};
  question.definitions = {"C[i,j] = sum(k) A[i,k] * B[k,j]", "D[i,j] = max(0, C[i,j])", "J = sum(i,j) D[i,j]^2 / 2"};
  question.target = target;
  question.given_gradient = given_gradient;
  return question;
}

FormulaJudge JudgeOf(const FormulaQuestion& question) {
  absl::StatusOr<FormulaJudge> judge = FormulaJudge::Create(question);
  EXPECT_TRUE(judge.ok()) << judge.status();
  if (!judge.ok()) std::abort();
  return *std::move(judge);
}

std::string Summary(const FormulaVerdict& verdict) {
  std::string text = verdict.outcome == FormulaOutcome::kRight   ? "right"
                     : verdict.outcome == FormulaOutcome::kWrong ? "wrong"
                                                                 : "ungradable";
  for (const FormulaProblem& problem : verdict.problems)
    absl::StrAppend(&text, "; ", problem.text, " (at ", problem.offset, ")");
  return text;
}

}  // namespace tensord::grading
