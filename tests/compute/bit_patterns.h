// Floating-point numbers by their bits.
#ifndef TENSORD_TESTS_COMPUTE_BIT_PATTERNS_H_
#define TENSORD_TESTS_COMPUTE_BIT_PATTERNS_H_

#include <bit>
#include <cstdint>
#include <type_traits>

#include "tensord/compute/binary_format.h"
#include "tests/support/builders.h"

namespace tensord::test_support {

template <typename T>
inline constexpr compute::BinaryFormat kFormatOf =
    std::is_same_v<T, float> ? compute::kFloat32Format : compute::kFloat64Format;

// The T with these bits.
template <typename T>
T FromBits(uint64_t bits) {
  if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<float>(static_cast<uint32_t>(bits));
  } else {
    return std::bit_cast<double>(bits);
  }
}

inline uint64_t BitsOf(float value) { return std::bit_cast<uint32_t>(value); }
inline uint64_t BitsOf(double value) { return std::bit_cast<uint64_t>(value); }

// A finite T with any sign and significand whose exponent field is in low..high.
template <typename T>
T Arbitrary(Random& random, int64_t low, int64_t high) {
  constexpr compute::BinaryFormat kFormat = kFormatOf<T>;
  const uint64_t field = static_cast<uint64_t>(random.Integer(low, high)) << kFormat.stored_bits;
  const uint64_t sign = random.Bits() % 2 * kFormat.sign_bit();
  return FromBits<T>(sign | field | (random.Bits() & ((uint64_t{1} << kFormat.stored_bits) - 1)));
}

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_COMPUTE_BIT_PATTERNS_H_
