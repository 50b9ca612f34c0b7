// The smallest data for which an answer is wrong.
#ifndef TENSORD_GRADING_SRC_FORMULA_COUNTEREXAMPLE_H_
#define TENSORD_GRADING_SRC_FORMULA_COUNTEREXAMPLE_H_

#include <optional>

#include "grading/src/formula/model.h"
#include "grading/src/formula/program.h"
#include "tensord/grading/formula.h"

namespace tensord::grading::formula {

// Searches from the smallest sizes on, with small integers as entries; nothing where none was found at bounded cost.
std::optional<FormulaCounterexample> FindCounterexample(const Model& model, const Program& answer);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_COUNTEREXAMPLE_H_
