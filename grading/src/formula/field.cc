#include "grading/src/formula/field.h"

#include "grading/src/formula/slopes.h"
#include "tensord/compute/checked_math.h"

namespace tensord::grading::formula {
namespace {

uint64_t MultiplyModulo(uint64_t a, uint64_t b, uint64_t modulus) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>(static_cast<Wide>(a) * b % modulus);
}

uint64_t PowerModulo(uint64_t base, uint64_t exponent, uint64_t modulus) {
  uint64_t power = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) power = MultiplyModulo(power, base, modulus);
    base = MultiplyModulo(base, base, modulus);
  }
  return power;
}

// Inverts a number that is not 0, by Fermat's theorem.
uint64_t InvertModulo(uint64_t a, uint64_t prime) { return PowerModulo(a, prime - 2, prime); }

uint64_t AddModulo(uint64_t a, uint64_t b, uint64_t modulus) {
  return (a + b) % modulus;
}  // Both moduli are below 2^62.

uint64_t FractionModulo(int64_t numerator, int64_t denominator, uint64_t prime) {
  const auto signed_prime = static_cast<int64_t>(prime);
  const auto above = static_cast<uint64_t>((numerator % signed_prime + signed_prime) % signed_prime);
  if (denominator == 1) return above;
  return MultiplyModulo(above, InvertModulo(static_cast<uint64_t>(denominator % signed_prime), prime), prime);
}

// 1 for squares, -1 for others, 0 for 0 (Euler's criterion).
int Sign(uint64_t a) {
  if (a == 0) return 0;
  return PowerModulo(a, kExponentPrime, kPrime) == 1 ? 1 : -1;
}

}  // namespace

// A square of what is neither 0, 1 nor -1 generates the squares, as they are of prime number.
FieldArithmetic::FieldArithmetic(uint64_t seed) : seed_(seed) {
  const uint64_t root = 2 + Random::Mix(seed) % (kPrime - 3);
  base_ = MultiplyModulo(root, root, kPrime);
}

FieldValue FieldArithmetic::FromFraction(int64_t numerator, int64_t denominator) const {
  return {FractionModulo(numerator, denominator, kPrime), FractionModulo(numerator, denominator, kExponentPrime)};
}

FieldValue FieldArithmetic::Add(Value a, Value b) const {
  return {AddModulo(a.value, b.value, kPrime), AddModulo(a.exponent, b.exponent, kExponentPrime)};
}

FieldValue FieldArithmetic::Multiply(Value a, Value b) const {
  return {MultiplyModulo(a.value, b.value, kPrime), MultiplyModulo(a.exponent, b.exponent, kExponentPrime)};
}

FieldValue FieldArithmetic::Negate(Value a) const {
  return {a.value == 0 ? 0 : kPrime - a.value, a.exponent == 0 ? 0 : kExponentPrime - a.exponent};
}

Outcome<FieldValue> FieldArithmetic::Invert(Value a) const {
  if (a.value == 0 || a.exponent == 0) return {State::kUndefined, {}};
  return {State::kOk, {InvertModulo(a.value, kPrime), InvertModulo(a.exponent, kExponentPrime)}};
}

// A random function of an argument: its value modulo q, and modulo p where that is not known.
FieldValue FieldArithmetic::Opaque(uint64_t tag, uint64_t argument, uint64_t value) const {
  const uint64_t hash = Random::Mix(Random::Mix(argument ^ seed_) + tag);
  return {value, Random::Mix(hash) % kExponentPrime};
}

FieldValue FieldArithmetic::Exp(Value a) const { return Opaque(1, a.exponent, PowerModulo(base_, a.exponent, kPrime)); }

Outcome<FieldValue> FieldArithmetic::Apply(Function function, Value a) const {
  const Value one = FromFraction(1, 1);
  switch (function) {
    case Function::kExp:
      return {State::kOk, Exp(a)};
    case Function::kSigmoid: {  // e/(1+e)
      const Value e = Exp(a);
      const Outcome<Value> inverse = Invert(Add(one, e));
      return {inverse.state, Multiply(e, inverse.value)};
    }
    case Function::kTanh: {  // (e^2-1)/(e^2+1)
      const Value square = Multiply(Exp(a), Exp(a));
      const Outcome<Value> inverse = Invert(Add(square, one));
      return {inverse.state, Multiply(Add(square, Negate(one)), inverse.value)};
    }
    case Function::kSigmoidSlope: {
      const Outcome<Value> s = Apply(Function::kSigmoid, a);
      return {s.state, Multiply(s.value, Add(one, Negate(s.value)))};
    }
    case Function::kTanhSlope: {
      const Outcome<Value> t = Apply(Function::kTanh, a);
      return {t.state, Add(one, Negate(Multiply(t.value, t.value)))};
    }
    case Function::kLog:
      if (a.value == 0) return {State::kUndefined, {}};
      return {State::kOk, Opaque(2, a.value, Random::Mix(Random::Mix(a.value + 3) ^ seed_) % kPrime)};
    case Function::kSqrt:  // of a square its root that is a square; p is 3 modulo 4
      return {State::kOk, Opaque(4, a.value, PowerModulo(a.value, (kPrime + 1) / 4, kPrime))};
    default:
      return {State::kOk, PiecewiseOf(*this, function, a)};
  }
}

Outcome<FieldValue> FieldArithmetic::Slope(Function function, Value a) const { return SlopeOf(*this, function, a); }

bool FieldArithmetic::Holds(Comparison comparison, Value a, Value b) const {
  const int sign = Sign(AddModulo(a.value, kPrime - b.value, kPrime));
  switch (comparison) {
    case Comparison::kLess:
      return sign < 0;
    case Comparison::kLessOrEqual:
      return sign <= 0;
    case Comparison::kGreater:
      return sign > 0;
    case Comparison::kGreaterOrEqual:
      return sign >= 0;
    case Comparison::kEqual:
      return sign == 0;
    case Comparison::kNotEqual:
      return sign != 0;
  }
  return false;
}

FieldValue FieldArithmetic::Draw(Random* random) {
  const uint64_t value = random->Below(kPrime);
  return {value, random->Below(kExponentPrime)};
}

}  // namespace tensord::grading::formula
