// Tensors between ONNX's messages and tensord's.
#ifndef TENSORD_TESTS_CONFORMANCE_WIRE_H_
#define TENSORD_TESTS_CONFORMANCE_WIRE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "tensord/v1/tensor.pb.h"
#include "tests/conformance/onnx/tensor.h"

namespace tensord::conformance {

// Errors: kUnimplemented - a type that tensord does not have.
[[nodiscard]] absl::StatusOr<v1::DataType> ToDataType(::onnx::TensorProto::DataType type);
[[nodiscard]] absl::StatusOr<v1::Tensor> ToWire(const onnx_reader::Tensor& tensor);
// Errors: kInternal - the answer is not in bytes, or has no type of ONNX's.
[[nodiscard]] absl::StatusOr<onnx_reader::Tensor> FromWire(const v1::Tensor& tensor);

// What a server answered. Its UNIMPLEMENTED is an error of its own, kInternal: here kUnimplemented says that this
// program has no request for a case.
template <typename Response>
[[nodiscard]] absl::StatusOr<Response> Answered(absl::StatusOr<Response> answer) {
  if (!absl::IsUnimplemented(answer.status())) return answer;
  return absl::InternalError(absl::StrCat("the server answered UNIMPLEMENTED: ", answer.status().message()));
}

// ONNX's layout of a tensor with a batch, channels and rank - 2 spatial axes: NCW, NCHW or NCDHW.
//
// Errors: kUnimplemented - another number of spatial axes.
[[nodiscard]] absl::StatusOr<std::string> LayoutOf(const onnx_reader::Tensor& tensor);

// A FLOAT32 tensor of values that FLOAT32 has.
[[nodiscard]] onnx_reader::Tensor MakeFloats(const std::vector<float>& values, std::vector<int64_t> shape);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_WIRE_H_
