#include "tests/contract/requests.h"

#include <cstring>

#include "onnx/onnx.pb.h"
#include "tests/contract/grading_requests.h"
#include "tests/contract/model_requests.h"

namespace tensord::contract {
namespace {

template <typename T>
std::vector<double> FromBytes(const std::string& data) {
  std::vector<double> values;
  for (size_t i = 0; i + sizeof(T) <= data.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, data.data() + i, sizeof(T));
    values.push_back(static_cast<double>(value));
  }
  return values;
}

void AddSizes(std::initializer_list<int64_t> sizes, google::protobuf::RepeatedPtrField<v1::Dimension>& dimensions) {
  for (const int64_t size : sizes) dimensions.Add()->set_value(size);
}

}  // namespace

v1::Tensor Floats(std::initializer_list<int64_t> shape, const std::vector<float>& values) {
  v1::Tensor tensor;
  tensor.set_data_type(v1::DATA_TYPE_FLOAT32);
  for (const int64_t size : shape) tensor.add_shape(size);
  tensor.set_data(values.data(), values.size() * sizeof(float));
  return tensor;
}

v1::Tensor Integers(v1::DataType type, std::initializer_list<int64_t> shape, const std::vector<int64_t>& values) {
  v1::Tensor tensor;
  tensor.set_data_type(type);
  for (const int64_t size : shape) tensor.add_shape(size);
  *tensor.mutable_integers()->mutable_values() = {values.begin(), values.end()};
  return tensor;
}

v1::Tensor Reals(v1::DataType type, std::initializer_list<int64_t> shape, const std::vector<double>& values) {
  v1::Tensor tensor;
  tensor.set_data_type(type);
  for (const int64_t size : shape) tensor.add_shape(size);
  *tensor.mutable_doubles()->mutable_values() = {values.begin(), values.end()};
  return tensor;
}

v1::Tensor Ramp(std::initializer_list<int64_t> shape) {
  size_t count = 1;
  for (const int64_t size : shape) count *= static_cast<size_t>(size);
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i % 7));
  return Floats(shape, values);
}

std::vector<double> Values(const v1::Tensor& tensor) {
  if (tensor.has_doubles()) return {tensor.doubles().values().begin(), tensor.doubles().values().end()};
  if (tensor.has_integers()) {
    std::vector<double> values;
    for (const int64_t value : tensor.integers().values()) values.push_back(static_cast<double>(value));
    return values;
  }
  if (tensor.data_type() == v1::DATA_TYPE_FLOAT64) return FromBytes<double>(tensor.data());
  if (tensor.data_type() == v1::DATA_TYPE_INT32) return FromBytes<int32_t>(tensor.data());
  if (tensor.data_type() == v1::DATA_TYPE_INT64) return FromBytes<int64_t>(tensor.data());
  return FromBytes<float>(tensor.data());
}

v1::ConvolveRequest GoodConvolve() {
  v1::ConvolveRequest request;
  *request.mutable_input() = Ramp({2, 5, 4, 3});
  *request.mutable_filter() = Ramp({2, 2, 3, 4});
  *request.mutable_bias() = Ramp({4});
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SIGMOID);
  return request;
}

v1::ConvolveBackwardRequest GoodConvolveBackward() {
  const v1::ConvolveRequest forward = GoodConvolve();
  v1::ConvolveBackwardRequest request;
  *request.mutable_input() = forward.input();
  *request.mutable_filter() = forward.filter();
  *request.mutable_bias() = forward.bias();
  *request.mutable_activation() = forward.activation();
  *request.mutable_output_gradient() = Ramp({2, 4, 3, 4});
  request.add_gradients(v1::CONVOLUTION_GRADIENT_INPUT);
  request.add_gradients(v1::CONVOLUTION_GRADIENT_FILTER);
  request.add_gradients(v1::CONVOLUTION_GRADIENT_BIAS);
  request.add_gradients(v1::CONVOLUTION_GRADIENT_PRE_ACTIVATION);
  return request;
}

v1::ConvolveTransposeRequest GoodConvolveTranspose() {
  const v1::ConvolveRequest plain = GoodConvolve();
  v1::ConvolveTransposeRequest request;
  *request.mutable_input() = plain.input();
  *request.mutable_filter() = plain.filter();
  *request.mutable_bias() = plain.bias();
  *request.mutable_activation() = plain.activation();
  request.mutable_conventions()->add_strides(2);
  request.mutable_conventions()->add_output_padding(1);
  return request;
}

