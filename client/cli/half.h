// The two 16-bit floating types, bit by bit.
#ifndef TENSORD_CLI_HALF_H_
#define TENSORD_CLI_HALF_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tensord::cli {

// A binary format of 16 bits: sign, exponent, `kPrecision - 1` stored bits of the significand; the least normal number
// is 2^kMinExponent.
template <int kPrecision, int kMinExponent>
struct Format16 {
  static constexpr int kStored = kPrecision - 1;
  static constexpr int kExponents = (1 << (15 - kStored)) - 1;  // the exponent field of infinities and NaN

  static double Decode(uint16_t bits) {
    const int exponent = (bits & 0x7fff) >> kStored;
    const int stored = bits & ((1 << kStored) - 1);
    double value = 0;
    if (exponent == kExponents) {
      value = stored == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    } else {
      const int significand = exponent == 0 ? stored : stored + (1 << kStored);
      value = std::ldexp(significand, kMinExponent - kStored + (exponent == 0 ? 0 : exponent - 1));
    }
    return (bits & 0x8000) != 0 ? -value : value;
  }

  // Rounds to nearest even; beyond the largest finite number gives an infinity.
  static uint16_t Encode(double value) {
    const unsigned sign = std::signbit(value) ? 0x8000u : 0u;
    constexpr unsigned kInfinity = static_cast<unsigned>(kExponents) << kStored;
    if (std::isnan(value)) return static_cast<uint16_t>(sign | kInfinity | (1u << (kStored - 1)));
    const double magnitude = std::fabs(value);
    if (magnitude == 0) return static_cast<uint16_t>(sign);
    const int exponent = std::isinf(value) ? 2000 : std::max(std::ilogb(magnitude), kMinExponent);
    if (exponent - kMinExponent + 1 >= kExponents) return static_cast<uint16_t>(sign | kInfinity);
    // A carry out of the significand moves into the exponent field by itself, up to infinity.
    const double units = std::nearbyint(std::scalbn(magnitude, kStored - exponent));
    const unsigned bits = (static_cast<unsigned>(exponent - kMinExponent) << kStored) + static_cast<unsigned>(units);
    return static_cast<uint16_t>(sign | bits);
  }
};

using Float16 = Format16<11, -14>;
using BFloat16 = Format16<8, -126>;

}  // namespace tensord::cli

#endif  // TENSORD_CLI_HALF_H_
