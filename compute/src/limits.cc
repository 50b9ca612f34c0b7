#include "tensord/compute/limits.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace tensord::compute {

int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? kSaturatedCost : sum;
}

int64_t SaturatingMultiply(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? kSaturatedCost : product;
}

int64_t SaturatingCount(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count = SaturatingMultiply(count, size);
  return count;
}

int64_t SaturatingBytes(const Shape& shape, DataType type) {
  return SaturatingMultiply(SaturatingCount(shape), ItemSize(type));
}

absl::Status LimitError(absl::string_view reason, absl::string_view field, absl::string_view message) {
  absl::Status status = absl::ResourceExhaustedError(message);
  status.SetPayload(kReasonPayload, absl::Cord(reason));
  if (!field.empty()) status.SetPayload(kFieldPayload, absl::Cord(field));
  return status;
}

absl::Status CheckTensorSize(const Shape& shape, DataType type, absl::string_view field, const Limits& limits) {
  int64_t bytes = ItemSize(type);
  for (const int64_t size : shape) bytes = SaturatingMultiply(bytes, size == 0 ? 1 : size);
  if (bytes <= limits.max_tensor_bytes) return absl::OkStatus();
  const std::string amount = bytes == kSaturatedCost ? "more than 2^63 bytes" : absl::StrCat(bytes, " bytes");
  return LimitError("TENSOR_TOO_LARGE", field,
                    absl::StrCat(field, ": a ", Name(type), " tensor of shape ", shape.ToString(), " takes ", amount,
                                 ", the limit is ", limits.max_tensor_bytes, " bytes"));
}

absl::Status CheckWork(const Cost& cost, const Limits& limits) {
  if (cost.multiplication_count <= limits.max_multiplication_count) return absl::OkStatus();
  const std::string amount =
      cost.multiplication_count == kSaturatedCost ? "more than 2^63" : absl::StrCat(cost.multiplication_count);
  return LimitError("WORK_TOO_LARGE", "",
                    absl::StrCat("the request takes ", amount, " multiplications, the limit is ",
                                 limits.max_multiplication_count, "; send it in smaller batches"));
}

}  // namespace tensord::compute
