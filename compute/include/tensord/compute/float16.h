// The two 16-bit floating types: float16 (IEEE 754 binary16) and bfloat16.
//
// Decoding is exact. Encoding rounds once, to nearest, ties to even, and beyond the largest finite number gives an
// infinity; a NaN becomes the quiet NaN of its sign. In integers throughout: denormals are kept whatever the
// processor's mode is. Header-only.
#ifndef TENSORD_COMPUTE_FLOAT16_H_
#define TENSORD_COMPUTE_FLOAT16_H_

#include <bit>
#include <cstdint>

#include "tensord/compute/binary_format.h"

namespace tensord::compute {

// Conversions of the bits of a 16-bit format.
template <int kStoredBits, int kExponentBits>
struct Format16 {
  static constexpr BinaryFormat kFormat = {.stored_bits = kStoredBits, .exponent_bits = kExponentBits};

  [[nodiscard]] static constexpr double Decode(uint16_t bits) {
    return std::bit_cast<double>(ConvertBits(bits, kFormat, kFloat64Format));
  }
  [[nodiscard]] static constexpr float DecodeFloat(uint16_t bits) {
    return std::bit_cast<float>(static_cast<uint32_t>(ConvertBits(bits, kFormat, kFloat32Format)));
  }
  [[nodiscard]] static constexpr uint16_t Encode(double value) {
    return static_cast<uint16_t>(ConvertBits(std::bit_cast<uint64_t>(value), kFloat64Format, kFormat));
  }
  [[nodiscard]] static constexpr uint16_t EncodeFloat(float value) {
    return static_cast<uint16_t>(ConvertBits(std::bit_cast<uint32_t>(value), kFloat32Format, kFormat));
  }
};

using Float16 = Format16<10, 5>;
using BFloat16 = Format16<7, 8>;

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_FLOAT16_H_
