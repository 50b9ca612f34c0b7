#include "compute/src/internal/correlate_groups.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/group_box.h"
#include "compute/src/internal/group_lanes.h"
#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/planes.h"
#include "compute/src/internal/tiles.h"

namespace tensord::compute::internal {
namespace {

// The filter's elements for one vector of groups may lie among this many times as many others.
constexpr int64_t kMaxFilterSpread = 4;

// Elements of one thread's memory: a box, the filter of one row for a vector of groups, the sums of a block.
template <typename T>
struct Memory {
  static constexpr int64_t kFilter = (kMaxFilterSpread * kMaxGroupTaps + kMaxLanes) * kMaxLanes;

  Memory(const GroupBox<T>& box, const PositionBlocks& blocks)
      : filter(box.MemoryCount()),
        sums(filter + kFilter),
        count(sums + (blocks.rows() * blocks.columns() + kMaxLanes) * kMaxLanes) {}

  int64_t filter;
  int64_t sums;
  int64_t count;
};

template <typename T>
class GroupCorrelator {
 public:
  GroupCorrelator(const Correlation& correlation, const Kernels<T>& kernels, const T* source, const T* filter, T* dest,
                  const Epilogue<T>& epilogue, const ExecutionContext& context)
      : correlation_(correlation),
        kernels_(kernels),
        blocks_(correlation, 1),
        box_(correlation, kernels, blocks_),
        memory_(box_, blocks_),
        source_(source),
        filter_(filter),
        dest_(dest + DestOffset(correlation)),
        epilogue_(epilogue),
        context_(context),
        taps_(correlation.TapCount()),
        in_place_(correlation.source_group_stride == 1 && ReadsOnlyTheSource(correlation)) {
    SetTaps();
  }

  absl::Status Run() const {
    const int64_t group_blocks = CeilDivide(correlation_.groups, int64_t{kernels_.lanes});
    return RunTiles<T>(group_blocks * blocks_.count(), memory_.count, context_, [&](int64_t task, T* memory) {
      RunTask(task % group_blocks * kernels_.lanes, blocks_.At(task / group_blocks), memory);
    });
  }

 private:
  // Where the taps find their factors.
  void SetTaps() {
    const auto& axes = correlation_.axes;
    size_t count = 0;
    for (int64_t d = 0; d < axes[1].tap_count; ++d) {
      for (int64_t h = 0; h < axes[2].tap_count; ++h) {
        for (int64_t w = 0; w < axes[3].tap_count; ++w, ++count) {
          filter_offsets_[count] = TapOffsetInFilter(correlation_, d, h, w);
          box_offsets_[count] = box_.OffsetOfTap(d, h, w);
          source_offsets_[count] = TapOffsetInSource(correlation_, d, h, w);
        }
      }
    }
    const auto [least, most] = std::minmax_element(filter_offsets_.begin(), filter_offsets_.begin() + taps_);
    first_in_filter_ = *least;
    span_in_filter_ = *most - *least + 1;
    filter_together_ = correlation_.filter_group_stride != 1 && span_in_filter_ <= kMaxFilterSpread * taps_;
  }

  void RunTask(int64_t group, const PositionBlock& block, T* memory) const {
    const bool in_place = in_place_ && group + kernels_.lanes <= correlation_.groups;
    std::array<const T*, kBlockPositions> positions;
    T* const sums = memory + memory_.sums;
    const int64_t rows = correlation_.RowCount();
    const int64_t channels = correlation_.source_channels;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t channel = 0; channel < channels; ++channel) {
        if (context_.cancelled()) return;
        if (row == 0 || channels > 1) SetPositions(in_place, group, channel, block, memory, positions);
        const T* const filter = memory + memory_.filter;
        std::array<Step, kMaxGroupTaps> steps;
        SetSteps(in_place, group, channel, row, memory + memory_.filter, steps);
        AddProducts(block.rows * block.columns, positions, filter, steps, channel == 0 ? &row : nullptr, group, sums);
      }
      Store(group, row, block, sums);
    }
  }

