// Integer arithmetic that tells when it overflows. Every size that comes from outside goes through these.
#ifndef TENSORD_COMPUTE_CHECKED_MATH_H_
#define TENSORD_COMPUTE_CHECKED_MATH_H_

#include <cstdint>
#include <optional>

namespace tensord::compute {

// Sums and products of a few 63-bit sizes fit into this.
__extension__ using Int128 = __int128;

// a + b, or nothing where it does not fit.
[[nodiscard]] inline std::optional<int64_t> CheckedAdd(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

// a * b, or nothing where it does not fit.
[[nodiscard]] inline std::optional<int64_t> CheckedMultiply(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// floor(a / b) for b > 0, towards minus infinity. `Int` is int64_t or Int128.
template <typename Int>
constexpr Int FloorDivide(Int a, Int b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// ceil(a / b) for b > 0.
template <typename Int>
constexpr Int CeilDivide(Int a, Int b) {
  return a / b + (a % b > 0 ? 1 : 0);
}

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_CHECKED_MATH_H_
