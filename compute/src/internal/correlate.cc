#include "compute/src/internal/correlate.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/gemm.h"
#include "compute/src/internal/packed_filter.h"
#include "compute/src/internal/patches.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

// The sums of one tile take at most a mebibyte: kMaxTileRows<T> x kPositionBlock.
template <typename T>
constexpr int64_t kMaxTileRows = (int64_t{1} << 20) / kPositionBlock / static_cast<int64_t>(sizeof(T));
// Tiles get fewer rows where there would be fewer tiles than this, so that several threads find work.
constexpr int64_t kWantedTiles = 32;
// Rows that are stored together where the destination's channels are contiguous: a cache line of each position.
constexpr int64_t kStoreRows = 16;

// How the work is cut. Depends on the correlation's sizes only.
template <typename T>
struct Tiling {
  explicit Tiling(const Correlation& correlation)
      : positions(correlation.PositionCount()),
        rows(correlation.RowCount()),
        depth(correlation.Depth()),
        position_blocks(CeilDivide(positions, kPositionBlock)),
        tile_rows(std::min(RoundUp(rows, kRowBlock), kMaxTileRows<T>)) {
    const auto tiles = [&] { return correlation.groups * position_blocks * CeilDivide(rows, tile_rows); };
    while (tile_rows > kRowBlock && tiles() < kWantedTiles) tile_rows = RoundUp(tile_rows / 2, kRowBlock);
    row_tiles = CeilDivide(rows, tile_rows);
    tile_count = tiles();
  }

  int64_t positions;
  int64_t rows;
  int64_t depth;
  int64_t position_blocks;
  int64_t tile_rows;
  int64_t row_tiles;
  int64_t tile_count;
};

// One thread's scratch: a panel of patches, the same packed, filter blocks, and the sums of a tile.
template <typename T>
struct Scratch {
  static constexpr int64_t kPanel = kDepthBlock * kPanelStride;
  static constexpr int64_t kPacked = kDepthBlock * kPositionBlock;
  static constexpr int64_t kFilter = PackedFilter<T>::kScratchCount;
  static constexpr int64_t Count(int64_t tile_rows) { return kPanel + kPacked + kFilter + tile_rows * kPanelStride; }

  explicit Scratch(T* memory)
      : panel(memory), packed(panel + kPanel), filter(packed + kPacked), sums(filter + kFilter) {}

  T* panel;
  T* packed;
  T* filter;
  T* sums;  // row-major, kPanelStride apart
};

template <typename T>
class Correlator {
 public:
  Correlator(const Correlation& correlation, const Tiling<T>& tiling, const PackedFilter<T>& filter, const T* source,
             T* dest, const Epilogue<T>& epilogue, const ExecutionContext& context)
      : correlation_(correlation),
        tiling_(tiling),
        filter_(filter),
        source_(source),
        dest_(dest),
        epilogue_(epilogue),
        context_(context),
        order_(PanelOrderOf(correlation)) {}

  void RunTile(int64_t tile, T* memory) const {
    const Scratch<T> scratch(memory);
    const int64_t row_begin = tile % tiling_.row_tiles * tiling_.tile_rows;
    const int64_t row_end = std::min(row_begin + tiling_.tile_rows, tiling_.rows);
    const int64_t position = tile / tiling_.row_tiles % tiling_.position_blocks * kPositionBlock;
    const int64_t group = tile / tiling_.row_tiles / tiling_.position_blocks;
    const PositionRange range(correlation_, position, std::min(kPositionBlock, tiling_.positions - position));
    StartSums(group, row_begin, row_end, range.count(), scratch.sums);
    for (int64_t depth = 0; depth < tiling_.depth; depth += kDepthBlock) {
      if (!AddDepthBlock(group, row_begin, row_end, depth, range, scratch)) return;
    }
    Store(group, row_begin, row_end, range, scratch.sums);
  }

 private:
  void StartSums(int64_t group, int64_t row_begin, int64_t row_end, int64_t positions, T* sums) const {
    for (int64_t row = row_begin; row < row_end; ++row) {
      const int64_t channel = group * correlation_.dest_channels + row % correlation_.dest_channels;
      const T start = epilogue_.bias == nullptr ? T{0} : epilogue_.bias[channel];
      std::fill_n(sums + (row - row_begin) * kPanelStride, positions, start);
    }
  }

