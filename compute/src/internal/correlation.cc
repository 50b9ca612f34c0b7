#include "compute/src/internal/correlation.h"

#include <algorithm>
#include <numeric>

#include "tensord/compute/checked_math.h"
#include "tensord/compute/limits.h"

namespace tensord::compute::internal {
namespace {

// The row-major strides of a tensor, by axis; 0 for an axis that it does not have.
class Strides {
 public:
  explicit Strides(const Shape& shape) : strides_(shape) {
    int64_t stride = 1;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      strides_[axis] = stride;
      stride *= shape[axis];
    }
  }

  int64_t operator[](int axis) const { return axis == -1 ? 0 : strides_[axis]; }

 private:
  Shape strides_;
};

// The place of the i-th spatial axis among N, D, H, W.
size_t PlaceOf(const ConvolutionGeometry& geometry, size_t i) {
  return kCorrelationAxisCount - geometry.axes.size() + i;
}

// The filter along one axis: the element of tap k is offset + k*stride.
struct FilterAxis {
  int64_t offset;
  int64_t stride;
};

FilterAxis FilterAxisOf(const ConvolutionGeometry& geometry, const Strides& filter, size_t i) {
  const int64_t stride = filter[geometry.filter_layout.spatial(static_cast<int>(i))];
  if (geometry.kernel == KernelMode::kCrossCorrelation) return {.offset = 0, .stride = stride};
  return {.offset = (geometry.axes[i].window - 1) * stride, .stride = -stride};
}

// What one axis of dX needs to know.
struct DataGradientAxis {
  AxisWindow window;
  FilterAxis filter;
  int64_t source_stride;  // of dZ
  int64_t dest_stride;    // of dX
};

std::vector<CorrelationAxis> ClassesOf(const DataGradientAxis& axis) {
  const auto& [window, filter, source_stride, dest_stride] = axis;
  const int64_t common = std::gcd(window.stride, window.dilation);
  // Taps that reach the same residue follow each other at this distance.
  const int64_t period = window.stride / common;
  std::vector<CorrelationAxis> classes;
  // That of the next member of the last class. A tap that reaches it has the same quotient, hence the same base.
  int64_t next_residue = -1;
  for (int64_t tap = 0; tap < std::min(window.window, period); ++tap) {
    const int64_t reach = window.dilation * tap - window.pad_begin;
    const int64_t quotient = FloorDivide(reach, window.stride);
    const int64_t residue = reach - quotient * window.stride;
    if (residue >= window.input) continue;
    const int64_t position_count = CeilDivide(window.input - residue, window.stride);
    const int64_t tap_count = CeilDivide(window.window - tap, period);
    if (!classes.empty()) {
      CorrelationAxis& last = classes.back();
      if (residue == next_residue && last.tap_count == tap_count && last.position_count == position_count) {
        ++last.member_count;
        next_residue += window.dilation;
        continue;
      }
    }
    classes.push_back({.position_count = position_count,
                       .source_size = window.output,
                       .source_stride = source_stride,
                       .source_step = 1,
                       .tap_count = tap_count,
                       .first_base = -quotient,
                       .base_delta = -(window.dilation / common),
                       .filter_offset = filter.offset + tap * filter.stride,
                       .filter_tap_stride = period * filter.stride,
                       .dest_offset = residue * dest_stride,
                       .dest_step = window.stride * dest_stride,
                       .member_count = 1,
                       .filter_member_stride = filter.stride,
                       .dest_member_stride = window.dilation * dest_stride});
    next_residue = residue + window.dilation;
  }
  return classes;
}

bool CoversAll(const std::vector<CorrelationAxis>& classes, int64_t input) {
  int64_t covered = 0;
  for (const CorrelationAxis& axis : classes) covered += axis.member_count * axis.position_count;
  return covered == input;
}

// Whether every position reads just itself.
bool IsPointwise(const CorrelationAxis& axis) {
  return axis.tap_count == 1 && axis.first_base == 0 && axis.source_step == 1 && axis.member_count == 1 &&
         axis.source_size == axis.position_count;
}

}  // namespace

