// Functions and their derivatives in terms of a few of them, the same in every arithmetic.
#ifndef TENSORD_GRADING_SRC_FORMULA_SLOPES_H_
#define TENSORD_GRADING_SRC_FORMULA_SLOPES_H_

#include "grading/src/formula/arithmetic.h"
#include "grading/src/formula/tree.h"

namespace tensord::grading::formula {

// The derivative of `function` at `a`; of kinks the derivative is 0 there, as docs/adr/0005 has it for relu.
template <typename Arithmetic, typename Value = typename Arithmetic::Value>
Outcome<Value> SlopeOf(const Arithmetic& arithmetic, Function function, Value a) {
  const Value zero = arithmetic.FromFraction(0, 1);
  const Value one = arithmetic.FromFraction(1, 1);
  const auto minus = [&](Value x, Value y) { return arithmetic.Add(x, arithmetic.Negate(y)); };
  switch (function) {
    case Function::kExp:
      return arithmetic.Apply(function, a);
    case Function::kLog:
      return arithmetic.Invert(a);
    case Function::kSigmoid:
      return arithmetic.Apply(Function::kSigmoidSlope, a);
    case Function::kTanh:
      return arithmetic.Apply(Function::kTanhSlope, a);
    case Function::kSqrt: {
      const Outcome<Value> root = arithmetic.Apply(function, a);
      return root.ok() ? arithmetic.Invert(arithmetic.Add(root.value, root.value)) : root;
    }
    case Function::kRelu:
      return arithmetic.Apply(Function::kReluSlope, a);
    case Function::kAbs:
      return arithmetic.Apply(Function::kSign, a);
    case Function::kSigmoidSlope: {  // s' (1 - 2s)
      const Outcome<Value> s = arithmetic.Apply(Function::kSigmoid, a);
      const Outcome<Value> slope = arithmetic.Apply(function, a);
      if (!s.ok() || !slope.ok()) return s.ok() ? slope : s;
      return {State::kOk, arithmetic.Multiply(slope.value, minus(one, arithmetic.Add(s.value, s.value)))};
    }
    case Function::kTanhSlope: {  // -2 t t'
      const Outcome<Value> t = arithmetic.Apply(Function::kTanh, a);
      const Outcome<Value> slope = arithmetic.Apply(function, a);
      if (!t.ok() || !slope.ok()) return t.ok() ? slope : t;
      return {State::kOk, minus(zero, arithmetic.Multiply(slope.value, arithmetic.Add(t.value, t.value)))};
    }
    case Function::kSign:
    case Function::kReluSlope:
    case Function::kMax:
    case Function::kMin:
      break;
  }
  return {State::kOk, zero};
}

// relu, abs, sign and relu' by comparisons with 0.
template <typename Arithmetic, typename Value = typename Arithmetic::Value>
Value PiecewiseOf(const Arithmetic& arithmetic, Function function, Value a) {
  const Value zero = arithmetic.FromFraction(0, 1);
  const bool positive = arithmetic.Holds(Comparison::kGreater, a, zero);
  const bool negative = arithmetic.Holds(Comparison::kLess, a, zero);
  switch (function) {
    case Function::kRelu:
      return positive ? a : zero;
    case Function::kAbs:
      return negative ? arithmetic.Negate(a) : a;
    case Function::kSign:
      return arithmetic.FromFraction(positive ? 1 : negative ? -1 : 0, 1);
    default:
      return arithmetic.FromFraction(positive ? 1 : 0, 1);
  }
}

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_SLOPES_H_
