#include "grading/src/reader/digit_groups.h"

#include <algorithm>
#include <string>

#include "absl/strings/string_view.h"
#include "grading/src/reader/units.h"

namespace tensord::grading::internal {
namespace {

// The tokens of a number in groups of three digits: more than limits would let in.
constexpr size_t kLongestGroups = 4096;

}  // namespace

size_t GroupsEnd(const Tokens& tokens, size_t begin, char mark) {
  const auto plain = [&](size_t i, size_t least, size_t most) {
    const absl::string_view digits = tokens.signs(i);
    return tokens[i].IsNumber() && digits.size() >= least && digits.size() <= most &&
           std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  // The last group may have decimals behind it.
  const auto group = [&](size_t i) {
    const absl::string_view digits = tokens.signs(i);
    const size_t point = digits.find('.');
    return plain(i, 3, 3) ||
           (tokens[i].IsNumber() && point == 3 && digits.find_first_of("eE'_") == absl::string_view::npos &&
            digits.find('.', 4) == absl::string_view::npos);
  };
  if (!plain(begin, 1, 3) || tokens.signs(begin)[0] == '0') return begin + 1;
  size_t end = begin + 1;
  while (end - begin < kLongestGroups) {
    const size_t next = mark == ',' ? end + 1 : end;
    const bool joined = mark == ',' ? tokens[end].Is(',') && tokens.Touches(end - 1) && tokens.Touches(end)
                                    : tokens[end].begin == tokens[end - 1].end + 1 && !tokens[end].line_before;
    // What touches the digits of a group makes them something else: 1,000x or 5 133m.
    if (!joined || !group(next)) break;
    end = next + 1;
  }
  // 1, 100,2: a shorter group behind makes it a list.
  const bool goes_on = mark == ',' && tokens[end].Is(',') && tokens.Touches(end - 1) && tokens.Touches(end) &&
                       tokens[end + 1].IsNumber();
  const bool spaced = mark == ' ' && tokens[end].IsNumber() && !tokens[end].line_before;
  return goes_on || spaced ? begin + 1 : end;
}

bool IsPartOfWord(const Tokens& tokens, size_t i) {
  const Token& next = tokens[i + 1];
  if (!next.IsWord() || next.space_before) return false;
  const std::string word = tokens.Lower(i + 1);
  if (word == "st" || word == "nd" || word == "rd" || word == "th") return true;
  return word.size() == 1 && !ScaleOfUnit(tokens.signs(i + 1), true).has_value();
}

}  // namespace tensord::grading::internal
