#include "compute/src/internal/parameter_gradients.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/gemm.h"
#include "compute/src/internal/patches.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

// Rows of dw in one tile.
constexpr int64_t kTileRows = 256;
static_assert(kTileRows <= kDepthBlock, "the rows of dz are gathered as one panel");
// Tiles times chunks are at most this, unless there are more tiles.
constexpr int64_t kWantedPieces = 32;

// How the positions are cut: into blocks, and these into chunks of consecutive ones.
struct Chunks {
  Chunks(int64_t position_count, int64_t tile_count)
      : positions(position_count),
        blocks(CeilDivide(position_count, kPositionBlock)),
        count(std::max<int64_t>(1, std::min(kWantedPieces / std::max<int64_t>(1, tile_count), blocks))) {}

  [[nodiscard]] int64_t BlockBegin(int64_t chunk) const { return PartBegin(blocks, count, chunk); }
  [[nodiscard]] PositionRange Block(const Correlation& correlation, int64_t block) const {
    const int64_t begin = block * kPositionBlock;
    return PositionRange(correlation, begin, std::min(kPositionBlock, positions - begin));
  }

  int64_t positions;
  int64_t blocks;
  int64_t count;
};

// Adds `parts` vectors that lie part_stride apart into the first, pairwise.
template <typename T>
void AddPairwise(T* values, int64_t size, int64_t parts, int64_t part_stride) {
  while (parts > 1) {
    const int64_t half = parts - parts / 2;
    for (int64_t part = 0; part + half < parts; ++part) {
      T* const to = values + part * part_stride;
      const T* const from = to + half * part_stride;
      for (int64_t i = 0; i < size; ++i) to[i] += from[i];
    }
    parts = half;
  }
}

// One thread's scratch: panels of patches and of dz, each also packed, and the sums of one tile.
template <typename T>
struct Scratch {
  static constexpr int64_t kPanel = kDepthBlock * kPanelStride;
  static constexpr int64_t kPacked = kDepthBlock * kPositionBlock;
  static constexpr int64_t kPackedRows = kRowBlock * kPositionBlock;
  static constexpr int64_t kSums = kTileRows * kPanelStride;
  static constexpr int64_t kCount = 2 * kPanel + kPacked + kPackedRows + kSums;

  explicit Scratch(T* memory)
      : patches(memory),
        rows(patches + kPanel),
        packed(rows + kPanel),
        packed_rows(packed + kPacked),
        sums(packed_rows + kPackedRows) {}

  T* patches;
  T* rows;
  T* packed;
  T* packed_rows;
  T* sums;  // row-major, kPanelStride apart
};

template <typename T>
class FilterGradientKernel {
 public:
  FilterGradientKernel(const Correlation& forward, const T* x, const T* dz, T* dw, const ExecutionContext& context)
      : forward_(forward),
        output_(OutputChannels(forward, true)),
        x_(x),
        dz_(dz),
        dw_(dw),
        context_(context),
        patch_order_(PanelOrderOf(forward)),
        row_order_(PanelOrderOf(output_)),
        rows_(forward.dest_channels),
        depth_(forward.Depth()),
        row_tiles_(CeilDivide(rows_, kTileRows)),
        depth_tiles_(CeilDivide(depth_, kDepthBlock)),
        tile_count_(forward.groups * row_tiles_ * depth_tiles_),
        chunks_(forward.PositionCount(), tile_count_) {}

  absl::Status Run() {
    if (chunks_.count == 1) {
      return RunTiles<T>(tile_count_, Scratch<T>::kCount, context_, [&](int64_t tile, T* memory) {
        const Scratch<T> scratch(memory);
        if (SumChunk(TileAt(tile), 0, scratch, scratch.sums)) Store(TileAt(tile), scratch.sums);
      });
    }
    const int64_t partial_size = std::min(rows_, kTileRows) * kPanelStride;
    TENSORD_ASSIGN_OR_RETURN(Tensor partials, AllocateScratch<T>(tile_count_ * chunks_.count * partial_size));
    const auto partial = [&](int64_t piece) { return partials.As<T>() + piece * partial_size; };
    TENSORD_RETURN_IF_ERROR(
        RunTiles<T>(tile_count_ * chunks_.count, Scratch<T>::kCount, context_, [&](int64_t piece, T* memory) {
          (void)SumChunk(TileAt(piece / chunks_.count), piece % chunks_.count, Scratch<T>(memory), partial(piece));
        }));
    return RunTiles<T>(tile_count_, 0, context_, [&](int64_t tile, T*) {
      T* const sums = partial(tile * chunks_.count);
      const Tile place = TileAt(tile);
      for (int64_t row = 0; row < place.rows; ++row) {
        AddPairwise(sums + row * kPanelStride, place.depths, chunks_.count, partial_size);
      }
      Store(place, sums);
    });
  }

