#include "tests/conformance/onnx/node.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::onnx_reader {

using ::onnx::AttributeProto;

Attributes::Attributes(const ::onnx::NodeProto& node) {
  for (const AttributeProto& attribute : node.attribute()) by_name_[attribute.name()] = attribute;
}

const AttributeProto* Attributes::Find(const std::string& name, AttributeProto::AttributeType type) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return nullptr;
  read_.insert(name);
  if (found->second.type() == type) return &found->second;
  of_other_type_.insert(name);
  return nullptr;
}

int64_t Attributes::Int(const std::string& name, int64_t otherwise) const {
  const AttributeProto* attribute = Find(name, AttributeProto::INT);
  return attribute == nullptr ? otherwise : attribute->i();
}

std::optional<float> Attributes::Float(const std::string& name) const {
  const AttributeProto* attribute = Find(name, AttributeProto::FLOAT);
  return attribute == nullptr ? std::nullopt : std::optional<float>(attribute->f());
}

std::string Attributes::String(const std::string& name, const std::string& otherwise) const {
  const AttributeProto* attribute = Find(name, AttributeProto::STRING);
  return attribute == nullptr ? otherwise : attribute->s();
}

std::vector<int64_t> Attributes::Ints(const std::string& name) const {
  const AttributeProto* attribute = Find(name, AttributeProto::INTS);
  return attribute == nullptr ? std::vector<int64_t>()
                              : std::vector<int64_t>(attribute->ints().begin(), attribute->ints().end());
}

absl::Status Attributes::Check() const {
  if (!of_other_type_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("attributes of another type than ONNX gives them: ", absl::StrJoin(of_other_type_, ", ")));
  }
  std::vector<std::string> unread;
  for (const auto& [name, unused] : by_name_) {
    if (!read_.contains(name)) unread.push_back(name);
  }
  if (unread.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("attributes that are not known: ", absl::StrJoin(unread, ", ")));
}

absl::StatusOr<Node> OnlyNode(const ::onnx::ModelProto& model) {
  if (model.graph().node_size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat("the model has ", model.graph().node_size(), " nodes, not one"));
  }
  const ::onnx::NodeProto& message = model.graph().node(0);
  Node node;
  node.op_type = message.op_type();
  node.domain = message.domain() == "ai.onnx" ? "" : message.domain();
  for (const ::onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx") node.opset = opset.version();
  }
  if (node.domain.empty() && node.opset < 1) {
    return absl::InvalidArgumentError("the model imports no version of ONNX's own operators");
  }
  node.inputs.assign(message.input().begin(), message.input().end());
  node.outputs.assign(message.output().begin(), message.output().end());
  node.attributes = Attributes(message);
  return node;
}

}  // namespace tensord::onnx_reader
