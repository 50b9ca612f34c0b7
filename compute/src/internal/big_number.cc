#include "compute/src/internal/big_number.h"

#include <array>
#include <bit>

namespace tensord::compute::internal {
namespace {

__extension__ using UnsignedInt128 = unsigned __int128;

// number.digits / divisor as digits of 32 bits, kQuotientDigits of them behind the dividend's point. Returns whether
// something is left over.
bool Divide(absl::Span<const uint32_t> digits, uint64_t divisor, absl::Span<uint32_t> quotient) {
  UnsignedInt128 rest = 0;
  for (size_t i = digits.size() + kQuotientDigits; i-- > 0;) {
    rest = (rest << 32) | (i >= kQuotientDigits ? digits[i - kQuotientDigits] : 0);
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

}  // namespace

uint64_t RoundQuotient(const BigNumber& number, int64_t divisor, const BinaryFormat& format,
                       absl::Span<uint32_t> scratch) {
  bool zero = true;
  for (size_t i = 0; i < number.digits.size() && zero; ++i) zero = number.digits[i] == 0;
  if (zero) return 0;
  const uint64_t sign = number.negative ? format.sign_bit() : 0;
  if (divisor == 1) return sign | RoundDigits(number.digits, number.exponent, false, format);
  const absl::Span<uint32_t> quotient = scratch.subspan(0, number.digits.size() + kQuotientDigits);
  const bool sticky = Divide(number.digits, static_cast<uint64_t>(divisor), quotient);
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
