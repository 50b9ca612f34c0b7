#include "analysis/src/model/explain/explain.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/explain/explainer.h"
#include "analysis/src/model/explain/families.h"
#include "analysis/src/model/operators.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

bool IsOneOf(absl::Span<const Operator> family, absl::string_view name) {
  return std::any_of(family.begin(), family.end(), [&](const Operator& entry) { return entry.name == name; });
}

absl::Status ExplainOperator(Explainer& explainer) {
  const std::string& name = explainer.node().node().op_type;
  for (const auto family : {ExplainedConvolutions(), ExplainedPoolings(), ExplainedProducts(), ExplainedShapes()}) {
    for (const ExplainedOperator& entry : family) {
      if (entry.name == name) return entry.explain(explainer);
    }
  }
  TENSORD_ASSIGN_OR_RETURN(const bool is_grouped, ExplainGroups(explainer));
  if (is_grouped) return absl::OkStatus();
  if (IsOneOf(ElementwiseOperators(), name) || IsOneOf(ActivationOperators(), name)) {
    return ExplainElementwise(explainer);
  }
  return ExplainOtherShape(explainer);
}

// A sum of the inputs' elements, each times a number of bytes, or once.
std::optional<Derivation> SumOf(Explainer& explainer, const std::vector<size_t>& inputs, bool in_bytes) {
  if (inputs.size() > kMaxExplainedTensors) return std::nullopt;
  std::optional<Derivation> sum;
  for (const size_t input : inputs) {
    const TensorFacts& facts = explainer.node().input(input);
    const int64_t bytes = in_bytes ? ElementBytes(facts.type) : 1;
    if (!facts.shape.has_value() || bytes == 0) return std::nullopt;
    const Derivation elements = explainer.InputElements(input);
    const Derivation part = in_bytes ? elements * Derivation(bytes) : elements;
    sum = sum.has_value() ? *sum + part : part;
  }
  return sum.value_or(Derivation(0));
}

std::vector<size_t> WithRole(const NodeView& node, const std::vector<size_t>& inputs, Role role) {
  std::vector<size_t> found;
  std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(found),
               [&](size_t input) { return node.input(input).role == role; });
  return found;
}

void ExplainElements(Explainer& explainer, const ModelLayer& layer, const std::vector<size_t>& counted) {
  const NodeView& node = explainer.node();
  const auto conclude = [&](absl::string_view name, Role role, const Count& count, absl::string_view meaning) {
    const auto sum = SumOf(explainer, WithRole(node, counted, role), false);
    explainer.Conclude(name, sum.value_or(Derivation(0)), count.exact(), meaning);
  };
  conclude("parameter_count", Role::kParameter, layer.parameter_count,
           "trained; what a layer before it has already is not counted again");
  if (layer.buffer_count.exact() == Expression()) return;
  conclude("buffer_count", Role::kBuffer, layer.buffer_count, "kept beside: running statistics");
}

void ExplainOperations(Explainer& explainer, const OperationCounts& counts) {
  const auto conclude = [&](absl::string_view name, const std::optional<Derivation>& told, const Expression& count,
                            absl::string_view meaning) {
    if (count == Expression()) return;
    std::optional<Derivation> derivation = told;
    if (!derivation.has_value()) derivation = ForEachElement(explainer.OutputElements(), count);
    if (derivation.has_value()) {
      explainer.Conclude(name, *derivation, count, meaning);
    } else {
      explainer.Given(name, count, meaning);
    }
  };
  const CountDerivations& told = explainer.counts();
  conclude("mac_count", told.macs, counts.macs, "multiply-accumulates, without bias");
  conclude("multiplication_count", told.multiplications, counts.multiplications, "multiplications");
  conclude("bias_addition_count", told.bias_additions, counts.bias_additions, "additions of the bias");
  conclude("addition_count", told.additions, counts.additions, "additions: one less for each sum than it has parts");
  conclude("comparison_count", told.comparisons, counts.comparisons, "comparisons");
  conclude("division_count", told.divisions, counts.divisions, "divisions");
  conclude("special_function_count", told.special_functions, counts.special_functions, "exp, log, sqrt, tanh, ...");
  conclude("flop_count", Derivation(2) * Derivation::Named("mac_count", counts.macs), counts.macs * 2,
           "two for each multiply-accumulate");
  if (counts.padding_macs.has_value()) {
    conclude("padding_mac_count", told.padding_macs, *counts.padding_macs, "of mac_count, those that read padding");
  }
  conclude("output_mac_count", told.macs_by_output, counts.macs_by_output,
           "multiply-accumulates by the output's positions");
}

