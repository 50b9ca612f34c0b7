// erf, and the functions made of the normal distribution. Struct by struct as activation_formulas.h says; Real as
// activation_exponential.h does.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_NORMAL_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_NORMAL_H_

#include <array>
#include <cmath>

#include "compute/src/internal/activation_exponential.h"
#include "compute/src/internal/activation_smooth.h"

namespace tensord::compute::formulas {

// Beyond, Phi(x) and erf(x) have reached their limits in either type.
inline constexpr double kFarNormal = 40;

// exp(-x^2 / 2).
template <typename Real>
Exponential<Real> Bell(double x) {
  return Exponential<Real>(ProductAs<Real>(x, x) * -0.5);
}

// Phi(x), the standard normal distribution. Left of the table's end at -12 it is for float32 only, which has less than
// its smallest number there.
inline double Phi(double x, double) { return 0.5 * std::erfc(-x * 0x1.6a09e667f3bcdp-1); }

inline DoubleDouble Phi(double x, DoubleDouble) {
  if (x > 12) return {1, 0};
  // The Taylor series around the nearest c in the table: terms[k] = Phi^(k)(c) h^k / k!, where
  // Phi^(k+1) = -c Phi^(k) - (k-1) Phi^(k-1).
  constexpr int kTerms = 16;
  const double step = std::nearbyint(std::abs(x) * kPhiSteps);
  const double c = step / -kPhiSteps;
  const double h = -std::abs(x) - c;
  const PhiEntry& entry = kPhiTable[static_cast<size_t>(step)];
  std::array<double, kTerms + 1> terms;
  const DoubleDouble first = Product(entry.density, h);
  terms[1] = first.hi;
  terms[2] = -c * h * first.hi / 2;
  for (int k = 2; k < kTerms; ++k) {
    const auto i = static_cast<size_t>(k);
    terms[i + 1] = -h / (k + 1) * (c * terms[i] + (k - 1) * h / k * terms[i - 1]);
  }
  double rest = 0;
  for (size_t i = kTerms; i >= 2; --i) rest += terms[i];
  const DoubleDouble left = Sum(entry.phi.hi, first.hi) + (rest + (first.lo + entry.phi.lo));
  return x < 0 ? left : 1.0 + -left;
}

// Phi(x) = -exp(-x^2 / 2) / sqrt(2 pi) / x * this, for x < -12: 1 - 1/x^2 + 3/x^4 - 15/x^6 ..., whose next term is
// below 2^-64.
inline DoubleDouble PhiTailSeries(double x) {
  const double r = 1 / (x * x);
  double series = 1;
  for (int k = 39; k > 1; k -= 2) series = 1 - k * r * series;
  return OrderedSum(1, -r * series);
}

// x * Phi(x).
template <typename Real>
struct Gelu {
  static constexpr double kTail = -12;

  double Value(double x) const {
    if (std::abs(x) > kFarNormal) return x > 0 ? x : -0.0;
    if constexpr (std::is_same_v<Real, DoubleDouble>) {
      if (x < kTail) return Bell<Real>(x).Times(-(kInverseSqrtTwoPi * PhiTailSeries(x)));
    }
    return std::isnan(x) ? x : Round(x * Phi(x, Real{}));
  }
  double Derivative(double x) const {
    if (std::abs(x) > kFarNormal) return x > 0 ? 1 : 0;
    if (std::isnan(x)) return x;
    const Exponential<Real> bell = Bell<Real>(x);
    if constexpr (std::is_same_v<Real, DoubleDouble>) {
      if (x < kTail) return bell.Times(kInverseSqrtTwoPi * (x + -PhiTailSeries(x) / DoubleDouble{x, 0}));
    }
    return Round(Phi(x, Real{}) + x * (NumberAs<Real>(kInverseSqrtTwoPi) * bell.value()));
  }
};

// x * (1 + tanh(v / 2)) / 2 = x / (1 + exp(-v)), v = 2 sqrt(2 / pi) * (x + 0.044715 x^3).
template <typename Real>
struct GeluTanh {
  static constexpr DoubleDouble kCubic = {0.044715, 0x1.441355475a31ap-59};
  static Real CubicOverX(double x) { return NumberAs<Real>(kCubic) * ProductAs<Real>(x, x); }
  static Real ScaledX(double x) { return NumberAs<Real>(kTwoSqrtTwoOverPi) * x; }

  double Value(double x) const {
    if (std::abs(x) > kFarNormal) return x > 0 ? x : -0.0;
    return TimesLogistic(x, Real(ScaledX(x) * (1.0 + CubicOverX(x))));
  }
  double Derivative(double x) const {
    if (std::abs(x) > kFarNormal) return x > 0 ? 1 : 0;
    const Real cubic = CubicOverX(x);
    const Real scaled = ScaledX(x);
    return LogisticAndDerivative(Real(scaled * (1.0 + cubic)), Real(scaled * (1.0 + 3.0 * cubic)));
  }
};

template <typename Real>
struct Erf {
  double Value(double x) const { return std::erf(x); }
  double Derivative(double x) const {
    if (std::abs(x) > kFarNormal) return 0;
    return Exponential<Real>(-ProductAs<Real>(x, x)).Times(NumberAs<Real>(kTwoOverSqrtPi));
  }
};

}  // namespace tensord::compute::formulas

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_NORMAL_H_
