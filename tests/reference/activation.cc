#include <algorithm>
#include <cmath>

#include "tests/reference/reference.h"

namespace tensord::reference {
namespace {

using compute::Activation;
using compute::ActivationKind;
using compute::KinkSlope;

// A constant and what Real leaves of it: `rest` is what long double leaves of it.
template <typename Real>
struct Constant {
  constexpr Constant(long double whole, long double rest_of_whole)
      : value(static_cast<Real>(whole)), rest(static_cast<Real>(whole - static_cast<Real>(whole) + rest_of_whole)) {}
  Real value;
  Real rest;
};

// The functions and their derivatives at finite numbers, in Real.
template <typename Real>
class Formulas {
 public:
  static Real Value(const Activation& a, Real x) {
    switch (a.kind) {
      case ActivationKind::kIdentity:
        return x;
      case ActivationKind::kRelu:
        return x > 0 ? x : 0;
      case ActivationKind::kLeakyRelu:
        return x > 0 ? x : a.slope * x;
      case ActivationKind::kElu:
        return x > 0 ? x : a.alpha * std::expm1(x);
      case ActivationKind::kSelu:
        return kSeluScale * (x > 0 ? x : kSeluAlpha * std::expm1(x));
      case ActivationKind::kSigmoid:
        return Logistic(x);
      case ActivationKind::kTanh:
        return std::tanh(x);
      case ActivationKind::kSoftplus:
        return Softplus(a.beta, x);
      case ActivationKind::kSoftsign:
        return x / (1 + std::abs(x));
      case ActivationKind::kSilu:
        return x * Logistic(x);
      case ActivationKind::kGelu:
        if (a.gelu_form == compute::GeluForm::kTanh) return x * Logistic(GeluTanhArgument(x));
        return x * Phi(x);
      case ActivationKind::kHardSigmoid:
        return Clamp(std::fma(static_cast<Real>(a.slope), x, static_cast<Real>(a.offset)));
      case ActivationKind::kHardSwish:
        return x * Clamp((x + 3) / 6);
      case ActivationKind::kCelu:
        return x > 0 ? x : a.alpha * CeluPower(a, x);
      case ActivationKind::kMish:
        return x * MishTanh(x);
      case ActivationKind::kThresholdedRelu:
        return x > a.alpha ? x : 0;
      case ActivationKind::kErf:
        return std::erf(x);
      case ActivationKind::kHardTanh:
        return std::min<Real>(std::max<Real>(x, a.minimum), a.maximum);
      case ActivationKind::kRelu6:
        return std::min(std::max(x, Real{0}), Real{6});
      case ActivationKind::kLogSigmoid:
        return -Softplus(1, -x);
      case ActivationKind::kPrelu:
      case ActivationKind::kSoftmax:
      case ActivationKind::kLogSoftmax:
        return NAN;  // not elementwise: softmax.cc and prelu.cc
    }
    return 0;
  }

  static Real Derivative(const Activation& a, Real x) {
    switch (a.kind) {
      case ActivationKind::kIdentity:
        return 1;
      case ActivationKind::kRelu:
        return PiecewiseDerivative(a, x, 0, 0, 1);
      case ActivationKind::kLeakyRelu:
        return PiecewiseDerivative(a, x, a.slope, a.slope, 1);
      case ActivationKind::kElu:
        return PiecewiseDerivative(a, x, a.alpha * std::exp(x), a.alpha, 1);
      case ActivationKind::kSelu:
        return PiecewiseDerivative(a, x, kSeluScale * kSeluAlpha * std::exp(x), kSeluScale * kSeluAlpha, kSeluScale);
      case ActivationKind::kSigmoid:
        return LogisticDerivative({x, 0});
      case ActivationKind::kTanh:
        return 1 / (std::cosh(x) * std::cosh(x));
      case ActivationKind::kSoftplus:
        return Logistic(Times({x, 0}, a.beta));
      case ActivationKind::kSoftsign:
        return 1 / ((1 + std::abs(x)) * (1 + std::abs(x)));
      case ActivationKind::kSilu:
        return Logistic(x) + x * LogisticDerivative({x, 0});
      case ActivationKind::kGelu:
        return GeluDerivative(a, x);
      case ActivationKind::kHardSigmoid:
        return HardSigmoidDerivative(a, x);
      case ActivationKind::kHardSwish:
        return HardSwishDerivative(a, x);
      case ActivationKind::kCelu:
        return x > 0 ? 1 : Exp(Over(x, a.alpha));
      case ActivationKind::kMish:
        return MishDerivative(x);
      case ActivationKind::kThresholdedRelu:
        return PiecewiseDerivative(a, x - a.alpha, 0, 0, 1);
      case ActivationKind::kErf:
        return 2 / std::sqrt(kPi) * Exp(Times(Times({x, 0}, x), -1));
      case ActivationKind::kHardTanh:
        return ClipDerivative(a, x, a.minimum, a.maximum);
      case ActivationKind::kRelu6:
        return ClipDerivative(a, x, 0, 6);
      case ActivationKind::kLogSigmoid:
        return Logistic(-x);
      case ActivationKind::kPrelu:
      case ActivationKind::kSoftmax:
      case ActivationKind::kLogSoftmax:
        return NAN;
    }
    return 0;
  }

