#include "grading/src/reader/scan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grading/src/reader/digit_groups.h"
#include "grading/src/reader/rational.h"

namespace tensord::grading::internal {
namespace {

constexpr size_t kQuotedProse = 60;

// Whether b, printed in decimals, stands for a.
bool RoundsTo(const Number& a, const Value& b) {
  if (!a.IsFinite() || !b.number.IsFinite() || !b.last_place.has_value()) return false;
  const Rational difference = a.rational() - b.number.rational();
  const Rational twice = difference + difference;
  const Rational unit = Rational::FromDecimal("1", *b.last_place);
  return Compare(twice, unit) <= 0 && Compare(-twice, unit) <= 0;
}

class Scanner {
 public:
  Scanner(const Tokens& tokens, const ReadLimits& limits, const ScanOptions& options)
      : tokens_(tokens), limits_(limits), options_(options), arithmetic_(tokens, limits, options.arithmetic) {}

  std::variant<Scan, Unreadable> Run() && {
    while (!tokens_[at_].IsEnd() && !refusal_.has_value()) Next();
    if (refusal_.has_value()) return *std::move(refusal_);
    return std::move(scan_);
  }

 private:
  void Next() {
    const Token& token = tokens_[at_];
    if (options_.letters_break && OperatorOfLetters()) return Broken(at_ > 0 ? at_ - 1 : at_, "letters have no value");
    const bool equal = token.Is('=') || token.Is(kAbout);
    if (options_.chains && equal && may_chain_ && !BelongsToName()) {
      equal_ = true;
      about_ = token.Is(kAbout);
      Put(Item::Kind::kSign);
      return;
    }
    // "the answer - 1810": a dash.
    const bool dash =
        token.Is('-') && at_ > 0 && tokens_[at_ - 1].IsWord() && token.space_before && !tokens_.Touches(at_);
    if (dash) return Words(token);
    auto result = arithmetic_.Evaluate(at_);
    if (const auto* value = std::get_if<Evaluated>(&result)) return PutValue(*value);
    const auto& failure = std::get<ArithmeticFailure>(result);
    const bool bracket = token.Is('(') || token.Is('[') || token.Is('{') || token.Is(kFloor) || token.Is(kCeil);
    if (failure.kind == ArithmeticFailure::Kind::kRefused) {
      refusal_ = Unreadable{absl::StrCat("the answer has ", failure.reason),
                            "write the value itself, as a number of reasonable length", tokens_.Offset(failure.token)};
    } else if (failure.kind == ArithmeticFailure::Kind::kBroken && options_.letters_break &&
               !(bracket && token.sign != kFloor && token.sign != kCeil)) {
      Broken(at_, failure.reason);
    } else if (token.IsNumber() && !IsPartOfWord(tokens_, at_)) {
      Lone(failure.reason);
    } else {
      Words(token);
    }
  }

  // Whether the equal sign at at_ gives a name a value, as the second of `C=10 O=20`, rather than going on with a
  // chain, as in `46*62 positions = 2852`.
  [[nodiscard]] bool BelongsToName() const {
    if (scan_.items.empty()) return false;
    const Item& last = scan_.items.back();
    // Z[1] = 6: the brackets hold an index.
    const Token& open = tokens_[last.begin];
    const bool bracket = open.Is('[') || open.Is('(');
    if (last.IsValue() && bracket && last.begin > 0 && tokens_[last.begin - 1].IsWord() && !open.space_before)
      return true;
    if (!last.IsWord()) return false;
    const Token& word = tokens_[last.begin];
    return named_ || options_.names_end_chains || word.end - word.begin <= 2;
  }

  // A number that begins an expression which cannot be finished, where letters do not break.
  void Lone(const std::string& reason) {
    if (options_.letters_break) return Broken(at_, reason);
    Put(Item::Kind::kSign);
    scan_.items.back().sign = kMeaningless;
  }

  void Words(const Token& token) {
    if (token.IsWord()) {
      equal_ = false;
      Put(Item::Kind::kWord);
      return;
    }
    // 2D: the number and its letter are one word.
    const bool word = token.IsNumber();
    equal_ = false;
    may_chain_ = word && may_chain_;
    Put(word ? Item::Kind::kWord : Item::Kind::kSign);
    if (word) {
      scan_.items.back().end = ++at_;
    }
  }

