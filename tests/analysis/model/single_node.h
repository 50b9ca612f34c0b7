// Graphs of one node, and what their analysis comes to as one line of text, for tests of operators.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_SINGLE_NODE_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_SINGLE_NODE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis::single_node {

using Sizes = std::vector<Dimension>;

struct Operand {
  GraphTensor tensor;
  bool is_input = true;  // of the graph; else an initializer
};

inline Operand Data(Sizes shape, ElementType type = ElementType::kFloat32) {
  return {.tensor = {.name = "", .type = type, .shape = std::move(shape), .values = std::nullopt}, .is_input = true};
}
inline Operand Weight(Sizes shape, ElementType type = ElementType::kFloat32) {
  return {.tensor = {.name = "", .type = type, .shape = std::move(shape), .values = std::nullopt}, .is_input = false};
}
inline Operand Integers(std::vector<int64_t> values, ElementType type = ElementType::kInt64) {
  const auto count = static_cast<int64_t>(values.size());
  return {.tensor = {.name = "", .type = type, .shape = Sizes{count}, .values = std::move(values)}, .is_input = false};
}
inline Operand Reals(std::vector<double> values, ElementType type = ElementType::kFloat32) {
  const auto count = static_cast<int64_t>(values.size());
  return {.tensor = {.name = "", .type = type, .shape = Sizes{count}, .values = std::move(values)}, .is_input = false};
}
// A number that is no vector.
inline Operand Scalar(int64_t value, ElementType type = ElementType::kInt64) {
  Operand operand = Integers({value}, type);
  operand.tensor.shape = Sizes();
  return operand;
}
// An optional input that is not there.
inline std::optional<Operand> None() { return std::nullopt; }

// A node, whose inputs are called x0, x1, ... and whose outputs y0, y1, ...
struct Node {
  std::string op;
  std::vector<std::optional<Operand>> inputs;
  std::map<std::string, AttributeValue> attributes = {};
  int64_t opset = 17;
  size_t outputs = 1;
};

inline Graph GraphOf(const Node& node) {
  Graph graph{.name = "g", .opset = node.opset};
  GraphNode only{.name = "n", .op_type = node.op, .attributes = node.attributes};
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    only.inputs.push_back(node.inputs[i].has_value() ? absl::StrCat("x", i) : "");
    if (!node.inputs[i].has_value()) continue;
    GraphTensor tensor = node.inputs[i]->tensor;
    tensor.name = only.inputs.back();
    (node.inputs[i]->is_input ? graph.inputs : graph.initializers).push_back(std::move(tensor));
  }
  for (size_t i = 0; i < node.outputs; ++i) {
    only.outputs.push_back(absl::StrCat("y", i));
    graph.outputs.push_back({.name = only.outputs.back()});
  }
  graph.nodes.push_back(std::move(only));
  return graph;
}

// "float32[N,3], bool[N,3]; N*3 comparisons; 3 parameters; if N = 2", or "error: ...". What is 0 is left out.
inline std::string Summary(const Graph& graph) {
  const absl::StatusOr<ModelAnalysis> result = AnalyzeModel(graph, {});
  if (!result.ok()) return absl::StrCat("error: ", result.status().message());
  std::vector<std::string> parts(1);
  for (const ModelTensor& output : result->outputs) {
    absl::StrAppend(&parts[0], parts[0].empty() ? "" : ", ", ElementTypeName(output.type));
    if (!output.shape.has_value()) {
      absl::StrAppend(&parts[0], "[?]");
      continue;
    }
    absl::StrAppend(
        &parts[0], "[",
        absl::StrJoin(*output.shape, ",", [](std::string* out, const Count& size) { *out += size.ToString(); }), "]");
  }
  const OperationCounts& counts = result->operations;
  const std::pair<const char*, Expression> amounts[] = {{"multiplications", counts.multiplications},
                                                        {"additions", counts.additions},
                                                        {"comparisons", counts.comparisons},
                                                        {"divisions", counts.divisions},
                                                        {"special functions", counts.special_functions},
                                                        {"macs", counts.macs},
                                                        {"bias additions", counts.bias_additions},
                                                        {"parameters", result->parameter_count.exact()},
                                                        {"buffers", result->buffer_count.exact()}};
  for (const auto& [name, amount] : amounts) {
    if (amount != Expression()) parts.push_back(absl::StrCat(amount.ToString(), " ", name));
  }
  for (const std::string& layer : result->unknown_layers) parts.push_back(absl::StrCat("unknown ", layer));
  for (const std::string& condition : result->conditions) parts.push_back(absl::StrCat("if ", condition));
  return absl::StrJoin(parts, "; ");
}
inline std::string Summary(const Node& node) { return Summary(GraphOf(node)); }

}  // namespace tensord::analysis::single_node

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_SINGLE_NODE_H_
