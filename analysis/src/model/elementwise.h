// What operators share that compute each element of their output from one element of each input.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_ELEMENTWISE_H_
#define TENSORD_ANALYSIS_SRC_MODEL_ELEMENTWISE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/src/model/fold.h"
#include "analysis/src/model/node_view.h"
#include "analysis/src/model/operators.h"

namespace tensord::analysis::model {

// Operations for an element of the output. A change of a sign, a cast and a copy are none; rounding is one special
// function, whatever is done with truth values or bits one comparison, and a shift a multiplication.
struct Cost {
  int64_t multiplications = 0;
  int64_t additions = 0;
  int64_t comparisons = 0;
  int64_t divisions = 0;
  int64_t special_functions = 0;
};
inline constexpr Cost kNothing = {};
inline constexpr Cost kSpecialFunction = {.special_functions = 1};

void CountEach(const Expression& elements, const Cost& cost, OperationCounts& counts);

// The shapes of the first `count` inputs, which all have to be there, and no others.
[[nodiscard]] absl::StatusOr<std::vector<const Shape*>> OperandShapes(const NodeView& node, size_t count);

// The first type that is known of the inputs from `first` on: all have the same.
[[nodiscard]] ElementType OperandType(const NodeView& node, size_t first = 0);

// The element type of that number, from an attribute; unknown where it is one that is newer than ElementType.
[[nodiscard]] absl::StatusOr<ElementType> ElementTypeOf(const NodeView& node, absl::string_view name, int64_t number);

// An output of `count` inputs that are broadcast to one shape; with its values, where the rule, if there is one, tells
// them.
[[nodiscard]] absl::Status MapElements(NodeView& node, size_t count, const Cost& cost, ValueRule rule,
                                       ElementType type);

// MapElements as a handler. The output's type is the inputs', or kType where it is not unknown.
template <size_t kCount, Cost kCost, ValueRule kRule = nullptr, ElementType kType = ElementType::kUnknown>
absl::Status Elementwise(NodeView& node) {
  return MapElements(node, kCount, kCost, kRule, kType == ElementType::kUnknown ? OperandType(node) : kType);
}
template <Cost kCost, ValueRule kRule = nullptr>
inline constexpr Handler kUnary = &Elementwise<1, kCost, kRule>;
template <Cost kCost, ValueRule kRule = nullptr>
inline constexpr Handler kBinary = &Elementwise<2, kCost, kRule>;

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_ELEMENTWISE_H_
