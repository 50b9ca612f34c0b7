#include "tests/support/calculus.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/builders.h"

namespace tensord::test_support {

double InnerProduct(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double sum = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += a[i] * b[i];
  return sum;
}

double InnerProduct(const compute::Tensor& a, const compute::Tensor& b) {
  return InnerProduct(ToDoubles(a), ToDoubles(b));
}

std::vector<double> CentralDifferences(std::vector<double>& numbers, double step,
                                       absl::FunctionRef<long double()> value) {
  std::vector<double> differences;
  for (double& number : numbers) {
    const double middle = number;
    number = middle + step;
    const long double above = value();
    number = middle - step;
    const long double below = value();
    number = middle;
    differences.push_back(static_cast<double>((above - below) / (2 * step)));
  }
  return differences;
}

}  // namespace tensord::test_support
