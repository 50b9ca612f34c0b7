// Whether reading one tensor at shifted indices makes a formula right.
#ifndef TENSORD_GRADING_SRC_FORMULA_SHIFT_H_
#define TENSORD_GRADING_SRC_FORMULA_SHIFT_H_

#include <cstdint>
#include <string>

#include "grading/src/formula/model.h"
#include "grading/src/formula/program.h"

namespace tensord::grading::formula {

// Tries every read with one index, or two of its indices, plus or minus another one. "dJ/dZ has to be read at
// [i,j1-k1,j2-k2,m]", or empty where nothing makes the formula equal to what is expected.
std::string FindShift(const Model& model, const Program& program, int64_t* budget);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_SHIFT_H_
