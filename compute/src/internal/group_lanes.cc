#include "compute/src/internal/group_lanes.h"

#include <algorithm>
#include <array>

namespace tensord::compute::internal {
namespace {

// How far ahead groups' elements are fetched, in elements.
constexpr int64_t kFetchedAhead = 64;
// Groups of so few elements follow each other before any of that helps: the next vector of them is fetched.
constexpr int64_t kSmallGroup = 256;

// Asks for what comes later at `begin` of each group.
template <typename T>
void FetchAhead(const GroupRun<T>& run, int64_t begin, int64_t lanes) {
  const int64_t ahead = run.group_stride <= kSmallGroup ? lanes * run.group_stride : kFetchedAhead;
  const T* const from = run.first + begin + ahead;
  for (int64_t g = 0; g < run.groups; ++g) __builtin_prefetch(from + g * run.group_stride);
}

template <int64_t kLanes, typename T>
void CopyVectors(const T* from, int64_t from_stride, int64_t count, T* to, int64_t to_stride) {
  for (int64_t i = 0; i < count; ++i) std::copy_n(from + i * from_stride, kLanes, to + i * to_stride);
}

// `count` vectors. Of a length that the compiler knows they are copied without a call each.
template <typename T>
void CopyVectors(int64_t lanes, const T* from, int64_t from_stride, int64_t count, T* to, int64_t to_stride) {
  switch (lanes) {
    case 2:
      return CopyVectors<2>(from, from_stride, count, to, to_stride);
    case 4:
      return CopyVectors<4>(from, from_stride, count, to, to_stride);
    case 8:
      return CopyVectors<8>(from, from_stride, count, to, to_stride);
    case 16:
      return CopyVectors<16>(from, from_stride, count, to, to_stride);
    default:
      for (int64_t i = 0; i < count; ++i) std::copy_n(from + i * from_stride, lanes, to + i * to_stride);
  }
}

}  // namespace

template <typename T>
void GatherLanes(const Kernels<T>& kernels, const GroupRun<const T>& run, int64_t readable, T* lanes_of) {
  const int64_t lanes = kernels.lanes;
  if (run.group_stride == 1 && run.groups == lanes) {
    CopyVectors(lanes, run.first, run.position_stride, run.positions, lanes_of, lanes);
    return;
  }
  int64_t begin = 0;
  if (run.position_stride == 1) {
    // Elements beyond the run, and beyond the groups, are read as well where there are any.
    while (begin < run.positions && (lanes - 1) * run.group_stride + begin + lanes <= readable) {
      if (run.fetch_ahead) FetchAhead(run, begin, lanes);
      kernels.transpose(run.first + begin, run.group_stride, lanes_of + begin * lanes, lanes);
      begin += lanes;
    }
  }
  for (int64_t p = begin; p < run.positions; ++p) {
    T* const to = lanes_of + p * lanes;
    for (int64_t g = 0; g < run.groups; ++g) to[g] = run.first[g * run.group_stride + p * run.position_stride];
    std::fill(to + run.groups, to + lanes, T{0});
  }
}

template <typename T>
void ScatterLanes(const Kernels<T>& kernels, const T* lanes_of, const GroupRun<T>& run) {
  const int64_t lanes = kernels.lanes;
  if (run.group_stride == 1) {
    if (run.groups == lanes) {
      CopyVectors(lanes, lanes_of, lanes, run.positions, run.first, run.position_stride);
    } else {
      for (int64_t p = 0; p < run.positions; ++p) {
        std::copy_n(lanes_of + p * lanes, run.groups, run.first + p * run.position_stride);
      }
    }
    return;
  }
  std::array<T, kMaxLanes * kMaxLanes> block;
  for (int64_t begin = 0; begin < run.positions; begin += lanes) {
    const int64_t count = std::min(lanes, run.positions - begin);
    T* const to = run.first + begin * run.position_stride;
    if (run.fetch_ahead && run.position_stride == 1) FetchAhead(run, begin, lanes);
    if (run.position_stride == 1 && count == lanes && run.groups == lanes) {
      kernels.transpose(lanes_of + begin * lanes, lanes, to, run.group_stride);
      continue;
    }
    kernels.transpose(lanes_of + begin * lanes, lanes, block.data(), lanes);
    for (int64_t g = 0; g < run.groups; ++g) {
      const T* const from = block.data() + g * lanes;
      for (int64_t p = 0; p < count; ++p) to[g * run.group_stride + p * run.position_stride] = from[p];
    }
  }
}

template void GatherLanes(const Kernels<float>&, const GroupRun<const float>&, int64_t, float*);
template void GatherLanes(const Kernels<double>&, const GroupRun<const double>&, int64_t, double*);
template void ScatterLanes(const Kernels<float>&, const float*, const GroupRun<float>&);
template void ScatterLanes(const Kernels<double>&, const double*, const GroupRun<double>&);

}  // namespace tensord::compute::internal
