#include "tests/conformance/window.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::conformance {
namespace {

absl::StatusOr<std::vector<int64_t>> ReadList(const onnx_reader::Attributes& attributes, const std::string& name,
                                              size_t length, int64_t otherwise) {
  if (!attributes.Has(name)) return std::vector<int64_t>(length, otherwise);
  std::vector<int64_t> list = attributes.Ints(name);
  if (list.size() == length) return list;
  return absl::InvalidArgumentError(absl::StrCat(name, " has ", list.size(), " entries, not ", length));
}

// What auto_pad adds before and after.
void PadSame(bool upper, Axis& axis) {
  axis.output = (axis.input + axis.stride - 1) / axis.stride;
  const int64_t reach = (axis.window - 1) * axis.dilation + 1;
  const int64_t total = std::max<int64_t>((axis.output - 1) * axis.stride + reach - axis.input, 0);
  axis.begin = upper ? total / 2 : total - total / 2;
  axis.end = total - axis.begin;
}

// ceil_mode: no window may start past the input and the padding before it.
void CountWindows(bool ceil_mode, Axis& axis) {
  const int64_t room = axis.input + axis.begin + axis.end - (axis.window - 1) * axis.dilation - 1;
  axis.output = room / axis.stride + 1;
  if (ceil_mode && room % axis.stride != 0 && axis.output * axis.stride < axis.input + axis.begin) ++axis.output;
}

}  // namespace

absl::StatusOr<WindowAttributes> ReadWindowAttributes(const onnx_reader::Attributes& attributes, size_t spatial_axes) {
  WindowAttributes read;
  read.auto_pad = attributes.String("auto_pad", "NOTSET");
  if (read.auto_pad != "NOTSET" && read.auto_pad != "VALID" && read.auto_pad != "SAME_UPPER" &&
      read.auto_pad != "SAME_LOWER") {
    return absl::InvalidArgumentError(absl::StrCat("auto_pad is \"", read.auto_pad, "\""));
  }
  TENSORD_ASSIGN_OR_RETURN(read.strides, ReadList(attributes, "strides", spatial_axes, 1));
  TENSORD_ASSIGN_OR_RETURN(read.dilations, ReadList(attributes, "dilations", spatial_axes, 1));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> pads, ReadList(attributes, "pads", 2 * spatial_axes, 0));
  if (read.auto_pad != "NOTSET" && std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad != 0; })) {
    return absl::InvalidArgumentError("pads stand beside auto_pad");
  }
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(spatial_axes);
  read.begin.assign(pads.begin(), middle);
  read.end.assign(middle, pads.end());
  return read;
}

absl::StatusOr<Axes> MakeAxes(const WindowAttributes& attributes, const std::vector<int64_t>& input,
                              const std::vector<int64_t>& window, bool ceil_mode) {
  Axes axes;
  for (size_t at = 0; at < input.size(); ++at) {
    Axis& axis = axes[axes.size() - input.size() + at];
    axis = {input[at],          window[at], attributes.strides[at], attributes.dilations[at], attributes.begin[at],
            attributes.end[at], 1};
    if (attributes.auto_pad == "SAME_UPPER" || attributes.auto_pad == "SAME_LOWER") {
      PadSame(attributes.auto_pad == "SAME_UPPER", axis);
    } else {
      if (axis.input + axis.begin + axis.end < (axis.window - 1) * axis.dilation + 1) {
        return absl::InvalidArgumentError("a window is longer than the padded input");
      }
      CountWindows(ceil_mode, axis);
    }
  }
  return axes;
}

int64_t Product(const std::vector<int64_t>& sizes) {
  int64_t product = 1;
  for (const int64_t size : sizes) product *= size;
  return product;
}

std::vector<int64_t> Spatial(const std::vector<int64_t>& shape) { return {shape.begin() + 2, shape.end()}; }

int64_t OutputPlane(const Axes& axes) { return axes[0].output * axes[1].output * axes[2].output; }

std::vector<int64_t> OutputLengths(const Axes& axes, size_t count) {
  std::vector<int64_t> lengths;
  for (size_t at = axes.size() - count; at < axes.size(); ++at) lengths.push_back(axes[at].output);
  return lengths;
}

}  // namespace tensord::conformance
