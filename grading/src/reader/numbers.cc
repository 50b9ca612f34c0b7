// Numbers, one or several.
#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/reader/groups.h"
#include "grading/src/reader/names.h"
#include "grading/src/reader/rational.h"
#include "grading/src/reader/scan.h"
#include "grading/src/reader/tokens.h"
#include "tensord/grading/reading.h"

namespace tensord::grading {
namespace {

using internal::Chain;
using internal::Item;
using internal::Scan;
using internal::Tokens;

constexpr absl::string_view kOneNumber = "write one number, e.g. 5133600, or a calculation that ends with it";
constexpr absl::string_view kAllNumbers = "write the numbers with commas between them, e.g. 10, 20";

// Words that announce the answer.
constexpr std::array<absl::string_view, 12> kMarkers = {"answer",     "total",     "totals", "result",
                                                        "altogether", "therefore", "hence",  "thus",
                                                        "overall",    "so",        "final",  "finally"};

// Whether a marker stands a few words before item i.
bool IsMarked(const Tokens& tokens, const Scan& scan, size_t i) {
  for (size_t back = 1; back <= 4 && back <= i; ++back) {
    const Item& item = scan.items[i - back];
    if (item.IsValue() || item.Is(',') || item.Is('.') || item.Is(';')) return false;
    const std::string word = tokens.Lower(item.begin);
    if (item.IsWord() && std::find(kMarkers.begin(), kMarkers.end(), word) != kMarkers.end()) return true;
  }
  return false;
}

// Whether each item is an index or an argument: in brackets that touch a word, as in Z[1,3] and conv(3).
std::vector<bool> FindIndices(const Tokens& tokens, const Scan& scan, const ReadLimits& limits) {
  std::vector<bool> indices(scan.items.size());
  const auto touches_word = [&](size_t token) {
    return token > 0 && tokens[token - 1].IsWord() && tokens.Touches(token - 1);
  };
  for (const internal::Group& group : internal::FindGroups(scan, limits.max_depth)) {
    if (!touches_word(scan.items[group.open].begin)) continue;
    for (const size_t i : group.values) indices[i] = true;
  }
  for (size_t i = 0; i < scan.items.size(); ++i) {
    const bool bracket = tokens[scan.items[i].begin].Is('(') || tokens[scan.items[i].begin].Is('[');
    if (scan.items[i].IsValue() && bracket && touches_word(scan.items[i].begin)) indices[i] = true;
  }
  return indices;
}

// The items whose value is all that the text can mean, best first; empty where there is none.
std::vector<size_t> Candidates(const Tokens& tokens, const Scan& scan, const ReadLimits& limits) {
  const std::vector<bool> indices = FindIndices(tokens, scan, limits);
  std::vector<size_t> all;
  std::vector<size_t> plain;
  std::vector<size_t> marked;
  for (size_t i = 0; i < scan.items.size(); ++i) {
    if (!scan.items[i].IsValue() || scan.chains[scan.items[i].chain].broken) continue;
    all.push_back(i);
    if (!indices[i]) plain.push_back(i);
    if (IsMarked(tokens, scan, i)) marked.push_back(i);
  }
  std::vector<size_t>& chosen = !marked.empty() ? marked : plain.empty() ? all : plain;
  std::stable_sort(chosen.begin(), chosen.end(), [&](size_t a, size_t b) {
    return scan.chains[scan.items[a].chain].steps.size() > scan.chains[scan.items[b].chain].steps.size();
  });
  return chosen;
}

Unreadable BrokenChain(const Chain& chain, absl::string_view remedy) {
  return {absl::StrCat("\"", chain.steps.back().text, "\" has no value: ", chain.reason), std::string(remedy),
          chain.value.range.begin};
}

// More than one value where one is asked.
Unreadable Ambiguous(const Scan& scan, const std::vector<size_t>& candidates) {
  std::vector<std::string> texts;
  size_t second = 0;
  const Number& first =
      scan.chains[scan.items[*std::min_element(candidates.begin(), candidates.end())].chain].value.number;
  std::vector<size_t> ordered = candidates;
  std::sort(ordered.begin(), ordered.end());
  for (const size_t i : ordered) {
    const Chain& chain = scan.chains[scan.items[i].chain];
    if (second == 0 && chain.value.number != first) second = chain.value.range.begin;
    if (texts.size() < 4) texts.push_back(internal::Printable(chain.value.number.ToString(), 24));
  }
  return {absl::StrCat("the answer states ", ordered.size(), " numbers where one is asked: ",
                       absl::StrJoin(texts, ", "), ordered.size() > texts.size() ? ", ..." : ""),
          std::string(kOneNumber), second};
}

// 5.133 may be 5133, and "- 5" an item of a list.
std::vector<Number> AlternativesOf(const Tokens& tokens, const Item& item, const Chain& chain, bool integer) {
  std::vector<Number> alternatives;
  if (chain.steps.size() != 1) return alternatives;
  const size_t last = item.end - 1;
  const bool dashed = tokens[item.begin].Is('-') && item.end == item.begin + 2 && !tokens.Touches(item.begin);
  const absl::string_view digits = tokens.signs(last);
  const size_t point = digits.find('.');
  const bool thousands = point != absl::string_view::npos && point >= 1 && point <= 3 && digits.size() == point + 4 &&
                         digits[0] != '0' && digits.find_first_not_of("0123456789.") == absl::string_view::npos &&
                         tokens[last].IsNumber() && item.end - item.begin <= 2;
  if (integer && thousands) alternatives.emplace_back(chain.value.number.rational() * internal::Rational(1000));
  if (dashed && chain.value.number.IsFinite()) alternatives.emplace_back(-chain.value.number.rational());
  return alternatives;
}

std::variant<NumberReading, Unreadable> ReadOne(absl::string_view text, const ReadLimits& limits, bool integer) {
  if (auto unreadable = internal::CheckText(text, limits.max_prose_bytes)) return *std::move(unreadable);
  const Tokens tokens(text);
  internal::ScanOptions options;
  options.arithmetic.decimal_comma = true;
  auto scanned = internal::ScanText(tokens, limits, options);
  if (auto* unreadable = std::get_if<Unreadable>(&scanned)) return std::move(*unreadable);
  Scan& scan = std::get<Scan>(scanned);
  const std::vector<size_t> candidates = Candidates(tokens, scan, limits);
  if (candidates.empty()) {
    if (!scan.chains.empty()) return BrokenChain(scan.chains.back(), kOneNumber);
    return internal::NothingStated(text, "number", kOneNumber);
  }
  const Item& item = scan.items[candidates.front()];
  Chain& chain = scan.chains[item.chain];
  // Compared as text would be, so that one nan is not two answers.
  const auto differs = [&](size_t i) {
    const Number& other = scan.chains[scan.items[i].chain].value.number;
    return other != chain.value.number && !(other.IsNotANumber() && chain.value.number.IsNotANumber());
  };
  if (std::any_of(candidates.begin(), candidates.end(), differs)) return Ambiguous(scan, candidates);
  NumberReading reading{.value = chain.value, .steps = chain.steps, .notes = chain.notes, .alternatives = {}};
  reading.value.name = internal::NameOf(tokens, scan, candidates.front());
  reading.alternatives = AlternativesOf(tokens, item, chain, integer);
  return reading;
}

// The values of a text in order, and their notes.
std::variant<NumbersReading, Unreadable> ReadAll(absl::string_view text, const Tokens& tokens, const ReadLimits& limits,
                                                 internal::ArithmeticOptions arithmetic) {
  internal::ScanOptions options;
  options.arithmetic = arithmetic;
  auto scanned = internal::ScanText(tokens, limits, options);
  if (auto* unreadable = std::get_if<Unreadable>(&scanned)) return std::move(*unreadable);
  const Scan& scan = std::get<Scan>(scanned);
  NumbersReading reading;
  for (size_t i = 0; i < scan.items.size(); ++i) {
    if (!scan.items[i].IsValue()) continue;
    const Chain& chain = scan.chains[scan.items[i].chain];
    if (chain.broken) return BrokenChain(chain, kAllNumbers);
    reading.values.push_back(chain.value);
    reading.values.back().name = internal::NameOf(tokens, scan, i);
    reading.notes.insert(reading.notes.end(), chain.notes.begin(), chain.notes.end());
  }
  if (reading.values.empty()) return internal::NothingStated(text, "number", kAllNumbers);
  return reading;
}

std::vector<Number> NumbersOf(const NumbersReading& reading) {
  std::vector<Number> numbers;
  for (const Value& value : reading.values) numbers.push_back(value.number);
  return numbers;
}

}  // namespace

std::variant<NumberReading, Unreadable> ReadNumber(absl::string_view text, const ReadLimits& limits) {
  return ReadOne(text, limits, false);
}

std::variant<NumberReading, Unreadable> ReadInteger(absl::string_view text, const ReadLimits& limits) {
  return ReadOne(text, limits, true);
}

std::variant<NumbersReading, Unreadable> ReadNumbers(absl::string_view text, const ReadLimits& limits) {
  if (auto unreadable = internal::CheckText(text, limits.max_prose_bytes)) return *std::move(unreadable);
  const Tokens tokens(text);
  internal::ArithmeticOptions options;
  options.tight_sign_separates = true;
  options.comma_groups = internal::CommasMarkThousands(tokens);
  options.space_groups = false;
  auto result = ReadAll(text, tokens, limits, options);
  auto* reading = std::get_if<NumbersReading>(&result);
  if (reading == nullptr) return result;
  // The other readings: marks of thousands where there may be some, and x between numbers rather than a product.
  for (int choice = 1; choice < 4; ++choice) {
    internal::ArithmeticOptions other = options;
    if (choice == 1) other.comma_groups = !options.comma_groups;
    if (choice == 2) other.space_groups = true;
    if (choice == 3) other.cross_multiplies = false;
    const auto reread = ReadAll(text, tokens, limits, other);
    const auto* alternative = std::get_if<NumbersReading>(&reread);
    if (alternative == nullptr || alternative->values.size() == reading->values.size()) continue;
    reading->alternatives.push_back(NumbersOf(*alternative));
  }
  return result;
}

}  // namespace tensord::grading
