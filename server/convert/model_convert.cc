#include "server/convert/model_convert.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/convert/append.h"
#include "server/convert/count_convert.h"
#include "server/convert/model_cost_convert.h"
#include "server/convert/model_explanation_convert.h"
#include "server/convert/model_field_convert.h"
#include "server/convert/model_graph_convert.h"
#include "server/convert/request_errors.h"
#include "tensord/analysis/graph.h"
#include "tensord/analysis/model.h"
#include "tensord/analysis/onnx.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

// Reading a model and looking at its nodes, by the bytes of the message: some hundred a node.
constexpr double kNsPerByte = 50;
constexpr double kLeastNs = 1e6;
// What a model's objects become: a graph, what is known of its tensors, the layers and the answer. Chains of 10^5 nodes
// took 14 times their objects where these are convolutions, and 22 times where they are as small as can be.
constexpr int64_t kAnalysisFactor = 24;

analysis::ModelOptions DecodeOptions(const v1::AnalyzeModelRequest& request, RequestErrors& errors) {
  analysis::ModelOptions options;
  options.data_inputs.assign(request.data_inputs().begin(), request.data_inputs().end());
  for (const auto& [name, size] : request.symbols()) {
    if (size < 1) {
      errors.AddViolation(absl::StrCat("symbols[\"", analysis::PrintableName(name), "\"]"),
                          absl::StrCat("was ", size, ", has to be at least 1"));
    }
    options.symbols.emplace(name, size);
  }
  options.explain = DecodeExplain(request, errors);
  return options;
}

// What the engine says of the model in that field, as the wire has it.
absl::Status ModelError(const absl::Status& status, absl::string_view field) {
  if (status.code() == absl::StatusCode::kNotFound) return ExplainError(status);
  if (status.code() == absl::StatusCode::kResourceExhausted) {
    return compute::LimitError("MODEL_TOO_LARGE", field, status.message());
  }
  RequestErrors errors;
  errors.AddViolation(field, status.message());
  return errors.ToStatus();
}

void EncodeTensor(const analysis::ModelTensor& tensor, v1::ModelTensor& message) {
  message.set_name(analysis::PrintableName(tensor.name));
  message.set_element_type(std::string(analysis::ElementTypeName(tensor.type)));
  message.set_has_shape(tensor.shape.has_value());
  if (!tensor.shape.has_value()) return;
  for (const analysis::Count& size : *tensor.shape) EncodeCount(size, Append(*message.mutable_shape()));
}

void EncodeLayer(const analysis::ModelLayer& layer, v1::ModelLayer& message) {
  message.set_name(analysis::PrintableName(layer.name));
  message.set_operator_(analysis::PrintableName(layer.op_type));
  for (const analysis::ModelTensor& input : layer.inputs) EncodeTensor(input, Append(*message.mutable_inputs()));
  for (const analysis::ModelTensor& output : layer.outputs) EncodeTensor(output, Append(*message.mutable_outputs()));
  EncodeCount(layer.parameter_count, *message.mutable_parameter_count());
  EncodeCount(layer.buffer_count, *message.mutable_buffer_count());
  if (layer.operations.has_value()) EncodeOperations(*layer.operations, *message.mutable_operations());
}

v1::AnalyzeModelResponse Encode(const analysis::ModelAnalysis& model) {
  v1::AnalyzeModelResponse response;
  response.set_name(analysis::PrintableName(model.name));
  std::vector<std::string> inputs;
  for (const analysis::ModelTensor& input : model.inputs) {
    EncodeTensor(input, Append(*response.mutable_inputs()));
    inputs.push_back(analysis::PrintableName(input.name));
  }
  for (const analysis::ModelTensor& output : model.outputs) EncodeTensor(output, Append(*response.mutable_outputs()));
  for (const analysis::ModelLayer& layer : model.layers) {
    v1::ModelLayer& message = Append(*response.mutable_layers());
    EncodeLayer(layer, message);
    EncodeReceptiveFields(inputs, layer, message);
  }
  EncodeCount(model.parameter_count, *response.mutable_parameter_count());
  EncodeCount(model.buffer_count, *response.mutable_buffer_count());
  EncodeOperations(model.operations, *response.mutable_operations());
  for (const std::string& name : model.unknown_layers) {
    Append(*response.mutable_unknown_layers()) = analysis::PrintableName(name);
  }
  for (const std::string& condition : model.conditions) Append(*response.mutable_conditions()) = condition;
  if (model.explanation.has_value()) EncodeExplanation(*model.explanation, *response.mutable_explanation());
  return response;
}

// What a call will need.
void Estimate(const v1::AnalyzeModelRequest& request, PreparedCall<v1::AnalyzeModelResponse>& call) {
  size_t bytes = request.onnx().size();
  if (request.has_graph()) {
    bytes = request.graph().ByteSizeLong();
    call.cost.scratch_bytes = kAnalysisFactor * ModelGraphBytes(request.graph());
  } else if (const absl::StatusOr<int64_t> objects = analysis::OnnxObjectBytes(request.onnx()); objects.ok()) {
    // Bytes that are no model are told so when they are read.
    call.cost.scratch_bytes = kAnalysisFactor * *objects + static_cast<int64_t>(bytes);
  }
  call.estimated_ns = kLeastNs + kNsPerByte * static_cast<double>(bytes);
}

// The request's graph, whichever form it has.
absl::StatusOr<analysis::Graph> DecodeGraph(const v1::AnalyzeModelRequest& request, RequestErrors& errors) {
  if (request.model_case() == v1::AnalyzeModelRequest::MODEL_NOT_SET) {
    errors.AddViolation("model", "was not given, has to be onnx or graph");
  }
  if (request.has_graph()) {
    analysis::Graph graph = DecodeModelGraph(request.graph(), errors);
    if (errors.ok()) return graph;
  }
  if (!errors.ok()) return errors.ToStatus();
  absl::StatusOr<analysis::Graph> graph = analysis::ReadOnnx(request.onnx());
  if (!graph.ok()) return ModelError(graph.status(), "onnx");
  return graph;
}

}  // namespace

absl::StatusOr<PreparedCall<v1::AnalyzeModelResponse>> PrepareAnalyzeModel(const v1::AnalyzeModelRequest& request,
                                                                           const PrepareOptions&) {
  PreparedCall<v1::AnalyzeModelResponse> call;
  Estimate(request, call);
  call.run = [&request](const compute::ExecutionContext&) -> absl::StatusOr<v1::AnalyzeModelResponse> {
    RequestErrors errors;
    const analysis::ModelOptions options = DecodeOptions(request, errors);
    const analysis::CostOptions cost_options = DecodeCostOptions(request, errors);
    TENSORD_ASSIGN_OR_RETURN(const analysis::Graph graph, DecodeGraph(request, errors));
    const absl::string_view field = request.has_graph() ? "graph" : "onnx";
    const absl::StatusOr<analysis::ModelAnalysis> model = analysis::AnalyzeModel(graph, options);
    if (!model.ok()) return ModelError(model.status(), field);
    v1::AnalyzeModelResponse response = Encode(*model);
    if (const absl::Status cost = EncodeCost(*model, cost_options, response); !cost.ok()) {
      return ModelError(cost, field);
    }
    return response;
  };
  return call;
}

}  // namespace tensord::server
