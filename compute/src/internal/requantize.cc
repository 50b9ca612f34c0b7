#include "compute/src/internal/requantize.h"

#include <bit>
#include <cmath>

namespace tensord::compute::internal {
namespace {

__extension__ using UnsignedInt128 = unsigned __int128;

constexpr int64_t kBeyond = int64_t{1} << 17;

// value = significand * 2^exponent, the significand of 24 bits with the highest one set.
struct Parts {
  uint32_t significand;
  int exponent;
};
Parts PartsOf(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto field = static_cast<int>(bits >> 23);
  uint32_t significand = bits & 0x7fffff;
  if (field != 0) return {.significand = significand | 0x800000, .exponent = field - 150};
  const int shift = std::countl_zero(significand) - 8;
  significand <<= shift;
  return {.significand = significand, .exponent = -149 - shift};
}

int BitLength(UnsignedInt128 value) {
  const auto high = static_cast<uint64_t>(value >> 64);
  return high != 0 ? 128 - std::countl_zero(high) : 64 - std::countl_zero(static_cast<uint64_t>(value));
}

}  // namespace

int64_t RoundScaled(Int128 sum, float a, float b, float c) {
  if (sum == 0) return 0;
  const int64_t sign = sum < 0 ? -1 : 1;
  const Parts left = PartsOf(a);
  const Parts right = PartsOf(b);
  const Parts under = PartsOf(c);
  // Below 2^112.
  UnsignedInt128 numerator = static_cast<UnsignedInt128>(sum < 0 ? -sum : sum) * left.significand * right.significand;
  UnsignedInt128 denominator = under.significand;
  const int exponent = left.exponent + right.exponent - under.exponent;
  // The quotient lies between 2^(size - 1) and 2^(size + 1).
  const int size = BitLength(numerator) - 24 + exponent;
  if (size > 18) return sign * kBeyond;
  if (size < -2) return 0;
  if (exponent >= 0) {
    numerator <<= exponent;
  } else {
    denominator <<= -exponent;
  }
  const UnsignedInt128 quotient = numerator / denominator;
  const UnsignedInt128 twice_the_rest = (numerator - quotient * denominator) * 2;
  const bool up = twice_the_rest > denominator || (twice_the_rest == denominator && quotient % 2 != 0);
  return sign * (static_cast<int64_t>(quotient) + (up ? 1 : 0));
}

}  // namespace tensord::compute::internal
