// Numbers as text, and back.
#ifndef TENSORD_CLI_NUMBER_H_
#define TENSORD_CLI_NUMBER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tensord::cli {

// The shortest decimal that reads back to the same float or double: `6`, `0.1`, `1e-07`, `-0.0`; `NaN`, `Infinity` and
// `-Infinity` where there is none. Finite ones are valid JSON.
[[nodiscard]] std::string NumberText(float value);
[[nodiscard]] std::string NumberText(double value);

// `value` to at most `digits` significant digits, in the same form.
[[nodiscard]] std::string RoundedText(double value, int digits);

// The whole of `text` as a number, correctly rounded; no value where it is none, or too large. Too small reads as the
// nearest, zero included. `NaN`, `Infinity`, `inf` and their like are numbers here; JSON's own rules are its parser's.
[[nodiscard]] std::optional<float> ParseFloat(absl::string_view text);
[[nodiscard]] std::optional<double> ParseDouble(absl::string_view text);

// The whole of `text` as a decimal integer; no value where it is none, or does not fit.
[[nodiscard]] std::optional<int64_t> ParseInteger(absl::string_view text);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_NUMBER_H_
