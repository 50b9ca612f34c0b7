// The judge: questions are checked once, answers are read, compared and diagnosed.
#include <utility>

#include "absl/strings/str_cat.h"
#include "grading/src/shape_formula/comparison.h"
#include "grading/src/shape_formula/decide.h"
#include "grading/src/shape_formula/diagnosis.h"
#include "grading/src/shape_formula/names.h"
#include "grading/src/shape_formula/parser.h"
#include "tensord/compute/status_macros.h"
#include "tensord/grading/shape_formula.h"

namespace tensord::grading {

using shapes::Domain;
using shapes::Formula;
using shapes::FormulaView;
using shapes::Names;

struct ShapeFormulaJudge::State {
  Names names;
  Domain domain;
  Formula expected;
  DivisionRule division = DivisionRule::kExact;
};

namespace {

absl::Status InField(absl::string_view field, const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", status.message()));
}

absl::Status CheckCount(absl::string_view field, size_t count, size_t least, size_t most) {
  if (count >= least && count <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": has ", count, " entries, has to have ", least, " to ", most));
}

absl::Status CheckRange(size_t index, const ShapeVariable& variable) {
  const std::string field = absl::StrCat("variables[", index, "]");
  TENSORD_RETURN_IF_ERROR(
      CheckCount(absl::StrCat(field, ".aliases"), variable.aliases.size(), 0, ShapeFormulaJudge::kMaxAliases));
  const int64_t most = variable.most.value_or(ShapeFormulaJudge::kMostValue);
  if (variable.least >= ShapeFormulaJudge::kLeastValue && most <= ShapeFormulaJudge::kMostValue &&
      variable.least <= most) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(field, ": has the range ", variable.least, " to ", most,
                                                 ", has to be a range within ", ShapeFormulaJudge::kLeastValue, " to ",
                                                 ShapeFormulaJudge::kMostValue));
}

// The expected components in one tree.
absl::StatusOr<Formula> ParseExpected(const std::vector<std::string>& texts, const Names& names) {
  Formula all;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string field = absl::StrCat("expected[", i, "]");
    const absl::StatusOr<Formula> formula = shapes::ParseFormula(texts[i], names, DivisionRule::kExact, 1);
    if (!formula.ok()) return InField(field, formula.status());
    if (formula->roots.size() != 1)
      return InField(field, absl::InvalidArgumentError("has to be one formula, without commas"));
    const auto shift = static_cast<int>(all.tree.size());
    for (shapes::Node node : formula->tree) {
      if (node.first >= 0) node.first += shift;
      if (node.second >= 0) node.second += shift;
      all.tree.push_back(node);
    }
    all.roots.push_back(formula->roots[0] + shift);
  }
  return all;
}

bool HasVariables(const Formula& formula) {
  for (const int root : formula.roots) {
    if (!shapes::VariablesOf(formula.tree, root).empty()) return true;
  }
  return false;
}

ShapeVerdict Ungradable(std::string reason) {
  return {.outcome = ShapeOutcome::kUngradable,
          .reason = std::move(reason),
          .components = {},
          .diagnosis = {},
          .notes = {}};
}

std::string DifferenceText(size_t index, size_t count, const ShapeCounterExample& example) {
  std::string text = count == 1 ? "" : absl::StrCat("component ", index + 1, ": ");
  std::string values;
  for (const auto& [name, value] : example.values)
    absl::StrAppend(&values, values.empty() ? "" : ", ", name, " = ", value);
  if (!values.empty()) absl::StrAppend(&text, "for ", values, " ");
  return absl::StrCat(text, "it is ", example.answer, ", expected ", example.expected);
}

}  // namespace

absl::StatusOr<ShapeFormulaJudge> ShapeFormulaJudge::Create(const ShapeFormulaQuestion& question) {
  TENSORD_RETURN_IF_ERROR(CheckCount("expected", question.expected.size(), 1, kMaxComponents));
  TENSORD_RETURN_IF_ERROR(CheckCount("variables", question.variables.size(), 0, kMaxVariables));
  TENSORD_RETURN_IF_ERROR(CheckCount("constraints", question.constraints.size(), 0, kMaxConstraints));
  auto state = std::make_shared<State>();
  state->division = question.division;
  for (size_t i = 0; i < question.variables.size(); ++i) {
    const ShapeVariable& variable = question.variables[i];
    TENSORD_RETURN_IF_ERROR(CheckRange(i, variable));
    state->domain.ranges.push_back({.least = variable.least, .most = variable.most});
  }
  TENSORD_ASSIGN_OR_RETURN(state->names, Names::Create(question.variables));
  for (size_t i = 0; i < question.constraints.size(); ++i) {
    absl::StatusOr<Formula> constraint = shapes::ParseConstraint(question.constraints[i], state->names);
    if (!constraint.ok()) return InField(absl::StrCat("constraints[", i, "]"), constraint.status());
    state->domain.constraints.push_back(*std::move(constraint));
  }
  TENSORD_ASSIGN_OR_RETURN(state->expected, ParseExpected(question.expected, state->names));
  if (!shapes::HasPoint(state->domain)) {
    return absl::InvalidArgumentError("constraints: no values of the variables were found that satisfy them");
  }
  return ShapeFormulaJudge(std::move(state));
}

ShapeVerdict ShapeFormulaJudge::Judge(absl::string_view answer) const {
  const State& state = *state_;
  const size_t count = state.expected.roots.size();
  const absl::StatusOr<Formula> read = shapes::ParseFormula(answer, state.names, state.division, count);
  if (!read.ok()) return Ungradable(std::string(read.status().message()));
  if (HasVariables(state.expected) && !HasVariables(*read)) {
    return Ungradable(absl::StrCat("is a bare number where a formula in ", state.names.ListText(), " is asked for"));
  }
  ShapeVerdict verdict{
      .outcome = ShapeOutcome::kRight, .reason = "", .components = {}, .diagnosis = {}, .notes = read->notes};
  if (read->roots.size() != count) {
    verdict.outcome = ShapeOutcome::kWrong;
    verdict.reason = absl::StrCat("has ", read->roots.size(), " components, expected ", count);
    return verdict;
  }
  for (size_t i = 0; i < count; ++i) {
    absl::StatusOr<ShapeComponentVerdict> component =
        shapes::Decide(state.domain, state.names, {&state.expected.tree, state.expected.roots[i], {}},
                       {&read->tree, read->roots[i], {}});
    if (!component.ok()) {
      return Ungradable(absl::StrCat("component ", i + 1, " ", component.status().message()));
    }
    if (!component->equal && verdict.outcome == ShapeOutcome::kRight) {
      verdict.outcome = ShapeOutcome::kWrong;
      verdict.reason = DifferenceText(i, count, *component->counter_example);
    }
    if (!component->note.empty()) {
      verdict.notes.push_back(count == 1 ? component->note : absl::StrCat("component ", i + 1, ": ", component->note));
    }
    verdict.components.push_back(*std::move(component));
  }
  if (verdict.outcome == ShapeOutcome::kWrong && count > 1) {
    verdict.diagnosis = shapes::Diagnose(state.domain, state.names, state.expected, *read);
  }
  return verdict;
}

}  // namespace tensord::grading
