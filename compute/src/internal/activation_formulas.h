// Every activation function and its derivative, once, in float64.
//
// Each is a struct with Value(x) and Derivative(x). Both give NaN for NaN (but for identity, whose derivative is 1
// everywhere) and the limits at the infinities. A new activation adds its struct here and a case to WithActivation().
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_FORMULAS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_FORMULAS_H_

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensord/compute/activation.h"

namespace tensord::compute::formulas {

// The derivative at a kink between branches with these slopes; `saturated` is the flat branch's.
inline double SlopeAtKink(KinkSlope rule, double left, double right, double saturated) {
  switch (rule) {
    case KinkSlope::kLeft:
      return left;
    case KinkSlope::kRight:
      return right;
    case KinkSlope::kMean:
      return 0.5 * left + 0.5 * right;
    case KinkSlope::kSaturated:
      return saturated;
  }
  return left;
}

// hi + lo, about 106 bits. In the tails exp() multiplies the relative error of its argument by that argument, up to 745
// times, so arguments that are themselves rounded carry their rounding error along.
struct DoubleDouble {
  double hi;
  double lo;
};

// a * b; lo is 0 where the product is not finite.
inline DoubleDouble Product(double a, double b) {
  const double hi = a * b;
  return {hi, std::isfinite(hi) ? std::fma(a, b, -hi) : 0};
}

inline DoubleDouble Product(DoubleDouble a, double b) {
  const DoubleDouble p = Product(a.hi, b);
  return {p.hi, p.lo + a.lo * b};
}

inline DoubleDouble Product(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble p = Product(a.hi, b.hi);
  return {p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi)};
}

// exp(v).
inline double Exp(DoubleDouble v) { return std::exp(v.hi) * (1 + v.lo); }

// 1 / (1 + exp(-v)) without overflow and, for v far below 0, without losing digits.
inline double Logistic(DoubleDouble v) {
  const double e = Exp(v.hi < 0 ? v : DoubleDouble{-v.hi, -v.lo});
  return (v.hi < 0 ? e : 1) / (1 + e);
}

// The derivative of Logistic: e / (1 + e)^2, not s * (1 - s), which cancels.
inline double LogisticDerivative(DoubleDouble v) {
  const double e = Exp(v.hi < 0 ? v : DoubleDouble{-v.hi, -v.lo});
  return e / ((1 + e) * (1 + e));
}

// x * Logistic(v), where v has the sign of x and x = -inf gives 0. Far out exp(v) has few digits (it is subnormal)
// though the product still has more, so it is multiplied in as two halves.
inline double TimesLogistic(double x, DoubleDouble v) {
  if (v.hi > -700) return x * Logistic(v);
  if (v.hi < -800) return -0.0;
  const double half = std::exp(v.hi / 2);
  return (x * half * (1 + v.lo)) * half;
}

struct Identity {
  double Value(double x) const { return x; }
  double Derivative(double) const { return 1; }
};

struct Relu {
  double at_kink;
  explicit Relu(const Activation& a) : at_kink(SlopeAtKink(a.kink_slope, 0, 1, 0)) {}
  double Value(double x) const { return x > 0 ? x : (x <= 0 ? 0 : x); }
  double Derivative(double x) const { return x > 0 ? 1 : (x < 0 ? 0 : (x == 0 ? at_kink : x)); }
};

struct LeakyRelu {
  double slope;
  double lowest;  // with slope 0 the limit at -inf is 0, but 0 * -inf is NaN
  double at_kink;
  explicit LeakyRelu(const Activation& a)
      : slope(a.slope),
        lowest(a.slope == 0 ? std::numeric_limits<double>::lowest() : -std::numeric_limits<double>::infinity()),
        at_kink(SlopeAtKink(a.kink_slope, a.slope, 1, a.slope)) {}
  double Value(double x) const {
    const double negative = slope * (x < lowest ? lowest : x);
    return x > 0 ? x : negative;
  }
  double Derivative(double x) const { return x > 0 ? 1 : (x < 0 ? slope : (x == 0 ? at_kink : x)); }
};

