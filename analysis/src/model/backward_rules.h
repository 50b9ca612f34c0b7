// How gradients of operators are counted: what a rule sees, and the tables of rules.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_BACKWARD_RULES_H_
#define TENSORD_ANALYSIS_SRC_MODEL_BACKWARD_RULES_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analysis/src/model/backward.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis::model {

// An input that has a gradient: data or parameters, of a floating type.
struct Operand {
  size_t place = 0;  // among the node's inputs
  Expression elements;
  bool is_data = false;
};

// A layer whose output has a gradient.
struct Differentiated {
  const ModelLayer& layer;
  const OperationCounts& forward;
  Expression output;  // elements of the first output
  std::vector<Operand> operands;

  // The operand at that place; null where it has no gradient.
  [[nodiscard]] const Operand* At(size_t place) const;
};

// Adds what the gradients cost to counts that are 0; false where that is not worked out.
using BackwardRule = bool (*)(const Differentiated& layer, BackwardCounts& counts);
// Adds what is kept to nothing; false where it is not known.
using KeptRule = bool (*)(const Differentiated& layer, Kept& kept);

struct BackwardRow {
  absl::string_view op_type;
  BackwardRule count;
  KeptRule keep;
};

// Operators of single elements, and those that move elements.
[[nodiscard]] absl::Span<const BackwardRow> ElementBackwardRows();
// The others.
[[nodiscard]] absl::Span<const BackwardRow> WindowBackwardRows();

// Where the operand's gradient belongs.
[[nodiscard]] OperationCounts& PartOf(const Operand& operand, BackwardCounts& counts);
// The additions that make `results` sums of `products` terms together: one less for each sum, and none where there is
// nothing to sum.
[[nodiscard]] Expression Joins(const Expression& products, const Expression& results);

// Rules of what is kept.
bool KeepNothing(const Differentiated& layer, Kept& kept);
bool KeepInput(const Differentiated& layer, Kept& kept);   // the first one
bool KeepInputs(const Differentiated& layer, Kept& kept);  // the first two, if they are data
bool KeepOutput(const Differentiated& layer, Kept& kept);
bool KeepBoth(const Differentiated& layer, Kept& kept);  // the first input and the output
// Adds the data at that place of the node.
void KeepAt(const Differentiated& layer, size_t place, Kept& kept);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_BACKWARD_RULES_H_
