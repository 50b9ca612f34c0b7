#include "compute/src/internal/correlate_positions.h"

#include <algorithm>
#include <array>
#include <optional>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/planes.h"
#include "compute/src/internal/position_plan.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

template <typename T>
class PositionCorrelator {
 public:
  PositionCorrelator(const PositionPlan<T>& plan, const Kernels<T>& kernels, const T* source, const T* filter, T* dest,
                     const Epilogue<T>& epilogue, const ExecutionContext& context)
      : plan_(plan),
        correlation_(plan.correlation),
        kernels_(kernels),
        source_(source),
        filter_(filter),
        dest_(dest + DestOffset(plan.correlation)),
        epilogue_(epilogue),
        context_(context),
        in_place_(plan) {
    if (plan.box_count > 1) return;
    const TapBox box = plan.boxes.At(0);
    planes_.emplace(plan.PlanesOf(box));
    MakePlaneSteps(*planes_, box, plane_steps_);
    if (!in_place_.possible()) return;
    MakeSteps(
        correlation_, box, plane_steps_.max_channels, correlation_.source_channel_stride,
        [&](int64_t d, int64_t h, int64_t w) { return TapOffsetInSource(correlation_, d, h, w); }, in_place_steps_);
  }

  void RunTask(int64_t task, T* memory) const {
    Work work;
    work.planes = memory;
    work.sums = memory + plan_.planes_count;
    const int64_t row_tile = task % plan_.row_tiles;
    task /= plan_.row_tiles;
    work.row_begin = row_tile * plan_.tile_rows;
    work.row_end = std::min(work.row_begin + plan_.tile_rows, plan_.result_rows);
    work.block = plan_.blocks.At(task % plan_.blocks.count());
    work.group = task / plan_.blocks.count();
    if (plan_.box_count > 1) {
      RunBoxes(work);
    } else if (!RunInPlace(work)) {
      work.first = work.last = true;
      RunPlanes(work, *planes_, plane_steps_);
    }
  }

 private:
  // One task: some rows of results in one block of positions.
  struct Work {
    T* planes;
    T* sums;
    PositionBlock block;
    int64_t group;
    int64_t row_begin;
    int64_t row_end;
    int64_t pitch;
    bool first;  // no products were added yet
    bool last;   // none will be added later
  };

  void MakePlaneSteps(const Planes& planes, const TapBox& box, Steps& steps) const {
    MakeSteps(
        correlation_, box, plan_.MaxChannels(planes, box), planes.channel_size(),
        [&](int64_t d, int64_t h, int64_t w) { return planes.OffsetOf(d, h, w); }, steps);
  }

  // False where the block cannot be read as it lies.
  bool RunInPlace(Work& work) const {
    if (!in_place_.possible()) return false;
    work.pitch = in_place_.pitch();
    const int64_t positions = RoundUp((work.block.rows - 1) * work.pitch + work.block.columns, kernels_.lanes);
    if (!in_place_.Reads(work.block, work.group, positions)) return false;
    const T* const first =
        source_ + work.group * correlation_.source_group_stride + OffsetInSource(correlation_, work.block);
    const int64_t channels = correlation_.source_channels;
    for (int64_t channel = 0; channel < channels; channel += in_place_steps_.max_channels) {
      const int64_t count = std::min(in_place_steps_.max_channels, channels - channel);
      work.first = channel == 0;
      work.last = channel + count == channels;
      Multiply(work, in_place_steps_, channel, count, first + channel * correlation_.source_channel_stride);
    }
    return true;
  }

  void RunBoxes(Work& work) const {
    Steps steps;
    for (int64_t box = 0; box < plan_.box_count; ++box) {
      const TapBox taps = plan_.boxes.At(box);
      const Planes planes = plan_.PlanesOf(taps);
      MakePlaneSteps(planes, taps, steps);
      work.first = box == 0;
      work.last = box + 1 == plan_.box_count;
      RunPlanes(work, planes, steps);
    }
  }

