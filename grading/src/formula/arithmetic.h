// What the three arithmetics have in common in which formulas are evaluated: a prime field, fractions and doubles.
//
// Each has a type Value and the operations FromFraction, Add, Multiply, Negate, Invert, Apply (a function of one
// value), Slope (its derivative), Holds (a comparison), Same (whether two results count as equal) and Fits (whether it
// is a number at all).
#ifndef TENSORD_GRADING_SRC_FORMULA_ARITHMETIC_H_
#define TENSORD_GRADING_SRC_FORMULA_ARITHMETIC_H_

#include <cstdint>

namespace tensord::grading::formula {

enum class State {
  kOk,
  kOutside,    // reads a tensor outside its shape, in a sum that leaves such terms out
  kForbidden,  // reads a tensor outside its shape
  kUndefined,  // divides by zero, or is the root or logarithm of what has none
  kInexact,    // not a fraction, or one of too many digits
  kTooMuch,    // over the bound on work
};

template <typename Value>
struct Outcome {
  State state = State::kOk;
  Value value = {};
  [[nodiscard]] bool ok() const { return state == State::kOk; }
};

// The numbers that the seed of a question leads to: SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() { return Mix(state_ += 0x9E3779B97F4A7C15); }
  // Between 0 and bound - 1; the bias of the remainder is below bound / 2^64.
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  static uint64_t Mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
  }

 private:
  uint64_t state_;
};

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_ARITHMETIC_H_
