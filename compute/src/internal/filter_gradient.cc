#include "compute/src/internal/filter_gradient.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/columns.h"
#include "compute/src/internal/correlate_groups.h"
#include "compute/src/internal/filter_gradient_groups.h"
#include "compute/src/internal/filter_gradient_rows.h"
#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/planes.h"
#include "compute/src/internal/sum_in_chunks.h"
#include "compute/src/internal/tiles.h"
#include "compute/src/internal/transpose.h"
#include "tensord/compute/limits.h"

namespace tensord::compute::internal {
namespace {

// Rows of dw in one tile: what kMaxTileVectors of the longest vectors hold.
constexpr int64_t kTileRows = 64;

// Elements of a patch in one tile.
template <typename T>
constexpr int64_t kTileDepth = kSumsBytes / static_cast<int64_t>(sizeof(T)) / kTileRows;

// How the work is cut: into tiles of dw, and the positions' blocks into chunks. By the sizes alone.
template <typename T>
struct Plan {
  Plan(const Correlation& forward, const Kernels<T>& kernels)
      : blocks(forward, 1),
        rows(forward.dest_channels),
        in_place(ReadsOnlyTheSource(forward)),
        boxes(forward, [&](const TapBox& box, int64_t) { return BoxFits(forward, box); }),
        box_count(boxes.count()) {
    const int64_t most_rows = std::min<int64_t>(kTileRows, kernels.max_vectors * kernels.lanes);
    row_tiles = CeilDivide(rows, most_rows);
    tile_rows = CeilDivide(rows, row_tiles);
    row_tiles = CeilDivide(rows, tile_rows);
    const TapBox box = boxes.At(0);
    int64_t most = std::max<int64_t>(1, kTileDepth<T> / box.Count());
    if (!in_place) {
      const Planes planes(forward, blocks.rows(), blocks.columns(), box, rows, box_count == 1);
      most = std::clamp<int64_t>(kPlanesElements<T> / planes.channel_size(), 1, most);
      planes_count = box_count > 1 ? kPlanesElements<T>
                                   : RoundUp(std::min(most, forward.source_channels) * planes.channel_size(),
                                             static_cast<int64_t>(kTensorAlignment));
    }
    channel_tiles = CeilDivide(forward.source_channels, most);
    tile_channels = CeilDivide(forward.source_channels, channel_tiles);
    channel_tiles = CeilDivide(forward.source_channels, tile_channels);
    tile_count = forward.groups * row_tiles * channel_tiles * box_count;
    chunks = ChunkCount(tile_count, blocks.count(), blocks.rows() * blocks.columns());
  }

  // All taps of some channels, or some taps of one channel.
  [[nodiscard]] bool BoxFits(const Correlation& forward, const TapBox& box) const {
    if (box.Count() > kTileDepth<T>) return false;
    if (in_place) return true;
    // Another box may have a run that is one element longer along both axes.
    const Planes planes(forward, blocks.rows(), blocks.columns(), box, rows, false);
    const Planes shared(forward, blocks.rows(), blocks.columns(), box, rows, true);
    return 4 * std::max(planes.channel_size(), shared.channel_size()) <= kPlanesElements<T>;
  }

  const PositionBlocks blocks;
  int64_t rows;
  bool in_place;  // the source is read as it lies
  const TapBoxes boxes;
  const int64_t box_count;
  int64_t planes_count = 0;  // elements
  int64_t row_tiles;
  int64_t tile_rows;
  int64_t channel_tiles;
  int64_t tile_channels;
  int64_t tile_count;
  int64_t chunks;
};

template <typename T>
class FilterGradientKernel {
 public:
  FilterGradientKernel(const Correlation& forward, const T* x, const T* dz, T* dw, const ExecutionContext& context)
      : forward_(forward),
        kernels_(KernelsFor<T>(context)),
        plan_(forward, kernels_),
        x_(x),
        dz_(dz),
        dw_(dw),
        context_(context),
        width_(RoundUp(plan_.tile_rows, kernels_.lanes)) {}