  // One box of taps, with all channels; first and last tell of the box.
  void RunPlanes(Work& work, const Planes& planes, const Steps& steps) const {
    const bool first_box = work.first;
    const bool last_box = work.last;
    work.pitch = planes.pitch();
    const T* const source = source_ + work.group * correlation_.source_group_stride;
    const int64_t channels = correlation_.source_channels;
    for (int64_t channel = 0; channel < channels; channel += steps.max_channels) {
      if (context_.cancelled()) return;
      const int64_t count = std::min(steps.max_channels, channels - channel);
      planes.Copy(source + channel * correlation_.source_channel_stride, work.block, count, work.planes);
      std::fill_n(work.planes + count * planes.channel_size(), kernels_.lanes, T{0});
      work.first = first_box && channel == 0;
      work.last = last_box && channel + count == channels;
      Multiply(work, steps, channel, count, work.planes);
    }
  }

  // Adds the products of `channels` channels, whose elements lie from `right` on, to all sums of the work.
  void Multiply(const Work& work, const Steps& steps, int64_t channel, int64_t channels, const T* right) const {
    const int64_t positions = (work.block.rows - 1) * work.pitch + work.block.columns;
    const int64_t vectors = CeilDivide(positions, int64_t{kernels_.lanes});
    const int64_t tiles = CeilDivide(vectors, int64_t{kernels_.max_vectors});
    const int64_t most_rows = kernels_.max_rows[CeilDivide(vectors, tiles)];
    const int64_t rows = work.row_end - work.row_begin;
    const int64_t row_parts = CeilDivide(rows, most_rows);
    const bool in_dest = StoresInPlace(work);
    std::array<const T*, kMaxTileRows> left;
    std::array<const T*, kMaxTileRows> ahead;
    std::array<T, kMaxTileRows> start;
    for (int64_t part = 0; part < row_parts; ++part) {
      if (context_.cancelled()) return;
      const int64_t begin = work.row_begin + PartBegin(rows, row_parts, part);
      const int64_t count = work.row_begin + PartBegin(rows, row_parts, part + 1) - begin;
      for (int64_t i = 0; i < count; ++i) {
        left[static_cast<size_t>(i)] = FilterOf(work, begin + i, channel);
        // Of the next part's rows; those of the last part's end are fetched twice.
        ahead[static_cast<size_t>(i)] = FilterOf(work, std::min(begin + count + i, work.row_end - 1), channel);
        start[static_cast<size_t>(i)] = StartOf(work.group, begin + i);
      }
      T* const sums = work.sums + (plan_.single_pass ? 0 : begin - work.row_begin) * plan_.sums_stride;
      Tile<T> tile{.left = left.data(),
                   .right = right,
                   .steps = steps.steps.data(),
                   .step_count = channels * steps.taps,
                   .start = work.first ? start.data() : nullptr,
                   .sums = sums,
                   .sums_stride = plan_.sums_stride};
      T* const dest = in_dest ? DestOf(work, begin) : nullptr;
      for (int64_t i = 0; i < tiles; ++i) {
        const int64_t vector = PartBegin(vectors, tiles, i);
        const int64_t end = PartBegin(vectors, tiles, i + 1);
        const int64_t offset = vector * kernels_.lanes;
        tile.right = right + offset;
        const bool whole = in_dest && end * kernels_.lanes <= positions;
        tile.sums = whole ? dest + offset : sums + offset;
        tile.sums_stride = whole ? correlation_.dest_channel_stride : plan_.sums_stride;
        if (i + 1 == tiles && part + 1 < row_parts) tile.ahead = ahead.data();
        kernels_.multiply_add[end - vector][count](tile);
        if (in_dest && !whole) {
          for (int64_t row = 0; row < count; ++row) {
            std::copy(sums + row * plan_.sums_stride + offset, sums + row * plan_.sums_stride + positions,
                      dest + row * correlation_.dest_channel_stride + offset);
          }
        }
      }
      if (work.last && !in_dest) Store(work, begin, count, positions, sums);
    }
  }

