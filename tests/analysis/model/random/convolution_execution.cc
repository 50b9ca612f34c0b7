// Convolutions and transposed convolutions, run by tensord's operators and counted tap by tap.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/status_macros.h"
#include "tensord/compute/transposed_convolution.h"
#include "tests/analysis/model/random/execution.h"
#include "tests/analysis/model/random/window_execution.h"
#include "tests/reference/coordinates.h"

namespace tensord::analysis::random_graphs {
namespace {

const std::string kSpatial = "DHW";

absl::Status CheckOperands(const GraphNode& node, const std::vector<const Value*>& inputs) {
  const size_t rank = inputs[0]->shape.size();
  if (rank < 3 || rank > 5 || inputs[1]->shape.size() != rank) {
    return absl::InvalidArgumentError("input and filter have to have 1..3 spatial axes, and as many");
  }
  const Sizes window(inputs[1]->shape.begin() + 2, inputs[1]->shape.end());
  if (SizesOf(node, "kernel_shape").value_or(window) != window) {
    return absl::InvalidArgumentError("kernel_shape is not the filter's");
  }
  return absl::OkStatus();
}

absl::StatusOr<compute::ConvolutionConventions> ConventionsOf(const GraphNode& node, size_t axes,
                                                              const std::string& filter_channels) {
  TENSORD_ASSIGN_OR_RETURN(WindowLists lists, ReadWindowLists(node, axes));
  const std::string letters = kSpatial.substr(3 - axes);
  return compute::ConvolutionConventions{.input_layout = "NC" + letters,
                                         .filter_layout = filter_channels + letters,
                                         .padding = std::move(lists.padding),
                                         .strides = std::move(lists.strides),
                                         .dilations = std::move(lists.dilations),
                                         .groups = IntOf(node, "group", 1)};
}

compute::TensorView BiasOf(const std::vector<const Value*>& inputs) {
  return inputs.size() > 2 && inputs[2] != nullptr ? inputs[2]->view() : compute::TensorView();
}

// Calls visit(is_inside) for each place of the window and each of its taps.
template <typename Visit>
void ForEachTap(const std::vector<compute::AxisWindow>& axes, const Visit& visit) {
  const std::array<compute::AxisWindow, 3> all = reference::ThreeAxes(axes);
  reference::ForEach({all[0].output, all[1].output, all[2].output}, [&](const std::array<int64_t, 3>& place) {
    reference::ForEach({all[0].window, all[1].window, all[2].window}, [&](const std::array<int64_t, 3>& tap) {
      bool is_inside = true;
      for (size_t i = 0; i < 3; ++i) {
        const int64_t at = place[i] * all[i].stride + tap[i] * all[i].dilation - all[i].pad_begin;
        is_inside = is_inside && at >= 0 && at < all[i].input;
      }
      visit(is_inside);
    });
  });
}

Work CountConvolution(const compute::ConvolutionGeometry& geometry, bool has_bias) {
  Work work;
  for (int64_t n = 0; n < geometry.batch; ++n) {
    for (int64_t o = 0; o < geometry.output_channels; ++o) {
      for (int64_t c = 0; c < geometry.input_channels / geometry.groups; ++c) {
        ForEachTap(geometry.axes, [&work](bool is_inside) {
          ++work.macs;
          if (!is_inside) ++work.padding_macs;
        });
      }
    }
  }
  const int64_t outputs = Product(geometry.output_shape.sizes());
  work.multiplications = work.macs_by_output = work.macs;
  work.bias_additions = has_bias ? outputs : 0;
  work.additions = work.macs - outputs + work.bias_additions;  // of n terms n - 1
  return work;
}

absl::StatusOr<Execution> RunConvolution(const GraphNode& node, const std::vector<const Value*>& inputs) {
  TENSORD_RETURN_IF_ERROR(CheckOperands(node, inputs));
  const size_t axes = inputs[0]->shape.size() - 2;
  TENSORD_ASSIGN_OR_RETURN(const compute::ConvolutionConventions conventions, ConventionsOf(node, axes, "OI"));
  compute::Violations violations;
  const auto geometry =
      compute::ResolveConvolution(conventions, compute::Profile::kOnnx, compute::Shape(inputs[0]->shape),
                                  compute::Shape(inputs[1]->shape), {}, {}, violations);
  if (!geometry.has_value()) return violations.ToStatus();
  const compute::TensorView bias = BiasOf(inputs);
  if (bias.data != nullptr) compute::CheckBiasShape(*geometry, bias.shape, "bias", violations);
  TENSORD_RETURN_IF_ERROR(violations.ToStatus());
  TENSORD_ASSIGN_OR_RETURN(const compute::Tensor output,
                           compute::Convolve(*geometry, inputs[0]->view(), inputs[1]->view(), bias, {}, Serially()));
  return Execution{.outputs = {ValueOf(output)}, .work = CountConvolution(*geometry, bias.data != nullptr)};
}

// By input positions each element of the input meets each tap of its group's filters; by output positions each element
// of the output meets each tap of its group's inputs.
Work CountTransposed(const compute::TransposedConvolutionGeometry& geometry, bool has_bias) {
  Work work;
  int64_t taps = 1;
  for (const compute::AxisWindow& axis : geometry.axes()) taps *= axis.window;
  const int64_t per_group = geometry.output_channels() / geometry.groups();
  for (int64_t i = 0; i < Product(geometry.input_shape().sizes()); ++i) {
    for (int64_t o = 0; o < per_group; ++o) work.macs += taps;
  }
  const int64_t outputs = Product(geometry.output_shape().sizes());
  for (int64_t i = 0; i < outputs; ++i) {
    for (int64_t c = 0; c < geometry.input_channels() / geometry.groups(); ++c) work.macs_by_output += taps;
  }
  work.multiplications = work.macs;
  work.bias_additions = has_bias ? outputs : 0;
  work.additions = work.macs + work.bias_additions;  // onto cells that start at 0
  return work;
}

absl::StatusOr<Execution> RunTransposed(const GraphNode& node, const std::vector<const Value*>& inputs) {
  TENSORD_RETURN_IF_ERROR(CheckOperands(node, inputs));
  const size_t axes = inputs[0]->shape.size() - 2;
  compute::TransposedConvolutionConventions conventions;
  TENSORD_ASSIGN_OR_RETURN(conventions.convolution, ConventionsOf(node, axes, "IO"));
  TENSORD_ASSIGN_OR_RETURN(conventions.output_padding, ListOf(node, "output_padding", axes, 0));
  if (SizesOf(node, "output_shape").has_value()) {
    TENSORD_ASSIGN_OR_RETURN(conventions.output_shape, ListOf(node, "output_shape", axes, 0));
    // ONNX passes pads over where the shape is told, and finds its own; the odd cell begins unless SAME_UPPER is told.
    for (const Sizes* pads : {&conventions.convolution.padding.begin, &conventions.convolution.padding.end}) {
      if (std::any_of(pads->begin(), pads->end(), [](int64_t pad) { return pad < 0; })) {
        return absl::InvalidArgumentError("pads are negative");
      }
    }
    const bool upper = conventions.convolution.padding.mode == compute::PaddingMode::kSameUpper;
    conventions.convolution.padding = {.mode =
                                           upper ? compute::PaddingMode::kSameUpper : compute::PaddingMode::kSameLower};
  }
  compute::Violations violations;
  const auto geometry =
      compute::ResolveTransposedConvolution(conventions, compute::Profile::kOnnx, compute::Shape(inputs[0]->shape),
                                            compute::Shape(inputs[1]->shape), {}, {}, violations);
  if (!geometry.has_value()) return violations.ToStatus();
  const compute::TensorView bias = BiasOf(inputs);
  if (bias.data != nullptr) compute::CheckBiasShape(*geometry, bias.shape, "bias", violations);
  TENSORD_RETURN_IF_ERROR(violations.ToStatus());
  TENSORD_ASSIGN_OR_RETURN(
      const compute::Tensor output,
      compute::ConvolveTranspose(*geometry, inputs[0]->view(), inputs[1]->view(), bias, {}, Serially()));
  return Execution{.outputs = {ValueOf(output)}, .work = CountTransposed(*geometry, bias.data != nullptr)};
}

}  // namespace

compute::ExecutionContext Serially() {
  static compute::SerialExecutor executor;
  return {.executor = &executor};
}

absl::StatusOr<Sizes> ListOf(const GraphNode& node, const std::string& name, size_t count, int64_t otherwise) {
  const std::optional<Sizes> list = SizesOf(node, name);
  if (!list.has_value()) return Sizes(count, otherwise);
  if (list->size() == count) return *list;
  return absl::InvalidArgumentError(absl::StrCat(name, " has ", list->size(), " entries, not ", count));
}

absl::StatusOr<WindowLists> ReadWindowLists(const GraphNode& node, size_t axes) {
  WindowLists lists;
  TENSORD_ASSIGN_OR_RETURN(lists.strides, ListOf(node, "strides", axes, 1));
  TENSORD_ASSIGN_OR_RETURN(lists.dilations, ListOf(node, "dilations", axes, 1));
  TENSORD_ASSIGN_OR_RETURN(const Sizes pads, ListOf(node, "pads", 2 * axes, 0));
  const std::string mode = TextOf(node, "auto_pad", "NOTSET");
  if (mode == "NOTSET") {
    const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(axes);
    lists.padding = {.begin = Sizes(pads.begin(), middle), .end = Sizes(middle, pads.end())};
  } else if (mode == "VALID") {
    lists.padding.mode = compute::PaddingMode::kValid;
  } else if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    lists.padding.mode = mode == "SAME_UPPER" ? compute::PaddingMode::kSameUpper : compute::PaddingMode::kSameLower;
  } else {
    return absl::InvalidArgumentError(absl::StrCat("auto_pad is ", mode));
  }
  return lists;
}

Outcome ExecuteWindows(const GraphNode& node, const std::vector<const Value*>& inputs) {
  if (node.op_type == "Conv") return RunConvolution(node, inputs);
  if (node.op_type == "ConvTranspose") return RunTransposed(node, inputs);
  return std::nullopt;
}

}  // namespace tensord::analysis::random_graphs
