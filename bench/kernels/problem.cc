#include "bench/kernels/problem.h"

#include <algorithm>
#include <optional>
#include <random>
#include <string>
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

Shape PlainShape(Layout layout, int64_t batch, int64_t channels, int64_t height, int64_t width) {
  return layout == Layout::kNchw ? Shape{batch, channels, height, width} : Shape{batch, height, width, channels};
}

Shape FilterShape(const Layer& layer, Layout layout) {
  const int64_t group_channels = layer.input_channels / layer.groups;
  return layout == Layout::kNchw
             ? Shape{layer.output_channels, group_channels, layer.window_height, layer.window_width}
             : Shape{layer.window_height, layer.window_width, group_channels, layer.output_channels};
}

compute::Padding PaddingOf(const Layer& layer) {
  return {.mode = compute::PaddingMode::kExplicit,
          .begin = {layer.pad_top, layer.pad_left},
          // Where a stride leaves a part of the input out, oneDNN says so by less than no padding.
          .end = {std::max<int64_t>(0, layer.pad_bottom()), std::max<int64_t>(0, layer.pad_right())}};
}

std::optional<Geometry> ResolveConvolution(const Layer& layer, Layout layout, const Shape& x, const Shape& w,
                                           compute::Violations& violations) {
  const compute::ConvolutionConventions conventions{.input_layout = std::string(Name(layout)),
                                                    .filter_layout = layout == Layout::kNchw ? "OIHW" : "HWIO",
                                                    .padding = PaddingOf(layer),
                                                    .strides = {layer.stride_height, layer.stride_width},
                                                    .groups = layer.groups};
  return compute::ResolveConvolution(conventions, compute::Profile::kNone, x, w, {}, {}, violations);
}

// Of ties the first, and averages of what is inside the input: what the peers have in common.
std::optional<Geometry> ResolvePooling(const Layer& layer, Layout layout, const Shape& x,
                                       compute::Violations& violations) {
  const bool maximum = layer.operation == Operation::kMaxPooling;
  compute::PoolingConventions conventions{.input_layout = std::string(Name(layout)),
                                          .window = {layer.window_height, layer.window_width},
                                          .strides = {layer.stride_height, layer.stride_width},
                                          .padding = PaddingOf(layer)};
  if (maximum) {
    conventions.tie_rule = compute::TieRule::kFirst;
  } else {
    conventions.average_divisor = compute::AverageDivisor::kExcluded;
  }
  return compute::ResolvePooling(maximum ? compute::PoolingKind::kMax : compute::PoolingKind::kAverage, conventions,
                                 compute::Profile::kNone, x, {}, {}, violations);
}

}  // namespace

absl::string_view Name(Pass pass) {
  switch (pass) {
    case Pass::kForward:
      return "forward";
    case Pass::kForwardIndices:
      return "forward-indices";
    case Pass::kBackwardData:
      return "backward-data";
    case Pass::kBackwardWeights:
      return "backward-weights";
  }
  return "";
}

absl::string_view Name(Layout layout) { return layout == Layout::kNchw ? "NCHW" : "NHWC"; }

bool HasPass(Operation operation, Pass pass) {
  switch (pass) {
    case Pass::kForward:
    case Pass::kBackwardData:
      return true;
    case Pass::kForwardIndices:
      return operation == Operation::kMaxPooling;
    case Pass::kBackwardWeights:
      return operation == Operation::kConvolution;
  }
  return false;
}

int64_t Problem::Bytes() const {
  const int64_t ends = x.size_bytes() + du.size_bytes();
  if (layer.operation == Operation::kConvolution) return ends + w.size_bytes();
  if (pass == Pass::kForwardIndices) return ends + du.element_count() * ItemSize(DataType::kInt64);
  const bool reads_x_too = layer.operation == Operation::kMaxPooling && pass == Pass::kBackwardData;
  return reads_x_too ? ends + x.size_bytes() : ends;
}

double Problem::Tolerance() const {
  if (layer.operation == Operation::kMaxPooling && pass != Pass::kBackwardData) return 0;
  return type == DataType::kFloat32 ? 1e-3 : 1e-11;
}

absl::StatusOr<Problem> MakeProblem(const Layer& layer, Pass pass, Layout layout, int64_t batch, DataType type) {
  const Shape x = PlainShape(layout, batch, layer.input_channels, layer.input_height, layer.input_width);
  const Shape output = PlainShape(layout, batch, layer.output_channels, layer.output_height, layer.output_width);
  const Shape w = layer.operation == Operation::kConvolution ? FilterShape(layer, layout) : Shape{0};
  compute::Violations violations;
  std::optional<Geometry> geometry = layer.operation == Operation::kConvolution
                                         ? ResolveConvolution(layer, layout, x, w, violations)
                                         : ResolvePooling(layer, layout, x, violations);
  if (!geometry.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(layer.name, ": ", violations.ToStatus().message()));
  }
  const Shape resolved = std::visit([](const auto& known) { return known.output_shape; }, *geometry);
  if (resolved != output) {
    return absl::InvalidArgumentError(
        absl::StrCat(layer.name, ": the output is ", resolved.ToString(), ", and not ", output.ToString()));
  }
  TENSORD_ASSIGN_OR_RETURN(Tensor x_tensor, Filled(type, x, 1));
  TENSORD_ASSIGN_OR_RETURN(Tensor w_tensor, Filled(type, w, 2));
  TENSORD_ASSIGN_OR_RETURN(Tensor du_tensor, Filled(type, output, 3));
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
