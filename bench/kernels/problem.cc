#include "bench/kernels/problem.h"

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::bench {
namespace {

using compute::DataType;
using compute::Shape;
using compute::Tensor;

absl::StatusOr<Tensor> Filled(DataType type, const Shape& shape, uint32_t seed) {
  TENSORD_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(type, shape));
  std::minstd_rand random(seed);
  std::uniform_real_distribution<float> distribution(-0.5F, 0.5F);
  for (int64_t i = 0; i < tensor.element_count(); ++i) {
    const float value = distribution(random);
    if (type == DataType::kFloat32) {
      tensor.As<float>()[i] = value;
    } else {
      tensor.As<double>()[i] = value;
    }
  }
  return tensor;
}

}  // namespace

absl::string_view Name(Pass pass) {
  switch (pass) {
    case Pass::kForward:
      return "forward";
    case Pass::kBackwardData:
      return "backward-data";
    case Pass::kBackwardWeights:
      return "backward-weights";
  }
  return "";
}

absl::string_view Name(Layout layout) { return layout == Layout::kNchw ? "NCHW" : "NHWC"; }

absl::StatusOr<Problem> MakeProblem(const Layer& layer, Pass pass, Layout layout, int64_t batch, DataType type) {
  const int64_t group_channels = layer.input_channels / layer.groups;
  const bool nchw = layout == Layout::kNchw;
  const Shape x = nchw ? Shape{batch, layer.input_channels, layer.input_height, layer.input_width}
                       : Shape{batch, layer.input_height, layer.input_width, layer.input_channels};
  const Shape w = nchw ? Shape{layer.output_channels, group_channels, layer.window_height, layer.window_width}
                       : Shape{layer.window_height, layer.window_width, group_channels, layer.output_channels};
  const compute::ConvolutionConventions conventions{
      .input_layout = nchw ? "NCHW" : "NHWC",
      .filter_layout = nchw ? "OIHW" : "HWIO",
      .padding = {.mode = compute::PaddingMode::kExplicit,
                  .begin = {layer.pad_top, layer.pad_left},
                  // Where a stride leaves a part of the input out, oneDNN says so by less than no padding.
                  .end = {std::max<int64_t>(0, layer.pad_bottom()), std::max<int64_t>(0, layer.pad_right())}},
      .strides = {layer.stride_height, layer.stride_width},
      .groups = layer.groups};
  compute::Violations violations;
  std::optional<compute::ConvolutionGeometry> geometry =
      compute::ResolveConvolution(conventions, compute::Profile::kNone, x, w, {}, {}, violations);
  if (!geometry.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(layer.name, ": ", violations.ToStatus().message()));
  }
  const Shape output = nchw ? Shape{batch, layer.output_channels, layer.output_height, layer.output_width}
                            : Shape{batch, layer.output_height, layer.output_width, layer.output_channels};
  if (geometry->output_shape != output) {
    return absl::InvalidArgumentError(absl::StrCat(layer.name, ": the output is ", geometry->output_shape.ToString(),
                                                   ", and not ", output.ToString()));
  }
  TENSORD_ASSIGN_OR_RETURN(Tensor x_tensor, Filled(type, x, 1));
  TENSORD_ASSIGN_OR_RETURN(Tensor w_tensor, Filled(type, w, 2));
  TENSORD_ASSIGN_OR_RETURN(Tensor du_tensor, Filled(type, geometry->output_shape, 3));
  return Problem{.layer = layer,
                 .pass = pass,
                 .layout = layout,
                 .batch = batch,
                 .type = type,
                 .geometry = *std::move(geometry),
                 .x = std::move(x_tensor),
                 .w = std::move(w_tensor),
                 .du = std::move(du_tensor)};
}

}  // namespace tensord::bench
