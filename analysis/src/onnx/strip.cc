#include "absl/strings/str_cat.h"
#include "analysis/src/onnx/parse.h"
#include "analysis/src/onnx/tensor.h"
#include "analysis/src/onnx/wire_scan.h"
#include "tensord/analysis/onnx.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis {
namespace {

using ::onnx::TensorProto;

void ClearElements(TensorProto& tensor) {
  tensor.clear_raw_data();
  tensor.clear_float_data();
  tensor.clear_double_data();
  tensor.clear_int32_data();
  tensor.clear_int64_data();
  tensor.clear_uint64_data();
  tensor.clear_string_data();
}

// More than are kept, by the shape or, where nobody has checked that the two agree, by what is there.
bool IsWeight(const TensorProto& tensor) {
  constexpr auto kMax = static_cast<int64_t>(kMaxConstantValues);
  if (onnx_reader::ElementCount(tensor).value_or(kMax + 1) > kMax) return true;
  for (const int count : {tensor.float_data_size(), tensor.double_data_size(), tensor.int32_data_size(),
                          tensor.int64_data_size(), tensor.uint64_data_size(), tensor.string_data_size()}) {
    if (count > 2 * kMax) return true;  // A complex number is two.
  }
  constexpr size_t kMaxElementBytes = 16;
  return tensor.raw_data().size() > kMaxElementBytes * kMaxConstantValues;
}

void StripTensor(TensorProto& tensor) {
  if (tensor.data_location() == TensorProto::EXTERNAL || IsWeight(tensor)) ClearElements(tensor);
  tensor.clear_external_data();
  tensor.clear_data_location();
  tensor.clear_doc_string();
}

void StripSparse(::onnx::SparseTensorProto& sparse) {
  if (sparse.has_values()) StripTensor(*sparse.mutable_values());
  if (sparse.has_indices()) StripTensor(*sparse.mutable_indices());
}

void StripGraph(::onnx::GraphProto& graph);

// As deep as messages are nested, which the parser bounds.
void StripNode(::onnx::NodeProto& node) {
  node.clear_doc_string();
  for (::onnx::AttributeProto& attribute : *node.mutable_attribute()) {
    attribute.clear_doc_string();
    if (attribute.has_t()) StripTensor(*attribute.mutable_t());
    if (attribute.has_g()) StripGraph(*attribute.mutable_g());
    if (attribute.has_sparse_tensor()) StripSparse(*attribute.mutable_sparse_tensor());
    for (TensorProto& tensor : *attribute.mutable_tensors()) StripTensor(tensor);
    for (::onnx::GraphProto& graph : *attribute.mutable_graphs()) StripGraph(graph);
    for (::onnx::SparseTensorProto& sparse : *attribute.mutable_sparse_tensors()) StripSparse(sparse);
  }
}

void StripGraph(::onnx::GraphProto& graph) {
  graph.clear_doc_string();
  for (TensorProto& initializer : *graph.mutable_initializer()) StripTensor(initializer);
  for (::onnx::SparseTensorProto& sparse : *graph.mutable_sparse_initializer()) StripSparse(sparse);
  for (::onnx::NodeProto& node : *graph.mutable_node()) StripNode(node);
  for (auto* const list : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()}) {
    for (::onnx::ValueInfoProto& info : *list) info.clear_doc_string();
  }
}

// What ReadOnnx says of the tensors that it reads: without their elements nobody could say it any more.
absl::Status CheckTensors(const ::onnx::GraphProto& graph) {
  for (const TensorProto& initializer : graph.initializer()) {
    const std::string what = absl::StrCat("initializer ", onnx_reader::Quoted(initializer.name()));
    TENSORD_RETURN_IF_ERROR(onnx_reader::ReadTensor(initializer, what).status());
  }
  for (const ::onnx::NodeProto& node : graph.node()) {
    for (const ::onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.type() != ::onnx::AttributeProto::TENSOR) continue;
      const std::string what = onnx_reader::AttributeText(node, attribute);
      TENSORD_RETURN_IF_ERROR(onnx_reader::ReadTensor(attribute.t(), what).status());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> StripWeights(absl::string_view bytes) {
  ::onnx::ModelProto model;
  TENSORD_RETURN_IF_ERROR(onnx_reader::ParseModel(bytes, model));
  TENSORD_RETURN_IF_ERROR(CheckTensors(model.graph()));
  model.clear_doc_string();
  model.clear_metadata_props();
  StripGraph(*model.mutable_graph());
  for (::onnx::FunctionProto& function : *model.mutable_functions()) {
    function.clear_doc_string();
    for (::onnx::NodeProto& node : *function.mutable_node()) StripNode(node);
  }
  for (::onnx::TrainingInfoProto& training : *model.mutable_training_info()) {
    if (training.has_initialization()) StripGraph(*training.mutable_initialization());
    if (training.has_algorithm()) StripGraph(*training.mutable_algorithm());
  }
  std::string stripped;
  if (!model.SerializeToString(&stripped)) return onnx_reader::NoModel("it cannot be written again");
  return stripped;
}

}  // namespace tensord::analysis
