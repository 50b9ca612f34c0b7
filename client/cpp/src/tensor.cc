#include "tensord/client/tensor.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::client::internal {
namespace {

// "FLOAT32"; a number where the type is one that this client does not know.
std::string TypeName(v1::DataType type) {
  static constexpr absl::string_view kPrefix = "DATA_TYPE_";
  const std::string& name = v1::DataType_Name(type);
  return name.size() > kPrefix.size() ? name.substr(kPrefix.size()) : absl::StrCat("type ", static_cast<int>(type));
}

}  // namespace

absl::Status CheckView(const v1::Tensor& tensor, v1::DataType type, int64_t item_size_bytes, uintptr_t alignment) {
  if (tensor.data_type() != type) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor: is ", TypeName(tensor.data_type()), ", not ", TypeName(type)));
  }
  if (tensor.payload_case() != v1::Tensor::kData) {
    return absl::FailedPreconditionError("tensor: only the payload `data` can be viewed in place");
  }
  int64_t size_bytes = item_size_bytes;
  bool empty = false;
  for (const int64_t size : tensor.shape()) {
    if (size < 0) return absl::InvalidArgumentError(absl::StrCat("tensor: a size is ", size));
    if (size == 0) empty = true;
    // A 0 counts as 1, so that any product of the sizes fits, in whatever order a caller takes it.
    if (__builtin_mul_overflow(size_bytes, size == 0 ? 1 : size, &size_bytes)) {
      return absl::InvalidArgumentError("tensor: the product of the sizes does not fit into 64 bits");
    }
  }
  if (empty) size_bytes = 0;
  const std::string& data = tensor.data();
  if (static_cast<uint64_t>(size_bytes) != data.size()) {
    return absl::InvalidArgumentError(absl::StrCat("tensor: data is ", data.size(), " bytes long, the shape [",
                                                   absl::StrJoin(tensor.shape(), ","), "] takes ", size_bytes));
  }
  if (reinterpret_cast<uintptr_t>(data.data()) % alignment != 0) {
    return absl::FailedPreconditionError(absl::StrCat("tensor: data is not aligned to ", alignment, " bytes"));
  }
  return absl::OkStatus();
}

}  // namespace tensord::client::internal