// scale * (x for x > 0, else alpha * (exp(x) - 1)): ELU with scale 1, and SELU.
struct Elu {
  double scale;
  double negative_scale;
  double at_kink;
  Elu(double scale_in, double alpha, KinkSlope rule)
      : scale(scale_in), negative_scale(scale_in * alpha), at_kink(SlopeAtKink(rule, negative_scale, scale, scale)) {}
  double Value(double x) const { return x > 0 ? scale * x : negative_scale * std::expm1(x); }
  double Derivative(double x) const {
    if (x > 0) return scale;
    return x == 0 ? at_kink : negative_scale * std::exp(x);
  }
};

struct Sigmoid {
  double Value(double x) const { return Logistic({x, 0}); }
  double Derivative(double x) const { return LogisticDerivative({x, 0}); }
};

struct Tanh {
  double Value(double x) const { return std::tanh(x); }
  double Derivative(double x) const { return 4 * LogisticDerivative({2 * x, 0}); }
};

struct Softplus {
  double beta;
  explicit Softplus(const Activation& a) : beta(a.beta) {}
  double Value(double x) const {
    const DoubleDouble v = Product(beta, x);
    if (x > 0) return x + std::log1p(Exp({-v.hi, -v.lo})) / beta;
    const double e = Exp(v);
    if (e > 0x1p-1000) return std::log1p(e) / beta;
    // log1p(e) = e here; exp(v) may be subnormal though exp(v) / beta is not, so it is divided by halves.
    const double half = std::exp(v.hi / 2);
    return (half * (1 + v.lo) / beta) * half;
  }
  double Derivative(double x) const { return Logistic(Product(beta, x)); }
};

struct Softsign {
  double Value(double x) const { return std::isinf(x) ? std::copysign(1.0, x) : x / (1 + std::abs(x)); }
  double Derivative(double x) const {
    const double d = 1 + std::abs(x);
    return 1 / d / d;
  }
};

struct Silu {
  double Value(double x) const { return TimesLogistic(x, {x, 0}); }
  double Derivative(double x) const {
    if (std::abs(x) > 800) return x > 0 ? 1 : 0;  // x * 0 would be NaN for an infinite x
    return Logistic({x, 0}) + x * LogisticDerivative({x, 0});
  }
};

// x * Phi(x).
struct Gelu {
  static constexpr DoubleDouble kSqrtHalf = {0x1.6a09e667f3bcdp-1, -0x1.bdd3413b26456p-55};  // sqrt(1/2)
  static constexpr double kInverseSqrtTwoPi = 0x1.9884533d43651p-2;                          // 1 / sqrt(2 pi)
  static constexpr double kTwoOverSqrtPi = 0x1.20dd750429b6dp+0;

  // Phi(x) = erfc(-x / sqrt(2)) / 2, corrected to first order for the rounding of the argument.
  static double Phi(double x) {
    const DoubleDouble t = Product(kSqrtHalf, -x);
    return 0.5 * (std::erfc(t.hi) - kTwoOverSqrtPi * std::exp(-t.hi * t.hi) * t.lo);
  }
  // The asymptotic series x * Phi(x) = -phi(x) * (1 - 1/x^2 + 3/x^4 - 15/x^6 ...), whose next term is below 2^-60 for x
  // < -30.
  static double Tail(double x) {
    const double r = 1 / (x * x);
    const double series =
        1 - r * (1 - 3 * r * (1 - 5 * r * (1 - 7 * r * (1 - 9 * r * (1 - 11 * r * (1 - 13 * r * (1 - 15 * r)))))));
    const DoubleDouble square = Product(x, x);
    const double half = std::exp(-square.hi / 4);
    return -(half * (kInverseSqrtTwoPi * series) * (1 - square.lo / 2)) * half;
  }
  double Value(double x) const {
    if (x > 40) return x;
    if (x < -40) return -0.0;
    return x < -30 ? Tail(x) : x * Phi(x);
  }
  double Derivative(double x) const {
    if (std::abs(x) > 40) return x > 0 ? 1 : 0;
    return Phi(x) + x * kInverseSqrtTwoPi * std::exp(-0.5 * x * x);
  }
};

