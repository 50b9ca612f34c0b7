// The oracle of exact sums: MPFR, with so many digits that nothing is rounded before the end, and GMP.
#ifndef TENSORD_TESTS_REFERENCE_EXACT_H_
#define TENSORD_TESTS_REFERENCE_EXACT_H_

#include <cstdint>
#include <vector>

#include "tensord/compute/data_type.h"

namespace tensord::reference {

// The sum of a[i] * b[i], divided by `divisor`, rounded once to `type`, a floating one, to nearest, ties to even.
// The factors have to be numbers of that type. An exact zero is +0. NaN and infinities as IEEE 754's sums of products.
double ExactDot(compute::DataType type, const std::vector<double>& a, const std::vector<double>& b,
                int64_t divisor = 1);

// The fractions values[i] / divisors[i].
template <typename T>
struct Fractions {
  std::vector<T> values;
  std::vector<int64_t> divisors;

  void Add(T value, int64_t divisor) {
    values.push_back(value);
    divisors.push_back(divisor);
  }
};

// Their sum, rounded once to `type`; the values have to be finite. By GMP's rationals.
double ExactFractions(compute::DataType type, const Fractions<double>& fractions);

// The root of the sum of their squares, rounded once to `type`. The values have to be finite numbers of that type.
double ExactNorm(compute::DataType type, const std::vector<double>& values);

// |y - norm|, rounded up, of finite values: (sum |value|^p)^(1/p). Exactly before that rounding for p = 1, to some 4000
// digits for p = 2 and to 120 for others.
double ErrorOfNorm(double y, const std::vector<double>& values, double p);

// `value` rounded to `type`.
double ExactRounding(compute::DataType type, double value);

// The integer nearest to sum * a * b / c, ties to even; c is not 0.
double ExactScaledInteger(double sum, double a, double b, double c);

}  // namespace tensord::reference

#endif  // TENSORD_TESTS_REFERENCE_EXACT_H_