  // Where each position of a block reads with the first tap.
  void SetPositions(bool in_place, int64_t group, int64_t channel, const PositionBlock& block, T* memory,
                    std::array<const T*, kBlockPositions>& positions) const {
    const auto& axes = correlation_.axes;
    const T* first = memory;
    int64_t row_stride = box_.OffsetOfPosition(1, 0);
    int64_t column_stride = box_.OffsetOfPosition(0, 1);
    if (in_place) {
      first = source_ + group + channel * correlation_.source_channel_stride + OffsetInSource(correlation_, block);
      row_stride = axes[2].source_step * axes[2].source_stride;
      column_stride = axes[3].source_step * axes[3].source_stride;
    } else {
      box_.Fill(source_, group, channel, block, memory);
    }
    size_t count = 0;
    for (int64_t y = 0; y < block.rows; ++y) {
      for (int64_t x = 0; x < block.columns; ++x, ++count)
        positions[count] = first + y * row_stride + x * column_stride;
    }
  }

  // Copies the filter's elements, and sets the steps for them.
  void SetSteps(bool in_place, int64_t group, int64_t channel, int64_t row, T* filter,
                std::array<Step, kMaxGroupTaps>& steps) const {
    const int64_t lanes = kernels_.lanes;
    const int64_t stride = correlation_.filter_group_stride;
    GroupRun<const T> run = {.first = filter_ + group * stride + OffsetOfRow(correlation_, row).filter +
                                      channel * correlation_.filter_source_stride + first_in_filter_,
                             .groups = std::min(lanes, correlation_.groups - group),
                             .group_stride = stride,
                             .positions = span_in_filter_,
                             .position_stride = 1};
    const int64_t readable = (correlation_.groups - 1 - group) * stride + span_in_filter_;
    if (filter_together_) GatherLanes(kernels_, run, readable, filter);
    const T* const first = run.first;
    run.positions = 1;
    for (size_t tap = 0; tap < static_cast<size_t>(taps_); ++tap) {
      const int64_t place = filter_offsets_[tap] - first_in_filter_;
      steps[tap].left = in_place ? source_offsets_[tap] : box_offsets_[tap];
      steps[tap].right = (filter_together_ ? place : static_cast<int64_t>(tap)) * lanes;
      if (filter_together_) continue;
      run.first = first + place;
      GatherLanes(kernels_, run, readable - place, filter + steps[tap].right);
    }
  }

