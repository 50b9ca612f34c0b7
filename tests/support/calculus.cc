#include "tests/support/calculus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>

#include "tests/support/builders.h"

namespace tensord::test_support {
namespace {

// How often something was checked, told when the program ends.
struct Tally {
  explicit Tally(const char* its_name) : name(its_name) {}
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;
  ~Tally() { std::cout << name << ": " << count << "\n"; }

  const char* const name;
  int64_t count = 0;
};

}  // namespace

double InnerProduct(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double sum = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += a[i] * b[i];
  return sum;
}

double InnerProduct(const compute::Tensor& a, const compute::Tensor& b) {
  return InnerProduct(ToDoubles(a), ToDoubles(b));
}

::testing::AssertionResult AreAdjoint(double with_gradient, double forward) {
  static Tally tally("adjoint identities");
  ++tally.count;
  if (with_gradient == forward) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "with the gradient " << with_gradient << ", forward " << forward;
}

std::vector<double> CentralDifferences(std::vector<double>& numbers, double step,
                                       absl::FunctionRef<long double()> value) {
  static Tally tally("central differences");
  tally.count += static_cast<int64_t>(numbers.size());
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
