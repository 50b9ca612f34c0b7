#include "compute/src/internal/fill_channels.h"

#include <algorithm>
#include <cstdint>

#include "compute/src/internal/convert_tensor.h"

namespace tensord::compute::internal {
namespace {

// `T` stands for any type of its size.
template <typename T>
absl::Status Fill(const Layout& layout, const Tensor& values, Tensor& result, const ExecutionContext& context) {
  // Elements of one channel that follow each other.
  int64_t run = 1;
  for (int axis = layout.channel() + 1; axis < result.shape().rank(); ++axis) run *= result.shape()[axis];
  const int64_t channels = values.element_count();
  const T* const from = static_cast<const T*>(values.data());
  T* const to = static_cast<T*>(result.data());
  return ForEachBlock(result.element_count(), context, [&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count;) {
      const int64_t length = std::min(run - i % run, first + count - i);
      std::fill_n(to + i, length, from[i / run % channels]);
      i += length;
    }
  });
}

}  // namespace

absl::Status FillChannels(const Layout& layout, const Tensor& values, Tensor& result, const ExecutionContext& context) {
  switch (ItemSize(result.type())) {
    case 1:
      return Fill<uint8_t>(layout, values, result, context);
    case 2:
      return Fill<uint16_t>(layout, values, result, context);
    case 4:
      return Fill<uint32_t>(layout, values, result, context);
    default:
      return Fill<uint64_t>(layout, values, result, context);
  }
}

}  // namespace tensord::compute::internal
