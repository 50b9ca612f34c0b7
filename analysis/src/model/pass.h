// One pass over a graph: what is known of each tensor, and each node's cost.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_PASS_H_
#define TENSORD_ANALYSIS_SRC_MODEL_PASS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/src/model/facts.h"
#include "analysis/src/model/node_view.h"
#include "analysis/src/model/receptive_field.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis::model {

class Pass {
 public:
  // Both have to outlive the pass.
  Pass(const Graph& graph, const ModelOptions& options) : graph_(graph), options_(options) {}

  absl::StatusOr<ModelAnalysis> Run();

 private:
  // A tensor of the graph.
  struct Tensor {
    absl::string_view name;
    TensorFacts facts = {};
    bool is_known = false;  // given, or computed already
    bool is_input = false;  // of the graph
    bool is_initializer = false;
    bool is_marked = false;                 // an operator says what it is
    bool is_counted = false;                // among the parameters or buffers
    size_t counted_by = 0;                  // the node where it is, if it is
    const GraphTensor* declared = nullptr;  // what value_info or the outputs say
  };

  absl::Status CheckBounds() const;
  // The tensors that are there before any node has run.
  absl::Status AddGiven();
  absl::Status AddDeclared();
  // Every node's place in an order in which inputs come before their users.
  absl::StatusOr<std::vector<size_t>> Order();
  absl::Status RunNode(size_t index);
  // Whether the values of a node's outputs are kept: hostile graphs fold for nothing else.
  [[nodiscard]] bool MayFold(const GraphNode& node, const NodeView& view);
  // Outputs of a node whose operator is not known, or whose inputs are not.
  void LeaveUnknown(const GraphNode& node);
  // Initializers are parameters, but for what operators say is none, numbers on their own, and integers (indices and
  // shapes).
  static void PromoteWeight(Tensor& tensor);
  absl::Status Settle(const GraphNode& node, NodeView& view);
  // What a node, whose operator has no say in it any more, leaves open: an error of an initializer; a symbol of an
  // input.
  absl::Status CloseSizes(const GraphNode& node);
  absl::Status CompareWithDeclared(const GraphNode& node, const Tensor& tensor) const;
  // Adds the node's sizes and counts to what all nodes have; hostile graphs have large ones at every node.
  absl::Status AccountForText(const GraphNode& node, NodeView& view);
  // Returns whether the node is a layer.
  bool AddLayer(size_t index, bool known, const OperationCounts& counts);
  // Of the layer that was added last, which is that node, if it is the one to be explained.
  absl::Status ExplainIfAsked(size_t index, NodeView& view);
  // An error where none was the one.
  [[nodiscard]] absl::Status CheckExplained() const;
  absl::Status Finish();
  // The layers' receptive fields, once all inputs and all windows are known.
  void PublishFields();

  [[nodiscard]] size_t Intern(absl::string_view name);
  [[nodiscard]] TensorFacts FactsOf(const GraphTensor& tensor, Role role);
  // What the file says of a tensor that a node computes; its sizes are not the operators' to settle.
  [[nodiscard]] TensorFacts DeclaredFacts(const GraphTensor& tensor);
  // The size as an expression: a symbol's value where it is given, and a symbol that can be one for other names.
  [[nodiscard]] Expression SizeOf(const Dimension& size, bool is_first_axis);
  [[nodiscard]] ModelTensor Publish(size_t id) const;

  const Graph& graph_;
  const ModelOptions& options_;
  absl::flat_hash_map<absl::string_view, size_t> ids_;
  std::vector<Tensor> tensors_;
  std::map<std::string, std::string> symbols_;  // of the file, by its own names
  std::set<std::string> taken_symbols_;
  std::set<std::string> set_symbols_;  // of those with a value, the ones that there are
  std::set<std::string> conditions_;
  ModelAnalysis result_;
  Expression parameters_;
  Expression buffers_;
  int64_t folded_ = 0;                       // values that nodes took and gave so far
  size_t expression_bytes_ = 0;              // of the sizes and counts of the nodes so far
  std::vector<FieldsPointer> layer_fields_;  // of each layer's first output
  Following following_;
  int next_symbol_ = 1;  // the last part of the next name of ours
};

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_PASS_H_
