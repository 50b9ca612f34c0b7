#include "server/convert/model_graph_convert.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "server/convert/model_graph_check.h"

namespace tensord::server {
namespace {

// What a container's node or a hash table's place takes beside its element.
constexpr size_t kPlaceBytes = 64;

template <typename Dimensions>
std::vector<analysis::Dimension> DecodeShape(const Dimensions& dimensions) {
  std::vector<analysis::Dimension> shape;
  shape.reserve(static_cast<size_t>(dimensions.size()));
  for (const v1::Dimension& dimension : dimensions) shape.push_back(DecodeModelDimension(dimension));
  return shape;
}

analysis::ElementType TypeOf(const std::string& name, analysis::ElementType otherwise) {
  return FindElementType(name).value_or(otherwise);
}

analysis::GraphTensor DecodeInput(const v1::ModelInput& input) {
  return {.name = input.name(),
          .type = TypeOf(input.element_type(), analysis::ElementType::kFloat32),
          .shape = DecodeShape(input.shape())};
}

analysis::GraphTensor DecodeParameter(const v1::ModelParameter& parameter) {
  const bool has_integers = parameter.has_integers();
  analysis::GraphTensor tensor{.name = parameter.name(),
                               .type = TypeOf(parameter.element_type(), has_integers ? analysis::ElementType::kInt64
                                                                                     : analysis::ElementType::kFloat32),
                               .shape = DecodeShape(parameter.shape())};
  if (!has_integers) return tensor;
  const auto& values = parameter.integers().values();
  if (tensor.shape->empty()) tensor.shape->emplace_back(static_cast<int64_t>(values.size()));
  tensor.values = std::vector<int64_t>(values.begin(), values.end());
  return tensor;
}

analysis::AttributeValue DecodeAttribute(const v1::ModelAttribute& attribute) {
  switch (attribute.value_case()) {
    case v1::ModelAttribute::kInteger:
      return attribute.integer();
    case v1::ModelAttribute::kReal:
      return attribute.real();
    case v1::ModelAttribute::kText:
      return attribute.text();
    case v1::ModelAttribute::kIntegers: {
      const auto& values = attribute.integers().values();
      return std::vector<int64_t>(values.begin(), values.end());
    }
    case v1::ModelAttribute::kReals: {
      const auto& values = attribute.reals().values();
      return std::vector<double>(values.begin(), values.end());
    }
    case v1::ModelAttribute::VALUE_NOT_SET:
      break;
  }
  return analysis::OpaqueAttribute();
}

analysis::GraphNode DecodeNode(const v1::ModelNode& node) {
  analysis::GraphNode decoded{.name = node.name(), .op_type = node.operator_()};
  decoded.inputs.assign(node.inputs().begin(), node.inputs().end());
  decoded.outputs.assign(node.outputs().begin(), node.outputs().end());
  for (const auto& [name, value] : node.attributes()) decoded.attributes.emplace(name, DecodeAttribute(value));
  return decoded;
}

std::vector<analysis::GraphTensor> DecodeOutputs(const v1::Model& model) {
  std::vector<analysis::GraphTensor> outputs;
  for (const std::string& name : model.outputs()) outputs.push_back({.name = name});
  if (!outputs.empty()) return outputs;
  absl::flat_hash_set<absl::string_view> taken;
  for (const v1::ModelNode& node : model.nodes()) taken.insert(node.inputs().begin(), node.inputs().end());
  for (const v1::ModelNode& node : model.nodes()) {
    for (const std::string& name : node.outputs()) {
      if (!name.empty() && !taken.contains(name)) outputs.push_back({.name = name});
    }
  }
  return outputs;
}

template <typename Names>
size_t NameBytes(const Names& names) {
  size_t bytes = 0;
  for (const std::string& name : names) bytes += sizeof(std::string) + kPlaceBytes + name.size();
  return bytes;
}

template <typename Dimensions>
size_t ShapeBytes(const Dimensions& shape) {
  size_t bytes = 0;
  for (const v1::Dimension& size : shape) bytes += sizeof(analysis::Dimension) + size.symbol().size();
  return bytes;
}

}  // namespace

analysis::Graph DecodeModelGraph(const v1::Model& model, RequestErrors& errors) {
  analysis::Graph graph;
  CheckModelGraph(model, errors);
  if (!errors.ok()) return graph;
  graph.name = model.name();
  graph.opset = kModelGraphOpset;
  graph.inputs.reserve(static_cast<size_t>(model.inputs_size()));
  for (const v1::ModelInput& input : model.inputs()) graph.inputs.push_back(DecodeInput(input));
  graph.initializers.reserve(static_cast<size_t>(model.parameters_size()));
  for (const v1::ModelParameter& parameter : model.parameters()) {
    graph.initializers.push_back(DecodeParameter(parameter));
  }
  graph.nodes.reserve(static_cast<size_t>(model.nodes_size()));
  for (const v1::ModelNode& node : model.nodes()) graph.nodes.push_back(DecodeNode(node));
  graph.outputs = DecodeOutputs(model);
  return graph;
}

int64_t ModelGraphBytes(const v1::Model& model) {
  if (static_cast<size_t>(model.nodes_size()) > analysis::kMaxGraphNodes) return 0;
  size_t bytes = model.name().size() + NameBytes(model.outputs());
  for (const v1::ModelInput& input : model.inputs()) {
    bytes += sizeof(analysis::GraphTensor) + kPlaceBytes + input.name().size() + ShapeBytes(input.shape());
  }
  for (const v1::ModelParameter& parameter : model.parameters()) {
    bytes += sizeof(analysis::GraphTensor) + kPlaceBytes + parameter.name().size() + ShapeBytes(parameter.shape()) +
             sizeof(int64_t) * static_cast<size_t>(parameter.integers().values_size());
  }
  for (const v1::ModelNode& node : model.nodes()) {
    bytes += sizeof(analysis::GraphNode) + node.name().size() + node.operator_().size() + NameBytes(node.inputs()) +
             2 * NameBytes(node.outputs());
    for (const auto& [name, value] : node.attributes()) {
      bytes += sizeof(std::string) + sizeof(analysis::AttributeValue) + kPlaceBytes + name.size() +
               value.ByteSizeLong() + sizeof(int64_t) * static_cast<size_t>(value.integers().values_size());
    }
  }
  return static_cast<int64_t>(bytes);
}

}  // namespace tensord::server
