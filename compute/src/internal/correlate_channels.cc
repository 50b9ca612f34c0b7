#include "compute/src/internal/correlate_channels.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/patches.h"
#include "compute/src/internal/planes.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

// Rows of results, destination channels, of one tile.
constexpr int64_t kTileChannels = 256;
// The most elements of kMaxTileVectors vectors.
constexpr int64_t kMaxBlockRows = 64;
// Tiles for each thread, where there are several.
constexpr int64_t kTilesPerThread = 4;

// How the work is cut; no sum is.
template <typename T>
struct Tiling {
  Tiling(const Correlation& correlation, const Kernels<T>& kernels, int thread_count)
      : positions(correlation.PositionCount()),
        rows(correlation.RowCount()),
        depth(correlation.Depth()),
        position_blocks(CeilDivide(positions, kPositionBlock)),
        block_positions(CeilDivide(positions, position_blocks)),
        tile_rows(CeilDivide(rows, CeilDivide(rows, kTileChannels))) {
    position_blocks = CeilDivide(positions, block_positions);
    tile_rows = std::min(rows, RoundUp(tile_rows, kernels.lanes));
    const int64_t wanted = thread_count == 1 ? 1 : thread_count * kTilesPerThread;
    const auto tiles = [&] { return correlation.groups * position_blocks * CeilDivide(rows, tile_rows); };
    while (tile_rows > kMaxBlockRows && tiles() < wanted) tile_rows = RoundUp(tile_rows / 2, kernels.lanes);
    row_tiles = CeilDivide(rows, tile_rows);
    tile_count = tiles();
  }

  int64_t positions;
  int64_t rows;
  int64_t depth;
  int64_t position_blocks;
  int64_t block_positions;
  int64_t tile_rows;
  int64_t row_tiles;
  int64_t tile_count;
};

// One thread's scratch: a panel of patches, a block of the filter, and the sums of a tile.
template <typename T>
struct Scratch {
  static constexpr int64_t kFilter = kDepthBlock * kMaxBlockRows;
  static constexpr int64_t kSumsStride = kTileChannels + kMaxBlockRows;
  static constexpr int64_t Count(int64_t block_positions) {
    return block_positions * kPanelStride + kFilter + block_positions * kSumsStride;
  }

  Scratch(T* memory, int64_t block_positions)
      : panel(memory), filter(panel + block_positions * kPanelStride), sums(filter + kFilter) {}

  T* panel;
  T* filter;
  T* sums;  // [position][channel], kSumsStride apart
};

template <typename T>
class ChannelCorrelator {
 public:
  ChannelCorrelator(const Correlation& correlation, const Tiling<T>& tiling, const Kernels<T>& kernels, const T* source,
                    const T* filter, T* dest, const Epilogue<T>& epilogue, const ExecutionContext& context)
      : correlation_(correlation),
        tiling_(tiling),
        kernels_(kernels),
        source_(source),
        filter_(filter),
        dest_(dest + DestOffset(correlation)),
        epilogue_(epilogue),
        context_(context),
        in_place_(ReadsOnlyTheSource(correlation)) {}

  void RunTile(int64_t tile, T* memory) const {
    const Scratch<T> scratch(memory, tiling_.block_positions);
    const int64_t row_begin = tile % tiling_.row_tiles * tiling_.tile_rows;
    const int64_t row_end = std::min(row_begin + tiling_.tile_rows, tiling_.rows);
    const int64_t position = tile / tiling_.row_tiles % tiling_.position_blocks * tiling_.block_positions;
    const int64_t group = tile / tiling_.row_tiles / tiling_.position_blocks;
    const PositionRange range(correlation_, position, std::min(tiling_.block_positions, tiling_.positions - position));
    std::array<const T*, kPositionBlock> left;
    SetLeft(group, range, scratch, left);
    StartSums(group, row_begin, row_end, range.count(), scratch.sums);
    for (int64_t depth = 0; depth < tiling_.depth; depth += kDepthBlock) {
      if (!AddDepthBlock(group, row_begin, row_end, depth, range, left, scratch)) return;
    }
    Store(group, row_begin, row_end, range, scratch.sums);
  }

