// Moves elements between tensors and memory in which the lanes of each vector belong to different groups.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_GROUP_LANES_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_GROUP_LANES_H_

#include <cstdint>

#include "compute/src/kernels/kernels.h"

namespace tensord::compute::internal {

// Some elements of each of some groups, at most as many as a vector has lanes.
template <typename T>
struct GroupRun {
  T* first;
  int64_t groups;
  int64_t group_stride;
  int64_t positions;
  int64_t position_stride;
  // Whether what comes next is fetched into the caches meanwhile: each group is a stream of its own, too many for the
  // processor to follow.
  bool fetch_ahead = false;
};

// Whether a tensor of that many elements is so large that it pays.
template <typename T>
[[nodiscard]] constexpr bool PaysToFetchAhead(int64_t elements) {
  constexpr int64_t kSecondLevelCacheBytes = int64_t{1} << 20;
  return elements > kSecondLevelCacheBytes / static_cast<int64_t>(sizeof(T));
}

// lanes_of[p*lanes + g] = element p of group g. Lanes without a group get anything. Up to a vector's worth of positions
// behind the run may be written as well. `readable` elements from the run's first one on belong to the tensor.
template <typename T>
void GatherLanes(const Kernels<T>& kernels, const GroupRun<const T>& run, int64_t readable, T* lanes_of);

// The other way round; nothing but the run's elements is written. Up to a vector's worth of positions behind it are
// read.
template <typename T>
void ScatterLanes(const Kernels<T>& kernels, const T* lanes_of, const GroupRun<T>& run);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_GROUP_LANES_H_
