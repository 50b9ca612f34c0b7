// The gradient of a correlation's source while it is being summed, for as many groups as a vector has lanes.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_GRADIENT_BOX_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_GRADIENT_BOX_H_

#include <array>
#include <cstdint>

#include "compute/src/internal/correlation.h"
#include "compute/src/internal/planes.h"
#include "compute/src/kernels/kernels.h"

namespace tensord::compute::internal {

// All elements that the taps of some positions reach, and those of the source that none does: of the outermost axis
// that has more than one only as many as the positions of one block need, of the others all of them.
//   [index along D][index along H][index along W][lane]
// Index 0 is what position 0 reads with the tap that reads the least index: it may be padding.
template <typename T>
class GradientBox {
 public:
  GradientBox(const Correlation& correlation, const Kernels<T>& kernels, const PositionBlocks& blocks);

  // Whether it has at most kPlanesElements, and the blocks' positions follow each other in the order of the tensor;
  // where not, nothing else may be called.
  [[nodiscard]] bool Fits() const;
  // Elements of the memory that a Sums needs.
  [[nodiscard]] int64_t MemoryCount() const;

  // Where the first tap of the first position is, and by how much the offsets of neighbours along D, H and W differ.
  [[nodiscard]] int64_t OffsetOfFirstTap() const;
  [[nodiscard]] std::array<int64_t, 3> TapSteps() const;

  // The sums of some groups and of one place along N, from the first block of positions to the last.
  class Sums {
   public:
    // `dx` is the first element of these groups and of that place; all of theirs are written.
    Sums(const GradientBox& box, int64_t groups, T* dx, T* memory);

    // Where each of a block's positions adds to with the first tap. Blocks have to come in their order.
    void Set(const PositionBlock& block, std::array<T*, kBlockPositions>& positions);
    // After the last block.
    void Finish();

   private:
    // Stores what comes before the index `to` of the outermost axis, and goes on from there.
    void Advance(int64_t to);
    void Store(int64_t begin, int64_t end);
    void StoreRows(int64_t d, int64_t h_begin, int64_t h_end, int64_t w_begin, int64_t w_end);

    const GradientBox& box_;
    const int64_t groups_;
    T* const dx_;
    T* const memory_;
    int64_t begin_ = 0;  // the outermost axis' index that comes first in the memory
  };

 private:
  // Of positions or indexes along one axis.
  using PerAxis = std::array<int64_t, kCorrelationAxisCount>;

  [[nodiscard]] T* At(T* memory, const PerAxis& indexes) const;

  const Correlation& correlation_;
  const Kernels<T>& kernels_;
  bool in_order_;
  bool fetches_ahead_;
  size_t outermost_ = kCorrelationAxisCount - 1;
  PerAxis least_;    // the source's index of index 0
  PerAxis total_;    // indexes that there are
  PerAxis size_;     // of them in the box
  PerAxis strides_;  // elements
  int64_t elements_;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_GRADIENT_BOX_H_
