#include "compute/src/internal/tiles.h"

#include <algorithm>
#include <atomic>

#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {

template <typename T>
absl::Status RunTiles(int64_t tile_count, int64_t scratch_count, const ExecutionContext& context,
                      absl::FunctionRef<void(int64_t, T*)> body) {
  TENSORD_RETURN_IF_ERROR(context.CheckCancelled());
  if (tile_count == 0) return absl::OkStatus();
  // One piece per thread, not per tile: a piece owns its scratch, and takes tiles as long as there are any.
  const int64_t pieces = std::clamp<int64_t>(context.executor->thread_count(), 1, tile_count);
  const int64_t stride = RoundUp(scratch_count, static_cast<int64_t>(kTensorAlignment));
  TENSORD_ASSIGN_OR_RETURN(Tensor scratch, AllocateScratch<T>(pieces * stride));
  std::atomic<int64_t> next = 0;
  const auto run_piece = [&](int64_t piece) {
    T* const own = scratch.As<T>() + piece * stride;
    while (!context.cancelled()) {
      const int64_t tile = next.fetch_add(1, std::memory_order_relaxed);
      if (tile >= tile_count) return;
      body(tile, own);
    }
  };
  if (pieces == 1) {
    run_piece(0);
  } else {
    context.executor->ParallelFor(pieces, run_piece);
  }
  return context.CheckCancelled();
}

template absl::Status RunTiles<float>(int64_t, int64_t, const ExecutionContext&,
                                      absl::FunctionRef<void(int64_t, float*)>);
template absl::Status RunTiles<double>(int64_t, int64_t, const ExecutionContext&,
                                       absl::FunctionRef<void(int64_t, double*)>);

}  // namespace tensord::compute::internal
