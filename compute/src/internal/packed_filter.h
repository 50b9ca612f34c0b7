// A filter, packed for the matrix product block by block.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_PACKED_FILTER_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_PACKED_FILTER_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "compute/src/internal/correlation.h"
#include "compute/src/internal/gemm.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

// Blocks of kDepthBlock x kRowBlock elements, depth x rows, of a correlation's filter. With `keep`, all of them are
// packed once, into one copy of the filter; else each is packed whenever it is asked for, into the caller's scratch.
template <typename T>
class PackedFilter {
 public:
  // Elements of scratch that Block needs.
  static constexpr int64_t kScratchCount = 2 * kDepthBlock * kRowBlock;
  // Bytes of the copy at most, for a filter of that many bytes.
  [[nodiscard]] static int64_t MaxCopyBytes(int64_t filter_bytes);

  // Refers to `correlation` and `filter` as long as it lives.
  [[nodiscard]] static absl::StatusOr<PackedFilter> Make(const Correlation& correlation, const T* filter, bool keep,
                                                         const ExecutionContext& context);

  // The packed block of a group that begins at `row` and `depth`, multiples of the block sizes.
  [[nodiscard]] const T* Block(int64_t group, int64_t row, int64_t depth, T* scratch) const;

 private:
  PackedFilter(const Correlation& correlation, const T* filter);
  [[nodiscard]] int64_t PlaceOf(int64_t group, int64_t row, int64_t depth) const;
  void Pack(int64_t group, int64_t row, int64_t depth, T* plain, T* packed) const;

  const Correlation* correlation_;
  const T* filter_;
  int64_t row_count_;
  int64_t depth_;
  int64_t group_stride_;  // in the copy
  std::optional<Tensor> copy_;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_PACKED_FILTER_H_
