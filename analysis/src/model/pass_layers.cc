// The layers of a pass, and what they come to.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/src/model/graph_text.h"
#include "analysis/src/model/pass.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
void Pass::PromoteWeight(Tensor& tensor) {
  const bool is_weight = tensor.is_initializer && !tensor.is_marked && IsReal(tensor.facts.type) &&
                         tensor.facts.shape.has_value() && !tensor.facts.shape->empty();
  if (is_weight) tensor.facts.role = Role::kParameter;
}

bool Pass::AddLayer(size_t index, bool known, const OperationCounts& counts) {
  const GraphNode& node = graph_.nodes[index];
  Expression parameters;
  Expression buffers;
  std::vector<ModelWeight> weights;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty()) continue;
    Tensor& tensor = tensors_[ids_.at(node.inputs[i])];
    PromoteWeight(tensor);
    if (!tensor.facts.shape.has_value()) continue;
    if (tensor.facts.role != Role::kParameter && tensor.facts.role != Role::kBuffer) continue;
    const Expression elements = ElementCount(*tensor.facts.shape);
    const bool is_new = !tensor.is_counted && (tensor.is_input || tensor.is_initializer);
    weights.push_back({.place = i,
                       .type = tensor.facts.type,
                       .element_count = Count(elements),
                       .is_buffer = tensor.facts.role == Role::kBuffer,
                       .is_counted = is_new});
    if (!is_new) continue;
    tensor.is_counted = true;
    tensor.counted_by = index;
    Expression& count = tensor.facts.role == Role::kParameter ? parameters : buffers;
    count = count + elements;
  }
  bool has_data = false;
  ModelLayer layer{.name = node.name.empty() ? absl::StrCat(node.op_type, "_", index) : node.name,
                   .op_type = node.op_type,
                   .inputs = {},
                   .outputs = {},
                   .parameter_count = Count(parameters),
                   .buffer_count = Count(buffers),
                   .weights = std::move(weights),
                   .operations = std::nullopt};
  if (const auto mode = node.attributes.find("mode"); mode != node.attributes.end()) {
    if (const auto* text = std::get_if<std::string>(&mode->second)) layer.mode = *text;
  }
  for (const std::string& output : node.outputs) {
    if (output.empty()) continue;
    const size_t id = ids_.at(output);
    has_data = has_data || tensors_[id].facts.role == Role::kData;
    layer.outputs.push_back(Publish(id));
  }
  if (!has_data && parameters == Expression() && buffers == Expression()) return false;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty()) continue;
    const size_t id = ids_.at(node.inputs[i]);
    if (tensors_[id].facts.role != Role::kData) continue;
    layer.inputs.push_back(Publish(id));
    layer.input_places.push_back(i);
  }
  if (known) {
    layer.operations = counts;
    result_.operations += counts;
  } else {
    result_.unknown_layers.push_back(layer.name);
  }
  parameters_ += parameters;
  buffers_ += buffers;
  result_.layers.push_back(std::move(layer));
  const std::string& first = node.outputs.empty() ? std::string() : node.outputs.front();
  layer_fields_.push_back(first.empty() ? nullptr : tensors_[ids_.at(first)].facts.fields);
  return true;
}

ModelTensor Pass::Publish(size_t id) const {
  const Tensor& tensor = tensors_[id];
  ModelTensor published{.name = std::string(tensor.name), .type = tensor.facts.type, .shape = std::nullopt};
  if (!tensor.facts.shape.has_value()) return published;
  published.shape.emplace();
  for (const Expression& size : *tensor.facts.shape) published.shape->emplace_back(size);
  return published;
}

absl::Status Pass::Finish() {
  TENSORD_RETURN_IF_ERROR(CheckExplained());
  for (const auto& [name, size] : options_.symbols) {
    if (set_symbols_.count(name) != 0) continue;
    const std::string known = taken_symbols_.empty() ? "all its sizes are numbers"
                                                     : absl::StrCat("it has ", absl::StrJoin(taken_symbols_, ", "));
    return absl::InvalidArgumentError(
        absl::StrCat("the graph has no size that is called ", Quoted(name), ", to be set to ", size, ": ", known));
  }
  result_.name = graph_.name;
  for (const GraphTensor& input : graph_.inputs) {
    const size_t id = ids_.at(input.name);
    if (tensors_[id].facts.role == Role::kData && !tensors_[id].is_initializer) result_.inputs.push_back(Publish(id));
  }
  for (const GraphTensor& output : graph_.outputs) {
    const size_t id = ids_.at(output.name);
    if (!tensors_[id].is_known) {
      return absl::InvalidArgumentError(
          absl::StrCat("the graph's output ", Quoted(output.name), " is computed by no node"));
    }
    result_.outputs.push_back(Publish(id));
  }
  PublishFields();
  std::vector<const Expression*> totals = {&parameters_, &buffers_};
  for (const Expression* count : result_.operations.parts()) totals.push_back(count);
  for (const Expression* count : totals) {
    if (!count->ok()) return absl::InvalidArgumentError(absl::StrCat("the totals: ", count->status().message()));
  }
  result_.parameter_count = Count(parameters_);
  result_.buffer_count = Count(buffers_);
  result_.conditions.assign(conditions_.begin(), conditions_.end());
  return absl::OkStatus();
}

}  // namespace tensord::analysis::model