  // Of the first products `row` tells where the sums start; null: they go on.
  void AddProducts(int64_t count, const std::array<const T*, kBlockPositions>& positions, const T* filter,
                   const std::array<Step, kMaxGroupTaps>& steps, const int64_t* row, int64_t group, T* sums) const {
    std::array<T, kMaxLanes> start = {};
    if (row != nullptr && epilogue_.bias != nullptr) {
      const int64_t channels = correlation_.dest_channels;
      const int64_t groups = std::min(int64_t{kernels_.lanes}, correlation_.groups - group);
      for (int64_t g = 0; g < groups; ++g) {
        start[static_cast<size_t>(g)] = epilogue_.bias[(group + g) * channels + *row % channels];
      }
    }
    LaneTile<T> tile{.rows = positions.data(),
                     .shared = filter,
                     .steps = steps.data(),
                     .step_count = taps_,
                     .start = row != nullptr ? start.data() : nullptr,
                     .sums = sums,
                     .sums_stride = kernels_.lanes};
    const int64_t parts = CeilDivide(count, int64_t{kernels_.max_rows[1]});
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t begin = PartBegin(count, parts, part);
      tile.rows = positions.data() + begin;
      tile.sums = sums + begin * kernels_.lanes;
      kernels_.multiply_add_lanes[PartBegin(count, parts, part + 1) - begin](tile);
    }
  }

  void Store(int64_t group, int64_t row, const PositionBlock& block, T* sums) const {
    const auto& axes = correlation_.axes;
    const int64_t lanes = kernels_.lanes;
    if (epilogue_.activation != nullptr) {
      ApplyActivation(*epilogue_.activation, sums, block.rows * block.columns * lanes);
    }
    GroupRun<T> run = {.first = dest_ + group * correlation_.dest_group_stride + OffsetOfRow(correlation_, row).dest +
                                block.n * axes[0].dest_step + block.d * axes[1].dest_step +
                                block.row * axes[2].dest_step + block.column * axes[3].dest_step,
                       .groups = std::min(lanes, correlation_.groups - group),
                       .group_stride = correlation_.dest_group_stride,
                       .positions = block.columns,
                       .position_stride = axes[3].dest_step};
    // Rows that follow each other without a gap are one run.
    int64_t runs = block.rows;
    if (axes[2].dest_step == block.columns * axes[3].dest_step) {
      run.positions *= runs;
      runs = 1;
    }
    for (int64_t i = 0; i < runs; ++i) {
      ScatterLanes(kernels_, sums + i * run.positions * lanes, run);
      run.first += axes[2].dest_step;
    }
  }

  const Correlation& correlation_;
  const Kernels<T>& kernels_;
  const PositionBlocks blocks_;
  const GroupBox<T> box_;
  const Memory<T> memory_;
  const T* source_;
  const T* filter_;
  T* dest_;
  const Epilogue<T>& epilogue_;
  const ExecutionContext& context_;
  const int64_t taps_;
  const bool in_place_;
  // Of each tap.
  std::array<int64_t, kMaxGroupTaps> filter_offsets_;
  std::array<int64_t, kMaxGroupTaps> box_offsets_;
  std::array<int64_t, kMaxGroupTaps> source_offsets_;
  // All of a group's taps, and whether they are copied with what lies between them.
  int64_t first_in_filter_;
  int64_t span_in_filter_;
  bool filter_together_;
};

}  // namespace

template <typename T>
bool HasVectorsOfGroups(const Correlation& correlation, const ExecutionContext& context) {
  const Kernels<T>& kernels = KernelsFor<T>(context);
  return correlation.groups >= kernels.lanes / 2 && correlation.groups > 1 &&
         std::max(correlation.source_channels, correlation.dest_channels) <= kMaxGroupChannels &&
         correlation.TapCount() <= kMaxGroupTaps &&
         GroupBox<T>(correlation, kernels, PositionBlocks(correlation, 1)).Fits();
}

template <typename T>
absl::Status CorrelateGroups(const Correlation& correlation, const T* source, const T* filter, T* dest,
                             const Epilogue<T>& epilogue, const ExecutionContext& context) {
  return GroupCorrelator<T>(correlation, KernelsFor<T>(context), source, filter, dest, epilogue, context).Run();
}

template <typename T>
int64_t MaxCorrelateGroupsScratchBytes() {
  constexpr int64_t kBox = 2 * (kPlanesElements<T> + kMaxLanes * kMaxLanes);
  constexpr int64_t kSums = (kBlockPositions + kMaxLanes) * kMaxLanes;
  return (kBox + Memory<T>::kFilter + kSums + static_cast<int64_t>(kTensorAlignment)) * static_cast<int64_t>(sizeof(T));
}

template bool HasVectorsOfGroups<float>(const Correlation&, const ExecutionContext&);
template bool HasVectorsOfGroups<double>(const Correlation&, const ExecutionContext&);
template absl::Status CorrelateGroups(const Correlation&, const float*, const float*, float*, const Epilogue<float>&,
                                      const ExecutionContext&);
template absl::Status CorrelateGroups(const Correlation&, const double*, const double*, double*,
                                      const Epilogue<double>&, const ExecutionContext&);
template int64_t MaxCorrelateGroupsScratchBytes<float>();
template int64_t MaxCorrelateGroupsScratchBytes<double>();

}  // namespace tensord::compute::internal
