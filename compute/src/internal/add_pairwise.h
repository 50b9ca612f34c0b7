// Sums of many vectors.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_ADD_PAIRWISE_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_ADD_PAIRWISE_H_

#include <cstdint>

namespace tensord::compute::internal {

// Adds `parts` vectors that lie part_stride apart into the first, pairwise.
template <typename T>
void AddPairwise(T* values, int64_t size, int64_t parts, int64_t part_stride) {
  while (parts > 1) {
    const int64_t half = parts - parts / 2;
    for (int64_t part = 0; part + half < parts; ++part) {
      T* const to = values + part * part_stride;
      const T* const from = to + half * part_stride;
      for (int64_t i = 0; i < size; ++i) to[i] += from[i];
    }
    parts = half;
  }
}

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_ADD_PAIRWISE_H_
