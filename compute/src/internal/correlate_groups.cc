#include "compute/src/internal/correlate_groups.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/group_box.h"
#include "compute/src/internal/group_lanes.h"
#include "compute/src/internal/group_positions.h"
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

  Memory(const GroupBox<T>& box, int64_t block_results)
      : filter(box.MemoryCount()), sums(filter + kFilter), count(sums + (block_results + kMaxLanes) * kMaxLanes) {}

  int64_t filter;
  int64_t sums;
  int64_t count;
};

template <typename T>
class GroupCorrelator {
 public:
  // The correlation's axis W spans what the columns' axes read, where they are not its own.
  GroupCorrelator(const Correlation& correlation, const Columns& columns, const Kernels<T>& kernels, const T* source,
                  const T* filter, T* dest, const Epilogue<T>& epilogue, const ExecutionContext& context)
      : correlation_(correlation),
        columns_(columns),
        kernels_(kernels),
        source_positions_(correlation, kernels, T{0}, columns.axes.size() == 1),
        memory_(box(), blocks().rows() * blocks().columns() * columns.per_position),
        source_(source),
        filter_(filter),
        dest_(dest + DestOffset(correlation)),
        epilogue_(epilogue),
        context_(context) {
    for (const CorrelationAxis& axis : columns.axes) AddTaps(axis);
    const auto [least, most] = std::minmax_element(filter_offsets_.begin(), filter_offsets_.begin() + taps_);
    first_in_filter_ = *least;
    span_in_filter_ = *most - *least + 1;
    filter_together_ = correlation.filter_group_stride != 1 && span_in_filter_ <= kMaxFilterSpread * taps_;
  }

  absl::Status Run() const {
    const int64_t group_blocks = CeilDivide(correlation_.groups, int64_t{kernels_.lanes});
    return RunTiles<T>(group_blocks * blocks().count(), memory_.count, context_, [&](int64_t task, T* memory) {
      RunTask(task % group_blocks * kernels_.lanes, blocks().At(task / group_blocks), memory);
    });
  }

 private:
  [[nodiscard]] const PositionBlocks& blocks() const { return source_positions_.blocks(); }
  [[nodiscard]] const GroupBox<T>& box() const { return source_positions_.box(); }

  // Where the taps with one of the columns' axes find their factors.
  void AddTaps(const CorrelationAxis& axis) {
    Correlation part = correlation_;
    part.axes[3] = axis;
    const auto& axes = part.axes;
    // The box' axis W begins where the correlation's does.
    const CorrelationAxis& whole = correlation_.axes[3];
    const bool own = columns_.axes.size() == 1;
    for (int64_t d = 0; d < axes[1].tap_count; ++d) {
      for (int64_t h = 0; h < axes[2].tap_count; ++h) {
        for (int64_t w = 0; w < axis.tap_count; ++w) {
          const auto tap = static_cast<size_t>(taps_++);
          filter_offsets_[tap] = TapOffsetInFilter(part, d, h, w);
          box_offsets_[tap] =
              box().OffsetOfTap(d, h, own ? w : axis.first_base + w * axis.base_delta - whole.first_base);
          source_offsets_[tap] = TapOffsetInSource(part, d, h, w);
        }
      }
    }
  }

