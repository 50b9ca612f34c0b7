// The bias' gradient.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_BIAS_GRADIENT_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_BIAS_GRADIENT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/data_type.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// db[o] = sum over positions of dz[o, position]. Positions are cut into a number of chunks that follows from the sizes
// alone, whose sums are added pairwise in a fixed order: the result is the same bits for any executor.
// kResourceExhausted - scratch. kCancelled - the flag was set.
template <typename T>
absl::Status BiasGradient(const Correlation& forward, const T* dz, T* db, const ExecutionContext& context);

// Bytes of scratch that it uses at most: less than 0.6 MiB per thread, and the chunks' sums, at most 64 KiB.
[[nodiscard]] int64_t MaxBiasGradientScratchBytes(DataType type, int thread_count);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_BIAS_GRADIENT_H_
