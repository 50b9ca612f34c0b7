// A bounded part of a correlation's source for as many groups as a vector has lanes, padding written out.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_GROUP_BOX_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_GROUP_BOX_H_

#include <array>
#include <cstdint>

#include "compute/src/internal/correlation.h"
#include "compute/src/internal/planes.h"
#include "compute/src/kernels/kernels.h"

namespace tensord::compute::internal {

// How many elements of each group a block's taps may read along D, H and W, from the least one on; of N always 1.
struct GroupBoxPart {
  std::array<int64_t, kCorrelationAxisCount> count;
};

// All that a block of positions reads of one source channel:
//   [index along D][index along H][index along W][lane]
template <typename T>
class GroupBox {
 public:
  // `padding` stands for what lies outside the source. groups_in_order: a block of some groups is filled after that of
  // those before them.
  GroupBox(const Correlation& correlation, const Kernels<T>& kernels, const PositionBlocks& blocks, T padding,
           bool groups_in_order);

  // Whether it has at most kPlanesElements; where not, nothing else may be called.
  [[nodiscard]] bool Fits() const;
  // Elements of the memory that Fill needs.
  [[nodiscard]] int64_t MemoryCount() const;

  // Copies a channel of the groups group..group+lanes-1, as far as there are any, for a block; `source` is where the
  // tensor begins. The memory begins with the box.
  void Fill(const T* source, int64_t group, int64_t channel, const PositionBlock& block, T* memory) const;

  // Where a block's position reads with the first tap, and how far from there with another.
  [[nodiscard]] int64_t OffsetOfPosition(int64_t row, int64_t column) const;
  [[nodiscard]] int64_t OffsetOfTap(int64_t d, int64_t h, int64_t w) const;
  // By how much the offsets of neighbours along D, H and W differ.
  [[nodiscard]] std::array<int64_t, 3> TapSteps() const;

  // The part of the box that is filled for a block, and how far apart its elements are along each axis.
  [[nodiscard]] GroupBoxPart PartOf(const PositionBlock& block) const;
  [[nodiscard]] std::array<int64_t, kCorrelationAxisCount> Strides() const;

 private:
  // Indexes along one axis, for all positions of a block.
  struct Axis {
    int64_t first;  // of position 0: the least that any tap reads
    int64_t reach;  // from there to the greatest
    int64_t size;
  };
  static Axis AxisOf(const CorrelationAxis& axis, int64_t positions);

  // The source's first element with these indexes, whether it exists or not.
  [[nodiscard]] int64_t OffsetInSource(int64_t group, int64_t channel, int64_t n, int64_t d, int64_t h,
                                       int64_t w) const;
  void FillRows(const T* source, int64_t group, int64_t channel, const PositionBlock& block, int64_t d, T* rows,
                T* run_memory) const;

  const Correlation& correlation_;
  const Kernels<T>& kernels_;
  std::array<Axis, kCorrelationAxisCount> axes_;
  int64_t size_;  // elements, but for what GatherLanes may write behind them
  int64_t source_size_;
  T padding_;
  bool fetches_ahead_;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_GROUP_BOX_H_
