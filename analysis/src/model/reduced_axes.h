// What operators share that take many elements together: sums, maxima, means.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_REDUCED_AXES_H_
#define TENSORD_ANALYSIS_SRC_MODEL_REDUCED_AXES_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/src/model/node_view.h"

namespace tensord::analysis::model {

// Of each axis of a tensor of that rank, whether `axes` (-rank..rank-1) has it; an error where one is a symbol, out of
// range, or there twice.
[[nodiscard]] absl::StatusOr<std::vector<bool>> ReducedAxes(const NodeView& node, const std::vector<Expression>& axes,
                                                            size_t rank);

// A tensor's elements in groups, each of those that differ in the reduced axes alone.
struct Groups {
  Expression elements;  // of all groups together
  Expression count;     // of the groups

  // What joins the elements of each group, as additions do for its sum: one less than it has elements, and none where
  // it has none.
  [[nodiscard]] Expression Joins() const;
};
[[nodiscard]] Groups GroupsOf(const Shape& shape, const std::vector<bool>& reduced);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_REDUCED_AXES_H_
