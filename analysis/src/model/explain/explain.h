// A layer's numbers, derived.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_EXPLAIN_H_
#define TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_EXPLAIN_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/src/model/node_view.h"
#include "tensord/analysis/explanation.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis::model {

// Derives what the analysis says of a layer, once its handler has run and the layer is settled. `counted` are the
// inputs whose elements are in the layer's parameter_count and buffer_count: of shared ones that is the first layer's.
[[nodiscard]] absl::StatusOr<Explanation> ExplainLayer(NodeView& node, const ModelLayer& layer,
                                                       const std::vector<size_t>& counted);

// Up to three names of layers that are spelled like `name`, the most alike first; bounded work for each layer.
[[nodiscard]] std::vector<std::string> NearestLayers(absl::string_view name, const std::vector<ModelLayer>& layers);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_EXPLAIN_H_
