#include "client/cli/number.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <system_error>
#include <type_traits>

namespace tensord::cli {
namespace {

template <typename Real>
std::optional<std::string> SpecialText(Real value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0";
  return std::nullopt;
}

template <typename Real>
std::string ShortestText(Real value) {
  if (auto special = SpecialText(value)) return *special;
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, result.ptr);
}

template <typename Real>
std::optional<Real> ParseReal(absl::string_view text) {
  // from_chars takes no plus sign, which other programs write.
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') text.remove_prefix(1);
  const char* end = text.data() + text.size();
  Real value{};
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ptr != end || text.empty()) return std::nullopt;
  if (result.ec == std::errc()) return value;
  if (result.ec != std::errc::result_out_of_range) return std::nullopt;
  // Out of range is either too large, which is refused, or too small, which rounds; strtod tells them apart. The
  // program never leaves the C locale.
  const std::string copy(text);
  if constexpr (std::is_same_v<Real, float>) {
    value = std::strtof(copy.c_str(), nullptr);
  } else {
    value = std::strtod(copy.c_str(), nullptr);
  }
  if (std::isinf(value)) return std::nullopt;
  return value;
}

}  // namespace

std::string NumberText(float value) { return ShortestText(value); }
std::string NumberText(double value) { return ShortestText(value); }

std::string RoundedText(double value, int digits) {
  if (auto special = SpecialText(value)) return *special;
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::general, digits);
  return std::string(buffer, result.ptr);
}

std::optional<float> ParseFloat(absl::string_view text) { return ParseReal<float>(text); }
std::optional<double> ParseDouble(absl::string_view text) { return ParseReal<double>(text); }

std::optional<int64_t> ParseInteger(absl::string_view text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

}  // namespace tensord::cli
