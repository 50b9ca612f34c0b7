// Exact numbers as students write them.
#ifndef TENSORD_GRADING_NUMBER_H_
#define TENSORD_GRADING_NUMBER_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tensord/analysis/integer.h"

namespace tensord::grading {

namespace internal {
class Rational;
}  // namespace internal

// An exact fraction, an infinity, or not a number.
//
// Order:   partial, as that of IEEE 754: not-a-number is unordered, and equal to nothing.
// Owns:    immutable; copies share the digits. Threads: safe to read concurrently.
class Number {
 public:
  Number() = default;     // 0
  Number(int64_t value);  // NOLINT(google-explicit-constructor): every int64_t is a number.
  explicit Number(internal::Rational value);
  [[nodiscard]] static Number NotANumber();
  [[nodiscard]] static Number Infinity(bool negative);

  [[nodiscard]] bool IsFinite() const { return kind_ == Kind::kFinite; }
  [[nodiscard]] bool IsNotANumber() const { return kind_ == Kind::kNotANumber; }
  // Finite, and no fraction is left: 6/2 is an integer.
  [[nodiscard]] bool IsInteger() const;
  // -1, 0 or 1; 0 for not-a-number.
  [[nodiscard]] int sign() const;

  // The value, where it is an integer that fits.
  [[nodiscard]] std::optional<int64_t> ToInt64() const;
  // The value, where it is an integer of at most 128 bits and a sign; nothing where it is too large.
  [[nodiscard]] std::optional<analysis::Integer> ToInteger() const;
  // Rounded once, to nearest, ties to even; beyond the largest float64 it is an infinity.
  [[nodiscard]] double ToDouble() const;
  // "1810", "-0.375" where at most 20 decimals are exact, else "1/3"; "nan", "inf", "-inf". All digits.
  [[nodiscard]] std::string ToString() const;

  // The fraction, for grading's own code. Must be finite.
  [[nodiscard]] const internal::Rational& rational() const;

  friend bool operator==(const Number& a, const Number& b) { return (a <=> b) == 0; }
  friend std::partial_ordering operator<=>(const Number& a, const Number& b);

 private:
  enum class Kind { kFinite, kNotANumber, kInfinity, kNegativeInfinity };
  explicit Number(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::kFinite;
  std::shared_ptr<const internal::Rational> value_;  // none for 0
};

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_NUMBER_H_
