// Graphs of a few nodes, and what comes out of them, as one line of text.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_SMALL_GRAPH_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_SMALL_GRAPH_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis::model {

using Attributes = std::map<std::string, AttributeValue>;

inline std::vector<int64_t> Ints(std::vector<int64_t> values) { return values; }

// "[N,3]", "unknown".
inline std::string Text(const ModelTensor& tensor) {
  if (!tensor.shape.has_value()) return "unknown";
  return absl::StrCat("[",
                      absl::StrJoin(*tensor.shape, ",",
                                    [](std::string* out, const Count& size) { absl::StrAppend(out, size.ToString()); }),
                      "]");
}

inline GraphTensor NamedTensor(std::string name, std::vector<Dimension> shape,
                               ElementType type = ElementType::kFloat32) {
  return {.name = std::move(name), .type = type, .shape = std::move(shape)};
}

inline GraphNode NamedNode(std::string name, std::string op_type, std::vector<std::string> inputs,
                           std::vector<std::string> outputs, Attributes attributes = {}) {
  return {.name = std::move(name),
          .op_type = std::move(op_type),
          .inputs = std::move(inputs),
          .outputs = std::move(outputs),
          .attributes = std::move(attributes)};
}

class SmallGraph {
 public:
  explicit SmallGraph(int64_t opset = 17, std::string name = "") {
    graph_.opset = opset;
    graph_.name = std::move(name);
  }

  SmallGraph& Input(GraphTensor tensor) {
    graph_.inputs.push_back(std::move(tensor));
    return *this;
  }
  SmallGraph& Input(const std::string& name, std::vector<Dimension> shape, ElementType type = ElementType::kFloat32) {
    return Input(NamedTensor(name, std::move(shape), type));
  }
  SmallGraph& Initializer(GraphTensor tensor) {
    graph_.initializers.push_back(std::move(tensor));
    return *this;
  }
  // An initializer: of integers along one axis, unless a shape is told.
  SmallGraph& Integers(const std::string& name, std::vector<int64_t> values) {
    const auto count = static_cast<int64_t>(values.size());
    return Integers(name, {count}, std::move(values));
  }
  SmallGraph& Integers(const std::string& name, std::vector<Dimension> shape, std::vector<int64_t> values) {
    return Initializer(
        {.name = name, .type = ElementType::kInt64, .shape = std::move(shape), .values = std::move(values)});
  }
  SmallGraph& Reals(const std::string& name, std::vector<double> values) {
    const auto count = static_cast<int64_t>(values.size());
    return Initializer({.name = name,
                        .type = ElementType::kFloat32,
                        .shape = std::vector<Dimension>{count},
                        .values = std::move(values)});
  }
  // An initializer whose values are not there.
  SmallGraph& Weights(const std::string& name, std::vector<Dimension> shape) {
    return Initializer(NamedTensor(name, std::move(shape)));
  }
  // What the file says of a tensor.
  SmallGraph& Declare(const std::string& name, std::vector<Dimension> shape) {
    graph_.value_info.push_back(NamedTensor(name, std::move(shape)));
    return *this;
  }
  SmallGraph& Node(const std::string& op_type, std::vector<std::string> inputs, std::vector<std::string> outputs,
                   Attributes attributes = {}) {
    return Node(NamedNode("", op_type, std::move(inputs), std::move(outputs), std::move(attributes)));
  }
  SmallGraph& Node(GraphNode node) {
    graph_.nodes.push_back(std::move(node));
    return *this;
  }

  // The graph with these outputs, of which the file says nothing but their names.
  [[nodiscard]] Graph With(const std::vector<std::string>& outputs) const {
    Graph graph = graph_;
    for (const std::string& output : outputs) graph.outputs.push_back({.name = output});
    return graph;
  }
  [[nodiscard]] absl::StatusOr<ModelAnalysis> Analyze(const std::vector<std::string>& outputs,
                                                      const ModelOptions& options = {}) const {
    return AnalyzeModel(With(outputs), options);
  }

  // The tensors' shapes, and the conditions of the analysis: "[N - 2,3] where N >= 2". Of an error the message.
  [[nodiscard]] std::string Shapes(const std::vector<std::string>& outputs) const {
    const absl::StatusOr<ModelAnalysis> analysis = Analyze(outputs);
    if (!analysis.ok()) return std::string(analysis.status().message());
    const std::string shapes = absl::StrJoin(analysis->outputs, " ", [](std::string* out, const ModelTensor& tensor) {
      absl::StrAppend(out, Text(tensor));
    });
    if (analysis->conditions.empty()) return shapes;
    return absl::StrCat(shapes, " where ", absl::StrJoin(analysis->conditions, ", "));
  }
  [[nodiscard]] std::string Shape(const std::string& output) const { return Shapes({output}); }

  // The values of a tensor of at most 8 integers from 0 on, as a tensor of such a shape shows them.
  [[nodiscard]] std::string Values(const std::string& name) const {
    SmallGraph probe = *this;
    probe.Integers("probe_flat", {-1});
    probe.Node("Reshape", {name, "probe_flat"}, {"probe_list"});
    probe.Node("ConstantOfShape", {"probe_list"}, {"probe"});
    return probe.Shape("probe");
  }

 private:
  Graph graph_;
};

}  // namespace tensord::analysis::model

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_SMALL_GRAPH_H_
