// How a correlation whose vectors lie along positions is cut into tasks, and where its products find their factors.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_POSITION_PLAN_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_POSITION_PLAN_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "compute/src/internal/correlation.h"
#include "compute/src/internal/planes.h"
#include "compute/src/internal/tiles.h"
#include "compute/src/kernels/kernels.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {

// Products that are summed up in registers before the sums go back to memory.
inline constexpr int64_t kMaxSteps = 1024;
// Elements behind the planes that a last vector may read.
inline constexpr int64_t kSlack = 64;
// Tasks for each thread, where there are several.
inline constexpr int64_t kTasksPerThread = 4;
// Products with an element of the planes beside which copying it there does not matter.
inline constexpr int64_t kProductsPerCopy = 1024;

// The sums over some channels and a box of taps.
struct Steps {
  int64_t max_channels = 0;
  int64_t taps = 0;
  std::array<Step, kMaxSteps> steps;  // channel by channel
};

// How the work of one correlation is cut. No sum is cut: each goes over channels, then taps, in order.
template <typename T>
class PositionPlan {
 public:
  PositionPlan(const Correlation& c, const Kernels<T>& kernels, int thread_count)
      : correlation(c),
        blocks(c, kernels.lanes),
        result_rows(c.RowCount()),
        boxes(c, [this](const TapBox& box, int64_t count) { return BoxFits(box, count); }),
        box_count(boxes.count()) {
    const TapBox box = boxes.At(0);
    const Planes planes = PlanesOf(box);
    single_pass = box_count == 1 && MaxChannels(planes, box) >= c.source_channels;
    const int64_t pitch = std::max(planes.pitch(), MaxPitchInPlace());
    sums_stride = RoundUp((blocks.rows() - 1) * pitch + blocks.columns(), kernels.lanes);
    planes_count = box_count > 1 ? kPlanesElements<T> + kSlack
                                 : RoundUp(MaxChannels(planes, box) * planes.channel_size() + kSlack, kSlack);
    tile_rows = result_rows;
    if (!single_pass) {
      const int64_t most = std::max<int64_t>(kMaxTileRows, kSumsBytes / static_cast<int64_t>(sizeof(T)) / sums_stride);
      tile_rows = CeilDivide(result_rows, CeilDivide(result_rows, most));
    }
    const int64_t wanted = thread_count == 1 ? 1 : thread_count * kTasksPerThread;
    while (tile_rows > kMaxTileRows && TaskCount() < (CopyingIsCheap(box) ? wanted : thread_count)) {
      tile_rows = CeilDivide(tile_rows, int64_t{2});
    }
    row_tiles = CeilDivide(result_rows, tile_rows);
  }

  [[nodiscard]] int64_t TaskCount() const {
    return correlation.groups * blocks.count() * CeilDivide(result_rows, tile_rows);
  }

  [[nodiscard]] Planes PlanesOf(const TapBox& box) const {
    return Planes(correlation, blocks.rows(), blocks.columns(), box, result_rows, box_count == 1);
  }

  // How many channels' planes fit, and whose steps do; at least one.
  [[nodiscard]] int64_t MaxChannels(const Planes& planes, const TapBox& box) const {
    const int64_t most = std::min(kPlanesElements<T> / planes.channel_size(), kMaxSteps / box.Count());
    // Nearly equal parts of the channels.
    return CeilDivide(correlation.source_channels, CeilDivide(correlation.source_channels, std::max<int64_t>(1, most)));
  }

  [[nodiscard]] int64_t SumsCount() const {
    return (single_pass ? std::min<int64_t>(kMaxTileRows, tile_rows) : tile_rows) * sums_stride;
  }

  // The greatest distance of two rows in the source where a block may be read as it lies: the elements between the
  // rows' ends are computed in vain.
  [[nodiscard]] int64_t MaxPitchInPlace() const { return blocks.columns() + blocks.columns() / 16; }

