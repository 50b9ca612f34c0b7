#include "grading/src/reader/units.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace tensord::grading::internal {
namespace {

constexpr size_t kLongestUnit = 16;

struct NamedScale {
  absl::string_view word;
  int64_t exponent;
};
constexpr std::array kWords = {NamedScale{"thousand", 3}, NamedScale{"million", 6},  NamedScale{"millions", 6},
                               NamedScale{"mio", 6},      NamedScale{"billion", 9},  NamedScale{"billions", 9},
                               NamedScale{"bn", 9},       NamedScale{"trillion", 12}};

// What stands behind a prefix: GFLOPs, MMACs, kB.
constexpr std::array<absl::string_view, 11> kCounted = {"flop", "flops", "mac",   "macs",   "op",   "ops",
                                                        "b",    "byte",  "bytes", "params", "mults"};

// k is 1, M is 2, ...: the power of a thousand; 0 for none.
int64_t Thousands(char prefix) {
  switch (prefix) {
    case 'k':
    case 'K':
      return 1;
    case 'M':
      return 2;
    case 'G':
      return 3;
    case 'T':
      return 4;
    default:
      return 0;
  }
}

}  // namespace

std::optional<Scale> ScaleOfUnit(absl::string_view word, bool touches) {
  if (word.empty() || word.size() > kLongestUnit) return std::nullopt;
  const std::string lower = absl::AsciiStrToLower(word);
  const auto* const named =
      std::find_if(kWords.begin(), kWords.end(), [&](const NamedScale& scale) { return scale.word == lower; });
  if (named != kWords.end()) return Scale{10, named->exponent};
  const int64_t thousands = Thousands(word[0]);
  if (thousands == 0) return std::nullopt;
  if (word.size() == 1) return touches ? std::optional<Scale>(Scale{10, 3 * thousands}) : std::nullopt;
  absl::string_view counted = absl::string_view(lower).substr(1);
  const bool binary = absl::ConsumePrefix(&counted, "i") && (counted == "b" || counted == "byte" || counted == "bytes");
  if (!binary && word[1] == 'i') return std::nullopt;
  if (std::find(kCounted.begin(), kCounted.end(), counted) == kCounted.end()) return std::nullopt;
  return binary ? Scale{2, 10 * thousands} : Scale{10, 3 * thousands};
}

}  // namespace tensord::grading::internal
