// Activations, run by tensord's operators. What they cost is tested operator by operator elsewhere.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/activation_axes.h"
#include "tensord/compute/prelu.h"
#include "tensord/compute/softmax.h"
#include "tensord/compute/status_macros.h"
#include "tests/analysis/model/random/execution.h"
#include "tests/analysis/model/random/window_execution.h"

namespace tensord::analysis::random_graphs {
namespace {

using compute::ActivationKind;

const std::map<std::string, ActivationKind>& Kinds() {
  static const auto* const kinds = new std::map<std::string, ActivationKind>{
      {"Relu", ActivationKind::kRelu},
      {"LeakyRelu", ActivationKind::kLeakyRelu},
      {"Elu", ActivationKind::kElu},
      {"Selu", ActivationKind::kSelu},
      {"Sigmoid", ActivationKind::kSigmoid},
      {"Tanh", ActivationKind::kTanh},
      {"Softplus", ActivationKind::kSoftplus},
      {"Softsign", ActivationKind::kSoftsign},
      {"HardSigmoid", ActivationKind::kHardSigmoid},
      {"HardSwish", ActivationKind::kHardSwish},
      {"Celu", ActivationKind::kCelu},
      {"Mish", ActivationKind::kMish},
      {"ThresholdedRelu", ActivationKind::kThresholdedRelu},
      {"Erf", ActivationKind::kErf},
  };
  return *kinds;
}

absl::StatusOr<Execution> RunElementwise(ActivationKind kind, const Value& input) {
  compute::Violations violations;
  const auto activation = compute::ResolveActivation({.kind = kind}, compute::Profile::kOnnx, "activation", violations);
  if (!activation.has_value()) return violations.ToStatus();
  TENSORD_ASSIGN_OR_RETURN(const compute::Tensor output, compute::Activate(*activation, input.view(), Serially()));
  return Execution{.outputs = {ValueOf(output)}};
}

absl::StatusOr<Execution> RunPrelu(const Value& input, const Value& slopes) {
  compute::Violations violations;
  const auto broadcast =
      compute::ResolveSlopes({.match = compute::SlopeMatch::kTrailing}, compute::Shape(slopes.shape),
                             compute::Shape(input.shape), "", compute::Profile::kOnnx, "match", "slope", violations);
  if (!broadcast.has_value()) return violations.ToStatus();
  TENSORD_ASSIGN_OR_RETURN(const compute::Tensor output,
                           compute::Prelu(input.view(), slopes.view(), *broadcast, Serially()));
  return Execution{.outputs = {ValueOf(output)}};
}

// Before opset 13 along all axes from the one that is named on, which is one axis of a matrix.
absl::StatusOr<Execution> RunSoftmax(ActivationKind kind, const GraphNode& node, const Value& input, int64_t opset) {
  const auto rank = static_cast<int64_t>(input.shape.size());
  int64_t axis = IntOf(node, "axis", opset < 13 ? 1 : -1);
  if (axis < -rank || axis >= rank) return absl::InvalidArgumentError(absl::StrCat("there is no axis ", axis));
  if (axis < 0) axis += rank;
  Value joined = input;
  if (opset < 13) {
    const absl::Span<const int64_t> sizes(input.shape);
    joined.shape = {Product(sizes.subspan(0, static_cast<size_t>(axis))),
                    Product(sizes.subspan(static_cast<size_t>(axis)))};
    axis = 1;
  }
  TENSORD_ASSIGN_OR_RETURN(const compute::Tensor output,
                           compute::Softmax(kind, joined.view(), static_cast<int>(axis), Serially()));
  Execution execution{.outputs = {ValueOf(output)}};
  execution.outputs[0].shape = input.shape;
  return execution;
}

}  // namespace

Outcome ExecuteActivation(const GraphNode& node, const std::vector<const Value*>& inputs, int64_t opset) {
  if (node.op_type == "PRelu") return RunPrelu(*inputs[0], *inputs[1]);
  if (node.op_type == "Softmax") return RunSoftmax(ActivationKind::kSoftmax, node, *inputs[0], opset);
  if (node.op_type == "LogSoftmax") return RunSoftmax(ActivationKind::kLogSoftmax, node, *inputs[0], opset);
  const auto kind = Kinds().find(node.op_type);
  if (kind == Kinds().end()) return std::nullopt;
  return RunElementwise(kind->second, *inputs[0]);
}

}  // namespace tensord::analysis::random_graphs
