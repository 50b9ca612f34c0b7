#include "tests/reference/exact.h"

#include <gmp.h>
#include <mpfr.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace tensord::reference {
namespace {

using compute::DataType;

// Products of doubles reach from 2^-2148 to 2^2048; 2^64 of them may be added. Those of floats, from 2^-298 to 2^256.
constexpr mpfr_prec_t kDigits = 4300;
constexpr mpfr_prec_t kFloatDigits = 640;
// Of norms with powers that have no last digit.
constexpr mpfr_prec_t kNormDigits = 400;

struct Format {
  mpfr_prec_t precision;
  mpfr_exp_t min_exponent;  // of the least normal number, as IEEE 754 counts
  mpfr_exp_t max_exponent;
};

Format FormatOf(DataType type) {
  switch (type) {
    case DataType::kFloat16:
      return {11, -14, 15};
    case DataType::kBfloat16:
      return {8, -126, 127};
    case DataType::kFloat32:
      return {24, -126, 127};
    default:
      return {53, -1022, 1023};
  }
}

// Of MPFR's functions: what came out is exact.
void MustBeExact(int ternary) {
  if (ternary == 0) return;
  std::fprintf(stderr, "the oracle of exact sums has too few digits\n");
  std::abort();
}

// Sets `sum` to the exact sum of squares, or of absolute values.
void SumPowers(const std::vector<double>& values, int p, mpfr_ptr sum) {
  mpfr_t value;
  mpfr_init2(value, 53);
  mpfr_set_zero(sum, 1);
  for (const double each : values) {
    mpfr_set_d(value, each, MPFR_RNDN);
    if (p == 2) {
      MustBeExact(mpfr_fma(sum, value, value, sum, MPFR_RNDN));
    } else {
      mpfr_abs(value, value, MPFR_RNDN);
      MustBeExact(mpfr_add(sum, sum, value, MPFR_RNDN));
    }
  }
  mpfr_clear(value);
}

// Sets `norm` to (sum |value|^p)^(1/p), as near as its digits allow.
void SumRoundedPowers(const std::vector<double>& values, double p, mpfr_ptr norm) {
  mpfr_t power;
  mpfr_t exponent;
  mpfr_inits2(kNormDigits, power, exponent, static_cast<mpfr_ptr>(nullptr));
  mpfr_set_d(exponent, p, MPFR_RNDN);
  mpfr_set_zero(norm, 1);
  for (const double each : values) {
    mpfr_set_d(power, std::fabs(each), MPFR_RNDN);
    mpfr_pow(power, power, exponent, MPFR_RNDN);
    mpfr_add(norm, norm, power, MPFR_RNDN);
  }
  mpfr_ui_div(exponent, 1, exponent, MPFR_RNDN);
  mpfr_pow(norm, norm, exponent, MPFR_RNDN);
  mpfr_clears(power, exponent, static_cast<mpfr_ptr>(nullptr));
}

double RoundTo(DataType type, mpfr_srcptr value) {
  const Format format = FormatOf(type);
  const mpfr_exp_t emin = mpfr_get_emin();
  const mpfr_exp_t emax = mpfr_get_emax();
  // As MPFR's manual emulates IEEE 754: its significands are in [1/2, 1).
  mpfr_set_emin(format.min_exponent - format.precision + 2);
  mpfr_set_emax(format.max_exponent + 1);
  mpfr_t rounded;
  mpfr_init2(rounded, format.precision);
  int ternary = mpfr_set(rounded, value, MPFR_RNDN);
  ternary = mpfr_check_range(rounded, ternary, MPFR_RNDN);
  mpfr_subnormalize(rounded, ternary, MPFR_RNDN);
  mpfr_set_emin(emin);
  mpfr_set_emax(emax);
  const double result = mpfr_get_d(rounded, MPFR_RNDN);
  mpfr_clear(rounded);
  return result;
}

}  // namespace

