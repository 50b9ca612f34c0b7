// Reductions: sums, products, norms and extremes of all elements along some axes, and sums on the way.
//
// What each counts, for E elements in R groups, and J = E - R what joins each group's elements:
//   ReduceSum         J additions
//   ReduceMean        J additions, R divisions
//   ReduceProd        J multiplications
//   ReduceMax, Min    J comparisons
//   ReduceL1          E comparisons (|x|), J additions
//   ReduceL2          E multiplications, J additions, R square roots
//   ReduceSumSquare   E multiplications, J additions
//   ReduceLogSum      J additions, R logarithms
//   ReduceLogSumExp   max + log(sum of exp(x - max)): J comparisons, E + J + R additions, E exponentials, R logarithms
//   ArgMax, ArgMin    J comparisons
//   CumSum            J additions
// A group without elements joins nothing, and a mean of single elements divides nothing.
//
// Source: https://onnx.ai/onnx/operators/index.html (formulas, axes, what changed with which opset)
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/fold.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/reduced_axes.h"
#include "analysis/src/model/value_rules.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

using CountGroups = void (*)(const Groups& groups, OperationCounts& counts);

void CountSums(const Groups& groups, OperationCounts& counts) { counts.additions = groups.Joins(); }

void CountMeans(const Groups& groups, OperationCounts& counts) {
  CountSums(groups, counts);
  if (groups.count != groups.elements) counts.divisions = groups.count;
}

void CountProducts(const Groups& groups, OperationCounts& counts) { counts.multiplications = groups.Joins(); }

void CountExtremes(const Groups& groups, OperationCounts& counts) { counts.comparisons = groups.Joins(); }

void CountSumsOfMagnitudes(const Groups& groups, OperationCounts& counts) {
  CountSums(groups, counts);
  counts.comparisons = groups.elements;
}

void CountSumsOfSquares(const Groups& groups, OperationCounts& counts) {
  CountSums(groups, counts);
  counts.multiplications = groups.elements;
}

void CountNorms(const Groups& groups, OperationCounts& counts) {
  CountSumsOfSquares(groups, counts);
  counts.special_functions = groups.count;
}

void CountLogarithms(const Groups& groups, OperationCounts& counts) {
  CountSums(groups, counts);
  counts.special_functions = groups.count;
}

void CountLogarithmsOfExponentials(const Groups& groups, OperationCounts& counts) {
  CountExtremes(groups, counts);
  counts.additions = groups.elements + groups.Joins() + groups.count;
  counts.special_functions = groups.elements + groups.count;
}

Shape ReducedShape(const Shape& shape, const std::vector<bool>& reduced, bool keeps_axes) {
  Shape output;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (!reduced[i]) {
      output.push_back(shape[i]);
    } else if (keeps_axes) {
      output.emplace_back(1);
    }
  }
  return output;
}

// The one value that all values of a small tensor make.
std::optional<Values> FoldAll(const TensorFacts& tensor, ValueRule rule) {
  const std::optional<std::vector<Value>> values = ValuesOf(tensor);
  if (!values.has_value()) return std::nullopt;
  const std::optional<Value> result = rule(*values, tensor.type);
  return result.has_value() ? ToValues({*result}, tensor.type) : std::nullopt;
}

// The axes to reduce, of an attribute or, with newer opsets, of the second input. Where there are none it is all of
// them, or none.
absl::StatusOr<std::vector<bool>> AxesToReduce(NodeView& node, size_t rank) {
  TENSORD_ASSIGN_OR_RETURN(const std::optional<std::vector<Expression>> axes, node.IntsOrInput("axes", 1));
  TENSORD_ASSIGN_OR_RETURN(const int64_t noop, node.Int("noop_with_empty_axes", 0));
  node.Mark(1, Role::kConstant);
  if (!axes.has_value() || axes->empty()) return std::vector<bool>(rank, noop == 0);
  return ReducedAxes(node, *axes, rank);
}

template <CountGroups kCount, ValueRule kRule = nullptr>
absl::Status Reduce(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<bool> reduced, AxesToReduce(node, input->size()));
  TENSORD_ASSIGN_OR_RETURN(const int64_t keepdims, node.Int("keepdims", 1));
  kCount(GroupsOf(*input, reduced), node.counts());
  ReadJoined(node, reduced, keepdims != 0);
  TensorFacts output{.type = node.input(0).type,
                     .shape = ReducedShape(*input, reduced, keepdims != 0),
                     .values = std::nullopt,
                     .role = Role::kData};
  // What of some axes only would take more than one value; shapes, whose arithmetic this is for, have one axis.
  if (kRule != nullptr && ElementCount(*output.shape) == Expression(1)) output.values = FoldAll(node.input(0), kRule);
  node.SetOutput(0, std::move(output));
  return absl::OkStatus();
}

absl::Status ArgExtreme(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", 0, input->size()));
  TENSORD_ASSIGN_OR_RETURN(const int64_t keepdims, node.Int("keepdims", 1));
  std::vector<bool> reduced(input->size(), false);
  reduced[axis] = true;
  CountExtremes(GroupsOf(*input, reduced), node.counts());
  ReadJoined(node, reduced, keepdims != 0);
  node.SetOutput(0, ElementType::kInt64, ReducedShape(*input, reduced, keepdims != 0));
  return absl::OkStatus();
}

// Sums along the axis that the second input has.
absl::Status CumSum(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "axis", 0, 1).status());
  TENSORD_ASSIGN_OR_RETURN(const std::optional<std::vector<Expression>> axis, node.IntsOrInput("axis", 1));
  node.Mark(1, Role::kConstant);
  if (axis->size() != 1) return node.Error(absl::StrCat("its axis ", node.Describe(1), " has to be a single number"));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<bool> summed, ReducedAxes(node, *axis, input->size()));
  CountSums(GroupsOf(*input, summed), node.counts());
  ReadJoined(node, summed);
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {
    {"ReduceSum", &Reduce<&CountSums, &SumOf>},
    {"ReduceMean", &Reduce<&CountMeans>},
    {"ReduceProd", &Reduce<&CountProducts, &ProductOf>},
    {"ReduceMax", &Reduce<&CountExtremes, &LargestOf>},
    {"ReduceMin", &Reduce<&CountExtremes, &SmallestOf>},
    {"ReduceL1", &Reduce<&CountSumsOfMagnitudes>},
    {"ReduceL2", &Reduce<&CountNorms>},
    {"ReduceSumSquare", &Reduce<&CountSumsOfSquares>},
    {"ReduceLogSum", &Reduce<&CountLogarithms>},
    {"ReduceLogSumExp", &Reduce<&CountLogarithmsOfExponentials>},
    {"ArgMax", &ArgExtreme},
    {"ArgMin", &ArgExtreme},
    {"CumSum", &CumSum},
};

}  // namespace

absl::Span<const Operator> ReductionOperators() { return kOperators; }

}  // namespace tensord::analysis::model
