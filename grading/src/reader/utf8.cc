#include "grading/src/reader/utf8.h"

#include <algorithm>
#include <cstdint>

namespace tensord::grading::internal {
namespace {

// How long a character is that begins with this byte, and the bits of it that count; 0 where none begins so.
struct Lead {
  size_t bytes;
  char32_t bits;
  char32_t least;  // of the characters of this length
};

Lead LeadOf(uint8_t byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte < 0xC0) return {0, 0, 0};
  if (byte < 0xE0) return {2, byte & 0x1FU, 0x80};
  if (byte < 0xF0) return {3, byte & 0x0FU, 0x800};
  if (byte < 0xF8) return {4, byte & 0x07U, 0x10000};
  return {0, 0, 0};
}

}  // namespace

CodePoint FirstCodePoint(absl::string_view text) {
  const Lead lead = LeadOf(static_cast<uint8_t>(text[0]));
  if (lead.bytes == 0 || lead.bytes > text.size()) return {};
  char32_t value = lead.bits;
  for (size_t i = 1; i < lead.bytes; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return {};
    value = value << 6 | (byte & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  if (value < lead.least || value > 0x10FFFF || surrogate) return {};
  return {value, lead.bytes};
}

}  // namespace tensord::grading::internal
