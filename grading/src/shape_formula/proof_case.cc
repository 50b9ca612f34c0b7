#include "grading/src/shape_formula/proof_case.h"

namespace tensord::grading::shapes {

ProofCase::ProofCase(const Comparison& comparison, int64_t* work)
    : facts(work), unknown_count(static_cast<int>(comparison.ranges.size())) {
  for (size_t i = 0; i < comparison.ranges.size(); ++i) {
    const VariableRange& range = comparison.ranges[i];
    variables.push_back(Polynomial::Unknown(static_cast<int>(i)));
    facts.Add(variables.back() - Polynomial(range.least));
    if (range.most.has_value()) facts.Add(Polynomial(*range.most) - variables.back());
  }
}

Polynomial ProofCase::NewUnknown() {
  if (unknown_count < Polynomial::kMaxUnknowns) return Polynomial::Unknown(unknown_count++);
  return Polynomial::Term(Monomial(Polynomial::kMaxDegree + 1, '\0'), 1);  // not ok()
}

void ProofCase::Define(int unknown, const Polynomial& value) {
  for (Polynomial& p : variables) p = p.Substituted(unknown, value);
  for (Polynomial& p : values) p = p.Substituted(unknown, value);
  facts.Substitute(unknown, value);
  for (OpaqueQuotient& quotient : quotients) {
    quotient.dividend = quotient.dividend.Substituted(unknown, value);
    quotient.divisor = quotient.divisor.Substituted(unknown, value);
    quotient.value = quotient.value.Substituted(unknown, value);
  }
}

std::optional<ProofCase::Values> ProofCase::FewValued(const Polynomial& p, Int128 count) const {
  for (const auto& [monomial, coefficient] : p.terms()) {
    for (const char byte : monomial) {
      const int unknown = static_cast<unsigned char>(byte);
      const std::optional<Int128> least = facts.LeastOf(unknown);
      const std::optional<Int128> most = facts.MostOf(unknown);
      if (least.has_value() && most.has_value() && *most - *least < count) return Values{unknown, *least, *most};
    }
  }
  return std::nullopt;
}

}  // namespace tensord::grading::shapes
