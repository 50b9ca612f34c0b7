#include "tensord/analysis/integer.h"

#include <algorithm>
#include <limits>

namespace tensord::analysis {

std::optional<int64_t> Integer::ToInt64() const {
  constexpr auto kMax = static_cast<Uint128>(std::numeric_limits<int64_t>::max());
  if (magnitude_ <= kMax) {
    const auto value = static_cast<int64_t>(magnitude_);
    return negative_ ? -value : value;
  }
  if (negative_ && magnitude_ == kMax + 1) return std::numeric_limits<int64_t>::min();
  return std::nullopt;
}

std::string Integer::ToString() const {
  std::string digits;
  Uint128 rest = magnitude_;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (negative_) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::strong_ordering Integer::operator<=>(const Integer& other) const {
  if (negative_ != other.negative_) return negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  if (magnitude_ == other.magnitude_) return std::strong_ordering::equal;
  const bool less = (magnitude_ < other.magnitude_) != negative_;
  return less ? std::strong_ordering::less : std::strong_ordering::greater;
}

std::optional<Integer> Add(const Integer& a, const Integer& b) {
  if (a.negative() == b.negative()) {
    Uint128 sum;
    if (__builtin_add_overflow(a.magnitude(), b.magnitude(), &sum)) return std::nullopt;
    return Integer::FromMagnitude(sum, a.negative());
  }
  if (a.magnitude() >= b.magnitude()) return Integer::FromMagnitude(a.magnitude() - b.magnitude(), a.negative());
  return Integer::FromMagnitude(b.magnitude() - a.magnitude(), b.negative());
}

std::optional<Integer> Subtract(const Integer& a, const Integer& b) { return Add(a, -b); }

std::optional<Integer> Multiply(const Integer& a, const Integer& b) {
  Uint128 product;
  if (__builtin_mul_overflow(a.magnitude(), b.magnitude(), &product)) return std::nullopt;
  return Integer::FromMagnitude(product, a.negative() != b.negative());
}

Integer FloorDivide(const Integer& a, const Integer& b) {
  const Uint128 quotient = a.magnitude() / b.magnitude();
  const bool exact = a.magnitude() % b.magnitude() == 0;
  // The quotient's magnitude grows by one only where there is a remainder, so where b > 1: it fits.
  return Integer::FromMagnitude(a.negative() && !exact ? quotient + 1 : quotient, a.negative());
}

Integer CeilDivide(const Integer& a, const Integer& b) { return -FloorDivide(-a, b); }

Integer GreatestCommonDivisor(const Integer& a, const Integer& b) {
  Uint128 x = a.magnitude();
  Uint128 y = b.magnitude();
  while (y != 0) {
    const Uint128 remainder = x % y;
    x = y;
    y = remainder;
  }
  return Integer::FromMagnitude(x);
}

}  // namespace tensord::analysis
