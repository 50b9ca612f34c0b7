// What the windows of a pooling come to, with as many planes side by side as a vector has lanes.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_GROUP_WINDOWS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_GROUP_WINDOWS_H_

#include <array>
#include <cstdint>

#include "compute/src/internal/group_positions.h"
#include "compute/src/internal/grouped_pooling.h"
#include "compute/src/kernels/kernels.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute::internal {

template <typename T>
class GroupWindows {
 public:
  // Only for geometries of which GroupedPooling::IsPossible is true.
  GroupWindows(const PoolingGeometry& geometry, WindowNumbers numbers, const ExecutionContext& context);

  // Whether there are enough planes, and windows and blocks are not too large; where not, nothing else may be called.
  [[nodiscard]] bool Fit() const;

  [[nodiscard]] const GroupedPooling& pooling() const { return pooling_; }
  [[nodiscard]] const Kernels<T>& kernels() const { return kernels_; }
  [[nodiscard]] const PositionBlocks& blocks() const { return source_.blocks(); }
  // Elements of the memory that Average and FindMaxima need.
  [[nodiscard]] int64_t MemoryCount() const { return source_.box().MemoryCount(); }
  // How many groups of group..group+lanes-1 there are.
  [[nodiscard]] int64_t GroupsFrom(int64_t group) const;

  // results[position][lane]: the averages of a block's windows.
  void Average(const T* x, int64_t group, const PositionBlock& block, T* memory, T* results) const;
  // The maxima; and where `numbers` is not null, numbers[position][lane], those of the elements that they are, -1 where
  // a window has none.
  void FindMaxima(const T* x, int64_t group, const PositionBlock& block, T* memory, T* results,
                  Number<T>* numbers) const;

  // By what the sums of a block's windows are divided.
  void SetDivisors(const PositionBlock& block, std::array<T, kBlockPositions>& divisors) const;

 private:
  WindowTile<T> SetTile(const T* x, int64_t group, const PositionBlock& block, T* memory,
                        std::array<const T*, kBlockPositions>& positions) const;
  void SetFirstElements(const PositionBlock& block, std::array<Number<T>, kBlockPositions>& first) const;
  void Run(const typename Kernels<T>::PoolLanes* loops, WindowTile<T> tile, int64_t positions) const;

  const PoolingGeometry& geometry_;
  const GroupedPooling pooling_;
  const Kernels<T>& kernels_;
  const GroupPositions<T> source_;
  const bool reads_padding_;
  const std::array<int64_t, 3> number_steps_;  // between neighbours along D, H and W
  int64_t tap_count_ = 0;
  // Of each element of a window: how far from the first one it is in the box, and in the source; and its number.
  std::array<int64_t, kMaxWindowTaps> box_taps_;
  std::array<int64_t, kMaxWindowTaps> source_taps_;
  std::array<Number<T>, kMaxWindowTaps> numbers_;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_GROUP_WINDOWS_H_
