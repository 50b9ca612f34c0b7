#include "client/cli/flags/flag.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/text.h"

namespace tensord::cli {

CLI::Validator OneOf(const std::vector<std::string>& choices) {
  return CLI::Validator(
      [choices](std::string& value) -> std::string {
        if (std::find(choices.begin(), choices.end(), value) != choices.end()) return "";
        return absl::StrCat("'", Escape(value), "' is not known", DidYouMean(value, choices),
                            "\nexpected: ", absl::StrJoin(choices, ", "));
      },
      "");
}

std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  const std::string placeholder = option.get_type_name();
  std::vector<std::string> choices;
  for (const absl::string_view part : absl::StrSplit(placeholder, '|')) {
    // NAME, N, B,B[:E,E]: parts that stand for something are in capitals.
    const bool literal = std::all_of(
        part.begin(), part.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    if (literal && !part.empty()) choices.emplace_back(part);
  }
  return placeholder.find('|') == std::string::npos ? std::vector<std::string>() : choices;
}

absl::Status RequireFlags(const std::vector<const Flag*>& required) {
  std::vector<std::string> missing;
  for (const Flag* flag : required) {
    if (!flag->given()) missing.push_back(flag->name());
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(absl::StrJoin(missing, " and "), missing.size() > 1 ? " are" : " is", " required and not given"));
}

}  // namespace tensord::cli
