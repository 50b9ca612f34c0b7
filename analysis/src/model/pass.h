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
  absl::Status CompareWithDeclared(const GraphNode& node, const Tensor& tensor) const;
  void AddLayer(size_t index, bool known, const OperationCounts& counts);
  absl::Status Finish();

  [[nodiscard]] size_t Intern(absl::string_view name);
  [[nodiscard]] TensorFacts FactsOf(const GraphTensor& tensor, Role role);
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
  int64_t folded_ = 0;  // values that nodes took and gave so far
};

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_PASS_H_