v1::ConvolveTransposeBackwardRequest GoodConvolveTransposeBackward() {
  const v1::ConvolveTransposeRequest forward = GoodConvolveTranspose();
  v1::ConvolveTransposeBackwardRequest request;
  *request.mutable_input() = forward.input();
  *request.mutable_filter() = forward.filter();
  *request.mutable_bias() = forward.bias();
  *request.mutable_activation() = forward.activation();
  *request.mutable_conventions() = forward.conventions();
  *request.mutable_output_gradient() = Ramp({2, 11, 9, 4});
  *request.mutable_gradients() = GoodConvolveBackward().gradients();
  return request;
}

v1::PoolRequest GoodPool() {
  v1::PoolRequest request;
  request.set_kind(v1::POOLING_KIND_MAX);
  *request.mutable_input() = Ramp({2, 5, 4, 3});
  request.mutable_conventions()->add_window(2);
  request.set_return_indices(true);
  return request;
}

v1::PoolBackwardRequest GoodPoolBackward() {
  const v1::PoolRequest forward = GoodPool();
  v1::PoolBackwardRequest request;
  request.set_kind(forward.kind());
  *request.mutable_input() = forward.input();
  *request.mutable_conventions() = forward.conventions();
  *request.mutable_output_gradient() = Ramp({2, 2, 2, 3});
  return request;
}

v1::UnpoolRequest GoodUnpool() {
  v1::UnpoolRequest request;
  *request.mutable_input() = Ramp({2, 2, 2, 3});
  request.mutable_indices()->set_data_type(v1::DATA_TYPE_INT64);
  for (const int64_t size : {2, 2, 2, 3}) request.mutable_indices()->add_shape(size);
  // Planes of 5 x 4: the first cell of each window of 2 x 2.
  std::vector<int64_t> indices;
  for (int i = 0; i < 24; ++i) indices.push_back(i / 6 % 2 * 8 + i / 3 % 2 * 2);
  request.mutable_indices()->set_data(indices.data(), indices.size() * sizeof(int64_t));
  request.mutable_conventions()->add_window(2);
  for (const int64_t size : {2, 5, 4, 3}) request.add_output_shape(size);
  request.set_index_range(v1::INDEX_RANGE_WINDOW);
  return request;
}

v1::UnpoolBackwardRequest GoodUnpoolBackward() {
  const v1::UnpoolRequest forward = GoodUnpool();
  v1::UnpoolBackwardRequest request;
  *request.mutable_indices() = forward.indices();
  *request.mutable_output_gradient() = Ramp({2, 5, 4, 3});
  *request.mutable_conventions() = forward.conventions();
  request.set_index_range(forward.index_range());
  return request;
}

v1::ActivateRequest GoodActivate() {
  v1::ActivateRequest request;
  *request.mutable_input() = Floats({2, 3}, {-2, -1, 0, 1, 2, 3});
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_LEAKY_RELU);
  return request;
}

v1::ActivateBackwardRequest GoodActivateBackward() {
  v1::ActivateBackwardRequest request;
  *request.mutable_input() = GoodActivate().input();
  *request.mutable_activation() = GoodActivate().activation();
  *request.mutable_output_gradient() = Floats({2, 3}, {1, 2, 3, 4, 5, 6});
  return request;
}

v1::ActivateBackwardRequest GoodPreluBackward() {
  v1::ActivateBackwardRequest request = GoodActivateBackward();
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_PRELU);
  *request.mutable_slope() = Floats({3}, {0.5, -1, 2});
  request.set_return_slope_gradient(true);
  return request;
}

v1::ActivateRequest GoodSoftmax() {
  v1::ActivateRequest request = GoodActivate();
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SOFTMAX);
  return request;
}

v1::AnalyzeLayerRequest GoodAnalyzeConvolution() {
  v1::AnalyzeLayerRequest request;
  AddSizes({48, 64, 10}, *request.mutable_convolution()->mutable_input_shape());
  AddSizes({3, 3, 10, 20}, *request.mutable_convolution()->mutable_filter_shape());
  return request;
}

