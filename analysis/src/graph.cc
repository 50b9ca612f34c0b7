#include "tensord/analysis/graph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_format.h"

namespace tensord::analysis {
namespace {

struct TypeInfo {
  const char* name;
  int64_t bytes;
};

// By ONNX's numbers.
constexpr std::array<TypeInfo, 17> kTypes = {{{"unknown", 0},
                                              {"float32", 4},
                                              {"uint8", 1},
                                              {"int8", 1},
                                              {"uint16", 2},
                                              {"int16", 2},
                                              {"int32", 4},
                                              {"int64", 8},
                                              {"string", 0},
                                              {"bool", 1},
                                              {"float16", 2},
                                              {"float64", 8},
                                              {"uint32", 4},
                                              {"uint64", 8},
                                              {"complex64", 8},
                                              {"complex128", 16},
                                              {"bfloat16", 2}}};

const TypeInfo& InfoOf(ElementType type) {
  const auto index = static_cast<size_t>(type);
  return kTypes[index < kTypes.size() ? index : 0];
}

constexpr size_t kMaxPrinted = 256;

// The bytes of the UTF-8 character at the beginning of `text`; 0 where there is none.
size_t CharacterBytes(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t bytes = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (bytes == 1) return 1;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  // Overlong forms, surrogates, and what is beyond Unicode.
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f)) return 0;
  if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return 0;
  // C1 controls.
  return lead == 0xc2 && second < 0xa0 ? 0 : bytes;
}

// Whether a character of two bytes or three has no width, or turns the direction of what is written behind it: a name
// with one can look like another. Joiners stay, as some languages need them.
// Source: https://www.unicode.org/reports/tr9/ (2, directional formatting characters), tr36 (2.5, spoofing)
bool IsInvisible(absl::string_view character) {
  const auto bits = [character](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(character[i])); };
  if (character.size() == 2) return ((bits(0) & 0x1f) << 6 | (bits(1) & 0x3f)) == 0x061c;
  if (character.size() != 3) return false;
  const uint32_t code = (bits(0) & 0x0f) << 12 | (bits(1) & 0x3f) << 6 | (bits(2) & 0x3f);
  return code == 0x200b || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

bool Same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool Same(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return Same(x, y); });
}

template <typename T>
bool Same(const T& a, const T& b) {
  return a == b;
}

// As ==, but for NaN.
template <typename... Kinds>
bool Same(const std::variant<Kinds...>& a, const std::variant<Kinds...>& b) {
  if (a.index() != b.index()) return false;
  return std::visit([&b](const auto& value) { return Same(value, std::get<std::decay_t<decltype(value)>>(b)); }, a);
}

}  // namespace

bool operator==(const GraphTensor& a, const GraphTensor& b) {
  if (a.name != b.name || a.type != b.type || a.shape != b.shape) return false;
  if (a.values.has_value() != b.values.has_value()) return false;
  return !a.values.has_value() || Same(*a.values, *b.values);
}

bool operator==(const GraphNode& a, const GraphNode& b) {
  const auto same = [](const auto& x, const auto& y) { return x.first == y.first && Same(x.second, y.second); };
  return a.name == b.name && a.op_type == b.op_type && a.domain == b.domain && a.inputs == b.inputs &&
         a.outputs == b.outputs &&
         std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(), b.attributes.end(), same);
}

int64_t ElementBytes(ElementType type) { return InfoOf(type).bytes; }

absl::string_view ElementTypeName(ElementType type) { return InfoOf(type).name; }

std::string PrintableName(absl::string_view name) {
  std::string printable;
  while (!name.empty()) {
    const auto byte = static_cast<unsigned char>(name[0]);
    const size_t bytes = CharacterBytes(name);
    std::string next(name.substr(0, std::max<size_t>(bytes, 1)));
    if (byte == '\n') {
      next = "\\n";
    } else if (byte == '\t') {
      next = "\\t";
    } else if (byte == '\\') {
      next = "\\\\";
    } else if (bytes == 0 || byte < 0x20 || byte == 0x7f) {
      next = absl::StrFormat("\\x%02x", byte);
    } else if (IsInvisible(next)) {
      std::string escaped;
      for (const char part : next) absl::StrAppendFormat(&escaped, "\\x%02x", static_cast<unsigned char>(part));
      next = std::move(escaped);
    }
    if (printable.size() + next.size() > kMaxPrinted - 3) return printable + "...";
    printable += next;
    name.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return printable;
}

}  // namespace tensord::analysis
