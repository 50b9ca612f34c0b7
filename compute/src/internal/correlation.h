// The one primitive under every convolution kernel: a correlation whose destination, source and filter may have any
// order of axes, given by strides.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CORRELATION_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CORRELATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tensord/compute/convolution.h"

namespace tensord::compute::internal {

// One of the axes N, D, H, W along which positions lie. All strides, steps and offsets into tensors are in elements.
//
// Position j with tap t reads the source at index j*source_step + first_base + t*base_delta, and zero where that lies
// outside 0..source_size-1. It uses the filter element filter_offset + t*filter_tap_stride. A member is one of several
// correlations that read the same source elements with other filter elements and write elsewhere: member i adds
// i*filter_member_stride to the filter's offset and i*dest_member_stride to the destination's.
struct CorrelationAxis {
  int64_t position_count = 1;
  int64_t source_size = 1;
  int64_t source_stride = 0;
  int64_t source_step = 1;
  int64_t tap_count = 1;
  int64_t first_base = 0;
  int64_t base_delta = 0;
  int64_t filter_offset = 0;
  int64_t filter_tap_stride = 0;
  int64_t dest_offset = 0;
  int64_t dest_step = 0;
  int64_t member_count = 1;
  int64_t filter_member_stride = 0;
  int64_t dest_member_stride = 0;
};

inline constexpr size_t kCorrelationAxisCount = 4;

// out[row, position] = sum over k of filter[row, k] * patch[k, position], for each group, with
// row = (members of D, H, W, then destination channel) and k = (taps of D, H, W, then source channel).
struct Correlation {
  std::array<CorrelationAxis, kCorrelationAxisCount> axes;  // N, D, H, W
  int64_t groups = 1;
  int64_t source_channels = 1;  // per group
  int64_t dest_channels = 1;    // per group
  int64_t source_channel_stride = 0;
  int64_t source_group_stride = 0;
  int64_t dest_channel_stride = 0;
  int64_t dest_group_stride = 0;
  int64_t filter_dest_stride = 0;    // from one destination channel to the next
  int64_t filter_source_stride = 0;  // from one source channel to the next
  int64_t filter_group_stride = 0;

  [[nodiscard]] int64_t PositionCount() const;
  [[nodiscard]] int64_t TapCount() const;
  [[nodiscard]] int64_t Depth() const { return TapCount() * source_channels; }  // the number of k
  [[nodiscard]] int64_t RowCount() const;                                       // per group
};

// Of all positions, rows and groups; saturating.
[[nodiscard]] int64_t Multiplications(const Correlation& correlation);

// The filter's and the destination's offset of one row, within its group; without the axes' own offsets.
struct RowOffset {
  int64_t filter;
  int64_t dest;
};
[[nodiscard]] RowOffset OffsetOfRow(const Correlation& correlation, int64_t row);

// The filter's offset of one k, within its group; with the axes' own offsets.
[[nodiscard]] int64_t FilterOffsetOfDepth(const Correlation& correlation, int64_t k);

// Where the axes begin in the destination: the sum of their dest_offset.
[[nodiscard]] int64_t DestOffset(const Correlation& correlation);

// How many elements the destination has from its first one on, but for the axes' own offsets.
[[nodiscard]] int64_t DestSize(const Correlation& correlation);

// How many elements the source has. The correlation has to have some.
[[nodiscard]] int64_t SourceSize(const Correlation& correlation);

// The same correlation with as few and as long axes as its strides allow: axes along which nothing but the positions
// themselves is read, and whose elements follow each other in source and destination, become one.
[[nodiscard]] Correlation WithMergedAxes(const Correlation& correlation);

// Z from x and w. The geometry's tensors must be small enough to exist.
[[nodiscard]] Correlation ForwardCorrelation(const ConvolutionGeometry& geometry);

// dX from dZ and w: correlations that each write another part of dX. Along an axis of stride s, the elements of dX with
// index r mod s get only taps k with (r + pad_begin - dilation*k) divisible by s, and the index into dZ grows by one
// when that of dX grows by s: a correlation of stride 1. Residues r that read the same elements of dZ are the members
// of one class. `classes` has the classes of each spatial axis; the parts of dX are the products of one of each.
struct DataGradient {
  Correlation base;  // everything but its axes D, H and W
  std::array<std::vector<CorrelationAxis>, kMaxSpatialRank> classes;
  bool covers_all = true;  // whether every element of dX belongs to a part; the others are zero
};
[[nodiscard]] DataGradient DataGradientOf(const ConvolutionGeometry& geometry);

// Calls visit(part) for every part of dX, one after the other (there are few), until it returns another status than OK.
template <typename Visit>
absl::Status ForEachPart(const DataGradient& gradient, Visit&& visit) {
  Correlation part = gradient.base;
  for (const CorrelationAxis& d : gradient.classes[0]) {
    part.axes[1] = d;
    for (const CorrelationAxis& h : gradient.classes[1]) {
      part.axes[2] = h;
      for (const CorrelationAxis& w : gradient.classes[2]) {
        part.axes[3] = w;
        if (absl::Status status = visit(std::as_const(part)); !status.ok()) return status;
      }
    }
  }
  return absl::OkStatus();
}

// As far as a bias gradient looks at it: a correlation whose destination is this one's source, in all its positions.
[[nodiscard]] Correlation WithSourceAsDestination(const Correlation& correlation);

// All output channels and positions of a tensor like Z as the source of a correlation without a filter.
[[nodiscard]] Correlation OutputChannels(const Correlation& forward, bool by_group);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CORRELATION_H_
