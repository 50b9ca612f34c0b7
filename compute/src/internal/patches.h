// Gathers bounded panels of patches out of a tensor.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_PATCHES_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_PATCHES_H_

#include <array>
#include <cstdint>

#include "compute/src/internal/correlation.h"

namespace tensord::compute::internal {

// The most positions of a range and elements of a patch in a panel.
inline constexpr int64_t kPositionBlock = 256;
inline constexpr int64_t kDepthBlock = 256;
// From one line of a panel to the next: a cache line more than the block, so that a column of the panel does not fall
// into a few sets of the cache.
inline constexpr int64_t kPanelStride = 256 + 16;
static_assert(kPanelStride > kPositionBlock && kPanelStride > kDepthBlock);

// Up to kPositionBlock positions that follow each other in the order N, D, H, W, cut into lines along W.
class PositionRange {
 public:
  // Positions that are neighbours along W.
  struct Line {
    std::array<int64_t, kCorrelationAxisCount> first;  // the first position's index along each axis
    int64_t offset;                                    // its place in the range
    int64_t length;
  };

  PositionRange(const Correlation& correlation, int64_t begin, int64_t count);

  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] const Line* begin() const { return lines_.data(); }
  [[nodiscard]] const Line* end() const { return lines_.data() + line_count_; }

 private:
  int64_t count_;
  size_t line_count_ = 0;
  std::array<Line, kPositionBlock> lines_;
};

// How a panel of patches lies in memory: kByDepth has element (k, p) at k*kPanelStride + p, kByPosition at
// p*kPanelStride + k. Where channels are contiguous and not few, copying them together is faster.
enum class PanelOrder { kByDepth, kByPosition };
[[nodiscard]] PanelOrder PanelOrderOf(const Correlation& correlation);

// Writes the patches' elements k_begin..k_end-1, at most kDepthBlock of them, for the positions of `range`.
// `source` is where the group begins.
template <typename T>
void GatherPatches(const Correlation& correlation, const T* source, const PositionRange& range, int64_t k_begin,
                   int64_t k_end, PanelOrder order, T* panel);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_PATCHES_H_
