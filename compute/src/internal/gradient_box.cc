#include "compute/src/internal/gradient_box.h"

#include <algorithm>

#include "compute/src/internal/group_lanes.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

// Positions that are stored together at most, where their rows are copied for it.
constexpr int64_t kStoredPositions = kBlockPositions;

}  // namespace

template <typename T>
GradientBox<T>::GradientBox(const Correlation& correlation, const Kernels<T>& kernels, const PositionBlocks& blocks)
    : correlation_(correlation), kernels_(kernels), least_{}, total_{1}, size_{1}, strides_{} {
  const auto& axes = correlation.axes;
  in_order_ = blocks.columns() == axes[3].position_count || axes[2].position_count == 1;
  for (size_t i = kCorrelationAxisCount; i-- > 1;) {
    const CorrelationAxis& axis = axes[i];
    const int64_t last_tap = (axis.tap_count - 1) * axis.base_delta;
    least_[i] = axis.first_base + std::min<int64_t>(0, last_tap);
    const int64_t reach = std::max(last_tap, -last_tap);
    const auto reached = [&](int64_t positions) {
      return SaturatingAdd(SaturatingMultiply(positions - 1, axis.source_step), SaturatingAdd(reach, 1));
    };
    total_[i] = std::max(reached(axis.position_count), axis.source_size - least_[i]);
    size_[i] = total_[i];
    if (total_[i] > 1) outermost_ = i;
  }
  int64_t last_in_source = (correlation.groups - 1) * correlation.source_group_stride;
  for (const CorrelationAxis& axis : axes) last_in_source += (axis.source_size - 1) * axis.source_stride;
  fetches_ahead_ = PaysToFetchAhead<T>(last_in_source);
  const PerAxis in_block = {1, 1, blocks.rows(), blocks.columns()};
  const CorrelationAxis& axis = axes[outermost_];
  const int64_t reach = std::max((axis.tap_count - 1) * axis.base_delta, (1 - axis.tap_count) * axis.base_delta);
  size_[outermost_] =
      std::min(total_[outermost_],
               SaturatingAdd(SaturatingMultiply(in_block[outermost_] - 1, axis.source_step), SaturatingAdd(reach, 1)));
  elements_ = kernels.lanes;
  for (size_t i = kCorrelationAxisCount; i-- > 1;) {
    strides_[i] = elements_;
    elements_ = SaturatingMultiply(elements_, size_[i]);
  }
}

template <typename T>
bool GradientBox<T>::Fits() const {
  return in_order_ && elements_ <= kPlanesElements<T>;
}

template <typename T>
int64_t GradientBox<T>::MemoryCount() const {
  // The box, and rows that are stored together; what is read behind either.
  return elements_ + (kStoredPositions + 2 * kMaxLanes) * kernels_.lanes;
}

template <typename T>
int64_t GradientBox<T>::OffsetOfFirstTap() const {
  int64_t offset = 0;
  for (size_t i = 1; i < kCorrelationAxisCount; ++i) {
    offset += (correlation_.axes[i].first_base - least_[i]) * strides_[i];
  }
  return offset;
}

template <typename T>
std::array<int64_t, 3> GradientBox<T>::TapSteps() const {
  std::array<int64_t, 3> steps;
  for (size_t i = 0; i < steps.size(); ++i) steps[i] = correlation_.axes[1 + i].base_delta * strides_[1 + i];
  return steps;
}

template <typename T>
T* GradientBox<T>::At(T* memory, const PerAxis& indexes) const {
  for (size_t i = 1; i < kCorrelationAxisCount; ++i) memory += indexes[i] * strides_[i];
  return memory;
}

template <typename T>
GradientBox<T>::Sums::Sums(const GradientBox& box, int64_t groups, T* dx, T* memory)
    : box_(box), groups_(groups), dx_(dx), memory_(memory) {
  std::fill_n(memory, box.elements_, T{0});
}

