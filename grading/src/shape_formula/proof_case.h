// One case of a proof.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_PROOF_CASE_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_PROOF_CASE_H_

#include <optional>
#include <vector>

#include "grading/src/shape_formula/comparison.h"
#include "grading/src/shape_formula/facts.h"
#include "grading/src/shape_formula/polynomial.h"

namespace tensord::grading::shapes {

// floor(dividend/divisor), as an unknown of its own.
struct OpaqueQuotient {
  Polynomial dividend;
  Polynomial divisor;
  Polynomial value;
};

// A part of the domain: where the facts hold. Everything in it is in the same unknowns.
struct ProofCase {
  ProofCase(const Comparison& comparison, int64_t* work);

  // The variables in the unknowns that are left; each other unknown has been defined by these.
  std::vector<Polynomial> variables;
  std::vector<Polynomial> values;  // of the instructions so far
  Facts facts;
  std::vector<OpaqueQuotient> quotients;
  int unknown_count;

  // A new unknown; not ok() where there are too many.
  [[nodiscard]] Polynomial NewUnknown();
  // Puts the value in the place of the unknown, everywhere. Every integer has to be such a value, or be excluded by the
  // facts or by another case.
  void Define(int unknown, const Polynomial& value);
  // An unknown of p with at most `count` values, and these.
  struct Values {
    int unknown = 0;
    Int128 least = 0;
    Int128 most = 0;
  };
  [[nodiscard]] std::optional<Values> FewValued(const Polynomial& p, Int128 count) const;
};

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_PROOF_CASE_H_
