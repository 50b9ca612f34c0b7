#include "client/cli/batch/line_reader.h"

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace tensord::cli {
namespace {

bool IsBlankOrComment(absl::string_view text) {
  const absl::string_view stripped = absl::StripLeadingAsciiWhitespace(text);
  return stripped.empty() || stripped.front() == '#';
}

}  // namespace

std::optional<Line> LineReader::Next() {
  std::optional<Line> line = NextOfAnyKind();
  while (line.has_value() && IsBlankOrComment(line->text)) line = NextOfAnyKind();
  return line;
}

std::optional<Line> LineReader::NextOfAnyKind() {
  Line line;
  int64_t count = 0;
  char c = 0;
  while (in_.get(c)) {
    ++count;
    if (c == '\n') break;
    if (line.text.size() < max_bytes_) {
      line.text.push_back(c);
    } else {
      line.is_too_long = true;
    }
  }
  if (count == 0) return std::nullopt;
  bytes_read_.fetch_add(count, std::memory_order_relaxed);
  line.number = ++line_count_;
  if (!line.text.empty() && line.text.back() == '\r') line.text.pop_back();
  return line;
}

}  // namespace tensord::cli
