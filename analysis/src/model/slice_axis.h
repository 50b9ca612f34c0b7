// One axis of a Slice: which of its elements are taken.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_SLICE_AXIS_H_
#define TENSORD_ANALYSIS_SRC_MODEL_SLICE_AXIS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "analysis/src/model/node_view.h"

namespace tensord::analysis::model {

struct SliceAxis {
  Expression start;  // of the first element, where there is one
  Expression length;
};

// Of an axis of `size` elements every `step`th from `start` until before `end`: from the end on where they are
// negative, and what lies outside is cut off. With symbols:
//   - from 2^31 - 1 on, a start or an end is beyond every size, and down from its negative before every one;
//   - a number as the end, which may be beyond or not, gives the smaller of both;
//   - else the positions are taken to be inside, in order, and that is a condition of the result.
//
// Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md#Slice
[[nodiscard]] absl::StatusOr<SliceAxis> SliceAlong(NodeView& node, const Expression& size, const Expression& start,
                                                   const Expression& end, int64_t step);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_SLICE_AXIS_H_
