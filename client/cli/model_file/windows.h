// What layers with windows share: strides, dilations, paddings.
#ifndef TENSORD_CLI_MODEL_FILE_WINDOWS_H_
#define TENSORD_CLI_MODEL_FILE_WINDOWS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/model_file/layer.h"

namespace tensord::cli::model_file {

struct Window {
  std::vector<int64_t> size;
  std::vector<int64_t> stride;
  std::vector<int64_t> dilation;
};

// `key`: "kernel" or "window". A pooling's stride is by default its window.
[[nodiscard]] absl::StatusOr<Window> WindowOf(const Layer& layer, absl::string_view key, bool stride_is_window);

// Reads the padding, and writes it and the window as ONNX's attributes of the node. `may_be_full`: of convolutions.
[[nodiscard]] absl::Status SetWindow(const Layer& layer, const Window& window, bool may_be_full, v1::ModelNode& node);

// Makes floor, ONNX's rule, come to the contract's START_INSIDE, which ONNX has not: every window counts that begins
// before the input's end. Padding behind that is one less than the window's extent w does it, as
//
//   floor((N + pb + (w-1) - w)/s) + 1 = floor((N - 1 + pb)/s) + 1
//
// Behind SetWindow(). Under the SAME paddings there is nothing to do: their length is ceil(N/s) whatever the rule.
// Errors:  kInvalidArgument - padding behind, which the rule has not.
[[nodiscard]] absl::Status CutWindowsOff(const Layer& layer, const Window& window, v1::ModelNode& node);

// Begins and ends, `value` being B for all sides, [B, ...] for each axis, or [[B, E], ...] for its two sides.
[[nodiscard]] absl::StatusOr<std::vector<int64_t>> SidesOf(const Value& value, const Place& place, size_t count);

}  // namespace tensord::cli::model_file

#endif  // TENSORD_CLI_MODEL_FILE_WINDOWS_H_
