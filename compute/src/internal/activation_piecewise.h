// The activations that are made of straight pieces, or of a parabola. Struct by struct as activation_formulas.h says.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_PIECEWISE_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_PIECEWISE_H_

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

struct Identity {
  double Value(double x) const { return x; }
  double Derivative(double) const { return 1; }
};

struct Relu {
  double at_kink;
  explicit Relu(const Activation& a) : at_kink(SlopeAtKink(a.kink_slope, 0, 1, 0)) {}
  double Value(double x) const { return x > 0 ? x : (x <= 0 ? 0 : x); }
  // The kink comes second here and below, so that zeros, as denormals may count, take no longer than the rest.
  double Derivative(double x) const { return x > 0 ? 1 : (x == 0 ? at_kink : (x < 0 ? 0 : x)); }
};

struct LeakyRelu {
  double slope;
  double lowest;  // with slope 0 the limit at -inf is 0, but 0 * -inf is NaN
  double at_kink;
  LeakyRelu(double slope_in, KinkSlope rule)
      : slope(slope_in),
        lowest(slope == 0 ? std::numeric_limits<double>::lowest() : -std::numeric_limits<double>::infinity()),
        at_kink(SlopeAtKink(rule, slope, 1, slope)) {}
  double Value(double x) const {
    const double negative = slope * (x < lowest ? lowest : x);
    return x > 0 ? x : negative;
  }
  double Derivative(double x) const { return x > 0 ? 1 : (x == 0 ? at_kink : (x < 0 ? slope : x)); }
};

// x for x > threshold, else 0.
struct ThresholdedRelu {
  double threshold;
  double at_kink;
  explicit ThresholdedRelu(const Activation& a) : threshold(a.alpha), at_kink(SlopeAtKink(a.kink_slope, 0, 1, 0)) {}
  double Value(double x) const { return x > threshold ? x : (x <= threshold ? 0 : x); }
  double Derivative(double x) const { return x > threshold ? 1 : (x < threshold ? 0 : (x == threshold ? at_kink : x)); }
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

// max(minimum, min(maximum, x)): hard tanh, and relu6 with 0 and 6.
struct Clip {
  double minimum;
  double maximum;
  double at_low;
  double at_high;
  Clip(double minimum_in, double maximum_in, KinkSlope rule)
      : minimum(minimum_in),
        maximum(maximum_in),
        at_low(SlopeAtKink(rule, 0, 1, 0)),
        at_high(SlopeAtKink(rule, 1, 0, 0)) {}
  double Value(double x) const { return x < minimum ? minimum : (x > maximum ? maximum : x); }
  double Derivative(double x) const {
    if (std::isnan(x)) return x;
    if (x == minimum) return at_low;
    if (x == maximum) return at_high;
    return x > minimum && x < maximum ? 1 : 0;
  }
};

}  // namespace tensord::compute::formulas

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_PIECEWISE_H_
