// Random graphs of small layers, made node by node while they are executed.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_RANDOM_GRAPH_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_RANDOM_GRAPH_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tensord/analysis/graph.h"
#include "tests/analysis/model/random/execution.h"

namespace tensord::analysis::random_graphs {

// A graph, and what came out of its execution.
struct RandomGraph {
  Graph graph;                            // of numbers alone
  std::vector<std::string> data_inputs;   // the first is a batch of images
  std::map<std::string, Value> values;    // of every tensor that there is
  std::vector<std::optional<Work>> work;  // of every node that was executed
  int64_t parameter_count = 0;            // of the nodes that were executed
  int64_t buffer_count = 0;
  std::optional<std::string> refusal;  // of the last node, which is the one that was not executed
  bool has_empty_windows = false;      // of the last node, see Execution
};

// The same graph for the same seed.
[[nodiscard]] RandomGraph MakeRandomGraph(uint64_t seed);

}  // namespace tensord::analysis::random_graphs

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_RANDOM_GRAPH_H_