// What is read: data, parameters and buffers, each tensor once.
std::optional<Derivation> BytesRead(Explainer& explainer) {
  const NodeView& node = explainer.node();
  std::vector<size_t> inputs;
  std::set<absl::string_view> names;
  for (size_t i = 0; i < node.input_count(); ++i) {
    if (!node.Has(i) || node.input(i).role == Role::kConstant || !names.insert(node.node().inputs[i]).second) continue;
    inputs.push_back(i);
    if (inputs.size() > kMaxExplainedTensors) return std::nullopt;
  }
  return SumOf(explainer, inputs, true);
}

std::optional<Derivation> BytesWritten(Explainer& explainer, const ModelLayer& layer) {
  if (layer.outputs.size() > kMaxExplainedTensors) return std::nullopt;
  std::optional<Derivation> sum;
  for (size_t i = 0; i < layer.outputs.size(); ++i) {
    const ModelTensor& output = layer.outputs[i];
    const int64_t bytes = ElementBytes(output.type);
    if (!output.shape.has_value() || bytes == 0) return std::nullopt;
    Shape shape;
    for (const Count& size : *output.shape) shape.push_back(size.exact());
    const Derivation elements =
        shape == explainer.output()
            ? explainer.OutputElements()
            : explainer.Given(absl::StrCat("E_out_", i), ElementCount(shape), absl::StrCat("elements of output ", i));
    const Derivation part = elements * Derivation(bytes);
    sum = sum.has_value() ? *sum + part : part;
  }
  return sum;
}

void ExplainBytes(Explainer& explainer, const ModelLayer& layer, const std::vector<size_t>& counted) {
  const auto step = [&](absl::string_view name, const std::optional<Derivation>& sum, absl::string_view meaning) {
    if (sum.has_value() && sum->value() != Expression()) explainer.Step(name, *sum, meaning);
  };
  const NodeView& node = explainer.node();
  step("parameter_byte_count", SumOf(explainer, WithRole(node, counted, Role::kParameter), true),
       "bytes of the parameters");
  step("buffer_byte_count", SumOf(explainer, WithRole(node, counted, Role::kBuffer), true), "bytes of the buffers");
  step("read_byte_count", BytesRead(explainer), "bytes of the data that it reads, its parameters and buffers");
  step("written_byte_count", BytesWritten(explainer, layer), "bytes that it writes");
}

}  // namespace

absl::StatusOr<Explanation> ExplainLayer(NodeView& node, const ModelLayer& layer, const std::vector<size_t>& counted) {
  Explainer explainer(node);
  const bool has_output = !layer.outputs.empty() && layer.outputs[0].shape.has_value();
  if (has_output) {
    Shape output;
    for (const Count& size : *layer.outputs[0].shape) output.push_back(size.exact());
    explainer.SetOutput(std::move(output));
  }
  if (layer.operations.has_value() && has_output) {
    TENSORD_RETURN_IF_ERROR(ExplainOperator(explainer));
  } else {
    explainer.GiveInput();
  }
  if (has_output) (void)explainer.OutputElements();
  ExplainElements(explainer, layer, counted);
  if (layer.operations.has_value() && has_output) ExplainOperations(explainer, *layer.operations);
  if (has_output) ExplainBytes(explainer, layer, counted);
  return Explanation{.layer = layer.name, .op_type = layer.op_type, .steps = explainer.TakeSteps()};
}

}  // namespace tensord::analysis::model
