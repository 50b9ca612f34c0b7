// Text that is safe to show, and names that were meant.
#ifndef TENSORD_CLI_TEXT_H_
#define TENSORD_CLI_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tensord::cli {

// `text` with every control character and every byte that is no UTF-8 written as \xNN, so that what a file or a server
// says cannot steer the terminal. Line breaks are kept only where `keep_lines` says so.
[[nodiscard]] std::string Escape(absl::string_view text, bool keep_lines = false);

// The candidate nearest to `name` by edit distance, or empty where none is near enough to be what was meant.
[[nodiscard]] std::string Nearest(absl::string_view name, const std::vector<std::string>& candidates);

// " (did you mean X?)", or empty.
[[nodiscard]] std::string DidYouMean(absl::string_view name, const std::vector<std::string>& candidates);

// `name` in lower case with `_` and blanks as `-`: how choices are compared.
[[nodiscard]] std::string Canonical(absl::string_view name);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_TEXT_H_
