#include "grading/src/shape_formula/proof_quotient.h"

#include <utility>

namespace tensord::grading::shapes {
namespace {

constexpr Int128 kFewQuotients = 8;
constexpr Int128 kFewResidues = 64;
constexpr Int128 kFewFactors = 8;
constexpr Int128 kFewValues = 32;

// floor(dividend/divisor) = whole + floor(rest/divisor).
struct Reduced {
  Polynomial whole;
  Polynomial rest;
  Polynomial divisor;
};

Polynomial Over(const Polynomial& p, Int128 number) {
  Polynomial quotient;
  for (const auto& [monomial, coefficient] : p.terms()) quotient.AddTerm(monomial, FloorDivide(coefficient, number));
  return quotient;
}

Reduced Reduce(const Polynomial& dividend, const Polynomial& divisor) {
  const PolynomialQuotient divided = Divide(dividend, divisor);
  Reduced reduced{divided.quotient, divided.remainder, divisor};
  if (!reduced.rest.ok()) return reduced;
  // floor((g*a + c)/(g*d)) = floor((a + floor(c/g))/d).
  const Int128 own_content = GreatestCommonDivisor(divisor.Content(), divisor.ConstantTerm());
  const Int128 content = GreatestCommonDivisor(own_content, reduced.rest.Content());
  if (content > 1) {
    reduced.rest = Over(reduced.rest, content);
    reduced.divisor = Over(divisor, content);
  }
  if (!reduced.divisor.IsConstant()) return reduced;
  // The least magnitudes, so that 2*N modulo 3 is -N, which can be solved for N.
  const Int128 number = reduced.divisor.ConstantTerm();
  const Polynomial rest = reduced.rest;
  for (const auto& [monomial, coefficient] : rest.terms()) {
    if (monomial.empty() || 2 * coefficient <= number) continue;
    reduced.rest.AddTerm(monomial, -number);
    reduced.whole.AddTerm(monomial, 1);
  }
  return reduced;
}

// Bounds of floor(rest/divisor) near 0 that the facts imply.
struct QuotientBounds {
  std::optional<Int128> least;
  std::optional<Int128> most;
};

QuotientBounds BoundsOf(const Polynomial& rest, const Polynomial& divisor, const Facts& facts) {
  const auto at_least = [&](Int128 k) { return facts.Imply(rest - Polynomial(k) * divisor); };
  const auto at_most = [&](Int128 k) { return facts.Imply(Polynomial(k + 1) * divisor - Polynomial(1) - rest); };
  QuotientBounds bounds;
  if (at_least(0)) {
    bounds.least = 0;
    while (*bounds.least < kFewQuotients && at_least(*bounds.least + 1)) ++*bounds.least;
  } else {
    for (Int128 k = -1; k >= -kFewQuotients && !bounds.least.has_value(); --k) {
      if (at_least(k)) bounds.least = k;
    }
  }
  const Int128 begin = bounds.least.value_or(-1);
  for (Int128 k = begin; k <= begin + kFewQuotients && !bounds.most.has_value(); ++k) {
    if (at_most(k)) bounds.most = k;
  }
  return bounds;
}

// unknown = +-(q*divisor + r - the others), 0 <= r < divisor.
ProofStep DefineByDivision(const Reduced& reduced, int unknown, const QuotientBounds& bounds, ProofCase* current) {
  const Polynomial q = current->NewUnknown();
  const Polynomial r = current->NewUnknown();
  const Int128 factor = reduced.rest.Coefficient(Monomial(1, static_cast<char>(unknown)));
  const Polynomial others = reduced.rest - Polynomial::Unknown(unknown) * Polynomial(factor);
  const Polynomial value = (q * reduced.divisor + r - others) * Polynomial(factor);
  if (!value.ok()) return ProofStep::kFailed;
  current->Define(unknown, value);
  current->facts.Add(r);
  current->facts.Add(reduced.divisor - Polynomial(1) - r);
  if (bounds.least.has_value()) current->facts.Add(q - Polynomial(*bounds.least));
  if (bounds.most.has_value()) current->facts.Add(Polynomial(*bounds.most) - q);
  return ProofStep::kAgain;
}

// unknown = q*number + c for each residue c.
ProofStep SplitByResidue(int unknown, Int128 number, ProofCase* current, std::vector<ProofCase>* open) {
  const Polynomial q = current->NewUnknown();
  if (!q.ok()) return ProofStep::kFailed;
  for (Int128 c = 0; c < number; ++c) {
    open->push_back(*current);
    open->back().Define(unknown, q * Polynomial(number) + Polynomial(c));
  }
  return ProofStep::kDone;
}

// The quotient as an unknown of its own.
ProofStep MakeOpaque(const Reduced& reduced, const QuotientBounds& bounds, ProofCase* current) {
  const Polynomial q = current->NewUnknown();
  const Polynomial product = q * reduced.divisor;
  if (!product.ok()) return ProofStep::kFailed;
  current->facts.Add(reduced.rest - product);
  current->facts.Add(product + reduced.divisor - Polynomial(1) - reduced.rest);
  if (bounds.least.has_value()) current->facts.Add(q - Polynomial(*bounds.least));
  if (bounds.most.has_value()) current->facts.Add(Polynomial(*bounds.most) - q);
  current->quotients.push_back({reduced.rest, reduced.divisor, q});
  return ProofStep::kAgain;
}

ProofStep SplitByValue(const ProofCase::Values& values, const ProofCase& current, std::vector<ProofCase>* open) {
  for (Int128 value = values.least; value <= values.most; ++value) {
    open->push_back(current);
    open->back().Define(values.unknown, Polynomial(value));
  }
  return ProofStep::kDone;
}

// The terms with more than one unknown.
Polynomial Products(const Polynomial& p) {
  Polynomial products;
  for (const auto& [monomial, coefficient] : p.terms()) {
    if (monomial.size() > 1) products.AddTerm(monomial, coefficient);
  }
  return products;
}

ProofStep SplitByQuotient(const Reduced& reduced, const QuotientBounds& bounds, ProofCase* current,
                          std::vector<ProofCase>* open) {
  for (Int128 k = *bounds.least; k <= *bounds.most; ++k) {
    open->push_back(*current);
    open->back().facts.Add(reduced.rest - Polynomial(k) * reduced.divisor);
    open->back().facts.Add(Polynomial(k + 1) * reduced.divisor - Polynomial(1) - reduced.rest);
  }
  return ProofStep::kDone;
}

}  // namespace

std::optional<int> UnitUnknown(const Polynomial& p, const Polynomial& other, const Facts& facts) {
  std::optional<int> bounded;
  for (const auto& [monomial, coefficient] : p.terms()) {
    if (monomial.size() != 1 || (coefficient != 1 && coefficient != -1)) continue;
    const int unknown = static_cast<unsigned char>(monomial[0]);
    if (other.Contains(unknown) || (p - Polynomial::Term(monomial, coefficient)).Contains(unknown)) continue;
    if (!facts.MostOf(unknown).has_value()) return unknown;
    if (!bounded.has_value()) bounded = unknown;
  }
  return bounded;
}

ProofStep Quotient(Polynomial dividend, Polynomial divisor, ProofCase* current, std::vector<ProofCase>* open,
                   std::optional<Polynomial>* value) {
  if (!current->facts.Imply(divisor - Polynomial(1))) return ProofStep::kFailed;
  const Reduced reduced = Reduce(dividend, divisor);
  if (!reduced.rest.ok() || !reduced.whole.ok()) return ProofStep::kFailed;
  for (const OpaqueQuotient& quotient : current->quotients) {
    if (!(quotient.dividend == reduced.rest && quotient.divisor == reduced.divisor)) continue;
    *value = reduced.whole + quotient.value;
    return ProofStep::kAgain;
  }
  const QuotientBounds bounds = BoundsOf(reduced.rest, reduced.divisor, current->facts);
  if (bounds.least.has_value() && bounds.most.has_value()) {
    if (*bounds.least < *bounds.most) return SplitByQuotient(reduced, bounds, current, open);
    *value = reduced.whole + Polynomial(*bounds.least);
    return ProofStep::kAgain;
  }
  // A product with a number is no product.
  const auto factor = current->FewValued(Products(reduced.rest), kFewFactors);
  if (factor.has_value()) return SplitByValue(*factor, *current, open);
  const std::optional<int> unit = UnitUnknown(reduced.rest, reduced.divisor, current->facts);
  if (unit.has_value()) return DefineByDivision(reduced, *unit, bounds, current);
  const bool small = reduced.divisor.IsConstant() && reduced.divisor.ConstantTerm() <= kFewResidues;
  if (small && !reduced.rest.IsConstant()) {
    return SplitByResidue(static_cast<unsigned char>(reduced.rest.terms().begin()->first[0]),
                          reduced.divisor.ConstantTerm(), current, open);
  }
  const auto few = current->FewValued(reduced.rest * reduced.divisor, kFewValues);
  return few.has_value() ? SplitByValue(*few, *current, open) : MakeOpaque(reduced, bounds, current);
}

}  // namespace tensord::grading::shapes
