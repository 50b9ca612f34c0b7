#include "grading/src/formula/numbers.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "grading/src/formula/slopes.h"

namespace tensord::grading::formula {
namespace {

using Int = compute::Int128;
constexpr Fraction kTooLong = {0, 0};
// Numerators and denominators stay below this, so that the product of two fits.
constexpr Int kBound = Int{1} << 62;

Fraction Reduced(Int numerator, Int denominator) {
  Int a = numerator < 0 ? -numerator : numerator;
  Int b = denominator;
  while (b != 0) a = std::exchange(b, a % b);
  if (a != 0) {
    numerator /= a;
    denominator /= a;
  }
  const bool fits = numerator < kBound && numerator > -kBound && denominator < kBound;
  return fits ? Fraction{numerator, denominator} : kTooLong;
}

template <typename Value>
bool HoldsFor(Comparison comparison, const Value& difference) {
  switch (comparison) {
    case Comparison::kLess:
      return difference < 0;
    case Comparison::kLessOrEqual:
      return difference <= 0;
    case Comparison::kGreater:
      return difference > 0;
    case Comparison::kGreaterOrEqual:
      return difference >= 0;
    case Comparison::kEqual:
      return difference == 0;
    case Comparison::kNotEqual:
      return difference != 0;
  }
  return false;
}

Outcome<double> Finite(double value) {
  if (!std::isfinite(value)) return {State::kUndefined, 0};
  return {State::kOk, value};
}

}  // namespace

Fraction FractionArithmetic::FromFraction(int64_t numerator, int64_t denominator) const {
  return Reduced(numerator, denominator);
}

Fraction FractionArithmetic::Add(const Value& a, const Value& b) const {
  if (!Fits(a) || !Fits(b)) return kTooLong;
  return Reduced(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

Fraction FractionArithmetic::Multiply(const Value& a, const Value& b) const {
  if (!Fits(a) || !Fits(b)) return kTooLong;
  return Reduced(a.numerator * b.numerator, a.denominator * b.denominator);
}

Fraction FractionArithmetic::Negate(const Value& a) const { return {-a.numerator, a.denominator}; }

Outcome<Fraction> FractionArithmetic::Invert(const Value& a) const {
  if (!Fits(a)) return {State::kInexact, {}};
  if (a.numerator == 0) return {State::kUndefined, {}};
  if (a.numerator < 0) return {State::kOk, {-a.denominator, -a.numerator}};
  return {State::kOk, {a.denominator, a.numerator}};
}

Outcome<Fraction> FractionArithmetic::Apply(Function function, const Value& a) const {
  switch (function) {
    case Function::kRelu:
    case Function::kAbs:
    case Function::kSign:
    case Function::kReluSlope:
      if (!Fits(a)) return {State::kInexact, {}};
      return {State::kOk, PiecewiseOf(*this, function, a)};
    default:
      return {State::kInexact, {}};
  }
}

Outcome<Fraction> FractionArithmetic::Slope(Function function, const Value& a) const {
  return SlopeOf(*this, function, a);
}

bool FractionArithmetic::Holds(Comparison comparison, const Value& a, const Value& b) const {
  return HoldsFor(comparison, a.numerator * b.denominator - b.numerator * a.denominator);
}

bool FractionArithmetic::Same(const Value& a, const Value& b) const {
  return a.numerator == b.numerator && a.denominator == b.denominator;
}

std::string FractionArithmetic::Text(const Value& a) {
  const std::string above = absl::StrCat(static_cast<int64_t>(a.numerator));
  return a.denominator == 1 ? above : absl::StrCat(above, "/", static_cast<int64_t>(a.denominator));
}

double FractionArithmetic::ToDouble(const Value& a) {
  return static_cast<double>(a.numerator) / static_cast<double>(a.denominator);
}

double RealArithmetic::FromFraction(int64_t numerator, int64_t denominator) const {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

Outcome<double> RealArithmetic::Invert(Value a) const { return Finite(1 / a); }

Outcome<double> RealArithmetic::Apply(Function function, Value a) const {
  switch (function) {
    case Function::kExp:
      return Finite(std::exp(a));
    case Function::kLog:
      return Finite(std::log(a));
    case Function::kSigmoid:
      return Finite(1 / (1 + std::exp(-a)));
    case Function::kTanh:
      return Finite(std::tanh(a));
    case Function::kSqrt:
      return Finite(std::sqrt(a));
    case Function::kSigmoidSlope: {
      const double s = 1 / (1 + std::exp(-a));
      return Finite(s * (1 - s));
    }
    case Function::kTanhSlope:
      return Finite(1 - std::tanh(a) * std::tanh(a));
    default:
      return Finite(PiecewiseOf(*this, function, a));
  }
}

Outcome<double> RealArithmetic::Slope(Function function, Value a) const { return SlopeOf(*this, function, a); }

bool RealArithmetic::Holds(Comparison comparison, Value a, Value b) const { return HoldsFor(comparison, a - b); }

bool RealArithmetic::Same(Value a, Value b) const {
  return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

bool RealArithmetic::Fits(Value a) { return std::isfinite(a); }

std::string RealArithmetic::Text(Value a) { return absl::StrFormat("%.17g", a); }

}  // namespace tensord::grading::formula
