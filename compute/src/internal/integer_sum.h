// Exact sums of products of integers.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_INTEGER_SUM_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_INTEGER_SUM_H_

#include <cstdint>
#include <limits>
#include <optional>

#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {

// All have: Begin(start), the sum's first term; Add(a, b), which adds a * b; Value(), the sum, or nothing where it does
// not fit into 128 bits.

// Of up to 2^45 products of numbers of 9 bits.
class IntegerSum64 {
 public:
  void Begin(int64_t start) {
    start_ = start;
    sum_ = 0;
  }
  void Add(int64_t a, int64_t b) { sum_ += a * b; }
  [[nodiscard]] std::optional<Int128> Value() const { return Int128{start_} + sum_; }

 private:
  int64_t start_ = 0;
  int64_t sum_ = 0;
};

// Of up to 2^63 products of numbers of 32 bits.
class IntegerSum128 {
 public:
  void Begin(int64_t start) { sum_ = start; }
  void Add(int64_t a, int64_t b) { sum_ += a * b; }
  [[nodiscard]] std::optional<Int128> Value() const { return sum_; }

 private:
  Int128 sum_ = 0;
};

// Of up to 2^31 products of numbers of 64 bits: the sum is high * 2^32 + low.
class IntegerSum160 {
 public:
  void Begin(int64_t start) {
    high_ = 0;
    low_ = start;
  }
  void Add(int64_t a, int64_t b) {
    high_ += Int128{a >> 32} * b;
    low_ += Int128{a & 0xffffffff} * b;
  }
  [[nodiscard]] std::optional<Int128> Value() const {
    const Int128 high = high_ + (low_ >> 32);
    constexpr Int128 kLimit = Int128{1} << 95;
    if (high < -kLimit || high >= kLimit) return std::nullopt;
    return high * (Int128{1} << 32) + (low_ & 0xffffffff);
  }

 private:
  Int128 high_ = 0;
  Int128 low_ = 0;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_INTEGER_SUM_H_