  const Correlation& correlation;
  const PositionBlocks blocks;
  const int64_t result_rows;
  const TapBoxes boxes;
  const int64_t box_count;
  bool single_pass;      // all products of a sum are added at once
  int64_t planes_count;  // elements
  int64_t sums_stride;
  int64_t tile_rows;
  int64_t row_tiles;

 private:
  // Whether half as many rows would still be enough products for each element of the planes, which each task copies.
  [[nodiscard]] bool CopyingIsCheap(const TapBox& box) const {
    return CeilDivide(tile_rows, int64_t{2}) * box.Count() >= kProductsPerCopy;
  }

  // Whether the steps, and the planes of one channel, have room for all taps of a box.
  [[nodiscard]] bool BoxFits(const TapBox& box, int64_t count) const {
    if (box.Count() > kMaxSteps) return false;
    const Planes planes(correlation, blocks.rows(), blocks.columns(), box, result_rows, count == 1);
    // Another box may have a run that is one element longer along both axes.
    return 4 * planes.channel_size() <= kPlanesElements<T>;
  }
};

// right_of(d, h, w) tells where a tap finds a block's first position, `channel_stride` apart for each channel.
template <typename RightOf>
void MakeSteps(const Correlation& correlation, const TapBox& box, int64_t channels, int64_t channel_stride,
               RightOf&& right_of, Steps& steps) {
  steps.max_channels = channels;
  steps.taps = box.Count();
  size_t count = 0;
  for (int64_t d = 0; d < box.count[1]; ++d) {
    for (int64_t h = 0; h < box.count[2]; ++h) {
      for (int64_t w = 0; w < box.count[3]; ++w) {
        steps.steps[count++] = {
            .left = TapOffsetInFilter(correlation, box.begin[1] + d, box.begin[2] + h, box.begin[3] + w),
            .right = right_of(d, h, w)};
      }
    }
  }
  for (int64_t c = 1; c < channels; ++c) {
    for (int64_t tap = 0; tap < steps.taps; ++tap, ++count) {
      const Step& before = steps.steps[count - static_cast<size_t>(steps.taps)];
      steps.steps[count] = {.left = before.left + correlation.filter_source_stride,
                            .right = before.right + channel_stride};
    }
  }
}

// Reading the source as it lies, where that is possible: stride 1 along contiguous rows, and no padding.
template <typename T>
class SourceInPlace {
 public:
  explicit SourceInPlace(const PositionPlan<T>& plan) : correlation_(plan.correlation) {
    const auto& axes = correlation_.axes;
    possible_ = plan.box_count == 1 && axes[3].source_stride == 1 && axes[3].source_step == 1 &&
                ReadsOnlyTheSource(correlation_);
    if (plan.blocks.rows() > 1) possible_ = possible_ && axes[2].source_step == 1 && pitch() <= plan.MaxPitchInPlace();
    for (const CorrelationAxis& axis : axes) last_element_ += (axis.source_size - 1) * axis.source_stride;
    last_element_ += (correlation_.source_channels - 1) * correlation_.source_channel_stride +
                     (correlation_.groups - 1) * correlation_.source_group_stride;
  }

  [[nodiscard]] bool possible() const { return possible_; }
  [[nodiscard]] int64_t pitch() const { return correlation_.axes[2].source_stride; }

  // Whether all that whole vectors read lies in the source: `positions` positions from a block's first one on.
  [[nodiscard]] bool Reads(const PositionBlock& block, int64_t group, int64_t positions) const {
    const int64_t first = group * correlation_.source_group_stride + OffsetInSource(correlation_, block);
    const auto& axes = correlation_.axes;
    int64_t furthest = 0;
    for (size_t i = 1; i < kCorrelationAxisCount; ++i) {
      furthest += std::max<int64_t>(0, (axes[i].tap_count - 1) * axes[i].base_delta) * axes[i].source_stride;
    }
    return first + (correlation_.source_channels - 1) * correlation_.source_channel_stride + furthest + positions - 1 <=
           last_element_;
  }

 private:
  const Correlation& correlation_;
  bool possible_;
  int64_t last_element_ = 0;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_POSITION_PLAN_H_