// x * (1 + tanh(v / 2)) / 2 = x * Logistic(v), v = 2 sqrt(2/pi) * (x + 0.044715 x^3).
struct GeluTanh {
  static constexpr DoubleDouble kScale = {0x1.9884533d43651p+0, -0x1.cbc0d30ebfd15p-54};  // 2 sqrt(2/pi)
  static constexpr DoubleDouble kCubic = {0.044715, 0x1.441355475a31ap-59};
  static DoubleDouble Argument(double x) {
    const DoubleDouble cubic = Product(kCubic, Product(x, x));
    const double sum = 1 + cubic.hi;
    const double rest = (1 - (sum - (sum - 1))) + (cubic.hi - (sum - 1)) + cubic.lo;
    return Product(kScale, Product(DoubleDouble{sum, rest}, x));
  }
  double Value(double x) const {
    if (x > 40) return x;
    return x < -40 ? -0.0 : TimesLogistic(x, Argument(x));
  }
  double Derivative(double x) const {
    if (std::abs(x) > 40) return x > 0 ? 1 : 0;
    const DoubleDouble v = Argument(x);
    return Logistic(v) + x * LogisticDerivative(v) * kScale.hi * (1 + 3 * kCubic.hi * x * x);
  }
};

// max(0, min(1, slope * x + offset)).
struct HardSigmoid {
  double slope;
  double offset;
  double low_kink;  // NaN for slope 0, which has none
  double high_kink;
  double at_low;
  double at_high;
  explicit HardSigmoid(const Activation& a)
      : slope(a.slope),
        offset(a.offset),
        low_kink(a.slope == 0 ? std::nan("") : std::min(-a.offset / a.slope, (1 - a.offset) / a.slope)),
        high_kink(a.slope == 0 ? std::nan("") : std::max(-a.offset / a.slope, (1 - a.offset) / a.slope)),
        at_low(SlopeAtKink(a.kink_slope, 0, a.slope, 0)),
        at_high(SlopeAtKink(a.kink_slope, a.slope, 0, 0)) {}
  double Value(double x) const {
    // fma: near the lower kink the sum cancels.
    const double y = slope == 0 && !std::isnan(x) ? offset : std::fma(slope, x, offset);
    return y < 0 ? 0 : (y > 1 ? 1 : y);
  }
  double Derivative(double x) const {
    if (std::isnan(x)) return x;
    if (x == low_kink) return at_low;
    if (x == high_kink) return at_high;
    return x > low_kink && x < high_kink ? slope : 0;
  }
};

// x * max(0, min(1, x / 6 + 1 / 2)).
struct HardSwish {
  double at_low;
  double at_high;
  explicit HardSwish(const Activation& a)
      : at_low(SlopeAtKink(a.kink_slope, 0, -0.5, 0)), at_high(SlopeAtKink(a.kink_slope, 1.5, 1, 1)) {}
  double Value(double x) const { return x <= -3 ? -0.0 : (x >= 3 ? x : x * (x + 3) / 6); }
  double Derivative(double x) const {
    if (x == -3) return at_low;
    if (x == 3) return at_high;
    return x < -3 ? 0 : (x > 3 ? 1 : (2 * x + 3) / 6);
  }
};

// Calls `use` with the struct of `activation`, so that the choice is made once and not per element.
template <typename Use>
void WithActivation(const Activation& activation, Use&& use) {
  switch (activation.kind) {
    case ActivationKind::kIdentity:
      return use(Identity{});
    case ActivationKind::kRelu:
      return use(Relu(activation));
    case ActivationKind::kLeakyRelu:
      return use(LeakyRelu(activation));
    case ActivationKind::kElu:
      return use(Elu(1, activation.alpha, activation.kink_slope));
    case ActivationKind::kSelu:
      return use(Elu(kSeluScale, kSeluAlpha, activation.kink_slope));
    case ActivationKind::kSigmoid:
      return use(Sigmoid{});
    case ActivationKind::kTanh:
      return use(Tanh{});
    case ActivationKind::kSoftplus:
      return use(Softplus(activation));
    case ActivationKind::kSoftsign:
      return use(Softsign{});
    case ActivationKind::kSilu:
      return use(Silu{});
    case ActivationKind::kGelu:
      return activation.gelu_form == GeluForm::kExact ? use(Gelu{}) : use(GeluTanh{});
    case ActivationKind::kHardSigmoid:
      return use(HardSigmoid(activation));
    case ActivationKind::kHardSwish:
      return use(HardSwish(activation));
  }
}

}  // namespace tensord::compute::formulas

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_FORMULAS_H_
