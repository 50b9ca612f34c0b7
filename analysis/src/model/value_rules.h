// How operators compute single values that are known: whole numbers with symbols, and reals.
//
// Where symbols decide (which of two sizes is larger, whether a quotient is rounded up or down), nothing is known.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_VALUE_RULES_H_
#define TENSORD_ANALYSIS_SRC_MODEL_VALUE_RULES_H_

#include <optional>

#include "absl/types/span.h"
#include "analysis/src/model/fold.h"

namespace tensord::analysis::model {

// Of any number of operands: a sum of none is 0 and a product 1; of none no smallest and largest is known.
[[nodiscard]] std::optional<Value> SumOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> ProductOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> SmallestOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> LargestOf(absl::Span<const Value> operands, ElementType type);

// Of two operands. Integers are divided towards zero; the remainder has the sign of the divisor, that of C the sign of
// the dividend.
[[nodiscard]] std::optional<Value> DifferenceOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> QuotientOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> RemainderOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> RemainderOfC(absl::Span<const Value> operands, ElementType type);

// Of two operands, 0 or 1.
[[nodiscard]] std::optional<Value> AreEqual(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> IsLess(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> IsLessOrEqual(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> IsGreater(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> IsGreaterOrEqual(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> BothOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> EitherOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> OneOf(absl::Span<const Value> operands, ElementType type);

// Of one operand.
[[nodiscard]] std::optional<Value> SameAs(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> NegativeOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> AbsoluteOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> FloorOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> CeilingOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> RoundedOf(absl::Span<const Value> operands, ElementType type);
[[nodiscard]] std::optional<Value> NotOf(absl::Span<const Value> operands, ElementType type);

// The second operand where the first is not 0, else the third.
[[nodiscard]] std::optional<Value> ChosenOf(absl::Span<const Value> operands, ElementType type);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_VALUE_RULES_H_
