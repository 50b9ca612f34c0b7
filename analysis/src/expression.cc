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

Expression::Expression(const Integer& value) {
  if (!value.zero()) terms_.emplace(Monomial(), value);
}

Expression Expression::Symbol(absl::string_view name) {
  return FromAtom(std::make_shared<const Atom>(Atom{AtomKind::kSymbol, std::string(name), {}, {}}));
}

Expression Expression::FromAtom(AtomPointer atom) {
  Terms terms;
  terms.emplace(Monomial{std::move(atom)}, Integer(1));
  return FromTerms(std::move(terms));
}

Expression Expression::FromTerms(Terms terms) {
  if (terms.size() > kMaxTerms || TextBytes(terms) > kMaxTextBytes) return Error(kTooLarge);
  Expression result;
  result.terms_ = std::move(terms);
  return result;
}

Expression Expression::Error(absl::string_view what) {
  Expression result;
  result.status_ = absl::InvalidArgumentError(what);
  return result;
}

std::optional<Integer> Expression::constant() const {
  if (!ok()) return std::nullopt;
  if (terms_.empty()) return Integer(0);
  if (terms_.size() == 1 && terms_.begin()->first.empty()) return terms_.begin()->second;
  return std::nullopt;
}

bool Expression::operator==(const Expression& other) const {
  if (status_ != other.status_ || terms_.size() != other.terms_.size()) return false;
  const internal::MonomialOrder less;
  return std::equal(terms_.begin(), terms_.end(), other.terms_.begin(), [&](const auto& a, const auto& b) {
    return a.second == b.second && !less(a.first, b.first) && !less(b.first, a.first);
  });
}

Expression operator+(const Expression& a, const Expression& b) {
  if (!a.ok()) return a;
  if (!b.ok()) return b;
  Terms terms = a.terms_;
  for (const auto& [monomial, coefficient] : b.terms_) {
    if (!Accumulate(terms, monomial, coefficient)) return Expression::Error(kOverflow);
  }
  return Expression::FromTerms(std::move(terms));
}

Expression& Expression::operator+=(const Expression& other) {
  if (!ok()) return *this;
  if (!other.ok()) return *this = other;
  bool is_longer = false;
  for (const auto& [monomial, coefficient] : other.terms_) {
    const auto place = terms_.find(monomial);
    is_longer = is_longer || place == terms_.end() || place->second.magnitude() == 1;
    if (!Accumulate(terms_, monomial, coefficient)) return *this = Error(kOverflow);
  }
  if (is_longer && (terms_.size() > kMaxTerms || TextBytes(terms_) > kMaxTextBytes)) *this = Error(kTooLarge);
  return *this;
}

Expression operator-(const Expression& a, const Expression& b) { return a + b * Expression(-1); }

Expression operator*(const Expression& a, const Expression& b) {
  if (!a.ok()) return a;
  if (!b.ok()) return b;
  if (a.terms_.size() * b.terms_.size() > Expression::kMaxProducts) return Expression::Error(kTooLarge);
  Terms terms;
  for (const auto& [a_monomial, a_coefficient] : a.terms_) {
    for (const auto& [b_monomial, b_coefficient] : b.terms_) {
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
  const auto place = terms_.find(Monomial());
  return place == terms_.end() ? Integer(0) : place->second;
}

Integer Expression::Content(bool with_number) const {
  Integer divisor;
  for (const auto& [monomial, coefficient] : terms_) {
    if (with_number || !monomial.empty()) divisor = GreatestCommonDivisor(divisor, coefficient);
  }
  return divisor;
}

std::optional<Expression> Expression::DividedBy(const Expression& divisor) const {
  if (divisor.terms_.size() != 1) return std::nullopt;
  const auto& [factor, by] = *divisor.terms_.begin();
  Terms quotient;
  for (const auto& [monomial, coefficient] : terms_) {
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
  const bool plain = denominator.terms_.size() == 1 && denominator.terms_.begin()->first.size() <= 1 &&
                     (number.has_value() || denominator.terms_.begin()->second == Integer(1));
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