Correlation WithMergedAxes(const Correlation& correlation) {
  Correlation merged = correlation;
  CorrelationAxis& inner = merged.axes.back();
  for (size_t i = kCorrelationAxisCount - 1; i-- > 0;) {
    CorrelationAxis& outer = merged.axes[i];
    if (!IsPointwise(inner) || !IsPointwise(outer)) break;
    const bool adjacent = outer.source_stride == inner.position_count * inner.source_stride &&
                          outer.dest_step == inner.position_count * inner.dest_step;
    if (outer.position_count != 1 && !adjacent) break;
    inner.position_count *= outer.position_count;
    inner.source_size = inner.position_count;
    inner.filter_offset += outer.filter_offset;
    inner.dest_offset += outer.dest_offset;
    outer = CorrelationAxis();
  }
  return merged;
}

int64_t Correlation::PositionCount() const {
  int64_t count = 1;
  for (const CorrelationAxis& axis : axes) count *= axis.position_count;
  return count;
}

int64_t Correlation::TapCount() const {
  int64_t count = 1;
  for (const CorrelationAxis& axis : axes) count *= axis.tap_count;
  return count;
}

int64_t Correlation::RowCount() const {
  int64_t count = dest_channels;
  for (const CorrelationAxis& axis : axes) count *= axis.member_count;
  return count;
}

int64_t Multiplications(const Correlation& correlation) {
  const int64_t results = SaturatingMultiply(correlation.PositionCount(), correlation.RowCount());
  return SaturatingMultiply(results, SaturatingMultiply(correlation.groups, correlation.Depth()));
}

RowOffset OffsetOfRow(const Correlation& correlation, int64_t row) {
  const int64_t channel = row % correlation.dest_channels;
  int64_t member = row / correlation.dest_channels;
  RowOffset offset{.filter = channel * correlation.filter_dest_stride,
                   .dest = channel * correlation.dest_channel_stride};
  for (size_t i = kCorrelationAxisCount; member > 0 && i-- > 0;) {
    const CorrelationAxis& axis = correlation.axes[i];
    offset.filter += member % axis.member_count * axis.filter_member_stride;
    offset.dest += member % axis.member_count * axis.dest_member_stride;
    member /= axis.member_count;
  }
  return offset;
}

int64_t FilterOffsetOfDepth(const Correlation& correlation, int64_t k) {
  int64_t offset = k % correlation.source_channels * correlation.filter_source_stride;
  int64_t tap = k / correlation.source_channels;
  for (size_t i = kCorrelationAxisCount; i-- > 0;) {
    const CorrelationAxis& axis = correlation.axes[i];
    offset += axis.filter_offset + tap % axis.tap_count * axis.filter_tap_stride;
    tap /= axis.tap_count;
  }
  return offset;
}

int64_t DestOffset(const Correlation& correlation) {
  int64_t offset = 0;
  for (const CorrelationAxis& axis : correlation.axes) offset += axis.dest_offset;
  return offset;
}

int64_t DestSize(const Correlation& correlation) {
  int64_t last = (correlation.groups - 1) * correlation.dest_group_stride +
                 (correlation.dest_channels - 1) * correlation.dest_channel_stride;
  for (const CorrelationAxis& axis : correlation.axes) last += (axis.position_count - 1) * axis.dest_step;
  return last + 1;
}

int64_t SourceSize(const Correlation& correlation) {
  int64_t last = (correlation.groups - 1) * correlation.source_group_stride +
                 (correlation.source_channels - 1) * correlation.source_channel_stride;
  for (const CorrelationAxis& axis : correlation.axes) last += (axis.source_size - 1) * axis.source_stride;
  return last + 1;
}