  absl::Status Run() {
    const ChunkSizes sizes = {.tiles = plan_.tile_count,
                              .chunks = plan_.chunks,
                              .scratch = plan_.planes_count + RowsCount(),
                              .sums = SumsCount()};
    return SumInChunks<T>(
        sizes, context_,
        [&](int64_t index, int64_t chunk, T* memory, T* sums) { return SumChunk(TileAt(index), chunk, memory, sums); },
        [&](int64_t index, const T* sums) { Store(TileAt(index), sums); });
  }

 private:
  // Rows of dw, and elements of the patches: the taps of a box for some channels, channel by channel.
  struct Tile {
    int64_t group;
    int64_t row;
    int64_t rows;
    int64_t channel;
    int64_t channels;
    TapBox box;

    [[nodiscard]] int64_t depth() const { return channels * box.Count(); }
  };

  // Of a block's rows of dz, whole vectors.
  [[nodiscard]] int64_t RowsCount() const {
    return RoundUp(plan_.blocks.rows() * plan_.blocks.columns() * width_, static_cast<int64_t>(kTensorAlignment));
  }
  [[nodiscard]] int64_t SumsCount() const { return plan_.tile_channels * plan_.boxes.At(0).Count() * width_; }

  [[nodiscard]] Tile TileAt(int64_t index) const {
    const int64_t box = index % plan_.box_count;
    index /= plan_.box_count;
    const int64_t channel = index % plan_.channel_tiles * plan_.tile_channels;
    index /= plan_.channel_tiles;
    const int64_t row = index % plan_.row_tiles * plan_.tile_rows;
    return {.group = index / plan_.row_tiles,
            .row = row,
            .rows = std::min(plan_.tile_rows, plan_.rows - row),
            .channel = channel,
            .channels = std::min(plan_.tile_channels, forward_.source_channels - channel),
            .box = plan_.boxes.At(box)};
  }

  // Where the patches' elements of a block lie: each has an offset, and each position another.
  struct Patches {
    const T* first;
    int64_t channel_stride;
    std::array<int64_t, kTileDepth<T>> tap_offsets;
    int64_t row_stride;
    int64_t column_stride;
  };

  // False where the work was cancelled.
  bool SumChunk(const Tile& tile, int64_t chunk, T* memory, T* sums) const {
    T* const planes_memory = memory;
    T* const rows_memory = memory + plan_.planes_count;
    const Planes planes(forward_, plan_.blocks.rows(), plan_.blocks.columns(), tile.box, plan_.rows,
                        plan_.box_count == 1);
    Patches patches;
    SetTaps(tile, planes, patches);
    const int64_t count = plan_.blocks.count();
    const int64_t begin = PartBegin(count, plan_.chunks, chunk);
    const int64_t end = PartBegin(count, plan_.chunks, chunk + 1);
    for (int64_t index = begin; index < end; ++index) {
      if (context_.cancelled()) return false;
      const PositionBlock block = plan_.blocks.At(index);
      const T* const source =
          x_ + tile.group * forward_.source_group_stride + tile.channel * forward_.source_channel_stride;
      patches.first = planes_memory;
      if (plan_.in_place) {
        patches.first = source + OffsetInSource(forward_, block);
      } else {
        planes.Copy(source, block, tile.channels, planes_memory);
      }
      CopyRows(tile, block, rows_memory);
      if (!AddBlock(tile, block, patches, rows_memory, index == begin, sums)) return false;
    }
    return true;
  }

  void SetTaps(const Tile& tile, const Planes& planes, Patches& patches) const {
    size_t tap = 0;
    for (int64_t d = 0; d < tile.box.count[1]; ++d) {
      for (int64_t h = 0; h < tile.box.count[2]; ++h) {
        for (int64_t w = 0; w < tile.box.count[3]; ++w) {
          patches.tap_offsets[tap++] = plan_.in_place ? TapOffsetInSource(forward_, tile.box.begin[1] + d,
                                                                          tile.box.begin[2] + h, tile.box.begin[3] + w)
                                                      : planes.OffsetOf(d, h, w);
        }
      }
    }
    const auto& axes = forward_.axes;
    patches.channel_stride = plan_.in_place ? forward_.source_channel_stride : planes.channel_size();
    patches.row_stride = plan_.in_place ? axes[2].source_step * axes[2].source_stride : planes.pitch();
    patches.column_stride = plan_.in_place ? axes[3].source_step * axes[3].source_stride : 1;
  }

