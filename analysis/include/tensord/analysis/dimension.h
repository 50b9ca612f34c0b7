// A size: a number, or a symbol that stands for one.
#ifndef TENSORD_ANALYSIS_DIMENSION_H_
#define TENSORD_ANALYSIS_DIMENSION_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "tensord/analysis/expression.h"
#include "tensord/compute/violations.h"

namespace tensord::analysis {

// A number, 0..2^63-1, or a symbol's name. The empty symbol is a size that was not given: a violation wherever it is.
using Dimension = std::variant<int64_t, std::string>;

[[nodiscard]] inline bool IsNumber(const Dimension& dimension) { return std::holds_alternative<int64_t>(dimension); }

// The dimension as an expression; a symbol must satisfy IsSymbol().
[[nodiscard]] Expression ToExpression(const Dimension& dimension);

// Adds a violation of `field` where the dimension is a symbol and IsSymbol() does not hold. Returns whether it is fine.
bool CheckSymbol(const Dimension& dimension, absl::string_view field, compute::Violations& violations);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_DIMENSION_H_
