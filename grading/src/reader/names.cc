#include "grading/src/reader/names.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/reader/digit_groups.h"

namespace tensord::grading::internal {
namespace {

constexpr size_t kMostWords = 4;
constexpr size_t kLongestAlias = 3;

constexpr absl::string_view kFillers[] = {
    "a",          "an",    "the",        "is",        "are",    "was",    "it",    "its",    "and",  "or",
    "of",         "to",    "at",         "in",        "on",     "with",   "by",    "as",     "be",   "has",
    "have",       "we",    "get",        "so",        "then",   "i",      "x",     "each",   "both", "there",
    "answer",     "shape", "size",       "sizes",     "that",   "this",   "wide",  "high",   "long", "tall",
    "which",      "for",   "will",       "result",    "equals", "shapes", "where", "axes",   "axis", "order",
    "dimensions", "total", "altogether", "therefore", "thus",   "hence",  "final", "overall"};

// The words that name something, of items [begin, end).
std::string Join(const Tokens& tokens, const Scan& scan, size_t begin, size_t end) {
  std::vector<std::string> words;
  std::string adjective;  // names an axis where nothing else does: 256 wide
  for (size_t i = begin; i < end && words.size() < kMostWords; ++i) {
    if (!tokens[scan.items[i].begin].IsWord()) continue;  // 2D
    const std::string lower = tokens.Lower(scan.items[i].begin);
    if (lower == "wide" || lower == "high" || lower == "long" || lower == "tall") adjective = lower;
    if (!IsFiller(lower)) words.push_back(tokens.Name(scan.items[i].begin));
  }
  return words.empty() ? adjective : absl::StrJoin(words, " ");
}

// Whether item i is a word that may be part of a name; "and" and "or" part two.
bool IsPart(const Tokens& tokens, const Scan& scan, size_t i) {
  const Item& item = scan.items[i];
  return item.IsWord() && !tokens.IsWord(item.begin, "and") && !tokens.IsWord(item.begin, "or");
}

// The first item of the run of words that ends before item `end`.
size_t WordsBefore(const Tokens& tokens, const Scan& scan, size_t end) {
  size_t begin = end;
  while (begin > 0 && IsPart(tokens, scan, begin - 1) && end - begin < 2 * kMostWords) --begin;
  return begin;
}

size_t WordsEnd(const Tokens& tokens, const Scan& scan, size_t begin) {
  size_t end = begin;
  while (end < scan.items.size() && IsPart(tokens, scan, end) && end - begin < 2 * kMostWords) ++end;
  return end;
}

// Whether the word at item i is a factor or the like: H of W*H.
bool IsOperand(const Scan& scan, size_t i) {
  if (i == 0) return false;
  const Item& before = scan.items[i - 1];
  return before.Is('*') || before.Is('/') || before.Is('+') || before.Is('-') || before.Is('^') || before.Is(kCross);
}

}  // namespace

bool IsFiller(absl::string_view word) {
  // A single letter is a name: I and A of an axis are spelt in capitals, and may be taken for a filler.
  return std::find(std::begin(kFillers), std::end(kFillers), word) != std::end(kFillers);
}

std::string NameOf(const Tokens& tokens, const Scan& scan, size_t i) {
  const bool assigned = i > 0 && (scan.items[i - 1].Is('=') || scan.items[i - 1].Is(':'));
  if (assigned) {
    const size_t end = i - 1;
    const size_t begin = WordsBefore(tokens, scan, end);
    if (IsOperand(scan, begin)) return "";
    // i=1 and in: 10 have names though these words are fillers elsewhere.
    const bool letters = end == begin + 1 && tokens.signs(scan.items[begin].begin).size() <= kLongestAlias;
    if (letters) return tokens.Name(scan.items[begin].begin);
    if (std::string name = Join(tokens, scan, begin, end); !name.empty()) return name;
  }
  const size_t end = WordsEnd(tokens, scan, i + 1);
  const bool ahead = end < scan.items.size() && (scan.items[end].Is('=') || scan.items[end].Is(':'));
  if (std::string unit = Join(tokens, scan, i + 1, end); !unit.empty() && !ahead) return unit;
  const bool remark = i + 2 < scan.items.size() && scan.items[i + 1].Is('(') && scan.items[i + 2].IsWord();
  if (remark) return Join(tokens, scan, i + 2, WordsEnd(tokens, scan, i + 2));
  return assigned ? "" : Join(tokens, scan, WordsBefore(tokens, scan, i), i);
}

bool CommasMarkThousands(const Tokens& tokens) {
  bool groups = false;
  bool others = false;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!tokens[i].IsNumber()) continue;
    const size_t end = GroupsEnd(tokens, i, ',');
    if (end > i + 1) {
      groups = true;
      i = end - 1;
    }
    const Token& next = tokens[i + 1];
    const bool tight = next.Is(',') && tokens.Touches(i) && tokens[i + 2].IsNumber() && tokens.Touches(i + 1);
    if (tight) return false;
    others = others || next.Is(',') || next.Is(';') || next.IsWord() || next.Is(kCross);
  }
  return groups && others;
}

}  // namespace tensord::grading::internal
