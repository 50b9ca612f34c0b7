#include "compute/src/internal/patches.h"

#include <algorithm>

#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

constexpr size_t kInnermost = kCorrelationAxisCount - 1;
// Fewer contiguous channels than this are gathered one by one.
constexpr int64_t kMinChannelRun = 8;

// What to add to position*source_step along each axis, for one tap.
using Tap = std::array<int64_t, kCorrelationAxisCount>;

Tap TapAt(const Correlation& correlation, int64_t index) {
  Tap tap;
  for (size_t i = kCorrelationAxisCount; i-- > 0;) {
    const CorrelationAxis& axis = correlation.axes[i];
    tap[i] = axis.first_base + index % axis.tap_count * axis.base_delta;
    index /= axis.tap_count;
  }
  return tap;
}

// One line of positions with one tap: `lead` of them read before the source or all outside it, `count` read elements
// that begin at `source`, one innermost source step apart, and the rest of the line reads past the end.
struct LineReads {
  int64_t offset;
  int64_t lead;
  int64_t count;
  int64_t length;
  int64_t source;
};

LineReads ReadsOf(const Correlation& correlation, const PositionRange::Line& line, const Tap& tap) {
  LineReads reads{.offset = line.offset, .lead = line.length, .count = 0, .length = line.length, .source = 0};
  int64_t source = 0;
  for (size_t i = 0; i < kInnermost; ++i) {
    const CorrelationAxis& axis = correlation.axes[i];
    const int64_t index = line.first[i] * axis.source_step + tap[i];
    if (index < 0 || index >= axis.source_size) return reads;
    source += index * axis.source_stride;
  }
  const CorrelationAxis& axis = correlation.axes[kInnermost];
  const int64_t step = axis.source_step;
  const int64_t first = line.first[kInnermost] * step + tap[kInnermost];
  if (first >= axis.source_size) return reads;
  const int64_t lead = first >= 0 ? 0 : CeilDivide(-first, step);
  if (lead >= line.length) return reads;
  const bool ends_inside = first + (line.length - 1) * step < axis.source_size;
  const int64_t end = ends_inside ? line.length : CeilDivide(axis.source_size - first, step);
  reads.lead = lead;
  reads.count = end - lead;
  reads.source = source + (first + lead * step) * axis.source_stride;
  return reads;
}

// The reads of a whole range, made once per tap and used for all its channels.
class RangeReads {
 public:
  RangeReads(const Correlation& correlation, const PositionRange& range, const Tap& tap) {
    for (const PositionRange::Line& line : range) reads_[count_++] = ReadsOf(correlation, line, tap);
  }

  [[nodiscard]] const LineReads* begin() const { return reads_.data(); }
  [[nodiscard]] const LineReads* end() const { return reads_.data() + count_; }

 private:
  size_t count_ = 0;
  std::array<LineReads, kPositionBlock> reads_;
};

// One channel of one tap at all positions, one after the other.
template <typename T>
void GatherLine(const RangeReads& range, const T* channel, int64_t step, T* out) {
  for (const LineReads& reads : range) {
    T* line = out + reads.offset;
    std::fill_n(line, reads.lead, T{0});
    const T* source = channel + reads.source;
    if (step == 1) {
      std::copy_n(source, reads.count, line + reads.lead);
    } else {
      for (int64_t i = 0; i < reads.count; ++i) line[reads.lead + i] = source[i * step];
    }
    std::fill(line + reads.lead + reads.count, line + reads.length, T{0});
  }
}

// A run of channels of one tap at all positions; from one position to the next in `out` are kPanelStride elements.
template <typename T>
void GatherRuns(const RangeReads& range, const T* first_channel, int64_t channels, int64_t step, T* out) {
  for (const LineReads& reads : range) {
    T* run = out + reads.offset * kPanelStride;
    const T* source = first_channel + reads.source;
    for (int64_t i = 0; i < reads.length; ++i, run += kPanelStride) {
      const int64_t read = i - reads.lead;
      if (read >= 0 && read < reads.count) {
        std::copy_n(source + read * step, channels, run);
      } else {
        std::fill_n(run, channels, T{0});
      }
    }
  }
}

}  // namespace

PositionRange::PositionRange(const Correlation& correlation, int64_t begin, int64_t count) : count_(count) {
  std::array<int64_t, kCorrelationAxisCount> index;
  for (size_t i = kCorrelationAxisCount; i-- > 0;) {
    index[i] = begin % correlation.axes[i].position_count;
    begin /= correlation.axes[i].position_count;
  }
  for (int64_t offset = 0; offset < count;) {
    const int64_t length = std::min(correlation.axes[kInnermost].position_count - index[kInnermost], count - offset);
    lines_[line_count_++] = {.first = index, .offset = offset, .length = length};
    offset += length;
    index[kInnermost] = 0;
    for (size_t i = kInnermost; i-- > 0;) {
      if (++index[i] < correlation.axes[i].position_count) break;
      index[i] = 0;
    }
  }
}

PanelOrder PanelOrderOf(const Correlation& correlation) {
  const bool long_runs = correlation.source_channel_stride == 1 && correlation.source_channels >= kMinChannelRun;
  return long_runs ? PanelOrder::kByPosition : PanelOrder::kByDepth;
}

template <typename T>
void GatherPatches(const Correlation& correlation, const T* source, const PositionRange& range, int64_t k_begin,
                   int64_t k_end, PanelOrder order, T* panel) {
  const int64_t step = correlation.axes[kInnermost].source_step * correlation.axes[kInnermost].source_stride;
  for (int64_t k = k_begin; k < k_end;) {
    const int64_t channel = k % correlation.source_channels;
    const int64_t count = std::min(correlation.source_channels - channel, k_end - k);
    const RangeReads reads(correlation, range, TapAt(correlation, k / correlation.source_channels));
    const T* first = source + channel * correlation.source_channel_stride;
    if (order == PanelOrder::kByPosition) {
      GatherRuns(reads, first, count, step, panel + (k - k_begin));
    } else {
      for (int64_t i = 0; i < count; ++i) {
        GatherLine(reads, first + i * correlation.source_channel_stride, step,
                   panel + (k - k_begin + i) * kPanelStride);
      }
    }
    k += count;
  }
}

template void GatherPatches(const Correlation&, const float*, const PositionRange&, int64_t, int64_t, PanelOrder,
                            float*);
template void GatherPatches(const Correlation&, const double*, const PositionRange&, int64_t, int64_t, PanelOrder,
                            double*);

}  // namespace tensord::compute::internal