template <typename T>
void GradientBox<T>::Sums::Set(const PositionBlock& block, std::array<T*, kBlockPositions>& positions) {
  const auto& axes = box_.correlation_.axes;
  PerAxis first = {0, block.d, block.row, block.column};
  for (size_t i = 1; i < kCorrelationAxisCount; ++i) first[i] *= axes[i].source_step;
  Advance(first[box_.outermost_]);
  first[box_.outermost_] = 0;
  T* const begin = box_.At(memory_, first);
  size_t count = 0;
  for (int64_t y = 0; y < block.rows; ++y) {
    for (int64_t x = 0; x < block.columns; ++x, ++count) {
      positions[count] =
          begin + y * axes[2].source_step * box_.strides_[2] + x * axes[3].source_step * box_.strides_[3];
    }
  }
}

template <typename T>
void GradientBox<T>::Sums::Finish() {
  Advance(box_.total_[box_.outermost_]);
}

template <typename T>
void GradientBox<T>::Sums::Advance(int64_t to) {
  const int64_t size = box_.size_[box_.outermost_];
  const int64_t stride = box_.strides_[box_.outermost_];
  while (begin_ < to) {
    const int64_t step = std::min(size, to - begin_);
    Store(begin_, begin_ + step);
    // What is left goes to the front.
    std::copy(memory_ + step * stride, memory_ + size * stride, memory_);
    std::fill(memory_ + (size - step) * stride, memory_ + size * stride, T{0});
    begin_ += step;
  }
}

template <typename T>
void GradientBox<T>::Sums::Store(int64_t begin, int64_t end) {
  // The part of these that the source has.
  PerAxis from = {};
  PerAxis to = {};
  for (size_t i = 1; i < kCorrelationAxisCount; ++i) {
    from[i] = -box_.least_[i];
    to[i] = from[i] + box_.correlation_.axes[i].source_size;
  }
  from[box_.outermost_] = std::max(from[box_.outermost_], begin);
  to[box_.outermost_] = std::min(to[box_.outermost_], end);
  for (int64_t d = from[1]; d < to[1]; ++d) StoreRows(d, from[2], to[2], from[3], to[3]);
}

template <typename T>
void GradientBox<T>::Sums::StoreRows(int64_t d, int64_t h_begin, int64_t h_end, int64_t w_begin, int64_t w_end) {
  if (h_begin >= h_end || w_begin >= w_end) return;
  const auto& axes = box_.correlation_.axes;
  const int64_t width = w_end - w_begin;
  const int64_t lanes = box_.kernels_.lanes;
  PerAxis first = {0, d, h_begin, w_begin};
  T* to = dx_;
  for (size_t i = 1; i < kCorrelationAxisCount; ++i) to += (first[i] + box_.least_[i]) * axes[i].source_stride;
  first[box_.outermost_] -= begin_;
  const T* from = box_.At(memory_, first);
  const bool one_run = width * axes[3].source_stride == axes[2].source_stride;
  const bool is_gapless = box_.strides_[2] == width * lanes;
  GroupRun<T> run = {.first = to,
                     .groups = groups_,
                     .group_stride = box_.correlation_.source_group_stride,
                     .positions = width,
                     .position_stride = axes[3].source_stride,
                     .fetch_ahead = box_.fetches_ahead_};
  int64_t rows_together = 1;
  if (one_run) {
    rows_together = is_gapless ? h_end - h_begin : std::max<int64_t>(kStoredPositions / width, 1);
  }
  T* const together = memory_ + box_.elements_ + kMaxLanes * lanes;
  for (int64_t h = h_begin; h < h_end; h += rows_together) {
    const int64_t rows = std::min(rows_together, h_end - h);
    const T* source = from;
    if (rows > 1 && !is_gapless) {
      for (int64_t i = 0; i < rows; ++i) {
        std::copy_n(from + i * box_.strides_[2], width * lanes, together + i * width * lanes);
      }
      source = together;
    }
    run.positions = rows * width;
    ScatterLanes(box_.kernels_, source, run);
    from += rows * box_.strides_[2];
    run.first += rows * axes[2].source_stride;
  }
}

template class GradientBox<float>;
template class GradientBox<double>;

}  // namespace tensord::compute::internal
