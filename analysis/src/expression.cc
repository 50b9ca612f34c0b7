#include "tensord/analysis/expression.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analysis/src/expression_atoms.h"

namespace tensord::analysis {

using internal::Atom;
using internal::AtomKind;
using internal::AtomPointer;
using internal::Monomial;
using internal::Terms;

namespace {

constexpr const char* kOverflow = "does not fit into 128 bits";
constexpr const char* kTooLarge = "is too large an expression";

// An upper bound of the bytes of the terms' text.
size_t TextBytes(const Terms& terms) {
  constexpr size_t kCoefficientBytes = 43;  // " + ", "*", 39 digits
  size_t bytes = 0;
  for (const auto& [monomial, coefficient] : terms) {
    bytes += coefficient.magnitude() == 1 ? 4 : kCoefficientBytes;
    for (const AtomPointer& atom : monomial) bytes += atom->text.size() + 1;
  }
  return bytes;
}

// terms += coefficient * monomial; false where that overflows.
bool Accumulate(Terms& terms, const Monomial& monomial, const Integer& coefficient) {
  const auto [place, added] = terms.try_emplace(monomial, coefficient);
  if (added) return true;
  const std::optional<Integer> sum = Add(place->second, coefficient);
  if (!sum.has_value()) return false;
  place->second = *sum;
  if (sum->zero()) terms.erase(place);
  return true;
}

}  // namespace

Expression Expression::Symbol(absl::string_view name) {
  return FromAtom(std::make_shared<const Atom>(Atom{AtomKind::kSymbol, std::string(name), {}, {}}));
}

Expression Expression::FromAtom(AtomPointer atom) {
  Terms terms;
  terms.emplace(Monomial{std::move(atom)}, Integer(1));
  return FromTerms(std::move(terms));
}

Expression Expression::FromTerms(Terms terms) {
  if (terms.empty()) return 0;
  if (terms.size() == 1 && terms.begin()->first.empty()) return terms.begin()->second;
  const size_t text_bytes = TextBytes(terms);
  if (terms.size() > kMaxTerms || text_bytes > kMaxTextBytes) return Error(kTooLarge);
  Expression result;
  result.text_bytes_ = text_bytes;
  result.polynomial_ = std::make_shared<Terms>(std::move(terms));
  return result;
}

Expression Expression::Error(absl::string_view what) {
  Expression result;
  result.status_ = absl::InvalidArgumentError(what);
  return result;
}

std::shared_ptr<const Terms> Expression::terms() const {
  if (!is_number()) return polynomial_;
  Terms terms;
  if (!number_.zero()) terms.emplace(Monomial(), number_);
  return std::make_shared<const Terms>(std::move(terms));
}

std::optional<Integer> Expression::constant() const {
  if (!ok() || !is_number()) return std::nullopt;
  return number_;
}

bool Expression::operator==(const Expression& other) const {
  if (status_ != other.status_ || is_number() != other.is_number()) return false;
  if (is_number()) return number_ == other.number_;
  const internal::MonomialOrder less;
  return polynomial_ == other.polynomial_ ||
         std::equal(polynomial_->begin(), polynomial_->end(), other.polynomial_->begin(), other.polynomial_->end(),
                    [&](const auto& a, const auto& b) {
                      return a.second == b.second && !less(a.first, b.first) && !less(b.first, a.first);
                    });
}

Expression operator+(const Expression& a, const Expression& b) {
  if (!a.ok()) return a;
  if (!b.ok()) return b;
  if (a.is_number() && b.is_number()) {
    const std::optional<Integer> sum = Add(a.number_, b.number_);
    return sum.has_value() ? Expression(*sum) : Expression::Error(kOverflow);
  }
  if (a == Expression()) return b;
  if (b == Expression()) return a;
  Terms terms = *a.terms();
  const std::shared_ptr<const Terms> added = b.terms();
  for (const auto& [monomial, coefficient] : *added) {
    if (!Accumulate(terms, monomial, coefficient)) return Expression::Error(kOverflow);
  }
  return Expression::FromTerms(std::move(terms));
}

Expression& Expression::operator+=(const Expression& other) {
  const bool owns_terms = !is_number() && polynomial_.use_count() == 1 && this != &other;
  if (!ok() || !other.ok() || !owns_terms) return *this = *this + other;
  const std::shared_ptr<const Terms> added = other.terms();
  // Whether the text can be longer than what is known of it, or the form another.
  bool is_other = false;
  for (const auto& [monomial, coefficient] : *added) {
    const auto place = polynomial_->find(monomial);
    is_other = is_other || place == polynomial_->end() || place->second.magnitude() == 1;
    const size_t count = polynomial_->size();
    if (!Accumulate(*polynomial_, monomial, coefficient)) return *this = Error(kOverflow);
    is_other = is_other || polynomial_->size() != count;
  }
  if (is_other) *this = FromTerms(std::move(*polynomial_));
  return *this;
}

Expression operator-(const Expression& a, const Expression& b) { return a + b * Expression(-1); }

Expression operator*(const Expression& a, const Expression& b) {
  if (!a.ok()) return a;
  if (!b.ok()) return b;
  if (a.is_number() && b.is_number()) {
    const std::optional<Integer> product = Multiply(a.number_, b.number_);
    return product.has_value() ? Expression(*product) : Expression::Error(kOverflow);
  }
  if (a == Expression(1)) return b;
  if (b == Expression(1)) return a;
  const std::shared_ptr<const Terms> a_terms = a.terms();
  const std::shared_ptr<const Terms> b_terms = b.terms();
  if (a_terms->size() * b_terms->size() > Expression::kMaxProducts) return Expression::Error(kTooLarge);
  Terms terms;
  for (const auto& [a_monomial, a_coefficient] : *a_terms) {
    for (const auto& [b_monomial, b_coefficient] : *b_terms) {
      const std::optional<Integer> coefficient = Multiply(a_coefficient, b_coefficient);
      if (!coefficient.has_value()) return Expression::Error(kOverflow);
      if (!Accumulate(terms, internal::MultiplyMonomials(a_monomial, b_monomial), *coefficient)) {
        return Expression::Error(kOverflow);
      }
    }
  }
  return Expression::FromTerms(std::move(terms));
}

Integer Expression::NumberTerm() const {
  if (is_number()) return number_;
  const auto place = polynomial_->find(Monomial());
  return place == polynomial_->end() ? Integer(0) : place->second;
}

Integer Expression::Content(bool with_number) const {
  Integer divisor;
  if (is_number()) return with_number ? Integer::FromMagnitude(number_.magnitude()) : divisor;
  for (const auto& [monomial, coefficient] : *polynomial_) {
    if (with_number || !monomial.empty()) divisor = GreatestCommonDivisor(divisor, coefficient);
  }
  return divisor;
}

std::optional<Expression> Expression::DividedBy(const Expression& divisor) const {
  const std::shared_ptr<const Terms> divisors = divisor.terms();
  if (divisors->size() != 1) return std::nullopt;
  const auto& [factor, by] = *divisors->begin();
  const std::shared_ptr<const Terms> dividends = terms();
  Terms quotient;
  for (const auto& [monomial, coefficient] : *dividends) {
    const std::optional<Monomial> rest = internal::DivideMonomial(monomial, factor);
    if (!rest.has_value() || coefficient.magnitude() % by.magnitude() != 0) return std::nullopt;
    quotient.emplace(*rest, Integer::FromMagnitude(coefficient.magnitude() / by.magnitude(),
                                                   coefficient.negative() != by.negative()));
  }
  return FromTerms(std::move(quotient));
}

Expression Expression::Quotient(const Expression& e, const Expression& d, bool up) {
  if (!e.ok()) return e;
  if (!d.ok()) return d;
  const std::optional<Integer> number = d.constant();
  if (number.has_value() && *number < Integer(1)) return Error("has a denominator below 1");
  if (number.has_value() && e.is_number()) return up ? CeilDivide(e.number_, *number) : FloorDivide(e.number_, *number);
  if (e == d) return 1;
  if (const std::optional<Expression> exact = e.DividedBy(d); exact.has_value()) return *exact;
  Expression numerator = e;
  Expression denominator = d;
  if (number.has_value()) {
    // floor((g*x + c)/(g*d)) = floor((x + floor(c/g))/d) for whole x, and likewise upwards.
    const Integer divisor = GreatestCommonDivisor(e.Content(false), *number);
    const Integer c = e.NumberTerm();
    const Integer rounded = up ? CeilDivide(c, divisor) : FloorDivide(c, divisor);
    numerator = *(e - Expression(c)).DividedBy(divisor) + Expression(rounded);
    denominator = *d.DividedBy(divisor);
    if (denominator.constant() == Integer(1)) return numerator;
  }
  const std::shared_ptr<const Terms> below = denominator.terms();
  const bool plain = below->size() == 1 && below->begin()->first.size() <= 1 &&
                     (number.has_value() || below->begin()->second == Integer(1));
  std::string text = absl::StrCat(up ? "ceil(" : "floor(", numerator.ToFactor(), "/",
                                  plain ? denominator.ToString() : absl::StrCat("(", denominator.ToString(), ")"), ")");
  return FromAtom(std::make_shared<const Atom>(
      Atom{up ? AtomKind::kCeil : AtomKind::kFloor, std::move(text), std::move(numerator), std::move(denominator)}));
}

Expression Floor(const Expression& e, const Expression& d) { return Expression::Quotient(e, d, false); }

Expression Ceil(const Expression& e, const Expression& d) { return Expression::Quotient(e, d, true); }

Expression AtLeast(const Expression& e, const Expression& f) {
  Expression difference = e - f;
  if (!difference.ok()) return difference;
  if (const std::optional<Integer> number = difference.constant(); number.has_value()) {
    return *number >= Integer(0) ? 1 : 0;
  }
  // g*x + c >= 0 where x + floor(c/g) >= 0, for whole x.
  difference = Floor(difference, difference.Content(false));
  std::string text = absl::StrCat("[", difference.CompareText(">=", "<="), "]");
  return Expression::FromAtom(
      std::make_shared<const Atom>(Atom{AtomKind::kAtLeast, std::move(text), std::move(difference), {}}));
}

std::string AtLeastText(const Expression& e, const Expression& f) {
  const Expression difference = e - f;
  const Integer divisor = difference.Content(false);
  return (divisor.zero() ? difference : Floor(difference, divisor)).CompareText(">=", "<=");
}

std::string EqualText(const Expression& e, const Expression& f) {
  const Expression difference = e - f;
  const Integer divisor = difference.Content(true);
  return (divisor.zero() ? difference : *difference.DividedBy(divisor)).CompareText("=", "=");
}

bool IsSymbol(absl::string_view name) {
  constexpr size_t kMaxSymbolBytes = 32;
  if (name.empty() || name.size() > kMaxSymbolBytes || !absl::ascii_isalpha(static_cast<unsigned char>(name[0]))) {
    return false;
  }
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; });
}

}  // namespace tensord::analysis
