// Binary floating-point formats and rounding into them, in integers: no processor mode has a say in it.
#ifndef TENSORD_COMPUTE_BINARY_FORMAT_H_
#define TENSORD_COMPUTE_BINARY_FORMAT_H_

#include <algorithm>
#include <bit>
#include <cstdint>

namespace tensord::compute {

// A format of IEEE 754's kind: a sign, `exponent_bits`, and the stored bits of the significand.
struct BinaryFormat {
  int stored_bits;
  int exponent_bits;

  // Those of the greatest and the least normal number.
  [[nodiscard]] constexpr int max_exponent() const { return (1 << (exponent_bits - 1)) - 1; }
  [[nodiscard]] constexpr int min_exponent() const { return 1 - max_exponent(); }
  // Bit patterns.
  [[nodiscard]] constexpr uint64_t sign_bit() const { return uint64_t{1} << (stored_bits + exponent_bits); }
  [[nodiscard]] constexpr uint64_t infinity() const { return ((uint64_t{1} << exponent_bits) - 1) << stored_bits; }
  [[nodiscard]] constexpr uint64_t quiet_nan() const { return infinity() | (uint64_t{1} << (stored_bits - 1)); }
};

inline constexpr BinaryFormat kFloat16Format = {.stored_bits = 10, .exponent_bits = 5};
inline constexpr BinaryFormat kBfloat16Format = {.stored_bits = 7, .exponent_bits = 8};
inline constexpr BinaryFormat kFloat32Format = {.stored_bits = 23, .exponent_bits = 8};
inline constexpr BinaryFormat kFloat64Format = {.stored_bits = 52, .exponent_bits = 11};

// The bits of the number of `format` that is nearest to significand * 2^exponent, ties to even; subnormal where it is
// small, infinity where it is too large. `sticky`: the number is a little more than that, by less than one unit of the
// significand, which then has its highest bit set.
[[nodiscard]] constexpr uint64_t RoundToFormat(uint64_t significand, int exponent, bool sticky,
                                               const BinaryFormat& format) {
  if (significand == 0) return 0;
  const int top = 63 - std::countl_zero(significand) + exponent;
  if (top > format.max_exponent()) return format.infinity();
  const int least_quantum = format.min_exponent() - format.stored_bits;
  const int quantum = std::max(top - format.stored_bits, least_quantum);
  const int shift = quantum - exponent;
  if (shift > 64) return 0;  // below half of the least number
  uint64_t units = 0;
  if (shift <= 0) {
    units = significand << -shift;
  } else {
    const uint64_t half = uint64_t{1} << (shift - 1);
    const uint64_t dropped = shift == 64 ? significand : significand & (half + half - 1);
    units = shift == 64 ? 0 : significand >> shift;
    if (dropped > half || (dropped == half && (sticky || units % 2 != 0))) ++units;
  }
  // A carry out of the significand moves into the exponent field by itself, up to infinity.
  return (static_cast<uint64_t>(quantum - least_quantum) << format.stored_bits) + units;
}

// The bits of a finite number or infinity of one format in another; a NaN becomes the quiet NaN of its sign.
[[nodiscard]] constexpr uint64_t ConvertBits(uint64_t bits, const BinaryFormat& from, const BinaryFormat& to) {
  const uint64_t sign = (bits & from.sign_bit()) != 0 ? to.sign_bit() : 0;
  const uint64_t magnitude = bits & (from.sign_bit() - 1);
  if (magnitude == from.infinity()) return sign | to.infinity();
  if (magnitude > from.infinity()) return sign | to.quiet_nan();
  const uint64_t stored = magnitude & ((uint64_t{1} << from.stored_bits) - 1);
  const auto field = static_cast<int>(magnitude >> from.stored_bits);
  const uint64_t significand = field == 0 ? stored : stored | (uint64_t{1} << from.stored_bits);
  return sign | RoundToFormat(significand, from.min_exponent() - from.stored_bits + std::max(field - 1, 0), false, to);
}

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_BINARY_FORMAT_H_