 private:
  static constexpr Real kPi = static_cast<Real>(3.14159265358979323846264338327950288L);
  static constexpr Real kSeluScale = 1.0507009873554805;
  static constexpr Real kSeluAlpha = 1.6732632423543772;
  static constexpr Constant<Real> kSqrtHalf{0.7071067811865475244008443621048490392848L, 1.8950325588932570797e-20L};
  static constexpr Constant<Real> kCubic{0.044715L, 5.1174342541315809285e-22L};
  // 2 sqrt(2/pi)
  static constexpr Constant<Real> kGeluScale{1.595769121605730711759784239737527473903L, 5.351177755720478292e-20L};

  // An argument of exp() with its own rounding error: far out the relative error of the argument counts up to 745
  // times.
  struct Argument {
    Real value;
    Real error;
  };

  static Argument Times(Argument a, Real b) {
    const Real value = a.value * b;
    return {value, std::fma(a.value, b, -value) + a.error * b};
  }

  static Argument Over(Real a, Real b) {
    const Real value = a / b;
    return {value, std::fma(-value, b, a) / b};
  }

  // exp(v) for v.value of at most 0.
  static Real Exp(Argument v) { return std::isinf(v.value) ? 0 : std::exp(v.value) * (1 + v.error); }

  static Argument Minus(Argument v) { return {-v.value, -v.error}; }

  // Each side written so that nothing cancels and nothing overflows.
  static Real Logistic(Argument v) { return v.value >= 0 ? 1 / (1 + Exp(Minus(v))) : Exp(v) / (1 + Exp(v)); }
  static Real Logistic(Real v) { return Logistic({v, 0}); }

  static Real Clamp(Real y) { return y < 0 ? 0 : (y > 1 ? 1 : y); }

  // exp(-x^2 / 2).
  static Real Bell(Real x) { return Exp(Times(Times({x, 0}, x), Real{-0.5})); }

  // The standard normal distribution; erfc's argument is corrected for its rounding.
  static Real Phi(Real x) {
    const Argument t = {-x * kSqrtHalf.value, std::fma(-x, kSqrtHalf.value, x * kSqrtHalf.value) - x * kSqrtHalf.rest};
    return (std::erfc(t.value) - 2 / std::sqrt(kPi) * Bell(x) * t.error) / 2;
  }

  // 2 sqrt(2/pi) (x + 0.044715 x^3)
  static Argument GeluTanhArgument(Real x) {
    const Argument square = Times({x, 0}, x);
    const Argument cubic = Times(square, kCubic.value);
    const Argument sum = {1 + cubic.value, cubic.value - ((1 + cubic.value) - 1) + cubic.error + kCubic.rest * x * x};
    const Argument v = Times(Times(sum, kGeluScale.value), x);
    return {v.value, v.error + kGeluScale.rest * sum.value * x};
  }

  // log(1 + exp(b x)) / b.
  static Real Softplus(Real b, Real x) {
    const Argument v = Times({x, 0}, b);
    return x > 0 ? x + std::log1p(Exp(Minus(v))) / b : std::log1p(Exp(v)) / b;
  }

  // tanh(log(1 + exp(x))) = (s^2 - 1) / (s^2 + 1), s = 1 + exp(x); divided by exp(2 x) for x > 0.
  static Real MishTanh(Real x) {
    const Real e = std::exp(-std::abs(x));
    return x > 0 ? (1 + 2 * e) / (1 + 2 * e + 2 * e * e) : e * (e + 2) / (e * (e + 2) + 2);
  }

