// Runs the tiles of a kernel on an executor's threads, each with scratch memory of its own.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_TILES_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_TILES_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

// `value` rounded up to a multiple of `multiple`.
constexpr int64_t RoundUp(int64_t value, int64_t multiple) { return CeilDivide(value, multiple) * multiple; }

// Begin of the i-th of `parts` nearly equal parts of 0..count-1; that of i + 1 is its end.
constexpr int64_t PartBegin(int64_t count, int64_t parts, int64_t i) {
  return count / parts * i + (i < count % parts ? i : count % parts);
}

// What a kernel of convolution may use for each thread: a part of a second-level cache.
inline constexpr int64_t kMaxThreadScratchBytes = int64_t{3} << 19;

// Uninitialised memory for `count` elements of T, aligned to kTensorAlignment. kResourceExhausted where there is none.
template <typename T>
absl::StatusOr<Tensor> AllocateScratch(int64_t count) {
  return Tensor::Allocate(kDataTypeOf<T>, Shape{count});
}

// The context for work of that many multiplications: less than serial_below is done by the calling thread.
[[nodiscard]] ExecutionContext ContextForWork(const ExecutionContext& context, int64_t multiplications);

// Calls body(tile, scratch) for each tile of 0..tile_count-1, in any order and perhaps at the same time. `scratch`
// holds scratch_count elements, aligned, that no other call uses meanwhile; each thread keeps its own. Where the flag
// is set, tiles are left out, the body may stop in the middle, and the result is kCancelled.
template <typename T>
absl::Status RunTiles(int64_t tile_count, int64_t scratch_count, const ExecutionContext& context,
                      absl::FunctionRef<void(int64_t, T*)> body);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_TILES_H_
