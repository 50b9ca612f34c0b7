// A pooling as a correlation whose groups are planes: the elements with one coordinate along N and C.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_GROUPED_POOLING_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_GROUPED_POOLING_H_

#include <array>
#include <cstdint>

#include "compute/src/internal/correlation.h"
#include "compute/src/internal/pooling_plan.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute::internal {

// Most elements of a window.
inline constexpr int64_t kMaxWindowTaps = 1024;

// to[k] = first + d*steps[0] + h*steps[1] + w*steps[2] for k = 0, 1, ..., the elements (d, h, w) of a window of that
// many in row-major order. Returns how many there are.
template <typename Integer>
int64_t SetWindowOffsets(const std::array<int64_t, 3>& counts, int64_t first, const std::array<int64_t, 3>& steps,
                         std::array<Integer, kMaxWindowTaps>& to) {
  size_t count = 0;
  for (int64_t d = 0; d < counts[0]; ++d) {
    for (int64_t h = 0; h < counts[1]; ++h) {
      const int64_t row = first + d * steps[0] + h * steps[1];
      for (int64_t w = 0; w < counts[2]; ++w, ++count) to[count] = static_cast<Integer>(row + w * steps[2]);
    }
  }
  return static_cast<int64_t>(count);
}

// What a window's elements are numbered by: their places in the window, or what they add to the index of its first one.
enum class WindowNumbers { kPlaces, kIndices };

struct GroupedPooling {
  // Whether a pooling is one: of maxima, averages or first elements, in windows that all have the same number of
  // elements, but for padding, and at most kMaxWindowTaps.
  [[nodiscard]] static bool IsPossible(const PoolingGeometry& geometry);
  // Whether its gradient is too: of maxima only where the first of equal ones gets everything.
  [[nodiscard]] static bool CanSpread(const PoolingGeometry& geometry);

  explicit GroupedPooling(const PoolingGeometry& geometry);

  PoolingPlan plan;
  // From x to y, without a filter: a tap is an element of the window. Its axis N is what of N and C is not in a group.
  Correlation correlation;
  // A group's number is that along `outer` times inner.size and that along `inner`.
  PoolingAxis inner;
  PoolingAxis outer;
  int64_t n_index_step = 0;

  // Elements of a window along D, H and W.
  [[nodiscard]] std::array<int64_t, 3> WindowCounts() const;
  // By how much neighbours along D, H and W differ in x, and in indices.
  [[nodiscard]] std::array<int64_t, 3> SourceSteps() const;
  [[nodiscard]] std::array<int64_t, 3> IndexSteps() const;
  // How far apart the indices of a window's first and last element are.
  [[nodiscard]] int64_t IndexReach() const;

  // What a group and a place along the correlation's axis N add to the index of a maximum.
  [[nodiscard]] int64_t IndexOf(int64_t group, int64_t n) const {
    return group / inner.size * outer.index_step + group % inner.size * inner.index_step + n * n_index_step;
  }
  // The index of an element (d, h, w) of a plane, which may lie outside.
  [[nodiscard]] int64_t IndexInPlane(int64_t d, int64_t h, int64_t w) const {
    return d * plan.space[0].index_step + h * plan.space[1].index_step + w * plan.space[2].index_step;
  }
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_GROUPED_POOLING_H_
