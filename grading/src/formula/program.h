// Formulas whose names are resolved, ready to be evaluated; and what a question is made of.
#ifndef TENSORD_GRADING_SRC_FORMULA_PROGRAM_H_
#define TENSORD_GRADING_SRC_FORMULA_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "grading/src/formula/tree.h"
#include "tensord/compute/checked_math.h"

namespace tensord::grading::formula {

// Where an index's value or a size's stands while a formula is evaluated.
struct Slot {
  std::string name;
  std::optional<IndexExpression> size;  // of an index that the question names: its range is 0 .. size - 1
};

// A tree whose names are slots: the question's symbols first, then the free indices, then each index of each sum.
struct Program {
  Tree tree;
  std::vector<Slot> slots;
  size_t symbol_count = 0;
  size_t free_count = 0;
};

// first .. last, both inclusive.
struct Range {
  int64_t first = 0;
  int64_t last = -1;
};

// The expression's value, or nothing where it does not fit; `slots` has a value for each name in it.
inline std::optional<int64_t> IndexValue(const IndexExpression& expression, const std::vector<int64_t>& slots) {
  int64_t sum = 0;
  for (const IndexTerm& term : expression.terms) {
    int64_t product = term.coefficient;
    for (const size_t name : term.names) {
      if (__builtin_mul_overflow(product, slots[name], &product)) return std::nullopt;
    }
    if (__builtin_add_overflow(sum, product, &sum)) return std::nullopt;
  }
  return sum;
}

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_PROGRAM_H_
