#include "grading/src/formats/text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace tensord::grading::formats {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Marks that reorder or hide text: zero-width and directional ones, line separators, tags.
constexpr Range kHidden[] = {{0x061c, 0x061c}, {0x200b, 0x200f}, {0x2028, 0x202e},
                             {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f}};

// Combining marks of the blocks that are for nothing else.
constexpr Range kCombining[] = {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
                                {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

// Source: Unicode's EastAsianWidth.txt, the blocks that are wide (W, F) throughout.
constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},  {0x3400, 0x4dbf},
                           {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},
                           {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                           {0x1f900, 0x1f9ff}, {0x20000, 0x2fffd}, {0x30000, 0x3fffd}};

template <size_t kCount>
bool IsIn(const Range (&ranges)[kCount], uint32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [code](const Range& range) { return code >= range.first && code <= range.last; });
}

int WidthOf(uint32_t code) { return IsIn(kCombining, code) ? 0 : IsIn(kWide, code) ? 2 : 1; }

bool IsPrintable(const Character& character) {
  const uint32_t code = character.code;
  return character.is_valid && code >= 0x20 && (code < 0x7f || code >= 0xa0) && !IsIn(kHidden, code);
}

// The length of the longest beginning that is no wider than `width`, at least one character.
size_t Fitting(absl::string_view text, int width) {
  int used = 0;
  size_t end = 0;
  while (end < text.size()) {
    const Character character = CharacterAt(text, end);
    used += WidthOf(character.code);
    if (used > width && end > 0) break;
    end += character.length;
  }
  return end;
}

void WrapLine(absl::string_view line, int width, std::vector<std::string>& lines) {
  do {
    const size_t end = Fitting(line, width);
    if (end == line.size()) {
      lines.emplace_back(line);
      return;
    }
    // A space just behind what fits ends the line as well as one in it.
    const size_t space = line.rfind(' ', end);
    const bool at_space = space != absl::string_view::npos && space > 0;
    lines.emplace_back(line.substr(0, at_space ? space : end));
    line.remove_prefix(at_space ? space + 1 : end);
  } while (!line.empty());
}

}  // namespace

Character CharacterAt(absl::string_view text, size_t place) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(place);
  const Character none{.code = 0xfffd, .length = 1, .is_valid = false};
  if (lead < 0x80) return {.code = lead, .length = 1, .is_valid = true};
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || length > text.size() - place) return none;
  uint32_t code = lead & (0x7fU >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(place + i) & 0xc0U) != 0x80U) return none;
    code = (code << 6U) | (byte(place + i) & 0x3fU);
  }
  static constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return none;
  return {.code = code, .length = length, .is_valid = true};
}

std::string PlainText(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size();) {
    const Character character = CharacterAt(text, i);
    if (IsPrintable(character) || text[i] == '\n') {
      absl::StrAppend(&plain, text.substr(i, character.length));
    } else if (text[i] == '\t') {
      plain += ' ';
    } else {
      for (const char byte : text.substr(i, character.length)) {
        absl::StrAppend(&plain, "\\x", absl::Hex(static_cast<unsigned char>(byte), absl::kZeroPad2));
      }
    }
    i += character.length;
  }
  return plain;
}

std::string OneLine(absl::string_view text) {
  std::string line = PlainText(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

absl::string_view CutText(absl::string_view text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
}

int DisplayWidth(absl::string_view text) {
  int width = 0;
  for (size_t i = 0; i < text.size();) {
    const Character character = CharacterAt(text, i);
    width += WidthOf(character.code);
    i += character.length;
  }
  return width;
}

std::vector<std::string> Wrap(absl::string_view text, int width) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) WrapLine(line, std::max(width, 2), lines);
  return lines;
}

std::string HtmlText(absl::string_view text) {
  return absl::StrReplaceAll(PlainText(text),
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string PointsText(double points) {
  if (!std::isfinite(points)) return "?";
  return points == 0 ? "0" : absl::StrFormat("%.12g", points);
}

}  // namespace tensord::grading::formats
