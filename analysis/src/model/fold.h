// Values of small tensors, computed from known values: the shape arithmetic inside graphs.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_FOLD_H_
#define TENSORD_ANALYSIS_SRC_MODEL_FOLD_H_

#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "absl/types/span.h"
#include "analysis/src/model/facts.h"

namespace tensord::analysis::model {

// Bounds on what one node computes, as a file of a few bytes a node can ask for it again and again: no shape has so
// many sizes, no arithmetic of shapes so many operands in all, and no size that anybody reads is so long a text.
inline constexpr size_t kMaxFoldedValues = 32;
inline constexpr size_t kMaxFoldedOperands = 4 * kMaxFoldedValues;
inline constexpr size_t kMaxValueTextBytes = 256;

// One value: whole and perhaps with symbols, or a real. Values of a tensor of reals are whole ones only where they have
// symbols in them.
using Value = std::variant<Expression, double>;

// One value of an output from those of its operands, which are of `type`; nothing where it is not known.
using ValueRule = std::optional<Value> (*)(absl::Span<const Value> operands, ElementType type);

// The value as ONNX's Cast makes it one of `type`: reals lose their fraction, truth values tell whether it is 0.
// Nothing where it does not fit, is too long a text, or is not exact in `type`.
//
// Source: https://onnx.ai/onnx/operators/onnx__Cast.html
[[nodiscard]] std::optional<Value> CastValue(const Value& value, ElementType type);

// All values of the tensor; nothing where they are not known, or more than kMaxFoldedValues.
[[nodiscard]] std::optional<std::vector<Value>> ValuesOf(const TensorFacts& tensor);

// Values as a tensor of `type` has them.
[[nodiscard]] std::optional<Values> ToValues(const std::vector<Value>& values, ElementType type);

// The values of an output of that shape and type, to which the operands are broadcast. Nothing where one of them is not
// known, or where the output has more than kMaxFoldedValues, or its values more than kMaxFoldedOperands in all.
[[nodiscard]] std::optional<Values> Fold(const std::vector<const TensorFacts*>& operands, const Shape& shape,
                                         ElementType type, ValueRule rule);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_FOLD_H_