Correlation ForwardCorrelation(const ConvolutionGeometry& geometry) {
  const Strides input(geometry.input_shape);
  const Strides output(geometry.output_shape);
  const Strides filter(geometry.filter_shape);
  const Layout& layout = geometry.input_layout;
  Correlation forward;
  forward.groups = geometry.groups;
  forward.source_channels = geometry.input_channels / geometry.groups;
  forward.dest_channels = geometry.output_channels / geometry.groups;
  forward.source_channel_stride = input[layout.channel()];
  forward.source_group_stride = forward.source_channels * forward.source_channel_stride;
  forward.dest_channel_stride = output[layout.channel()];
  forward.dest_group_stride = forward.dest_channels * forward.dest_channel_stride;
  forward.filter_dest_stride = filter[geometry.filter_layout.output_channel()];
  forward.filter_source_stride = filter[geometry.filter_layout.input_channel()];
  forward.filter_group_stride = forward.dest_channels * forward.filter_dest_stride;
  forward.axes[0] = {.position_count = geometry.batch,
                     .source_size = geometry.batch,
                     .source_stride = input[layout.batch()],
                     .dest_step = output[layout.batch()]};
  for (size_t i = 0; i < geometry.axes.size(); ++i) {
    const AxisWindow& window = geometry.axes[i];
    const FilterAxis filter_axis = FilterAxisOf(geometry, filter, i);
    const int axis = layout.spatial(static_cast<int>(i));
    forward.axes[PlaceOf(geometry, i)] = {.position_count = window.output,
                                          .source_size = window.input,
                                          .source_stride = input[axis],
                                          .source_step = window.stride,
                                          .tap_count = window.window,
                                          .first_base = -window.pad_begin,
                                          .base_delta = window.dilation,
                                          .filter_offset = filter_axis.offset,
                                          .filter_tap_stride = filter_axis.stride,
                                          .dest_step = output[axis]};
  }
  return forward;
}

DataGradient DataGradientOf(const ConvolutionGeometry& geometry) {
  const Strides input(geometry.input_shape);
  const Strides output(geometry.output_shape);
  const Strides filter(geometry.filter_shape);
  const Correlation forward = ForwardCorrelation(geometry);
  DataGradient gradient;
  Correlation& base = gradient.base;
  base.groups = forward.groups;
  base.source_channels = forward.dest_channels;
  base.dest_channels = forward.source_channels;
  base.source_channel_stride = forward.dest_channel_stride;
  base.source_group_stride = forward.dest_group_stride;
  base.dest_channel_stride = forward.source_channel_stride;
  base.dest_group_stride = forward.source_group_stride;
  base.filter_dest_stride = forward.filter_source_stride;
  base.filter_source_stride = forward.filter_dest_stride;
  base.filter_group_stride = forward.filter_group_stride;
  base.axes[0] = forward.axes[0];
  std::swap(base.axes[0].source_stride, base.axes[0].dest_step);
  for (std::vector<CorrelationAxis>& classes : gradient.classes) classes.resize(1);
  for (size_t i = 0; i < geometry.axes.size(); ++i) {
    const int axis = geometry.input_layout.spatial(static_cast<int>(i));
    std::vector<CorrelationAxis>& classes = gradient.classes[PlaceOf(geometry, i) - 1];
    classes = ClassesOf({.window = geometry.axes[i],
                         .filter = FilterAxisOf(geometry, filter, i),
                         .source_stride = output[axis],
                         .dest_stride = input[axis]});
    gradient.covers_all = gradient.covers_all && CoversAll(classes, geometry.axes[i].input);
  }
  return gradient;
}

Correlation WithSourceAsDestination(const Correlation& correlation) {
  Correlation result;
  result.groups = correlation.groups;
  result.dest_channels = correlation.source_channels;
  result.dest_channel_stride = correlation.source_channel_stride;
  result.dest_group_stride = correlation.source_group_stride;
  for (size_t i = 0; i < kCorrelationAxisCount; ++i) {
    result.axes[i].position_count = correlation.axes[i].source_size;
    result.axes[i].dest_step = correlation.axes[i].source_stride;
  }
  return result;
}

Correlation OutputChannels(const Correlation& forward, bool by_group) {
  Correlation result;
  result.groups = by_group ? forward.groups : 1;
  result.source_channels = by_group ? forward.dest_channels : forward.dest_channels * forward.groups;
  result.source_channel_stride = forward.dest_channel_stride;
  result.source_group_stride = forward.dest_group_stride;
  for (size_t i = 0; i < kCorrelationAxisCount; ++i) {
    result.axes[i].position_count = forward.axes[i].position_count;
    result.axes[i].source_size = forward.axes[i].position_count;
    result.axes[i].source_stride = forward.axes[i].dest_step;
  }
  return result;
}

}  // namespace tensord::compute::internal
