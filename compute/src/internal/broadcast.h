// Walks over a tensor beside a smaller one that is repeated along some of its axes.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_BROADCAST_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_BROADCAST_H_

#include <algorithm>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "tensord/compute/shape.h"

namespace tensord::compute::internal {

// One axis of a walk: its length, and what a step along it adds to the offsets in the large and in the small tensor.
struct WalkAxis {
  int64_t size;
  int64_t large_step;
  int64_t small_step;
};
using WalkAxes = absl::InlinedVector<WalkAxis, 5>;

// The axes of `shape`, row-major, with these strides in the small tensor; neighbours that can be walked as one are one,
// and axes of size 1 are left out.
[[nodiscard]] inline WalkAxes MergedAxes(const Shape& shape, absl::Span<const int64_t> small_strides) {
  WalkAxes merged;  // innermost first, until the end
  int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    const WalkAxis axis = {shape[i], stride, small_strides[static_cast<size_t>(i)]};
    stride *= axis.size;
    if (axis.size == 1) continue;
    if (!merged.empty() && axis.small_step == merged.back().small_step * merged.back().size) {
      merged.back().size *= axis.size;
    } else {
      merged.push_back(axis);
    }
  }
  std::reverse(merged.begin(), merged.end());
  return merged;
}

// Calls visit(large offset, small offset, small step, count) for runs along the innermost axis that together are the
// elements first .. first + count - 1 of the walk over `axes`, in their order. The large offset advances by the
// innermost axis' large_step within a run.
template <typename Visit>
void WalkRuns(const WalkAxes& axes, int64_t first, int64_t count, Visit visit) {
  if (axes.empty()) {
    if (count > 0) visit(0, 0, 0, 1);
    return;
  }
  const WalkAxis& inner = axes.back();
  while (count > 0) {
    int64_t row = first / inner.size;
    const int64_t column = first % inner.size;
    int64_t large = column * inner.large_step;
    int64_t small = column * inner.small_step;
    for (size_t i = axes.size() - 1; i-- > 0;) {
      const int64_t coordinate = row % axes[i].size;
      row /= axes[i].size;
      large += coordinate * axes[i].large_step;
      small += coordinate * axes[i].small_step;
    }
    const int64_t run = std::min(count, inner.size - column);
    visit(large, small, inner.small_step, run);
    first += run;
    count -= run;
  }
}

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_BROADCAST_H_
