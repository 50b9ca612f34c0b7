#include "analysis/src/expression_atoms.h"

#include <algorithm>
#include <iterator>

namespace tensord::analysis::internal {
namespace {

bool AtomLess(const AtomPointer& a, const AtomPointer& b) { return CompareAtoms(*a, *b) < 0; }

}  // namespace

int CompareAtoms(const Atom& a, const Atom& b) {
  if (&a == &b) return 0;
  if (a.kind != b.kind) return a.kind < b.kind ? -1 : 1;
  return a.text.compare(b.text);
}

bool MonomialOrder::operator()(const Monomial& a, const Monomial& b) const {
  if (a.size() != b.size()) return a.size() > b.size();
  for (size_t i = 0; i < a.size(); ++i) {
    const int order = CompareAtoms(*a[i], *b[i]);
    if (order != 0) return order < 0;
  }
  return false;
}

Monomial MultiplyMonomials(const Monomial& a, const Monomial& b) {
  Monomial product;
  product.reserve(a.size() + b.size());
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(product), AtomLess);
  const auto repeated = std::unique(product.begin(), product.end(), [](const AtomPointer& x, const AtomPointer& y) {
    return x->kind == AtomKind::kAtLeast && CompareAtoms(*x, *y) == 0;
  });
  product.erase(repeated, product.end());
  return product;
}

std::optional<Monomial> DivideMonomial(const Monomial& a, const Monomial& b) {
  if (!std::includes(a.begin(), a.end(), b.begin(), b.end(), AtomLess)) return std::nullopt;
  Monomial quotient;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(quotient), AtomLess);
  return quotient;
}

Monomial CommonMonomial(const Monomial& a, const Monomial& b) {
  Monomial common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common), AtomLess);
  return common;
}

}  // namespace tensord::analysis::internal
