// Operators on single elements.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "analysis/src/model/explain/families.h"

namespace tensord::analysis::model {

std::optional<int64_t> TimesEach(const Expression& elements, const Expression& count) {
  const std::optional<Integer> total = count.constant();
  const std::optional<Integer> each = elements.constant();
  if (total.has_value() && each.has_value()) {
    if (*each < Integer(1)) return std::nullopt;
    const std::optional<int64_t> times = FloorDivide(*total, *each).ToInt64();
    if (!times.has_value() || *times < 1 || elements * *times != count) return std::nullopt;
    return times;
  }
  // With symbols it is tried: no operator has more for an element, but one of very many operands.
  constexpr int64_t kMost = 16;
  for (int64_t times = 1; times <= kMost; ++times) {
    if (elements * times == count) return times;
  }
  return std::nullopt;
}

std::optional<Derivation> ForEachElement(const Derivation& elements, const Expression& count) {
  const std::optional<int64_t> times = TimesEach(elements.value(), count);
  if (!times.has_value()) return std::nullopt;
  return *times == 1 ? elements : elements * Derivation(*times);
}

absl::Status ExplainElementwise(Explainer& explainer) {
  const NodeView& node = explainer.node();
  const std::vector<Derivation> first = explainer.GiveInput();
  const size_t rank = explainer.output().size();
  const std::vector<std::string> names = AxisNames(rank);
  const size_t count = std::min(node.input_count(), kMaxExplainedTensors);
  for (size_t axis = 0; axis < rank; ++axis) {
    const size_t behind = rank - axis;
    if (behind <= first.size() && first[first.size() - behind].value() == explainer.output()[axis]) {
      explainer.ConcludeLength(axis, first[first.size() - behind]);
      continue;
    }
    // The size of the operand that the first one is broadcast to.
    for (size_t i = 1; i < count; ++i) {
      if (!node.Has(i) || !node.input(i).shape.has_value()) continue;
      const Shape& shape = *node.input(i).shape;
      if (behind > shape.size() || shape[shape.size() - behind] != explainer.output()[axis]) continue;
      explainer.ConcludeLength(axis, explainer.GiveSize(i, shape.size() - behind, names[axis]));
      break;
    }
  }
  return absl::OkStatus();
}

}  // namespace tensord::analysis::model
