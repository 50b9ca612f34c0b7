#include "client/cli/flags/parse.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/flags/enum_names.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

absl::Status Bad(const std::string& flag, absl::string_view value, absl::string_view what, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": '", Escape(value), "' ", what, "\nexpected: ", expected));
}

absl::StatusOr<v1::Dimension> ParseDimension(const std::string& flag, absl::string_view text) {
  constexpr absl::string_view kExpected = "a number, or a symbol such as N: a letter, then letters, digits or _";
  text = absl::StripAsciiWhitespace(text);
  v1::Dimension dimension;
  if (const auto value = ParseInteger(text)) {
    dimension.set_value(*value);
    return dimension;
  }
  if (text.empty()) return Bad(flag, text, "is no size", kExpected);
  bool symbol = absl::ascii_isalpha(static_cast<unsigned char>(text[0]));
  for (const char c : text) symbol = symbol && (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_');
  if (!symbol) return Bad(flag, text, "is no size", kExpected);
  dimension.set_symbol(std::string(text));
  return dimension;
}

template <typename Enum>
absl::StatusOr<Enum> ParseEnumAs(const std::string& flag, absl::string_view text,
                                 const google::protobuf::EnumDescriptor* type) {
  TENSORCTL_ASSIGN_OR_RETURN(const int number, ParseEnum(flag, text, *type));
  return static_cast<Enum>(number);
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ParseIntegers(const std::string& flag, absl::string_view text) {
  std::vector<int64_t> values;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const auto value = ParseInteger(absl::StripAsciiWhitespace(part));
    if (!value)
      return Bad(flag, text, "is no list of integers", "one integer per spatial axis, e.g. 2,2, or one for all");
    values.push_back(*value);
  }
  return values;
}

absl::StatusOr<std::vector<v1::Dimension>> ParseDimensions(const std::string& flag, absl::string_view text) {
  std::vector<v1::Dimension> dimensions;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    TENSORCTL_ASSIGN_OR_RETURN(v1::Dimension dimension, ParseDimension(flag, part));
    dimensions.push_back(std::move(dimension));
  }
  return dimensions;
}

absl::StatusOr<std::vector<v1::DatasetAxis>> ParseAxes(const std::string& flag, absl::string_view text) {
  std::vector<v1::DatasetAxis> axes;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const size_t equals = part.find('=');
    if (equals == absl::string_view::npos || absl::StripAsciiWhitespace(part.substr(0, equals)).empty()) {
      return Bad(flag, part, "is no axis", "NAME=SIZE,..., e.g. image=1000,colour=3,height=256,width=256");
    }
    v1::DatasetAxis axis;
    axis.set_name(std::string(absl::StripAsciiWhitespace(part.substr(0, equals))));
    TENSORCTL_ASSIGN_OR_RETURN(*axis.mutable_size(), ParseDimension(flag, part.substr(equals + 1)));
    axes.push_back(std::move(axis));
  }
  return axes;
}

absl::StatusOr<v1::Padding> ParsePadding(const std::string& flag, absl::string_view text) {
  v1::Padding padding;
  const std::string name = Canonical(text);
  if (name == "valid" || name == "same-upper" || name == "same-lower" || name == "full" || name == "causal") {
    TENSORCTL_ASSIGN_OR_RETURN(const auto mode, ParseEnumAs<v1::PaddingMode>(flag, text, v1::PaddingMode_descriptor()));
    padding.set_mode(mode);
    return padding;
  }
  const std::vector<absl::string_view> sides = absl::StrSplit(text, ':');
  const auto begin = ParseIntegers(flag, sides[0]);
  const auto end = ParseIntegers(flag, sides.back());
  if (sides.size() > 2 || !begin.ok() || !end.ok()) {
    return Bad(flag, text,
               absl::StrCat("is no padding", DidYouMean(text, {"valid", "same-upper", "same-lower", "full", "causal"})),
               "valid, same-upper, same-lower, full, causal, or cells before[:after] per spatial axis, e.g. 1,1 or "
               "0,0:1,1");
  }
  padding.set_mode(v1::PADDING_MODE_EXPLICIT);
  padding.mutable_begin()->Assign(begin->begin(), begin->end());
  padding.mutable_end()->Assign(end->begin(), end->end());
  return padding;
}

absl::StatusOr<std::chrono::milliseconds> ParseDuration(const std::string& flag, absl::string_view text) {
  constexpr absl::string_view kExpected = "a number with a unit: 500ms, 5s, 2m or 1h";
  struct Unit {
    absl::string_view name;
    double milliseconds;
  };
  static constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}};
  const size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = ParseDouble(text.substr(0, digits));
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) != unit.name || !number) continue;
    const double milliseconds = std::round(*number * unit.milliseconds);
    // A year is longer than anyone waits, and well within what the clocks can add.
    if (milliseconds < 1 || milliseconds > 366 * 86'400e3) return Bad(flag, text, "is out of range", "1ms to a year");
    return std::chrono::milliseconds(static_cast<int64_t>(milliseconds));
  }
  return Bad(flag, text, "is no duration", kExpected);
}

