// Trees to programs: a rational number as two integers.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_LOWER_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_LOWER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "grading/src/shape_formula/program.h"
#include "grading/src/shape_formula/tree.h"

namespace tensord::grading::shapes {

// Places in a program: the value is numerator/denominator, and undefined where a guard is 0. Elsewhere the denominator
// is positive.
struct LoweredFormula {
  int numerator = -1;
  int denominator = -1;
  std::vector<int> guards;  // each divisor
};

// Adds the tree's root to the program, with variable i read as renamed[i] where that is given.
// Errors: kInvalidArgument - a program beyond its limit, or a division by the number zero.
[[nodiscard]] absl::StatusOr<LoweredFormula> Lower(const Tree& tree, int root, const std::vector<int>& renamed,
                                                   Program* program);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_LOWER_H_
