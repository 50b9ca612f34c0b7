// ONNX's tensors, out of its messages: their type, their shape, and their elements as bytes.
#ifndef TENSORD_TESTS_CONFORMANCE_ONNX_TENSOR_H_
#define TENSORD_TESTS_CONFORMANCE_ONNX_TENSOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "onnx/onnx.pb.h"

namespace tensord::onnx_reader {

// Elements are in row-major order, little-endian, without padding, however the message had them.
struct Tensor {
  ::onnx::TensorProto::DataType type = ::onnx::TensorProto::UNDEFINED;
  std::vector<int64_t> shape;
  std::string bytes;

  friend bool operator==(const Tensor&, const Tensor&) = default;
};

// Bytes per element; 0 for types that are read by none of this: strings, complex numbers.
[[nodiscard]] int64_t ItemSizeBytes(::onnx::TensorProto::DataType type);

// A tensor of a message, from raw_data or from the typed field that ONNX names for the type.
//
// Errors: kInvalidArgument - no type, a type without an item size, a negative size, sizes whose product does not fit,
//         elements elsewhere (external data, segments), or another number of elements than the shape takes.
[[nodiscard]] absl::StatusOr<Tensor> ReadTensor(const ::onnx::TensorProto& message);

// The number of elements.
[[nodiscard]] int64_t ElementCount(const Tensor& tensor);

// Every element as a real number: exact but for integers beyond 2^64, which there are none of.
[[nodiscard]] std::vector<long double> Reals(const Tensor& tensor);

// Every element of a tensor of integers (of at most 64 bits with a sign, or 32 without).
//
// Errors: kInvalidArgument - another type.
[[nodiscard]] absl::StatusOr<std::vector<int64_t>> Integers(const Tensor& tensor);

}  // namespace tensord::onnx_reader

#endif  // TENSORD_TESTS_CONFORMANCE_ONNX_TENSOR_H_
