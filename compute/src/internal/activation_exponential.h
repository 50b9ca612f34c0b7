// exp() for results in float32 and in float64, so that a formula is written once for both.
//
// A formula has a parameter Real: double where its result is rounded to float32, in which plain doubles leave nothing
// to be wished for, or DoubleDouble where it is rounded to float64.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_EXPONENTIAL_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_EXPONENTIAL_H_

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "compute/src/internal/activation_tables.h"
#include "compute/src/internal/double_double.h"

namespace tensord::compute::formulas {

// In which numbers a result of type T is computed.
template <typename T>
using RealOf = std::conditional_t<std::is_same_v<T, double>, DoubleDouble, double>;

// A product of two doubles, with its rounding error where Real has room for it.
template <typename Real>
Real ProductAs(double a, double b) {
  if constexpr (std::is_same_v<Real, double>) {
    return a * b;
  } else {
    return Product(a, b);
  }
}

template <typename Real>
Real SumAs(double a, double b) {
  if constexpr (std::is_same_v<Real, double>) {
    return a + b;
  } else {
    return Sum(a, b);
  }
}

// `a` to the precision of Real.
template <typename Real>
Real NumberAs(DoubleDouble a) {
  if constexpr (std::is_same_v<Real, double>) {
    return a.hi;
  } else {
    return a;
  }
}
template <typename Real>
Real NumberAs(double a) {
  return NumberAs<Real>(DoubleDouble{a, 0});
}

// exp(v) as a number that can be multiplied further before it underflows.
template <typename Real>
class Exponential;

// For v from -700 to 700, which is more than any product in float32 needs; 0 far below.
template <>
class Exponential<double> {
 public:
  // exp() takes a way of its own where |v| < 2^-54; half a unit less, which is within its error, spares the branch.
  explicit Exponential(double v) : value_(std::exp(v - 0x1p-53)) {}
  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] double Times(double factor) const { return value_ * factor; }

 private:
  const double value_;
};

// For v up to 700, with a relative error below 2^-59; 0 below -2100; NaN gives NaN.
template <>
class Exponential<DoubleDouble> {
 public:
  explicit Exponential(double v) : Exponential(DoubleDouble{v, 0}) {}
  explicit Exponential(DoubleDouble v) {
    if (v.hi < kLeast) v = {kLeast, 0};
    // v = (64 k + j) ln(2) / 64 + r, exp(v) = 2^k 2^(j / 64) exp(r), |r| < 2^-7. The sum rounds to an integer, and has
    // it in its low bits.
    constexpr double kRounder = 0x1.8p52;
    const double rounded = v.hi * kExpStepsPerUnit + kRounder;
    const double steps = rounded - kRounder;
    const auto integer = static_cast<int32_t>(static_cast<uint32_t>(std::bit_cast<uint64_t>(rounded)));
    const DoubleDouble r = Sum(v.hi - steps * kExpStepHigh, -(steps * kExpStepLow)) + v.lo;
    const double square = r.hi * r.hi;
    const double tail =
        square * (1.0 / 2 + r.hi * (1.0 / 6 + r.hi * (1.0 / 24 + r.hi * (1.0 / 120 + r.hi * (1.0 / 720)))));
    const DoubleDouble& power = kExpTable[integer & (kExpSteps - 1)];
    mantissa_ = OrderedSum(power.hi, power.lo + power.hi * (r.hi + (r.lo + tail)));
    exponent_ = (integer - (integer & (kExpSteps - 1))) / kExpSteps;
  }

  // With fewer digits where it is subnormal.
  [[nodiscard]] DoubleDouble value() const { return {Scaled(mantissa_.hi), Scaled(mantissa_.lo)}; }
  // exp(v) * factor, rounded to a double; once more where that is subnormal.
  [[nodiscard]] double Times(DoubleDouble factor) const { return Scaled(Round(mantissa_ * factor)); }

 private:
  static constexpr double kLeast = -2100;

  // a * 2^exponent_, in steps whose factors are normal numbers.
  [[nodiscard]] double Scaled(double a) const {
    const int third = exponent_ / 3;
    return a * PowerOfTwo(third) * PowerOfTwo(third) * PowerOfTwo(exponent_ - 2 * third);
  }
  static double PowerOfTwo(int exponent) { return std::bit_cast<double>(static_cast<uint64_t>(1023 + exponent) << 52); }

  DoubleDouble mantissa_;
  int exponent_;
};

}  // namespace tensord::compute::formulas

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_EXPONENTIAL_H_
