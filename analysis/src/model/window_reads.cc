// What windows read.
#include <algorithm>
#include <optional>
#include <vector>

#include "analysis/src/model/size_inputs.h"
#include "analysis/src/model/window_attributes.h"

namespace tensord::analysis::model {
namespace {

constexpr AxisRead kWholeWindow = {.is_window = true};

// What SAME padding puts at the beginning of that many.
int64_t AtBegin(compute::PaddingMode mode, int64_t padding) {
  return mode == compute::PaddingMode::kSameUpper ? padding / 2 : padding - padding / 2;
}

bool IsSame(compute::PaddingMode mode) {
  return mode == compute::PaddingMode::kSameUpper || mode == compute::PaddingMode::kSameLower;
}

// What a transposed convolution leaves out of its output at the beginning; nothing where that is not a number from 0
// on.
//
// Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md#ConvTranspose (output_shape, auto_pad)
std::optional<int64_t> CutAtBegin(const NodeView& node, const WindowAxis& axis, size_t index, const Expression& length,
                                  const Expression& extent) {
  const bool is_told = node.HasAttribute("output_shape");
  if (!is_told && !IsSame(axis.mode)) return axis.pad_begin.ToInt64();
  const absl::StatusOr<std::vector<int64_t>> more = node.Ints("output_padding");
  if (!more.ok()) return std::nullopt;
  const int64_t added = index < more->size() ? (*more)[index] : 0;
  const std::optional<int64_t> cut =
      NumberOf(Expression(axis.stride) * (axis.sizes.input - 1) + extent + added - length);
  if (!cut.has_value() || *cut < 0) return std::nullopt;
  return AtBegin(axis.mode, *cut);
}

}  // namespace

AxisRead WindowRead(const WindowAxis& axis, size_t output_axis) {
  const std::optional<int64_t> extent = NumberOf(WindowExtent(axis.sizes));
  const std::optional<int64_t> padding = axis.pad_begin.ToInt64();
  if (!extent.has_value() || !padding.has_value() || *extent > AxisRead::kBound) return kWholeWindow;
  AxisRead read{.output_axis = static_cast<int>(output_axis),
                .stride = axis.stride,
                .offset = -*padding,
                .span = *extent - 1,
                .is_window = true};
  if (!IsSame(axis.mode) || axis.sizes.input.constant().has_value()) return read;
  // The padding follows from where a symbol puts the last window: it is from extent - stride to extent - 1, and the
  // field has what either needs.
  const int64_t least = AtBegin(axis.mode, std::max<int64_t>(*extent - axis.stride, 0));
  const int64_t most = AtBegin(axis.mode, *extent - 1);
  read.offset = -most;
  read.span += most - least;
  return read;
}

AxisRead TransposedRead(const NodeView& node, const WindowAxis& axis, size_t index, const Expression& length) {
  const Expression window = WindowExtent(axis.sizes);
  const std::optional<int64_t> extent = NumberOf(window);
  const std::optional<int64_t> cut = CutAtBegin(node, axis, index, length, window);
  if (!extent.has_value() || !cut.has_value() || *extent > AxisRead::kBound || *cut > AxisRead::kBound) {
    return kWholeWindow;
  }
  // Input i is added to the positions stride*i - cut .. + extent - 1.
  return {.output_axis = static_cast<int>(index + 2),
          .stride = 1,
          .offset = *cut - (*extent - 1),
          .span = *extent - 1,
          .denominator = axis.stride,
          .is_window = true};
}

}  // namespace tensord::analysis::model
