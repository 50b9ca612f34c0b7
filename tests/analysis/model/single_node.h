// One node as a row of a table, SmallGraph's graph of it, and what their analysis comes to as one line of text, for
// tests of operators.
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
#include "tests/analysis/model/small_graph.h"

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
  model::SmallGraph graph(node.opset, "g");
  GraphNode only = model::NamedNode("n", node.op, {}, {}, node.attributes);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    only.inputs.push_back(node.inputs[i].has_value() ? absl::StrCat("x", i) : "");
    if (!node.inputs[i].has_value()) continue;
    GraphTensor tensor = node.inputs[i]->tensor;
    tensor.name = only.inputs.back();
    if (node.inputs[i]->is_input) {
      graph.Input(std::move(tensor));
    } else {
      graph.Initializer(std::move(tensor));
    }
  }
  for (size_t i = 0; i < node.outputs; ++i) only.outputs.push_back(absl::StrCat("y", i));
  const std::vector<std::string> outputs = only.outputs;
  return graph.Node(std::move(only)).With(outputs);
}

// "float32[N,3], bool[N,3]; N*3 comparisons; 3 parameters; if N = 2", or "error: ...". What is 0 is left out.
inline std::string Summary(const Graph& graph) {
  const absl::StatusOr<ModelAnalysis> result = AnalyzeModel(graph, {});
  if (!result.ok()) return absl::StrCat("error: ", result.status().message());
  std::vector<std::string> parts(1);
  for (const ModelTensor& output : result->outputs) {
    absl::StrAppend(&parts[0], parts[0].empty() ? "" : ", ", ElementTypeName(output.type),
                    output.shape.has_value() ? model::Text(output) : "[?]");
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
