// Numbers of about 106 bits as the sum of two doubles.
//
// Results in float64 are computed in them where plain doubles would miss 2 ULP: in the tails, where exp() multiplies
// the relative error of its argument by that argument, up to 745 times, and where a formula has many steps. Infinities
// give NaN in most of them: the callers keep them away.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_DOUBLE_DOUBLE_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_DOUBLE_DOUBLE_H_

#include <cmath>

namespace tensord::compute::formulas {

// hi + lo, |lo| at most half a unit in the last place of hi.
struct DoubleDouble {
  double hi;
  double lo;
};

// a + b exactly, where |a| >= |b| or a is 0.
inline DoubleDouble OrderedSum(double a, double b) {
  const double hi = a + b;
  return {hi, b - (hi - a)};
}

// a + b exactly.
inline DoubleDouble Sum(double a, double b) {
  const double hi = a + b;
  const double part = hi - a;
  return {hi, (a - (hi - part)) + (b - part)};
}

// a * b; lo is 0 where the product is not finite.
inline DoubleDouble Product(double a, double b) {
  const double hi = a * b;
  return {hi, std::isfinite(hi) ? std::fma(a, b, -hi) : 0};
}

// a / b; lo is 0 where the quotient is not finite.
inline DoubleDouble Quotient(double a, double b) {
  const double hi = a / b;
  return {hi, std::isfinite(hi) ? std::fma(-hi, b, a) / b : 0};
}

inline DoubleDouble operator-(DoubleDouble a) { return {-a.hi, -a.lo}; }

inline DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble sum = Sum(a.hi, b.hi);
  return OrderedSum(sum.hi, sum.lo + (a.lo + b.lo));
}
inline DoubleDouble operator+(DoubleDouble a, double b) {
  const DoubleDouble sum = Sum(a.hi, b);
  return OrderedSum(sum.hi, sum.lo + a.lo);
}
inline DoubleDouble operator+(double a, DoubleDouble b) { return b + a; }

inline DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const double hi = a.hi * b.hi;
  return OrderedSum(hi, std::fma(a.hi, b.hi, -hi) + (a.hi * b.lo + a.lo * b.hi));
}
inline DoubleDouble operator*(DoubleDouble a, double b) {
  const double hi = a.hi * b;
  return OrderedSum(hi, std::fma(a.hi, b, -hi) + a.lo * b);
}
inline DoubleDouble operator*(double a, DoubleDouble b) { return b * a; }

inline DoubleDouble operator/(DoubleDouble a, DoubleDouble b) {
  const double hi = a.hi / b.hi;
  const double rest = std::fma(-hi, b.hi, a.hi) + (a.lo - hi * b.lo);
  return OrderedSum(hi, rest / b.hi);
}
inline DoubleDouble operator/(double a, DoubleDouble b) { return DoubleDouble{a, 0} / b; }

// Rounded to one double; for code that is written for both.
inline double Round(DoubleDouble a) { return a.hi + a.lo; }
inline double Round(double a) { return a; }

}  // namespace tensord::compute::formulas

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_DOUBLE_DOUBLE_H_
