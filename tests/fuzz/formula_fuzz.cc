#include "tests/fuzz/formula_fuzz.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/grading/formula.h"
#include "tests/fuzz/check.h"

namespace tensord::fuzz {
namespace {

using grading::FormulaJudge;
using grading::FormulaOutcome;
using grading::FormulaProblem;
using grading::FormulaQuestion;
using grading::FormulaVerdict;

// A convolution along one axis and what follows it.
FormulaQuestion Question(std::string target, std::string given, grading::OutsideRule outside) {
  FormulaQuestion question;
  question.symbols = {{"L"}, {"K"}, {"C"}};
  question.indices = {{"j", "L-K+1"}, {"k", "K"}, {"n", "C"}};
  question.tensors = {{"X", {"L", "C"}, {}, {}}, {"W", {"K", "C"}, {"k", "n"}, {}}, {"b", {}, {}, {}}};
  question.definitions = {"Z[j] = sum(k,n) W[k,n] X[j+k,n] + b", "U[j] = 1/(1+exp(-Z[j]))", "V[j] = max(0, Z[j])"};
  question.target = std::move(target);
  question.given_gradient = std::move(given);
  question.outside = outside;
  return question;
}

std::vector<FormulaJudge> MakeJudges() {
  using grading::OutsideRule;
  std::vector<FormulaJudge> judges;
  for (FormulaQuestion question :
       {Question("Z[j]", "", OutsideRule::kError), Question("V[j]", "", OutsideRule::kZero),
        Question("dJ/dZ[j]", "U", OutsideRule::kError), Question("dJ/dX[j,n]", "Z", OutsideRule::kZero),
        Question("dJ/dW[k,n]", "V", OutsideRule::kError), Question("dJ/db", "Z", OutsideRule::kZero)}) {
    absl::StatusOr<FormulaJudge> judge = FormulaJudge::Create(std::move(question));
    Check(judge.ok(), "the questions have no fault", judge.status());
    judges.push_back(*std::move(judge));
  }
  return judges;
}

void CheckProblem(absl::string_view answer, const FormulaProblem& problem) {
  Check(!problem.text.empty(), "a problem has to say what is wrong");
  Check(IsShowable(problem.text), "a problem has to be fit for a terminal", problem.text);
  Check(problem.offset <= answer.size() && problem.length <= answer.size() - problem.offset,
        "a problem lies in the answer", problem.text);
  Check(!grading::FormulaExcerpt(answer, problem).empty(), "a problem can be shown");
}

void CheckVerdict(absl::string_view answer, const FormulaVerdict& verdict) {
  for (const FormulaProblem& problem : verdict.problems) CheckProblem(answer, problem);
  for (const std::string& note : verdict.notes) Check(IsShowable(note), "a note has to be fit for a terminal", note);
  Check(IsShowable(verdict.repair), "a repair has to be fit for a terminal", verdict.repair);
  const bool wrong = verdict.outcome == FormulaOutcome::kWrong;
  Check(wrong || (!verdict.counterexample.has_value() && verdict.repair.empty()),
        "only wrong answers are shown to be wrong");
  Check(verdict.outcome != FormulaOutcome::kUngradable || !verdict.problems.empty(), "there is a reason not to grade");
  Check(!verdict.counterexample.has_value() || verdict.counterexample->expected != verdict.counterexample->actual,
        "a counter-example shows a difference");
}

}  // namespace

void RunFormula(const uint8_t* data, size_t size) {
  if (size == 0) return;
  static const auto* const kJudges = new std::vector<FormulaJudge>(MakeJudges());
  const FormulaJudge& judge = (*kJudges)[data[0] % kJudges->size()];
  const absl::string_view answer(reinterpret_cast<const char*>(data + 1), size - 1);
  const FormulaVerdict verdict = judge.Judge(answer);
  CheckVerdict(answer, verdict);
  Check(verdict == judge.Judge(answer), "a verdict is the same each time");
  const absl::StatusOr<std::string> tree = judge.Tree(answer);
  Check(!tree.ok() || IsShowable(*tree), "a tree has to be fit for a terminal");
  Check(tree.ok() || verdict.outcome == FormulaOutcome::kUngradable, "what cannot be read cannot be graded",
        tree.status());
}

}  // namespace tensord::fuzz
