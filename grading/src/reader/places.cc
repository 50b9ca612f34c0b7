// Places in a tensor, with a value or without.
#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grading/src/reader/groups.h"
#include "grading/src/reader/names.h"
#include "grading/src/reader/scan.h"
#include "grading/src/reader/tokens.h"
#include "tensord/grading/reading.h"

namespace tensord::grading {
namespace {

using internal::Chain;
using internal::Group;
using internal::Item;
using internal::Scan;
using internal::Tokens;

constexpr absl::string_view kRemedy = "write the place in brackets, e.g. (1, 3)";
constexpr absl::string_view kValueRemedy = "write the value and its place, e.g. 6 at (1, 3)";

constexpr std::array<absl::string_view, 20> kAxisWords = {
    "row",    "rows",  "column",  "columns", "col",   "channel", "channels", "line",  "plane", "image",
    "sample", "batch", "example", "filter",  "depth", "height",  "width",    "frame", "index", "indices"};
constexpr std::array<absl::string_view, 9> kPlaceWords = {"at",       "position", "positions", "place", "places",
                                                          "location", "index",    "indices",   "where"};

template <typename List>
bool Contains(const List& list, absl::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// The name of the axis that the value at item i is an index of: "row" of row 1, "i" of i=1; empty where it is none.
std::string AxisOf(const Tokens& tokens, const Scan& scan, size_t i) {
  const auto word = [&](size_t at) {
    return at < scan.items.size() && scan.items[at].IsWord() ? scan.items[at].begin : tokens.size();
  };
  const bool assigned = i > 0 && (scan.items[i - 1].Is('=') || scan.items[i - 1].Is(':'));
  const size_t at = i == 0 ? tokens.size() : word(assigned ? i - 2 : i - 1);
  if (Contains(kAxisWords, tokens.Lower(at))) return tokens.Name(at);
  if (!assigned || !tokens[at].IsWord()) return "";
  // A small letter, perhaps with a number, is an index; a capital a tensor.
  const std::string name = tokens.Name(at);
  const bool index = name[0] >= 'a' && name[0] <= 'z' && name.find_first_not_of("0123456789", 1) == std::string::npos;
  return index ? name : "";
}

// Whether a group is a place rather than a remark: its words are axes.
bool IsPlace(const Tokens& tokens, const Scan& scan, const Group& group) {
  if (group.values.empty() || group.has_inner_values) return false;
  return std::all_of(group.words.begin(), group.words.end(), [&](size_t i) {
    const std::string word = tokens.Lower(scan.items[i].begin);
    const bool letters = i + 1 < scan.items.size() && scan.items[i + 1].Is('=');
    return letters || word == "and" || Contains(kAxisWords, word);
  });
}

// What a scan says of places, before it is known which numbers are values.
struct Found {
  std::vector<PlaceValue> places;
  std::vector<size_t> others;  // value items that belong to none
};

class Finder {
 public:
  Finder(const Tokens& tokens, const Scan& scan, const ReadLimits& limits)
      : tokens_(tokens), scan_(scan), taken_(scan.items.size()) {
    for (const Group& group : internal::FindGroups(scan, limits.max_depth)) {
      if (IsPlace(tokens, scan, group)) TakeGroup(group);
    }
    TakeBracketed();
    TakeNamed();
    std::stable_sort(found_.places.begin(), found_.places.end(),
                     [](const PlaceValue& a, const PlaceValue& b) { return a.range.begin < b.range.begin; });
    for (size_t i = 0; i < scan.items.size(); ++i) {
      if (scan.items[i].IsValue() && !taken_[i]) found_.others.push_back(i);
    }
  }
  [[nodiscard]] Found Take() && { return std::move(found_); }

 private:
  Value IndexAt(size_t i) {
    taken_[i] = true;
    Value value = scan_.chains[scan_.items[i].chain].value;
    value.name = AxisOf(tokens_, scan_, i);
    return value;
  }

  void TakeGroup(const Group& group) {
    PlaceValue place;
    for (const size_t i : group.values) place.indices.push_back(IndexAt(i));
    const size_t last = std::min(group.close, scan_.items.size() - 1);
    place.range = tokens_.Range(scan_.items[group.open].begin, scan_.items[last].end);
    found_.places.push_back(std::move(place));
  }

  // [1][3], Z[1] and (3): brackets around one number, which an expression's are too.
  [[nodiscard]] bool IsBracketed(size_t i) const {
    const Item& item = scan_.items[i];
    if (!item.IsValue() || taken_[i] || item.end < item.begin + 3) return false;
    const internal::Token& close = tokens_[item.end - 1];
    const internal::Token& open = tokens_[item.begin];
    return (open.Is('[') && close.Is(']')) || (open.Is('(') && close.Is(')')) || (open.Is('{') && close.Is('}'));
  }

  void TakeBracketed() {
    for (size_t i = 0; i < scan_.items.size(); ++i) {
      if (!IsBracketed(i)) continue;
      PlaceValue place;
      const size_t begin = i;
      place.indices.push_back(IndexAt(i));
      while (i + 1 < scan_.items.size() && IsBracketed(i + 1) && tokens_.Touches(scan_.items[i].end - 1) &&
             tokens_[scan_.items[i + 1].begin].Is('[')) {
        place.indices.push_back(IndexAt(++i));
      }
      place.range = tokens_.Range(scan_.items[begin].begin, scan_.items[i].end);
      found_.places.push_back(std::move(place));
    }
  }

  // row 1, column 3: a name that comes again begins another place.
  void TakeNamed() {
    PlaceValue place;
    for (size_t i = 0; i < scan_.items.size(); ++i) {
      if (!scan_.items[i].IsValue() || taken_[i] || AxisOf(tokens_, scan_, i).empty()) continue;
      Value index = IndexAt(i);
      const bool again = std::any_of(place.indices.begin(), place.indices.end(),
                                     [&](const Value& known) { return known.name == index.name; });
      if (again) found_.places.push_back(std::exchange(place, {}));
      if (place.indices.empty()) place.range = index.range;
      place.range.end = index.range.end;
      place.indices.push_back(std::move(index));
    }
    if (!place.indices.empty()) found_.places.push_back(std::move(place));
  }

  const Tokens& tokens_;
  const Scan& scan_;
  std::vector<bool> taken_;
  Found found_;
};

// A place of bare numbers: 1, 3.
PlaceValue BarePlace(const Scan& scan, const std::vector<size_t>& items, size_t first) {
  PlaceValue place;
  for (size_t i = first; i < items.size(); ++i) place.indices.push_back(scan.chains[scan.items[items[i]].chain].value);
  place.range = {place.indices.front().range.begin, place.indices.back().range.end};
  return place;
}

// How many of the numbers come before a word that announces a place.
size_t CountBeforePlaceWord(const Tokens& tokens, const Scan& scan, const std::vector<size_t>& items) {
  for (size_t n = 0; n < items.size(); ++n) {
    const size_t i = items[n];
    const bool word =
        i > 0 && (scan.items[i - 1].Is('@') ||
                  (scan.items[i - 1].IsWord() && Contains(kPlaceWords, tokens.Lower(scan.items[i - 1].begin))));
    if (word) return n;
  }
  return items.size();
}

std::variant<Scan, Unreadable> ScanPlaces(const Tokens& tokens, const ReadLimits& limits) {
  internal::ScanOptions options;
  options.arithmetic = {.cross_multiplies = false,
                        .star_multiplies = true,
                        .comma_groups = false,
                        .space_groups = false,
                        .decimal_comma = false,
                        .tight_sign_separates = true};
  options.names_end_chains = true;
  options.letters_break = false;
  return internal::ScanText(tokens, limits, options);
}

// The value that the items state: all have to state the same.
std::variant<NumberReading, Unreadable> OneValue(const Scan& scan, const std::vector<size_t>& items) {
  const Chain& chain = scan.chains[scan.items[items.front()].chain];
  for (const size_t i : items) {
    const Chain& other = scan.chains[scan.items[i].chain];
    if (other.value.number == chain.value.number) continue;
    return Unreadable{
        absl::StrCat("the answer states more than one value: ", internal::Printable(chain.value.number.ToString(), 24),
                     " and ", internal::Printable(other.value.number.ToString(), 24)),
        std::string(kValueRemedy), other.value.range.begin};
  }
  return NumberReading{.value = chain.value, .steps = chain.steps, .notes = chain.notes, .alternatives = {}};
}

}  // namespace

std::variant<PlacesReading, Unreadable> ReadPlaces(absl::string_view text, const ReadLimits& limits) {
  if (auto unreadable = internal::CheckText(text, limits.max_prose_bytes)) return *std::move(unreadable);
  const Tokens tokens(text);
  const auto scanned = ScanPlaces(tokens, limits);
  if (const auto* unreadable = std::get_if<Unreadable>(&scanned)) return *unreadable;
  const Scan& scan = std::get<Scan>(scanned);
  Found found = Finder(tokens, scan, limits).Take();
  if (found.places.empty() && !found.others.empty()) found.places.push_back(BarePlace(scan, found.others, 0));
  if (found.places.empty()) return internal::NothingStated(text, "place", kRemedy);
  return PlacesReading{.value = std::nullopt, .places = std::move(found.places)};
}

std::variant<PlacesReading, Unreadable> ReadValueAndPlaces(absl::string_view text, const ReadLimits& limits) {
  if (auto unreadable = internal::CheckText(text, limits.max_prose_bytes)) return *std::move(unreadable);
  const Tokens tokens(text);
  const auto scanned = ScanPlaces(tokens, limits);
  if (const auto* unreadable = std::get_if<Unreadable>(&scanned)) return *unreadable;
  const Scan& scan = std::get<Scan>(scanned);
  Found found = Finder(tokens, scan, limits).Take();
  if (found.places.empty()) {
    const size_t values = CountBeforePlaceWord(tokens, scan, found.others);
    if (values < found.others.size()) found.places.push_back(BarePlace(scan, found.others, values));
    found.others.resize(values);
  }
  if (found.places.empty() && found.others.empty())
    return internal::NothingStated(text, "value or place", kValueRemedy);
  PlacesReading reading{.value = std::nullopt, .places = std::move(found.places)};
  if (found.others.empty()) return reading;
  auto value = OneValue(scan, found.others);
  if (auto* unreadable = std::get_if<Unreadable>(&value)) return std::move(*unreadable);
  reading.value = std::get<NumberReading>(std::move(value));
  return reading;
}

}  // namespace tensord::grading
