// What the commands of LaTeX and the characters of Unicode stand for.
#ifndef TENSORD_GRADING_SRC_FORMULA_LEXER_TABLES_H_
#define TENSORD_GRADING_SRC_FORMULA_LEXER_TABLES_H_

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "grading/src/formula/lexer.h"

namespace tensord::grading::formula {

struct Spelling {
  absl::string_view written;
  TokenKind kind;
  absl::string_view text;  // empty: only layout
};

// What a command such as "\cdot" is, the backslash left out; nothing for one that is not known.
std::optional<Spelling> FindCommand(absl::string_view name);

// Whether a command shows its argument in another font: "mathrm".
bool IsFont(absl::string_view name);

// What the text begins with, where that is a known character beyond ASCII.
std::optional<Spelling> FindCharacter(absl::string_view text);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_LEXER_TABLES_H_
