#include "server/convert/model_cost_convert.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/convert/append.h"
#include "server/convert/count_convert.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

using analysis::Expression;

double DecodeRate(double rate, absl::string_view field, RequestErrors& errors) {
  if (!std::isfinite(rate) || rate <= 0) {
    errors.AddViolation(absl::StrCat("machine.", field), absl::StrCat("was ", rate, ", has to be finite and above 0"));
  }
  return rate;
}

void Encode(const Expression& count, v1::Count& message) { EncodeCount(analysis::Count(count), message); }

v1::CostTool EncodeTool(analysis::CostTool tool) {
  switch (tool) {
    case analysis::CostTool::kTorchinfo:
      return v1::COST_TOOL_TORCHINFO;
    case analysis::CostTool::kFvcore:
      return v1::COST_TOOL_FVCORE;
    case analysis::CostTool::kPtflops:
      return v1::COST_TOOL_PTFLOPS;
    case analysis::CostTool::kThop:
      return v1::COST_TOOL_THOP;
  }
  return v1::COST_TOOL_UNSPECIFIED;
}

void EncodeConvention(const analysis::ConventionCount& count, v1::ConventionCount& message) {
  v1::CostConvention& convention = *message.mutable_convention();
  convention.set_bias(count.convention.bias);
  convention.set_skip_padding(count.convention.skip_padding);
  convention.set_transposed_by_output(count.convention.transposed_by_output);
  if (count.macs.has_value()) Encode(*count.macs, *message.mutable_mac_count());
  if (count.flops.has_value()) Encode(*count.flops, *message.mutable_flop_count());
}

bool IsZero(const analysis::OperationCounts& counts) {
  const Expression* const parts[] = {&counts.multiplications, &counts.additions, &counts.comparisons, &counts.divisions,
                                     &counts.special_functions};
  for (const Expression* part : parts) {
    if (*part != Expression()) return false;
  }
  return true;
}

// A layer's gradients that cost nothing are left out: answers of long networks are large enough.
void EncodeBackward(const analysis::BackwardCounts& counts, v1::BackwardCounts& message) {
  if (!IsZero(counts.inputs)) EncodeOperations(counts.inputs, *message.mutable_input_gradient());
  if (!IsZero(counts.parameters)) EncodeOperations(counts.parameters, *message.mutable_parameter_gradient());
  if (!IsZero(counts.bias)) EncodeOperations(counts.bias, *message.mutable_bias_gradient());
}

void EncodeLayerMemory(const analysis::LayerMemory& memory, v1::LayerMemory& message) {
  const auto encode = [&](const std::optional<Expression>& bytes, v1::Count* (v1::LayerMemory::*field)()) {
    if (bytes.has_value()) Encode(*bytes, *(message.*field)());
  };
  encode(memory.parameters, &v1::LayerMemory::mutable_parameter_byte_count);
  encode(memory.buffers, &v1::LayerMemory::mutable_buffer_byte_count);
  encode(memory.read, &v1::LayerMemory::mutable_read_byte_count);
  encode(memory.written, &v1::LayerMemory::mutable_written_byte_count);
  encode(memory.live, &v1::LayerMemory::mutable_live_byte_count);
  encode(memory.training, &v1::LayerMemory::mutable_training_byte_count);
}

void EncodeTypes(const std::vector<analysis::TypeBytes>& list,
                 google::protobuf::RepeatedPtrField<v1::TypeBytes>& into) {
  for (const analysis::TypeBytes& entry : list) {
    v1::TypeBytes& message = Append(into);
    message.set_element_type(std::string(analysis::ElementTypeName(entry.type)));
    Encode(entry.bytes, *message.mutable_byte_count());
  }
}

void EncodeModelMemory(const analysis::ModelMemory& memory, v1::ModelMemory& message) {
  EncodeTypes(memory.parameters, *message.mutable_parameters());
  EncodeTypes(memory.buffers, *message.mutable_buffers());
  EncodeTypes(memory.activations, *message.mutable_activations());
  Encode(memory.parameter_bytes, *message.mutable_parameter_byte_count());
  Encode(memory.buffer_bytes, *message.mutable_buffer_byte_count());
  Encode(memory.activation_bytes, *message.mutable_activation_byte_count());
  if (memory.peak.has_value()) Encode(*memory.peak, *message.mutable_peak_activation_byte_count());
  message.set_peak_layer(analysis::PrintableName(memory.peak_layer));
  Encode(memory.training_bytes, *message.mutable_training_byte_count());
}

