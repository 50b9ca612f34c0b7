// Words and signs of a formula.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_TOKEN_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_TOKEN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::grading::shapes {

enum class TokenKind {
  kNumber,
  kName,
  kPlus,
  kMinus,
  kTimes,
  kCross,  // the sign x of \times, which also stands between the sizes of a shape
  kSlash,
  kDoubleSlash,
  kModulo,  // `text`: % where it was that sign
  kPower,
  kOpen,   // ( [ { \{ and what floors or ceils; `text` says which
  kClose,  // likewise
  kComma,
  kRelation,  // `text`: >= <= > < = !=
  kFraction,  // \frac
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  // A name as "H_in"; an opening bracket as "(", "[", "{", "floor" or "ceil"; a closing one as its opening one.
  std::string text;
  // A number, which is numerator/denominator.
  int64_t numerator = 0;
  int64_t denominator = 1;
  size_t place = 0;  // byte offset in the text
};

// The tokens of a formula as people type it: ASCII, Unicode's signs, LaTeX or Python. Ends with kEnd.
// Errors: kInvalidArgument - what begins no token, a number of more than 18 digits, a text of more than 16 KiB.
[[nodiscard]] absl::StatusOr<std::vector<Token>> Tokenize(absl::string_view text);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_TOKEN_H_
