// What an Expression is made of.
#ifndef TENSORD_ANALYSIS_SRC_EXPRESSION_ATOMS_H_
#define TENSORD_ANALYSIS_SRC_EXPRESSION_ATOMS_H_

#include <string>

#include "tensord/analysis/expression.h"

namespace tensord::analysis::internal {

// The order of the kinds is the order of the factors of a product.
enum class AtomKind { kSymbol, kFloor, kCeil, kAtLeast };

// One indivisible factor. Its text is canonical: two atoms are equal where their texts are.
struct Atom {
  AtomKind kind;
  std::string text;
  Expression first;   // the numerator; of [e >= f]: e - f
  Expression second;  // the denominator; of [e >= f]: 0
};

// A total order of atoms: by kind, then by text.
[[nodiscard]] int CompareAtoms(const Atom& a, const Atom& b);

// The product of two monomials. [c] * [c] is [c].
[[nodiscard]] Monomial MultiplyMonomials(const Monomial& a, const Monomial& b);
// a without the atoms of b, or nothing where b does not divide a.
[[nodiscard]] std::optional<Monomial> DivideMonomial(const Monomial& a, const Monomial& b);
// The atoms that a and b share.
[[nodiscard]] Monomial CommonMonomial(const Monomial& a, const Monomial& b);

// "B*C"; the empty product's text is empty.
[[nodiscard]] std::string MonomialText(const Monomial& monomial);
// "H*9900 - 19800"; of no terms, "0".
[[nodiscard]] std::string TermsText(const Terms& terms);

}  // namespace tensord::analysis::internal

#endif  // TENSORD_ANALYSIS_SRC_EXPRESSION_ATOMS_H_
