// How the numbers of each family of operators are derived.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_FAMILIES_H_
#define TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_FAMILIES_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analysis/src/model/explain/explainer.h"

namespace tensord::analysis::model {

// Concludes the output's lengths and tells how the counts are derived. The operator's handler has found nothing wrong
// with the node before, and everything that it needed is known.
using ExplainFunction = absl::Status (*)(Explainer& explainer);

struct ExplainedOperator {
  absl::string_view name;
  ExplainFunction explain;
};

// One table per family; what stands in none has what ExplainElementwise or ExplainOtherShape says.
[[nodiscard]] absl::Span<const ExplainedOperator> ExplainedConvolutions();
[[nodiscard]] absl::Span<const ExplainedOperator> ExplainedPoolings();
[[nodiscard]] absl::Span<const ExplainedOperator> ExplainedProducts();
[[nodiscard]] absl::Span<const ExplainedOperator> ExplainedShapes();

// Normalisations, reductions, softmax: what counts by groups of elements. False where the operator is none of them.
[[nodiscard]] absl::StatusOr<bool> ExplainGroups(Explainer& explainer);

// Each element of the output from one element of each input; its counts are so many for each element.
[[nodiscard]] absl::Status ExplainElementwise(Explainer& explainer);

// Sizes that stay where they are; the others are given.
[[nodiscard]] absl::Status ExplainOtherShape(Explainer& explainer);

// k where `count` is k*elements, 1 <= k; with symbols up to 16.
[[nodiscard]] std::optional<int64_t> TimesEach(const Expression& elements, const Expression& count);
// elements*k, where it is.
[[nodiscard]] std::optional<Derivation> ForEachElement(const Derivation& elements, const Expression& count);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_FAMILIES_H_
