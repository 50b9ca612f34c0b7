// Sums over many positions for few results: cut into chunks, so that there is work for several threads.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_SUM_IN_CHUNKS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_SUM_IN_CHUNKS_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/add_pairwise.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {

// Tiles times chunks are at most this, unless there are more tiles.
inline constexpr int64_t kWantedPieces = 32;
// Positions of a chunk at least.
inline constexpr int64_t kMinChunkPositions = 256;

// How many chunks each tile's sums are cut into: by the sizes alone, so that results do not depend on the threads.
constexpr int64_t ChunkCount(int64_t tile_count, int64_t block_count, int64_t block_positions) {
  const int64_t most = CeilDivide(block_count, CeilDivide(kMinChunkPositions, block_positions));
  return std::clamp<int64_t>(kWantedPieces / tile_count, 1, most);
}

// Elements: of the memory that a tile's chunk works in, and of its sums.
struct ChunkSizes {
  int64_t tiles;
  int64_t chunks;  // of each tile
  int64_t scratch;
  int64_t sums;
};

// Calls sum(tile, chunk, memory, sums) -> bool for every chunk of every tile, adds the chunks' sums up pairwise, and
// calls store(tile, sums). Where `sum` returns false the work was cancelled. kResourceExhausted - scratch; kCancelled.
template <typename T, typename Sum, typename Store>
absl::Status SumInChunks(const ChunkSizes& sizes, const ExecutionContext& context, Sum&& sum, Store&& store) {
  if (sizes.chunks == 1) {
    return RunTiles<T>(sizes.tiles, sizes.scratch + sizes.sums, context, [&](int64_t tile, T* memory) {
      T* const sums = memory + sizes.scratch;
      if (sum(tile, 0, memory, sums)) store(tile, sums);
    });
  }
  TENSORD_ASSIGN_OR_RETURN(Tensor partials, AllocateScratch<T>(sizes.tiles * sizes.chunks * sizes.sums));
  const auto partial = [&](int64_t piece) { return partials.As<T>() + piece * sizes.sums; };
  TENSORD_RETURN_IF_ERROR(
      RunTiles<T>(sizes.tiles * sizes.chunks, sizes.scratch, context, [&](int64_t piece, T* memory) {
        (void)sum(piece / sizes.chunks, piece % sizes.chunks, memory, partial(piece));
      }));
  return RunTiles<T>(sizes.tiles, 0, context, [&](int64_t tile, T*) {
    T* const sums = partial(tile * sizes.chunks);
    AddPairwise(sums, sizes.sums, sizes.chunks, sizes.sums);
    store(tile, sums);
  });
}

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_SUM_IN_CHUNKS_H_
