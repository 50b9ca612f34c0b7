// The words of a formula, the same for ASCII, Unicode and LaTeX.
#ifndef TENSORD_GRADING_SRC_FORMULA_LEXER_H_
#define TENSORD_GRADING_SRC_FORMULA_LEXER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/grading/formula.h"

namespace tensord::grading::formula {

enum class TokenKind {
  kNumber,    // "12", "0.5"
  kName,      // letters and digits: "W", "j1", "sigma"
  kSum,       // sum, \sum, a capital sigma
  kPartial,   // \partial
  kFraction,  // \frac
  kMark,      // one of + - * / ^ _ = ( ) [ ] { } , < > <= >= != .. . ' |
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  size_t offset = 0;
  size_t length = 0;
  [[nodiscard]] bool Is(absl::string_view mark) const { return kind == TokenKind::kMark && text == mark; }
};

struct Tokens {
  std::vector<Token> tokens;             // ends with kEnd, where there is no problem
  std::vector<FormulaProblem> problems;  // at most one
};

inline constexpr size_t kMaxTextBytes = size_t{64} << 10;

// Splits a text into tokens. What only lays out (\left, \, , $, \limits) is left out; \cdot and its like are "*".
Tokens Lex(absl::string_view text);

// A name as it is compared: "j_1", "j_{1}" and "j1" are one, and so are "\delta" and the Greek letter. Empty where the
// text is no name.
std::string CanonicalName(absl::string_view name);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_LEXER_H_
