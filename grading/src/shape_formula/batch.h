// Many points at once.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_BATCH_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_BATCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "grading/src/shape_formula/comparison.h"

namespace tensord::grading::shapes {

// Compares kLanes points at a time, in 64 bits where no value on the certified box needs more, else as CompareAt().
// Threads: not to be shared.
class BatchComparer {
 public:
  static constexpr size_t kLanes = 256;
  using Column = std::array<int64_t, kLanes>;

  explicit BatchComparer(const Comparison& comparison);

  // Where the points are from now on, for every variable. Points outside give nonsense.
  void Certify(const std::vector<int64_t>& least, const std::vector<int64_t>& most);

  // What a point costs, in instructions of 64 bits.
  [[nodiscard]] uint64_t PointCost() const;

  // The values of a variable at the points.
  [[nodiscard]] Column& column(int variable) { return variables_[static_cast<size_t>(variable)]; }

  struct Result {
    std::optional<size_t> different;  // the first lane
    std::optional<size_t> overflow;   // the first lane before that whose values do not fit
  };
  // Compares the first `count` points.
  [[nodiscard]] Result Run(size_t count);

 private:
  struct Bounds {
    Int128 least = 0;
    Int128 most = 0;
  };
  [[nodiscard]] static std::optional<Bounds> BoundsOf(const Instruction& instruction, const Bounds& a, const Bounds& b);
  // Closer bounds of d*floor(a/d) and a - d*floor(a/d), which together bound neither.
  [[nodiscard]] std::optional<Bounds> RemainderBounds(size_t place, const std::vector<Bounds>& bounds) const;
  void Execute(size_t place, size_t count);
  [[nodiscard]] Result RunExactly(size_t count);

  const Comparison& comparison_;
  std::vector<Column> variables_;
  std::vector<Column> values_;  // one for each instruction
  std::vector<bool> narrow_;    // whether a quotient's operands fit into 32 bits
  bool fits_ = false;
};

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_BATCH_H_
