// Correlations whose vectors lie along positions: for tensors with contiguous rows.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_POSITIONS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_POSITIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// As Correlate. A block of positions at a time: the source is copied into planes, unless it can be read as it lies, and
// the filter is read as it lies.
template <typename T>
absl::Status CorrelatePositions(const Correlation& correlation, const T* source, const T* filter, T* dest,
                                const Epilogue<T>& epilogue, const ExecutionContext& context);

// Bytes of scratch that each thread uses at most.
template <typename T>
int64_t MaxCorrelatePositionsScratchBytes();

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_POSITIONS_H_
