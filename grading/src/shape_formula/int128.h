// Signed integers of 128 bits.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_INT128_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_INT128_H_

#include <cstdint>
#include <string>

#include "tensord/analysis/integer.h"

namespace tensord::grading::shapes {

__extension__ typedef __int128 Int128;

// Each returns whether the result fits, and sets it where it does.
[[nodiscard]] inline bool Add(Int128 a, Int128 b, Int128* result) { return !__builtin_add_overflow(a, b, result); }
[[nodiscard]] inline bool Subtract(Int128 a, Int128 b, Int128* result) { return !__builtin_sub_overflow(a, b, result); }
[[nodiscard]] inline bool Multiply(Int128 a, Int128 b, Int128* result) { return !__builtin_mul_overflow(a, b, result); }

// Rounded down; b is positive.
[[nodiscard]] constexpr Int128 FloorDivide(Int128 a, Int128 b) { return a / b - (a % b < 0 ? 1 : 0); }

// Of |a| and |b|; neither is the most negative number.
[[nodiscard]] constexpr Int128 GreatestCommonDivisor(Int128 a, Int128 b) {
  if (a < 0) a = -a;
  if (b < 0) b = -b;
  while (b != 0) {
    const Int128 remainder = a % b;
    a = b;
    b = remainder;
  }
  return a;
}

[[nodiscard]] inline std::string ToString(Int128 value) {
  const auto bits = static_cast<analysis::Uint128>(value);
  return analysis::Integer::FromMagnitude(value < 0 ? analysis::Uint128{0} - bits : bits, value < 0).ToString();
}

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_INT128_H_
