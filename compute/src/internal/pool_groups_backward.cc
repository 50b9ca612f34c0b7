#include <array>
#include <utility>

#include "compute/src/internal/gradient_box.h"
#include "compute/src/internal/group_windows.h"
#include "compute/src/internal/pool_groups.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

template <typename T>
class GroupPoolGradient {
 public:
  GroupPoolGradient(const PoolingGeometry& geometry, const T* x, const T* dy, T* dx, const ExecutionContext& context)
      : geometry_(geometry),
        windows_(geometry, WindowNumbers::kPlaces, context),
        correlation_(windows_.pooling().correlation),
        box_(correlation_, windows_.kernels(), windows_.blocks()),
        x_(x),
        dy_(dy),
        dx_(dx),
        context_(context) {}

  [[nodiscard]] bool IsPossible() const { return windows_.Fit() && box_.Fits(); }

  absl::Status Run() {
    tap_count_ = SetWindowOffsets(windows_.pooling().WindowCounts(), box_.OffsetOfFirstTap(), box_.TapSteps(), taps_);
    const int64_t lanes = windows_.kernels().lanes;
    const int64_t group_blocks = CeilDivide(correlation_.groups, lanes);
    const int64_t tasks = group_blocks * correlation_.axes[0].position_count;
    const ExecutionContext own = ContextForWork(context_, SaturatingMultiply(2, Multiplications(correlation_)));
    // Each thread's memory: those of the windows and of the gradient, a block's part of dy, its maxima, and their
    // numbers.
    const int64_t memory_count = windows_.MemoryCount() + box_.MemoryCount() + 3 * kBlockElements;
    return RunTiles<T>(tasks, memory_count, own, [&](int64_t task, T* memory) {
      SpreadGroups(task % group_blocks * lanes, task / group_blocks, memory);
    });
  }

 private:
  // All blocks of some groups and of one place along N, in order: windows that overlap add up in that order always.
  void SpreadGroups(int64_t group, int64_t n, T* memory) const {
    T* const box_memory = memory + windows_.MemoryCount();
    T* const dx = dx_ + group * correlation_.source_group_stride + n * correlation_.axes[0].source_stride;
    typename GradientBox<T>::Sums sums(box_, windows_.GroupsFrom(group), dx, box_memory);
    const int64_t blocks = windows_.blocks().count() / correlation_.axes[0].position_count;
    for (int64_t i = n * blocks; i < (n + 1) * blocks; ++i) {
      if (context_.cancelled()) return;
      SpreadBlock(group, windows_.blocks().At(i), memory, box_memory + box_.MemoryCount(), sums);
    }
    sums.Finish();
  }

  void SpreadBlock(int64_t group, const PositionBlock& block, T* memory, T* dy,
                   typename GradientBox<T>::Sums& sums) const {
    const Kernels<T>& kernels = windows_.kernels();
    const int64_t offset = group * correlation_.dest_group_stride;
    GatherPositions(kernels, correlation_, block, windows_.GroupsFrom(group), dy_ + offset,
                    DestSize(correlation_) - offset, true, dy);
    std::array<T*, kBlockPositions> positions;
    sums.Set(block, positions);
    SpreadTile<T> tile{.rows = positions.data(),
                       .row_count = block.rows * block.columns,
                       .taps = taps_.data(),
                       .tap_count = tap_count_,
                       .values = dy};
    if (geometry_.kind == PoolingKind::kAverage) {
      std::array<T, kBlockPositions> divisors;
      windows_.SetDivisors(block, divisors);
      tile.divisors = divisors.data();
      kernels.spread_lanes(tile);
      return;
    }
    auto* const numbers = reinterpret_cast<Number<T>*>(dy + 2 * kBlockElements);
    windows_.FindMaxima(x_, group, block, memory, dy + kBlockElements, numbers);
    tile.numbers = numbers;
    kernels.spread_lanes_to_numbers(tile);
  }

  const PoolingGeometry& geometry_;
  const GroupWindows<T> windows_;
  const Correlation& correlation_;
  const GradientBox<T> box_;
  const T* x_;
  const T* dy_;
  T* dx_;
  const ExecutionContext& context_;
  int64_t tap_count_ = 0;
  std::array<int64_t, kMaxWindowTaps> taps_;  // how far from the first element of a window each one is in the box
};

// Of one thread, at most.
template <typename T>
int64_t MaxScratchBytes() {
  constexpr int64_t kWindows = 2 * (kPlanesElements<T> + kMaxLanes * kMaxLanes);
  constexpr int64_t kSums = kPlanesElements<T> + (kBlockPositions + 2 * kMaxLanes) * kMaxLanes;
  constexpr int64_t kElements = kWindows + kSums + 3 * kBlockElements + static_cast<int64_t>(kTensorAlignment);
  constexpr int64_t kBytes = kElements * static_cast<int64_t>(sizeof(T));
  static_assert(kBytes <= kMaxThreadScratchBytes);
  return kBytes;
}

}  // namespace

template <typename T>
std::optional<absl::Status> PoolGroupsBackward(const PoolingGeometry& geometry, const T* x, const T* dy, T* dx,
                                               const ExecutionContext& context) {
  if (!GroupedPooling::CanSpread(geometry)) return std::nullopt;
  GroupPoolGradient<T> gradient(geometry, x, dy, dx, context);
  if (!gradient.IsPossible()) return std::nullopt;
  return gradient.Run();
}

int64_t PoolGroupsScratchBytes(const PoolingGeometry& geometry, DataType type, int thread_count) {
  if (!GroupedPooling::IsPossible(geometry)) return 0;
  const int64_t each = type == DataType::kFloat64 ? MaxScratchBytes<double>() : MaxScratchBytes<float>();
  return SaturatingMultiply(each, thread_count);
}

template std::optional<absl::Status> PoolGroupsBackward(const PoolingGeometry&, const float*, const float*, float*,
                                                        const ExecutionContext&);
template std::optional<absl::Status> PoolGroupsBackward(const PoolingGeometry&, const double*, const double*, double*,
                                                        const ExecutionContext&);

}  // namespace tensord::compute::internal