  // exp(x / alpha) - 1.
  static Real CeluPower(const Activation& a, Real x) {
    const Argument v = Over(x, a.alpha);
    return std::expm1(v.value) + (std::isfinite(v.error) ? std::exp(v.value) * v.error : 0);
  }

  static Real LogisticDerivative(Argument v) { return Logistic(v) * Logistic(Minus(v)); }

  // The derivative at a kink.
  static Real AtKink(KinkSlope rule, Real left, Real right, Real saturated) {
    if (rule == KinkSlope::kLeft) return left;
    if (rule == KinkSlope::kRight) return right;
    return rule == KinkSlope::kMean ? (left + right) / 2 : saturated;
  }

  static Real HardSigmoidDerivative(const Activation& a, Real x) {
    if (a.slope == 0) return 0;
    // The kinks are the float64 nearest to where the line meets 0 and 1.
    const double at_zero = -a.offset / a.slope;
    const double at_one = (1 - a.offset) / a.slope;
    const double low = a.slope > 0 ? at_zero : at_one;
    const double high = a.slope > 0 ? at_one : at_zero;
    if (x == low) return AtKink(a.kink_slope, 0, a.slope, 0);
    if (x == high) return AtKink(a.kink_slope, a.slope, 0, 0);
    return x > low && x < high ? a.slope : 0;
  }

  static Real HardSwishDerivative(const Activation& a, Real x) {
    if (x == -3) return AtKink(a.kink_slope, 0, Real{-0.5}, 0);
    if (x == 3) return AtKink(a.kink_slope, Real{1.5}, 1, 1);
    return x < -3 ? 0 : (x > 3 ? 1 : (2 * x + 3) / 6);
  }

  // Of a function with one kink, at 0.
  static Real PiecewiseDerivative(const Activation& a, Real x, Real left, Real at_zero_left, Real right) {
    if (x == 0) return AtKink(a.kink_slope, at_zero_left, right, 0);
    return x < 0 ? left : right;
  }

  static Real GeluDerivative(const Activation& a, Real x) {
    if (a.gelu_form == compute::GeluForm::kTanh) {
      const Argument v = GeluTanhArgument(x);
      return Logistic(v) + x * LogisticDerivative(v) * kGeluScale.value * (1 + 3 * kCubic.value * x * x);
    }
    return Phi(x) + x * Bell(x) / std::sqrt(2 * kPi);
  }

  static Real MishDerivative(Real x) {
    // The tanh's derivative by x is (1 - tanh^2) times the logistic function; 1 - tanh^2 = 4 s^2 / (s^2 + 1)^2.
    const Real e = std::exp(-std::abs(x));
    const Real s = 1 + e;
    const Real divisor = x > 0 ? 1 + 2 * e + 2 * e * e : s * s + 1;
    const Real falling = 4 * s * s / (divisor * divisor) * (x > 0 ? e * e : 1);
    return MishTanh(x) + x * falling * Logistic(x);
  }

  // Of a function that is x between two flat branches.
  static Real ClipDerivative(const Activation& a, Real x, double low, double high) {
    if (x == low) return AtKink(a.kink_slope, 0, 1, 0);
    if (x == high) return AtKink(a.kink_slope, 1, 0, 0);
    return x > low && x < high ? 1 : 0;
  }
};

// Infinities are asked here, since inf * 0 is no number: every function has reached its limit to long double's
// precision, and nothing overflows.
constexpr long double kFar = 1e1600L;

long double Tame(long double x) { return std::isinf(x) ? std::copysign(kFar, x) : x; }

}  // namespace

long double Activate(const Activation& activation, long double x) {
  if (std::isnan(x)) return x;
  const long double y = Formulas<long double>::Value(activation, Tame(x));
  if (!std::isinf(x)) return y;
  // At an infinity: growing branches go to theirs, the others have reached their limit.
  return std::abs(y) > 1e1000L ? std::copysign(INFINITY, y) : y;
}

long double ActivationDerivative(const Activation& activation, long double x) {
  if (std::isnan(x)) return activation.kind == ActivationKind::kIdentity ? 1 : x;
  return Formulas<long double>::Derivative(activation, Tame(x));
}

double ActivateInDouble(const Activation& activation, double x) { return Formulas<double>::Value(activation, x); }

double ActivationDerivativeInDouble(const Activation& activation, double x) {
  return Formulas<double>::Derivative(activation, x);
}

}  // namespace tensord::reference
