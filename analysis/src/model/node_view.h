// A node as its operator's handler sees it.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_NODE_VIEW_H_
#define TENSORD_ANALYSIS_SRC_MODEL_NODE_VIEW_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/src/model/axis_read.h"
#include "analysis/src/model/facts.h"
#include "tensord/analysis/graph.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis::model {

// The inputs' facts, the attributes with their defaults, and places for what the handler finds out. It knows nothing of
// other nodes.
//
// Errors are made by Error(), which begins them with the node's name and operator: a handler says what is wrong, with
// both shapes and the rule.
class NodeView {
 public:
  NodeView(const GraphNode& node, int64_t opset, std::vector<TensorFacts*> inputs, std::set<std::string>& conditions)
      : node_(node),
        opset_(opset),
        inputs_(std::move(inputs)),
        conditions_(conditions),
        outputs_(node.outputs.size()),
        reads_(node.outputs.size()) {}

  [[nodiscard]] const GraphNode& node() const { return node_; }
  [[nodiscard]] int64_t opset() const { return opset_; }

  // Inputs. Has: whether it is given at all.
  [[nodiscard]] size_t input_count() const { return inputs_.size(); }
  [[nodiscard]] bool Has(size_t index) const { return index < inputs_.size() && inputs_[index] != nullptr; }
  // Of one that is given.
  [[nodiscard]] const TensorFacts& input(size_t index) const { return *inputs_[index]; }
  // Its shape, with a rank of that many axes at least and at most; an error where it is not given, not known, or of
  // another rank. `what`: "input", "filter".
  [[nodiscard]] absl::StatusOr<const Shape*> ShapeOf(size_t index, absl::string_view what, size_t min_rank = 0,
                                                     size_t max_rank = kMaxGraphRank) const;
  // Makes a size of a parameter that the graph leaves open what the operator needs there, before shapes are compared. A
  // size that is not open stays as it is, and has to be compared.
  void SettleSize(size_t index, size_t axis, const Expression& size);
  // Likewise, sizes that are aligned with the last axes of `shape`.
  void SettleLastSizes(size_t index, const Shape& shape);
  // "x [N,3,224,224]": an input with its name, for messages.
  [[nodiscard]] std::string Describe(size_t index) const;

  // Attributes; errors where they are of another kind.
  [[nodiscard]] bool HasAttribute(absl::string_view name) const;
  [[nodiscard]] absl::StatusOr<int64_t> Int(absl::string_view name, int64_t otherwise) const;
  [[nodiscard]] absl::StatusOr<double> Real(absl::string_view name, double otherwise) const;
  [[nodiscard]] absl::StatusOr<std::string> Text(absl::string_view name, absl::string_view otherwise) const;
  [[nodiscard]] absl::StatusOr<std::vector<int64_t>> Ints(absl::string_view name) const;  // empty where not given
  [[nodiscard]] absl::StatusOr<std::vector<double>> Reals(absl::string_view name) const;  // likewise
  // An axis from the attribute, -rank..rank-1 made 0..rank-1.
  [[nodiscard]] absl::StatusOr<size_t> Axis(absl::string_view name, int64_t otherwise, size_t rank) const;
  // One axis number made 0..rank-1.
  [[nodiscard]] absl::StatusOr<size_t> ResolveAxis(int64_t axis, size_t rank) const;
  // Numbers that newer opsets take from an input and older ones from an attribute: those of `index` where it is given,
  // else of the attribute. Nothing where neither is; an error where the input's values are not known.
  [[nodiscard]] absl::StatusOr<std::optional<std::vector<Expression>>> IntsOrInput(absl::string_view name,
                                                                                   size_t index) const;

  // Results.
  [[nodiscard]] size_t output_count() const { return outputs_.size(); }
  void SetOutput(size_t index, TensorFacts facts);
  // A tensor of data of that type and shape.
  void SetOutput(size_t index, ElementType type, Shape shape) {
    SetOutput(index, TensorFacts{.type = type, .shape = std::move(shape), .values = std::nullopt, .role = Role::kData});
  }
  // How the output's positions read that input, with an entry for each of the input's axes; reads.h has the families'
  // ways. Of an output with an input of data that this was not called for, no receptive field is known.
  void Read(size_t output, size_t input, AxisReads reads);
  [[nodiscard]] OperationCounts& counts() { return counts_; }
  // That the cost is not known, nor are the outputs that are not set: a size depends on what data holds. The layer is
  // then one of the unknown ones.
  void LeaveUnknown() { is_unknown_ = true; }
  [[nodiscard]] bool is_unknown() const { return is_unknown_; }
  // That the input, which no node computes, is such a tensor: a filter, a running mean.
  void Mark(size_t index, Role role);
  // Equal sizes: true where they are, an error where they cannot be (`rule` says why they have to), and a condition of
  // the result where symbols decide.
  [[nodiscard]] absl::Status RequireEqual(const Expression& a, const Expression& b, absl::string_view rule);
  // A condition of the result, in words.
  void Require(std::string condition) { conditions_.insert(std::move(condition)); }
  [[nodiscard]] absl::Status Error(absl::string_view what) const;

  [[nodiscard]] const std::vector<std::optional<TensorFacts>>& outputs() const { return outputs_; }
  [[nodiscard]] const std::vector<std::pair<size_t, Role>>& marks() const { return marks_; }
  // By output: of inputs, by their place among the node's.
  [[nodiscard]] const std::vector<std::vector<InputReads>>& reads() const { return reads_; }

 private:
  [[nodiscard]] const AttributeValue* Find(absl::string_view name) const;

  const GraphNode& node_;
  const int64_t opset_;
  const std::vector<TensorFacts*> inputs_;
  std::set<std::string>& conditions_;
  std::vector<std::optional<TensorFacts>> outputs_;
  std::vector<std::pair<size_t, Role>> marks_;
  std::vector<std::vector<InputReads>> reads_;
  OperationCounts counts_;
  bool is_unknown_ = false;
};

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_NODE_VIEW_H_
