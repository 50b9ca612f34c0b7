#include "compute/src/internal/pool_channels.h"

#include <algorithm>
#include <array>
#include <limits>

#include "compute/src/internal/channel_windows.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

// Elements of x for the rows of outputs that one thread does together: whether they have a NaN is looked up once.
constexpr int64_t kTaskElements = 32768;

template <typename T>
class ChannelPooler {
 public:
  ChannelPooler(const PoolingGeometry& geometry, const T* x, T* y, int64_t* indices, const ExecutionContext& context)
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
    const auto& axes = windows_.axes();
    const int64_t row_elements = axes[3].source_size * windows_.groups();
    const int64_t rows = std::clamp<int64_t>(kTaskElements / row_elements, 1, axes[2].position_count);
    const int64_t parts = CeilDivide(axes[2].position_count, rows);
    const ExecutionContext own = ContextForWork(context_, Multiplications(windows_.pooling().correlation));
    own.executor->ParallelFor(axes[0].position_count * axes[1].position_count * parts, [&](int64_t task) {
      const int64_t begin = task % parts * rows;
      task /= parts;
      PoolRows({.n = task / axes[1].position_count,
                .d = task % axes[1].position_count,
                .begin = begin,
                .end = std::min(begin + rows, axes[2].position_count)});
    });
    return context_.CheckCancelled();
  }

 private:
  void PoolRows(const ChannelRows& rows) const {
    const typename Kernels<T>::PoolLanes* const loops = geometry_.kind == PoolingKind::kAverage
                                                            ? windows_.kernels().average_lanes
                                                            : windows_.LoopsOfMaxima(x_, rows, indices_ != nullptr);
    windows_.ForEach(rows, [&](const ChannelWindow<T>& window) {
      if (context_.cancelled()) return false;
      PoolWindow(loops, rows.n, window);
      return true;
    });
  }

  void PoolWindow(const typename Kernels<T>::PoolLanes* loops, int64_t n, const ChannelWindow<T>& window) const {
    const int64_t lanes = windows_.kernels().lanes;
    const int64_t vectors = windows_.groups() / lanes;
    std::array<T, kMaxWindowRows> divisors;
    if (geometry_.kind == PoolingKind::kAverage) divisors.fill(static_cast<T>(DivisorOf(geometry_, window.spans)));
    std::array<Number<T>, kMaxWindowRows> none_larger;
    none_larger.fill(window.tap_count > 0 ? 0 : -1);
    std::array<Number<T>, kMaxWindowRows * kMaxLanes> numbers;
    std::array<const T*, kMaxWindowRows> rows;
    WindowTile<T> tile{.rows = rows.data(),
                       .taps = window.taps.data(),
                       .tap_count = window.tap_count,
                       .results = nullptr,
                       .divisors = divisors.data(),
                       .tap_numbers = window.numbers.data(),
                       .numbers = indices_ != nullptr ? numbers.data() : nullptr,
                       .none_larger = none_larger.data()};
    const auto pool = [&](int64_t group, int64_t count) {
      for (int64_t i = 0; i < count; ++i) rows[static_cast<size_t>(i)] = x_ + window.first + group + i * lanes;
      tile.results = y_ + window.output + group;
      loops[count](tile);
      if (indices_ != nullptr) StoreIndices(n, window, group, count * lanes, numbers.data());
    };
    for (int64_t v = 0; v < vectors; v += kMaxWindowRows) {
      pool(v * lanes, std::min<int64_t>(kMaxWindowRows, vectors - v));
    }
    // What is left is in the last vector, some of whose planes are done once more.
    if (vectors * lanes < windows_.groups()) pool(windows_.groups() - lanes, 1);
  }

  void StoreIndices(int64_t n, const ChannelWindow<T>& window, int64_t group, int64_t groups,
                    const Number<T>* numbers) const {
    const GroupedPooling& pooling = windows_.pooling();
    const int64_t place = pooling.IndexInPlane(window.spans[0].first, window.spans[1].first, window.spans[2].first);
    int64_t* const to = indices_ + window.output + group;
    const bool together = pooling.outer.size == 1;
    const int64_t plane = pooling.IndexOf(group, n);
    const int64_t step = pooling.inner.index_step;
    for (int64_t i = 0; i < groups; ++i) {
      const int64_t own = together ? plane + i * step : pooling.IndexOf(group + i, n);
      to[i] = numbers[i] < 0 ? -1 : own + place + numbers[i];
    }
  }

  const PoolingGeometry& geometry_;
  const ChannelWindows<T> windows_;
  const T* x_;
  T* y_;
  int64_t* indices_;  // null: not wanted
  const ExecutionContext& context_;
};

}  // namespace

template <typename T>
std::optional<absl::Status> PoolChannels(const PoolingGeometry& geometry, const T* x, T* y, int64_t* indices,
                                         const ExecutionContext& context) {
  if (!GroupedPooling::IsPossible(geometry)) return std::nullopt;
  const ChannelPooler<T> pooler(geometry, x, y, indices, context);
  if (!pooler.IsPossible()) return std::nullopt;
  return pooler.Run();
}

template std::optional<absl::Status> PoolChannels(const PoolingGeometry&, const float*, float*, int64_t*,
                                                  const ExecutionContext&);
template std::optional<absl::Status> PoolChannels(const PoolingGeometry&, const double*, double*, int64_t*,
                                                  const ExecutionContext&);

}  // namespace tensord::compute::internal
