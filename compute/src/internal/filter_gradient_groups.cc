#include "compute/src/internal/filter_gradient_groups.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/correlate_groups.h"
#include "compute/src/internal/group_box.h"
#include "compute/src/internal/group_lanes.h"
#include "compute/src/internal/group_positions.h"
#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/planes.h"
#include "compute/src/internal/sum_in_chunks.h"
#include "compute/src/internal/tiles.h"

namespace tensord::compute::internal {
namespace {

template <typename T>
class GroupFilterGradient {
 public:
  GroupFilterGradient(const Correlation& forward, const T* x, const T* dz, T* dw, const ExecutionContext& context)
      : forward_(forward),
        kernels_(KernelsFor<T>(context)),
        blocks_(forward, 1),
        box_(forward, kernels_, blocks_, T{0}, false),
        x_(x),
        dz_(dz + DestOffset(forward)),
        dw_(dw),
        context_(context),
        taps_(forward.TapCount()),
        readable_dz_(DestSize(forward)) {
    SetTaps();
  }

  absl::Status Run() const {
    const int64_t tiles = CeilDivide(forward_.groups, int64_t{kernels_.lanes});
    const ChunkSizes sizes = {
        .tiles = tiles,
        .chunks = ChunkCount(tiles, blocks_.count(), blocks_.rows() * blocks_.columns()),
        .scratch = box_.MemoryCount() + kBlockElements,
        .sums = forward_.dest_channels * forward_.source_channels * SumsCount() + kernels_.lanes * kernels_.lanes};
    return SumInChunks<T>(
        sizes, context_,
        [&](int64_t tile, int64_t chunk, T* memory, T* sums) {
          return SumChunk(tile * kernels_.lanes, PartBegin(blocks_.count(), sizes.chunks, chunk),
                          PartBegin(blocks_.count(), sizes.chunks, chunk + 1), memory, sums);
        },
        [&](int64_t tile, const T* sums) { Store(tile * kernels_.lanes, sums); });
  }

 private:
  // Of one row and one channel: [tap][lane].
  [[nodiscard]] int64_t SumsCount() const { return taps_ * kernels_.lanes; }

  void SetTaps() {
    const auto& axes = forward_.axes;
    size_t count = 0;
    for (int64_t d = 0; d < axes[1].tap_count; ++d) {
      for (int64_t h = 0; h < axes[2].tap_count; ++h) {
        for (int64_t w = 0; w < axes[3].tap_count; ++w, ++count) {
          filter_offsets_[count] = TapOffsetInFilter(forward_, d, h, w);
          box_offsets_[count] = box_.OffsetOfTap(d, h, w);
          filter_together_ =
              filter_together_ && filter_offsets_[count] == filter_offsets_[0] + static_cast<int64_t>(count);
        }
      }
    }
  }

  // False where the work was cancelled.
  bool SumChunk(int64_t group, int64_t begin, int64_t end, T* memory, T* sums) const {
    T* const dz = memory + box_.MemoryCount();
    const int64_t channels = forward_.source_channels;
    for (int64_t index = begin; index < end; ++index) {
      const PositionBlock block = blocks_.At(index);
      std::array<Step, kBlockPositions> steps;
      SetSteps(block, steps);
      for (int64_t channel = 0; channel < channels; ++channel) {
        if (context_.cancelled()) return false;
        box_.Fill(x_, group, channel, block, memory);
        for (int64_t row = 0; row < forward_.dest_channels; ++row) {
          GatherRow(group, row, block, dz);
          AddBlock(memory, dz, steps, block.rows * block.columns, index == begin,
                   sums + (row * channels + channel) * SumsCount());
        }
      }
    }
    return true;
  }

  void SetSteps(const PositionBlock& block, std::array<Step, kBlockPositions>& steps) const {
    const int64_t row_stride = box_.OffsetOfPosition(1, 0);
    const int64_t column_stride = box_.OffsetOfPosition(0, 1);
    int64_t count = 0;
    for (int64_t y = 0; y < block.rows; ++y) {
      for (int64_t x = 0; x < block.columns; ++x, ++count) {
        steps[static_cast<size_t>(count)] = {.left = y * row_stride + x * column_stride,
                                             .right = count * kernels_.lanes};
      }
    }
  }

