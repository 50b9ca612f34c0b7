// Correlations whose vectors lie along the destination's channels: for tensors with contiguous channels.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_CHANNELS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_CHANNELS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// As Correlate. A block of positions at a time: their patches are gathered, unless they can be read as they lie, and
// multiplied with blocks of the filter.
template <typename T>
absl::Status CorrelateChannels(const Correlation& correlation, const T* source, const T* filter, T* dest,
                               const Epilogue<T>& epilogue, const ExecutionContext& context);

// Bytes of scratch that each thread uses at most.
template <typename T>
int64_t MaxCorrelateChannelsScratchBytes();

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_CHANNELS_H_
