// Shapes, with the names of their axes.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grading/src/reader/axis_names.h"
#include "grading/src/reader/groups.h"
#include "grading/src/reader/names.h"
#include "grading/src/reader/scan.h"
#include "grading/src/reader/tokens.h"
#include "tensord/grading/reading.h"

namespace tensord::grading {
namespace {

using internal::ArithmeticOptions;
using internal::Group;
using internal::Item;
using internal::Scan;
using internal::Tokens;

constexpr absl::string_view kRemedy = "write the sizes in brackets, e.g. (46, 62, 20)";
// Words between two sizes of one shape; more are prose.
constexpr size_t kMostWordsBetween = 4;

// The sizes of one shape, as items, and the items [begin, end) that it was read from.
struct Run {
  std::vector<size_t> values;
  size_t begin = 0;
  size_t end = 0;
};

bool IsSeparator(const Item& item) { return item.Is(',') || item.Is(';') || item.Is(internal::kCross) || item.Is('*'); }

bool IsEqual(const Item& item) { return item.Is('=') || item.Is(internal::kAbout); }

// Something in place of a size that is no number.
Unreadable NoSize(const Tokens& tokens, const Item& item) {
  return {absl::StrCat("\"", tokens.Quote(item.begin, item.end), "\" stands where a size should and has no value"),
          std::string(kRemedy), tokens.Offset(item.begin)};
}

// The first word of a group that stands alone between separators, where a size should; nullptr where none does.
const Item* LoneWord(const Scan& scan, const Group& group) {
  const Item* word = nullptr;
  bool value = false;
  for (size_t i = group.open + 1; i < group.close; ++i) {
    const Item& item = scan.items[i];
    if (item.IsWord() && word == nullptr) word = &item;
    value = value || item.IsValue();
    if (!IsSeparator(item)) continue;
    if (word != nullptr && !value) return word;
    word = nullptr;
    value = false;
  }
  return value ? nullptr : word;
}

// Whether a group is a shape: some sizes, or one with a comma behind it.
bool IsTuple(const Scan& scan, const Group& group) {
  if (group.values.size() != 1) return group.values.size() > 1;
  const size_t next = group.values.front() + 1;
  return next < group.close && scan.items[next].Is(',') && next + 1 == group.close;
}

// The tuples of the text; of two that an equal sign joins, the last.
std::vector<Run> Tuples(const Scan& scan, const std::vector<Group>& groups, const Group** broken) {
  std::vector<Run> tuples;
  for (const Group& group : groups) {
    if (!IsTuple(scan, group)) continue;
    if (*broken == nullptr && LoneWord(scan, group) != nullptr) *broken = &group;
    const bool joined =
        group.open > 0 && IsEqual(scan.items[group.open - 1]) && !tuples.empty() && tuples.back().end == group.open - 1;
    if (joined) tuples.pop_back();
    tuples.push_back({group.values, group.open, group.close + 1});
  }
  return tuples;
}

// Whether the sizes at items a and b belong to one shape, by what is between them.
bool AreTogether(const Scan& scan, size_t a, size_t b) {
  size_t words = 0;
  for (size_t i = a + 1; i < b; ++i) {
    const Item& item = scan.items[i];
    const bool name = IsEqual(item) && scan.items[i - 1].IsWord();
    if (item.Is('.') || (IsEqual(item) && !name)) return false;
    if (item.IsWord()) ++words;
  }
  return words <= kMostWordsBetween;
}

// The shapes of a text without tuples: runs of sizes.
std::vector<Run> BareRuns(const Scan& scan) {
  std::vector<Run> runs;
  for (size_t i = 0; i < scan.items.size(); ++i) {
    if (!scan.items[i].IsValue()) continue;
    if (runs.empty() || !AreTogether(scan, runs.back().values.back(), i)) runs.push_back({{}, i, i + 1});
    runs.back().values.push_back(i);
    runs.back().end = i + 1;
  }
  const bool several = std::any_of(runs.begin(), runs.end(), [](const Run& run) { return run.values.size() > 1; });
  // `46 x 62 x 20 = 57040`: the one number is no shape.
  if (several)
    runs.erase(std::remove_if(runs.begin(), runs.end(), [](const Run& r) { return r.values.size() < 2; }), runs.end());
  // `(48, 64) -> (46, 62)`, `48 x 64 = 46 x 62`: the last counts.
  for (size_t i = 1; i < runs.size();) {
    const bool joined = runs[i].begin == runs[i - 1].end + 1 && IsEqual(scan.items[runs[i - 1].end]);
    if (joined) {
      runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(i - 1));
    } else {
      ++i;
    }
  }
  return runs;
}

// A letter in place of a size of a bare run: B x 5, 5 x B x 3, 5 x 3 x B.
const Item* LetterInRun(const Scan& scan, const Run& run) {
  const auto cross = [&](size_t i) { return i < scan.items.size() && scan.items[i].Is(internal::kCross); };
  if (run.begin > 1 && cross(run.begin - 1) && scan.items[run.begin - 2].IsWord()) return &scan.items[run.begin - 2];
  if (cross(run.end) && run.end + 1 < scan.items.size()) return &scan.items[run.end + 1];
  size_t crosses = 0;
  for (size_t i = run.begin; i < run.end; ++i) {
    if (scan.items[i].IsValue()) crosses = 0;
    if (cross(i) && ++crosses > 1) return &scan.items[i - 1];
  }
  return nullptr;
}

std::variant<NumbersReading, Unreadable> ReadingOf(const Tokens& tokens, const Scan& scan, const Run& run) {
  NumbersReading reading;
  for (const size_t i : run.values) {
    const internal::Chain& chain = scan.chains[scan.items[i].chain];
    if (chain.broken) return NoSize(tokens, scan.items[i]);
    reading.values.push_back(chain.value);
    reading.values.back().name = internal::NameOf(tokens, scan, i);
    reading.notes.insert(reading.notes.end(), chain.notes.begin(), chain.notes.end());
  }
  internal::NameAxes(tokens, scan, run.begin, run.end, &reading.values);
  return reading;
}

bool SameNumbers(const NumbersReading& a, const NumbersReading& b) {
  return std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(),
                    [](const Value& x, const Value& y) { return x.number == y.number; });
}

