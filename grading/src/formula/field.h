// The prime field over which formulas are decided: docs/adr/0030-formulas-over-a-prime-field.md.
#ifndef TENSORD_GRADING_SRC_FORMULA_FIELD_H_
#define TENSORD_GRADING_SRC_FORMULA_FIELD_H_

#include <cstdint>

#include "grading/src/formula/arithmetic.h"
#include "grading/src/formula/tree.h"

namespace tensord::grading::formula {

// A prime p = 2q + 1 with q prime, for which every prime below 61 is a square: small positive fractions are squares,
// and -1 is none. The squares but 0 are a group of q elements: exp maps the integers modulo q onto them.
inline constexpr uint64_t kPrime = 2305843009213057079;
inline constexpr uint64_t kExponentPrime = (kPrime - 1) / 2;

struct FieldValue {
  uint64_t value = 0;     // modulo kPrime
  uint64_t exponent = 0;  // the same quantity modulo kExponentPrime: what exp takes
};

class FieldArithmetic {
 public:
  using Value = FieldValue;
  explicit FieldArithmetic(uint64_t seed);

  [[nodiscard]] Value FromFraction(int64_t numerator, int64_t denominator) const;
  [[nodiscard]] Value Add(Value a, Value b) const;
  [[nodiscard]] Value Multiply(Value a, Value b) const;
  [[nodiscard]] Value Negate(Value a) const;
  [[nodiscard]] Outcome<Value> Invert(Value a) const;
  [[nodiscard]] Outcome<Value> Apply(Function function, Value a) const;
  [[nodiscard]] Outcome<Value> Slope(Function function, Value a) const;
  // Greater is having a difference that is a square: an order as far as products go, not sums.
  [[nodiscard]] bool Holds(Comparison comparison, Value a, Value b) const;
  [[nodiscard]] bool Same(Value a, Value b) const { return a.value == b.value; }
  static bool Fits(Value) { return true; }
  [[nodiscard]] static Value Draw(Random* random);

 private:
  [[nodiscard]] Value Exp(Value a) const;
  [[nodiscard]] Value Opaque(uint64_t tag, uint64_t argument, uint64_t value) const;

  uint64_t seed_;
  uint64_t base_;  // what exp(1) is
};

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_FIELD_H_
