// The norms of windows: (sum |x|^p)^(1/p), and their derivatives.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_POOLING_LP_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_POOLING_LP_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "compute/src/internal/pooling_plan.h"

namespace tensord::compute::internal {

// What a norm is summed up from: elements are scaled by the largest of them first, so that no power over- or
// underflows.
class NormSum {
 public:
  void Begin() { *this = NormSum(); }

  // First pass.
  void Measure(double magnitude) {
    sum_ += magnitude;
    largest_ = magnitude > largest_ ? magnitude : largest_;
  }
  // Between the passes; p = 1 needs no second one.
  void BeginPowers(double p) {
    if (!(largest_ > 0) || largest_ == std::numeric_limits<double>::infinity()) return;
    scaled_ = true;
    sum_ = 0;
    // Powers of two scale without rounding, where scaling is needed at all.
    scale_ = p != 2 ? largest_ : largest_ > 0x1p500 ? 0x1p600 : largest_ < 0x1p-400 ? 0x1p-600 : 1;
  }
  // Second pass.
  void Add(double magnitude, double p) {
    if (!scaled_) return;
    const double ratio = magnitude / scale_;
    sum_ += p == 2 ? ratio * ratio : std::pow(ratio, p);
  }
  [[nodiscard]] double Norm(double p) const {
    if (!scaled_) return sum_;  // p = 1, or 0, infinity or NaN
    return scale_ * (p == 2 ? std::sqrt(sum_) : std::pow(sum_, 1 / p));
  }

 private:
  double sum_ = 0;  // of the magnitudes, then of the powers
  double largest_ = 0;
  double scale_ = 1;
  bool scaled_ = false;
};

// Sets norms[lane] for the lanes' windows. False: cancelled on the way.
template <typename T, size_t kLanes>
bool LpNorms(const PoolingPlan& plan, const std::array<Span, 3>& spans, const PoolingBlock& block, const Lanes& lanes,
             double p, CancelPoll& poll, const T* x, std::array<double, kLanes>& norms) {
  std::array<NormSum, kLanes> sums;
  const auto count = static_cast<size_t>(lanes.count);
  for (size_t lane = 0; lane < count; ++lane) sums[lane].Begin();
  const auto magnitude = [&](int64_t offset) { return std::abs(static_cast<double>(x[offset])); };
  const auto measure = [&](size_t lane, int64_t offset) { sums[lane].Measure(magnitude(offset)); };
  if (!ForEachElement(plan, spans, block, lanes, poll, measure)) return false;
  if (p != 1) {
    for (size_t lane = 0; lane < count; ++lane) sums[lane].BeginPowers(p);
    const auto add = [&](size_t lane, int64_t offset) { sums[lane].Add(magnitude(offset), p); };
    if (!ForEachElement(plan, spans, block, lanes, poll, add)) return false;
  }
  for (size_t lane = 0; lane < count; ++lane) norms[lane] = sums[lane].Norm(p);
  return true;
}

// dy/dx of a norm y: sign(x) (|x| / y)^(p-1); 0 where x or y is 0.
inline double LpSlope(double x, double y, double p) {
  if (x == 0 || y == 0) return 0;
  if (p == 1) return x > 0 ? 1 : x < 0 ? -1 : x;
  if (p == 2) return x / y;
  const double magnitude = std::abs(x);
  const double ratio = magnitude / y;
  // Below 1 the exponent p - 1 is rounded, which a small ratio would magnify.
  double power = p > 1 ? std::pow(ratio, p - 1) : std::pow(ratio, p) / ratio;
  if (p < 1 && ratio < 1e-290) power = std::pow(magnitude, p - 1) * std::pow(y, 1 - p);
  return std::copysign(power, x);
}

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_POOLING_LP_H_
