// Shapes of elementwise operations on tensors of different shapes.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_BROADCAST_H_
#define TENSORD_ANALYSIS_SRC_MODEL_BROADCAST_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/src/model/node_view.h"

namespace tensord::analysis::model {

// The shape that all shapes, and `start`, are broadcast to: axes are aligned at the end, and of each the sizes have to
// be equal, or 1. Where symbols decide whether two sizes are equal, they are taken to be, and the condition is noted.
//
// Source: https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md
[[nodiscard]] absl::StatusOr<Shape> Broadcast(NodeView& node, const std::vector<const Shape*>& shapes,
                                              Shape start = {});

// That `shape` is broadcast to `target`, whose sizes stay: an error, `rule` in it, where it is not, and a condition
// where symbols decide.
[[nodiscard]] absl::Status RequireBroadcast(NodeView& node, const Shape& shape, const Shape& target,
                                            absl::string_view rule);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_BROADCAST_H_