  void Put(Item::Kind kind) {
    const Token& token = tokens_[at_];
    scan_.items.push_back({.kind = kind, .begin = at_, .end = at_ + 1, .chain = 0, .sign = token.sign});
    ++at_;
  }

  // Whether * / ^ + - at at_ joins a word or a bracket with a number: C*20, H-2, f(x)*3.
  [[nodiscard]] bool OperatorOfLetters() const {
    const Token& token = tokens_[at_];
    if (token.kind != Token::Kind::kSign || at_ == 0) return false;
    const bool sign = token.Is('+') || token.Is('-');
    const bool cross = token.Is(kCross) && options_.arithmetic.cross_multiplies;
    if (!sign && !cross && !token.Is('*') && !token.Is('/') && !token.Is('^') && !token.Is(kFloorDivide)) return false;
    const Token& before = tokens_[at_ - 1];
    const bool operand = before.IsWord() || before.Is(')') || before.Is(']') || before.Is(kFloorEnd);
    const Token& next = tokens_[at_ + 1];
    const bool number = next.IsNumber() || next.Is('(') || next.Is('[') || next.Is(kFraction);
    // "answer: - 5" and "the answer -5" have a sign; "H - 2" and "H-2" a difference. A dash in prose looks like one.
    const bool binary = !sign || (!token.space_before && tokens_.Touches(at_)) || LettersMean(before);
    return operand && number && binary;
  }

  // Whether the word before a - with spaces around it is a letter of a formula rather than prose.
  [[nodiscard]] bool LettersMean(const Token& before) const {
    return before.IsWord() && before.end - before.begin == 1 && tokens_[at_].space_before && !tokens_.Touches(at_);
  }

  // The end of the side of a chain that at_ is in.
  [[nodiscard]] size_t SideEnd() const {
    size_t end = at_ + 1;
    size_t depth = tokens_[at_].Is('(') || tokens_[at_].Is('[') ? 1 : 0;
    for (; !tokens_[end].IsEnd(); ++end) {
      const Token& token = tokens_[end];
      if (token.Is('(') || token.Is('[') || token.Is('{')) ++depth;
      const bool closes = token.Is(')') || token.Is(']') || token.Is('}');
      const bool stops =
          token.Is('=') || token.Is(kAbout) || token.Is(',') || token.Is(';') || token.Is(':') || token.Is('.');
      if (token.line_before || (depth == 0 && (closes || stops))) break;
      if (closes) --depth;
    }
    return end;
  }

  // The words of a side that turn out to belong to its broken expression, from token `begin` on, are no items.
  void DropWords(size_t begin) {
    while (!scan_.items.empty() && scan_.items.back().IsWord() &&
           (scan_.items.back().begin >= begin || OpenChain() != nullptr)) {
      scan_.items.pop_back();
    }
  }

  // A side that has letters, from token `begin` on to the next sign that ends one.
  void Broken(size_t begin, const std::string& reason) {
    const size_t end = SideEnd();
    if (begin < at_) DropWords(begin);
    grading::Step step{.text = tokens_.Quote(begin, end), .range = tokens_.Range(begin, end), .number = std::nullopt};
    Chain* chain = OpenChain();
    if (chain != nullptr && !equal_ && begin < at_) {
      chain->steps.back() = step;  // `46*62 positions * 90`: the side goes on
    } else if (chain != nullptr && equal_) {
      if (!Counts(begin)) return;
      DropEqual();
      chain->steps.push_back(step);
    } else {
      chain = NewChain(begin, end);
      if (chain == nullptr) return;
      chain->steps.push_back(step);
    }
    chain->broken = true;
    chain->reason = reason;
    chain->value.range = step.range;
    equal_ = false;
    may_chain_ = true;
    at_ = end;
  }

  Chain* OpenChain() {
    if (!options_.chains || !may_chain_ || scan_.chains.empty()) return nullptr;
    return &scan_.chains.back();
  }

  // Whether another number is within the limit.
  bool Counts(size_t token) {
    if (++numbers_ <= limits_.max_numbers) return true;
    refusal_ = Unreadable{absl::StrCat("the answer has more than ", limits_.max_numbers, " numbers"),
                          "write the values that were asked for and nothing else", tokens_.Offset(token)};
    return false;
  }

