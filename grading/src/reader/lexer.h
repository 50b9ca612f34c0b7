// Cuts signs into tokens.
#ifndef TENSORD_GRADING_SRC_READER_LEXER_H_
#define TENSORD_GRADING_SRC_READER_LEXER_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "grading/src/reader/tokens.h"

namespace tensord::grading::internal {

// The tokens of the signs of a PlainText, and one kEnd.
[[nodiscard]] std::vector<Token> Lex(absl::string_view signs);

// Whether the signs are d{1,3} and then groups of three digits behind a point, at least two: 5.133.600.
[[nodiscard]] size_t PointGroupsLength(absl::string_view signs);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_LEXER_H_
