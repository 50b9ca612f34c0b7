#include <cmath>

#include "tests/reference/reference.h"

namespace tensord::reference {
namespace {

using compute::Activation;
using compute::ActivationKind;
using compute::KinkSlope;

constexpr long double kPi = 3.14159265358979323846264338327950288L;
constexpr long double kSeluScale = 1.0507009873554805;
constexpr long double kSeluAlpha = 1.6732632423543772;

// Each side written so that nothing cancels and nothing overflows.
long double Logistic(long double v) { return v >= 0 ? 1 / (1 + std::exp(-v)) : std::exp(v) / (1 + std::exp(v)); }

long double Clamp(long double y) { return y < 0 ? 0 : (y > 1 ? 1 : y); }

long double GeluTanhArgument(long double x) { return 2 * std::sqrt(2 / kPi) * (x + 0.044715L * x * x * x); }

long double Finite(const Activation& a, long double x) {
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
      return x > 0 ? x + std::log1p(std::exp(-(a.beta * x))) / a.beta : std::log1p(std::exp(a.beta * x)) / a.beta;
    case ActivationKind::kSoftsign:
      return x / (1 + std::abs(x));
    case ActivationKind::kSilu:
      return x * Logistic(x);
    case ActivationKind::kGelu:
      if (a.gelu_form == compute::GeluForm::kTanh) return x * Logistic(GeluTanhArgument(x));
      return x * (std::erfc(-x / std::sqrt(2.0L)) / 2);
    case ActivationKind::kHardSigmoid:
      return Clamp(a.slope * x + a.offset);
    case ActivationKind::kHardSwish:
      return x * Clamp((x + 3) / 6);
  }
  return 0;
}

long double LogisticDerivative(long double v) { return Logistic(v) * Logistic(-v); }

// The derivative at a kink.
long double AtKink(KinkSlope rule, long double left, long double right, long double saturated) {
  if (rule == KinkSlope::kLeft) return left;
  if (rule == KinkSlope::kRight) return right;
  return rule == KinkSlope::kMean ? (left + right) / 2 : saturated;
}

long double HardSigmoidDerivative(const Activation& a, long double x) {
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

long double HardSwishDerivative(const Activation& a, long double x) {
  if (x == -3) return AtKink(a.kink_slope, 0, -0.5L, 0);
  if (x == 3) return AtKink(a.kink_slope, 1.5L, 1, 1);
  return x < -3 ? 0 : (x > 3 ? 1 : (2 * x + 3) / 6);
}

// Of a function with one kink, at 0.
long double PiecewiseDerivative(const Activation& a, long double x, long double left, long double at_zero_left,
                                long double right) {
  if (x == 0) return AtKink(a.kink_slope, at_zero_left, right, 0);
  return x < 0 ? left : right;
}

long double GeluDerivative(const Activation& a, long double x) {
  if (a.gelu_form == compute::GeluForm::kTanh) {
    const long double v = GeluTanhArgument(x);
    const long double dv = 2 * std::sqrt(2 / kPi) * (1 + 3 * 0.044715L * x * x);
    return Logistic(v) + x * LogisticDerivative(v) * dv;
  }
  return std::erfc(-x / std::sqrt(2.0L)) / 2 + x * std::exp(-x * x / 2) / std::sqrt(2 * kPi);
}

long double FiniteDerivative(const Activation& a, long double x) {
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
      return LogisticDerivative(x);
    case ActivationKind::kTanh:
      return 1 / (std::cosh(x) * std::cosh(x));
    case ActivationKind::kSoftplus:
      return Logistic(a.beta * x);
    case ActivationKind::kSoftsign:
      return 1 / ((1 + std::abs(x)) * (1 + std::abs(x)));
    case ActivationKind::kSilu:
      return Logistic(x) + x * LogisticDerivative(x);
    case ActivationKind::kGelu:
      return GeluDerivative(a, x);
    case ActivationKind::kHardSigmoid:
      return HardSigmoidDerivative(a, x);
    case ActivationKind::kHardSwish:
      return HardSwishDerivative(a, x);
  }
  return 0;
}

// Infinities are asked here, since inf * 0 is no number: every function has reached its limit to long double's
// precision, and nothing overflows.
constexpr long double kFar = 1e1600L;

long double Tame(long double x) { return std::isinf(x) ? std::copysign(kFar, x) : x; }

}  // namespace

long double Activate(const Activation& activation, long double x) {
  if (std::isnan(x)) return x;
  const long double y = Finite(activation, Tame(x));
  if (!std::isinf(x)) return y;
  // At an infinity: growing branches go to theirs, the others have reached their limit.
  return std::abs(y) > 1e1000L ? std::copysign(INFINITY, y) : y;
}

long double ActivationDerivative(const Activation& activation, long double x) {
  if (std::isnan(x)) return activation.kind == ActivationKind::kIdentity ? 1 : x;
  return FiniteDerivative(activation, Tame(x));
}

}  // namespace tensord::reference
