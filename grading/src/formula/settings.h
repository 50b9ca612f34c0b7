// Sizes for which formulas are compared.
#ifndef TENSORD_GRADING_SRC_FORMULA_SETTINGS_H_
#define TENSORD_GRADING_SRC_FORMULA_SETTINGS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "grading/src/formula/model.h"

namespace tensord::grading::formula {

inline constexpr size_t kSettings = 4;
inline constexpr size_t kTrials = 2;  // instances a setting

// Whether no axis and no index is empty for these sizes, and what the definitions cost is at most `work` nodes.
bool SizesFit(const Model& model, const std::vector<int64_t>& symbols, int64_t work);

// kSettings choices of small sizes, or fewer where there are not as many: the first with as many different sizes as
// could be found, so that axes are told apart; empty where none fits.
std::vector<std::vector<int64_t>> ChooseSettings(const Model& model);

// Choices of sizes that fit, from the smallest on: by their sum, then by the question's order. At most `count`.
std::vector<std::vector<int64_t>> GrowingSizes(const Model& model, size_t count);

// "B=1, H=2"
std::string SizesText(const Model& model, const std::vector<int64_t>& symbols);

// log2 of a bound on the degree of a formula as a quotient of polynomials in what is given: of both its numerator and
// its denominator. `tensors` are those of what it reads.
double LogDegree(const Program& program, const Model& model, const std::vector<int64_t>& symbols,
                 const std::vector<int64_t>& free_extents, const std::vector<double>& tensors);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_SETTINGS_H_
