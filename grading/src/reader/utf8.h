// UTF-8, strictly.
#ifndef TENSORD_GRADING_SRC_READER_UTF8_H_
#define TENSORD_GRADING_SRC_READER_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace tensord::grading::internal {

// The character that a text begins with and its bytes; {0, 1} where they are no UTF-8 (overlong forms, surrogates and
// what is beyond U+10FFFF included). `text` must not be empty.
struct CodePoint {
  char32_t value = 0;
  size_t bytes = 1;
};
[[nodiscard]] CodePoint FirstCodePoint(absl::string_view text);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_UTF8_H_
