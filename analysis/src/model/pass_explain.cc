// The part of the pass that explains one layer.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/src/model/explain/explain.h"
#include "analysis/src/model/graph_text.h"
#include "analysis/src/model/pass.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {

absl::Status Pass::ExplainIfAsked(size_t index, NodeView& view) {
  if (options_.explain.empty() || result_.explanation.has_value()) return absl::OkStatus();
  const ModelLayer& layer = result_.layers.back();
  if (PrintableName(layer.name) != options_.explain) return absl::OkStatus();
  const GraphNode& node = graph_.nodes[index];
  std::set<absl::string_view> names;
  std::vector<size_t> counted;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty() || !names.insert(node.inputs[i]).second) continue;
    const Tensor& tensor = tensors_[ids_.at(node.inputs[i])];
    if (tensor.is_counted && tensor.counted_by == index) counted.push_back(i);
  }
  TENSORD_ASSIGN_OR_RETURN(result_.explanation, ExplainLayer(view, layer, counted));
  return absl::OkStatus();
}

absl::Status Pass::CheckExplained() const {
  if (options_.explain.empty() || result_.explanation.has_value()) return absl::OkStatus();
  std::vector<std::string> names = NearestLayers(options_.explain, result_.layers);
  const bool are_near = !names.empty();
  constexpr size_t kMostListed = 3;
  for (size_t i = 0; !are_near && i < std::min(result_.layers.size(), kMostListed); ++i) {
    names.push_back(PrintableName(result_.layers[i].name));
  }
  const bool is_all = are_near || names.size() == result_.layers.size();
  return absl::NotFoundError(absl::StrCat("no layer is called ", Quoted(options_.explain),
                                          are_near        ? ", the nearest are "
                                          : names.empty() ? ", there are none"
                                                          : ", there are ",
                                          absl::StrJoin(names, ", "), is_all ? "" : ", ..."));
}

}  // namespace tensord::analysis::model
