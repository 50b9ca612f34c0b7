// Pooling where planes follow each other in memory, as channels do in NHWC: vectors of them, in place.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_POOL_CHANNELS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_POOL_CHANNELS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute::internal {

// As PoolGroups() and PoolGroupsBackward(), for at least a vector of planes that follow each other in x and in y.
// Without scratch.
template <typename T>
[[nodiscard]] std::optional<absl::Status> PoolChannels(const PoolingGeometry& geometry, const T* x, T* y,
                                                       int64_t* indices, const ExecutionContext& context);
template <typename T>
[[nodiscard]] std::optional<absl::Status> PoolChannelsBackward(const PoolingGeometry& geometry, const T* x, const T* dy,
                                                               T* dx, const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_POOL_CHANNELS_H_
