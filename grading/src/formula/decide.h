// Whether a formula is equal to what a question expects.
#ifndef TENSORD_GRADING_SRC_FORMULA_DECIDE_H_
#define TENSORD_GRADING_SRC_FORMULA_DECIDE_H_

#include <cstdint>
#include <vector>

#include "grading/src/formula/model.h"
#include "grading/src/formula/resolve.h"
#include "tensord/grading/formula.h"

namespace tensord::grading::formula {

struct Decision {
  FormulaOutcome outcome = FormulaOutcome::kUngradable;
  bool exact = true;
  std::vector<FormulaProblem> problems;
};

// Decides about an evaluable answer: over the field, and where it or the question has functions, in doubles too.
Decision Decide(const Model& model, const Resolved& answer, int64_t* budget);

// Whether it is equal over the field for every setting: what repairs are tried with.
bool EqualInField(const Model& model, const Program& program, int64_t* budget);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_DECIDE_H_
