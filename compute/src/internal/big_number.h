// Numbers of many digits, and their one rounding into a floating-point format.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_BIG_NUMBER_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_BIG_NUMBER_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "tensord/compute/binary_format.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {

// The sum of digits[i] * 2^(32 i + exponent), negated where `negative`.
struct BigNumber {
  absl::Span<const uint32_t> digits;
  int exponent = 0;
  bool negative = false;
};

// Digits to which a quotient may grow, besides the dividend's.
inline constexpr size_t kQuotientDigits = 4;

// The digits of the quotient digits / divisor, of which `behind` are behind the point: quotient[i] stands for
// 2^(32 (i - behind)), and there are digits.size() + behind of them. Returns whether something is left over.
[[nodiscard]] bool Divide(absl::Span<const uint32_t> digits, uint64_t divisor, size_t behind,
                          absl::Span<uint32_t> quotient);

// The bits of number / divisor, rounded once, to nearest, ties to even; divisor >= 1. Zero is +0, but a number that
// rounds to zero keeps its sign. `scratch` has to hold number.digits.size() + kQuotientDigits, where divisor > 1.
[[nodiscard]] uint64_t RoundQuotient(const BigNumber& number, int64_t divisor, const BinaryFormat& format,
                                     absl::Span<uint32_t> scratch);

// The bits of the number's square root, rounded once, to nearest, ties to even; the number must not be negative. Of at
// least one digit.
[[nodiscard]] uint64_t RoundSquareRoot(const BigNumber& number, const BinaryFormat& format);

// RoundQuotient of an integer.
[[nodiscard]] uint64_t RoundQuotient(Int128 dividend, int64_t divisor, const BinaryFormat& format);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_BIG_NUMBER_H_
