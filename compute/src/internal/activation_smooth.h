// The activations made of exp, log and tanh. Struct by struct as activation_formulas.h says; Real as
// activation_exponential.h does.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_SMOOTH_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_SMOOTH_H_

#include <cmath>
#include <type_traits>

#include "compute/src/internal/activation_exponential.h"
#include "compute/src/internal/activation_piecewise.h"
#include "tensord/compute/activation.h"

namespace tensord::compute::formulas {

// Beyond, functions with an exponential have reached their limits, and x * 0 would be NaN for an infinite x.
inline constexpr double kFar = 800;

inline double Leading(double v) { return v; }
inline double Leading(DoubleDouble v) { return v.hi; }

template <typename Real>
Real MinusAbs(Real v) {
  return Leading(v) > 0 ? -v : v;
}

// factor / (1 + exp(-v)), without overflow and, for v far below 0, without losing digits. `factor` is finite.
template <typename Real>
double TimesLogistic(double factor, Real v) {
  const Exponential<Real> e(MinusAbs(v));
  const Real rest = factor / (1.0 + e.value());
  return Leading(v) < 0 ? e.Times(rest) : Round(rest);
}

// The derivative of 1 / (1 + exp(-v)) times `factor`: e / (1 + e)^2, not s * (1 - s), which cancels.
template <typename Real>
double TimesLogisticDerivative(double factor, Real v) {
  const Exponential<Real> e(MinusAbs(v));
  const Real sum = 1.0 + e.value();
  return e.Times(factor / (sum * sum));
}

// s + w s', where s = 1 / (1 + exp(-v)) and s' is its derivative.
template <typename Real>
double LogisticAndDerivative(Real v, Real w) {
  const Exponential<Real> e(MinusAbs(v));
  const Real sum = 1.0 + e.value();
  if (Leading(v) < 0) return e.Times((sum + w) / (sum * sum));
  return Round((sum + w * e.value()) / (sum * sum));
}

template <typename Real>
struct Sigmoid {
  double Value(double x) const { return TimesLogistic(1, NumberAs<Real>(x)); }
  double Derivative(double x) const { return TimesLogisticDerivative(1, NumberAs<Real>(x)); }
};

template <typename Real>
struct Tanh {
  double Value(double x) const {
    if constexpr (std::is_same_v<Real, double>) return std::tanh(x);
    if (std::abs(x) > 22) return std::copysign(1.0, x);
    const double power = std::expm1(2 * std::abs(x));
    return std::copysign(Round(power / SumAs<DoubleDouble>(2, power)), x);
  }
  double Derivative(double x) const { return TimesLogisticDerivative(4, NumberAs<Real>(2 * x)); }
};

// scale * (x for x > 0, else alpha * (exp(x) - 1)): ELU with scale 1, and SELU.
template <typename Real>
struct Elu {
  double scale;
  Real negative_scale;
  double at_kink;
  Elu(double scale_in, double alpha, KinkSlope rule)
      : scale(scale_in),
        negative_scale(ProductAs<Real>(scale_in, alpha)),
        at_kink(SlopeAtKink(rule, Round(negative_scale), scale, scale)) {}
  double Value(double x) const { return x > 0 ? scale * x : Round(negative_scale * std::expm1(x)); }
  double Derivative(double x) const {
    if (x > 0) return scale;
    return x == 0 ? at_kink : Exponential<Real>(x).Times(negative_scale);
  }
};

// x for x > 0, else alpha * (exp(x / alpha) - 1), alpha > 0.
template <typename Real>
struct Celu {
  double alpha;
  double scale;  // of x and alpha in the quotient, whose rest would be subnormal without
  explicit Celu(const Activation& a) : alpha(a.alpha), scale(a.alpha < 0x1p-800 ? 0x1p600 : 1) {}
  double Value(double x) const {
    if (x > 0) return x;
    const DoubleDouble v = Quotient(x * scale, alpha * scale);
    if (v.hi > -0x1p-54) return x;  // where v may be subnormal though alpha * v is not
    const double power = std::expm1(v.hi);
    if constexpr (std::is_same_v<Real, double>) return alpha * power;
    const DoubleDouble product = Product(alpha, power);
    return product.hi + (product.lo + alpha * (v.lo * (1 + power)));
  }
  double Derivative(double x) const {
    // 0 takes the short way: denormal numbers that count as zeros cost no more than others.
    return x >= 0 ? 1 : Exponential<Real>(NumberAs<Real>(Quotient(x * scale, alpha * scale))).Times(NumberAs<Real>(1));
  }
};

// log(1 + exp(beta * x)) / beta.
template <typename Real>
struct Softplus {
  double beta;
  explicit Softplus(double beta_in) : beta(beta_in) {}
  double Value(double x) const {
    const Exponential<Real> e(MinusAbs(ProductAs<Real>(beta, x)));
    if (x > 0) return x + Log1pOverBeta(e.value());
    if (std::isinf(x)) return 0;
    // log1p(e) = e far out, where e may be subnormal though e / beta is not.
    return Leading(e.value()) > 0x1p-1000 ? Log1pOverBeta(e.value()) : e.Times(1.0 / NumberAs<Real>(beta));
  }
  double Derivative(double x) const { return TimesLogistic(1, ProductAs<Real>(beta, x)); }