absl::StatusOr<v1::ConventionProfile> ParseProfile(const std::string& flag, absl::string_view text) {
  return ParseEnumAs<v1::ConventionProfile>(flag, text, v1::ConventionProfile_descriptor());
}

absl::StatusOr<v1::PaddingSource> ParsePaddingSource(const std::string& flag, absl::string_view text) {
  return ParseEnumAs<v1::PaddingSource>(flag, text, v1::PaddingSource_descriptor());
}

absl::StatusOr<v1::PoolingKind> ParsePoolingKind(const std::string& flag, absl::string_view text) {
  return ParseEnumAs<v1::PoolingKind>(flag, text, v1::PoolingKind_descriptor());
}

absl::StatusOr<v1::LengthRule> ParseLengthRule(const std::string& flag, absl::string_view text) {
  return ParseEnumAs<v1::LengthRule>(flag, text, v1::LengthRule_descriptor());
}

absl::StatusOr<v1::TieRule> ParseTieRule(const std::string& flag, absl::string_view text) {
  return ParseEnumAs<v1::TieRule>(flag, text, v1::TieRule_descriptor());
}

absl::StatusOr<v1::EmptyWindow> ParseEmptyWindow(const std::string& flag, absl::string_view text) {
  return ParseEnumAs<v1::EmptyWindow>(flag, text, v1::EmptyWindow_descriptor());
}

absl::StatusOr<v1::PaddingLimit> ParsePaddingLimit(const std::string& flag, absl::string_view text) {
  return ParseEnumAs<v1::PaddingLimit>(flag, text, v1::PaddingLimit_descriptor());
}

absl::StatusOr<v1::IndexBase> ParseIndexBase(const std::string& flag, absl::string_view text) {
  return ParseEnumAs<v1::IndexBase>(flag, text, v1::IndexBase_descriptor());
}

absl::StatusOr<v1::IndexRange> ParseIndexRange(const std::string& flag, absl::string_view text) {
  return ParseEnumAs<v1::IndexRange>(flag, text, v1::IndexRange_descriptor());
}

absl::StatusOr<double> ParseNumber(const std::string& flag, absl::string_view text) {
  if (const auto number = ParseDouble(text)) return *number;
  return Bad(flag, text, "is no number", "a number, e.g. 2 or 1.5");
}

absl::Status ParseDivisor(const std::string& flag, absl::string_view text, v1::PoolingConventions& conventions) {
  if (const auto number = ParseInteger(text)) {
    conventions.set_average_divisor(v1::AVERAGE_DIVISOR_FIXED);
    conventions.set_fixed_divisor(*number);
    return absl::OkStatus();
  }
  if (text == "excluded" || text == "included") {
    conventions.set_average_divisor(text == "excluded" ? v1::AVERAGE_DIVISOR_EXCLUDED : v1::AVERAGE_DIVISOR_INCLUDED);
    return absl::OkStatus();
  }
  return Bad(flag, text, absl::StrCat("is no divisor", DidYouMean(text, {"excluded", "included"})),
             "excluded, included or a number");
}

std::vector<std::string> ActivationNames() {
  std::vector<std::string> names = AllActivationNames();
  std::erase_if(names,
                [](const std::string& name) { return name == "prelu" || name == "softmax" || name == "log-softmax"; });
  return names;
}
std::vector<std::string> AllActivationNames() { return FlagNames(*v1::ActivationKind_descriptor()); }
std::vector<std::string> ProfileNames() { return FlagNames(*v1::ConventionProfile_descriptor()); }
std::vector<std::string> PaddingSourceNames() { return FlagNames(*v1::PaddingSource_descriptor()); }
std::vector<std::string> PoolingKindNames() { return FlagNames(*v1::PoolingKind_descriptor()); }
std::vector<std::string> LengthRuleNames() { return FlagNames(*v1::LengthRule_descriptor()); }
std::vector<std::string> TieRuleNames() { return FlagNames(*v1::TieRule_descriptor()); }
std::vector<std::string> EmptyWindowNames() { return FlagNames(*v1::EmptyWindow_descriptor()); }
std::vector<std::string> PaddingLimitNames() { return FlagNames(*v1::PaddingLimit_descriptor()); }
std::vector<std::string> IndexBaseNames() { return FlagNames(*v1::IndexBase_descriptor()); }
std::vector<std::string> IndexRangeNames() { return FlagNames(*v1::IndexRange_descriptor()); }

}  // namespace tensord::cli
