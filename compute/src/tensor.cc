#include "tensord/compute/tensor.h"

#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tensord/compute/buffer_pool.h"
#include "tensord/compute/limits.h"

namespace tensord::compute {

absl::StatusOr<Tensor> Tensor::Allocate(DataType type, const Shape& shape) {
  const std::optional<int64_t> bytes = ByteCount(shape, type);
  const auto out_of_memory = [&] {
    return LimitError("OUT_OF_MEMORY", "",
                      absl::StrCat("no memory for a ", Name(type), " tensor of shape ", shape.ToString()));
  };
  if (!bytes.has_value() || *bytes > kSaturatedCost - static_cast<int64_t>(kTensorAlignment)) return out_of_memory();
  // aligned_alloc wants a multiple of the alignment; an empty tensor gets one line, so that its data is not null.
  const size_t size = (static_cast<size_t>(*bytes) / kTensorAlignment + 1) * kTensorAlignment;
  Tensor tensor;
  tensor.type_ = type;
  tensor.shape_ = shape;
  tensor.size_bytes_ = *bytes;
  size_t capacity = 0;
  void* const memory = size < BufferPool::kMinBytes ? std::aligned_alloc(kTensorAlignment, size)
                                                    : BufferPool::OfProcess().Take(size, capacity);
  tensor.data_ = {memory, Free(capacity)};
  if (tensor.data_ == nullptr) return out_of_memory();
  return tensor;
}

void Tensor::Free::operator()(void* memory) const {
  if (capacity > 0) {
    BufferPool::OfProcess().Give(memory, capacity);
  } else {
    std::free(memory);
  }
}

absl::StatusOr<Tensor> Tensor::Zeros(DataType type, const Shape& shape) {
  absl::StatusOr<Tensor> tensor = Allocate(type, shape);
  if (tensor.ok()) std::memset(tensor->data(), 0, static_cast<size_t>(tensor->size_bytes()));
  return tensor;
}

}  // namespace tensord::compute
