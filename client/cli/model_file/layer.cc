#include "client/cli/model_file/layer.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace tensord::cli::model_file {

absl::StatusOr<Tensor> Layer::SpatialInput() const {
  if (input().rank >= 3 && input().rank <= 5) return input();
  return arguments.place().Error(absl::StrCat("takes a tensor of ", input().rank,
                                              " axes, has to be one of 3..5: batch, channels and 1 to 3 spatial axes"));
}

std::string Layer::Part(absl::string_view part) const { return absl::StrCat(name, ".", part); }

std::string Layer::Parameter(absl::string_view part, const std::vector<int64_t>& shape) const {
  return parameters.Take(builder, Part(part), part, shape);
}

std::vector<LayerKind> LayerKinds() {
  std::vector<LayerKind> kinds;
  for (const absl::Span<const LayerKind> family : {ConvolutionLayers(), PoolingLayers(), NormalizationLayers(),
                                                   ActivationLayers(), ShapeLayers(), OtherLayers()}) {
    kinds.insert(kinds.end(), family.begin(), family.end());
  }
  return kinds;
}

const LayerKind* FindLayerKind(absl::string_view name) {
  static const auto* const by_name = [] {
    auto* const kinds = new absl::flat_hash_map<absl::string_view, LayerKind>();
    for (const LayerKind& kind : LayerKinds()) kinds->emplace(kind.name, kind);
    return kinds;
  }();
  const auto found = by_name->find(name);
  return found == by_name->end() ? nullptr : &found->second;
}

Tensor OutputOf(const v1::ModelNode& node, const Tensor& like) {
  return {.name = node.outputs(0), .rank = like.rank, .channels = like.channels};
}

}  // namespace tensord::cli::model_file
