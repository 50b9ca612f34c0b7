#include "compute/src/internal/bias_gradient.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/add_pairwise.h"
#include "compute/src/internal/patches.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

// Tiles times chunks are at most this, unless there are more tiles.
constexpr int64_t kWantedPieces = 32;

// Elements of a panel.
constexpr int64_t kPanel = kDepthBlock * kPanelStride;

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
  TENSORD_RETURN_IF_ERROR(RunTiles<T>(tile_count * chunks.count, kPanel, context, [&](int64_t piece, T* panel) {
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

int64_t MaxBiasGradientScratchBytes(DataType type, int thread_count) {
  constexpr int64_t kPerThread = RoundUp(kPanel, static_cast<int64_t>(kTensorAlignment));
  return SaturatingMultiply(ItemSize(type),
                            SaturatingAdd(kWantedPieces * kDepthBlock, SaturatingMultiply(thread_count, kPerThread)));
}

template absl::Status BiasGradient(const Correlation&, const float*, float*, const ExecutionContext&);
template absl::Status BiasGradient(const Correlation&, const double*, double*, const ExecutionContext&);

}  // namespace tensord::compute::internal
