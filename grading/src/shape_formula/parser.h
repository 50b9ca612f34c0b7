// Texts to trees.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_PARSER_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_PARSER_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grading/src/shape_formula/names.h"
#include "grading/src/shape_formula/tree.h"
#include "tensord/grading/shape_formula.h"

namespace tensord::grading::shapes {

// Reads a formula or a tuple of formulas; docs/grading/shape_formulas.md has the grammar. `component_count` is how many
// are expected: where that is more than one, "B x N x C" is a tuple too.
// Errors: kInvalidArgument - what the grammar does not have, an unknown name, an ambiguous "a/2b", or a text beyond
//         ShapeFormulaJudge's limits; the text says where and what would do.
[[nodiscard]] absl::StatusOr<Formula> ParseFormula(absl::string_view text, const Names& names, DivisionRule division,
                                                   size_t component_count);

// Reads a condition such as "1 <= K <= N + 2*P": the roots are 1 where it holds.
[[nodiscard]] absl::StatusOr<Formula> ParseConstraint(absl::string_view text, const Names& names);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_PARSER_H_
