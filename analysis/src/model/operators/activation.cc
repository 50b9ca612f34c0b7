// Activations.
//
// What each costs an element stands in the table at the end, beside its formula; what is not counted, in elementwise.h.
//
// Source: https://onnx.ai/onnx/operators/index.html (formulas, broadcasting, what changed with which opset)
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/broadcast.h"
#include "analysis/src/model/elementwise.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/reduced_axes.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// max(0,x) + slope*min(0,x): one comparison and one multiplication. The slopes are broadcast to x, one way.
absl::Status PRelu(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const std::vector<const Shape*> shapes, OperandShapes(node, 2));
  const Shape& input = *shapes[0];
  if (node.opset() >= 7) node.SettleLastSizes(1, input);
  Shape slopes = *shapes[1];
  node.Mark(1, Role::kParameter);
  // Before opset 7 there is one for each channel.
  if (node.opset() < 7 && slopes.size() == 1 && input.size() > 2) slopes.resize(input.size() - 1, 1);
  TENSORD_RETURN_IF_ERROR(
      RequireBroadcast(node, slopes, input,
                       absl::StrCat("its slopes ", node.Describe(1), " have to be broadcast to the shape of its input ",
                                    node.Describe(0))));
  CountEach(ElementCount(input), Cost{.multiplications = 1, .comparisons = 1}, node.counts());
  ReadSame(node);
  ReadWhole(node, {1});
  node.SetOutput(0, OperandType(node), input);
  return absl::OkStatus();
}

// One comparison for each bound that is given, which attributes are before opset 11.
absl::Status Clip(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  int64_t bounds = 0;
  for (const size_t i : {size_t{1}, size_t{2}}) {
    node.Mark(i, Role::kConstant);
    const absl::string_view name = i == 1 ? "min" : "max";
    if (node.Has(i)) {
      TENSORD_ASSIGN_OR_RETURN(const Shape* bound, node.ShapeOf(i, name, 0, 1));
      TENSORD_RETURN_IF_ERROR(node.RequireEqual(
          ElementCount(*bound), 1, absl::StrCat("its bound ", node.Describe(i), " has to be a single number")));
      ++bounds;
    } else if (node.HasAttribute(name)) {
      TENSORD_RETURN_IF_ERROR(node.Real(name, 0).status());
      ++bounds;
    }
  }
  CountEach(ElementCount(*input), Cost{.comparisons = bounds}, node.counts());
  ReadSame(node);
  ReadWhole(node, {1, 2});
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

// 0.5*x*(1 + erf(x/sqrt(2))), or 0.5*x*(1 + tanh(c*(x + 0.044715*x*x*x))).
absl::Status Gelu(NodeView& node) {
  const absl::StatusOr<std::string> approximate = node.Text("approximate", "none");
  if (!approximate.ok()) return approximate.status();
  Cost cost = {.multiplications = 2, .additions = 1, .divisions = 1, .special_functions = 1};
  if (*approximate == "tanh") {
    cost = {.multiplications = 6, .additions = 2, .special_functions = 1};
  } else if (*approximate != "none") {
    return node.Error(
        absl::StrCat("its attribute approximate was \"", PrintableName(*approximate), "\", has to be none or tanh"));
  }
  return MapElements(node, 1, cost, nullptr, OperandType(node));
}

// Of the elements of a softmax together.
using CountGroups = void (*)(const Groups& groups, OperationCounts& counts);

// exp(x - max) over their sum: the maximum's comparisons, the difference's and the sum's additions.
void CountSoftmax(const Groups& groups, OperationCounts& counts) {
  counts.comparisons = groups.Joins();
  counts.additions = groups.elements + groups.Joins();
  counts.special_functions = counts.divisions = groups.elements;
}

// (x - max) - log(sum of exp(x - max)): one addition more in place of the division, and one logarithm a group.
void CountLogSoftmax(const Groups& groups, OperationCounts& counts) {
  counts.comparisons = groups.Joins();
  counts.additions = groups.elements * 2 + groups.Joins();
  counts.special_functions = groups.elements + groups.count;
}

// 1 at the first maximum, 0 elsewhere.
void CountHardmax(const Groups& groups, OperationCounts& counts) { counts.comparisons = groups.Joins(); }

// Along one axis; before opset 13 along all axes from that one on.
template <CountGroups kCount>
absl::Status Softmax(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  const bool is_old = node.opset() < 13;
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", is_old ? 1 : -1, input->size()));
  std::vector<bool> joined(input->size(), false);
  for (size_t i = axis; i < input->size(); ++i) joined[i] = is_old || i == axis;
  kCount(GroupsOf(*input, joined), node.counts());
  ReadJoined(node, joined);
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {
    {"Clip", &Clip},
    // max(0,x)
    {"Relu", kUnary<Cost{.comparisons = 1}>},
    // x, below 0 alpha*x
    {"LeakyRelu", kUnary<Cost{.multiplications = 1, .comparisons = 1}>},
    {"PRelu", &PRelu},
    // x, up to alpha 0
    {"ThresholdedRelu", kUnary<Cost{.comparisons = 1}>},
    // x + bias, 0 or x - bias, by two bounds
    {"Shrink", kUnary<Cost{.additions = 1, .comparisons = 2}>},
    // x, below 0 alpha*(exp(x) - 1)
    {"Elu", kUnary<Cost{.multiplications = 1, .additions = 1, .comparisons = 1, .special_functions = 1}>},
    // gamma*x, below 0 gamma*(alpha*exp(x) - alpha)
    {"Selu", kUnary<Cost{.multiplications = 2, .additions = 1, .comparisons = 1, .special_functions = 1}>},
    // max(0,x) + min(0,alpha*(exp(x/alpha) - 1))
    {"Celu",
     kUnary<Cost{.multiplications = 1, .additions = 2, .comparisons = 2, .divisions = 1, .special_functions = 1}>},
    // 1/(1 + exp(-x))
    {"Sigmoid", kUnary<Cost{.additions = 1, .divisions = 1, .special_functions = 1}>},
    // max(0,min(1,alpha*x + beta))
    {"HardSigmoid", kUnary<Cost{.multiplications = 1, .additions = 1, .comparisons = 2}>},
    // x*max(0,min(1,x*(1/6) + 0.5))
    {"HardSwish", kUnary<Cost{.multiplications = 2, .additions = 1, .comparisons = 2}>},
    // x*sigmoid(alpha*x)
    {"Swish", kUnary<Cost{.multiplications = 2, .additions = 1, .divisions = 1, .special_functions = 1}>},
    // log(1 + exp(x))
    {"Softplus", kUnary<Cost{.additions = 1, .special_functions = 2}>},
    // x/(1 + |x|)
    {"Softsign", kUnary<Cost{.additions = 1, .comparisons = 1, .divisions = 1}>},
    // x*tanh(log(1 + exp(x)))
    {"Mish", kUnary<Cost{.multiplications = 1, .additions = 1, .special_functions = 3}>},
    {"Gelu", &Gelu},
    {"Softmax", &Softmax<&CountSoftmax>},
    {"LogSoftmax", &Softmax<&CountLogSoftmax>},
    {"Hardmax", &Softmax<&CountHardmax>},
};

}  // namespace

absl::Span<const Operator> ActivationOperators() { return kOperators; }

}  // namespace tensord::analysis::model
