// The attributes that ONNX's operators with windows share: kernel_shape, strides, dilations, pads, auto_pad.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_WINDOW_ATTRIBUTES_H_
#define TENSORD_ANALYSIS_SRC_MODEL_WINDOW_ATTRIBUTES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/src/axis_length.h"
#include "analysis/src/model/axis_read.h"
#include "analysis/src/model/node_view.h"
#include "tensord/analysis/integer.h"
#include "tensord/compute/conventions.h"

namespace tensord::analysis::model {

// One spatial axis.
struct WindowAxis {
  AxisSizes sizes;
  compute::PaddingMode mode = compute::PaddingMode::kExplicit;
  int64_t stride = 1;
  Integer pad_begin;  // with the SAME modes too, where the input's length is a number

  // The output's length, an error where no window fits; a condition of the result where symbols decide that.
  [[nodiscard]] absl::StatusOr<Expression> Length(NodeView& node, compute::LengthRule rule) const;
};

// The spatial axes of an input N,C,... Windows are `filter`'s where there is one, and kernel_shape's, which has to
// agree with it.
[[nodiscard]] absl::StatusOr<std::vector<WindowAxis>> WindowAxesOf(NodeView& node, const Shape& input,
                                                                   const std::optional<Shape>& filter);

// How positions along that axis of the output read the input's.
[[nodiscard]] AxisRead WindowRead(const WindowAxis& axis, size_t output_axis);
// Likewise a transposed convolution's, along axis `index` of the spatial ones; `length` is the output's along it.
[[nodiscard]] AxisRead TransposedRead(const NodeView& node, const WindowAxis& axis, size_t index,
                                      const Expression& length);

// The lengths of a transposed convolution's output: output_shape's, else by the formula with output_padding.
[[nodiscard]] absl::StatusOr<std::vector<Expression>> TransposedLengths(NodeView& node,
                                                                        const std::vector<WindowAxis>& axes);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_WINDOW_ATTRIBUTES_H_
