// Tensors that are the same all over a channel.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_FILL_CHANNELS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_FILL_CHANNELS_H_

#include "absl/status/status.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/layout.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

// Writes channel c's element of `values`, [C], into every element of that channel of `result`, which is laid out as
// `layout` says (one channel where that has none) and of the same type. kCancelled - the flag was set.
[[nodiscard]] absl::Status FillChannels(const Layout& layout, const Tensor& values, Tensor& result,
                                        const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_FILL_CHANNELS_H_
