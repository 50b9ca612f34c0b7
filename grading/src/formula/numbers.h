// Fractions and doubles, in which counter-examples are evaluated.
#ifndef TENSORD_GRADING_SRC_FORMULA_NUMBERS_H_
#define TENSORD_GRADING_SRC_FORMULA_NUMBERS_H_

#include <cstdint>
#include <string>

#include "grading/src/formula/arithmetic.h"
#include "grading/src/formula/tree.h"
#include "tensord/compute/checked_math.h"

namespace tensord::grading::formula {

// In lowest terms; the denominator is positive. A denominator of 0: too many digits.
struct Fraction {
  compute::Int128 numerator = 0;
  compute::Int128 denominator = 1;
};

class FractionArithmetic {
 public:
  using Value = Fraction;
  [[nodiscard]] Value FromFraction(int64_t numerator, int64_t denominator) const;
  [[nodiscard]] Value Add(const Value& a, const Value& b) const;
  [[nodiscard]] Value Multiply(const Value& a, const Value& b) const;
  [[nodiscard]] Value Negate(const Value& a) const;
  [[nodiscard]] Outcome<Value> Invert(const Value& a) const;
  [[nodiscard]] Outcome<Value> Apply(Function function, const Value& a) const;  // kInexact for exp and its like
  [[nodiscard]] Outcome<Value> Slope(Function function, const Value& a) const;
  [[nodiscard]] bool Holds(Comparison comparison, const Value& a, const Value& b) const;
  // A value of too many digits is the same as none, and is none to be shown.
  [[nodiscard]] bool Same(const Value& a, const Value& b) const;
  static bool Fits(const Value& a) { return a.denominator != 0; }
  static std::string Text(const Value& a);
  static double ToDouble(const Value& a);
};

class RealArithmetic {
 public:
  using Value = double;
  [[nodiscard]] Value FromFraction(int64_t numerator, int64_t denominator) const;
  [[nodiscard]] Value Add(Value a, Value b) const { return a + b; }
  [[nodiscard]] Value Multiply(Value a, Value b) const { return a * b; }
  [[nodiscard]] Value Negate(Value a) const { return -a; }
  [[nodiscard]] Outcome<Value> Invert(Value a) const;
  [[nodiscard]] Outcome<Value> Apply(Function function, Value a) const;
  [[nodiscard]] Outcome<Value> Slope(Function function, Value a) const;
  [[nodiscard]] bool Holds(Comparison comparison, Value a, Value b) const;
  // Within 1e-9 of the larger one, or of 1 where both are smaller.
  [[nodiscard]] bool Same(Value a, Value b) const;
  static bool Fits(Value a);
  static std::string Text(Value a);
  static double ToDouble(Value a) { return a; }
};

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_NUMBERS_H_
