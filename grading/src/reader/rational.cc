#include "grading/src/reader/rational.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace tensord::grading::internal {
namespace {

constexpr size_t kLongestDecimals = 20;

// An integer of GMP for the length of a scope.
struct Scratch {
  Scratch() { mpz_init(value); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { mpz_clear(value); }
  mpz_t value;
};

std::string DecimalText(mpz_srcptr value) {
  std::string text(mpz_sizeinbase(value, 10) + 2, '\0');
  mpz_get_str(text.data(), 10, value);
  text.resize(text.find('\0'));
  return text;
}

// The bits of a magnitude of at most 64.
uint64_t LowBits(mpz_srcptr value) {
  uint64_t bits = 0;
  mpz_export(&bits, nullptr, -1, sizeof bits, 0, 0, value);
  return bits;
}

int64_t Bits(mpz_srcptr value) { return static_cast<int64_t>(mpz_sizeinbase(value, 2)); }

// The decimals that write a positive fraction of this denominator exactly; nothing where none do or they are too many.
std::optional<size_t> ExactDecimals(mpz_srcptr denominator) {
  Scratch rest;
  Scratch factor;
  mpz_set_ui(factor.value, 2);
  const size_t twos = mpz_remove(rest.value, denominator, factor.value);
  mpz_set_ui(factor.value, 5);
  const size_t fives = mpz_remove(rest.value, rest.value, factor.value);
  const size_t decimals = std::max(twos, fives);
  if (mpz_cmp_ui(rest.value, 1) != 0 || decimals > kLongestDecimals) return std::nullopt;
  return decimals;
}

// quotient * 2^exponent, rounded once. The quotient has 61 to 63 bits, or fewer where the exponent is -1076; its last
// bit is set where anything was cut off.
double Rounded(uint64_t quotient, int64_t exponent) {
  // From 2^-1022 on the conversion of the quotient rounds where the format does; below, denormals are multiples of
  // 2^-1074.
  if (quotient >= uint64_t{1} << 54) return std::ldexp(static_cast<double>(quotient), static_cast<int>(exponent));
  uint64_t multiples = quotient >> 2;
  const uint64_t rest = quotient & 3;
  if (rest == 3 || (rest == 2 && (multiples & 1) != 0)) ++multiples;
  return std::ldexp(static_cast<double>(multiples), -1074);
}

}  // namespace

Rational::Rational(int64_t value) : Rational() {
  const bool negative = value < 0;
  const uint64_t magnitude = negative ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  mpz_import(mpq_numref(value_), 1, -1, sizeof magnitude, 0, 0, &magnitude);
  if (negative) mpq_neg(value_, value_);
}

Rational::Rational(const Rational& other) : Rational() { mpq_set(value_, other.value_); }

Rational::Rational(Rational&& other) noexcept : Rational() { mpq_swap(value_, other.value_); }

Rational& Rational::operator=(const Rational& other) {
  if (this != &other) mpq_set(value_, other.value_);
  return *this;
}

Rational& Rational::operator=(Rational&& other) noexcept {
  mpq_swap(value_, other.value_);
  return *this;
}

Rational Rational::FromDecimal(absl::string_view digits, int64_t exponent) {
  Rational result;
  mpz_set_str(mpq_numref(result.value_), std::string(digits).c_str(), 10);
  Scratch scale;
  mpz_ui_pow_ui(scale.value, 10, static_cast<uint64_t>(std::abs(exponent)));
  if (exponent >= 0) {
    mpz_mul(mpq_numref(result.value_), mpq_numref(result.value_), scale.value);
  } else {
    mpz_set(mpq_denref(result.value_), scale.value);
    mpq_canonicalize(result.value_);
  }
  return result;
}

size_t Rational::digits() const {
  return std::max(mpz_sizeinbase(mpq_numref(value_), 10), mpz_sizeinbase(mpq_denref(value_), 10));
}

size_t Rational::whole_bits() const {
  return std::max(mpz_sizeinbase(mpq_numref(value_), 2), mpz_sizeinbase(mpq_denref(value_), 2)) - 1;
}

std::optional<int64_t> Rational::PowerOfTen() const {
  if (sign() <= 0) return std::nullopt;
  const bool below_one = !IsInteger();
  if (below_one && mpz_cmp_ui(mpq_numref(value_), 1) != 0) return std::nullopt;
  Scratch rest;
  Scratch ten;
  mpz_set_ui(ten.value, 10);
  const mpz_srcptr part = below_one ? mpq_denref(value_) : mpq_numref(value_);
  const auto zeros = static_cast<int64_t>(mpz_remove(rest.value, part, ten.value));
  if (mpz_cmp_ui(rest.value, 1) != 0) return std::nullopt;
  return below_one ? -zeros : zeros;
}

std::optional<int64_t> Rational::ToInt64() const {
  const std::optional<analysis::Integer> integer = ToInteger();
  return integer.has_value() ? integer->ToInt64() : std::nullopt;
}

std::optional<analysis::Integer> Rational::ToInteger() const {
  if (!IsInteger() || Bits(mpq_numref(value_)) > 128) return std::nullopt;
  uint64_t halves[2] = {0, 0};
  mpz_export(halves, nullptr, -1, sizeof halves[0], 0, 0, mpq_numref(value_));
  const analysis::Uint128 magnitude = analysis::Uint128{halves[1]} << 64 | halves[0];
  return analysis::Integer::FromMagnitude(magnitude, sign() < 0);
}

double Rational::ToDouble() const {
  if (sign() == 0) return 0;
  const mpz_srcptr denominator = mpq_denref(value_);
  // The value is between 2^(size - 1) and 2^(size + 1), so the quotient has 61 to 63 bits where denormals are far.
  const int64_t size = Bits(mpq_numref(value_)) - Bits(denominator);
  const int64_t exponent = std::max<int64_t>(size - 62, -1076);
  Scratch numerator;
  Scratch divisor;
  mpz_abs(numerator.value, mpq_numref(value_));
  mpz_set(divisor.value, denominator);
  const mpz_ptr shifted = exponent < 0 ? numerator.value : divisor.value;
  mpz_mul_2exp(shifted, shifted, static_cast<uint64_t>(std::abs(exponent)));
  Scratch rest;
  mpz_tdiv_qr(numerator.value, rest.value, numerator.value, divisor.value);
  const uint64_t quotient = LowBits(numerator.value) | (mpz_sgn(rest.value) != 0 ? 1 : 0);
  const double magnitude = Rounded(quotient, exponent);
  return sign() < 0 ? -magnitude : magnitude;
}

std::string Rational::ToString() const {
  if (IsInteger()) return DecimalText(mpq_numref(value_));
  const std::optional<size_t> decimals = ExactDecimals(mpq_denref(value_));
  if (!decimals.has_value()) {
    return absl::StrCat(DecimalText(mpq_numref(value_)), "/", DecimalText(mpq_denref(value_)));
  }
  Scratch scaled;
  mpz_ui_pow_ui(scaled.value, 10, *decimals);
  mpz_mul(scaled.value, scaled.value, mpq_numref(value_));
  mpz_divexact(scaled.value, scaled.value, mpq_denref(value_));
  mpz_abs(scaled.value, scaled.value);
  std::string text = DecimalText(scaled.value);
  if (text.size() <= *decimals) text.insert(0, *decimals + 1 - text.size(), '0');
  text.insert(text.size() - *decimals, 1, '.');
  return absl::StrCat(sign() < 0 ? "-" : "", text);
}

Rational operator+(const Rational& a, const Rational& b) {
  Rational result;
  mpq_add(result.value_, a.value_, b.value_);
  return result;
}

Rational operator-(const Rational& a, const Rational& b) {
  Rational result;
  mpq_sub(result.value_, a.value_, b.value_);
  return result;
}

Rational operator*(const Rational& a, const Rational& b) {
  Rational result;
  mpq_mul(result.value_, a.value_, b.value_);
  return result;
}

Rational operator/(const Rational& a, const Rational& b) {
  Rational result;
  mpq_div(result.value_, a.value_, b.value_);
  return result;
}

Rational operator-(const Rational& a) {
  Rational result;
  mpq_neg(result.value_, a.value_);
  return result;
}

Rational Power(const Rational& a, int64_t exponent) {
  Rational result;
  const auto times = static_cast<uint64_t>(std::abs(exponent));
  mpz_pow_ui(mpq_numref(result.value_), mpq_numref(a.value_), times);
  mpz_pow_ui(mpq_denref(result.value_), mpq_denref(a.value_), times);
  if (exponent < 0) mpq_inv(result.value_, result.value_);
  return result;
}

Rational Floor(const Rational& a) {
  Rational result;
  mpz_fdiv_q(mpq_numref(result.value_), mpq_numref(a.value_), mpq_denref(a.value_));
  return result;
}

}  // namespace tensord::grading::internal
