#include "compute/src/internal/planes.h"

#include <algorithm>

#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

// What is known of the costs: copying an element takes about this part of a multiplication with one row of results.
constexpr int64_t kCopyCost = 4;
// More rows of results than this count as this many, so that costs do not overflow.
constexpr int64_t kMaxResultRows = int64_t{1} << 12;

// Where the elements of a run lie in the source: `lead` of them before it, then `count` inside it.
struct Inside {
  Inside(int64_t first, int64_t step, int64_t length, int64_t source_size) {
    lead = first >= 0 ? 0 : std::min(length, CeilDivide(-first, step));
    const int64_t at = first + lead * step;
    if (lead == length || at >= source_size) return;
    begin = at;
    count = std::min(length - lead, CeilDivide(source_size - at, step));
  }

  int64_t lead = 0;
  int64_t begin = 0;
  int64_t count = 0;
};

template <typename T>
void CopyLine(const T* source, int64_t stride, const Inside& inside, int64_t length, T* line) {
  std::fill_n(line, inside.lead, T{0});
  T* const to = line + inside.lead;
  if (stride == 1) {
    std::copy_n(source, inside.count, to);
  } else if (stride == 2) {
    for (int64_t i = 0; i < inside.count; ++i) to[i] = source[2 * i];
  } else {
    for (int64_t i = 0; i < inside.count; ++i) to[i] = source[i * stride];
  }
  std::fill(to + inside.count, line + length, T{0});
}

// Whether sharing runs makes the work of a block smaller: less is copied, but the rows' ends are computed in vain.
bool SharesColumns(const Correlation& correlation, int64_t rows, int64_t columns, const TapBox& box,
                   int64_t result_rows) {
  const auto cost = [&](bool share) {
    const AxisRuns runs(correlation.axes[3], columns, box.begin[3], box.count[3], share);
    const int64_t positions = (rows - 1) * runs.length + columns;
    return positions * box.Count() * std::min(result_rows, kMaxResultRows) +
           runs.Size() * (rows + box.count[2]) * box.count[1] * kCopyCost;
  };
  const AxisRuns shared(correlation.axes[3], columns, box.begin[3], box.count[3], true);
  return shared.length <= kMaxPitch * columns && cost(true) <= cost(false);
}

bool SharesRows(const Correlation& correlation, int64_t rows, const TapBox& box) {
  const auto size = [&](bool share) {
    return AxisRuns(correlation.axes[2], rows, box.begin[2], box.count[2], share).Size();
  };
  return size(true) <= size(false);
}

}  // namespace

PositionBlocks::PositionBlocks(const Correlation& correlation, int64_t column_unit) : correlation_(correlation) {
  const int64_t width = correlation.axes[3].position_count;
  const int64_t height = correlation.axes[2].position_count;
  columns_ =
      width <= kBlockPositions ? width : RoundUp(CeilDivide(width, CeilDivide(width, kBlockPositions)), column_unit);
  column_parts_ = CeilDivide(width, columns_);
  const int64_t most_rows = column_parts_ == 1 ? std::clamp<int64_t>(kBlockPositions / width, 1, height) : 1;
  rows_ = CeilDivide(height, CeilDivide(height, most_rows));
  row_parts_ = CeilDivide(height, rows_);
}

int64_t PositionBlocks::count() const {
  return correlation_.axes[0].position_count * correlation_.axes[1].position_count * row_parts_ * column_parts_;
}

PositionBlock PositionBlocks::At(int64_t block) const {
  const int64_t column = block % column_parts_ * columns_;
  block /= column_parts_;
  const int64_t row = block % row_parts_ * rows_;
  block /= row_parts_;
  return {.n = block / correlation_.axes[1].position_count,
          .d = block % correlation_.axes[1].position_count,
          .row = row,
          .rows = std::min(rows_, correlation_.axes[2].position_count - row),
          .column = column,
          .columns = std::min(columns_, correlation_.axes[3].position_count - column)};
}

