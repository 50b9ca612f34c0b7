// Decides whether two formulas are equal on a domain.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_DECIDE_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_DECIDE_H_

#include "absl/status/statusor.h"
#include "grading/src/shape_formula/comparison.h"
#include "grading/src/shape_formula/names.h"
#include "tensord/grading/shape_formula.h"

namespace tensord::grading::shapes {

// In this order, until one decides: some ten thousand of the smallest points; the proof; points far away; millions of
// the smallest points. So a counter-example is the smallest, but where its sum is beyond what millions reach.
// Errors: kInvalidArgument - a formula needs too many operations; kOutOfRange - values do not fit into 127 bits, and it
//         is neither proved nor refuted; the text names the point.
[[nodiscard]] absl::StatusOr<ShapeComponentVerdict> Decide(const Domain& domain, const Names& names,
                                                           const FormulaView& expected, const FormulaView& answer);

// Whether there is a point in the domain, as far as some millions of the smallest tell.
[[nodiscard]] bool HasPoint(const Domain& domain);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_DECIDE_H_
