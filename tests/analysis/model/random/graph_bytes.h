// Graphs as ONNX files.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_GRAPH_BYTES_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_GRAPH_BYTES_H_

#include <string>

#include "tensord/analysis/graph.h"

namespace tensord::analysis::random_graphs {

// A ModelProto of the graph, whose symbols become dim_params, whose reals have no elements, and whose attributes are
// numbers, texts and lists of integers.
[[nodiscard]] std::string BytesOf(const Graph& graph);

}  // namespace tensord::analysis::random_graphs

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_GRAPH_BYTES_H_