 private:
  // Rows and depths of dw that are summed together.
  struct Tile {
    int64_t group;
    int64_t row;
    int64_t rows;
    int64_t depth;
    int64_t depths;
  };

  [[nodiscard]] Tile TileAt(int64_t tile) const {
    const int64_t depth = tile % depth_tiles_ * kDepthBlock;
    const int64_t row = tile / depth_tiles_ % row_tiles_ * kTileRows;
    return {.group = tile / depth_tiles_ / row_tiles_,
            .row = row,
            .rows = std::min(kTileRows, rows_ - row),
            .depth = depth,
            .depths = std::min(kDepthBlock, depth_ - depth)};
  }

  // False where the work was cancelled.
  bool SumChunk(const Tile& tile, int64_t chunk, const Scratch<T>& scratch, T* sums) const {
    for (int64_t row = 0; row < tile.rows; ++row) std::fill_n(sums + row * kPanelStride, tile.depths, T{0});
    for (int64_t block = chunks_.BlockBegin(chunk); block < chunks_.BlockBegin(chunk + 1); ++block) {
      if (!AddBlock(tile, chunks_.Block(forward_, block), scratch, sums)) return false;
    }
    return !context_.cancelled();
  }

  bool AddBlock(const Tile& tile, const PositionRange& range, const Scratch<T>& scratch, T* sums) const {
    if (context_.cancelled()) return false;
    GatherPatches(forward_, x_ + tile.group * forward_.source_group_stride, range, tile.depth, tile.depth + tile.depths,
                  patch_order_, scratch.patches);
    // The left operand is patch elements x positions, the right one positions x rows.
    const bool by_depth = patch_order_ == PanelOrder::kByDepth;
    Gemm<T>::PackLeft(scratch.packed, scratch.patches, kPanelStride,
                      by_depth ? MatrixOrder::kRowMajor : MatrixOrder::kColumnMajor, tile.depths, range.count());
    if (context_.cancelled()) return false;
    GatherPatches(output_, dz_ + tile.group * output_.source_group_stride, range, tile.row, tile.row + tile.rows,
                  row_order_, scratch.rows);
    for (int64_t row = 0; row < tile.rows; row += kRowBlock) {
      if (context_.cancelled()) return false;
      const int64_t rows = std::min(kRowBlock, tile.rows - row);
      const bool row_major = row_order_ == PanelOrder::kByPosition;
      Gemm<T>::PackRight(scratch.packed_rows, scratch.rows + (row_major ? row : row * kPanelStride), kPanelStride,
                         row_major ? MatrixOrder::kRowMajor : MatrixOrder::kColumnMajor, range.count(), rows);
      Gemm<T>::MultiplyAdd(sums + row * kPanelStride, kPanelStride, scratch.packed, scratch.packed_rows, tile.depths,
                           range.count(), rows);
    }
    return true;
  }

  void Store(const Tile& tile, const T* sums) const {
    T* const group = dw_ + tile.group * forward_.filter_group_stride;
    for (int64_t k = 0; k < tile.depths; ++k) {
      T* to = group + FilterOffsetOfDepth(forward_, tile.depth + k) + tile.row * forward_.filter_dest_stride;
      for (int64_t row = 0; row < tile.rows; ++row, to += forward_.filter_dest_stride) {
        *to = sums[row * kPanelStride + k];
      }
    }
  }

  const Correlation& forward_;
  const Correlation output_;
  const T* x_;
  const T* dz_;
  T* dw_;
  const ExecutionContext& context_;
  const PanelOrder patch_order_;
  const PanelOrder row_order_;
  const int64_t rows_;
  const int64_t depth_;
  const int64_t row_tiles_;
  const int64_t depth_tiles_;
  const int64_t tile_count_;
  const Chunks chunks_;
};

