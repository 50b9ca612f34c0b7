// Formulas as straight-line programs on integers.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_PROGRAM_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_PROGRAM_H_

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "absl/types/span.h"
#include "grading/src/shape_formula/int128.h"

namespace tensord::grading::shapes {

enum class Op {
  kConstant,
  kVariable,
  kAdd,
  kSubtract,
  kMultiply,
  kFloorDivide,  // floor(first/second), second read as 1 where it is below 1: a guard tells of that
  kMin,
  kMax,
  kAtLeast,  // 1 where first >= second, else 0
};

struct Instruction {
  Op op = Op::kConstant;
  int first = -1;  // a variable's number, or places of operands, which stand before
  int second = -1;
  Int128 constant = 0;
};

// From least to most, each unbounded where there is none.
struct Interval {
  std::optional<Int128> least;
  std::optional<Int128> most;
};

// Instructions in order, each once however often it is asked for; constants are folded. A place is the number of an
// instruction; -1, which every function passes on, says that there are too many of them.
class Program {
 public:
  static constexpr size_t kMaxInstructions = 20000;

  explicit Program(std::vector<Interval> ranges) : ranges_(std::move(ranges)) {}

  int Constant(Int128 value) { return Push({.op = Op::kConstant, .constant = value}, {.least = value, .most = value}); }
  int Variable(int variable) {
    return Push({.op = Op::kVariable, .first = variable}, ranges_[static_cast<size_t>(variable)]);
  }
  int Add(int a, int b);
  int Subtract(int a, int b);
  int Multiply(int a, int b);
  int FloorDivide(int a, int b);
  int Min(int a, int b);
  int Max(int a, int b);
  int AtLeast(int a, int b);

  [[nodiscard]] const std::vector<Instruction>& instructions() const { return instructions_; }
  [[nodiscard]] const std::vector<Interval>& ranges() const { return ranges_; }
  // What the value lies within on the variables' ranges, as far as it is evident.
  // A copy: where the next value is made, the others may move.
  [[nodiscard]] Interval interval(int place) const { return intervals_[static_cast<size_t>(place)]; }
  [[nodiscard]] std::optional<Int128> constant(int place) const;

 private:
  using Key = std::tuple<Op, int, int, Int128>;

  int Push(const Instruction& instruction, const Interval& interval);

  std::vector<Interval> ranges_;
  std::vector<Instruction> instructions_;
  std::vector<Interval> intervals_;
  std::map<Key, int> places_;
};

// Values of all instructions, exactly.
// Returns nothing where a value does not fit into 127 bits and a sign.
[[nodiscard]] std::optional<std::vector<Int128>> Evaluate(absl::Span<const Instruction> instructions,
                                                          const std::vector<int64_t>& variables);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_PROGRAM_H_
