// What characters beyond ASCII and LaTeX's commands mean in an answer.
#ifndef TENSORD_GRADING_SRC_READER_CHARACTERS_H_
#define TENSORD_GRADING_SRC_READER_CHARACTERS_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace tensord::grading::internal {

// The signs of PlainText that a character stands for; empty where it is invisible. Superscripts are not among them.
[[nodiscard]] absl::string_view SignsOfCharacter(char32_t character);

// What a superscript raises, '2' for ², or 0 for any other character.
[[nodiscard]] char RaisedBy(char32_t character);

// The signs of PlainText that LaTeX's command (without its backslash) stands for, or nothing where it is none that is
// known. One that wraps a text in braces ("text", "mathrm", "mathbf") is IsWrapper() instead.
[[nodiscard]] std::optional<absl::string_view> SignsOfCommand(absl::string_view command);
[[nodiscard]] bool IsWrapper(absl::string_view command);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_CHARACTERS_H_
