// Polynomials with integer coefficients.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_POLYNOMIAL_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_POLYNOMIAL_H_

#include <map>
#include <optional>
#include <string>

#include "grading/src/shape_formula/int128.h"

namespace tensord::grading::shapes {

// A product of unknowns: their numbers as bytes, sorted, each as often as its power says. The empty one is 1.
using Monomial = std::string;

// The largest first: by degree, then by the power of the unknown with the lowest number, and so on. Products keep it.
struct MonomialOrder {
  bool operator()(const Monomial& a, const Monomial& b) const {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  }
};

// What does not fit - coefficients of 120 bits, kMaxTerms, kMaxDegree - makes a polynomial that is not ok(), as does
// every operation on one.
class Polynomial {
 public:
  static constexpr size_t kMaxTerms = 400;
  static constexpr size_t kMaxDegree = 40;
  static constexpr int kMaxUnknowns = 120;                  // a char each, without its sign
  using Terms = std::map<Monomial, Int128, MonomialOrder>;  // no coefficient is 0

  Polynomial() = default;  // 0
  explicit Polynomial(Int128 value) { AddTerm("", value); }
  [[nodiscard]] static Polynomial Unknown(int number);
  [[nodiscard]] static Polynomial Term(const Monomial& monomial, Int128 coefficient);

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] const Terms& terms() const { return terms_; }
  [[nodiscard]] bool zero() const { return ok_ && terms_.empty(); }
  [[nodiscard]] bool IsConstant() const { return terms_.empty() || terms_.begin()->first.empty(); }
  [[nodiscard]] Int128 ConstantTerm() const;
  // The coefficient, or 0.
  [[nodiscard]] Int128 Coefficient(const Monomial& monomial) const;
  [[nodiscard]] bool Contains(int unknown) const;
  // The greatest common divisor of all coefficients but the constant term's; 0 for a constant.
  [[nodiscard]] Int128 Content() const;

  // With `value` for the unknown.
  [[nodiscard]] Polynomial Substituted(int unknown, const Polynomial& value) const;

  Polynomial& operator+=(const Polynomial& other);
  friend Polynomial operator+(Polynomial a, const Polynomial& b) { return a += b; }
  friend Polynomial operator-(Polynomial a, const Polynomial& b) { return a += b * Polynomial(-1); }
  friend Polynomial operator*(const Polynomial& a, const Polynomial& b);
  bool operator==(const Polynomial& other) const { return ok_ && other.ok_ && terms_ == other.terms_; }

  void AddTerm(const Monomial& monomial, Int128 coefficient);

 private:
  bool ok_ = true;
  Terms terms_;
};

Polynomial operator*(const Polynomial& a, const Polynomial& b);

// a = quotient*b + remainder, where no term of the remainder is a multiple of b's leading term; its coefficients at
// such monomials are from 0 to below the leading one's magnitude. b is not 0.
struct PolynomialQuotient {
  Polynomial quotient;
  Polynomial remainder;
};
[[nodiscard]] PolynomialQuotient Divide(const Polynomial& a, const Polynomial& b);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_POLYNOMIAL_H_
