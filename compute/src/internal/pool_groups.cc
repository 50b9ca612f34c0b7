#include "compute/src/internal/pool_groups.h"

#include <array>
#include <bit>
#include <limits>

#include "compute/src/internal/group_lanes.h"
#include "compute/src/internal/group_windows.h"
#include "compute/src/internal/tiles.h"

namespace tensord::compute::internal {
namespace {

template <typename T>
class GroupPooler {
 public:
  GroupPooler(const PoolingGeometry& geometry, const T* x, T* y, int64_t* indices, const ExecutionContext& context)
      : geometry_(geometry),
        windows_(geometry, WindowNumbers::kIndices, context),
        x_(x),
        y_(y),
        indices_(indices),
        context_(context) {}

  [[nodiscard]] bool IsPossible() const {
    return windows_.Fit() &&
           (indices_ == nullptr || windows_.pooling().IndexReach() <= std::numeric_limits<Number<T>>::max());
  }

  absl::Status Run() const {
    const Correlation& correlation = windows_.pooling().correlation;
    const int64_t lanes = windows_.kernels().lanes;
    const int64_t group_blocks = CeilDivide(correlation.groups, lanes);
    const ExecutionContext own = ContextForWork(context_, Multiplications(correlation));
    // Each thread's memory: that of the windows, results, maxima's numbers [position][lane] and [lane][position].
    const int64_t memory_count = windows_.MemoryCount() + 3 * kBlockElements;
    return RunTiles<T>(group_blocks * windows_.blocks().count(), memory_count, own, [&](int64_t task, T* memory) {
      PoolBlock(task % group_blocks * lanes, windows_.blocks().At(task / group_blocks), memory);
    });
  }

 private:
  void PoolBlock(int64_t group, const PositionBlock& block, T* memory) const {
    const Correlation& correlation = windows_.pooling().correlation;
    T* const results = memory + windows_.MemoryCount();
    T* const numbers = results + kBlockElements;
    if (geometry_.kind == PoolingKind::kAverage) {
      windows_.Average(x_, group, block, memory, results);
    } else {
      // In memory of elements, as which they are moved.
      auto* const as_numbers = reinterpret_cast<Number<T>*>(numbers);
      windows_.FindMaxima(x_, group, block, memory, results, indices_ != nullptr ? as_numbers : nullptr);
    }
    ScatterPositions(windows_.kernels(), correlation, block, block.columns, correlation.axes[3].dest_step,
                     windows_.GroupsFrom(group), results, y_ + group * correlation.dest_group_stride);
    if (indices_ != nullptr) StoreIndices(group, block, numbers, numbers + kBlockElements);
  }

  // The indices of a block's maxima, from their elements' numbers.
  void StoreIndices(int64_t group, const PositionBlock& block, const T* numbers, T* turned) const {
    const GroupedPooling& pooling = windows_.pooling();
    const Correlation& correlation = pooling.correlation;
    const auto& axes = correlation.axes;
    const int64_t groups = windows_.GroupsFrom(group);
    const int64_t origin = pooling.IndexInPlane(block.d * axes[1].source_step + axes[1].first_base,
                                                block.row * axes[2].source_step + axes[2].first_base,
                                                block.column * axes[3].source_step + axes[3].first_base);
    const int64_t row_step = pooling.IndexInPlane(0, axes[2].source_step, 0);
    const int64_t column_step = pooling.IndexInPlane(0, 0, axes[3].source_step);
    int64_t* const first = indices_ + group * correlation.dest_group_stride + OffsetInDest(correlation, block);
    // Windows without an element are the exception.
    const bool all_have_elements = geometry_.empty_window == EmptyWindow::kRefuse;
    const auto index_of = [&](T element, int64_t first_index) {
      const auto number = std::bit_cast<Number<T>>(element);
      return number < 0 ? -1 : first_index + number;
    };
    const int64_t columns = block.columns;  // which nothing that is stored can change
    // What is inner in the tensor is inner in the loop.
    if (correlation.dest_group_stride == 1) {
      std::array<int64_t, kMaxLanes> planes;
      for (int64_t lane = 0; lane < groups; ++lane) {
        planes[static_cast<size_t>(lane)] = pooling.IndexOf(group + lane, block.n) + origin;
      }
      for (int64_t y = 0; y < block.rows; ++y) {
        for (int64_t x = 0; x < columns; ++x, numbers += windows_.kernels().lanes) {
          int64_t* const to = first + y * axes[2].dest_step + x * axes[3].dest_step;
          const int64_t place = y * row_step + x * column_step;
          for (int64_t lane = 0; lane < groups; ++lane) {
            to[lane] = index_of(numbers[lane], planes[static_cast<size_t>(lane)] + place);
          }
        }
      }
      return;
    }
    ScatterLanes(windows_.kernels(), numbers,
                 GroupRun<T>{.first = turned,
                             .groups = groups,
                             .group_stride = kBlockPositions,
                             .positions = block.rows * block.columns,
                             .position_stride = 1});
    for (int64_t lane = 0; lane < groups; ++lane) {
      const T* number = turned + lane * kBlockPositions;
      const int64_t plane = pooling.IndexOf(group + lane, block.n) + origin;
      for (int64_t y = 0; y < block.rows; ++y, number += columns) {
        int64_t* const to = first + lane * correlation.dest_group_stride + y * axes[2].dest_step;
        const int64_t row = plane + y * row_step;
        if (all_have_elements && axes[3].dest_step == 1) {
          for (int64_t x = 0; x < columns; ++x) {
            to[x] = row + x * column_step + std::bit_cast<Number<T>>(number[x]);
          }
          continue;
        }
        for (int64_t x = 0; x < columns; ++x) {
          to[x * axes[3].dest_step] = index_of(number[x], row + x * column_step);
        }
      }
    }
  }

  const PoolingGeometry& geometry_;
  const GroupWindows<T> windows_;
  const T* x_;
  T* y_;
  int64_t* indices_;  // null: not wanted
  const ExecutionContext& context_;
};

}  // namespace

template <typename T>
std::optional<absl::Status> PoolGroups(const PoolingGeometry& geometry, const T* x, T* y, int64_t* indices,
                                       const ExecutionContext& context) {
  if (!GroupedPooling::IsPossible(geometry)) return std::nullopt;
  GroupPooler<T> pooler(geometry, x, y, indices, context);
  if (!pooler.IsPossible()) return std::nullopt;
  return pooler.Run();
}

template std::optional<absl::Status> PoolGroups(const PoolingGeometry&, const float*, float*, int64_t*,
                                                const ExecutionContext&);
template std::optional<absl::Status> PoolGroups(const PoolingGeometry&, const double*, double*, int64_t*,
                                                const ExecutionContext&);

}  // namespace tensord::compute::internal
