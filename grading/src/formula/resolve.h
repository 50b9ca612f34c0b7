// Finds out what the names in a formula are, and what is wrong with its indices.
#ifndef TENSORD_GRADING_SRC_FORMULA_RESOLVE_H_
#define TENSORD_GRADING_SRC_FORMULA_RESOLVE_H_

#include <string>
#include <vector>

#include "grading/src/formula/model.h"
#include "grading/src/formula/program.h"
#include "tensord/grading/formula.h"

namespace tensord::grading::formula {

struct Resolved {
  Program program;
  std::vector<FormulaProblem> problems;
  std::vector<std::string> notes;
  std::vector<std::string> unsummed;  // indices of the problem that are neither free nor summed, by place
  std::vector<std::string> unknown;   // indices of nobody's, by place
  bool evaluable = true;
  bool rational = true;  // no function but arithmetic
};

// `free_names`: the indices that stand for the axes of what is asked for, canonical; where an answer leaves the indices
// of a tensor of the shape `free_sizes` out, it is read with these.
Resolved Resolve(const Tree& tree, const Model& model, const std::vector<std::string>& free_names,
                 const std::vector<IndexExpression>& free_sizes);

// "i, j1, j2"
std::string NameList(const std::vector<std::string>& names);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_RESOLVE_H_
