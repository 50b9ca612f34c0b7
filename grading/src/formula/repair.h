// What simple change would make a wrong answer right.
#ifndef TENSORD_GRADING_SRC_FORMULA_REPAIR_H_
#define TENSORD_GRADING_SRC_FORMULA_REPAIR_H_

#include <optional>
#include <string>
#include <vector>

#include "grading/src/formula/model.h"
#include "grading/src/formula/resolve.h"
#include "grading/src/formula/tree.h"

namespace tensord::grading::formula {

struct Repair {
  std::string text;                   // "the sum over i, j1, j2 is missing"; empty where nothing makes it right
  std::string sum;                    // what was added so that the answer can be evaluated; empty where nothing was
  std::optional<Resolved> evaluable;  // the answer with that
};

// Tries, in this order: the sum over all indices that are neither free nor summed; beside it another index in the place
// of one that nobody knows; beside it one tensor read at shifted indices. `answer` is what Resolve() said of `tree`.
Repair FindRepair(const Model& model, const Tree& tree, const Resolved& answer,
                  const std::vector<std::string>& free_names, int64_t* budget);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_REPAIR_H_