  // The equal sign of a chain is no item once the chain goes on.
  void DropEqual() {
    const Item& last = scan_.items.back();
    if (last.Is('=') || last.Is(kAbout)) scan_.items.pop_back();
  }

  Chain* NewChain(size_t begin, size_t end) {
    if (!Counts(begin)) return nullptr;
    named_ = !scan_.items.empty() && (scan_.items.back().Is('=') || scan_.items.back().Is(':'));
    scan_.items.push_back(
        {.kind = Item::Kind::kValue, .begin = begin, .end = end, .chain = scan_.chains.size(), .sign = 0});
    scan_.chains.emplace_back();
    return &scan_.chains.back();
  }

  void PutValue(const Evaluated& evaluated) {
    const TextRange range = tokens_.Range(at_, evaluated.end);
    const grading::Step step{tokens_.Quote(at_, evaluated.end), range, evaluated.number};
    const bool crossed = options_.cross_ends_chains && !scan_.items.empty() && scan_.items.back().Is(kCross);
    Chain* chain = equal_ ? OpenChain() : nullptr;
    const bool joins = chain != nullptr;
    if (!joins) chain = NewChain(at_, evaluated.end);
    if (chain == nullptr) return;
    const Value value{.number = evaluated.number, .range = range, .last_place = evaluated.last_place, .name = ""};
    if (joins) {
      if (!Counts(at_)) return;
      DropEqual();
      Compare(chain, step, value);
    }
    chain->steps.push_back(step);
    chain->value = value;
    chain->broken = false;
    for (Note& note : arithmetic_.TakeNotes()) chain->notes.push_back(std::move(note));
    equal_ = false;
    may_chain_ = !crossed;
    at_ = evaluated.end;
  }

  // Notes where the chain's last side and this one differ.
  void Compare(Chain* chain, const grading::Step& step, const Value& value) {
    const grading::Step& before = chain->steps.back();
    if (!before.number.has_value()) {
      chain->notes.push_back({Note::Code::kSideWithoutValue,
                              absl::StrCat("\"", before.text, "\" has no value that can be told"), before.range});
      return;
    }
    if (*before.number == *step.number || about_) return;
    const bool rounds = RoundsTo(*before.number, value);
    const std::string number = Printable(before.number->ToString(), kQuotedProse);
    chain->notes.push_back({rounds ? Note::Code::kRounded : Note::Code::kUnequalSides,
                            absl::StrCat(before.text, " is ", number, rounds ? ", rounded to " : ", not ", step.text),
                            before.range});
  }

  const Tokens& tokens_;
  const ReadLimits& limits_;
  const ScanOptions& options_;
  Arithmetic arithmetic_;
  size_t at_ = 0;
  bool equal_ = false;      // the item before is = or ≈
  bool about_ = false;      // it was ≈
  bool may_chain_ = false;  // since the last chain there were only words
  bool named_ = false;      // the last chain has = or : before it
  size_t numbers_ = 0;
  Scan scan_;
  std::optional<Unreadable> refusal_;
};

}  // namespace

std::variant<Scan, Unreadable> ScanText(const Tokens& tokens, const ReadLimits& limits, const ScanOptions& options) {
  return Scanner(tokens, limits, options).Run();
}

std::optional<Unreadable> CheckText(absl::string_view text, size_t max_bytes) {
  const size_t most = std::min(max_bytes, size_t{1} << 30);
  if (text.size() > most) {
    return Unreadable{absl::StrCat("the answer has ", text.size(), " bytes, more than ", most),
                      "shorten it, or hand in a file", most};
  }
  if (absl::StripAsciiWhitespace(text).empty()) return Unreadable{"the answer is empty", "write an answer", 0};
  return std::nullopt;
}

Unreadable NothingStated(absl::string_view text, absl::string_view what, absl::string_view remedy) {
  return {absl::StrCat("the answer states no ", what, ": \"", Printable(absl::StripAsciiWhitespace(text), kQuotedProse),
                       "\""),
          std::string(remedy), 0};
}

}  // namespace tensord::grading::internal
