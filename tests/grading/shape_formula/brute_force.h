// The smallest counter-example, by looking at every point.
#ifndef TENSORD_TESTS_GRADING_SHAPE_FORMULA_BRUTE_FORCE_H_
#define TENSORD_TESTS_GRADING_SHAPE_FORMULA_BRUTE_FORCE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tensord/grading/shape_formula.h"
#include "tests/grading/shape_formula/slow_formula.h"

namespace tensord::grading {

using PointFilter = std::function<bool(const Point&)>;

struct BruteForceDomain {
  std::vector<ShapeVariable> variables;
  PointFilter holds = [](const Point&) { return true; };
};

namespace internal {

// Gives the variables from `index` on all values with that sum, in lexicographic order, until `visit` says true.
inline bool Visit(const BruteForceDomain& domain, size_t index, int64_t sum, Point* point,
                  const std::function<bool(const Point&)>& visit) {
  if (index == domain.variables.size()) return sum == 0 && domain.holds(*point) && visit(*point);
  const ShapeVariable& variable = domain.variables[index];
  int64_t least_of_others = 0;
  for (size_t i = index + 1; i < domain.variables.size(); ++i) least_of_others += domain.variables[i].least;
  for (int64_t value = variable.least; value <= variable.most.value_or(value) && sum - value >= least_of_others;
       ++value) {
    (*point)[variable.name] = value;
    if (Visit(domain, index + 1, sum - value, point, visit)) return true;
  }
  return false;
}

}  // namespace internal

// The first point, by sum up to `last_sum` and then in lexicographic order, where the formulas differ and the expected
// one is defined.
inline std::optional<Point> SmallestDifference(const BruteForceDomain& domain, const std::string& expected,
                                               const std::string& answer, int64_t last_sum) {
  int64_t least = 0;
  for (const ShapeVariable& variable : domain.variables) least += variable.least;
  std::optional<Point> found;
  for (int64_t sum = least; sum <= last_sum; ++sum) {
    Point point;
    const bool differs = internal::Visit(domain, 0, sum, &point, [&](const Point& at) {
      const SlowValue wanted = SlowValueOf(expected, at).value();
      return wanted.denominator != 0 && !(SlowValueOf(answer, at).value() == wanted);
    });
    if (differs) return point;
  }
  return std::nullopt;
}

}  // namespace tensord::grading

#endif  // TENSORD_TESTS_GRADING_SHAPE_FORMULA_BRUTE_FORCE_H_