void EncodeRoofline(const analysis::Roofline& roofline, v1::Roofline& message) {
  message.set_arithmetic_intensity(roofline.arithmetic_intensity);
  if (!roofline.seconds.has_value()) return;
  message.set_bound(roofline.is_memory_bound ? v1::ROOFLINE_BOUND_MEMORY : v1::ROOFLINE_BOUND_COMPUTE);
  message.set_seconds(*roofline.seconds);
}

void EncodeLayerCost(const analysis::LayerCost& cost, v1::ModelLayer& message) {
  if (cost.convention.has_value()) EncodeConvention(*cost.convention, *message.mutable_convention());
  if (cost.backward.has_value()) EncodeBackward(*cost.backward, *message.mutable_backward());
  EncodeLayerMemory(cost.memory, *message.mutable_memory());
  if (cost.roofline.has_value()) EncodeRoofline(*cost.roofline, *message.mutable_roofline());
}

}  // namespace

analysis::CostOptions DecodeCostOptions(const v1::AnalyzeModelRequest& request, RequestErrors& errors) {
  analysis::CostOptions options;
  options.convention = {.bias = request.convention().bias(),
                        .skip_padding = request.convention().skip_padding(),
                        .transposed_by_output = request.convention().transposed_by_output()};
  if (!request.has_machine()) return options;
  options.machine = analysis::Machine{
      .flops_per_second = DecodeRate(request.machine().flops_per_second(), "flops_per_second", errors),
      .bytes_per_second = DecodeRate(request.machine().bytes_per_second(), "bytes_per_second", errors)};
  return options;
}

void EncodeOperations(const analysis::OperationCounts& counts, v1::OperationCounts& message) {
  // Most counts of most layers are 0, and answers of long networks are large enough.
  const auto encode = [&](const Expression& count, v1::Count* (v1::OperationCounts::*field)()) {
    if (count != Expression()) Encode(count, *(message.*field)());
  };
  encode(counts.multiplications, &v1::OperationCounts::mutable_multiplication_count);
  encode(counts.additions, &v1::OperationCounts::mutable_addition_count);
  encode(counts.comparisons, &v1::OperationCounts::mutable_comparison_count);
  encode(counts.divisions, &v1::OperationCounts::mutable_division_count);
  encode(counts.special_functions, &v1::OperationCounts::mutable_special_function_count);
  encode(counts.macs, &v1::OperationCounts::mutable_mac_count);
  encode(counts.macs * 2, &v1::OperationCounts::mutable_flop_count);
  // Here 0 is not the same as not known.
  if (counts.padding_macs.has_value()) Encode(*counts.padding_macs, *message.mutable_padding_mac_count());
  encode(counts.macs_by_output, &v1::OperationCounts::mutable_output_mac_count);
  encode(counts.bias_additions, &v1::OperationCounts::mutable_bias_addition_count);
}

absl::Status EncodeCost(const analysis::ModelAnalysis& model, const analysis::CostOptions& options,
                        v1::AnalyzeModelResponse& response) {
  const auto visit = [&response](size_t layer, const analysis::LayerCost& cost) {
    EncodeLayerCost(cost, *response.mutable_layers(static_cast<int>(layer)));
  };
  TENSORD_ASSIGN_OR_RETURN(const analysis::ModelCost cost, analysis::AnalyzeCost(model, options, visit));
  for (const analysis::ConventionCount& count : cost.conventions) {
    EncodeConvention(count, Append(*response.mutable_conventions()));
  }
  for (const analysis::ToolCount& tool : cost.tools) {
    v1::ToolCount& message = Append(*response.mutable_tools());
    message.set_tool(EncodeTool(tool.tool));
    message.set_quantity(std::string(tool.quantity));
    Encode(tool.count, *message.mutable_count());
    Encode(tool.parameter_count, *message.mutable_parameter_count());
    message.set_rule(std::string(tool.rule));
    message.set_source(std::string(tool.source));
  }
  EncodeOperations(cost.backward.inputs, *response.mutable_backward()->mutable_input_gradient());
  EncodeOperations(cost.backward.parameters, *response.mutable_backward()->mutable_parameter_gradient());
  EncodeOperations(cost.backward.bias, *response.mutable_backward()->mutable_bias_gradient());
  EncodeModelMemory(cost.memory, *response.mutable_memory());
  if (cost.roofline.has_value()) EncodeRoofline(*cost.roofline, *response.mutable_roofline());
  return absl::OkStatus();
}

}  // namespace tensord::server
