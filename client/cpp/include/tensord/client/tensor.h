// Tensors from and to memory, without needless copies.
#ifndef TENSORD_CLIENT_TENSOR_H_
#define TENSORD_CLIENT_TENSOR_H_

#include <bit>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::client {

static_assert(std::endian::native == std::endian::little, "tensors travel little-endian, and are viewed in place");

// The data type of a C++ type: float, double, int8_t, uint8_t, int32_t or int64_t.
template <typename T>
struct DataTypeOf;
template <>
struct DataTypeOf<float> {
  static constexpr v1::DataType value = v1::DATA_TYPE_FLOAT32;
};
template <>
struct DataTypeOf<double> {
  static constexpr v1::DataType value = v1::DATA_TYPE_FLOAT64;
};
template <>
struct DataTypeOf<int8_t> {
  static constexpr v1::DataType value = v1::DATA_TYPE_INT8;
};
template <>
struct DataTypeOf<uint8_t> {
  static constexpr v1::DataType value = v1::DATA_TYPE_UINT8;
};
template <>
struct DataTypeOf<int32_t> {
  static constexpr v1::DataType value = v1::DATA_TYPE_INT32;
};
template <>
struct DataTypeOf<int64_t> {
  static constexpr v1::DataType value = v1::DATA_TYPE_INT64;
};

namespace internal {

// Checks that the tensor is `type` and that its payload is bytes, as many as its shape takes, at an address that is a
// multiple of `alignment`. The errors are AsSpan's.
[[nodiscard]] absl::Status CheckView(const v1::Tensor& tensor, v1::DataType type, int64_t item_size_bytes,
                                     uintptr_t alignment);

}  // namespace internal

// A tensor with a copy of `values`, which are in row-major order of `shape`. Whether they are as many as the shape
// takes is for the server to say.
template <typename T>
[[nodiscard]] v1::Tensor MakeTensor(absl::Span<const T> values, absl::Span<const int64_t> shape) {
  v1::Tensor tensor;
  tensor.set_data_type(DataTypeOf<T>::value);
  tensor.mutable_shape()->Add(shape.begin(), shape.end());
  tensor.set_data(values.data(), values.size() * sizeof(T));
  return tensor;
}

// The elements of a tensor, in row-major order, in place.
//
// Errors:  kInvalidArgument - the tensor is of another type; a size is negative; the sizes' product, a 0 counted as 1,
//          does not fit; the payload is not as long as the shape takes.
//          kFailedPrecondition - the payload is missing, or is doubles or integers (a request with bytes is answered
//          with bytes); or it lies at an address that is no multiple of the item's alignment.
// Owns:    the span is valid as long as the tensor is and is not changed.
template <typename T>
[[nodiscard]] absl::StatusOr<absl::Span<const T>> AsSpan(const v1::Tensor& tensor) {
  if (absl::Status status = internal::CheckView(tensor, DataTypeOf<T>::value, sizeof(T), alignof(T)); !status.ok()) {
    return status;
  }
  return absl::Span<const T>(reinterpret_cast<const T*>(tensor.data().data()), tensor.data().size() / sizeof(T));
}
template <typename T>
absl::StatusOr<absl::Span<const T>> AsSpan(v1::Tensor&&) = delete;

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_TENSOR_H_