 private:
  // Where each position's patch begins: in the panel, or in the source.
  void SetLeft(int64_t group, const PositionRange& range, const Scratch<T>& scratch,
               std::array<const T*, kPositionBlock>& left) const {
    if (!in_place_) {
      for (int64_t p = 0; p < range.count(); ++p) left[static_cast<size_t>(p)] = scratch.panel + p * kPanelStride;
      return;
    }
    const CorrelationAxis& inner = correlation_.axes.back();
    for (const PositionRange::Line& line : range) {
      const T* from = source_ + group * correlation_.source_group_stride;
      for (size_t i = 0; i < kCorrelationAxisCount; ++i) {
        const CorrelationAxis& axis = correlation_.axes[i];
        from += (line.first[i] * axis.source_step + axis.first_base) * axis.source_stride;
      }
      for (int64_t i = 0; i < line.length; ++i) {
        left[static_cast<size_t>(line.offset + i)] = from + i * inner.source_step * inner.source_stride;
      }
    }
  }

  void StartSums(int64_t group, int64_t row_begin, int64_t row_end, int64_t positions, T* sums) const {
    const int64_t rows = RoundUp(row_end - row_begin, kernels_.lanes);
    std::fill_n(sums, rows, T{0});
    if (epilogue_.bias != nullptr) {
      for (int64_t row = row_begin; row < row_end; ++row) {
        sums[row - row_begin] = epilogue_.bias[group * correlation_.dest_channels + row % correlation_.dest_channels];
      }
    }
    for (int64_t p = 1; p < positions; ++p) std::copy_n(sums, rows, sums + p * Scratch<T>::kSumsStride);
  }

  // How far a tap's first channel lies from a patch's first element, in the source.
  [[nodiscard]] int64_t TapOffset(int64_t tap) const {
    int64_t offset = 0;
    for (size_t i = kCorrelationAxisCount; i-- > 0;) {
      const CorrelationAxis& axis = correlation_.axes[i];
      offset += tap % axis.tap_count * axis.base_delta * axis.source_stride;
      tap /= axis.tap_count;
    }
    return offset;
  }

