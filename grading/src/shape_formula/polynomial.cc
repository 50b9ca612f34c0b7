#include "grading/src/shape_formula/polynomial.h"

#include <algorithm>
#include <iterator>

namespace tensord::grading::shapes {
namespace {

constexpr Int128 kLargestCoefficient = Int128{1} << 120;

// a/b where that is a monomial.
std::optional<Monomial> Quotient(const Monomial& a, const Monomial& b) {
  if (!std::includes(a.begin(), a.end(), b.begin(), b.end())) return std::nullopt;
  Monomial quotient;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(quotient));
  return quotient;
}

}  // namespace

Polynomial Polynomial::Unknown(int number) { return Term(Monomial(1, static_cast<char>(number)), 1); }

Polynomial Polynomial::Term(const Monomial& monomial, Int128 coefficient) {
  Polynomial term;
  term.AddTerm(monomial, coefficient);
  return term;
}

Int128 Polynomial::ConstantTerm() const { return Coefficient(""); }

Int128 Polynomial::Coefficient(const Monomial& monomial) const {
  const auto place = terms_.find(monomial);
  return place == terms_.end() ? 0 : place->second;
}

bool Polynomial::Contains(int unknown) const {
  return std::any_of(terms_.begin(), terms_.end(), [unknown](const auto& term) {
    return term.first.find(static_cast<char>(unknown)) != Monomial::npos;
  });
}

Int128 Polynomial::Content() const {
  Int128 content = 0;
  for (const auto& [monomial, coefficient] : terms_) {
    if (!monomial.empty()) content = GreatestCommonDivisor(content, coefficient);
  }
  return content;
}

void Polynomial::AddTerm(const Monomial& monomial, Int128 coefficient) {
  if (coefficient == 0) return;
  const auto [place, is_new] = terms_.try_emplace(monomial, 0);
  Int128 sum = 0;
  if (!Add(place->second, coefficient, &sum) || sum > kLargestCoefficient || sum < -kLargestCoefficient ||
      monomial.size() > kMaxDegree || terms_.size() > kMaxTerms) {
    ok_ = false;
    terms_.clear();
    return;
  }
  place->second = sum;
  if (sum == 0) terms_.erase(place);
}

Polynomial& Polynomial::operator+=(const Polynomial& other) {
  ok_ = ok_ && other.ok_;
  for (const auto& [monomial, coefficient] : other.terms_) {
    if (!ok_) break;
    AddTerm(monomial, coefficient);
  }
  if (!ok_) terms_.clear();
  return *this;
}

Polynomial operator*(const Polynomial& a, const Polynomial& b) {
  Polynomial product;
  product.ok_ = a.ok_ && b.ok_;
  for (const auto& [a_monomial, a_coefficient] : a.terms_) {
    for (const auto& [b_monomial, b_coefficient] : b.terms_) {
      if (!product.ok_) return product;
      Monomial monomial;
      std::merge(a_monomial.begin(), a_monomial.end(), b_monomial.begin(), b_monomial.end(),
                 std::back_inserter(monomial));
      Int128 coefficient = 0;
      if (Multiply(a_coefficient, b_coefficient, &coefficient)) {
        product.AddTerm(monomial, coefficient);
      } else {
        product.ok_ = false;
      }
    }
  }
  return product;
}

Polynomial Polynomial::Substituted(int unknown, const Polynomial& value) const {
  if (!ok_ || !Contains(unknown)) return *this;
  const char byte = static_cast<char>(unknown);
  Polynomial result;
  for (const auto& [monomial, coefficient] : terms_) {
    Monomial rest;
    std::remove_copy(monomial.begin(), monomial.end(), std::back_inserter(rest), byte);
    Polynomial term = Term(rest, coefficient);
    for (size_t i = rest.size(); i < monomial.size(); ++i) term = term * value;
    result += term;
    if (!result.ok()) break;
  }
  return result;
}

PolynomialQuotient Divide(const Polynomial& a, const Polynomial& b) {
  const auto& [leading, leading_coefficient] = *b.terms().begin();
  const Int128 magnitude = leading_coefficient < 0 ? -leading_coefficient : leading_coefficient;
  PolynomialQuotient result;
  Polynomial rest = a;
  while (rest.ok() && !rest.terms().empty()) {
    const auto [monomial, coefficient] = *rest.terms().begin();
    Int128 factor = 0;
    const std::optional<Monomial> quotient = Quotient(monomial, leading);
    if (quotient.has_value()) factor = FloorDivide(coefficient, magnitude);
    if (factor != 0) {
      if (leading_coefficient < 0) factor = -factor;
      const Polynomial term = Polynomial::Term(*quotient, factor);
      result.quotient += term;
      rest = rest - term * b;
    }
    const Int128 kept = rest.Coefficient(monomial);
    result.remainder.AddTerm(monomial, kept);
    rest.AddTerm(monomial, -kept);
  }
  if (!rest.ok()) result.remainder = rest;
  return result;
}

}  // namespace tensord::grading::shapes
