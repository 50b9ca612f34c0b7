// The limits of sums.
#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grading/src/reader/rational.h"
#include "grading/src/reader/scan.h"
#include "grading/src/reader/tokens.h"
#include "tensord/grading/reading.h"

namespace tensord::grading {
namespace {

using internal::Item;
using internal::Scan;
using internal::Tokens;

constexpr absl::string_view kRemedy = "write the limits of each index, e.g. k1 = 0..1, k2 = 0..1";

constexpr std::array<absl::string_view, 4> kTo = {"to", "until", "through", "up"};
constexpr std::array<absl::string_view, 5> kEach = {"both", "each", "all", "every", "either"};
// Words around limits that are no index.
constexpr std::array<absl::string_view, 52> kProse = {
    "a",    "an",    "the",    "is",    "are",      "in",     "from",    "to",     "until", "through", "of",
    "for",  "and",   "or",     "goes",  "go",       "runs",   "run",     "ranges", "range", "arange",  "between",
    "over", "sum",   "sums",   "limit", "limits",   "index",  "indices", "where",  "with",  "both",    "each",
    "all",  "every", "either", "have",  "has",      "values", "value",   "take",   "takes", "varies",  "vary",
    "can",  "be",    "up",     "np",    "integers", "s",      "element", "answer"};

template <typename List>
bool Contains(const List& list, absl::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// first..last, and the item behind it.
struct Limits {
  Number first;
  Number last;
  size_t end = 0;
};

// What is known of an index from inequalities one by one.
struct Bounds {
  std::string name;
  std::optional<Number> first;
  std::optional<Number> last;
  TextRange range;
};

Number Moved(const Number& number, int64_t by) { return Number(number.rational() + internal::Rational(by)); }

class LimitsReader {
 public:
  LimitsReader(absl::string_view text, const Tokens& tokens, const Scan& scan)
      : text_(text), tokens_(tokens), scan_(scan) {}

  std::variant<SumLimitsReading, Unreadable> Run() && {
    while (at_ < scan_.items.size() && !unreadable_.has_value()) Step();
    FinishBounds();
    if (unreadable_.has_value()) return *std::move(unreadable_);
    if (reading_.ranges.empty()) return internal::NothingStated(text_, "limits", kRemedy);
    return std::move(reading_);
  }

 private:
  [[nodiscard]] bool Sign(size_t i, char sign) const { return i < scan_.items.size() && scan_.items[i].Is(sign); }
  [[nodiscard]] bool Word(size_t i, absl::string_view word) const {
    return i < scan_.items.size() && scan_.items[i].IsWord() && tokens_.IsWord(scan_.items[i].begin, word);
  }
  [[nodiscard]] std::string Lower(size_t i) const {
    return i < scan_.items.size() && scan_.items[i].IsWord() ? tokens_.Lower(scan_.items[i].begin) : "";
  }
  // The finite number at item i, or nothing.
  [[nodiscard]] std::optional<Number> ValueAt(size_t i) const {
    if (i >= scan_.items.size() || !scan_.items[i].IsValue()) return std::nullopt;
    const Number& number = scan_.chains[scan_.items[i].chain].value.number;
    return number.IsFinite() ? std::optional<Number>(number) : std::nullopt;
  }
  [[nodiscard]] bool IsName(size_t i) const {
    return i < scan_.items.size() && scan_.items[i].IsWord() && !Contains(kProse, Lower(i));
  }
  [[nodiscard]] TextRange Range(size_t begin, size_t end) const {
    return tokens_.Range(scan_.items[begin].begin, scan_.items[end - 1].end);
  }

  void Step() {
    if (Contains(kEach, Lower(at_))) reading_.for_each = true;
    if (Inequality()) return;
    if (const std::optional<Limits> limits = LimitsAt(at_)) return Add(*limits);
    if (IsName(at_)) {
      names_ = NamesAt(&at_);
      return;
    }
    // A number that no range begins with: a name before it would be given the next range.
    if (ValueAt(at_).has_value()) Single();
    ++at_;
  }

  // k1 = 2 or just 2: no limits, unless the one is the other.
  void Single() {
    unreadable_ = Unreadable{absl::StrCat("\"", tokens_.Quote(scan_.items[at_].begin, scan_.items[at_].end),
                                          "\" is one number, and limits are two"),
                             std::string(kRemedy), tokens_.Offset(scan_.items[at_].begin)};
  }

  // The names at *i: k1 and k2; moves behind them. Of words in a row the last is the name: `kernel row k1`.
  std::vector<std::string> NamesAt(size_t* i) const {
    std::vector<std::string> names;
    bool joined = true;
    while (IsName(*i)) {
      if (!joined) names.pop_back();
      names.push_back(tokens_.Name(scan_.items[(*i)++].begin));
      joined = (Sign(*i, ',') || Word(*i, "and")) && IsName(*i + 1);
      if (joined) ++*i;
    }
    return names;
  }

  void Add(const Limits& limits) {
    const TextRange range = Range(at_, limits.end);
    if (limits.first > limits.last) {
      unreadable_ =
          Unreadable{absl::StrCat("\"", tokens_.Quote(scan_.items[at_].begin, scan_.items[limits.end - 1].end),
                                  "\" ends before it begins"),
                     std::string(kRemedy), range.begin};
      return;
    }
    at_ = limits.end;
    // 0..1 for k1.
    if (names_.empty() && Word(at_, "for") && IsName(at_ + 1)) {
      ++at_;
      names_ = NamesAt(&at_);
    }
    if (names_.empty()) names_.emplace_back();
    for (std::string& name : names_) {
      reading_.ranges.push_back({std::move(name), limits.first, limits.last, range});
    }
    names_.clear();
  }

  // The limits that begin at item i, in any form but inequalities.
  [[nodiscard]] std::optional<Limits> LimitsAt(size_t i) const {
    if (Word(i, "range") || Word(i, "arange")) return PythonRange(i + 1);
    if (Word(i, "between") && ValueAt(i + 1) && Word(i + 2, "and") && ValueAt(i + 3)) {
      return Limits{*ValueAt(i + 1), *ValueAt(i + 3), i + 4};
    }
    if (Sign(i, '[') || Sign(i, '{') || Sign(i, '(')) return Bracketed(i);
    const std::optional<Number> first = ValueAt(i);
    if (!first.has_value()) return std::nullopt;
    if (Sign(i + 1, internal::kDots) && ValueAt(i + 2)) return Limits{*first, *ValueAt(i + 2), i + 3};
    if (Contains(kTo, Lower(i + 1))) {
      const size_t last = Word(i + 1, "up") && Word(i + 2, "to") ? i + 3 : i + 2;
      if (ValueAt(last)) return Limits{*first, *ValueAt(last), last + 1};
    }
    if (const std::optional<Limits> sum = Superscript(i)) return sum;
    if (const std::optional<Limits> dashed = Dashed(i)) return dashed;
    // {0}: the brackets are the value's.
    const Item& item = scan_.items[i];
    if (tokens_[item.begin].Is('{') && tokens_[item.end - 1].Is('}')) return Limits{*first, *first, i + 1};
    return List(i, true);
  }

  // range(2), range(0, 2): the last one is excluded.
  [[nodiscard]] std::optional<Limits> PythonRange(size_t i) const {
    if (const std::optional<Number> count = ValueAt(i)) return Limits{Number(0), Moved(*count, -1), i + 1};
    if (!Sign(i, '(') || !ValueAt(i + 1) || !Sign(i + 2, ',') || !ValueAt(i + 3) || !Sign(i + 4, ')'))
      return std::nullopt;
    return Limits{*ValueAt(i + 1), Moved(*ValueAt(i + 3), -1), i + 5};
  }

  // [0, 1], {0, 1}, [0..1], [0, 2).
  [[nodiscard]] std::optional<Limits> Bracketed(size_t i) const {
    const bool interval = !Sign(i, '{');
    std::optional<Limits> limits;
    if (ValueAt(i + 1) && Sign(i + 2, internal::kDots) && ValueAt(i + 3)) {
      limits = Limits{*ValueAt(i + 1), *ValueAt(i + 3), i + 4};
    } else {
      limits = List(i + 1, interval);
    }
    if (!limits.has_value()) return std::nullopt;
    const bool open = Sign(i, '[') && Sign(limits->end, ')');
    if (!open && !Sign(limits->end, ']') && !Sign(limits->end, '}') && !Sign(limits->end, ')')) return std::nullopt;
    if (open) limits->last = Moved(limits->last, -1);
    ++limits->end;
    return limits;
  }

  // The upper limit of \sum_{k=0}^{1}, at the lower one.
  [[nodiscard]] std::optional<Limits> Superscript(size_t i) const {
    const size_t power = Sign(i + 1, '}') ? i + 2 : i + 1;
    if (!Sign(power, '^') || !ValueAt(power + 1)) return std::nullopt;
    return Limits{*ValueAt(i), *ValueAt(power + 1), power + 2};
  }

  // 0-1 and 0 - 1, which are a difference elsewhere.
  [[nodiscard]] std::optional<Limits> Dashed(size_t i) const {
    const Item& item = scan_.items[i];
    const size_t at = item.begin;
    if (item.end != at + 3 || !tokens_[at].IsNumber() || !tokens_[at + 1].Is('-') || !tokens_[at + 2].IsNumber())
      return std::nullopt;
    const auto number = [&](size_t token) {
      const internal::Literal literal = internal::ReadLiteral(tokens_.signs(token));
      return literal.digits.size() > 18 || literal.exponent != 0
                 ? std::optional<Number>()
                 : Number(internal::Rational::FromDecimal(
                       literal.digits.empty() ? "0" : absl::string_view(literal.digits), 0));
    };
    const std::optional<Number> first = number(at);
    const std::optional<Number> last = number(at + 2);
    if (!first.has_value() || !last.has_value() || *first > *last) return std::nullopt;
    return Limits{*first, *last, i + 1};
  }

  // 0, 1, 2 and 0, 1, ..., 4: two numbers are the limits of an `interval`, else all that is between has to be named.
  [[nodiscard]] std::optional<Limits> List(size_t i, bool interval) const {
    const std::optional<Number> first = ValueAt(i);
    if (!first.has_value()) return std::nullopt;
    Number last = *first;
    size_t count = 1;
    bool gap = false;
    bool dots = false;
    size_t end = i + 1;
    while (true) {
      size_t next = end;
      const bool comma = Sign(next, ',') || Sign(next, ';');
      if (Sign(next, ',')) ++next;
      // `0, 1 and 0, 1` are two lists; `0 and 1` and `0, 1, and 2` one.
      const bool word = (Word(next, "and") || Word(next, "or")) && (comma || count == 1);
      if (word) ++next;
      if (Sign(next, internal::kDots)) {
        dots = true;
        ++next;
        if (Sign(next, ',')) ++next;
      }
      const std::optional<Number> value = next > end ? ValueAt(next) : std::nullopt;
      // What is followed by .. is the beginning of another range.
      if (!value.has_value() || Sign(next + 1, internal::kDots) || *value <= last) break;
      gap = gap || (*value != Moved(last, 1) && !dots);
      last = *value;
      ++count;
      end = next + 1;
    }
    if (count == 1 && !(Sign(i - 1, '{') && Sign(end, '}'))) return std::nullopt;
    if (gap && !(interval && count == 2)) return std::nullopt;
    return Limits{*first, last, end};
  }

  // Whether < or <= or > or >= is at item i.
  [[nodiscard]] bool IsRelation(size_t i) const {
    return Sign(i, '<') || Sign(i, '>') || Sign(i, internal::kLessEqual) || Sign(i, internal::kGreaterEqual);
  }

  // 0 <= k1, k2 < 2 and k1 >= 0, at at_.
  bool Inequality() {
    size_t i = at_;
    const std::optional<Number> before = ValueAt(i);
    const bool left = before.has_value() && IsRelation(i + 1) && IsName(i + 2);
    const size_t left_sign = i + 1;
    if (left) i += 2;
    if (!IsName(i)) return false;
    const std::vector<std::string> names = NamesAt(&i);
    const bool right = IsRelation(i) && ValueAt(i + 1).has_value();
    if (!left && !right) return false;
    const size_t end = right ? i + 2 : i;
    for (const std::string& name : names) {
      Bounds& bounds = BoundsOf(name, Range(at_, end));
      if (left) Bound(&bounds, scan_.items[left_sign].sign, *before, true);
      if (right) Bound(&bounds, scan_.items[i].sign, *ValueAt(i + 1), false);
    }
    at_ = end;
    return true;
  }

  Bounds& BoundsOf(const std::string& name, TextRange range) {
    const auto known = std::find_if(bounds_.begin(), bounds_.end(), [&](const Bounds& b) { return b.name == name; });
    if (known != bounds_.end()) return *known;
    bounds_.push_back({name, std::nullopt, std::nullopt, range});
    return bounds_.back();
  }

  // Notes `number sign name`, or `name sign number` where the number is not on the left.
  static void Bound(Bounds* bounds, char sign, const Number& number, bool number_left) {
    const bool less = sign == '<' || sign == internal::kLessEqual;
    const bool strict = sign == '<' || sign == '>';
    if (less == number_left) {
      bounds->first = strict ? Moved(number, 1) : number;
    } else {
      bounds->last = strict ? Moved(number, -1) : number;
    }
  }

  void FinishBounds() {
    for (const Bounds& bounds : bounds_) {
      if (unreadable_.has_value()) return;
      if (!bounds.first.has_value() || !bounds.last.has_value()) {
        unreadable_ = Unreadable{absl::StrCat("the answer states no ", bounds.first.has_value() ? "last" : "first",
                                              " value of ", internal::Printable(bounds.name, 32)),
                                 std::string(kRemedy), bounds.range.begin};
      } else if (*bounds.first > *bounds.last) {
        unreadable_ = Unreadable{absl::StrCat("no ", internal::Printable(bounds.name, 32), " is within its limits"),
                                 std::string(kRemedy), bounds.range.begin};
      } else {
        reading_.ranges.push_back({bounds.name, *bounds.first, *bounds.last, bounds.range});
      }
    }
    std::stable_sort(reading_.ranges.begin(), reading_.ranges.end(),
                     [](const SumRange& a, const SumRange& b) { return a.range.begin < b.range.begin; });
  }

  absl::string_view text_;
  const Tokens& tokens_;
  const Scan& scan_;
  size_t at_ = 0;
  std::vector<std::string> names_;  // of the range that is to come
  std::vector<Bounds> bounds_;
  SumLimitsReading reading_;
  std::optional<Unreadable> unreadable_;
};

}  // namespace

std::variant<SumLimitsReading, Unreadable> ReadLimitsOfSums(absl::string_view text, const ReadLimits& limits) {
  if (auto unreadable = internal::CheckText(text, limits.max_prose_bytes)) return *std::move(unreadable);
  const Tokens tokens(text);
  internal::ScanOptions options;
  options.arithmetic = {.cross_multiplies = false,
                        .star_multiplies = true,
                        .comma_groups = false,
                        .space_groups = false,
                        .decimal_comma = false,
                        .tight_sign_separates = true};
  options.chains = false;
  options.letters_break = false;
  const auto scanned = internal::ScanText(tokens, limits, options);
  if (const auto* unreadable = std::get_if<Unreadable>(&scanned)) return *unreadable;
  return LimitsReader(text, tokens, std::get<Scan>(scanned)).Run();
}

}  // namespace tensord::grading