  // False where the work was cancelled.
  bool AddDepthBlock(int64_t group, int64_t row_begin, int64_t row_end, int64_t depth, const PositionRange& range,
                     const std::array<const T*, kPositionBlock>& left, const Scratch<T>& scratch) const {
    const int64_t depths = std::min(kDepthBlock, tiling_.depth - depth);
    if (context_.cancelled()) return false;
    std::array<Step, kDepthBlock> steps;
    std::array<int64_t, kDepthBlock> filter_offsets;
    for (int64_t k = 0; k < depths;) {
      const int64_t channel = (depth + k) % correlation_.source_channels;
      const int64_t tap = (depth + k) / correlation_.source_channels;
      const int64_t count = std::min(correlation_.source_channels - channel, depths - k);
      const int64_t left_first = in_place_ ? TapOffset(tap) + channel : k;
      const int64_t filter_first = FilterOffsetOfDepth(correlation_, depth + k);
      for (int64_t i = 0; i < count; ++i, ++k) {
        steps[static_cast<size_t>(k)].left = left_first + i;
        filter_offsets[static_cast<size_t>(k)] = filter_first + i * correlation_.filter_source_stride;
      }
    }
    if (!in_place_) {
      GatherPatches(correlation_, source_ + group * correlation_.source_group_stride, range, depth, depth + depths,
                    PanelOrder::kByPosition, scratch.panel);
    }
    const int64_t vectors = CeilDivide(row_end - row_begin, int64_t{kernels_.lanes});
    const int64_t blocks = CeilDivide(vectors, int64_t{kernels_.max_vectors});
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t vector = PartBegin(vectors, blocks, block);
      const int64_t count = PartBegin(vectors, blocks, block + 1) - vector;
      const int64_t row = row_begin + vector * kernels_.lanes;
      const int64_t width = count * kernels_.lanes;
      const T* const right =
          PrepareFilter(group, row, std::min(width, row_end - row), width, depths, filter_offsets, steps, scratch);
      if (!AddProducts(range.count(), count, left, right, steps, depths, scratch.sums + (row - row_begin))) {
        return false;
      }
    }
    return true;
  }

  // The filter's elements for `rows` rows, as `width` of a whole number of vectors: read as they lie, or copied.
  const T* PrepareFilter(int64_t group, int64_t row, int64_t rows, int64_t width, int64_t depths,
                         const std::array<int64_t, kDepthBlock>& filter_offsets, std::array<Step, kDepthBlock>& steps,
                         const Scratch<T>& scratch) const {
    const T* const from = filter_ + group * correlation_.filter_group_stride;
    const bool contiguous = correlation_.filter_dest_stride == 1 && tiling_.rows == correlation_.dest_channels;
    if (contiguous && rows == width) {
      for (size_t k = 0; k < static_cast<size_t>(depths); ++k) steps[k].right = filter_offsets[k];
      return from + row;
    }
    std::array<int64_t, kMaxBlockRows> row_offsets;
    for (int64_t i = 0; i < rows; ++i) row_offsets[static_cast<size_t>(i)] = OffsetOfRow(correlation_, row + i).filter;
    for (size_t k = 0; k < static_cast<size_t>(depths); ++k) {
      steps[k].right = static_cast<int64_t>(k) * width;
      T* const to = scratch.filter + steps[k].right;
      for (int64_t i = 0; i < rows; ++i) to[i] = from[filter_offsets[k] + row_offsets[static_cast<size_t>(i)]];
      std::fill(to + rows, to + width, T{0});
    }
    return scratch.filter;
  }

  bool AddProducts(int64_t positions, int64_t vectors, const std::array<const T*, kPositionBlock>& left, const T* right,
                   const std::array<Step, kDepthBlock>& steps, int64_t depths, T* sums) const {
    const int64_t parts = CeilDivide(positions, int64_t{kernels_.max_rows[vectors]});
    for (int64_t part = 0; part < parts; ++part) {
      if (context_.cancelled()) return false;
      const int64_t begin = PartBegin(positions, parts, part);
      const int64_t count = PartBegin(positions, parts, part + 1) - begin;
      kernels_.multiply_add[vectors][count]({.left = left.data() + begin,
                                             .right = right,
                                             .steps = steps.data(),
                                             .step_count = depths,
                                             .start = nullptr,
                                             .sums = sums + begin * Scratch<T>::kSumsStride,
                                             .sums_stride = Scratch<T>::kSumsStride});
    }
    return true;
  }

  void Store(int64_t group, int64_t row_begin, int64_t row_end, const PositionRange& range, T* sums) const {
    const int64_t rows = row_end - row_begin;
    const int64_t step = correlation_.axes.back().dest_step;
    const bool contiguous = correlation_.dest_channel_stride == 1 && tiling_.rows == correlation_.dest_channels;
    std::array<int64_t, kTileChannels> row_offsets;
    for (int64_t i = 0; i < rows; ++i) {
      row_offsets[static_cast<size_t>(i)] = OffsetOfRow(correlation_, row_begin + i).dest;
    }
    for (const PositionRange::Line& line : range) {
      if (context_.cancelled()) return;
      T* to = dest_ + group * correlation_.dest_group_stride;
      for (size_t i = 0; i < kCorrelationAxisCount; ++i) to += line.first[i] * correlation_.axes[i].dest_step;
      T* from = sums + line.offset * Scratch<T>::kSumsStride;
      for (int64_t p = 0; p < line.length; ++p, from += Scratch<T>::kSumsStride, to += step) {
        if (epilogue_.activation != nullptr) ApplyActivation(*epilogue_.activation, from, rows);
        if (contiguous) {
          std::copy_n(from, rows, to + row_offsets[0]);
        } else {
          for (int64_t i = 0; i < rows; ++i) to[row_offsets[static_cast<size_t>(i)]] = from[i];
        }
      }
    }
  }

  const Correlation& correlation_;
  const Tiling<T>& tiling_;
  const Kernels<T>& kernels_;
  const T* source_;
  const T* filter_;
  T* dest_;
  const Epilogue<T>& epilogue_;
  const ExecutionContext& context_;
  const bool in_place_;
};

}  // namespace

template <typename T>
absl::Status CorrelateChannels(const Correlation& correlation, const T* source, const T* filter, T* dest,
                               const Epilogue<T>& epilogue, const ExecutionContext& context) {
  const Kernels<T>& kernels = KernelsFor<T>(context);
  const Tiling<T> tiling(correlation, kernels, context.executor->thread_count());
  const ChannelCorrelator<T> correlator(correlation, tiling, kernels, source, filter, dest, epilogue, context);
  return RunTiles<T>(tiling.tile_count, Scratch<T>::Count(tiling.block_positions), context,
                     [&](int64_t tile, T* memory) { correlator.RunTile(tile, memory); });
}

template <typename T>
int64_t MaxCorrelateChannelsScratchBytes() {
  return (Scratch<T>::Count(kPositionBlock) + static_cast<int64_t>(kTensorAlignment)) * static_cast<int64_t>(sizeof(T));
}

template absl::Status CorrelateChannels(const Correlation&, const float*, const float*, float*, const Epilogue<float>&,
                                        const ExecutionContext&);
template absl::Status CorrelateChannels(const Correlation&, const double*, const double*, double*,
                                        const Epilogue<double>&, const ExecutionContext&);
template int64_t MaxCorrelateChannelsScratchBytes<float>();
template int64_t MaxCorrelateChannelsScratchBytes<double>();

}  // namespace tensord::compute::internal