  // Whether sums can be written where they belong: all products at once, contiguous, and nothing to be done with them.
  [[nodiscard]] bool StoresInPlace(const Work& work) const {
    return work.first && work.last && epilogue_.activation == nullptr && correlation_.axes[3].dest_step == 1 &&
           plan_.result_rows == correlation_.dest_channels &&
           (work.block.rows == 1 || work.pitch == correlation_.axes[2].dest_step);
  }

  // A row of the filter, from a channel on.
  [[nodiscard]] const T* FilterOf(const Work& work, int64_t row, int64_t channel) const {
    return filter_ + work.group * correlation_.filter_group_stride + OffsetOfRow(correlation_, row).filter +
           channel * correlation_.filter_source_stride;
  }

  [[nodiscard]] T StartOf(int64_t group, int64_t row) const {
    if (epilogue_.bias == nullptr) return T{0};
    return epilogue_.bias[group * correlation_.dest_channels + row % correlation_.dest_channels];
  }

  [[nodiscard]] T* DestOf(const Work& work, int64_t row) const {
    return dest_ + work.group * correlation_.dest_group_stride + OffsetOfRow(correlation_, row).dest +
           OffsetInDest(correlation_, work.block);
  }

  void Store(const Work& work, int64_t begin, int64_t count, int64_t positions, T* sums) const {
    const int64_t row_step = correlation_.axes[2].dest_step;
    const int64_t step = correlation_.axes[3].dest_step;
    for (int64_t i = 0; i < count; ++i) {
      T* const row_sums = sums + i * plan_.sums_stride;
      if (epilogue_.activation != nullptr) ApplyActivation(*epilogue_.activation, row_sums, positions);
      T* const dest = DestOf(work, begin + i);
      for (int64_t row = 0; row < work.block.rows; ++row) {
        const T* const from = row_sums + row * work.pitch;
        T* const to = dest + row * row_step;
        if (step == 1) {
          std::copy_n(from, work.block.columns, to);
        } else {
          for (int64_t column = 0; column < work.block.columns; ++column) to[column * step] = from[column];
        }
      }
    }
  }

  const PositionPlan<T>& plan_;
  const Correlation& correlation_;
  const Kernels<T>& kernels_;
  const T* source_;
  const T* filter_;
  T* dest_;
  const Epilogue<T>& epilogue_;
  const ExecutionContext& context_;
  const SourceInPlace<T> in_place_;
  // With one box.
  std::optional<Planes> planes_;
  Steps plane_steps_;
  // Where reading in place is possible.
  Steps in_place_steps_;
};

}  // namespace

template <typename T>
absl::Status CorrelatePositions(const Correlation& correlation, const T* source, const T* filter, T* dest,
                                const Epilogue<T>& epilogue, const ExecutionContext& context) {
  const Kernels<T>& kernels = KernelsFor<T>(context);
  const PositionPlan<T> plan(correlation, kernels, context.executor->thread_count());
  const PositionCorrelator<T> correlator(plan, kernels, source, filter, dest, epilogue, context);
  return RunTiles<T>(plan.TaskCount(), plan.planes_count + plan.SumsCount(), context,
                     [&](int64_t task, T* memory) { correlator.RunTask(task, memory); });
}

template <typename T>
int64_t MaxCorrelatePositionsScratchBytes() {
  // A block has at most twice kBlockPositions with its rows' ends, rounded up to vectors.
  constexpr int64_t kFewRows = kMaxTileRows * (kMaxPitch * kBlockPositions + kSlack) * static_cast<int64_t>(sizeof(T));
  return kPlanesBytes + std::max(kSumsBytes, kFewRows) +
         (2 * kSlack + static_cast<int64_t>(kTensorAlignment)) * static_cast<int64_t>(sizeof(T));
}

template absl::Status CorrelatePositions(const Correlation&, const float*, const float*, float*, const Epilogue<float>&,
                                         const ExecutionContext&);
template absl::Status CorrelatePositions(const Correlation&, const double*, const double*, double*,
                                         const Epilogue<double>&, const ExecutionContext&);
template int64_t MaxCorrelatePositionsScratchBytes<float>();
template int64_t MaxCorrelatePositionsScratchBytes<double>();

}  // namespace tensord::compute::internal
