// The windows of ONNX's convolutions and poolings, from its attributes and its formulas.
#ifndef TENSORD_TESTS_CONFORMANCE_WINDOW_H_
#define TENSORD_TESTS_CONFORMANCE_WINDOW_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tensord/v1/conventions.pb.h"
#include "tests/conformance/onnx/node.h"

namespace tensord::conformance {

// The attributes that Conv, ConvTranspose and the poolings share, each with one entry per spatial axis (pads: two).
struct WindowAttributes {
  std::string auto_pad;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<int64_t> begin;
  std::vector<int64_t> end;
};

// Errors: kInvalidArgument - a list of another length than ONNX asks for, an unknown auto_pad, or pads beside one.
[[nodiscard]] absl::StatusOr<WindowAttributes> ReadWindowAttributes(const onnx_reader::Attributes& attributes,
                                                                    size_t spatial_axes);

// The same as fields of `conventions`, which may be of a convolution, transposed or not, or of a pooling.
template <typename Conventions>
void SetWindow(const WindowAttributes& attributes, Conventions& conventions) {
  conventions.mutable_strides()->Add(attributes.strides.begin(), attributes.strides.end());
  conventions.mutable_dilations()->Add(attributes.dilations.begin(), attributes.dilations.end());
  v1::Padding& padding = *conventions.mutable_padding();
  if (attributes.auto_pad == "NOTSET") {
    padding.set_mode(v1::PADDING_MODE_EXPLICIT);
    padding.mutable_begin()->Add(attributes.begin.begin(), attributes.begin.end());
    padding.mutable_end()->Add(attributes.end.begin(), attributes.end.end());
  } else if (attributes.auto_pad == "VALID") {
    padding.set_mode(v1::PADDING_MODE_VALID);
  } else {
    padding.set_mode(attributes.auto_pad == "SAME_UPPER" ? v1::PADDING_MODE_SAME_UPPER : v1::PADDING_MODE_SAME_LOWER);
  }
}

// One spatial axis: window `o` has the elements o * stride + k * dilation - begin.
struct Axis {
  int64_t input = 1;
  int64_t window = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t output = 1;
};

// Always D, H, W: the axes that a tensor does not have are 1 long.
using Axes = std::array<Axis, 3>;

// ONNX's formulas of pads and of output lengths. `input` and `window` are the spatial sizes.
//
// Errors: kInvalidArgument - a window that is longer than the padded input.
[[nodiscard]] absl::StatusOr<Axes> MakeAxes(const WindowAttributes& attributes, const std::vector<int64_t>& input,
                                            const std::vector<int64_t>& window, bool ceil_mode);

// Calls visit(output, tap, input) for every output of the plane, every tap of its window that meets the input, all
// counted row-major in their planes; and after the taps of each output done(output).
template <typename Visit, typename Done>
void ForEachTap(const Axes& axes, Visit visit, Done done) {
  const auto& [d, h, w] = axes;
  const auto inside = [](const Axis& axis, int64_t output, int64_t tap, int64_t& at) {
    at = output * axis.stride + tap * axis.dilation - axis.begin;
    return at >= 0 && at < axis.input;
  };
  int64_t output = 0;
  for (int64_t z = 0; z < d.output; ++z) {
    for (int64_t y = 0; y < h.output; ++y) {
      for (int64_t x = 0; x < w.output; ++x, ++output) {
        int64_t iz = 0, iy = 0, ix = 0;
        for (int64_t i = 0; i < d.window; ++i) {
          if (!inside(d, z, i, iz)) continue;
          for (int64_t j = 0; j < h.window; ++j) {
            if (!inside(h, y, j, iy)) continue;
            for (int64_t k = 0; k < w.window; ++k) {
              if (inside(w, x, k, ix)) {
                visit(output, (i * h.window + j) * w.window + k, (iz * h.input + iy) * w.input + ix);
              }
            }
          }
        }
        done(output);
      }
    }
  }
}

[[nodiscard]] int64_t Product(const std::vector<int64_t>& sizes);
[[nodiscard]] std::vector<int64_t> Spatial(const std::vector<int64_t>& shape);  // without the first two
[[nodiscard]] int64_t OutputPlane(const Axes& axes);
// The output lengths of the last `count` axes.
[[nodiscard]] std::vector<int64_t> OutputLengths(const Axes& axes, size_t count);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_WINDOW_H_
