// The kernels that a piece of work uses.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_KERNELS_FOR_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_KERNELS_FOR_H_

#include <cstdint>

#include "compute/src/kernels/kernels.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// Of the context's instruction set, else of that in use.
template <typename T>
[[nodiscard]] const Kernels<T>& KernelsFor(const ExecutionContext& context);

// The same, for rows of `width` elements: where these fill no more than half of a vector, those of vectors of half the
// length, whose sums are the same bits.
template <typename T>
[[nodiscard]] const Kernels<T>& KernelsForRows(const ExecutionContext& context, int64_t width);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_KERNELS_FOR_H_
