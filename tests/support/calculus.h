// What tests of gradients compute with. A program that asks for any of it prints, as it ends, how many identities and
// differences there were: scripts/proofs adds them up.
#ifndef TENSORD_TESTS_SUPPORT_CALCULUS_H_
#define TENSORD_TESTS_SUPPORT_CALCULUS_H_

#include <gtest/gtest.h>

#include <vector>

#include "absl/functional/function_ref.h"
#include "tensord/compute/tensor.h"

namespace tensord::test_support {

// The sum of the products, in order; of integers it is exact. Different numbers of elements fail the test.
double InnerProduct(const std::vector<double>& a, const std::vector<double>& b);
double InnerProduct(const compute::Tensor& a, const compute::Tensor& b);

// Whether <A^T u, x>, with the gradient A^T u that is tested, is <u, A x>: the very same number, so that the elements
// have to be small integers.
::testing::AssertionResult AreAdjoint(double with_gradient, double forward);

// The central difference of `value` by each of the numbers, which are moved one at a time and put back: (f(x + step) -
// f(x - step)) / (2 step).
std::vector<double> CentralDifferences(std::vector<double>& numbers, double step,
                                       absl::FunctionRef<long double()> value);

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_SUPPORT_CALCULUS_H_
