// Parts of a graph, for messages.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_GRAPH_TEXT_H_
#define TENSORD_ANALYSIS_SRC_MODEL_GRAPH_TEXT_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tensord/analysis/graph.h"

namespace tensord::analysis::model {

inline std::string Quoted(absl::string_view name) { return absl::StrCat("\"", PrintableName(name), "\""); }

// `node "conv1" (Conv)`.
inline std::string NodeText(const GraphNode& node) {
  return absl::StrCat("node ", node.name.empty() ? "" : Quoted(node.name) + " ", "(", PrintableName(node.op_type), ")");
}

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_GRAPH_TEXT_H_