  // The tile's rows of dz for a block: [position][row], width_ rows with zeros at the end.
  void CopyRows(const Tile& tile, const PositionBlock& block, T* rows) const {
    const auto& axes = forward_.axes;
    const T* const first = dz_ + DestOffset(forward_) + tile.group * forward_.dest_group_stride +
                           tile.row * forward_.dest_channel_stride + OffsetInDest(forward_, block);
    const RowRuns runs(block.rows, block.columns, axes[3].dest_step, axes[2].dest_step);
    for (int64_t run = 0; run < runs.count; ++run) {
      CopyRun(tile.rows, first + run * runs.step, runs.positions, axes[3].dest_step,
              rows + run * runs.positions * width_);
    }
  }

  // Some positions of dz, `step` elements apart.
  void CopyRun(int64_t row_count, const T* from, int64_t positions, int64_t step, T* to) const {
    const int64_t row_step = forward_.dest_channel_stride;
    if (row_step != 1 && step == 1) {
      return TransposeWithZeros(kernels_, from, row_step, row_count, positions, to, width_);
    }
    for (int64_t x = 0; row_count < width_ && x < positions; ++x) {
      std::fill(to + x * width_ + row_count, to + (x + 1) * width_, T{0});
    }
    if (row_step == 1) {
      for (int64_t x = 0; x < positions; ++x) std::copy_n(from + x * step, row_count, to + x * width_);
    } else {
      for (int64_t row = 0; row < row_count; ++row) {
        for (int64_t x = 0; x < positions; ++x) to[x * width_ + row] = from[row * row_step + x * step];
      }
    }
  }

  bool AddBlock(const Tile& tile, const PositionBlock& block, const Patches& patches, const T* rows, bool first,
                T* sums) const {
    std::array<Step, kBlockPositions> steps;
    int64_t step_count = 0;
    for (int64_t y = 0; y < block.rows; ++y) {
      for (int64_t x = 0; x < block.columns; ++x, ++step_count) {
        steps[static_cast<size_t>(step_count)] = {.left = y * patches.row_stride + x * patches.column_stride,
                                                  .right = step_count * width_};
      }
    }
    const int64_t vectors = width_ / kernels_.lanes;
    const int64_t depth = tile.depth();
    const int64_t taps = tile.box.Count();
    const int64_t parts = CeilDivide(depth, int64_t{kernels_.max_rows[vectors]});
    constexpr std::array<T, kMaxTileRows> kZeros = {};
    std::array<const T*, kMaxTileRows> left;
    for (int64_t part = 0; part < parts; ++part) {
      if (context_.cancelled()) return false;
      const int64_t begin = PartBegin(depth, parts, part);
      const int64_t count = PartBegin(depth, parts, part + 1) - begin;
      for (int64_t i = 0; i < count; ++i) {
        left[static_cast<size_t>(i)] = patches.first + (begin + i) / taps * patches.channel_stride +
                                       patches.tap_offsets[static_cast<size_t>((begin + i) % taps)];
      }
      kernels_.multiply_add[vectors][count]({.left = left.data(),
                                             .right = rows,
                                             .steps = steps.data(),
                                             .step_count = step_count,
                                             .start = first ? kZeros.data() : nullptr,
                                             .sums = sums + begin * width_,
                                             .sums_stride = width_});
    }
    return true;
  }

