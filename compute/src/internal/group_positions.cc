#include "compute/src/internal/group_positions.h"

#include "compute/src/internal/group_lanes.h"

namespace tensord::compute::internal {

template <typename T>
GroupPositions<T>::GroupPositions(const Correlation& correlation, const Kernels<T>& kernels, T padding,
                                  bool may_be_in_place)
    : correlation_(correlation),
      kernels_(kernels),
      blocks_(correlation, 1),
      box_(correlation, kernels, blocks_, padding, true),
      in_place_(may_be_in_place && correlation.source_group_stride == 1 && ReadsOnlyTheSource(correlation)) {}

template <typename T>
void GroupPositions<T>::Set(const T* source, int64_t group, int64_t channel, const PositionBlock& block, T* memory,
                            std::array<const T*, kBlockPositions>& positions) const {
  const auto& axes = correlation_.axes;
  const T* first = memory;
  int64_t row_stride = box_.OffsetOfPosition(1, 0);
  int64_t column_stride = box_.OffsetOfPosition(0, 1);
  if (AreInPlace(group)) {
    first = source + group + channel * correlation_.source_channel_stride + OffsetInSource(correlation_, block);
    row_stride = axes[2].source_step * axes[2].source_stride;
    column_stride = axes[3].source_step * axes[3].source_stride;
  } else {
    box_.Fill(source, group, channel, block, memory);
  }
  size_t count = 0;
  for (int64_t y = 0; y < block.rows; ++y) {
    for (int64_t x = 0; x < block.columns; ++x, ++count) positions[count] = first + y * row_stride + x * column_stride;
  }
}

template <typename T>
bool GroupPositions<T>::HasNan(const T* source, int64_t group, const PositionBlock& block, const T* memory) const {
  const auto& axes = correlation_.axes;
  const GroupBoxPart part = box_.PartOf(block);
  std::array<int64_t, kCorrelationAxisCount> strides = box_.Strides();
  const T* first = memory;
  if (AreInPlace(group)) {
    for (size_t i = 1; i < kCorrelationAxisCount; ++i) strides[i] = axes[i].source_stride;
    first = source + group + OffsetInSource(correlation_, block);
  }
  const RowRuns runs(part.count[2], part.count[3], strides[3], strides[2]);
  for (int64_t d = 0; d < part.count[1]; ++d) {
    for (int64_t i = 0; i < runs.count; ++i) {
      if (kernels_.has_nan(first + d * strides[1] + i * runs.step, runs.positions, strides[3])) return true;
    }
  }
  return false;
}

template <typename T>
void ScatterPositions(const Kernels<T>& kernels, const Correlation& correlation, const PositionBlock& block,
                      int64_t width, int64_t column_step, int64_t groups, const T* results, T* dest) {
  const RowRuns runs(block.rows, width, column_step, correlation.axes[2].dest_step);
  GroupRun<T> run = {.first = dest + OffsetInDest(correlation, block),
                     .groups = groups,
                     .group_stride = correlation.dest_group_stride,
                     .positions = runs.positions,
                     .position_stride = column_step,
                     .fetch_ahead = PaysToFetchAhead<T>(DestSize(correlation))};
  for (int64_t i = 0; i < runs.count; ++i) {
    ScatterLanes(kernels, results + i * runs.positions * kernels.lanes, run);
    run.first += runs.step;
  }
}

template <typename T>
void GatherPositions(const Kernels<T>& kernels, const Correlation& correlation, const PositionBlock& block,
                     int64_t groups, const T* dest, int64_t readable, bool groups_in_order, T* lanes_of) {
  const auto& axes = correlation.axes;
  int64_t offset = OffsetInDest(correlation, block);
  const RowRuns runs(block.rows, block.columns, axes[3].dest_step, axes[2].dest_step);
  GroupRun<const T> run = {.first = dest,
                           .groups = groups,
                           .group_stride = correlation.dest_group_stride,
                           .positions = runs.positions,
                           .position_stride = axes[3].dest_step,
                           .fetch_ahead = groups_in_order && PaysToFetchAhead<T>(readable)};
  for (int64_t i = 0; i < runs.count; ++i, offset += runs.step) {
    run.first = dest + offset;
    GatherLanes(kernels, run, readable - offset, lanes_of + i * runs.positions * kernels.lanes);
  }
}

template class GroupPositions<float>;
template class GroupPositions<double>;
template void ScatterPositions(const Kernels<float>&, const Correlation&, const PositionBlock&, int64_t, int64_t,
                               int64_t, const float*, float*);
template void ScatterPositions(const Kernels<double>&, const Correlation&, const PositionBlock&, int64_t, int64_t,
                               int64_t, const double*, double*);
template void GatherPositions(const Kernels<float>&, const Correlation&, const PositionBlock&, int64_t, const float*,
                              int64_t, bool, float*);
template void GatherPositions(const Kernels<double>&, const Correlation&, const PositionBlock&, int64_t, const double*,
                              int64_t, bool, double*);

}  // namespace tensord::compute::internal
