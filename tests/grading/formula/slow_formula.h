// Formulas as sums of products, evaluated by plain loops over maps: shares no code with grading/.
#ifndef TENSORD_TESTS_GRADING_FORMULA_SLOW_FORMULA_H_
#define TENSORD_TESTS_GRADING_FORMULA_SLOW_FORMULA_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tensord/grading/formula.h"

namespace tensord::grading {

// factors[name] * name + ... + constant
struct SlowIndex {
  std::map<std::string, int64_t> factors;
  int64_t constant = 0;
};

struct SlowRead {
  std::string tensor;
  std::vector<SlowIndex> indices;
};

struct SlowTerm {
  int64_t factor = 1;
  std::vector<std::string> sums;
  std::vector<SlowRead> reads;
};

using SlowFormula = std::vector<SlowTerm>;

struct SlowData {
  std::map<std::string, FormulaData> tensors;
  std::map<std::string, int64_t> ranges;  // of the indices that a question names
};

// The value at one cell; reads outside are 0. An index of a sum that stands alone at axes runs over the longest of
// them, another one over its range in `data`.
int64_t SlowValue(const SlowFormula& formula, const SlowData& data, const std::map<std::string, int64_t>& cell);

// How a formula is written.
enum class SlowStyle { kAscii, kLatexFraction, kNestedSubscripts, kUnicode, kLatexSubscripts, kLimits };
inline constexpr int kSlowStyles = 6;

// `uppers`: of each index of a sum its last value, for kLimits.
std::string SlowText(const SlowFormula& formula, SlowStyle style, const std::map<std::string, std::string>& uppers);

}  // namespace tensord::grading

#endif  // TENSORD_TESTS_GRADING_FORMULA_SLOW_FORMULA_H_