// The one shape that all runs are.
std::variant<NumbersReading, Unreadable> OneShape(const Tokens& tokens, const Scan& scan,
                                                  const std::vector<Run>& runs) {
  auto first = ReadingOf(tokens, scan, runs.front());
  for (size_t i = 1; i < runs.size(); ++i) {
    const auto* one = std::get_if<NumbersReading>(&first);
    if (one == nullptr) return first;
    auto other = ReadingOf(tokens, scan, runs[i]);
    const auto* two = std::get_if<NumbersReading>(&other);
    if (two == nullptr) return other;
    if (SameNumbers(*one, *two)) continue;
    const size_t offset = tokens.Offset(scan.items[runs[i].begin].begin);
    return Unreadable{absl::StrCat("the answer states ", runs.size(), " shapes that differ where one is asked"),
                      std::string(kRemedy), offset};
  }
  return first;
}

std::variant<NumbersReading, Unreadable> ReadOnce(absl::string_view text, const Tokens& tokens,
                                                  const ReadLimits& limits, const ArithmeticOptions& arithmetic) {
  const internal::ScanOptions options{
      .arithmetic = arithmetic, .chains = true, .cross_ends_chains = true, .letters_break = true};
  const auto scanned = internal::ScanText(tokens, limits, options);
  if (const auto* unreadable = std::get_if<Unreadable>(&scanned)) return *unreadable;
  const Scan& scan = std::get<Scan>(scanned);
  const std::vector<Group> groups = internal::FindGroups(scan, limits.max_depth);
  const Group* broken = nullptr;
  const std::vector<Run> tuples = Tuples(scan, groups, &broken);
  if (broken != nullptr) return NoSize(tokens, *LoneWord(scan, *broken));
  if (!tuples.empty()) return OneShape(tokens, scan, tuples);
  const std::vector<Run> runs = BareRuns(scan);
  if (runs.empty()) {
    const bool scalar =
        groups.size() == 1 && groups[0].close == groups[0].open + 1 && groups[0].close < scan.items.size();
    if (scalar) return NumbersReading{};
    return internal::NothingStated(text, "shape in numbers", kRemedy);
  }
  for (const Run& run : runs) {
    if (const Item* letter = LetterInRun(scan, run)) return NoSize(tokens, *letter);
  }
  return OneShape(tokens, scan, runs);
}

std::vector<Number> NumbersOf(const NumbersReading& reading) {
  std::vector<Number> numbers;
  for (const Value& value : reading.values) numbers.push_back(value.number);
  return numbers;
}

}  // namespace

std::variant<NumbersReading, Unreadable> ReadShape(absl::string_view text, const ReadLimits& limits) {
  if (auto unreadable = internal::CheckText(text, limits.max_prose_bytes)) return *std::move(unreadable);
  const Tokens tokens(text);
  ArithmeticOptions options{.cross_multiplies = false,
                            .star_multiplies = true,
                            .comma_groups = false,
                            .space_groups = false,
                            .decimal_comma = false,
                            .tight_sign_separates = true};
  options.comma_groups = internal::CommasMarkThousands(tokens);
  auto result = ReadOnce(text, tokens, limits, options);
  ArithmeticOptions other = options;
  auto* reading = std::get_if<NumbersReading>(&result);
  if (reading == nullptr) return result;
  // `46*62*20` where a shape is asked has three axes; the product is the other reading.
  const bool product = reading->values.size() == 1;
  if (product) {
    other.star_multiplies = false;
  } else {
    other.comma_groups = !options.comma_groups;
  }
  auto reread = ReadOnce(text, tokens, limits, other);
  auto* alternative = std::get_if<NumbersReading>(&reread);
  if (alternative == nullptr || alternative->values.size() == reading->values.size()) return result;
  if (product && alternative->values.size() > 1) std::swap(*reading, *alternative);
  reading->alternatives.push_back(NumbersOf(*alternative));
  return result;
}

}  // namespace tensord::grading