double ExactDot(DataType type, const std::vector<double>& a, const std::vector<double>& b, int64_t divisor) {
  mpfr_t sum;
  mpfr_t left;
  mpfr_t right;
  const mpfr_prec_t digits = type == DataType::kFloat64 ? kDigits : kFloatDigits;
  mpfr_init2(sum, digits);
  mpfr_init2(left, 53);
  mpfr_init2(right, 53);
  mpfr_set_zero(sum, 1);
  for (size_t i = 0; i < a.size(); ++i) {
    mpfr_set_d(left, a[i], MPFR_RNDN);
    mpfr_set_d(right, b[i], MPFR_RNDN);
    MustBeExact(mpfr_fma(sum, left, right, sum, MPFR_RNDN));
  }
  if (divisor != 1) {
    // Rounded to odd, so that the rounding to the format that follows sees on which side of a tie the quotient lies.
    const int ternary = mpfr_div_si(sum, sum, divisor, MPFR_RNDZ);
    if (ternary != 0 && mpfr_min_prec(sum) < digits) {
      mpfr_sgn(sum) > 0 ? mpfr_nextabove(sum) : mpfr_nextbelow(sum);
    }
  }
  const double result = RoundTo(type, sum);
  mpfr_clears(sum, left, right, static_cast<mpfr_ptr>(nullptr));
  return result;
}

double ExactFractions(DataType type, const Fractions<double>& fractions) {
  mpq_t sum;
  mpq_t term;
  mpq_t divisor;
  mpq_inits(sum, term, divisor, static_cast<mpq_ptr>(nullptr));
  for (size_t i = 0; i < fractions.values.size(); ++i) {
    mpq_set_d(term, fractions.values[i]);
    mpq_set_si(divisor, fractions.divisors[i], 1);
    mpq_div(term, term, divisor);
    mpq_add(sum, sum, term);
  }
  mpfr_t value;
  mpfr_init2(value, kDigits);
  // To odd, as above.
  const int ternary = mpfr_set_q(value, sum, MPFR_RNDZ);
  if (ternary != 0 && mpfr_min_prec(value) < kDigits) {
    mpfr_sgn(value) > 0 ? mpfr_nextabove(value) : mpfr_nextbelow(value);
  }
  const double result = RoundTo(type, value);
  mpfr_clear(value);
  mpq_clears(sum, term, divisor, static_cast<mpq_ptr>(nullptr));
  return result;
}

double ExactNorm(DataType type, const std::vector<double>& values) {
  mpfr_t sum;
  mpfr_init2(sum, kDigits);
  SumPowers(values, 2, sum);
  // Rounded to odd, as a quotient above.
  const int ternary = mpfr_sqrt(sum, sum, MPFR_RNDZ);
  if (ternary != 0 && mpfr_min_prec(sum) < kDigits) mpfr_nextabove(sum);
  const double result = RoundTo(type, sum);
  mpfr_clear(sum);
  return result;
}

double ErrorOfNorm(double y, const std::vector<double>& values, double p) {
  mpfr_t sum;
  if (p == 1 || p == 2) {
    mpfr_init2(sum, kDigits);
    SumPowers(values, static_cast<int>(p), sum);
    if (p == 2) mpfr_sqrt(sum, sum, MPFR_RNDN);
  } else {
    mpfr_init2(sum, kNormDigits);
    SumRoundedPowers(values, p, sum);
  }
  mpfr_sub_d(sum, sum, y, MPFR_RNDN);
  mpfr_abs(sum, sum, MPFR_RNDN);
  const double result = mpfr_get_d(sum, MPFR_RNDU);
  mpfr_clear(sum);
  return result;
}

double ExactScaledInteger(double sum, double a, double b, double c) {
  mpfr_t value;
  mpfr_init2(value, kDigits);
  mpfr_set_d(value, sum, MPFR_RNDN);
  MustBeExact(mpfr_mul_d(value, value, a, MPFR_RNDN));
  MustBeExact(mpfr_mul_d(value, value, b, MPFR_RNDN));
  // To odd, as above.
  const int ternary = mpfr_div_d(value, value, c, MPFR_RNDZ);
  if (ternary != 0 && mpfr_min_prec(value) < kDigits) {
    mpfr_sgn(value) > 0 ? mpfr_nextabove(value) : mpfr_nextbelow(value);
  }
  mpfr_rint(value, value, MPFR_RNDN);
  const double result = mpfr_get_d(value, MPFR_RNDN);
  mpfr_clear(value);
  return result;
}

double ExactRounding(DataType type, double value) {
  mpfr_t exact;
  mpfr_init2(exact, 53);
  mpfr_set_d(exact, value, MPFR_RNDN);
  const double result = RoundTo(type, exact);
  mpfr_clear(exact);
  return result;
}

}  // namespace tensord::reference
