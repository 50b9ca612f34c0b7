#include "tests/fuzz/check.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace tensord::fuzz {
namespace {

// The bytes of the UTF-8 sequence at the beginning of `text`; 0 where there is none. Overlong forms, surrogates and
// what is beyond U+10FFFF are none.
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  const uint32_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  uint32_t point = first & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    point = (point << 6) | (byte(i) & 0x3f);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  return point < kLeast[length] || point > 0x10ffff || surrogate ? 0 : length;
}

}  // namespace

void Check(bool holds, const char* rule, absl::string_view detail) {
  if (holds) return;
  std::fprintf(stderr, "broken rule: %s: %s\n", rule, std::string(detail).c_str());
  std::abort();
}

void Check(bool holds, const char* rule, const absl::Status& status) {
  if (!holds) Check(false, rule, status.ToString());
}

bool IsShowable(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0) return false;
    const auto first = static_cast<unsigned char>(text[0]);
    if ((first < 0x20 && first != '\n') || first == 0x7f) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace tensord::fuzz
