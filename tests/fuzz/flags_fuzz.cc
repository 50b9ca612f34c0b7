#include "tests/fuzz/flags_fuzz.h"

#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/str_join.h"
#include "client/cli/flags/parse.h"
#include "client/cli/number.h"
#include "client/cli/text.h"
#include "tests/fuzz/check.h"

namespace tensord::fuzz {
namespace {

constexpr char kFlag[] = "--flag";

void CheckError(const absl::Status& status) {
  if (status.ok()) return;
  Check(!status.message().empty(), "an error has to say what is wrong");
  Check(IsShowable(status.message()), "an error has to be fit for a terminal", status.message());
}

void CheckIntegers(absl::string_view text) {
  const auto integers = cli::ParseIntegers(kFlag, text);
  CheckError(integers.status());
  if (!integers.ok()) return;
  const auto again = cli::ParseIntegers(kFlag, absl::StrJoin(*integers, ","));
  Check(again.ok() && *again == *integers, "a list of integers can be written and read", text);
}

template <typename T>
void CheckNumber(absl::string_view text, std::optional<T> (*parse)(absl::string_view)) {
  const std::optional<T> value = parse(text);
  if (!value) return;
  const std::string written = cli::NumberText(*value);
  const std::optional<T> again = parse(written);
  Check(again && ((std::isnan(*value) && std::isnan(*again)) || *again == *value), "a number can be written and read",
        written);
  Check(cli::NumberText(*again) == written, "a number has one text", written);
}

void CheckText(absl::string_view text) {
  const std::string shown = cli::Escape(text);
  Check(IsShowable(shown) && shown.find('\n') == std::string::npos, "escaped text can be shown", shown);
  Check(IsShowable(cli::Escape(text, /*keep_lines=*/true)), "escaped text with lines can be shown", text);
  (void)cli::DidYouMean(text, cli::ActivationNames());
  (void)cli::Canonical(text);
  (void)cli::ParseInteger(text);
}

}  // namespace

void RunFlags(const uint8_t* data, size_t size) {
  if (size == 0) return;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  v1::PoolingConventions conventions;
  switch (data[0] % 13) {
    case 0:
      return CheckIntegers(text);
    case 1:
      return CheckError(cli::ParseDimensions(kFlag, text).status());
    case 2:
      return CheckError(cli::ParseAxes(kFlag, text).status());
    case 3:
      return CheckError(cli::ParsePadding(kFlag, text).status());
    case 4:
      return CheckError(cli::ParseActivation(kFlag, text).status());
    case 5:
      return CheckError(cli::ParseDuration(kFlag, text).status());
    case 6:
      return CheckError(cli::ParseProfile(kFlag, text).status());
    case 7:
      return CheckError(cli::ParsePoolingKind(kFlag, text).status());
    case 8:
      return CheckError(cli::ParseLengthRule(kFlag, text).status());
    case 9:
      return CheckError(cli::ParseDivisor(kFlag, text, conventions));
    case 10:
      return CheckNumber<float>(text, &cli::ParseFloat);
    case 11:
      return CheckNumber<double>(text, &cli::ParseDouble);
    default:
      return CheckText(text);
  }
}

}  // namespace tensord::fuzz
