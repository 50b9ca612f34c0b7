#include "compute/src/internal/packed_filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "compute/src/internal/tiles.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

// With fewer rows per group, rounding up each group's part could multiply the copy's size; packing such a filter again
// and again costs little beside gathering the patches.
constexpr int64_t kMinRowsToKeep = 16;

}  // namespace

template <typename T>
int64_t PackedFilter<T>::MaxCopyBytes(int64_t filter_bytes) {
  static_assert(kPackedAlignment<T> <= kMinRowsToKeep / 4);
  return SaturatingAdd(filter_bytes, filter_bytes / 4);
}

template <typename T>
PackedFilter<T>::PackedFilter(const Correlation& correlation, const T* filter)
    : correlation_(&correlation),
      filter_(filter),
      row_count_(correlation.RowCount()),
      depth_(correlation.Depth()),
      group_stride_(RoundUp(row_count_ * depth_, kPackedAlignment<T>)) {}

template <typename T>
absl::StatusOr<PackedFilter<T>> PackedFilter<T>::Make(const Correlation& correlation, const T* filter, bool keep,
                                                      const ExecutionContext& context) {
  PackedFilter packed(correlation, filter);
  if (!keep || packed.row_count_ < kMinRowsToKeep) return packed;
  TENSORD_ASSIGN_OR_RETURN(Tensor copy, AllocateScratch<T>(correlation.groups * packed.group_stride_));
  const int64_t row_blocks = CeilDivide(packed.row_count_, kRowBlock);
  const int64_t depth_blocks = CeilDivide(packed.depth_, kDepthBlock);
  const auto pack = [&](int64_t block, T* plain) {
    const int64_t depth = block % depth_blocks * kDepthBlock;
    const int64_t row = block / depth_blocks % row_blocks * kRowBlock;
    const int64_t group = block / depth_blocks / row_blocks;
    packed.Pack(group, row, depth, plain, copy.As<T>() + packed.PlaceOf(group, row, depth));
  };
  TENSORD_RETURN_IF_ERROR(
      RunTiles<T>(correlation.groups * row_blocks * depth_blocks, kDepthBlock * kRowBlock, context, pack));
  packed.copy_ = std::move(copy);
  return packed;
}

template <typename T>
const T* PackedFilter<T>::Block(int64_t group, int64_t row, int64_t depth, T* scratch) const {
  if (copy_.has_value()) return copy_->As<T>() + PlaceOf(group, row, depth);
  T* const packed = scratch + kDepthBlock * kRowBlock;
  Pack(group, row, depth, scratch, packed);
  return packed;
}

template <typename T>
int64_t PackedFilter<T>::PlaceOf(int64_t group, int64_t row, int64_t depth) const {
  const int64_t rows = std::min(kRowBlock, row_count_ - row);
  return group * group_stride_ + row * depth_ + depth * rows;
}

template <typename T>
void PackedFilter<T>::Pack(int64_t group, int64_t row, int64_t depth, T* plain, T* packed) const {
  const int64_t rows = std::min(kRowBlock, row_count_ - row);
  const int64_t depths = std::min(kDepthBlock, depth_ - depth);
  std::array<int64_t, kRowBlock> row_offsets;
  for (int64_t i = 0; i < rows; ++i) {
    row_offsets[static_cast<size_t>(i)] = OffsetOfRow(*correlation_, row + i).filter;
  }
  const T* const group_filter = filter_ + group * correlation_->filter_group_stride;
  for (int64_t k = 0; k < depths; ++k) {
    const T* const source = group_filter + FilterOffsetOfDepth(*correlation_, depth + k);
    for (int64_t i = 0; i < rows; ++i) plain[k * rows + i] = source[row_offsets[static_cast<size_t>(i)]];
  }
  Gemm<T>::PackRight(packed, plain, rows, MatrixOrder::kRowMajor, depths, rows);
}

template class PackedFilter<float>;
template class PackedFilter<double>;

}  // namespace tensord::compute::internal
