// Quotients in a proof.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_PROOF_QUOTIENT_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_PROOF_QUOTIENT_H_

#include <optional>
#include <vector>

#include "grading/src/shape_formula/proof_case.h"

namespace tensord::grading::shapes {

enum class ProofStep {
  kAgain,   // the case has come further
  kDone,    // it is settled, or others stand for it
  kFailed,  // nothing is proved
};

// Sets `value` to floor(dividend/divisor), or changes the case so that the next attempt comes further, or adds cases to
// `open` that stand for it.
[[nodiscard]] ProofStep Quotient(Polynomial dividend, Polynomial divisor, ProofCase* current,
                                 std::vector<ProofCase>* open, std::optional<Polynomial>* value);

// An unknown that stands in p in one term only, alone with the factor 1 or -1, and not in `other`; one without an upper
// bound if there is one.
[[nodiscard]] std::optional<int> UnitUnknown(const Polynomial& p, const Polynomial& other, const Facts& facts);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_PROOF_QUOTIENT_H_