  void RunTask(int64_t group, const PositionBlock& block, T* memory) const {
    const bool in_place = source_positions_.AreInPlace(group);
    std::array<const T*, kBlockPositions> positions;
    T* const sums = memory + memory_.sums;
    const int64_t rows = correlation_.RowCount();
    const int64_t channels = correlation_.source_channels;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t channel = 0; channel < channels; ++channel) {
        if (context_.cancelled()) return;
        if (row == 0 || channels > 1) source_positions_.Set(source_, group, channel, block, memory, positions);
        const T* const filter = memory + memory_.filter;
        std::array<Step, kMaxGroupTaps> steps;
        SetSteps(in_place, group, channel, row, memory + memory_.filter, steps);
        AddProducts(block, positions, filter, steps, channel == 0 ? &row : nullptr, group, sums);
      }
      Store(group, row, block, sums);
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
  void AddProducts(const PositionBlock& block, const std::array<const T*, kBlockPositions>& positions, const T* filter,
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
                     .sums_stride = columns_.per_position * kernels_.lanes};
    if (columns_.axes.size() == 1) return AddProductsOf(tile, block.rows * block.columns);
    for (int64_t y = 0; y < block.rows; ++y) {
      tile.steps = steps.data();
      for (const CorrelationAxis& axis : columns_.axes) {
        tile.rows = positions.data() + y * block.columns;
        tile.step_count = taps_ / columns_.TapCount() * axis.tap_count;
        tile.sums = sums + (y * columns_.Width() + columns_.PlaceOf(axis)) * kernels_.lanes;
        AddProductsOf(tile, axis.position_count);
        tile.steps += tile.step_count;
      }
    }
  }

  // From the tile's first position on.
  void AddProductsOf(LaneTile<T> tile, int64_t positions) const {
    const int64_t parts = CeilDivide(positions, int64_t{kernels_.max_rows[1]});
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t count = PartBegin(positions, parts, part + 1) - PartBegin(positions, parts, part);
      kernels_.multiply_add_lanes[count](tile);
      tile.rows += count;
      tile.sums += count * tile.sums_stride;
    }
  }

  void Store(int64_t group, int64_t row, const PositionBlock& block, T* sums) const {
    const int64_t lanes = kernels_.lanes;
    const int64_t width = columns_.axes.size() == 1 ? block.columns : columns_.Width();
    if (epilogue_.activation != nullptr) ApplyActivation(*epilogue_.activation, sums, block.rows * width * lanes);
    ScatterPositions(kernels_, correlation_, block, width, columns_.stride,
                     std::min(lanes, correlation_.groups - group), sums,
                     dest_ + group * correlation_.dest_group_stride + OffsetOfRow(correlation_, row).dest);
  }

  const Correlation& correlation_;
  const Columns& columns_;
  const Kernels<T>& kernels_;
  const GroupPositions<T> source_positions_;
  const Memory<T> memory_;
  const T* source_;
  const T* filter_;
  T* dest_;
  const Epilogue<T>& epilogue_;
  const ExecutionContext& context_;
  int64_t taps_ = 0;
  // Of each tap, those of one of the columns' axes after those of another.
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
bool HasVectorsOfGroups(const Correlation& correlation, const Columns& columns, const ExecutionContext& context) {
  const Kernels<T>& kernels = KernelsFor<T>(context);
  const PositionBlocks blocks(correlation, 1);
  const bool whole_rows = blocks.columns() == correlation.axes[3].position_count;
  const int64_t taps = correlation.axes[1].tap_count * correlation.axes[2].tap_count * columns.TapCount();
  return correlation.groups >= kernels.lanes / 2 && correlation.groups > 1 &&
         std::max(correlation.source_channels, correlation.dest_channels) <= kMaxGroupChannels &&
         correlation.source_channels > 0 && taps <= kMaxGroupTaps && (columns.axes.size() == 1 || whole_rows) &&
         GroupBox<T>(correlation, kernels, blocks, T{0}, true).Fits();
}

template <typename T>
absl::Status CorrelateGroups(const Correlation& correlation, const Columns& columns, const T* source, const T* filter,
                             T* dest, const Epilogue<T>& epilogue, const ExecutionContext& context) {
  return GroupCorrelator<T>(correlation, columns, KernelsFor<T>(context), source, filter, dest, epilogue, context)
      .Run();
}

template <typename T>
int64_t MaxCorrelateGroupsScratchBytes() {
  constexpr int64_t kBox = 2 * (kPlanesElements<T> + kMaxLanes * kMaxLanes);
  constexpr int64_t kSums = (kBlockPositions * kMaxColumnsPerPosition + kMaxLanes) * kMaxLanes;
  constexpr int64_t kElements = kBox + Memory<T>::kFilter + kSums + static_cast<int64_t>(kTensorAlignment);
  constexpr int64_t kBytes = kElements * static_cast<int64_t>(sizeof(T));
  static_assert(kBytes <= kMaxThreadScratchBytes);
  return kBytes;
}

template bool HasVectorsOfGroups<float>(const Correlation&, const Columns&, const ExecutionContext&);
template bool HasVectorsOfGroups<double>(const Correlation&, const Columns&, const ExecutionContext&);
template absl::Status CorrelateGroups(const Correlation&, const Columns&, const float*, const float*, float*,
                                      const Epilogue<float>&, const ExecutionContext&);
template absl::Status CorrelateGroups(const Correlation&, const Columns&, const double*, const double*, double*,
                                      const Epilogue<double>&, const ExecutionContext&);
template int64_t MaxCorrelateGroupsScratchBytes<float>();
template int64_t MaxCorrelateGroupsScratchBytes<double>();

}  // namespace tensord::compute::internal