  // False where the work was cancelled.
  bool AddDepthBlock(int64_t group, int64_t row_begin, int64_t row_end, int64_t depth, const PositionRange& range,
                     const Scratch<T>& scratch) const {
    const int64_t depths = std::min(kDepthBlock, tiling_.depth - depth);
    if (context_.cancelled()) return false;
    GatherPatches(correlation_, source_ + group * correlation_.source_group_stride, range, depth, depth + depths,
                  order_, scratch.panel);
    // The left operand is positions x depth.
    const MatrixOrder panel_order =
        order_ == PanelOrder::kByPosition ? MatrixOrder::kRowMajor : MatrixOrder::kColumnMajor;
    Gemm<T>::PackLeft(scratch.packed, scratch.panel, kPanelStride, panel_order, range.count(), depths);
    for (int64_t row = row_begin; row < row_end; row += kRowBlock) {
      if (context_.cancelled()) return false;
      Gemm<T>::MultiplyAdd(scratch.sums + (row - row_begin) * kPanelStride, kPanelStride, scratch.packed,
                           filter_.Block(group, row, depth, scratch.filter), range.count(), depths,
                           std::min(kRowBlock, row_end - row));
    }
    return true;
  }

  void Store(int64_t group, int64_t row_begin, int64_t row_end, const PositionRange& range, T* sums) const {
    T* const dest = dest_ + DestOffset(correlation_) + group * correlation_.dest_group_stride;
    for (int64_t row = row_begin; row < row_end; row += kStoreRows) {
      if (context_.cancelled()) return;
      const int64_t rows = std::min(kStoreRows, row_end - row);
      T* const block = sums + (row - row_begin) * kPanelStride;
      if (epilogue_.activation != nullptr) {
        for (int64_t i = 0; i < rows; ++i) {
          ApplyActivation(*epilogue_.activation, block + i * kPanelStride, range.count());
        }
      }
      std::array<int64_t, kStoreRows> row_offsets;
      for (int64_t i = 0; i < rows; ++i) row_offsets[static_cast<size_t>(i)] = OffsetOfRow(correlation_, row + i).dest;
      StoreBlock(block, rows, row_offsets, range, dest);
    }
  }

  void StoreBlock(const T* block, int64_t rows, const std::array<int64_t, kStoreRows>& row_offsets,
                  const PositionRange& range, T* dest) const {
    const int64_t step = correlation_.axes.back().dest_step;
    for (const PositionRange::Line& line : range) {
      T* to = dest;
      for (size_t i = 0; i < kCorrelationAxisCount; ++i) to += line.first[i] * correlation_.axes[i].dest_step;
      const T* from = block + line.offset;
      if (correlation_.dest_channel_stride == 1) {
        for (int64_t p = 0; p < line.length; ++p, ++from, to += step) {
          for (int64_t i = 0; i < rows; ++i) to[row_offsets[static_cast<size_t>(i)]] = from[i * kPanelStride];
        }
      } else {
        for (int64_t i = 0; i < rows; ++i, from += kPanelStride) {
          T* const row_to = to + row_offsets[static_cast<size_t>(i)];
          for (int64_t p = 0; p < line.length; ++p) row_to[p * step] = from[p];
        }
      }
    }
  }

  const Correlation& correlation_;
  const Tiling<T>& tiling_;
  const PackedFilter<T>& filter_;
  const T* source_;
  T* dest_;
  const Epilogue<T>& epilogue_;
  const ExecutionContext& context_;
  const PanelOrder order_;
};

}  // namespace

template <typename T>
absl::Status Correlate(const Correlation& correlation, const T* source, const T* filter, T* dest,
                       const Epilogue<T>& epilogue, const ExecutionContext& context) {
  const Tiling<T> tiling(correlation);
  if (tiling.tile_count == 0) return context.CheckCancelled();
  // With one block of positions every filter block is used only once.
  TENSORD_ASSIGN_OR_RETURN(const PackedFilter<T> packed,
                           PackedFilter<T>::Make(correlation, filter, tiling.position_blocks > 1, context));
  const Correlator<T> correlator(correlation, tiling, packed, source, dest, epilogue, context);
  return RunTiles<T>(tiling.tile_count, Scratch<T>::Count(tiling.tile_rows), context,
                     [&](int64_t tile, T* memory) { correlator.RunTile(tile, memory); });
}

template <typename T>
int64_t MaxCorrelateScratchBytes(int64_t filter_bytes, int thread_count) {
  constexpr int64_t kPerThread = RoundUp(Scratch<T>::Count(kMaxTileRows<T>), static_cast<int64_t>(kTensorAlignment)) *
                                 static_cast<int64_t>(sizeof(T));
  static_assert(kPerThread <= int64_t{4} << 20);
  return SaturatingAdd(PackedFilter<T>::MaxCopyBytes(filter_bytes), SaturatingMultiply(thread_count, kPerThread));
}

template absl::Status Correlate(const Correlation&, const float*, const float*, float*, const Epilogue<float>&,
                                const ExecutionContext&);
template absl::Status Correlate(const Correlation&, const double*, const double*, double*, const Epilogue<double>&,
                                const ExecutionContext&);
template int64_t MaxCorrelateScratchBytes<float>(int64_t, int);
template int64_t MaxCorrelateScratchBytes<double>(int64_t, int);

}  // namespace tensord::compute::internal
