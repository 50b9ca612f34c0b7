#include "server/convert/index_tensor.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/convert/enum_convert.h"
#include "server/convert/with_type.h"

namespace tensord::server {
namespace {

using compute::DataType;

template <typename F>
bool WithIntegerType(DataType type, F&& f) {
  return WithTypeAmong<int8_t, uint8_t, int32_t, int64_t>(type, std::forward<F>(f));
}

template <typename T>
void Widen(const char* bytes, int64_t count, int64_t* out) {
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
    out[i] = value;
  }
}

template <typename T>
void Copy(const v1::Int64Array& integers, absl::string_view field, int64_t* out, RequestErrors& errors) {
  for (int i = 0; i < integers.values_size(); ++i) {
    const int64_t value = integers.values(i);
    out[i] = value;
    if (static_cast<int64_t>(static_cast<T>(value)) == value) continue;
    errors.AddViolation(compute::Indexed(absl::StrCat(field, ".integers.values"), static_cast<size_t>(i)),
                        absl::StrCat("was ", value, ", which ", compute::Name(compute::kDataTypeOf<T>),
                                     " does not represent; send the indices as int64"));
    return;
  }
}

}  // namespace

void CheckIndices(const v1::Tensor& tensor, DataType type, absl::string_view field, RequestErrors& errors) {
  if (!WithIntegerType(type, [](auto) {})) {
    errors.AddViolation(absl::StrCat(field, ".data_type"),
                        absl::StrCat("was ", v1::DataType_Name(Encode(type)),
                                     ", has to be an integer type: INT8, UINT8, INT32 or INT64"));
  }
  if (tensor.has_doubles()) {
    errors.AddViolation(absl::StrCat(field, ".doubles"),
                        "was given, has to be left out: indices come as bytes or integers");
  }
}

void LoadIndices(const v1::Tensor& tensor, absl::string_view field, DecodedTensor& decoded, RequestErrors& errors) {
  const DataType type = decoded.view.type;
  const std::string& bytes = tensor.data();
  const bool aligned = reinterpret_cast<uintptr_t>(bytes.data()) % alignof(int64_t) == 0;
  decoded.view.type = DataType::kInt64;
  if (decoded.form == TensorForm::kBytes && type == DataType::kInt64 && aligned) {
    decoded.view.data = bytes.data();
    return;
  }
  absl::StatusOr<compute::Tensor> owned = compute::Tensor::Allocate(DataType::kInt64, decoded.view.shape);
  if (!owned.ok()) {
    errors.AddLimit(owned.status());
    return;
  }
  decoded.owned = *std::move(owned);
  decoded.view.data = decoded.owned.data();
  int64_t* out = decoded.owned.As<int64_t>();
  WithIntegerType(type, [&](auto zero) {
    using T = decltype(zero);
    if (decoded.form == TensorForm::kBytes) {
      Widen<T>(bytes.data(), decoded.owned.element_count(), out);
    } else {
      Copy<T>(tensor.integers(), field, out, errors);
    }
  });
}

int64_t IndexScratchBytes(const DecodedTensor& decoded) {
  if (decoded.form == TensorForm::kBytes && decoded.view.type == DataType::kInt64) return 0;
  return compute::ByteCount(decoded.view.shape, DataType::kInt64).value_or(compute::kSaturatedCost);
}

}  // namespace tensord::server
