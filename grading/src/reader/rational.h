// Exact fractions: GMP's, as a value type.
#ifndef TENSORD_GRADING_SRC_READER_RATIONAL_H_
#define TENSORD_GRADING_SRC_READER_RATIONAL_H_

#include <gmp.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "tensord/analysis/integer.h"

namespace tensord::grading::internal {

// A fraction in lowest terms. GMP ends the program where memory ends, so whoever computes keeps digits() bounded.
// Threads: a value.
class Rational {
 public:
  Rational() { mpq_init(value_); }  // 0
  explicit Rational(int64_t value);
  Rational(const Rational& other);
  Rational(Rational&& other) noexcept;
  Rational& operator=(const Rational& other);
  Rational& operator=(Rational&& other) noexcept;
  ~Rational() { mpq_clear(value_); }

  // digits * 10^exponent. `digits` must be decimal digits, at least one.
  [[nodiscard]] static Rational FromDecimal(absl::string_view digits, int64_t exponent);

  [[nodiscard]] int sign() const { return mpq_sgn(value_); }
  [[nodiscard]] bool IsInteger() const { return mpz_cmp_ui(mpq_denref(value_), 1) == 0; }
  // At least the decimal digits of the numerator or of the denominator, whichever has more; at most one too many.
  [[nodiscard]] size_t digits() const;
  // n where the larger of numerator and denominator is at least 2^n and less than 2^(n + 1); 0 for 0.
  [[nodiscard]] size_t whole_bits() const;
  // n where the value is 10^n.
  [[nodiscard]] std::optional<int64_t> PowerOfTen() const;

  [[nodiscard]] std::optional<int64_t> ToInt64() const;
  [[nodiscard]] std::optional<analysis::Integer> ToInteger() const;
  // Rounded to nearest, ties to even.
  [[nodiscard]] double ToDouble() const;
  [[nodiscard]] std::string ToString() const;

  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b);
  friend Rational operator*(const Rational& a, const Rational& b);
  // b must not be 0.
  friend Rational operator/(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a);
  // a must not be 0 where `exponent` is negative.
  friend Rational Power(const Rational& a, int64_t exponent);
  friend Rational Floor(const Rational& a);
  friend int Compare(const Rational& a, const Rational& b) { return mpq_cmp(a.value_, b.value_); }

 private:
  mpq_t value_;
};

[[nodiscard]] Rational Power(const Rational& a, int64_t exponent);
[[nodiscard]] Rational Floor(const Rational& a);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_RATIONAL_H_
