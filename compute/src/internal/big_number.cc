#include "compute/src/internal/big_number.h"

#include <array>
#include <bit>

namespace tensord::compute::internal {
namespace {

__extension__ using UnsignedInt128 = unsigned __int128;

// Divide() with a number that holds (divisor << 32) | digit.
template <typename Wide>
bool DivideAs(absl::Span<const uint32_t> digits, Wide divisor, size_t behind, absl::Span<uint32_t> quotient) {
  Wide rest = 0;
  for (size_t i = digits.size() + behind; i-- > 0;) {
    rest = (rest << 32) | (i >= behind ? digits[i - behind] : 0);
    if (rest < divisor) {
      quotient[i] = 0;
      continue;
    }
    quotient[i] = static_cast<uint32_t>(rest / divisor);
    rest %= divisor;
  }
  return rest != 0;
}

// The magnitude's bits.
uint64_t RoundDigits(absl::Span<const uint32_t> digits, int exponent, bool sticky, const BinaryFormat& format) {
  size_t count = digits.size();
  while (count > 0 && digits[count - 1] == 0) --count;
  if (count == 0) return 0;
  // The highest 64 bits, out of the highest three digits.
  const auto digit = [&](size_t from_top) -> uint64_t { return count > from_top ? digits[count - 1 - from_top] : 0; };
  const UnsignedInt128 highest = (UnsignedInt128{digit(0)} << 64) | (digit(1) << 32) | digit(2);
  const int shift = 32 - std::countl_zero(static_cast<uint32_t>(digit(0)));
  const auto significand = static_cast<uint64_t>(highest >> shift);
  sticky = sticky || (highest & ((UnsignedInt128{1} << shift) - 1)) != 0;
  for (size_t i = 0; i + 3 < count && !sticky; ++i) sticky = digits[i] != 0;
  // The significand's last bit is `shift` above the third digit's.
  const int third = 32 * (static_cast<int>(count) - 3) + exponent;
  return RoundToFormat(significand, third + shift, sticky, format);
}

// floor(sqrt(value)).
uint64_t IntegerRoot(UnsignedInt128 value) {
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 63; bit != 0; bit >>= 1) {
    const uint64_t candidate = root | bit;
    if (UnsignedInt128{candidate} * candidate <= value) root = candidate;
  }
  return root;
}

}  // namespace

bool Divide(absl::Span<const uint32_t> digits, uint64_t divisor, size_t behind, absl::Span<uint32_t> quotient) {
  return divisor <= 0xffffffff ? DivideAs<uint64_t>(digits, divisor, behind, quotient)
                               : DivideAs<UnsignedInt128>(digits, divisor, behind, quotient);
}

uint64_t RoundSquareRoot(const BigNumber& number, const BinaryFormat& format) {
  size_t count = number.digits.size();
  while (count > 0 && number.digits[count - 1] == 0) --count;
  if (count == 0) return 0;
  // The highest digits, as many as 128 bits hold from the highest bit on, less one where the exponent would be odd:
  // number = radicand * 2^exponent and a little more.
  const auto digit = [&](size_t from_top) -> UnsignedInt128 {
    return count > from_top ? number.digits[count - 1 - from_top] : 0;
  };
  const UnsignedInt128 highest = (digit(0) << 96) | (digit(1) << 64) | (digit(2) << 32) | digit(3);
  const int leading = std::countl_zero(number.digits[count - 1]);
  UnsignedInt128 radicand = (highest << leading) | (leading == 0 ? UnsignedInt128{0} : digit(4) >> (32 - leading));
  bool sticky = leading == 0 ? digit(4) != 0 : (digit(4) << leading & 0xffffffff) != 0;
  for (size_t i = 0; i + 5 < count && !sticky; ++i) sticky = number.digits[i] != 0;
  int exponent = number.exponent + 32 * (static_cast<int>(count) - 4) - leading;
  if (exponent % 2 != 0) {
    sticky = sticky || radicand % 2 != 0;
    radicand >>= 1;
    ++exponent;
  }
  // The radicand is at least 2^126, so that the root has 64 bits: more than twice what a format keeps is not needed to
  // decide, as what is left over is in `sticky`.
  const uint64_t root = IntegerRoot(radicand);
  sticky = sticky || UnsignedInt128{root} * root != radicand;
  return RoundToFormat(root, exponent / 2, sticky, format);
}

uint64_t RoundQuotient(const BigNumber& number, int64_t divisor, const BinaryFormat& format,
                       absl::Span<uint32_t> scratch) {
  bool zero = true;
  for (size_t i = 0; i < number.digits.size() && zero; ++i) zero = number.digits[i] == 0;
  if (zero) return 0;
  const uint64_t sign = number.negative ? format.sign_bit() : 0;
  if (divisor == 1) return sign | RoundDigits(number.digits, number.exponent, false, format);
  const absl::Span<uint32_t> quotient = scratch.subspan(0, number.digits.size() + kQuotientDigits);
  const bool sticky = Divide(number.digits, static_cast<uint64_t>(divisor), kQuotientDigits, quotient);
  return sign | RoundDigits(quotient, number.exponent - 32 * static_cast<int>(kQuotientDigits), sticky, format);
}

uint64_t RoundQuotient(Int128 dividend, int64_t divisor, const BinaryFormat& format) {
  const auto bits = static_cast<UnsignedInt128>(dividend);
  const UnsignedInt128 magnitude = dividend < 0 ? -bits : bits;
  std::array<uint32_t, 4> digits;
  for (size_t i = 0; i < digits.size(); ++i) digits[i] = static_cast<uint32_t>(magnitude >> (32 * i));
  std::array<uint32_t, digits.size() + kQuotientDigits> scratch;
  return RoundQuotient({.digits = digits, .exponent = 0, .negative = dividend < 0}, divisor, format,
                       absl::MakeSpan(scratch));
}

}  // namespace tensord::compute::internal
