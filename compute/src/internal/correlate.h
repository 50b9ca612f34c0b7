// Runs a correlation: the forward pass and the input's gradient.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// What happens to a sum before it is stored.
template <typename T>
struct Epilogue {
  const T* bias = nullptr;                 // one per destination channel; null for none
  const Activation* activation = nullptr;  // null for none
};

// Writes every destination element that the correlation has; the others are left alone. Each element is one sum in an
// order that the correlation's sizes give, so that the result is the same bits for any executor.
// kResourceExhausted - scratch. kCancelled - the flag was set; the destination is then partly written.
template <typename T>
absl::Status Correlate(const Correlation& correlation, const T* source, const T* filter, T* dest,
                       const Epilogue<T>& epilogue, const ExecutionContext& context);

// Bytes of scratch that Correlate uses at most: less than 1.5 MiB per thread, whatever the sizes.
template <typename T>
int64_t MaxCorrelateScratchBytes(int thread_count);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CORRELATE_H_
