#include "grading/src/shape_formula/comparison.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::grading::shapes {
namespace {

std::vector<Interval> Intervals(const std::vector<VariableRange>& ranges) {
  std::vector<Interval> intervals;
  for (const VariableRange& range : ranges) {
    Interval interval{.least = range.least, .most = std::nullopt};
    if (range.most.has_value()) interval.most = *range.most;
    intervals.push_back(interval);
  }
  return intervals;
}

void InsertVariables(const FormulaView& view, std::set<int>* variables) {
  for (const int variable : VariablesOf(*view.tree, view.root)) {
    variables->insert(view.renamed.empty() ? variable : view.renamed[static_cast<size_t>(variable)]);
  }
}

std::set<int> VariablesOf(const Formula& constraint) {
  std::set<int> variables;
  for (const int root : constraint.roots) InsertVariables({.tree = &constraint.tree, .root = root}, &variables);
  return variables;
}

bool Intersect(const std::set<int>& a, const std::set<int>& b) {
  for (const int element : a) {
    if (b.count(element) != 0) return true;
  }
  return false;
}

bool HoldsAt(const Comparison& comparison, const std::vector<Int128>& values) {
  for (const int place : comparison.outside) {
    if (static_cast<size_t>(place) < values.size() && values[static_cast<size_t>(place)] == 0) return false;
  }
  for (const int place : comparison.conditions) {
    if (values[static_cast<size_t>(place)] != 1) return false;
  }
  return true;
}

absl::Status AddConstraint(const Formula& constraint, Comparison* comparison) {
  for (const int root : constraint.roots) {
    TENSORD_ASSIGN_OR_RETURN(const LoweredFormula condition, Lower(constraint.tree, root, {}, &comparison->program));
    comparison->conditions.push_back(condition.numerator);
    comparison->outside.insert(comparison->outside.end(), condition.guards.begin(), condition.guards.end());
  }
  return absl::OkStatus();
}

// The constraints that say something of the variables, directly or by way of others, and those that their own
// variables' least values do not satisfy; adds their variables.
absl::StatusOr<std::vector<const Formula*>> RelevantConstraints(const Domain& domain, std::set<int>* variables) {
  std::vector<const Formula*> relevant;
  std::vector<bool> taken(domain.constraints.size(), false);
  for (size_t round = 0; round < domain.constraints.size(); ++round) {
    for (size_t i = 0; i < domain.constraints.size(); ++i) {
      if (taken[i]) continue;
      const std::set<int> own = VariablesOf(domain.constraints[i]);
      if (!Intersect(own, *variables)) {
        Comparison alone{.program = Program(Intervals(domain.ranges))};
        TENSORD_RETURN_IF_ERROR(AddConstraint(domain.constraints[i], &alone));
        const auto values = Evaluate(alone.program.instructions(), LeastPoint(domain.ranges));
        if (values.has_value() && HoldsAt(alone, *values)) continue;
      }
      taken[i] = true;
      variables->insert(own.begin(), own.end());
      relevant.push_back(&domain.constraints[i]);
    }
  }
  return relevant;
}

}  // namespace

std::vector<int64_t> LeastPoint(const std::vector<VariableRange>& ranges) {
  std::vector<int64_t> point;
  for (const VariableRange& range : ranges) point.push_back(range.least);
  return point;
}

absl::StatusOr<Comparison> Compare(const Domain& domain, const FormulaView& expected, const FormulaView& answer) {
  Comparison comparison{.program = Program(Intervals(domain.ranges)), .ranges = domain.ranges};
  Program& program = comparison.program;
  std::set<int> variables;
  InsertVariables(expected, &variables);
  InsertVariables(answer, &variables);
  TENSORD_ASSIGN_OR_RETURN(const std::vector<const Formula*> constraints, RelevantConstraints(domain, &variables));
  for (const Formula* constraint : constraints) TENSORD_RETURN_IF_ERROR(AddConstraint(*constraint, &comparison));
  comparison.condition_end = program.instructions().size();
  TENSORD_ASSIGN_OR_RETURN(comparison.expected, Lower(*expected.tree, expected.root, expected.renamed, &program));
  TENSORD_ASSIGN_OR_RETURN(comparison.answer, Lower(*answer.tree, answer.root, answer.renamed, &program));
  const std::vector<int>& guards = comparison.expected.guards;
  comparison.outside.insert(comparison.outside.end(), guards.begin(), guards.end());
  comparison.left = program.Multiply(comparison.expected.numerator, comparison.answer.denominator);
  comparison.right = program.Multiply(comparison.answer.numerator, comparison.expected.denominator);
  if (comparison.left < 0 || comparison.right < 0) return absl::InvalidArgumentError("needs too many operations");
  comparison.relevant.assign(variables.begin(), variables.end());
  return comparison;
}

PointResult CompareAt(const Comparison& comparison, const std::vector<int64_t>& variables) {
  const absl::Span<const Instruction> all = comparison.program.instructions();
  const auto conditions = Evaluate(all.first(comparison.condition_end), variables);
  if (conditions.has_value() && !HoldsAt(comparison, *conditions)) return PointResult::kOutside;
  const auto values = Evaluate(all, variables);
  if (!values.has_value()) return PointResult::kOverflow;
  if (!HoldsAt(comparison, *values)) return PointResult::kOutside;
  for (const int guard : comparison.answer.guards) {
    if ((*values)[static_cast<size_t>(guard)] == 0) return PointResult::kDifferent;
  }
  const bool equal =
      (*values)[static_cast<size_t>(comparison.left)] == (*values)[static_cast<size_t>(comparison.right)];
  return equal ? PointResult::kEqual : PointResult::kDifferent;
}

std::string ValueText(const Comparison& comparison, const LoweredFormula& formula,
                      const std::vector<int64_t>& variables) {
  const auto values = Evaluate(comparison.program.instructions(), variables);
  if (!values.has_value()) return "too large";
  for (const int guard : formula.guards) {
    if ((*values)[static_cast<size_t>(guard)] == 0) return "undefined";
  }
  const Int128 numerator = (*values)[static_cast<size_t>(formula.numerator)];
  const Int128 denominator = (*values)[static_cast<size_t>(formula.denominator)];
  const Int128 divisor = GreatestCommonDivisor(numerator, denominator);
  if (divisor == denominator) return ToString(numerator / denominator);
  return absl::StrCat(ToString(numerator / divisor), "/", ToString(denominator / divisor));
}

}  // namespace tensord::grading::shapes
