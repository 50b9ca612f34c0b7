// Text in columns.
#ifndef TENSORD_CLI_MODEL_COLUMNS_H_
#define TENSORD_CLI_MODEL_COLUMNS_H_

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace tensord::cli {

inline constexpr size_t kColumnGap = 2;

// How many characters of UTF-8; what Escape left is that.
[[nodiscard]] inline size_t TextWidth(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

// With blanks before or behind it.
[[nodiscard]] inline std::string AlignedText(const std::string& text, size_t width, bool right) {
  const std::string blanks(width > TextWidth(text) ? width - TextWidth(text) : 0, ' ');
  return right ? blanks + text : text + blanks;
}

// The end of what is longer than `width`, behind an ellipsis.
[[nodiscard]] inline std::string EndOfText(const std::string& text, size_t width) {
  if (TextWidth(text) <= width) return text;
  size_t begin = text.size();
  for (size_t count = 0; count + 1 < width && begin > 0;) {
    --begin;
    if ((static_cast<unsigned char>(text[begin]) & 0xc0) != 0x80) ++count;
  }
  return absl::StrCat("…", text.substr(begin));
}

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_COLUMNS_H_
