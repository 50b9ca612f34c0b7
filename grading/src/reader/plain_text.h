// A student's text in one alphabet: ASCII and a few signs of our own, whatever it was typed in.
#ifndef TENSORD_GRADING_SRC_READER_PLAIN_TEXT_H_
#define TENSORD_GRADING_SRC_READER_PLAIN_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tensord::grading::internal {

// Signs that ASCII lacks, in the places of control characters, which have no meaning in an answer.
enum Sign : char {
  kMeaningless = 0x01,  // a control character, bytes that are no UTF-8, a character that answers do not use
  kCross = 0x02,        // × \times: a product, or a shape's "by"
  kDots = 0x03,         // … \ldots \dots; the lexer makes it of .. and ... too
  kLessEqual = 0x04,    // ≤ \le; the lexer makes it of <= too
  kGreaterEqual = 0x05,
  kElementOf = 0x06,  // ∈ \in
  kFraction = 0x07,   // \frac, before its two {...}
  kAbout = 0x08,      // ≈ → \approx \to: as =, but nothing is claimed to be equal
  kSum = 0x0E,        // Σ ∑ \sum
  kFloor = 0x0F,      // ⌊ \lfloor; its end is kFloorEnd
  kFloorEnd = 0x10,
  kCeil = 0x11,
  kCeilEnd = 0x12,
  kLetter = 0x13,       // a letter beyond ASCII
  kFloorDivide = 0x14,  // the lexer's, of //
};

// `text` in signs. LaTeX's and Markdown's markup is gone, full-width and other forms are ASCII, superscripts are
// ^{...}.
struct PlainText {
  std::string signs;
  std::vector<uint32_t> offsets;  // where each sign came from; one more, the text's size
};

// `text` must have less than 2^31 bytes.
[[nodiscard]] PlainText MakePlain(absl::string_view text);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_PLAIN_TEXT_H_
