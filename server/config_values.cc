#include "server/config_values.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tensord::server {
namespace {

using std::chrono::milliseconds;

struct Unit {
  const char* suffix;
  int64_t factor;
};

// Longest suffix first where one ends another.
constexpr Unit kByteUnits[] = {{"KiB", int64_t{1} << 10}, {"MiB", int64_t{1} << 20}, {"GiB", int64_t{1} << 30}};
constexpr Unit kDurationUnits[] = {{"min", 60'000}, {"ms", 1}, {"m", 60'000}, {"s", 1'000}, {"h", 3'600'000}};

// Digits only, as the conversion itself would accept a sign and spaces.
bool ParseDigits(absl::string_view text, int64_t* value) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  return digits && absl::SimpleAtoi(text, value);
}

// The number before the first suffix that `text` ends with, times its factor.
template <size_t kCount>
bool ParseWithUnit(absl::string_view text, const Unit (&units)[kCount], int64_t* value) {
  for (const Unit& unit : units) {
    const absl::string_view suffix = unit.suffix;
    if (!absl::EndsWith(text, suffix)) continue;
    int64_t count = 0;
    return ParseDigits(text.substr(0, text.size() - suffix.size()), &count) &&
           !__builtin_mul_overflow(count, unit.factor, value);
  }
  return false;
}

constexpr std::array<const char*, 5> kLogLevelNames = {"debug", "info", "warning", "error", "off"};

}  // namespace

absl::StatusOr<int64_t> ParseNumber(absl::string_view text, int64_t least, int64_t most) {
  int64_t value = 0;
  if (ParseDigits(text, &value) && value >= least && value <= most) return value;
  return absl::InvalidArgumentError(absl::StrCat("a whole number from ", least, " to ", most));
}

absl::StatusOr<int64_t> ParseBytes(absl::string_view text, int64_t least, int64_t most) {
  int64_t value = 0;
  const bool parsed = ParseDigits(text, &value) || ParseWithUnit(text, kByteUnits, &value);
  if (parsed && value >= least && value <= most) return value;
  return absl::InvalidArgumentError(
      absl::StrCat("a number of bytes from ", least, " to ", most, ", such as 268435456 or 256MiB"));
}

absl::StatusOr<milliseconds> ParseDuration(absl::string_view text, milliseconds least, milliseconds most) {
  int64_t value = 0;
  const bool parsed = text == "0" || ParseWithUnit(text, kDurationUnits, &value);
  if (parsed && value >= least.count() && value <= most.count()) return milliseconds(value);
  return absl::InvalidArgumentError(absl::StrCat("a duration from ", FormatDuration(least), " to ",
                                                 FormatDuration(most), ", such as 500ms, 30s or 10min"));
}

std::string FormatDuration(milliseconds duration) {
  const int64_t count = duration.count();
  if (count != 0 && count % 3'600'000 == 0) return absl::StrCat(count / 3'600'000, "h");
  if (count != 0 && count % 60'000 == 0) return absl::StrCat(count / 60'000, "min");
  if (count % 1'000 == 0) return absl::StrCat(count / 1'000, "s");
  return absl::StrCat(count, "ms");
}

absl::StatusOr<bool> ParseSwitch(absl::string_view text) {
  if (text == "on" || text == "true") return true;
  if (text == "off" || text == "false") return false;
  return absl::InvalidArgumentError("on or off");
}

absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view text) {
  for (size_t i = 0; i < kLogLevelNames.size(); ++i) {
    if (text == kLogLevelNames[i]) return static_cast<LogLevel>(i);
  }
  return absl::InvalidArgumentError("debug, info, warning, error or off");
}

const char* LogLevelName(LogLevel level) {
  const auto index = static_cast<size_t>(level);
  return index < kLogLevelNames.size() ? kLogLevelNames[index] : "unknown";
}

}  // namespace tensord::server
