#include "analysis/src/model/broadcast.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {

absl::StatusOr<Shape> Broadcast(NodeView& node, const std::vector<const Shape*>& shapes, Shape start) {
  const Expression one = 1;
  Shape result = std::move(start);
  for (const Shape* shape : shapes) {
    if (shape->size() > result.size()) result.insert(result.begin(), shape->size() - result.size(), one);
    const size_t offset = result.size() - shape->size();
    for (size_t i = 0; i < shape->size(); ++i) {
      Expression& size = result[offset + i];
      const Expression& other = (*shape)[i];
      if (other == one || size == other) continue;
      if (size == one) {
        size = other;
        continue;
      }
      TENSORD_RETURN_IF_ERROR(
          node.RequireEqual(other, size,
                            absl::StrCat("the shapes ", ShapeText(result), " and ", ShapeText(*shape),
                                         " have to be equal or 1 along each axis, aligned at the last")));
      // A number says more than a symbol.
      if (other.constant().has_value()) size = other;
    }
  }
  return result;
}

absl::Status RequireBroadcast(NodeView& node, const Shape& shape, const Shape& target, absl::string_view rule) {
  TENSORD_ASSIGN_OR_RETURN(const Shape sum, Broadcast(node, {&shape}, target));
  if (sum.size() != target.size()) return node.Error(rule);
  for (size_t i = 0; i < sum.size(); ++i) TENSORD_RETURN_IF_ERROR(node.RequireEqual(sum[i], target[i], rule));
  return absl::OkStatus();
}

}  // namespace tensord::analysis::model
