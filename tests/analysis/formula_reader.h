// Reads formulas back: the independent check that a formula's text means its count.
#ifndef TENSORD_TESTS_ANALYSIS_FORMULA_READER_H_
#define TENSORD_TESTS_ANALYSIS_FORMULA_READER_H_

#include <cctype>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <string>

namespace tensord::analysis {

// The value of sums, products, quotients, floor(), ceil() and [a >= b] (also <=), with numbers for the names; nothing
// where the text is no such formula or its value is no whole number. For values that fit into int64_t on the way.
class FormulaReader {
 public:
  FormulaReader(const std::string& text, const std::map<std::string, int64_t>& names) : text_(text), names_(names) {}

  std::optional<int64_t> Read() {
    const Fraction value = Sum();
    if (failed_ || at_ != text_.size() || value.denominator != 1) return std::nullopt;
    return value.numerator;
  }

 private:
  struct Fraction {
    int64_t numerator = 0;
    int64_t denominator = 1;
  };

  static Fraction Reduced(int64_t numerator, int64_t denominator) {
    const int64_t divisor = std::gcd(numerator, denominator);
    return {numerator / divisor, denominator / divisor};
  }
  static int64_t Floor(const Fraction& x) {
    const int64_t quotient = x.numerator / x.denominator;
    return quotient * x.denominator > x.numerator ? quotient - 1 : quotient;
  }

  Fraction Fail() {
    failed_ = true;
    return {};
  }
  bool Take(const std::string& token) {
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    return true;
  }
  Fraction Inside(const std::string& close) {
    const Fraction value = Sum();
    return Take(close) ? value : Fail();
  }

  Fraction Sum() {
    const bool negative = Take("-");
    Fraction sum = Product();
    if (negative) sum.numerator = -sum.numerator;
    while (!failed_) {
      const bool plus = Take(" + ");
      if (!plus && !Take(" - ")) break;
      const Fraction next = Product();
      const int64_t numerator = next.numerator * sum.denominator;
      sum = Reduced(sum.numerator * next.denominator + (plus ? numerator : -numerator),
                    sum.denominator * next.denominator);
    }
    return sum;
  }

  Fraction Product() {
    Fraction product = Factor();
    while (!failed_) {
      if (Take("*")) {
        const Fraction next = Factor();
        product = Reduced(product.numerator * next.numerator, product.denominator * next.denominator);
      } else if (Take("/")) {
        const Fraction next = Factor();
        if (next.numerator < 1) return Fail();
        product = Reduced(product.numerator * next.denominator, product.denominator * next.numerator);
      } else {
        break;
      }
    }
    return product;
  }

  Fraction Factor() {
    if (Take("floor(")) return {Floor(Inside(")")), 1};
    if (Take("ceil(")) {
      const Fraction inside = Inside(")");
      return {-Floor({-inside.numerator, inside.denominator}), 1};
    }
    if (Take("(")) return Inside(")");
    if (Take("[")) return Condition();
    std::string word;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
      word.push_back(text_[at_++]);
    }
    if (word.empty()) return Fail();
    if (std::isdigit(static_cast<unsigned char>(word[0])) != 0) return {std::stoll(word), 1};
    const auto place = names_.find(word);
    return place == names_.end() ? Fail() : Fraction{place->second, 1};
  }

  Fraction Condition() {
    const Fraction left = Sum();
    const bool at_least = Take(" >= ");
    if (!at_least && !Take(" <= ")) return Fail();
    const Fraction right = Inside("]");
    const int64_t difference = left.numerator * right.denominator - right.numerator * left.denominator;
    return {(at_least ? difference >= 0 : difference <= 0) ? 1 : 0, 1};
  }

  const std::string text_;
  const std::map<std::string, int64_t> names_;
  size_t at_ = 0;
  bool failed_ = false;
};

inline std::optional<int64_t> ReadFormula(const std::string& text, const std::map<std::string, int64_t>& names) {
  return FormulaReader(text, names).Read();
}

}  // namespace tensord::analysis

#endif  // TENSORD_TESTS_ANALYSIS_FORMULA_READER_H_
