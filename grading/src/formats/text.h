// Texts of strangers: read as UTF-8, made harmless, cut and wrapped.
#ifndef TENSORD_GRADING_FORMATS_TEXT_H_
#define TENSORD_GRADING_FORMATS_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tensord::grading::formats {

// A character of UTF-8, or one byte that begins none.
struct Character {
  uint32_t code = 0;
  size_t length = 1;
  bool is_valid = false;
};

// The character at a place below text.size(). Overlong forms, surrogates, codes beyond U+10FFFF and cut sequences are
// not valid.
Character CharacterAt(absl::string_view text, size_t place);

// The text with `\xNN` for bytes that are no UTF-8, for control characters but newlines, and for the marks that reorder
// or hide text. A tab becomes a space.
std::string PlainText(absl::string_view text);

// As PlainText, on one line: newlines become spaces.
std::string OneLine(absl::string_view text);

// At most `most` bytes from the beginning, whole characters only.
absl::string_view CutText(absl::string_view text, size_t most);

// Columns that a text without control characters takes on a terminal: 2 for East Asian wide characters, 0 for combining
// marks, else 1.
int DisplayWidth(absl::string_view text);

// The lines of a plain text, none wider than `width`, which is at least 2; broken at spaces where that is possible. At
// least one line.
std::vector<std::string> Wrap(absl::string_view text, int width);

// PlainText with HTML's special characters as entities: for text and for attributes in quotes.
std::string HtmlText(absl::string_view text);

// A number of points for people: up to 12 digits, `1` rather than `1.0`; `-0` is `0`, and what is no
// number is `?`.
std::string PointsText(double points);

}  // namespace tensord::grading::formats

#endif  // TENSORD_GRADING_FORMATS_TEXT_H_
