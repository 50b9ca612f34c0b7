#include "client/cli/io/csv.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/elements.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

// Appends one line's fields and returns how many there were.
absl::StatusOr<int64_t> AppendLine(absl::string_view line, int64_t number, ElementBuilder& builder) {
  int64_t column = 0;
  for (const absl::string_view field : absl::StrSplit(line, ',')) {
    ++column;
    const absl::string_view value = absl::StripAsciiWhitespace(field);
    const std::string place = absl::StrCat("line ", number, ", column ", column, " ");
    if (value.empty()) return absl::InvalidArgumentError(absl::StrCat(place, "is empty\nexpected: a number"));
    if (builder.size_bytes() >= kMaxTensorBytes) return absl::InvalidArgumentError("it is larger than any tensor");
    const absl::Status appended = builder.AppendText(value);
    if (!appended.ok()) return absl::InvalidArgumentError(absl::StrCat(place, "is ", appended.message()));
  }
  return column;
}

}  // namespace

absl::StatusOr<v1::Tensor> ReadCsv(absl::string_view text, v1::DataType type) {
  if (absl::StartsWith(text, "\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
  text = absl::StripTrailingAsciiWhitespace(text);
  if (text.empty()) return absl::InvalidArgumentError("it is empty\nexpected: lines of numbers, separated by commas");
  ElementBuilder builder(type);
  int64_t rows = 0;
  int64_t columns = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++rows;
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t fields, AppendLine(line, rows, builder));
    if (rows == 1) columns = fields;
    if (fields != columns) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", rows, " has ", fields, " fields, where line 1 has ", columns));
    }
  }
  return MakeTensor(type, {rows, columns}, builder.Take());
}

}  // namespace tensord::cli
