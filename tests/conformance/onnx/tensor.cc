#include "tests/conformance/onnx/tensor.h"

#include <bit>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/float16.h"

namespace tensord::onnx_reader {
namespace {

using ::onnx::TensorProto;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian, and is used as it is");

// Elements of one C++ type as bytes.
template <typename To, typename From>
std::string Pack(const google::protobuf::RepeatedField<From>& values) {
  std::string bytes(static_cast<size_t>(values.size()) * sizeof(To), '\0');
  char* to = bytes.data();
  for (const From value : values) {
    const To item = static_cast<To>(value);
    std::memcpy(to, &item, sizeof(To));
    to += sizeof(To);
  }
  return bytes;
}

// The typed field of each type; the 16-bit floating types lie in int32_data bit for bit.
std::string PackTyped(const TensorProto& message) {
  switch (message.data_type()) {
    case TensorProto::FLOAT:
      return Pack<float>(message.float_data());
    case TensorProto::DOUBLE:
      return Pack<double>(message.double_data());
    case TensorProto::INT64:
      return Pack<int64_t>(message.int64_data());
    case TensorProto::UINT64:
      return Pack<uint64_t>(message.uint64_data());
    case TensorProto::UINT32:
      return Pack<uint32_t>(message.uint64_data());
    case TensorProto::INT32:
      return Pack<int32_t>(message.int32_data());
    case TensorProto::INT8:
      return Pack<int8_t>(message.int32_data());
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      return Pack<uint8_t>(message.int32_data());
    case TensorProto::INT16:
      return Pack<int16_t>(message.int32_data());
    default:  // UINT16, FLOAT16, BFLOAT16
      return Pack<uint16_t>(message.int32_data());
  }
}

// Calls `visit` with every element as a T.
template <typename T, typename Visit>
void ForEach(const Tensor& tensor, Visit visit) {
  for (size_t at = 0; at + sizeof(T) <= tensor.bytes.size(); at += sizeof(T)) {
    T item;
    std::memcpy(&item, tensor.bytes.data() + at, sizeof(T));
    visit(item);
  }
}

template <typename Visit>
bool VisitIntegers(const Tensor& tensor, Visit visit) {
  switch (tensor.type) {
    case TensorProto::INT8:
      ForEach<int8_t>(tensor, visit);
      return true;
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      ForEach<uint8_t>(tensor, visit);
      return true;
    case TensorProto::INT16:
      ForEach<int16_t>(tensor, visit);
      return true;
    case TensorProto::UINT16:
      ForEach<uint16_t>(tensor, visit);
      return true;
    case TensorProto::INT32:
      ForEach<int32_t>(tensor, visit);
      return true;
    case TensorProto::UINT32:
      ForEach<uint32_t>(tensor, visit);
      return true;
    case TensorProto::INT64:
      ForEach<int64_t>(tensor, visit);
      return true;
    default:
      return false;
  }
}

}  // namespace

int64_t ItemSizeBytes(TensorProto::DataType type) {
  switch (type) {
    case TensorProto::INT8:
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      return 1;
    case TensorProto::INT16:
    case TensorProto::UINT16:
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      return 2;
    case TensorProto::FLOAT:
    case TensorProto::INT32:
    case TensorProto::UINT32:
      return 4;
    case TensorProto::DOUBLE:
    case TensorProto::INT64:
    case TensorProto::UINT64:
      return 8;
    default:
      return 0;
  }
}

absl::StatusOr<Tensor> ReadTensor(const TensorProto& message) {
  if (!TensorProto::DataType_IsValid(message.data_type()) ||
      ItemSizeBytes(static_cast<TensorProto::DataType>(message.data_type())) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor \"", message.name(), "\": data_type ", message.data_type(), " is none that is read"));
  }
  if (message.data_location() == TensorProto::EXTERNAL || message.has_segment()) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", message.name(), "\": its elements are elsewhere"));
  }
  Tensor tensor;
  tensor.type = static_cast<TensorProto::DataType>(message.data_type());
  tensor.shape.assign(message.dims().begin(), message.dims().end());
  int64_t bytes = ItemSizeBytes(tensor.type);
  for (const int64_t size : tensor.shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, size, &bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor \"", message.name(), "\": dims has ", size, ", which is negative or too much"));
    }
  }
  tensor.bytes = message.has_raw_data() ? message.raw_data() : PackTyped(message);
  if (static_cast<int64_t>(tensor.bytes.size()) != bytes) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", message.name(), "\": has ", tensor.bytes.size(),
                                                   " bytes of elements, and its shape takes ", bytes));
  }
  return tensor;
}

int64_t ElementCount(const Tensor& tensor) {
  return static_cast<int64_t>(tensor.bytes.size()) / ItemSizeBytes(tensor.type);
}

std::vector<long double> Reals(const Tensor& tensor) {
  std::vector<long double> reals;
  reals.reserve(static_cast<size_t>(ElementCount(tensor)));
  const auto append = [&reals](auto item) { reals.push_back(static_cast<long double>(item)); };
  if (tensor.type == TensorProto::FLOAT) {
    ForEach<float>(tensor, append);
  } else if (tensor.type == TensorProto::DOUBLE) {
    ForEach<double>(tensor, append);
  } else if (tensor.type == TensorProto::FLOAT16) {
    ForEach<uint16_t>(tensor, [&append](uint16_t bits) { append(compute::Float16::Decode(bits)); });
  } else if (tensor.type == TensorProto::BFLOAT16) {
    ForEach<uint16_t>(tensor, [&append](uint16_t bits) { append(compute::BFloat16::Decode(bits)); });
  } else if (tensor.type == TensorProto::UINT64) {
    ForEach<uint64_t>(tensor, append);
  } else {
    VisitIntegers(tensor, append);
  }
  return reals;
}

absl::StatusOr<std::vector<int64_t>> Integers(const Tensor& tensor) {
  std::vector<int64_t> integers;
  if (!VisitIntegers(tensor, [&integers](auto item) { integers.push_back(static_cast<int64_t>(item)); })) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tensor of integers is needed, not one of ", TensorProto::DataType_Name(tensor.type)));
  }
  return integers;
}

}  // namespace tensord::onnx_reader
