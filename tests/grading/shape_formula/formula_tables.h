// Questions with right and wrong answers.
#ifndef TENSORD_TESTS_GRADING_SHAPE_FORMULA_FORMULA_TABLES_H_
#define TENSORD_TESTS_GRADING_SHAPE_FORMULA_FORMULA_TABLES_H_

#include <ostream>
#include <string>
#include <vector>

#include "tensord/grading/shape_formula.h"
#include "tests/grading/shape_formula/brute_force.h"

namespace tensord::grading {

struct FormulaCase {
  std::string name;
  ShapeFormulaQuestion question;  // one expected formula, in words that SlowFormula reads too
  PointFilter holds;              // what the constraints say
  std::vector<std::string> right;
  std::vector<std::string> wrong;  // in words that SlowFormula reads too
};

// In the names of tests that have one for a parameter.
inline void PrintTo(const FormulaCase& formula_case, std::ostream* out) { *out << formula_case.name; }

[[nodiscard]] std::vector<FormulaCase> FormulaCases();

}  // namespace tensord::grading

#endif  // TENSORD_TESTS_GRADING_SHAPE_FORMULA_FORMULA_TABLES_H_
