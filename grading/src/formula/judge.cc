#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "grading/src/formula/build.h"
#include "grading/src/formula/counterexample.h"
#include "grading/src/formula/decide.h"
#include "grading/src/formula/model.h"
#include "grading/src/formula/parser.h"
#include "grading/src/formula/repair.h"
#include "grading/src/formula/resolve.h"
#include "tensord/compute/status_macros.h"
#include "tensord/grading/formula.h"

namespace tensord::grading {
namespace formula {
namespace {

using Code = FormulaProblemCode;

constexpr size_t kMaxProblems = 50;  // that are named; more help nobody

// What the left side makes the free indices, and what is wrong with it.
struct Left {
  std::vector<std::string> free_names;
  std::vector<FormulaProblem> problems;
  std::vector<std::string> notes;
};

Left ReadLeft(const Parsed& parsed, const Model& model) {
  Left result{model.free_names, {}, {}};
  if (!parsed.left.has_value()) return result;
  const LeftSide& left = *parsed.left;
  const auto report = [&](Code code, std::string text) {
    result.problems.push_back({code, std::move(text), left.offset, left.length, ""});
  };
  if (left.tensor == kUnknownTensor) {
    result.notes.push_back(
        absl::StrCat(left.unknown, " on the left side is taken for ", model.tensors[model.target].name));
  } else if (left.tensor != model.target) {
    report(Code::kOtherTarget, absl::StrCat("the left side is ", model.tensors[left.tensor].name, ", asked for is ",
                                            model.tensors[model.target].name));
    return result;
  }
  if (left.implicit) return result;
  std::vector<std::string> names;
  for (const size_t name : left.names) names.push_back(parsed.tree.names[name]);
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const bool twice = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  if (twice || names.size() != model.free_names.size()) {
    report(Code::kIndexCount, absl::StrCat("the left side needs ", model.free_names.size(), " different indices, as ",
                                           model.target_text, " has"));
    return result;
  }
  result.free_names = std::move(names);
  return result;
}

void Append(std::vector<FormulaProblem> from, std::vector<FormulaProblem>* to) {
  to->insert(to->end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  std::stable_sort(to->begin(), to->end(),
                   [](const FormulaProblem& a, const FormulaProblem& b) { return a.offset < b.offset; });
}

// A wrong answer's repair and counter-example.
void Explain(const Model& model, const Tree& tree, const Resolved& resolved, const std::vector<std::string>& free_names,
             int64_t* budget, FormulaVerdict* verdict) {
  Repair repair = FindRepair(model, tree, resolved, free_names, budget);
  verdict->repair = std::move(repair.text);
  if (resolved.evaluable) {
    verdict->counterexample = FindCounterexample(model, resolved.program);
  } else if (repair.evaluable.has_value()) {
    verdict->counterexample = FindCounterexample(model, repair.evaluable->program);
    if (verdict->counterexample.has_value() && !repair.sum.empty()) {
      verdict->notes.push_back(absl::StrCat("the counter-example holds even so: ", repair.sum));
    }
  }
}

FormulaVerdict Judge(const Model& model, absl::string_view answer) {
  FormulaVerdict verdict;
  const Parsed parsed = Parse(answer, model.names);
  if (!parsed.fatal.empty()) {
    verdict.problems = parsed.fatal;
    return verdict;
  }
  if (parsed.chained) verdict.notes.emplace_back("of equal formulas only the last is judged");
  Left left = ReadLeft(parsed, model);
  Resolved resolved = Resolve(parsed.tree, model, left.free_names, model.tensors[model.target].sizes);
  const bool evaluable = resolved.evaluable && left.problems.empty() && parsed.unknown.empty();
  verdict.notes.insert(verdict.notes.end(), left.notes.begin(), left.notes.end());
  verdict.notes.insert(verdict.notes.end(), resolved.notes.begin(), resolved.notes.end());
  verdict.outcome = FormulaOutcome::kWrong;
  const bool explainable = left.problems.empty() && parsed.unknown.empty();
  Append(std::move(left.problems), &verdict.problems);
  Append(parsed.unknown, &verdict.problems);
  Append(resolved.problems, &verdict.problems);
  int64_t budget = kVerdictBudget;
  if (evaluable) {
    Decision decision = Decide(model, resolved, &budget);
    verdict.outcome = decision.outcome;
    verdict.exact = decision.exact;
    if (!verdict.exact) verdict.notes.emplace_back("decided at random real numbers in doubles, not exactly");
    // What keeps a verdict from being given stands first.
    const bool stopped = verdict.outcome == FormulaOutcome::kUngradable;
    if (stopped) verdict.problems.clear();
    Append(std::move(decision.problems), &verdict.problems);
  }
  if (verdict.problems.size() > kMaxProblems) verdict.problems.resize(kMaxProblems);
  if (verdict.outcome == FormulaOutcome::kWrong && explainable) {
    Explain(model, parsed.tree, resolved, left.free_names, &budget, &verdict);
  }
  return verdict;
}

}  // namespace
}  // namespace formula

FormulaJudge::FormulaJudge(std::shared_ptr<const FormulaQuestion> question, std::shared_ptr<const formula::Model> model)
    : question_(std::move(question)), model_(std::move(model)) {}

absl::StatusOr<FormulaJudge> FormulaJudge::Create(FormulaQuestion question) {
  TENSORD_ASSIGN_OR_RETURN(formula::Model model, formula::CreateModel(question));
  return FormulaJudge(std::make_shared<const FormulaQuestion>(std::move(question)),
                      std::make_shared<const formula::Model>(std::move(model)));
}

FormulaVerdict FormulaJudge::Judge(absl::string_view answer) const { return formula::Judge(*model_, answer); }

absl::StatusOr<std::string> FormulaJudge::Tree(absl::string_view answer) const {
  const formula::Parsed parsed = formula::Parse(answer, model_->names);
  if (!parsed.fatal.empty()) return absl::InvalidArgumentError(parsed.fatal[0].text);
  std::vector<std::string> names;
  for (const formula::ModelTensor& tensor : model_->tensors) names.push_back(tensor.name);
  return formula::TreeText(parsed.tree, names);
}

}  // namespace tensord::grading
