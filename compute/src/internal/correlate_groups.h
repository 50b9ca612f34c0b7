// Correlations whose vectors lie along groups: for depthwise convolution.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_GROUPS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_GROUPS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/columns.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// Channels of a group, of either tensor, at most: with more of them, tiles of several rows of results have more to do
// for each element that they load.
inline constexpr int64_t kMaxGroupChannels = 2;
inline constexpr int64_t kMaxGroupTaps = 256;

// Whether there are many groups of few channels, and what a block of positions reads is not too much.
template <typename T>
[[nodiscard]] bool HasVectorsOfGroups(const Correlation& correlation, const Columns& columns,
                                      const ExecutionContext& context);

// As Correlate, where HasVectorsOfGroups, for the results of all the columns: the correlation's own axis W spans what
// they read. A block of positions at a time: the source is copied into a box with one group in each lane, unless it can
// be read as it lies.
template <typename T>
absl::Status CorrelateGroups(const Correlation& correlation, const Columns& columns, const T* source, const T* filter,
                             T* dest, const Epilogue<T>& epilogue, const ExecutionContext& context);

// Bytes of scratch that each thread uses at most.
template <typename T>
int64_t MaxCorrelateGroupsScratchBytes();

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_GROUPS_H_
