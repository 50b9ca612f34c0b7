// Sums made with one type's arithmetic in some order: what bounds of "any order" are about.
#ifndef TENSORD_TESTS_COMPUTE_ANY_ORDER_H_
#define TENSORD_TESTS_COMPUTE_ANY_ORDER_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tensord/compute/float16.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute {

// The arithmetic of a floating type: results of operations of float64, rounded to it. That is the type's own result,
// since float64 has more than twice the digits of the others; only of fused multiply-add it may not be.
//
// `order` says how to sum, modulo 8, and odd ones flush denormals, but never those of float16. While it lives the whole
// thread does, where they do.
class Arithmetic {
 public:
  Arithmetic(DataType type, uint64_t order)
      : type_(type),
        order_(order / 2 % 4),
        flushes_(order % 2 != 0 && type != DataType::kFloat16),
        scope_(flushes_ ? FloatingPointMode::Current().Flushing() : FloatingPointMode::Current().Keeping()) {}

  [[nodiscard]] double Round(double value) const {
    switch (type_) {
      case DataType::kFloat16:
        return Float16::Decode(Float16::Encode(value));
      case DataType::kBfloat16: {
        const double rounded = BFloat16::Decode(BFloat16::Encode(value));
        return flushes_ && std::fabs(rounded) < 0x1p-126 ? 0 : rounded;
      }
      case DataType::kFloat32: {
        volatile auto rounded = static_cast<float>(value);
        return static_cast<double>(rounded);
      }
      default: {
        volatile double rounded = value;
        return rounded;
      }
    }
  }

  [[nodiscard]] double Sum(std::vector<double> terms) const {
    for (double& term : terms) term = Round(term);
    if (order_ == 1) std::reverse(terms.begin(), terms.end());
    if (order_ == 2) {
      // Pairwise.
      for (size_t step = 1; step < terms.size(); step *= 2) {
        for (size_t i = 0; i + step < terms.size(); i += 2 * step) terms[i] = Round(terms[i] + terms[i + step]);
      }
      return terms.empty() ? 0 : terms[0];
    }
    double sum = 0;
    for (const double term : terms) sum = Round(sum + term);
    return sum;
  }

  // The sum of a[i] b[i]; in one of the orders with fused multiply-add.
  [[nodiscard]] double Dot(const std::vector<double>& a, const std::vector<double>& b) const {
    if (order_ == 3) {
      double sum = 0;
      for (size_t i = 0; i < a.size(); ++i) sum = Round(std::fma(Round(a[i]), Round(b[i]), sum));
      return sum;
    }
    std::vector<double> terms(a.size());
    for (size_t i = 0; i < a.size(); ++i) terms[i] = Round(Round(a[i]) * Round(b[i]));
    return Sum(std::move(terms));
  }

 private:
  const DataType type_;
  const uint64_t order_;
  const bool flushes_;
  const ScopedFloatingPointMode scope_;
};

}  // namespace tensord::compute

#endif  // TENSORD_TESTS_COMPUTE_ANY_ORDER_H_
