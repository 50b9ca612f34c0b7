// Evaluates formulas one point at a time: the independent check of the judge's verdicts.
#ifndef TENSORD_TESTS_GRADING_SHAPE_FORMULA_SLOW_FORMULA_H_
#define TENSORD_TESTS_GRADING_SHAPE_FORMULA_SLOW_FORMULA_H_

#include <cctype>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

namespace tensord::grading {

using Point = std::map<std::string, int64_t>;

// A rational number in lowest terms; undefined after a division by zero.
struct SlowValue {
  int64_t numerator = 0;
  int64_t denominator = 1;  // positive; 0: undefined

  bool operator==(const SlowValue& other) const = default;
  [[nodiscard]] std::string ToString() const {
    if (denominator == 0) return "undefined";
    return std::to_string(numerator) + (denominator == 1 ? "" : "/" + std::to_string(denominator));
  }
};

// Reads and evaluates in one pass, with Python's operators: + - * / // % **, floor, ceil, min, max, int, abs. The names
// are those of the point. Gives nothing for a text that is none; for values that fit into int64_t on the way.
class SlowFormula {
 public:
  SlowFormula(const std::string& text, const Point& point) : point_(point) {
    for (const char c : text) {
      if (c != ' ') text_.push_back(c);
    }
  }

  std::optional<SlowValue> Value() {
    const SlowValue value = Sum();
    return bad_ || at_ != text_.size() ? std::nullopt : std::optional(undefined_ ? SlowValue{0, 0} : value);
  }

 private:
  SlowValue Make(int64_t numerator, int64_t denominator) {
    if (denominator == 0) {
      undefined_ = true;
      return {};
    }
    const int64_t divisor = std::gcd(numerator, denominator) * (denominator < 0 ? -1 : 1);
    return {numerator / divisor, denominator / divisor};
  }
  SlowValue Add(SlowValue a, SlowValue b, int64_t sign) {
    return Make(a.numerator * b.denominator + sign * b.numerator * a.denominator, a.denominator * b.denominator);
  }
  static SlowValue Floor(SlowValue a) {
    int64_t quotient = a.numerator / a.denominator;
    while (quotient * a.denominator > a.numerator) --quotient;
    return {quotient, 1};
  }
  bool Take(const std::string& token) {
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    return true;
  }
  void Expect(const std::string& token) { bad_ |= !Take(token); }

  SlowValue Sum() {
    SlowValue sum = Product();
    while (!bad_) {
      if (Take("+")) {
        sum = Add(sum, Product(), 1);
      } else if (Take("-")) {
        sum = Add(sum, Product(), -1);
      } else {
        break;
      }
    }
    return sum;
  }
  SlowValue Product() {
    SlowValue product = Factor();
    while (!bad_) {
      if (Take("//")) {
        const SlowValue divisor = Factor();
        product = Floor(Make(product.numerator * divisor.denominator, product.denominator * divisor.numerator));
      } else if (Take("/")) {
        const SlowValue divisor = Factor();
        product = Make(product.numerator * divisor.denominator, product.denominator * divisor.numerator);
      } else if (Take("%")) {
        const SlowValue b = Factor();
        const SlowValue whole = Floor(Make(product.numerator * b.denominator, product.denominator * b.numerator));
        product = Add(product, Make(b.numerator * whole.numerator, b.denominator), -1);
      } else if (Take("*")) {
        const SlowValue factor = Factor();
        product = Make(product.numerator * factor.numerator, product.denominator * factor.denominator);
      } else {
        break;
      }
    }
    return product;
  }
  SlowValue Factor() {
    if (Take("-")) return Add({}, Factor(), -1);
    const SlowValue base = Primary();
    if (!Take("**")) return base;
    SlowValue power{1, 1};
    for (int64_t i = Primary().numerator; i > 0; --i) {
      power = {power.numerator * base.numerator, power.denominator * base.denominator};
    }
    return power;
  }
  SlowValue Inside() {
    const SlowValue value = Sum();
    Expect(")");
    return value;
  }
  SlowValue Primary() {
    if (Take("(")) return Inside();
    std::string word;
    while (at_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at_])) != 0) word += text_[at_++];
    if (word.empty()) {
      bad_ = true;
      return {};
    }
    if (std::isdigit(static_cast<unsigned char>(word[0])) != 0) return {std::stoll(word), 1};
    if (point_.count(word) != 0) return {point_.at(word), 1};
    Expect("(");
    return bad_ ? SlowValue() : Call(word);
  }
  SlowValue Call(const std::string& word) {
    const SlowValue first = Sum();
    if (word == "min" || word == "max") {
      Expect(",");
      const SlowValue second = Inside();
      const bool less = Add(first, second, -1).numerator < 0;
      return less == (word == "min") ? first : second;
    }
    Expect(")");
    const SlowValue negated{-first.numerator, first.denominator};
    if (word == "floor") return Floor(first);
    if (word == "ceil") return {-Floor(negated).numerator, 1};
    if (word == "int") return first.numerator >= 0 ? Floor(first) : SlowValue{-Floor(negated).numerator, 1};
    bad_ |= word != "abs";
    return first.numerator < 0 ? negated : first;
  }

  std::string text_;
  const Point& point_;
  size_t at_ = 0;
  bool bad_ = false;
  bool undefined_ = false;
};

inline std::optional<SlowValue> SlowValueOf(const std::string& text, const Point& point) {
  return SlowFormula(text, point).Value();
}

}  // namespace tensord::grading

#endif  // TENSORD_TESTS_GRADING_SHAPE_FORMULA_SLOW_FORMULA_H_
