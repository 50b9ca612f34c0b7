#include <cstdint>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/flags/enum_names.h"
#include "client/cli/flags/parse.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

// `C` or `-1`.
absl::Status SetAxis(const std::string& place, absl::string_view value, v1::Activation& activation) {
  int64_t index = 0;
  if (absl::SimpleAtoi(value, &index)) {
    activation.set_axis_index(index);
  } else if (value.size() == 1) {
    activation.set_axis(std::string(value));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(place, ": '", Escape(value), "' is neither a letter of the input's axes nor an index"));
  }
  return absl::OkStatus();
}

// Sets one parameter from its text. Whether the function takes it is for the server to say.
absl::Status SetParameter(const std::string& flag, absl::string_view name, absl::string_view value,
                          v1::Activation& activation) {
  const std::string place = absl::StrCat(flag, ": ", Escape(name));
  if (name == "form") {
    TENSORCTL_ASSIGN_OR_RETURN(const int form, ParseEnum(place, value, *v1::GeluForm_descriptor()));
    activation.set_gelu_form(static_cast<v1::GeluForm>(form));
    return absl::OkStatus();
  }
  if (name == "kink") {
    TENSORCTL_ASSIGN_OR_RETURN(const int slope, ParseEnum(place, value, *v1::KinkSlope_descriptor()));
    activation.set_kink_slope(static_cast<v1::KinkSlope>(slope));
    return absl::OkStatus();
  }
  if (name == "match") {
    TENSORCTL_ASSIGN_OR_RETURN(const int match, ParseEnum(place, value, *v1::SlopeMatch_descriptor()));
    activation.set_slope_match(static_cast<v1::SlopeMatch>(match));
    return absl::OkStatus();
  }
  if (name == "axis") return SetAxis(place, value, activation);
  using Setter = void (v1::Activation::*)(double);
  static constexpr std::pair<const char*, Setter> kNumbers[] = {
      {"slope", &v1::Activation::set_slope},     {"offset", &v1::Activation::set_offset},
      {"alpha", &v1::Activation::set_alpha},     {"beta", &v1::Activation::set_beta},
      {"minimum", &v1::Activation::set_minimum}, {"maximum", &v1::Activation::set_maximum}};
  for (const auto& [known, set] : kNumbers) {
    if (name != known) continue;
    const auto number = ParseDouble(value);
    if (!number) return absl::InvalidArgumentError(absl::StrCat(place, ": '", Escape(value), "' is no number"));
    (activation.*set)(*number);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      flag, ": the parameter '", Escape(name), "' is not known",
      DidYouMean(name, {"slope", "offset", "alpha", "beta", "minimum", "maximum", "form", "kink", "axis", "match"}),
      "\nexpected: slope, offset, alpha, beta, minimum, maximum, form=exact|tanh, "
      "kink=left|right|mean|saturated, axis=LETTER|INDEX or match=trailing|channel|axes"));
}

}  // namespace

absl::StatusOr<v1::Activation> ParseActivation(const std::string& flag, absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  TENSORCTL_ASSIGN_OR_RETURN(const int kind, ParseEnum(flag, parts.first, *v1::ActivationKind_descriptor()));
  v1::Activation activation;
  activation.set_kind(static_cast<v1::ActivationKind>(kind));
  if (parts.first.size() == text.size()) return activation;
  std::set<std::string> seen;
  for (const absl::string_view parameter : absl::StrSplit(parts.second, ',')) {
    const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(parameter, absl::MaxSplits('=', 1));
    const absl::string_view name = absl::StripAsciiWhitespace(pair.first);
    if (!seen.insert(std::string(name)).second) {
      return absl::InvalidArgumentError(absl::StrCat(flag, ": the parameter '", Escape(name), "' is given twice"));
    }
    TENSORCTL_RETURN_IF_ERROR(SetParameter(flag, name, absl::StripAsciiWhitespace(pair.second), activation));
  }
  return activation;
}

}  // namespace tensord::cli
