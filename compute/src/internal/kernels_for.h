// The kernels that a piece of work uses.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_KERNELS_FOR_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_KERNELS_FOR_H_

#include "compute/src/kernels/kernels.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// Of the context's instruction set, else of that in use.
template <typename T>
[[nodiscard]] const Kernels<T>& KernelsFor(const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_KERNELS_FOR_H_
