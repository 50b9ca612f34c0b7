// Where an answer is a tuple.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_TUPLE_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_TUPLE_H_

#include <cstddef>
#include <vector>

#include "grading/src/shape_formula/names.h"
#include "grading/src/shape_formula/token.h"

namespace tensord::grading::shapes {

// The tokens without "y =" before, where y is no variable, and without the brackets around a tuple. Sets
// `cross_separates` where the sizes of the tuple are separated by multiplication signs or by the letter x: where the
// answer has as many of them outside of brackets as that many components need, and no comma.
[[nodiscard]] std::vector<Token> WithoutTupleBrackets(std::vector<Token> tokens, const Names& names,
                                                      size_t component_count, bool* cross_separates);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_TUPLE_H_
