#include "tests/conformance/wire.h"

#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::conformance {
namespace {

using ::onnx::TensorProto;

constexpr std::array<std::pair<TensorProto::DataType, v1::DataType>, 8> kTypes = {{
    {TensorProto::FLOAT16, v1::DATA_TYPE_FLOAT16},
    {TensorProto::BFLOAT16, v1::DATA_TYPE_BFLOAT16},
    {TensorProto::FLOAT, v1::DATA_TYPE_FLOAT32},
    {TensorProto::DOUBLE, v1::DATA_TYPE_FLOAT64},
    {TensorProto::INT8, v1::DATA_TYPE_INT8},
    {TensorProto::UINT8, v1::DATA_TYPE_UINT8},
    {TensorProto::INT32, v1::DATA_TYPE_INT32},
    {TensorProto::INT64, v1::DATA_TYPE_INT64},
}};

}  // namespace

absl::StatusOr<v1::DataType> ToDataType(TensorProto::DataType type) {
  for (const auto& [onnx, wire] : kTypes) {
    if (onnx == type) return wire;
  }
  return absl::UnimplementedError(absl::StrCat("tensord has no type ", TensorProto::DataType_Name(type)));
}

absl::StatusOr<v1::Tensor> ToWire(const onnx_reader::Tensor& tensor) {
  v1::Tensor wire;
  TENSORD_ASSIGN_OR_RETURN(const v1::DataType type, ToDataType(tensor.type));
  wire.set_data_type(type);
  wire.mutable_shape()->Add(tensor.shape.begin(), tensor.shape.end());
  wire.set_data(tensor.bytes);
  return wire;
}

absl::StatusOr<onnx_reader::Tensor> FromWire(const v1::Tensor& tensor) {
  if (tensor.payload_case() != v1::Tensor::kData) return absl::InternalError("the answer has no bytes of elements");
  for (const auto& [onnx, wire] : kTypes) {
    if (wire == tensor.data_type()) {
      return onnx_reader::Tensor{onnx, {tensor.shape().begin(), tensor.shape().end()}, tensor.data()};
    }
  }
  return absl::InternalError(absl::StrCat("the answer has the type ", v1::DataType_Name(tensor.data_type())));
}

absl::StatusOr<std::string> LayoutOf(const onnx_reader::Tensor& tensor) {
  switch (tensor.shape.size()) {
    case 3:
      return "NCW";
    case 4:
      return "NCHW";
    case 5:
      return "NCDHW";
    default:
      return absl::UnimplementedError(
          absl::StrCat("tensord has 1 to 3 spatial axes, and the rank is ", tensor.shape.size()));
  }
}

onnx_reader::Tensor MakeFloats(const std::vector<float>& values, std::vector<int64_t> shape) {
  return {TensorProto::FLOAT, std::move(shape),
          std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float))};
}

}  // namespace tensord::conformance