// Adds up each of a panel's channels over the positions, pairwise, and adds the sums to `sums`.
template <typename T>
void AddPanel(T* panel, PanelOrder order, int64_t positions, int64_t channels, T* sums) {
  if (order == PanelOrder::kByPosition) {
    AddPairwise(panel, channels, positions, kPanelStride);
    for (int64_t c = 0; c < channels; ++c) sums[c] += panel[c];
    return;
  }
  for (int64_t c = 0; c < channels; ++c) {
    T* const line = panel + c * kPanelStride;
    // Halving adds contiguous halves; the first half takes the middle element of an odd number.
    for (int64_t count = positions; count > 1; count -= count / 2) {
      const int64_t half = count - count / 2;
      for (int64_t i = 0; i + half < count; ++i) line[i] += line[i + half];
    }
    sums[c] += line[0];
  }
}

}  // namespace

template <typename T>
absl::Status FilterGradient(const Correlation& forward, const T* x, const T* dz, T* dw,
                            const ExecutionContext& context) {
  return FilterGradientKernel<T>(forward, x, dz, dw, context).Run();
}

template <typename T>
absl::Status BiasGradient(const Correlation& forward, const T* dz, T* db, const ExecutionContext& context) {
  const Correlation output = OutputChannels(forward, false);
  const int64_t channels = output.source_channels;
  const int64_t tile_count = CeilDivide(channels, kDepthBlock);
  const Chunks chunks(output.PositionCount(), tile_count);
  const PanelOrder order = PanelOrderOf(output);
  Tensor partials;
  if (chunks.count > 1) {
    TENSORD_ASSIGN_OR_RETURN(partials, AllocateScratch<T>(chunks.count * channels));
  }
  T* const chunk_sums = chunks.count > 1 ? partials.As<T>() : db;
  TENSORD_RETURN_IF_ERROR(
      RunTiles<T>(tile_count * chunks.count, Scratch<T>::kPanel, context, [&](int64_t piece, T* panel) {
        const int64_t channel = piece % tile_count * kDepthBlock;
        const int64_t count = std::min(kDepthBlock, channels - channel);
        const int64_t chunk = piece / tile_count;
        T* const sums = chunk_sums + chunk * channels + channel;
        std::fill_n(sums, count, T{0});
        for (int64_t block = chunks.BlockBegin(chunk); block < chunks.BlockBegin(chunk + 1); ++block) {
          if (context.cancelled()) return;
          const PositionRange range = chunks.Block(output, block);
          GatherPatches(output, dz, range, channel, channel + count, order, panel);
          AddPanel(panel, order, range.count(), count, sums);
        }
      }));
  AddPairwise(chunk_sums, channels, chunks.count, channels);
  if (chunks.count > 1) std::copy_n(chunk_sums, channels, db);
  return absl::OkStatus();
}

template <typename T>
int64_t MaxParameterGradientScratchBytes(int64_t position_count, int thread_count) {
  constexpr int64_t kItem = sizeof(T);
  constexpr int64_t kPerThread = RoundUp(Scratch<T>::kCount, static_cast<int64_t>(kTensorAlignment)) * kItem;
  constexpr int64_t kPartials = kWantedPieces * kTileRows * kPanelStride * kItem;
  static_assert(kPerThread <= int64_t{4} << 20);
  return SaturatingAdd(position_count > kPositionBlock ? kPartials : 0, SaturatingMultiply(thread_count, kPerThread));
}

template absl::Status FilterGradient(const Correlation&, const float*, const float*, float*, const ExecutionContext&);
template absl::Status FilterGradient(const Correlation&, const double*, const double*, double*,
                                     const ExecutionContext&);
template absl::Status BiasGradient(const Correlation&, const float*, float*, const ExecutionContext&);
template absl::Status BiasGradient(const Correlation&, const double*, double*, const ExecutionContext&);
template int64_t MaxParameterGradientScratchBytes<float>(int64_t, int);
template int64_t MaxParameterGradientScratchBytes<double>(int64_t, int);

}  // namespace tensord::compute::internal
