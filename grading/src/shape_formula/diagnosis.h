// Finds the slip that explains a wrong tuple.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_DIAGNOSIS_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_DIAGNOSIS_H_

#include "grading/src/shape_formula/comparison.h"
#include "grading/src/shape_formula/names.h"
#include "grading/src/shape_formula/tree.h"
#include "tensord/grading/shape_formula.h"

namespace tensord::grading::shapes {

// Both formulas have the same number of components. A slip is named only where the answer is equal, component by
// component, to what the slip makes of the expected formula.
[[nodiscard]] ShapeDiagnosis Diagnose(const Domain& domain, const Names& names, const Formula& expected,
                                      const Formula& answer);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_DIAGNOSIS_H_
