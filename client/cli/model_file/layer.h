// The layers that a file can have, and the nodes that each becomes.
#ifndef TENSORD_CLI_MODEL_FILE_LAYER_H_
#define TENSORD_CLI_MODEL_FILE_LAYER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/cli/model_file/arguments.h"
#include "client/cli/model_file/builder.h"
#include "client/cli/model_file/sharing.h"

namespace tensord::cli::model_file {

// Finds the tensor that a name stands for at a layer's place; an error that names what there is.
using FindTensor = std::function<absl::StatusOr<Tensor>(const Value& name, const Place& place)>;

// A layer at its place.
struct Layer {
  Builder& builder;
  const Arguments& arguments;
  std::string name;            // unique among the layers
  std::vector<Tensor> inputs;  // one at least
  const FindTensor& find;
  ParameterSource& parameters;

  [[nodiscard]] const Tensor& input() const { return inputs.front(); }
  // Its only input, where it is a batch with channels and 1 to 3 spatial axes.
  [[nodiscard]] absl::StatusOr<Tensor> SpatialInput() const;
  [[nodiscard]] std::string Part(absl::string_view part) const;
  // The name of its next parameter: its own, or that of the layer whose parameters it has.
  [[nodiscard]] std::string Parameter(absl::string_view part, const std::vector<int64_t>& shape) const;
};

// A kind of layer.
struct LayerKind {
  absl::string_view name;
  // The key whose value may stand instead of the mapping; empty where there is none.
  absl::string_view shorthand;
  absl::Span<const absl::string_view> keys;
  size_t min_inputs;
  size_t max_inputs;
  // Adds the layer's nodes, and tells what it gives.
  absl::StatusOr<Tensor> (*lower)(const Layer& layer);
};

// One table for each family; a new kind is a row in one of them, and in docs/model_file.schema.json.
[[nodiscard]] absl::Span<const LayerKind> ConvolutionLayers();
[[nodiscard]] absl::Span<const LayerKind> PoolingLayers();
[[nodiscard]] absl::Span<const LayerKind> NormalizationLayers();
[[nodiscard]] absl::Span<const LayerKind> ActivationLayers();
[[nodiscard]] absl::Span<const LayerKind> ShapeLayers();
[[nodiscard]] absl::Span<const LayerKind> OtherLayers();

// All of them.
[[nodiscard]] std::vector<LayerKind> LayerKinds();
// Null where there is none of that name.
[[nodiscard]] const LayerKind* FindLayerKind(absl::string_view name);

// What a layer of one node gives: `node`'s first output.
[[nodiscard]] Tensor OutputOf(const v1::ModelNode& node, const Tensor& like);

}  // namespace tensord::cli::model_file

#endif  // TENSORD_CLI_MODEL_FILE_LAYER_H_
