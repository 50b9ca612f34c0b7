#include "compute/src/internal/row_band.h"

#include <algorithm>

#include "compute/src/internal/planes.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/limits.h"

namespace tensord::compute::internal {
namespace {

// Bytes of a band of several rows, all channels: a part of a first-level cache.
constexpr int64_t kBandBytes = int64_t{24} << 10;

// Longer rows are for others.
constexpr int64_t kMaxRow = int64_t{1} << 12;

}  // namespace

template <typename T>
RowBand<T>::Axis::Axis(const CorrelationAxis& axis) {
  const int64_t last_tap = (axis.tap_count - 1) * axis.base_delta;
  first = axis.first_base + std::min<int64_t>(0, last_tap);
  reach = std::max(last_tap, -last_tap);
  step = axis.source_step;
  count = SaturatingAdd(SaturatingMultiply(axis.position_count - 1, step), SaturatingAdd(reach, 1));
  lead = std::clamp<int64_t>(-first, 0, count);
  inside = std::clamp<int64_t>(axis.source_size - std::max<int64_t>(first, 0), 0, count - lead);
}

template <typename T>
RowBand<T>::RowBand(const Correlation& correlation, const Kernels<T>& kernels)
    : correlation_(correlation), kernels_(kernels), axes_{Axis(correlation.axes[2]), Axis(correlation.axes[3])} {
  const Axis& w = axes_[1];
  if (w.count > kMaxRow || w.step < 1 || w.step > kMaxRowStep || axes_[0].step < 1) return;
  const int64_t lanes = kernels.lanes;
  // What tiles read, and what is copied, up to whole vectors.
  const int64_t read = std::max(correlation.axes[3].position_count, lanes) + w.reach / w.step;
  const int64_t copied = w.lead / w.step + 1 + std::max(CeilDivide(w.inside, w.step), lanes);
  offset_ = RoundUp(w.lead / w.step, lanes) - w.lead / w.step;
  line_ = RoundUp(offset_ + std::max(read, copied), lanes);
  first_place_ = PlaceOf(w.lead);
  second_place_ = PlaceOf(w.lead + 1);
  const int64_t height = correlation.axes[2].position_count;
  const int64_t fitting = kBandBytes / static_cast<int64_t>(sizeof(T)) / correlation.source_channels / pitch();
  const int64_t wanted = std::max<int64_t>(kTallestRowTile, (fitting - axes_[0].reach - 1) / axes_[0].step + 1);
  bands_ = CeilDivide(height, std::min(height, wanted));
  rows_ = CeilDivide(height, bands_);
  bands_ = CeilDivide(height, rows_);
  source_rows_ = SaturatingAdd(SaturatingMultiply(rows_ - 1, axes_[0].step), axes_[0].reach + 1);
  source_size_ = SourceSize(correlation);
}

template <typename T>
bool RowBand<T>::IsPossible() const {
  const auto& axes = correlation_.axes;
  const CorrelationAxis& d = axes[1];
  const CorrelationAxis& h = axes[2];
  if (line_ == 0) return false;
  if (d.position_count != 1 || d.source_size != 1 || d.tap_count != 1 || d.first_base != 0) return false;
  if (axes[3].source_stride != 1 || axes[3].source_size < 1 || h.source_size < 1) return false;
  if (h.tap_count > 1 && h.base_delta != 1 && h.base_delta != -1) return false;
  if (h.source_step > kMaxRowStep || h.tap_count > kMaxWindowHeight) return false;
  if (h.tap_count * axes[3].tap_count > kMaxRowTaps) return false;
  if (kernels_.multiply_add_rows[h.source_step][h.tap_count][kSingleRowShape] == nullptr) return false;
  return SaturatingMultiply(source_rows_, correlation_.source_channels * pitch()) <= kPlanesElements<T>;
}

template <typename T>
typename RowBand<T>::Rows RowBand<T>::RowsOf(int64_t first_position, int64_t positions) const {
  const Axis& h = axes_[0];
  const int64_t begin = first_position * h.step + h.first;
  const int64_t count = (positions - 1) * h.step + h.reach + 1;
  const int64_t lead = std::clamp<int64_t>(-begin, 0, count);
  const int64_t below = correlation_.axes[2].source_size - std::max<int64_t>(begin, 0);
  return {.lead = lead,
          .inside = axes_[1].inside == 0 ? 0 : std::clamp<int64_t>(below, 0, count - lead),
          .count = count,
          .first = begin + lead};
}

template <typename T>
void RowBand<T>::Pad(const Rows& rows, T* memory) const {
  const Axis& w = axes_[1];
  for (int64_t channel = 0; channel < correlation_.source_channels; ++channel) {
    T* const band = memory + channel * ChannelSize();
    T* const inside = std::fill_n(band, rows.lead * pitch(), T{0});
    T* const behind = inside + rows.inside * pitch();
    std::fill_n(behind, (rows.count - rows.lead - rows.inside) * pitch(), T{0});
    for (int64_t parity = 0; parity < w.step; ++parity) {
      // Of the elements of this parity, those in the source.
      const int64_t begin = offset_ + CeilDivide(w.lead - parity, w.step);
      const int64_t end = offset_ + CeilDivide(w.lead + w.inside - parity, w.step);
      for (T* line = inside + parity * line_; line < behind; line += pitch()) {
        std::fill_n(line, begin, T{0});
        std::fill(line + end, line + line_, T{0});
      }
    }
  }
}

template <typename T>
void RowBand<T>::Fill(const T* source, int64_t n, int64_t group, const Rows& rows, T* memory) const {
  const int64_t row_stride = correlation_.axes[2].source_stride;
  if (rows.inside == 0) return;
  int64_t offset = n * correlation_.axes[0].source_stride + group * correlation_.source_group_stride +
                   rows.first * row_stride + axes_[1].first + axes_[1].lead;
  T* to = memory + rows.lead * pitch();
  for (int64_t channel = 0; channel < correlation_.source_channels; ++channel) {
    kernels_.copy_rows({.from = source + offset,
                        .from_stride = row_stride,
                        .rows = rows.inside,
                        .count = axes_[1].inside,
                        .readable = source_size_ - offset,
                        .to = to + first_place_,
                        .odd = axes_[1].step == 1 ? nullptr : to + second_place_,
                        .to_stride = pitch()});
    offset += correlation_.source_channel_stride;
    to += ChannelSize();
  }
}

template <typename T>
int64_t RowBand<T>::ColumnOf(const CorrelationAxis& axis, int64_t tap) const {
  return PlaceOf(axis.first_base + tap * axis.base_delta - axes_[1].first);
}

template <typename T>
int64_t RowBand<T>::TapOfRow(int64_t y) const {
  return correlation_.axes[2].base_delta < 0 ? window_rows() - 1 - y : y;
}

template class RowBand<float>;
template class RowBand<double>;

}  // namespace tensord::compute::internal
