// Formulas in index notation.
#include "tensord/grading/formula.h"

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/answers/kind.h"

namespace tensord::grading {
namespace {

// The names in polynomials of sizes.
void AddNames(absl::string_view text, std::set<std::string>& names) {
  for (size_t i = 0; i < text.size();) {
    if (!absl::ascii_isalpha(static_cast<unsigned char>(text[i]))) {
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < text.size() && (absl::ascii_isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
    names.emplace(text.substr(i, end - i));
    i = end;
  }
}

FormulaQuestion QuestionOf(const v1::FormulaAnswer& answer) {
  FormulaQuestion question;
  std::set<std::string> symbols;
  // A map's order is not the same everywhere; names are sorted.
  const std::map<std::string, std::string> indices(answer.indices().begin(), answer.indices().end());
  for (const auto& [name, size] : indices) {
    question.indices.push_back({name, size});
    AddNames(size, symbols);
  }
  for (const v1::FormulaTensor& tensor : answer.tensors()) {
    question.tensors.push_back({tensor.name(),
                                {tensor.sizes().begin(), tensor.sizes().end()},
                                {tensor.indices().begin(), tensor.indices().end()},
                                {tensor.aliases().begin(), tensor.aliases().end()}});
    for (const std::string& size : tensor.sizes()) AddNames(size, symbols);
  }
  for (const std::string& symbol : symbols) question.symbols.push_back({symbol, 1});
  question.definitions.assign(answer.definitions().begin(), answer.definitions().end());
  question.target = answer.target();
  question.given_gradient = answer.given_gradient();
  if (!answer.objective().empty()) question.objective = answer.objective();
  for (const v1::FormulaNames& names : answer.gradient_names()) {
    question.gradient_names.push_back({names.tensor(), {names.aliases().begin(), names.aliases().end()}});
  }
  question.outside = answer.zero_outside() ? OutsideRule::kZero : OutsideRule::kError;
  return question;
}

// The slip that a problem is; null where it is none that has a name.
const char* SlipOf(FormulaProblemCode code) {
  switch (code) {
    case FormulaProblemCode::kUnsummedIndex:
      return "sum-forgotten";
    case FormulaProblemCode::kUnknownIndex:
      return "unknown-index";
    case FormulaProblemCode::kUnknownTensor:
      return "unknown-tensor";
    case FormulaProblemCode::kSummedTwice:
      return "summed-twice";
    case FormulaProblemCode::kSummedFreeIndex:
      return "summed-over-free-index";
    case FormulaProblemCode::kUnusedSumIndex:
      return "needless-sum";
    case FormulaProblemCode::kIndexCount:
      return "number-of-indices";
    case FormulaProblemCode::kNotGiven:
      return "derivative-not-given";
    case FormulaProblemCode::kOtherTarget:
      return "other-target";
    case FormulaProblemCode::kReadsOutside:
      return "reads-outside";
    default:
      return nullptr;
  }
}

std::string DataText(const FormulaData& data) {
  return absl::StrCat(data.name, " of shape ", CellText(data.shape), " = [", absl::StrJoin(data.values, ", "), "]");
}

std::string ExampleText(const FormulaCounterexample& example) {
  std::vector<std::string> parts;
  for (const auto& [name, size] : example.sizes) parts.push_back(absl::StrCat(name, " = ", size));
  for (const FormulaData& data : example.tensors) parts.push_back(DataText(data));
  return absl::StrJoin(parts, ", ");
}

class Formula final : public Kind {
 public:
  explicit Formula(FormulaJudge judge) : judge_(std::move(judge)) {}

  [[nodiscard]] absl::Status Check(absl::Span<const Computed> /*values*/) const override { return absl::OkStatus(); }

  [[nodiscard]] std::variant<std::unique_ptr<ReadAnswer>, Unreadable> Read(
      const v1::StudentAnswer& answer) const override {
    auto text = TextOf(answer);
    if (const auto* const unreadable = std::get_if<Unreadable>(&text)) return *unreadable;
    const auto& said = std::get<std::string>(text);
    FormulaVerdict verdict = judge_.Judge(said);
    if (verdict.outcome == FormulaOutcome::kUngradable && !verdict.problems.empty()) {
      const FormulaProblem& first = verdict.problems.front();
      return Unreadable{absl::StrCat(first.text, "\n", FormulaExcerpt(said, first)),
                        "write it in index notation; see docs/grading/formulas.md", first.offset};
    }
    return std::make_unique<ReadAs<FormulaVerdict>>(std::move(verdict));
  }

  [[nodiscard]] Judgement Judge(const ReadAnswer& answer, absl::Span<const Computed> /*values*/) const override {
    const auto& verdict = Get<FormulaVerdict>(answer);
    Judgement judgement;
    judgement.notes = verdict.notes;
    if (!verdict.exact) judgement.notes.emplace_back("decided in floating point, not exactly");
    if (verdict.outcome == FormulaOutcome::kRight) {
      judgement.outcome = v1::OUTCOME_RIGHT;
      return judgement;
    }
    judgement.outcome = verdict.outcome == FormulaOutcome::kUngradable ? v1::OUTCOME_UNGRADABLE : v1::OUTCOME_WRONG;
    v1::Difference& difference = judgement.difference.emplace();
    std::vector<std::string> said;
    for (const FormulaProblem& problem : verdict.problems) {
      if (problem.code != FormulaProblemCode::kUnsummedIndex) said.push_back(problem.text);
    }
    if (verdict.counterexample.has_value()) {
      const FormulaCounterexample& example = *verdict.counterexample;
      said.push_back(
          absl::StrCat("with ", ExampleText(example), " the element ", CellText(example.cell), " is another"));
      difference.mutable_worst_cell()->Add(example.cell.begin(), example.cell.end());
      difference.set_answered(example.actual);
      difference.set_expected(example.expected);
    }
    difference.set_text(said.empty() ? "its value is another one" : absl::StrJoin(said, "; "));
    AddSlips(verdict, judgement);
    return judgement;
  }

  // What is expected is computed, and has no text.
  [[nodiscard]] std::string Text(absl::Span<const Computed> /*values*/) const override { return ""; }

  [[nodiscard]] bool uses_values() const override { return false; }

 private:
  // One for each kind of problem; a forgotten sum once for all its indices.
  static void AddSlips(const FormulaVerdict& verdict, Judgement& judgement) {
    std::vector<std::string> unsummed;
    std::set<std::string> there;
    for (const FormulaProblem& problem : verdict.problems) {
      if (problem.code == FormulaProblemCode::kUnsummedIndex) unsummed.push_back(problem.name);
    }
    if (!unsummed.empty()) {
      judgement.slips.emplace_back("sum-forgotten",
                                   absl::StrCat("left out the sum over ", absl::StrJoin(unsummed, ", ")));
    }
    for (const FormulaProblem& problem : verdict.problems) {
      const char* const id = SlipOf(problem.code);
      if (id == nullptr || problem.code == FormulaProblemCode::kUnsummedIndex) continue;
      if (there.insert(absl::StrCat(id, " ", problem.text)).second) judgement.slips.emplace_back(id, problem.text);
    }
    if (!verdict.repair.empty())
      judgement.patterns.push_back(absl::StrCat("what would make it right: ", verdict.repair));
  }

  const FormulaJudge judge_;
};

}  // namespace

MadeKind MakeFormula(const v1::FormulaAnswer& answer) {
  absl::StatusOr<FormulaJudge> judge = FormulaJudge::Create(QuestionOf(answer));
  if (!judge.ok()) return absl::InvalidArgumentError(absl::StrCat("formula: ", judge.status().message()));
  return std::make_unique<Formula>(*std::move(judge));
}

}  // namespace tensord::grading
