// Expressions as text.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "analysis/src/expression_atoms.h"
#include "tensord/analysis/expression.h"

namespace tensord::analysis {
namespace internal {
namespace {

// "N*57040" of N and 57040: the magnitude only.
std::string TermText(const Monomial& monomial, const Integer& coefficient) {
  std::string magnitude = Integer::FromMagnitude(coefficient.magnitude()).ToString();
  if (monomial.empty()) return magnitude;
  if (coefficient.magnitude() == 1) return MonomialText(monomial);
  return absl::StrCat(MonomialText(monomial), "*", magnitude);
}

}  // namespace

std::string MonomialText(const Monomial& monomial) {
  std::string text;
  for (const AtomPointer& atom : monomial) absl::StrAppend(&text, text.empty() ? "" : "*", atom->text);
  return text;
}

std::string TermsText(const Terms& terms) {
  if (terms.empty()) return "0";
  // A sum begins with a positive term where it has one: "W - K*2 + 4", not "-K*2 + W + 4".
  const auto positive = std::find_if(terms.begin(), terms.end(), [](const auto& t) { return !t.second.negative(); });
  const auto first = positive == terms.end() ? terms.begin() : positive;
  std::string text = absl::StrCat(first->second.negative() ? "-" : "", TermText(first->first, first->second));
  for (auto term = terms.begin(); term != terms.end(); ++term) {
    if (term == first) continue;
    absl::StrAppend(&text, term->second.negative() ? " - " : " + ", TermText(term->first, term->second));
  }
  return text;
}

}  // namespace internal

using internal::Monomial;
using internal::Terms;

namespace {

// What a sum is a product of: the atoms that all its terms share, the number that divides them all where that leaves
// the first term without one, and the rest.
struct Factors {
  Monomial shared;
  Integer number = 1;
  Terms rest;
};

Factors FactorsOf(const Terms& terms) {
  Factors factors{.shared = terms.begin()->first, .number = Integer(0), .rest = {}};
  for (const auto& [monomial, coefficient] : terms) {
    factors.shared = internal::CommonMonomial(factors.shared, monomial);
    factors.number = GreatestCommonDivisor(factors.number, coefficient);
  }
  if (factors.number != terms.begin()->second) factors.number = 1;
  for (const auto& [monomial, coefficient] : terms) {
    const Integer quotient =
        Integer::FromMagnitude(coefficient.magnitude() / factors.number.magnitude(), coefficient.negative());
    factors.rest.emplace(*internal::DivideMonomial(monomial, factors.shared), quotient);
  }
  return factors;
}

bool IsProduct(const Factors& factors) { return !factors.shared.empty() || factors.number != Integer(1); }

}  // namespace

std::string Expression::ToString() const {
  if (!ok()) return "";
  if (is_number()) return number_.ToString();
  if (polynomial_->size() < 2) return internal::TermsText(*polynomial_);
  const Factors factors = FactorsOf(*polynomial_);
  std::string rest = internal::TermsText(factors.rest);
  if (!IsProduct(factors)) return rest;
  return absl::StrCat(internal::MonomialText(factors.shared), factors.shared.empty() ? "" : "*", "(", rest, ")",
                      factors.number == Integer(1) ? "" : absl::StrCat("*", factors.number.ToString()));
}

std::string Expression::ToFactor() const {
  const std::shared_ptr<const Terms> all = terms();
  const bool sum = all->size() > 1 && !IsProduct(FactorsOf(*all));
  const bool negative = all->size() == 1 && all->begin()->second.negative();
  return sum || negative ? absl::StrCat("(", ToString(), ")") : ToString();
}

std::string Expression::CompareText(absl::string_view relation, absl::string_view flipped) const {
  Terms left;
  Terms right;
  const std::shared_ptr<const Terms> all = terms();
  for (const auto& [monomial, coefficient] : *all) {
    (coefficient.negative() ? right : left).emplace(monomial, Integer::FromMagnitude(coefficient.magnitude()));
  }
  const bool flip = left.empty() || (left.size() == 1 && left.begin()->first.empty());
  if (flip) return absl::StrCat(internal::TermsText(right), " ", flipped, " ", internal::TermsText(left));
  return absl::StrCat(internal::TermsText(left), " ", relation, " ", internal::TermsText(right));
}

}  // namespace tensord::analysis