int64_t TapBoxes::count() const {
  int64_t count = 1;
  for (size_t i = 1; i < kCorrelationAxisCount; ++i) count *= CeilDivide(correlation_.axes[i].tap_count, taps_[i]);
  return count;
}

TapBox TapBoxes::At(int64_t index) const {
  TapBox box{.begin = {}, .count = {1, 1, 1, 1}};
  for (size_t i = kCorrelationAxisCount; i-- > 1;) {
    const int64_t parts = CeilDivide(correlation_.axes[i].tap_count, taps_[i]);
    box.begin[i] = index % parts * taps_[i];
    box.count[i] = std::min(taps_[i], correlation_.axes[i].tap_count - box.begin[i]);
    index /= parts;
  }
  return box;
}

bool ReadsOnlyTheSource(const Correlation& correlation) {
  return std::all_of(correlation.axes.begin(), correlation.axes.end(), [](const CorrelationAxis& axis) {
    const int64_t last_tap = (axis.tap_count - 1) * axis.base_delta;
    const int64_t least = axis.first_base + std::min<int64_t>(0, last_tap);
    const int64_t most =
        axis.first_base + std::max<int64_t>(0, last_tap) + (axis.position_count - 1) * axis.source_step;
    return least >= 0 && most < axis.source_size;
  });
}

int64_t TapOffsetInSource(const Correlation& correlation, int64_t d, int64_t h, int64_t w) {
  const auto& axes = correlation.axes;
  return d * axes[1].base_delta * axes[1].source_stride + h * axes[2].base_delta * axes[2].source_stride +
         w * axes[3].base_delta * axes[3].source_stride;
}

int64_t OffsetInSource(const Correlation& correlation, const PositionBlock& block) {
  const std::array<int64_t, kCorrelationAxisCount> at = {block.n, block.d, block.row, block.column};
  int64_t offset = 0;
  for (size_t i = 0; i < kCorrelationAxisCount; ++i) {
    const CorrelationAxis& axis = correlation.axes[i];
    offset += (at[i] * axis.source_step + axis.first_base) * axis.source_stride;
  }
  return offset;
}

int64_t OffsetInDest(const Correlation& correlation, const PositionBlock& block) {
  const auto& axes = correlation.axes;
  return block.n * axes[0].dest_step + block.d * axes[1].dest_step + block.row * axes[2].dest_step +
         block.column * axes[3].dest_step;
}

int64_t TapOffsetInFilter(const Correlation& correlation, int64_t d, int64_t h, int64_t w) {
  const std::array<int64_t, kCorrelationAxisCount> tap = {0, d, h, w};
  int64_t offset = 0;
  for (size_t i = 0; i < kCorrelationAxisCount; ++i) {
    offset += correlation.axes[i].filter_offset + tap[i] * correlation.axes[i].filter_tap_stride;
  }
  return offset;
}

AxisRuns::AxisRuns(const CorrelationAxis& axis, int64_t position_count, int64_t first_tap, int64_t tap_count,
                   bool share)
    : step(axis.source_step), length(position_count) {
  // The least and the greatest quotient of the taps of each run.
  std::array<int64_t, kMaxBoxTaps> least;
  std::array<int64_t, kMaxBoxTaps> quotient_of_tap;
  for (int64_t i = 0; i < tap_count; ++i) {
    const auto tap = static_cast<size_t>(i);
    const int64_t offset = axis.first_base + (first_tap + i) * axis.base_delta;
    const int64_t quotient = FloorDivide(offset, step);
    const int64_t remainder = offset - quotient * step;
    size_t run = run_count;
    if (share) {
      run = 0;
      while (run < run_count && runs[run].first != remainder) ++run;
    }
    if (run == run_count) {
      ++run_count;
      runs[run].first = remainder;
      least[run] = quotient;
    }
    least[run] = std::min(least[run], quotient);
    run_of_tap[tap] = run;
    quotient_of_tap[tap] = quotient;
  }
  for (size_t tap = 0; tap < static_cast<size_t>(tap_count); ++tap) {
    shift_of_tap[tap] = quotient_of_tap[tap] - least[run_of_tap[tap]];
    length = std::max(length, position_count + shift_of_tap[tap]);
  }
  for (size_t run = 0; run < run_count; ++run) {
    runs[run].first += least[run] * step;
    runs[run].place = static_cast<int64_t>(run) * length;
  }
}

