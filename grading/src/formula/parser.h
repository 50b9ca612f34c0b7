// Reads formulas: docs/grading/formulas.md has the grammar.
#ifndef TENSORD_GRADING_SRC_FORMULA_PARSER_H_
#define TENSORD_GRADING_SRC_FORMULA_PARSER_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "grading/src/formula/names.h"
#include "grading/src/formula/tree.h"
#include "tensord/grading/formula.h"

namespace tensord::grading::formula {

struct Parsed {
  Tree tree;
  std::optional<LeftSide> left;
  bool chained = false;                 // a = b = c: only the last is in the tree
  std::vector<FormulaProblem> fatal;    // at most one; the tree is whole where there is none
  std::vector<FormulaProblem> unknown;  // names that nobody knows
};

// Reads any bytes.
Parsed Parse(absl::string_view text, const Names& names);

// Reads a size or a limit, e.g. "H - Kh + 1", its names those of `tree`; nothing where the text is none.
std::optional<IndexExpression> ParseSize(absl::string_view text, Tree* tree);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_PARSER_H_
