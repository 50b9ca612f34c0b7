// Pooling with as many planes side by side as a vector has lanes: what a window does is the same in each of them.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_POOL_GROUPS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_POOL_GROUPS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute::internal {

// As Pool(), bit for bit what the windows' elements come to one by one. `indices` may be null. Nothing is done, and
// nothing returned, unless it is of maxima, averages or first elements of windows that are not too large, in at least
// half as many planes as a vector has lanes. kResourceExhausted, kCancelled.
template <typename T>
[[nodiscard]] std::optional<absl::Status> PoolGroups(const PoolingGeometry& geometry, const T* x, T* y,
                                                     int64_t* indices, const ExecutionContext& context);

// As PoolBackward(), likewise; of maxima only where the first of equal ones gets everything.
template <typename T>
[[nodiscard]] std::optional<absl::Status> PoolGroupsBackward(const PoolingGeometry& geometry, const T* x, const T* dy,
                                                             T* dx, const ExecutionContext& context);

// Bytes of scratch that either uses at most, with that many threads.
[[nodiscard]] int64_t PoolGroupsScratchBytes(const PoolingGeometry& geometry, DataType type, int thread_count);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_POOL_GROUPS_H_
