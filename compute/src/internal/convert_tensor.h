// Tensors of one element type turned into another.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CONVERT_TENSOR_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CONVERT_TENSOR_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tensord/compute/binary_format.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

// float16 or bfloat16.
[[nodiscard]] bool Is16BitFloating(DataType type);

// Of a floating type.
[[nodiscard]] BinaryFormat FormatOf(DataType type);

// A copy of a floating tensor in another floating type, each element rounded once. Denormals are kept.
[[nodiscard]] absl::StatusOr<Tensor> ConvertFloating(const TensorView& tensor, DataType type,
                                                     const ExecutionContext& context);

// What ConvertFloating makes of the tensor, or the tensor itself where it has the type already. The view is of `holder`
// or of the tensor.
[[nodiscard]] absl::StatusOr<TensorView> AsFloating(const TensorView& tensor, DataType type,
                                                    std::optional<Tensor>& holder, const ExecutionContext& context);

// Calls body(first, count) for blocks of 0..count-1, on the executor's threads. kCancelled - the flag was set.
[[nodiscard]] absl::Status ForEachBlock(int64_t count, const ExecutionContext& context,
                                        absl::FunctionRef<void(int64_t, int64_t)> body);

// Stores a floating number's bits as element `at` of a tensor of that many bytes each.
inline void StoreBits(void* data, int64_t at, int64_t item_size, uint64_t bits) {
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(static_cast<char*>(data) + at * item_size, &bits, static_cast<size_t>(item_size));
}

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CONVERT_TENSOR_H_
