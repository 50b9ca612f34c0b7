#include "compute/src/internal/correlate.h"

#include <algorithm>

#include "compute/src/internal/columns.h"
#include "compute/src/internal/correlate_channels.h"
#include "compute/src/internal/correlate_groups.h"
#include "compute/src/internal/correlate_positions.h"
#include "compute/src/internal/correlate_rows.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/limits.h"

namespace tensord::compute::internal {
namespace {

// With fewer contiguous channels vectors along them would be mostly empty.
constexpr int64_t kMinChannels = 8;

bool HasVectorsOfChannels(const Correlation& correlation) {
  return correlation.dest_channel_stride == 1 && correlation.source_channel_stride == 1 &&
         correlation.dest_channels >= kMinChannels;
}

}  // namespace

template <typename T>
absl::Status Correlate(const Correlation& correlation, const T* source, const T* filter, T* dest,
                       const Epilogue<T>& epilogue, const ExecutionContext& given) {
  const Correlation merged = WithMergedAxes(correlation);
  if (merged.PositionCount() == 0 || merged.RowCount() == 0 || merged.groups == 0) return given.CheckCancelled();
  const ExecutionContext context = ContextForWork(given, Multiplications(merged));
  const Columns columns = OwnColumns(merged);
  if (HasVectorsOfRows<T>(merged, columns, context)) {
    return CorrelateRows(merged, columns, source, filter, dest, epilogue, context);
  }
  if (HasVectorsOfGroups<T>(merged, columns, context)) {
    return CorrelateGroups(merged, columns, source, filter, dest, epilogue, context);
  }
  const auto correlate = HasVectorsOfChannels(merged) ? CorrelateChannels<T> : CorrelatePositions<T>;
  return correlate(merged, source, filter, dest, epilogue, context);
}

template <typename T>
int64_t MaxCorrelateScratchBytes(int thread_count) {
  return SaturatingMultiply(thread_count,
                            std::max({MaxCorrelateChannelsScratchBytes<T>(), MaxCorrelatePositionsScratchBytes<T>(),
                                      MaxCorrelateGroupsScratchBytes<T>(), MaxCorrelateRowsScratchBytes<T>()}));
}

template absl::Status Correlate(const Correlation&, const float*, const float*, float*, const Epilogue<float>&,
                                const ExecutionContext&);
template absl::Status Correlate(const Correlation&, const double*, const double*, double*, const Epilogue<double>&,
                                const ExecutionContext&);
template int64_t MaxCorrelateScratchBytes<float>(int);
template int64_t MaxCorrelateScratchBytes<double>(int);

}  // namespace tensord::compute::internal
