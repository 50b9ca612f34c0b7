// Looks for the smallest point at which two formulas differ.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_SEARCH_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_SEARCH_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "grading/src/shape_formula/batch.h"
#include "grading/src/shape_formula/comparison.h"

namespace tensord::grading::shapes {

// Goes through the domain by the sum of the variables and, for one sum, in lexicographic order.
class SmallestFirst {
 public:
  explicit SmallestFirst(const Comparison& comparison);

  // Goes on until a point differs, the domain ends, about `work` instructions have been executed - one beyond 64 bits
  // counts as several - or all points with a sum of at most `last_sum` have been looked at.
  void Run(uint64_t work, std::optional<int64_t> last_sum = std::nullopt);

  // The first point that differs, of all variables.
  [[nodiscard]] const std::optional<std::vector<int64_t>>& different() const { return different_; }
  // The first point whose values do not fit.
  [[nodiscard]] const std::optional<std::vector<int64_t>>& overflow() const { return overflow_; }
  // Whether the whole domain has been looked at.
  [[nodiscard]] bool finished() const { return finished_; }
  // Every point whose relevant variables have at most this sum has been looked at.
  [[nodiscard]] int64_t looked_at_sum() const { return least_sum_ + shell_ - 1; }
  [[nodiscard]] uint64_t point_count() const { return point_count_; }

 private:
  void BeginShell();
  // The next point of the shell: false after the last.
  bool Next();
  // Gives variables from `begin` on the lexicographically least offsets with that sum.
  void Fill(size_t begin, int64_t sum);
  void CertifyUpTo(int64_t shell);
  void Flush();

  const Comparison& comparison_;
  BatchComparer batch_;
  std::vector<int64_t> most_;     // the largest offset from the least value, of each relevant variable
  std::vector<int64_t> offsets_;  // likewise
  int64_t least_sum_ = 0;         // of the relevant variables
  int64_t widest_ = 0;            // the largest sum of offsets
  int64_t shell_ = 0;             // the sum of offsets
  int64_t certified_ = -1;
  bool in_shell_ = false;
  size_t lane_count_ = 0;
  uint64_t point_count_ = 0;
  uint64_t work_ = 0;
  bool finished_ = false;
  std::optional<std::vector<int64_t>> different_;
  std::optional<std::vector<int64_t>> overflow_;
};

// Points far from the origin: products of values that formulas tend to change at. `found` may not be the smallest.
struct FarSearch {
  std::optional<std::vector<int64_t>> different;
  std::optional<std::vector<int64_t>> overflow;
  uint64_t point_count = 0;
};
[[nodiscard]] FarSearch SearchFar(const Comparison& comparison);

// A point that differs, with variables as small as a walk downwards from `point` finds them.
[[nodiscard]] std::vector<int64_t> Descend(const Comparison& comparison, std::vector<int64_t> point);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_SEARCH_H_
