// ONNX's messages for tests, made by hand.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_ONNX_MESSAGES_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_ONNX_MESSAGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "onnx/onnx.pb.h"

namespace tensord::analysis {

// An empty graph of operators of version 13.
inline ::onnx::ModelProto EmptyModel() {
  ::onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(13);
  model.mutable_graph()->set_name("g");
  return model;
}

inline void SetTensor(::onnx::ValueInfoProto& info, const std::string& name, int32_t type,
                      const std::vector<int64_t>& shape) {
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  tensor.mutable_shape()->clear_dim();
  for (const int64_t size : shape) tensor.mutable_shape()->add_dim()->set_dim_value(size);
}

inline ::onnx::NodeProto& AddNode(::onnx::ModelProto& model, const std::string& name, const std::string& op_type,
                                  const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  ::onnx::NodeProto& node = *model.mutable_graph()->add_node();
  node.set_name(name);
  node.set_op_type(op_type);
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  return node;
}

inline ::onnx::AttributeProto& AddAttribute(::onnx::NodeProto& node, const std::string& name,
                                            ::onnx::AttributeProto::AttributeType type) {
  ::onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

inline ::onnx::TensorProto Tensor(const std::string& name, int32_t type, const std::vector<int64_t>& shape) {
  ::onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const int64_t size : shape) tensor.add_dims(size);
  return tensor;
}

// Two layers, and a part of everything that the reader reads.
inline ::onnx::ModelProto SmallModel() {
  ::onnx::ModelProto model = EmptyModel();
  ::onnx::GraphProto& graph = *model.mutable_graph();
  SetTensor(*graph.add_input(), "x", ::onnx::TensorProto::FLOAT, {1, 3, 8, 8});
  graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_dim_param("N");
  *graph.add_initializer() = Tensor("w", ::onnx::TensorProto::FLOAT, {4, 3, 3, 3});
  *graph.add_initializer() = Tensor("shape", ::onnx::TensorProto::INT64, {2});
  graph.mutable_initializer(1)->set_raw_data(std::string("\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16));
  ::onnx::NodeProto& convolution = AddNode(model, "conv", "Conv", {"x", "w"}, {"y"});
  for (const int64_t stride : {2, 1}) {
    if (convolution.attribute_size() == 0) AddAttribute(convolution, "strides", ::onnx::AttributeProto::INTS);
    convolution.mutable_attribute(0)->add_ints(stride);
  }
  AddNode(model, "", "Reshape", {"y", "shape"}, {"z"});
  SetTensor(*graph.add_value_info(), "y", ::onnx::TensorProto::FLOAT, {1, 4, 3, 6});
  graph.add_output()->set_name("z");
  return model;
}

}  // namespace tensord::analysis

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_ONNX_MESSAGES_H_
