// Questions that several tests ask.
#ifndef TENSORD_TESTS_GRADING_FORMULA_QUESTIONS_H_
#define TENSORD_TESTS_GRADING_FORMULA_QUESTIONS_H_

#include <string>

#include "tensord/grading/formula.h"

namespace tensord::grading {

// Z[i,j1,j2,m] = sum(k1,k2,n) W[k1,k2,n,m] * X[i,j1+k1,j2+k2,n] + b[m]; U = 1/(1+exp(-Z)); outside is 0.
FormulaQuestion ConvolutionQuestion(const std::string& target, const std::string& given_gradient);

// C[i,j] = sum(k) A[i,k] * B[k,j]; D = max(0, C); J = sum(i,j) D[i,j]^2 / 2; outside is an error.
FormulaQuestion MatrixQuestion(const std::string& target, const std::string& given_gradient);

// The judge of a question that has no fault.
FormulaJudge JudgeOf(const FormulaQuestion& question);

// "right", "wrong", "ungradable", with the problems: for messages of tests.
std::string Summary(const FormulaVerdict& verdict);

}  // namespace tensord::grading

#endif  // TENSORD_TESTS_GRADING_FORMULA_QUESTIONS_H_
