#include "analysis/src/model/reduced_axes.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {

absl::StatusOr<std::vector<bool>> ReducedAxes(const NodeView& node, const std::vector<Expression>& axes, size_t rank) {
  std::vector<bool> reduced(rank, false);
  for (const Expression& entry : axes) {
    const std::optional<Integer> number = entry.constant();
    const std::optional<int64_t> small = number.has_value() ? number->ToInt64() : std::nullopt;
    if (!small.has_value()) {
      return node.Error(absl::StrCat("its axis was ", entry.ToString(), ", has to be a number"));
    }
    TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.ResolveAxis(*small, rank));
    if (reduced[axis]) return node.Error(absl::StrCat("its axes have axis ", axis, " twice"));
    reduced[axis] = true;
  }
  return reduced;
}

Expression Groups::Joins() const {
  if (elements == Expression()) return 0;
  return elements - count;
}

Groups GroupsOf(const Shape& shape, const std::vector<bool>& reduced) {
  Groups groups{.elements = ElementCount(shape), .count = 1};
  for (size_t i = 0; i < shape.size(); ++i) {
    if (!reduced[i]) groups.count = groups.count * shape[i];
  }
  return groups;
}

}  // namespace tensord::analysis::model
