#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/onnx/parse.h"
#include "analysis/src/onnx/tensor.h"
#include "analysis/src/onnx/wire_scan.h"
#include "tensord/analysis/onnx.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis {
namespace {

using ::onnx::AttributeProto;
using ::onnx::TypeProto;
using onnx_reader::Quoted;

std::string WithoutDefault(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

absl::StatusOr<int64_t> ReadOpset(const ::onnx::ModelProto& model) {
  const ::onnx::OperatorSetIdProto* found = nullptr;
  for (const ::onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (!WithoutDefault(opset.domain()).empty()) continue;
    if (found != nullptr && found->version() != opset.version()) {
      return absl::InvalidArgumentError(absl::StrCat("the model imports versions ", found->version(), " and ",
                                                     opset.version(), " of ONNX's operators; it has to be one"));
    }
    found = &opset;
  }
  if (found == nullptr) {
    return absl::InvalidArgumentError("the model imports no version (opset) of ONNX's operators, which it has to");
  }
  if (found->version() < kMinOnnxOpset || found->version() > kMaxOnnxOpset) {
    return absl::InvalidArgumentError(absl::StrCat("the model imports version (opset) ", found->version(),
                                                   " of ONNX's operators; those that are read are ", kMinOnnxOpset,
                                                   "..", kMaxOnnxOpset, ", the last one of ONNX 1.12"));
  }
  return found->version();
}

// The bounds of graph.h, before anything is made of the message.
absl::Status CheckBounds(const ::onnx::GraphProto& graph) {
  if (static_cast<size_t>(graph.node_size()) > kMaxGraphNodes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the graph has ", graph.node_size(), " nodes, and may have ", kMaxGraphNodes));
  }
  size_t names = 0;
  for (const int count : {graph.input_size(), graph.initializer_size(), graph.sparse_initializer_size(),
                          graph.output_size(), graph.value_info_size()}) {
    names += static_cast<size_t>(count);
  }
  for (const ::onnx::NodeProto& node : graph.node()) {
    names += static_cast<size_t>(node.input_size()) + static_cast<size_t>(node.output_size());
  }
  if (names <= kMaxGraphNames) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the graph has ", names, " tensors and uses of them, and may have ", kMaxGraphNames));
}

absl::string_view KindOf(const TypeProto& type) {
  switch (type.value_case()) {
    case TypeProto::kSequenceType:
      return "a sequence";
    case TypeProto::kMapType:
      return "a map";
    case TypeProto::kOptionalType:
      return "an optional";
    case TypeProto::kSparseTensorType:
      return "a sparse tensor";
    default:
      return "";
  }
}

absl::StatusOr<std::vector<Dimension>> ReadShape(const ::onnx::TensorShapeProto& message, absl::string_view what) {
  std::vector<Dimension> shape;
  for (const ::onnx::TensorShapeProto_Dimension& size : message.dim()) {
    if (size.has_dim_value()) {
      TENSORD_RETURN_IF_ERROR(onnx_reader::CheckSize(size.dim_value(), what));
      shape.emplace_back(static_cast<int64_t>(size.dim_value()));
    } else {
      shape.emplace_back(size.dim_param());
    }
  }
  return shape;
}

absl::StatusOr<GraphTensor> ReadValueInfo(const ::onnx::ValueInfoProto& info, absl::string_view kind, bool is_input) {
  GraphTensor tensor{.name = info.name()};
  const std::string what = absl::StrCat(kind, " ", Quoted(info.name()));
  const absl::string_view other = KindOf(info.type());
  if (!other.empty() && is_input) {
    return absl::InvalidArgumentError(absl::StrCat(what, " is ", other, "; inputs have to be tensors"));
  }
  if (!info.type().has_tensor_type()) return tensor;
  const TypeProto::Tensor& type = info.type().tensor_type();
  if (type.elem_type() != 0) {
    TENSORD_ASSIGN_OR_RETURN(tensor.type, onnx_reader::ToElementType(type.elem_type(), what));
  }
  if (!type.has_shape()) return tensor;
  const auto rank = static_cast<size_t>(type.shape().dim_size());
  if (rank > kMaxGraphRank) {
    if (!is_input) return tensor;  // What an operator that is not known may give.
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is of rank ", rank, ", has to be of ", kMaxGraphRank, " at most"));
  }
  TENSORD_ASSIGN_OR_RETURN(tensor.shape, ReadShape(type.shape(), what));
  return tensor;
}

template <typename To, typename From>
AttributeValue ListOf(const From& entries) {
  return std::vector<To>(entries.begin(), entries.end());
}

absl::StatusOr<AttributeValue> ReadAttribute(const AttributeProto& attribute, const std::string& what) {
  for (const int count : {attribute.ints_size(), attribute.floats_size(), attribute.strings_size()}) {
    if (static_cast<size_t>(count) > kMaxAttributeEntries) {
      return absl::ResourceExhaustedError(
          absl::StrCat(what, " has ", count, " entries, and may have ", kMaxAttributeEntries));
    }
  }
  switch (attribute.type()) {
    case AttributeProto::UNDEFINED:
      return absl::InvalidArgumentError(absl::StrCat(what, " has no type, or none of ONNX 1.12"));
    case AttributeProto::INT:
      return AttributeValue(static_cast<int64_t>(attribute.i()));
    case AttributeProto::FLOAT:
      return AttributeValue(static_cast<double>(attribute.f()));
    case AttributeProto::STRING:
      return AttributeValue(attribute.s());
    case AttributeProto::INTS:
      return ListOf<int64_t>(attribute.ints());
    case AttributeProto::FLOATS:
      return ListOf<double>(attribute.floats());
    case AttributeProto::STRINGS:
      return ListOf<std::string>(attribute.strings());
    case AttributeProto::TENSOR: {
      TENSORD_ASSIGN_OR_RETURN(GraphTensor tensor, onnx_reader::ReadTensor(attribute.t(), what));
      return AttributeValue(std::move(tensor));
    }
    default:
      return AttributeValue(OpaqueAttribute());
  }
}

absl::StatusOr<GraphNode> ReadNode(const ::onnx::NodeProto& message) {
  GraphNode node{.name = message.name(),
                 .op_type = message.op_type(),
                 .domain = WithoutDefault(message.domain()),
                 .inputs = {message.input().begin(), message.input().end()},
                 .outputs = {message.output().begin(), message.output().end()}};
  for (const AttributeProto& attribute : message.attribute()) {
    const std::string what = onnx_reader::AttributeText(message, attribute);
    TENSORD_ASSIGN_OR_RETURN(AttributeValue value, ReadAttribute(attribute, what));
    if (!node.attributes.emplace(attribute.name(), std::move(value)).second) {
      return absl::InvalidArgumentError(absl::StrCat(what, " is there twice"));
    }
  }
  return node;
}

absl::Status ReadInitializers(const ::onnx::GraphProto& message, Graph& graph) {
  for (const ::onnx::TensorProto& initializer : message.initializer()) {
    const std::string what = absl::StrCat("initializer ", Quoted(initializer.name()));
    TENSORD_ASSIGN_OR_RETURN(GraphTensor tensor, onnx_reader::ReadTensor(initializer, what));
    graph.initializers.push_back(std::move(tensor));
  }
  for (const ::onnx::SparseTensorProto& sparse : message.sparse_initializer()) {
    graph.initializers.push_back({.name = sparse.values().name()});
  }
  return absl::OkStatus();
}

absl::Status ReadValueInfos(const google::protobuf::RepeatedPtrField<::onnx::ValueInfoProto>& infos,
                            absl::string_view kind, bool is_input, std::vector<GraphTensor>& tensors) {
  for (const ::onnx::ValueInfoProto& info : infos) {
    TENSORD_ASSIGN_OR_RETURN(GraphTensor tensor, ReadValueInfo(info, kind, is_input));
    tensors.push_back(std::move(tensor));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> OnnxObjectBytes(absl::string_view bytes) {
  TENSORD_ASSIGN_OR_RETURN(const size_t objects, onnx_reader::CheckWire(bytes));
  return static_cast<int64_t>(objects);
}

absl::StatusOr<Graph> ReadOnnx(absl::string_view bytes) {
  ::onnx::ModelProto model;
  TENSORD_RETURN_IF_ERROR(onnx_reader::ParseModel(bytes, model));
  const ::onnx::GraphProto& message = model.graph();
  TENSORD_RETURN_IF_ERROR(CheckBounds(message));
  Graph graph{.name = message.name()};
  TENSORD_ASSIGN_OR_RETURN(graph.opset, ReadOpset(model));
  TENSORD_RETURN_IF_ERROR(ReadInitializers(message, graph));
  TENSORD_RETURN_IF_ERROR(ReadValueInfos(message.input(), "input", true, graph.inputs));
  TENSORD_RETURN_IF_ERROR(ReadValueInfos(message.output(), "output", false, graph.outputs));
  TENSORD_RETURN_IF_ERROR(ReadValueInfos(message.value_info(), "tensor", false, graph.value_info));
  graph.nodes.reserve(static_cast<size_t>(message.node_size()));
  for (const ::onnx::NodeProto& node : message.node()) {
    TENSORD_ASSIGN_OR_RETURN(GraphNode read, ReadNode(node));
    graph.nodes.push_back(std::move(read));
  }
  return graph;
}

}  // namespace tensord::analysis
