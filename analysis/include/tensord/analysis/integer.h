// Exact integers of 128 bits and a sign, that tell when they overflow.
#ifndef TENSORD_ANALYSIS_INTEGER_H_
#define TENSORD_ANALYSIS_INTEGER_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace tensord::analysis {

__extension__ typedef unsigned __int128 Uint128;

// An integer from -(2^128 - 1) to 2^128 - 1: a count has 128 bits, and differences of counts have a sign besides.
// Threads: a value.
class Integer {
 public:
  constexpr Integer() = default;
  constexpr Integer(int64_t value)  // NOLINT(google-explicit-constructor): every int64_t is an Integer.
      : negative_(value < 0),
        magnitude_(value < 0 ? Uint128{0} - static_cast<Uint128>(value) : static_cast<Uint128>(value)) {}
  [[nodiscard]] static constexpr Integer FromMagnitude(Uint128 magnitude, bool negative = false) {
    Integer result;
    result.magnitude_ = magnitude;
    result.negative_ = negative && magnitude != 0;
    return result;
  }
  // 2^128 - 1.
  [[nodiscard]] static constexpr Integer Largest() { return FromMagnitude(~Uint128{0}); }

  [[nodiscard]] constexpr bool negative() const { return negative_; }
  [[nodiscard]] constexpr bool zero() const { return magnitude_ == 0; }
  [[nodiscard]] constexpr Uint128 magnitude() const { return magnitude_; }
  [[nodiscard]] constexpr Integer operator-() const { return FromMagnitude(magnitude_, !negative_); }

  // The value as int64_t, or nothing where it does not fit.
  [[nodiscard]] std::optional<int64_t> ToInt64() const;
  // Decimal digits, with a "-" in front of a negative one.
  [[nodiscard]] std::string ToString() const;

  bool operator==(const Integer&) const = default;
  std::strong_ordering operator<=>(const Integer& other) const;

 private:
  bool negative_ = false;  // never for 0
  Uint128 magnitude_ = 0;
};

// a + b, a - b, a * b, or nothing where the result does not fit.
[[nodiscard]] std::optional<Integer> Add(const Integer& a, const Integer& b);
[[nodiscard]] std::optional<Integer> Subtract(const Integer& a, const Integer& b);
[[nodiscard]] std::optional<Integer> Multiply(const Integer& a, const Integer& b);

// floor(a / b) and ceil(a / b) for b > 0.
[[nodiscard]] Integer FloorDivide(const Integer& a, const Integer& b);
[[nodiscard]] Integer CeilDivide(const Integer& a, const Integer& b);

// The greatest common divisor of |a| and |b|; that of 0 and 0 is 0.
[[nodiscard]] Integer GreatestCommonDivisor(const Integer& a, const Integer& b);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_INTEGER_H_
