// What tests of gradients compute with.
#ifndef TENSORD_TESTS_SUPPORT_CALCULUS_H_
#define TENSORD_TESTS_SUPPORT_CALCULUS_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "tensord/compute/tensor.h"

namespace tensord::test_support {

// The sum of the products, in order; of integers it is exact. Different numbers of elements fail the test.
double InnerProduct(const std::vector<double>& a, const std::vector<double>& b);
double InnerProduct(const compute::Tensor& a, const compute::Tensor& b);

// The central difference of `value` by each of the numbers, which are moved one at a time and put back: (f(x + step) -
// f(x - step)) / (2 step).
std::vector<double> CentralDifferences(std::vector<double>& numbers, double step,
                                       absl::FunctionRef<long double()> value);

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_SUPPORT_CALCULUS_H_
