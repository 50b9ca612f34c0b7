// What follows from inequalities.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_FACTS_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_FACTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "grading/src/shape_formula/polynomial.h"

namespace tensord::grading::shapes {

// Polynomials in integer unknowns that are at least 0. What these functions find is so; what they do not find may be so
// all the same. Method: Fourier and Motzkin's elimination with each monomial as an unknown of its own, bounds rounded
// to integers, and the products of bounds for monomials of a degree above 1.
class Facts {
 public:
  // `work` is counted down by the steps taken; at 0 nothing more is found.
  explicit Facts(int64_t* work) : work_(work) {}

  void Add(const Polynomial& not_negative) { facts_.push_back(not_negative); }
  void Substitute(int unknown, const Polynomial& value);
  [[nodiscard]] const std::vector<Polynomial>& all() const { return facts_; }
  [[nodiscard]] bool ok() const;

  // Whether p >= 0 at every integer point where the facts hold.
  [[nodiscard]] bool Imply(const Polynomial& p) const;
  // Whether the facts hold nowhere.
  [[nodiscard]] bool Contradictory() const;
  // The bounds of an unknown that single facts give.
  [[nodiscard]] std::optional<Int128> LeastOf(int unknown) const;
  [[nodiscard]] std::optional<Int128> MostOf(int unknown) const;

 private:
  [[nodiscard]] bool Contradictory(std::vector<Polynomial> facts) const;
  // Counts the work of a copy of all facts: false where none is left.
  [[nodiscard]] bool Charge() const;
  void AddProducts(std::vector<Polynomial>* facts) const;

  int64_t* work_;
  std::vector<Polynomial> facts_;
};

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_FACTS_H_