v1::AnalyzeLayerRequest GoodAnalyzeTransposed() {
  v1::AnalyzeLayerRequest request;
  AddSizes({2, 5, 4, 3}, *request.mutable_transposed_convolution()->mutable_input_shape());
  AddSizes({2, 2, 3, 4}, *request.mutable_transposed_convolution()->mutable_filter_shape());
  *request.mutable_transposed_convolution()->mutable_conventions() = GoodConvolveTranspose().conventions();
  return request;
}

v1::AnalyzeLayerRequest GoodAnalyzePooling() {
  v1::AnalyzeLayerRequest request;
  request.mutable_pooling()->set_kind(v1::POOLING_KIND_MAX);
  AddSizes({2, 5, 4, 3}, *request.mutable_pooling()->mutable_input_shape());
  request.mutable_pooling()->mutable_conventions()->add_window(2);
  return request;
}

v1::DescribeDatasetRequest GoodDescribeDataset() {
  v1::DescribeDatasetRequest request;
  for (const auto& [name, size] : {std::pair("recording", 40), std::pair("channel", 80), std::pair("sample", 2400)}) {
    v1::DatasetAxis& axis = *request.add_axes();
    axis.set_name(name);
    axis.mutable_size()->set_value(size);
  }
  return request;
}

v1::AnalyzeModelRequest GoodAnalyzeModel() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("one convolution");
  onnx::ValueInfoProto& input = *graph.add_input();
  input.set_name("x");
  input.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  onnx::TensorShapeProto& shape = *input.mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.add_dim()->set_dim_param("N");
  for (const int size : {3, 8, 8}) shape.add_dim()->set_dim_value(size);
  onnx::TensorProto& filter = *graph.add_initializer();
  filter.set_name("w");
  filter.set_data_type(onnx::TensorProto::FLOAT);
  for (const int size : {4, 3, 3, 3}) filter.add_dims(size);
  onnx::NodeProto& node = *graph.add_node();
  node.set_name("conv");
  node.set_op_type("Conv");
  node.add_input("x");
  node.add_input("w");
  node.add_output("y");
  graph.add_output()->set_name("y");
  v1::AnalyzeModelRequest request;
  request.set_onnx(model.SerializeAsString());
  return request;
}

std::vector<GoodCall> GoodCalls() {
  const auto tensor = [](const char* rpc, const google::protobuf::Message& request) {
    return GoodCall{std::string("tensord.v1.TensorService/") + rpc, request.SerializeAsString()};
  };
  const auto analysis = [](const char* rpc, const google::protobuf::Message& request) {
    return GoodCall{std::string("tensord.v1.AnalysisService/") + rpc, request.SerializeAsString()};
  };
  const auto grading = [](const char* rpc, const google::protobuf::Message& request) {
    return GoodCall{std::string("tensord.v1.GradingService/") + rpc, request.SerializeAsString()};
  };
  return {tensor("Convolve", GoodConvolve()),
          tensor("ConvolveBackward", GoodConvolveBackward()),
          tensor("ConvolveTranspose", GoodConvolveTranspose()),
          tensor("ConvolveTransposeBackward", GoodConvolveTransposeBackward()),
          tensor("Pool", GoodPool()),
          tensor("PoolBackward", GoodPoolBackward()),
          tensor("Unpool", GoodUnpool()),
          tensor("UnpoolBackward", GoodUnpoolBackward()),
          tensor("Activate", GoodActivate()),
          tensor("ActivateBackward", GoodActivateBackward()),
          tensor("ActivateBackward", GoodPreluBackward()),
          tensor("Activate", GoodSoftmax()),
          analysis("AnalyzeLayer", GoodAnalyzeConvolution()),
          analysis("AnalyzeLayer", GoodAnalyzeTransposed()),
          analysis("AnalyzeLayer", GoodAnalyzePooling()),
          analysis("AnalyzeModel", GoodAnalyzeModel()),
          analysis("AnalyzeModel", GoodAnalyzeModelGraph()),
          analysis("DescribeDataset", GoodDescribeDataset()),
          grading("GradeSubmission", GoodGradeSubmission()),
          grading("AuditAssignment", GoodAuditAssignment()),
          {"tensord.v1.ServerService/GetServerInfo", ""}};
}

}  // namespace tensord::contract
