#include "grading/src/reader/tensor_elements.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grading/src/reader/rational.h"

namespace tensord::grading::internal {
namespace {

// The calls in brackets of np.float32(np.float32(1)): more are no print.
constexpr int kMostCalls = 4;

// A literal rounded to nearest, or nothing beyond float64.
std::optional<double> Rounded(absl::string_view signs, const Literal& literal) {
  if (literal.digits.empty()) return 0.0;
  std::string text(signs);
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '_' || c == '\''; }), text.end());
  double value = 0;
  const std::from_chars_result result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc()) return value;
  const bool large = static_cast<int64_t>(literal.digits.size()) + literal.exponent > 0;
  return large ? std::nullopt : std::optional<double>(0.0);
}

bool IsNumberWord(const std::string& word) {
  return word == "nan" || word == "inf" || word == "infinity" || word == "true" || word == "false";
}

class ElementReader {
 public:
  ElementReader(const Tokens& tokens, size_t begin, const ReadLimits& limits)
      : tokens_(tokens), limits_(limits), at_(begin) {}

  std::variant<Element, ElementFailure> Read() && {
    if (!Signed()) return failure_;
    const Token& next = tokens_[at_];
    const bool ends = next.IsEnd() || next.space_before || next.Is(',') || next.Is(';') || next.Is(']') ||
                      next.Is(')') || next.Is('}') || next.Is('.') || next.Is('[');
    if (!ends) return Fail(), failure_;
    element_.end = at_;
    return std::move(element_);
  }

 private:
  bool Fail() {
    const Token& at = tokens_[at_];
    const std::string what = at.IsEnd() ? "the end of the text" : absl::StrCat("\"", tokens_.Quote(at_, at_ + 1), "\"");
    failure_ = {absl::StrCat(what, " stands where a number should"), at_};
    return false;
  }

  bool Signed() {
    bool negative = false;
    if (tokens_[at_].Is('-') || tokens_[at_].Is('+')) {
      negative = tokens_[at_].Is('-');
      ++at_;
      if (tokens_[at_].space_before) return --at_, Fail();
    }
    if (!Magnitude()) return false;
    if (negative) element_.value = -element_.value;
    return true;
  }

  bool Magnitude() {
    if (tokens_[at_].IsNumber()) return Number();
    if (!tokens_[at_].IsWord()) return Fail();
    const std::string word = tokens_.Lower(at_);
    if (!IsNumberWord(word)) return Call();
    if (word == "nan") element_.value = std::numeric_limits<double>::quiet_NaN();
    if (word == "inf" || word == "infinity") element_.value = std::numeric_limits<double>::infinity();
    if (word == "true") element_.value = 1;
    ++at_;
    return true;
  }

  bool Number() {
    const absl::string_view signs = tokens_.signs(at_);
    const Literal literal = ReadLiteral(signs);
    const bool groups = literal.grouped && !literal.point && absl::StrContains(signs, '.');
    if (groups || literal.digits.size() > limits_.max_digits) {
      return TooLong(groups ? "has more than one point" : "has too many digits");
    }
    const std::optional<double> value = Rounded(signs, literal);
    if (!value.has_value()) return TooLong("is beyond float64");
    element_.value = *value;
    if (literal.point)
      element_.last_place = static_cast<int16_t>(std::clamp<int64_t>(literal.exponent, INT16_MIN, INT16_MAX - 1));
    ++at_;
    return !tokens_[at_].Is('/') || tokens_[at_].space_before || Quotient(literal);
  }

  bool TooLong(absl::string_view what) {
    failure_ = {absl::StrCat("\"", tokens_.Quote(at_, at_ + 1), "\" ", what), at_};
    return false;
  }

  // 1/3, behind its numerator.
  bool Quotient(const Literal& numerator) {
    ++at_;
    if (!tokens_[at_].IsNumber()) return Fail();
    const Literal denominator = ReadLiteral(tokens_.signs(at_));
    if (denominator.digits.empty()) return TooLong("divides by 0");
    const auto fits = [&](const Literal& literal) {
      return literal.digits.size() <= limits_.max_digits &&
             std::abs(literal.exponent) <= static_cast<int64_t>(limits_.max_digits);
    };
    if (!fits(numerator) || !fits(denominator)) return TooLong("has too many digits");
    const auto exact = [](const Literal& literal) {
      return Rational::FromDecimal(literal.digits.empty() ? "0" : absl::string_view(literal.digits), literal.exponent);
    };
    element_.value = (exact(numerator) / exact(denominator)).ToDouble();
    element_.last_place = kExactPlace;
    ++at_;
    return true;
  }

  // np.float32(1.5) and the like, at the first name.
  bool Call() {
    size_t name = at_;
    while (tokens_[name + 1].Is('.') && tokens_[name + 2].IsWord()) name += 2;
    if (!tokens_[name + 1].Is('(') || !tokens_.Touches(name) || ++calls_ > kMostCalls) return Fail();
    element_.dtype = tokens_.Name(name).substr(0, 16);
    at_ = name + 2;
    if (!Signed()) return false;
    if (!tokens_[at_].Is(')')) return Fail();
    ++at_;
    return true;
  }

  const Tokens& tokens_;
  const ReadLimits& limits_;
  size_t at_;
  int calls_ = 0;
  Element element_;
  ElementFailure failure_;
};

}  // namespace

std::variant<Element, ElementFailure> ReadElement(const Tokens& tokens, size_t i, const ReadLimits& limits) {
  return ElementReader(tokens, i, limits).Read();
}

bool BeginsElement(const Tokens& tokens, size_t i) {
  const Token& token = tokens[i];
  if (token.IsNumber()) return true;
  if (token.Is('-') || token.Is('+'))
    return tokens.Touches(i) && (tokens[i + 1].IsNumber() || IsNumberWord(tokens.Lower(i + 1)));
  const std::string word = tokens.Lower(i);
  return word == "nan" || word == "inf" || (word == "np" && tokens[i + 1].Is('.'));
}

}  // namespace tensord::grading::internal