 private:
  [[nodiscard]] double Log1pOverBeta(double e) const { return std::log1p(e) / beta; }
  [[nodiscard]] double Log1pOverBeta(DoubleDouble e) const {
    const double log = std::log1p(e.hi);
    const DoubleDouble quotient = Quotient(log, beta);
    return quotient.hi + (quotient.lo + e.lo / (1 + e.hi) / beta);
  }
};

// log(1 / (1 + exp(-x))).
template <typename Real>
struct LogSigmoid {
  double Value(double x) const { return -Softplus<Real>(1).Value(-x); }
  double Derivative(double x) const { return TimesLogistic(1, NumberAs<Real>(-x)); }
};

template <typename Real>
struct Softsign {
  double Value(double x) const { return std::isinf(x) ? std::copysign(1.0, x) : x / (1 + std::abs(x)); }
  double Derivative(double x) const {
    const double magnitude = std::abs(x);
    if (magnitude > 0x1p500) return 1 / magnitude / magnitude;  // whose square overflows
    const Real sum = SumAs<Real>(1, magnitude);
    return Round(1.0 / (sum * sum));
  }
};

// x / (1 + exp(-x)).
template <typename Real>
struct Silu {
  double Value(double x) const {
    if (std::abs(x) > kFar) return x > 0 ? x : -0.0;
    return TimesLogistic(x, NumberAs<Real>(x));
  }
  double Derivative(double x) const {
    if (std::abs(x) > kFar) return x > 0 ? 1 : 0;
    return LogisticAndDerivative(NumberAs<Real>(x), NumberAs<Real>(x));
  }
};

// x * tanh(log(1 + exp(x))). With e = exp(x) the tanh is w / (w + 2), w = e (e + 2); for x > 0 everything is divided
// by e^2, so that it stays finite.
template <typename Real>
struct Mish {
  double Value(double x) const {
    if (std::abs(x) > kFar) return x > 0 ? x : -0.0;
    const Exponential<Real> power(-std::abs(x));
    const Real e = power.value();
    if (x < 0) return power.Times(x * ((2.0 + e) / (2.0 + e * (2.0 + e))));
    const Real w = 1.0 + 2.0 * e;
    return Round(x * (w / (w + 2.0 * (e * e))));
  }
  // ((w + 2) w + 4 x e (1 + e)) / (w + 2)^2. A float32 lies so close to its zero, at -1.1924, that the difference needs
  // more digits than a double's.
  double Derivative(double x) const {
    const double derivative = PlainDerivative(x);
    if constexpr (std::is_same_v<Real, double>) {
      if (x > -2 && std::abs(derivative) < 0x1p-20) return Mish<DoubleDouble>().Derivative(x);
    }
    return derivative;
  }

 private:
  double PlainDerivative(double x) const {
    if (std::abs(x) > kFar) return x > 0 ? 1 : 0;
    const Exponential<Real> power(-std::abs(x));
    const Real e = power.value();
    if (x < 0) {
      const Real divisor = 2.0 + e * (2.0 + e);
      return power.Times(((2.0 + e) * divisor + 4 * x * (1.0 + e)) / (divisor * divisor));
    }
    const Real w = 1.0 + 2.0 * e;
    const Real divisor = w + 2.0 * (e * e);
    return Round((w * divisor + 4 * x * ((e * e) * (1.0 + e))) / (divisor * divisor));
  }
};

}  // namespace tensord::compute::formulas

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_SMOOTH_H_
