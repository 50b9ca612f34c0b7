#include "tensord/grading/number.h"

#include <cmath>
#include <limits>
#include <utility>

#include "grading/src/reader/rational.h"

namespace tensord::grading {

using internal::Rational;

Number::Number(int64_t value) : Number(Rational(value)) {}

Number::Number(Rational value) : value_(std::make_shared<const Rational>(std::move(value))) {}

Number Number::NotANumber() { return Number(Kind::kNotANumber); }

Number Number::Infinity(bool negative) { return Number(negative ? Kind::kNegativeInfinity : Kind::kInfinity); }

const Rational& Number::rational() const {
  static const Rational* const kZero = new Rational();
  return value_ == nullptr ? *kZero : *value_;
}

bool Number::IsInteger() const { return IsFinite() && rational().IsInteger(); }

int Number::sign() const {
  switch (kind_) {
    case Kind::kFinite:
      return rational().sign();
    case Kind::kInfinity:
      return 1;
    case Kind::kNegativeInfinity:
      return -1;
    case Kind::kNotANumber:
      break;
  }
  return 0;
}

std::optional<int64_t> Number::ToInt64() const { return IsFinite() ? rational().ToInt64() : std::nullopt; }

std::optional<analysis::Integer> Number::ToInteger() const {
  return IsFinite() ? rational().ToInteger() : std::nullopt;
}

double Number::ToDouble() const {
  if (IsFinite()) return rational().ToDouble();
  if (IsNotANumber()) return std::numeric_limits<double>::quiet_NaN();
  return std::copysign(std::numeric_limits<double>::infinity(), sign());
}

std::string Number::ToString() const {
  if (IsFinite()) return rational().ToString();
  if (IsNotANumber()) return "nan";
  return sign() < 0 ? "-inf" : "inf";
}

std::partial_ordering operator<=>(const Number& a, const Number& b) {
  if (a.IsNotANumber() || b.IsNotANumber()) return std::partial_ordering::unordered;
  if (a.IsFinite() && b.IsFinite()) return Compare(a.rational(), b.rational()) <=> 0;
  if (a.kind_ == b.kind_) return std::partial_ordering::equivalent;
  // An infinity is beyond everything on its side.
  return a.IsFinite() ? 0 <=> b.sign() : a.sign() <=> (b.IsFinite() ? 0 : b.sign());
}

}  // namespace tensord::grading
