// The positions of a correlation for loops whose lanes belong to different groups: where each of them reads, and where
// its results go.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_GROUP_POSITIONS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_GROUP_POSITIONS_H_

#include <array>
#include <cstdint>

#include "compute/src/internal/correlation.h"
#include "compute/src/internal/group_box.h"
#include "compute/src/internal/planes.h"
#include "compute/src/kernels/kernels.h"

namespace tensord::compute::internal {

// Elements of one vector for each of a block's positions, with what is read or written behind them.
inline constexpr int64_t kBlockElements = (kBlockPositions + kMaxLanes) * kMaxLanes;

// Blocks of positions that read the source where it is, where groups follow each other there and no padding is read, or
// else from a box.
template <typename T>
class GroupPositions {
 public:
  // `padding` stands for what lies outside the source.
  GroupPositions(const Correlation& correlation, const Kernels<T>& kernels, T padding, bool may_be_in_place);

  [[nodiscard]] const PositionBlocks& blocks() const { return blocks_; }
  [[nodiscard]] const GroupBox<T>& box() const { return box_; }
  // Whether the groups group..group+lanes-1 are read where they are: tap distances are then those of the source, not of
  // the box.
  [[nodiscard]] bool AreInPlace(int64_t group) const {
    return in_place_ && group + kernels_.lanes <= correlation_.groups;
  }

  // Where each of a block's positions reads with the first tap, one row after the other; `source` is where the tensor
  // begins. The memory, box().MemoryCount() elements, holds the box, if any.
  void Set(const T* source, int64_t group, int64_t channel, const PositionBlock& block, T* memory,
           std::array<const T*, kBlockPositions>& positions) const;

  // Whether a block that was set has a NaN in any element that a tap may read.
  [[nodiscard]] bool HasNan(const T* source, int64_t group, const PositionBlock& block, const T* memory) const;

 private:
  const Correlation& correlation_;
  const Kernels<T>& kernels_;
  const PositionBlocks blocks_;
  const GroupBox<T> box_;
  const bool in_place_;
};

// Stores what a block's positions came to, [row][column][lane]: `width` columns in each row, column_step apart in the
// destination, which begins with the first element of the groups and the row of results.
template <typename T>
void ScatterPositions(const Kernels<T>& kernels, const Correlation& correlation, const PositionBlock& block,
                      int64_t width, int64_t column_step, int64_t groups, const T* results, T* dest);

// The other way round, the destination's elements of a block: [row][column][lane], with up to a vector's worth of
// positions behind them. `readable` elements from dest on belong to the tensor. groups_in_order: as GroupBox.
template <typename T>
void GatherPositions(const Kernels<T>& kernels, const Correlation& correlation, const PositionBlock& block,
                     int64_t groups, const T* dest, int64_t readable, bool groups_in_order, T* lanes_of);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_GROUP_POSITIONS_H_
