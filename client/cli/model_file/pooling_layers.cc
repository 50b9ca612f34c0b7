// Poolings.
#include <utility>

#include "client/cli/model_file/layer.h"
#include "client/cli/model_file/windows.h"
#include "client/cli/status_macros.h"

namespace tensord::cli::model_file {
namespace {

constexpr absl::string_view kRoundings[] = {"floor", "ceil", "start-inside"};
constexpr absl::string_view kDivisors[] = {"excluded", "included"};

absl::StatusOr<Tensor> AddPooling(const Layer& layer, absl::string_view op) {
  TENSORCTL_ASSIGN_OR_RETURN(const Window window, WindowOf(layer, "window", true));
  TENSORCTL_ASSIGN_OR_RETURN(const std::string rounding, layer.arguments.Choice("rounding", kRoundings, "floor"));
  TENSORCTL_ASSIGN_OR_RETURN(const std::string divisor, layer.arguments.Choice("divisor", kDivisors, "excluded"));
  v1::ModelNode& node = layer.builder.AddNode(layer.name, op, {layer.input().name});
  TENSORCTL_RETURN_IF_ERROR(SetWindow(layer, window, false, node));
  if (rounding == "start-inside") TENSORCTL_RETURN_IF_ERROR(CutWindowsOff(layer, window, node));
  if (rounding == "ceil") SetInteger(node, "ceil_mode", 1);
  if (divisor == "included") SetInteger(node, "count_include_pad", 1);
  return OutputOf(node, layer.input());
}

absl::StatusOr<Tensor> MaxPool(const Layer& layer) { return AddPooling(layer, "MaxPool"); }
absl::StatusOr<Tensor> AveragePool(const Layer& layer) { return AddPooling(layer, "AveragePool"); }

absl::StatusOr<Tensor> AddGlobal(const Layer& layer, absl::string_view op) {
  TENSORCTL_ASSIGN_OR_RETURN(const Tensor input, layer.SpatialInput());
  return OutputOf(layer.builder.AddNode(layer.name, op, {input.name}), input);
}

absl::StatusOr<Tensor> GlobalMaxPool(const Layer& layer) { return AddGlobal(layer, "GlobalMaxPool"); }
absl::StatusOr<Tensor> GlobalAveragePool(const Layer& layer) { return AddGlobal(layer, "GlobalAveragePool"); }

constexpr absl::string_view kMaxKeys[] = {"window", "stride", "padding", "dilation", "rounding"};
constexpr absl::string_view kAverageKeys[] = {"window", "stride", "padding", "rounding", "divisor"};

constexpr LayerKind kLayers[] = {{"max-pool", "window", kMaxKeys, 1, 1, &MaxPool},
                                 {"average-pool", "window", kAverageKeys, 1, 1, &AveragePool},
                                 {"global-max-pool", "", {}, 1, 1, &GlobalMaxPool},
                                 {"global-average-pool", "", {}, 1, 1, &GlobalAveragePool}};

}  // namespace

absl::Span<const LayerKind> PoolingLayers() { return kLayers; }

}  // namespace tensord::cli::model_file