  void Store(const Tile& tile, const T* sums) const {
    T* const group = dw_ + tile.group * forward_.filter_group_stride + tile.row * forward_.filter_dest_stride +
                     tile.channel * forward_.filter_source_stride;
    std::array<int64_t, kTileDepth<T>> taps;
    const int64_t tap_count = tile.box.Count();
    if (SetFilterOffsets(tile.box, taps) && forward_.filter_source_stride == tap_count) {
      // A row's elements lie as the sums do.
      Transpose(kernels_, sums, width_, tile.depth(), tile.rows, group + taps[0], forward_.filter_dest_stride);
      return;
    }
    for (int64_t channel = 0; channel < tile.channels; ++channel) {
      for (int64_t tap = 0; tap < tap_count; ++tap, sums += width_) {
        T* const to = group + channel * forward_.filter_source_stride + taps[static_cast<size_t>(tap)];
        for (int64_t row = 0; row < tile.rows; ++row) to[row * forward_.filter_dest_stride] = sums[row];
      }
    }
  }

  // Where each tap of a box lies in the filter; returns whether they follow each other.
  bool SetFilterOffsets(const TapBox& box, std::array<int64_t, kTileDepth<T>>& offsets) const {
    size_t count = 0;
    bool contiguous = true;
    for (int64_t d = 0; d < box.count[1]; ++d) {
      for (int64_t h = 0; h < box.count[2]; ++h) {
        for (int64_t w = 0; w < box.count[3]; ++w, ++count) {
          offsets[count] = TapOffsetInFilter(forward_, box.begin[1] + d, box.begin[2] + h, box.begin[3] + w);
          contiguous = contiguous && offsets[count] == offsets[0] + static_cast<int64_t>(count);
        }
      }
    }
    return contiguous;
  }

  const Correlation& forward_;
  const Kernels<T>& kernels_;
  const Plan<T> plan_;
  const T* x_;
  const T* dz_;
  T* dw_;
  const ExecutionContext& context_;
  const int64_t width_;
};

}  // namespace

template <typename T>
absl::Status FilterGradient(const Correlation& forward, const T* x, const T* dz, T* dw, const ExecutionContext& given) {
  const Correlation merged = WithMergedAxes(forward);
  if (merged.groups == 0 || merged.Depth() == 0 || merged.dest_channels == 0) return given.CheckCancelled();
  const ExecutionContext context = ContextForWork(given, Multiplications(merged));
  if (merged.PositionCount() == 0) {
    const int64_t group_size = merged.Depth() * merged.dest_channels;
    std::fill_n(dw, merged.groups * group_size, T{0});
    return context.CheckCancelled();
  }
  if (HasFilterGradientOfRows<T>(merged, context)) return FilterGradientOfRows(merged, x, dz, dw, context);
  if (HasVectorsOfGroups<T>(merged, OwnColumns(merged), context)) {
    return FilterGradientOfGroups(merged, x, dz, dw, context);
  }
  return FilterGradientKernel<T>(merged, x, dz, dw, context).Run();
}

template <typename T>
int64_t MaxFilterGradientScratchBytes(int64_t position_count, int thread_count) {
  constexpr int64_t kItem = sizeof(T);
  constexpr int64_t kRows = kBlockPositions * kTileRows;
  constexpr int64_t kOwn = kPlanesBytes + kSumsBytes + (kRows + static_cast<int64_t>(kTensorAlignment)) * kItem;
  static_assert(kOwn <= kMaxThreadScratchBytes);
  const int64_t per_thread =
      std::max({kOwn, MaxFilterGradientOfGroupsScratchBytes<T>(), MaxFilterGradientOfRowsScratchBytes<T>()});
  // Chunks make no more pieces than wanted.
  constexpr int64_t kPartials = kWantedPieces * kSumsBytes;
  return SaturatingAdd(position_count > kMinChunkPositions ? kPartials : 0,
                       SaturatingMultiply(thread_count, per_thread));
}

template absl::Status FilterGradient(const Correlation&, const float*, const float*, float*, const ExecutionContext&);
template absl::Status FilterGradient(const Correlation&, const double*, const double*, double*,
                                     const ExecutionContext&);
template int64_t MaxFilterGradientScratchBytes<float>(int64_t, int);
template int64_t MaxFilterGradientScratchBytes<double>(int64_t, int);

}  // namespace tensord::compute::internal
