// Colours of a terminal.
#ifndef TENSORD_CLI_STYLE_H_
#define TENSORD_CLI_STYLE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace tensord::cli {

// Wraps text in escape sequences, or leaves it as it is.
class Style {
 public:
  explicit Style(bool color) : color_(color) {}

  [[nodiscard]] std::string Bold(absl::string_view text) const { return Wrap("1", text); }
  [[nodiscard]] std::string Dim(absl::string_view text) const { return Wrap("2", text); }
  [[nodiscard]] std::string Red(absl::string_view text) const { return Wrap("1;31", text); }
  [[nodiscard]] std::string High(absl::string_view text) const { return Wrap("32", text); }
  [[nodiscard]] std::string Low(absl::string_view text) const { return Wrap("34", text); }

 private:
  std::string Wrap(absl::string_view code, absl::string_view text) const {
    return color_ ? absl::StrCat("\x1b[", code, "m", text, "\x1b[0m") : std::string(text);
  }

  bool color_;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_STYLE_H_
