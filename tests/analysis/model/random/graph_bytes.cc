#include "tests/analysis/model/random/graph_bytes.h"

#include <cstdint>
#include <variant>
#include <vector>

#include "tests/analysis/model/onnx_messages.h"

namespace tensord::analysis::random_graphs {
namespace {

using ::onnx::AttributeProto;

void SetInfo(const GraphTensor& tensor, ::onnx::ValueInfoProto& info) {
  info.set_name(tensor.name);
  if (!tensor.shape.has_value()) return;
  SetTensor(info, tensor.name, static_cast<int32_t>(tensor.type), {});
  auto& shape = *info.mutable_type()->mutable_tensor_type()->mutable_shape();
  for (const Dimension& size : *tensor.shape) {
    auto& dimension = *shape.add_dim();
    if (const auto* number = std::get_if<int64_t>(&size)) dimension.set_dim_value(*number);
    if (const auto* symbol = std::get_if<std::string>(&size)) dimension.set_dim_param(*symbol);
  }
}

void SetAttribute(const std::string& name, const AttributeValue& value, ::onnx::NodeProto& node) {
  if (const auto* number = std::get_if<int64_t>(&value)) AddAttribute(node, name, AttributeProto::INT).set_i(*number);
  if (const auto* real = std::get_if<double>(&value)) {
    AddAttribute(node, name, AttributeProto::FLOAT).set_f(static_cast<float>(*real));
  }
  if (const auto* text = std::get_if<std::string>(&value))
    AddAttribute(node, name, AttributeProto::STRING).set_s(*text);
  if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) {
    AddAttribute(node, name, AttributeProto::INTS).mutable_ints()->Assign(list->begin(), list->end());
  }
}

::onnx::TensorProto InitializerOf(const GraphTensor& tensor) {
  std::vector<int64_t> sizes;
  for (const Dimension& size : *tensor.shape) sizes.push_back(std::get<int64_t>(size));
  ::onnx::TensorProto message = Tensor(tensor.name, static_cast<int32_t>(tensor.type), sizes);
  if (!tensor.values.has_value()) return message;
  const auto& values = std::get<std::vector<int64_t>>(*tensor.values);
  message.mutable_int64_data()->Assign(values.begin(), values.end());
  return message;
}

}  // namespace

std::string BytesOf(const Graph& graph) {
  ::onnx::ModelProto model = EmptyModel();
  model.mutable_opset_import(0)->set_version(graph.opset);
  ::onnx::GraphProto& message = *model.mutable_graph();
  message.set_name(graph.name);
  for (const GraphTensor& input : graph.inputs) SetInfo(input, *message.add_input());
  for (const GraphTensor& output : graph.outputs) SetInfo(output, *message.add_output());
  for (const GraphTensor& initializer : graph.initializers) *message.add_initializer() = InitializerOf(initializer);
  for (const GraphNode& node : graph.nodes) {
    ::onnx::NodeProto& added = AddNode(model, node.name, node.op_type, node.inputs, node.outputs);
    for (const auto& [name, value] : node.attributes) SetAttribute(name, value, added);
  }
  return model.SerializeAsString();
}

}  // namespace tensord::analysis::random_graphs
