// Proves that two formulas are equal on a whole domain.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_PROOF_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_PROOF_H_

#include "grading/src/shape_formula/comparison.h"

namespace tensord::grading::shapes {

// Whether a proof was found that the formulas are equal at every point of the domain, bounded or not. False says
// nothing: the formulas differ, or the proof is beyond the method or its bounds on work.
//
// Method: the values of the program's instructions are made polynomials with integer coefficients in integer unknowns,
//   one instruction after the other. What is no polynomial divides the domain into cases, in each of which it is one:
//   min, max, [a >= b]   by the sign of a - b;
//   floor(a/d), d >= 1   after the multiples of d have been taken out of a: by its value where a and d bound it to a
//                        few; else with a = q*d + r, 0 <= r < d, as the definition of an unknown that stands in a with
//                        the factor 1 or -1; else, where d is a small number, by an unknown's residue modulo d; else
//                        the quotient is an unknown of its own, with q*d <= a < q*d + d.
//   Facts decides which cases are empty, and which bounds hold. Equal polynomials in every case are equal values. The
//   other way round it need not be so: a case may be empty without Facts seeing it.
[[nodiscard]] bool Prove(const Comparison& comparison);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_PROOF_H_
