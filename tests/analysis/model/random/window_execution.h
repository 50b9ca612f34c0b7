// What convolutions and poolings have in common: ONNX's attributes as tensord's conventions.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_WINDOW_EXECUTION_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_WINDOW_EXECUTION_H_

#include "absl/status/statusor.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/execution.h"
#include "tests/analysis/model/random/execution.h"

namespace tensord::analysis::random_graphs {

// ONNX's lists have one entry for each axis, where tensord's may have one for all.
struct WindowLists {
  Sizes strides;
  Sizes dilations;
  compute::Padding padding;
};
[[nodiscard]] absl::StatusOr<WindowLists> ReadWindowLists(const GraphNode& node, size_t axes);
[[nodiscard]] absl::StatusOr<Sizes> ListOf(const GraphNode& node, const std::string& name, size_t count,
                                           int64_t otherwise);

// One thread, no hurry.
[[nodiscard]] compute::ExecutionContext Serially();

}  // namespace tensord::analysis::random_graphs

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_WINDOW_EXECUTION_H_
