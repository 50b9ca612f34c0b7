#include "compute/src/internal/group_box.h"

#include <algorithm>

#include "compute/src/internal/group_lanes.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/limits.h"

namespace tensord::compute::internal {
namespace {

// Whether rows of that many elements fill so little of the blocks that are transposed that it is better to transpose
// them together, and to copy what comes out.
bool AreShort(int64_t elements, int64_t lanes) { return 2 * RoundUp(elements, lanes) >= 3 * elements; }

}  // namespace

template <typename T>
GroupBox<T>::GroupBox(const Correlation& correlation, const Kernels<T>& kernels, const PositionBlocks& blocks,
                      T padding, bool groups_in_order)
    : correlation_(correlation),
      kernels_(kernels),
      axes_({AxisOf(correlation.axes[0], 1), AxisOf(correlation.axes[1], 1), AxisOf(correlation.axes[2], blocks.rows()),
             AxisOf(correlation.axes[3], blocks.columns())}),
      size_(kernels.lanes),
      source_size_(SourceSize(correlation)),
      padding_(padding) {
  for (size_t i = 1; i < kCorrelationAxisCount; ++i) size_ = SaturatingMultiply(size_, axes_[i].size);
  fetches_ahead_ = groups_in_order && PaysToFetchAhead<T>(source_size_);
}

template <typename T>
typename GroupBox<T>::Axis GroupBox<T>::AxisOf(const CorrelationAxis& axis, int64_t positions) {
  const int64_t last_tap = (axis.tap_count - 1) * axis.base_delta;
  const int64_t reach = std::max(last_tap, -last_tap);
  return {.first = axis.first_base + std::min<int64_t>(0, last_tap),
          .reach = reach,
          .size = SaturatingAdd(SaturatingMultiply(positions - 1, axis.source_step), SaturatingAdd(reach, 1))};
}

template <typename T>
bool GroupBox<T>::Fits() const {
  return size_ <= kPlanesElements<T>;
}

template <typename T>
int64_t GroupBox<T>::MemoryCount() const {
  // The box, what is written behind it, and rows that are transposed together.
  return 2 * (size_ + kMaxLanes * kMaxLanes);
}

template <typename T>
int64_t GroupBox<T>::OffsetOfPosition(int64_t row, int64_t column) const {
  return (row * correlation_.axes[2].source_step * axes_[3].size + column * correlation_.axes[3].source_step) *
         kernels_.lanes;
}

template <typename T>
int64_t GroupBox<T>::OffsetOfTap(int64_t d, int64_t h, int64_t w) const {
  const std::array<int64_t, kCorrelationAxisCount> tap = {0, d, h, w};
  int64_t offset = 0;
  for (size_t i = 1; i < kCorrelationAxisCount; ++i) {
    const CorrelationAxis& axis = correlation_.axes[i];
    offset = offset * axes_[i].size + axis.first_base + tap[i] * axis.base_delta - axes_[i].first;
  }
  return offset * kernels_.lanes;
}

template <typename T>
std::array<int64_t, 3> GroupBox<T>::TapSteps() const {
  const std::array<int64_t, kCorrelationAxisCount> strides = Strides();
  std::array<int64_t, 3> steps;
  for (size_t i = 0; i < steps.size(); ++i) steps[i] = correlation_.axes[1 + i].base_delta * strides[1 + i];
  return steps;
}

template <typename T>
GroupBoxPart GroupBox<T>::PartOf(const PositionBlock& block) const {
  return {.count = {1, axes_[1].size, (block.rows - 1) * correlation_.axes[2].source_step + axes_[2].reach + 1,
                    (block.columns - 1) * correlation_.axes[3].source_step + axes_[3].reach + 1}};
}

template <typename T>
std::array<int64_t, kCorrelationAxisCount> GroupBox<T>::Strides() const {
  const int64_t row = axes_[3].size * kernels_.lanes;
  return {0, axes_[2].size * row, row, kernels_.lanes};
}

template <typename T>
int64_t GroupBox<T>::OffsetInSource(int64_t group, int64_t channel, int64_t n, int64_t d, int64_t h, int64_t w) const {
  const auto& axes = correlation_.axes;
  return group * correlation_.source_group_stride + channel * correlation_.source_channel_stride +
         n * axes[0].source_stride + d * axes[1].source_stride + h * axes[2].source_stride + w * axes[3].source_stride;
}

template <typename T>
void GroupBox<T>::Fill(const T* source, int64_t group, int64_t channel, const PositionBlock& block, T* memory) const {
  const int64_t slice = axes_[2].size * axes_[3].size * kernels_.lanes;
  const CorrelationAxis& d_axis = correlation_.axes[1];
  for (int64_t i = 0; i < axes_[1].size; ++i) {
    const int64_t d = block.d * d_axis.source_step + axes_[1].first + i;
    T* const rows = memory + i * slice;
    if (d < 0 || d >= d_axis.source_size) {
      std::fill_n(rows, slice, padding_);
    } else {
      FillRows(source, group, channel, block, d, rows, memory + size_ + kMaxLanes * kMaxLanes);
    }
  }
}

template <typename T>
void GroupBox<T>::FillRows(const T* source, int64_t group, int64_t channel, const PositionBlock& block, int64_t d,
                           T* rows, T* run_memory) const {
  const int64_t lanes = kernels_.lanes;
  const CorrelationAxis& h_axis = correlation_.axes[2];
  const CorrelationAxis& w_axis = correlation_.axes[3];
  const GroupBoxPart part = PartOf(block);
  // What this block needs along H and W, and which part of it the source has.
  const int64_t h_begin = block.row * h_axis.source_step + axes_[2].first;
  const int64_t h_count = part.count[2];
  const int64_t w_begin = block.column * w_axis.source_step + axes_[3].first;
  const int64_t w_count = part.count[3];
  const int64_t w_from = std::clamp<int64_t>(w_begin, 0, w_axis.source_size);
  const int64_t w_to = std::clamp(w_begin + w_count, w_from, w_axis.source_size);
  const int64_t h_from = std::clamp<int64_t>(h_begin, 0, h_axis.source_size);
  const int64_t h_to = std::clamp(h_begin + h_count, h_from, h_axis.source_size);
  const int64_t inside = w_to - w_from;
  const int64_t pitch = axes_[3].size * lanes;
  const int64_t first = OffsetInSource(group, channel, block.n, d, h_from, w_from);
  GroupRun<const T> run = {.first = source + first,
                           .groups = std::min(lanes, correlation_.groups - group),
                           .group_stride = correlation_.source_group_stride,
                           .positions = inside,
                           .position_stride = w_axis.source_stride,
                           .fetch_ahead = fetches_ahead_};
  const auto readable = [&](const T* from) { return source_size_ - (from - source); };
  // Short rows that follow each other without a gap are one run.
  const bool together = run.position_stride == 1 && inside == h_axis.source_stride && AreShort(inside, lanes);
  if (together && h_to > h_from) {
    run.positions = (h_to - h_from) * inside;
    if (inside * lanes == pitch) {
      // In the box they do so as well: only rows of padding are missing.
      T* const begin = rows + (h_from - h_begin) * pitch;
      GatherLanes(kernels_, run, readable(run.first), begin);
      std::fill(rows, begin, padding_);
      std::fill(rows + (h_to - h_begin) * pitch, rows + h_count * pitch, padding_);
      return;
    }
    GatherLanes(kernels_, run, readable(run.first), run_memory);
  }
  T* to = rows;
  for (int64_t h = h_begin; h < h_begin + h_count; ++h, to += pitch) {
    if (h < h_from || h >= h_to) {
      std::fill_n(to, w_count * lanes, padding_);
      continue;
    }
    const int64_t lead = std::clamp<int64_t>(w_from - w_begin, 0, w_count);
    T* const middle = std::fill_n(to, lead * lanes, padding_);
    if (together) {
      std::copy_n(run_memory + (h - h_from) * inside * lanes, inside * lanes, middle);
    } else if (inside > 0) {
      run.first = source + first + (h - h_from) * h_axis.source_stride;
      GatherLanes(kernels_, run, readable(run.first), middle);
    }
    std::fill_n(middle + inside * lanes, (w_count - lead - inside) * lanes, padding_);
  }
}

template class GroupBox<float>;
template class GroupBox<double>;

}  // namespace tensord::compute::internal
