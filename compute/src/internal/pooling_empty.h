// Which windows of a pooling hold no element of the input, without looking at each of them.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_POOLING_EMPTY_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_POOLING_EMPTY_H_

#include <cstdint>
#include <optional>

#include "tensord/compute/window.h"

namespace tensord::compute::internal {

// Whether some window reads an index outside 0..input-1.
[[nodiscard]] bool ReachesPastInput(const AxisWindow& axis);

// The first window, if any, that has no element inside the input. A window starts at a = o*stride - pad_begin and
// has the elements a + k*dilation.
[[nodiscard]] std::optional<int64_t> FirstEmptyWindow(const AxisWindow& axis);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_POOLING_EMPTY_H_
