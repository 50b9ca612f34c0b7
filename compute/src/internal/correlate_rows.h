// Correlations whose vectors lie along the rows of planes: for depthwise convolution.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_ROWS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_ROWS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/columns.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// Channels of a group at most: with more of them, tiles of several rows of results have more to do for each element
// that they load.
inline constexpr int64_t kMaxRowSourceChannels = 16;
inline constexpr int64_t kMaxRowDestChannels = 8;

// Whether there are few channels in a group, and rows that lie as such and fill vectors.
template <typename T>
[[nodiscard]] bool HasVectorsOfRows(const Correlation& correlation, const Columns& columns,
                                    const ExecutionContext& context);

// As Correlate, where HasVectorsOfRows, for the results of all the columns: the correlation's own axis W spans what
// they read. Nothing is transposed: a band of rows is copied to where it is padded, and each element that is loaded
// from there is multiplied for all the rows of results that it belongs to.
template <typename T>
absl::Status CorrelateRows(const Correlation& correlation, const Columns& columns, const T* source, const T* filter,
                           T* dest, const Epilogue<T>& epilogue, const ExecutionContext& context);

// Bytes of scratch that each thread uses at most.
template <typename T>
int64_t MaxCorrelateRowsScratchBytes();

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_ROWS_H_