Planes::Planes(const Correlation& correlation, int64_t rows, int64_t columns, const TapBox& box, int64_t result_rows,
               bool share_columns)
    : correlation_(correlation),
      box_(box),
      rows_(correlation.axes[2], rows, box.begin[2], box.count[2], SharesRows(correlation, rows, box)),
      columns_(correlation.axes[3], columns, box.begin[3], box.count[3],
               share_columns && SharesColumns(correlation, rows, columns, box, result_rows)),
      plane_size_(rows_.Size() * columns_.length),
      channel_size_(static_cast<int64_t>(columns_.run_count) * box.count[1] * plane_size_) {}

int64_t Planes::OffsetOf(int64_t d, int64_t h, int64_t w) const {
  const auto row_tap = static_cast<size_t>(h);
  const auto column_tap = static_cast<size_t>(w);
  const int64_t plane = static_cast<int64_t>(columns_.run_of_tap[column_tap]) * box_.count[1] + d;
  const int64_t row = rows_.runs[rows_.run_of_tap[row_tap]].place + rows_.shift_of_tap[row_tap];
  return plane * plane_size_ + row * pitch() + columns_.shift_of_tap[column_tap];
}

template <typename T>
void Planes::Copy(const T* source, const PositionBlock& block, int64_t channels, T* planes) const {
  const CorrelationAxis& n_axis = correlation_.axes[0];
  const CorrelationAxis& d_axis = correlation_.axes[1];
  const CorrelationAxis& h_axis = correlation_.axes[2];
  const CorrelationAxis& w_axis = correlation_.axes[3];
  // The axis N has one tap, which reads its position.
  const T* const sample = source + block.n * n_axis.source_stride;
  T* to = planes;
  for (int64_t c = 0; c < channels; ++c) {
    const T* const channel = sample + c * correlation_.source_channel_stride;
    for (size_t run = 0; run < columns_.run_count; ++run) {
      const Inside line(columns_.runs[run].first + block.column * columns_.step, columns_.step, columns_.length,
                        w_axis.source_size);
      const int64_t line_stride = columns_.step * w_axis.source_stride;
      for (int64_t d_tap = 0; d_tap < box_.count[1]; ++d_tap) {
        const int64_t d =
            block.d * d_axis.source_step + d_axis.first_base + (box_.begin[1] + d_tap) * d_axis.base_delta;
        if (d < 0 || d >= d_axis.source_size) {
          to = std::fill_n(to, plane_size_, T{0});
          continue;
        }
        const T* const slice = channel + d * d_axis.source_stride + line.begin * w_axis.source_stride;
        for (size_t row_run = 0; row_run < rows_.run_count; ++row_run) {
          int64_t h = rows_.runs[row_run].first + block.row * rows_.step;
          for (int64_t i = 0; i < rows_.length; ++i, h += rows_.step, to += columns_.length) {
            if (h < 0 || h >= h_axis.source_size) {
              std::fill_n(to, columns_.length, T{0});
            } else {
              CopyLine(slice + h * h_axis.source_stride, line_stride, line, columns_.length, to);
            }
          }
        }
      }
    }
  }
}

template void Planes::Copy(const float*, const PositionBlock&, int64_t, float*) const;
template void Planes::Copy(const double*, const PositionBlock&, int64_t, double*) const;

}  // namespace tensord::compute::internal
