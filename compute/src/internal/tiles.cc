#include "compute/src/internal/tiles.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>

#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {

namespace {

// Scratch that one thread has without allocating it.
constexpr size_t kLocalBytes = size_t{48} << 10;

}  // namespace

ExecutionContext ContextForWork(const ExecutionContext& context, int64_t multiplications) {
  static SerialExecutor calling_thread;  // has no state
  ExecutionContext result = context;
  if (multiplications < context.serial_below) result.executor = &calling_thread;
  return result;
}

template <typename T>
absl::Status RunTiles(int64_t tile_count, int64_t scratch_count, const ExecutionContext& context,
                      absl::FunctionRef<void(int64_t, T*)> body) {
  TENSORD_RETURN_IF_ERROR(context.CheckCancelled());
  if (tile_count == 0) return absl::OkStatus();
  // One piece per thread, not per tile: a piece owns its scratch, and takes tiles as long as there are any.
  const int64_t pieces = std::clamp<int64_t>(context.executor->thread_count(), 1, tile_count);
  const int64_t stride = RoundUp(scratch_count, static_cast<int64_t>(kTensorAlignment));
  alignas(kTensorAlignment) std::array<std::byte, kLocalBytes> local;
  Tensor allocated;
  T* scratch = reinterpret_cast<T*>(local.data());
  if (static_cast<size_t>(pieces * stride) * sizeof(T) > kLocalBytes) {
    TENSORD_ASSIGN_OR_RETURN(allocated, AllocateScratch<T>(pieces * stride));
    scratch = allocated.As<T>();
  }
  std::atomic<int64_t> next = 0;
  const auto run_piece = [&](int64_t piece) {
    T* const own = scratch + piece * stride;
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
