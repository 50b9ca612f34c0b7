// Two formulas on a domain, ready to be compared.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_COMPARISON_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_COMPARISON_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grading/src/shape_formula/lower.h"
#include "grading/src/shape_formula/program.h"
#include "grading/src/shape_formula/tree.h"

namespace tensord::grading::shapes {

struct VariableRange {
  int64_t least = 1;
  std::optional<int64_t> most;
};

// Integer points: each variable within its range, and every root of every constraint 1.
struct Domain {
  std::vector<VariableRange> ranges;
  std::vector<Formula> constraints;
};

// A formula in place: a root of a tree, its variables renamed where `renamed` is given.
struct FormulaView {
  const Tree* tree = nullptr;
  int root = -1;
  std::vector<int> renamed = {};
};

struct Comparison {
  Program program;
  std::vector<int> conditions = {};  // places that are 1 on the domain
  size_t condition_end = 0;          // the instructions before are those of the conditions
  std::vector<int> outside = {};     // places that are 0 only at points that do not count
  LoweredFormula expected = {};
  LoweredFormula answer = {};
  int left = -1;  // the values are equal where these are, and no guard is 0
  int right = -1;
  std::vector<VariableRange> ranges = {};
  // The variables that matter, in order; the others stay at their least values.
  std::vector<int> relevant = {};
};

// Errors: kInvalidArgument - as Lower().
[[nodiscard]] absl::StatusOr<Comparison> Compare(const Domain& domain, const FormulaView& expected,
                                                 const FormulaView& answer);

// `variables` has a value for each variable of the domain, relevant or not.
enum class PointResult { kOutside, kEqual, kDifferent, kOverflow };
[[nodiscard]] PointResult CompareAt(const Comparison& comparison, const std::vector<int64_t>& variables);

// "3", "-5/2", "undefined".
[[nodiscard]] std::string ValueText(const Comparison& comparison, const LoweredFormula& formula,
                                    const std::vector<int64_t>& variables);

// The least values of all variables.
[[nodiscard]] std::vector<int64_t> LeastPoint(const std::vector<VariableRange>& ranges);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_COMPARISON_H_
