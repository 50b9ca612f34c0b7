// Normalisations.
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/model_file/layer.h"
#include "client/cli/status_macros.h"

namespace tensord::cli::model_file {
namespace {

// A node with vectors of one element for each channel.
v1::ModelNode& AddNormalization(const Layer& layer, absl::string_view op, absl::Span<const absl::string_view> vectors) {
  std::vector<std::string> inputs = {layer.input().name};
  for (const absl::string_view vector : vectors) {
    inputs.push_back(layer.Parameter(vector, {kOpenSize}));
  }
  return layer.builder.AddNode(layer.name, op, inputs);
}

absl::StatusOr<Tensor> BatchNorm(const Layer& layer) {
  return OutputOf(AddNormalization(layer, "BatchNormalization", {"scale", "bias", "mean", "variance"}), layer.input());
}

absl::StatusOr<Tensor> InstanceNorm(const Layer& layer) {
  return OutputOf(AddNormalization(layer, "InstanceNormalization", {"scale", "bias"}), layer.input());
}

absl::StatusOr<Tensor> GroupNorm(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t groups, layer.arguments.Number("groups", 1));
  v1::ModelNode& node = AddNormalization(layer, "GroupNormalization", {"scale", "bias"});
  SetInteger(node, "num_groups", groups);
  return OutputOf(node, layer.input());
}

// Over the axes from that one on, each with its own scale and bias.
absl::StatusOr<Tensor> LayerNorm(const Layer& layer) {
  const auto rank = static_cast<int64_t>(layer.input().rank);
  int64_t axis = -1;
  if (const Value* const value = layer.arguments.Find("axis")) {
    TENSORCTL_ASSIGN_OR_RETURN(axis, RequireNumber(*value, layer.arguments.PlaceOf("axis"), -rank, rank - 1));
  }
  const auto count = static_cast<size_t>(axis < 0 ? -axis : rank - axis);
  const std::vector<int64_t> open(count, kOpenSize);
  v1::ModelNode& node =
      layer.builder.AddNode(layer.name, "LayerNormalization",
                            {layer.input().name, layer.Parameter("scale", open), layer.Parameter("bias", open)});
  SetInteger(node, "axis", axis);
  return OutputOf(node, layer.input());
}

absl::StatusOr<Tensor> LocalResponseNorm(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t size, layer.arguments.Number("size", 1));
  v1::ModelNode& node = layer.builder.AddNode(layer.name, "LRN", {layer.input().name});
  SetInteger(node, "size", size);
  return OutputOf(node, layer.input());
}

constexpr absl::string_view kGroupKeys[] = {"groups"};
constexpr absl::string_view kAxisKeys[] = {"axis"};
constexpr absl::string_view kSizeKeys[] = {"size"};

constexpr LayerKind kLayers[] = {{"batch-norm", "", {}, 1, 1, &BatchNorm},
                                 {"instance-norm", "", {}, 1, 1, &InstanceNorm},
                                 {"group-norm", "groups", kGroupKeys, 1, 1, &GroupNorm},
                                 {"layer-norm", "axis", kAxisKeys, 1, 1, &LayerNorm},
                                 {"lrn", "size", kSizeKeys, 1, 1, &LocalResponseNorm}};

}  // namespace

absl::Span<const LayerKind> NormalizationLayers() { return kLayers; }

}  // namespace tensord::cli::model_file
