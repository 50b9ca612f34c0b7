#include "client/cli/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tensord::cli {
namespace {

// The length of the printable UTF-8 sequence at `i`, or 0 where there is none: C1 controls, overlong forms, surrogates
// and cut sequences are none.
size_t PrintableLength(absl::string_view text, size_t i) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char lead = byte(i);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || i + length > text.size()) return 0;
  uint32_t code = lead & (0x7fu >> length);
  for (size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xc0) != 0x80) return 0;
    code = (code << 6) | (byte(i + k) & 0x3fu);
  }
  static constexpr uint32_t kLeast[] = {0, 0, 0xa0, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
  // Marks that reorder or hide text.
  if ((code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) {
    return 0;
  }
  return length;
}

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Escape(absl::string_view text, bool keep_lines) {
  std::string escaped;
  for (size_t i = 0; i < text.size();) {
    const size_t length = PrintableLength(text, i);
    if (length > 0) {
      absl::StrAppend(&escaped, text.substr(i, length));
      i += length;
    } else if (keep_lines && text[i] == '\n') {
      escaped += text[i++];
    } else {
      absl::StrAppendFormat(&escaped, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(text[i++])));
    }
  }
  return escaped;
}

std::string Canonical(absl::string_view name) {
  std::string canonical = absl::AsciiStrToLower(name);
  std::replace(canonical.begin(), canonical.end(), '_', '-');
  std::replace(canonical.begin(), canonical.end(), ' ', '-');
  return canonical;
}

std::string Nearest(absl::string_view name, const std::vector<std::string>& candidates) {
  // A long hostile argument must not cost a long search.
  if (name.empty() || name.size() > 64) return "";
  const std::string wanted = Canonical(name);
  std::string nearest;
  size_t least = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::string canonical = Canonical(candidate);
    const bool begins = wanted.size() >= 3 && canonical.compare(0, wanted.size(), wanted) == 0;
    const size_t distance = begins ? 1 : EditDistance(wanted, canonical);
    if (distance < least && distance < wanted.size()) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string DidYouMean(absl::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(name, candidates);
  return nearest.empty() ? "" : absl::StrCat(" (did you mean ", nearest, "?)");
}

}  // namespace tensord::cli