  // The block's elements of one row of dz: [position][lane].
  void GatherRow(int64_t group, int64_t row, const PositionBlock& block, T* dz) const {
    const int64_t offset = group * forward_.dest_group_stride + row * forward_.dest_channel_stride;
    GatherPositions(kernels_, forward_, block, std::min(int64_t{kernels_.lanes}, forward_.groups - group), dz_ + offset,
                    readable_dz_ - offset, false, dz);
  }

  void AddBlock(const T* box, const T* dz, const std::array<Step, kBlockPositions>& steps, int64_t positions,
                bool first, T* sums) const {
    constexpr std::array<T, kMaxLanes> kZeros = {};
    std::array<const T*, kMaxTileRows> rows;
    const int64_t parts = CeilDivide(taps_, int64_t{kernels_.max_rows[1]});
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t begin = PartBegin(taps_, parts, part);
      const int64_t count = PartBegin(taps_, parts, part + 1) - begin;
      for (int64_t i = 0; i < count; ++i) {
        rows[static_cast<size_t>(i)] = box + box_offsets_[static_cast<size_t>(begin + i)];
      }
      kernels_.multiply_add_lanes[count]({.rows = rows.data(),
                                          .shared = dz,
                                          .steps = steps.data(),
                                          .step_count = positions,
                                          .start = first ? kZeros.data() : nullptr,
                                          .sums = sums + begin * kernels_.lanes,
                                          .sums_stride = kernels_.lanes});
    }
  }

  void Store(int64_t group, const T* sums) const {
    GroupRun<T> run = {.first = nullptr,
                       .groups = std::min(int64_t{kernels_.lanes}, forward_.groups - group),
                       .group_stride = forward_.filter_group_stride,
                       .positions = filter_together_ ? taps_ : 1,
                       .position_stride = 1};
    for (int64_t row = 0; row < forward_.dest_channels; ++row) {
      for (int64_t channel = 0; channel < forward_.source_channels; ++channel) {
        T* const first = dw_ + group * forward_.filter_group_stride + row * forward_.filter_dest_stride +
                         channel * forward_.filter_source_stride;
        for (int64_t tap = 0; tap < taps_; tap += run.positions) {
          run.first = first + filter_offsets_[static_cast<size_t>(tap)];
          ScatterLanes(kernels_, sums + tap * kernels_.lanes, run);
        }
        sums += SumsCount();
      }
    }
  }

  const Correlation& forward_;
  const Kernels<T>& kernels_;
  const PositionBlocks blocks_;
  const GroupBox<T> box_;
  const T* x_;
  const T* dz_;
  T* dw_;
  const ExecutionContext& context_;
  const int64_t taps_;
  const int64_t readable_dz_;  // elements from dz_ on
  // Of each tap.
  std::array<int64_t, kMaxGroupTaps> filter_offsets_;
  std::array<int64_t, kMaxGroupTaps> box_offsets_;
  bool filter_together_ = true;  // whether they follow each other in the filter
};

}  // namespace

template <typename T>
absl::Status FilterGradientOfGroups(const Correlation& forward, const T* x, const T* dz, T* dw,
                                    const ExecutionContext& context) {
  return GroupFilterGradient<T>(forward, x, dz, dw, context).Run();
}

template <typename T>
int64_t MaxFilterGradientOfGroupsScratchBytes() {
  constexpr int64_t kSums = kMaxGroupChannels * kMaxGroupChannels * kMaxGroupTaps * kMaxLanes;
  constexpr int64_t kBox = 2 * (kPlanesElements<T> + kMaxLanes * kMaxLanes);
  constexpr int64_t kElements =
      kBox + kBlockElements + kSums + kMaxLanes * kMaxLanes + static_cast<int64_t>(kTensorAlignment);
  constexpr int64_t kBytes = kElements * static_cast<int64_t>(sizeof(T));
  static_assert(kBytes <= kMaxThreadScratchBytes);
  return kBytes;
}

template absl::Status FilterGradientOfGroups(const Correlation&, const float*, const float*, float*,
                                             const ExecutionContext&);
template absl::Status FilterGradientOfGroups(const Correlation&, const double*, const double*, double*,
                                             const ExecutionContext&);
template int64_t MaxFilterGradientOfGroupsScratchBytes<float>();
template int64_t MaxFilterGradientOfGroupsScratchBytes<double>();

}  // namespace tensord::compute::internal
