#include <algorithm>
#include <array>
#include <optional>

#include "compute/src/internal/channel_windows.h"
#include "compute/src/internal/pool_channels.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

// Vectors of planes that one thread does together at most: so many that what they read and write is contiguous.
constexpr int64_t kMaxVectors = 16;

template <typename T>
class ChannelPoolGradient {
 public:
  ChannelPoolGradient(const PoolingGeometry& geometry, const T* x, const T* dy, T* dx, const ExecutionContext& context)
      : geometry_(geometry),
        windows_(geometry, WindowNumbers::kPlaces, context),
        x_(x),
        dy_(dy),
        dx_(dx),
        context_(context) {}

  [[nodiscard]] bool IsPossible() const { return windows_.Fit(); }

  absl::Status Run() const {
    // Some planes and one place along N: their windows are done in order, so that those that overlap always add up in
    // that order.
    const int64_t vectors = CeilDivide(windows_.groups(), int64_t{windows_.kernels().lanes});
    const int64_t parts = CeilDivide(vectors, kMaxVectors);
    const ExecutionContext own =
        ContextForWork(context_, SaturatingMultiply(2, Multiplications(windows_.pooling().correlation)));
    own.executor->ParallelFor(windows_.axes()[0].position_count * parts, [&](int64_t task) {
      const int64_t part = task % parts;
      SpreadPlanes(task / parts, PartBegin(vectors, parts, part), PartBegin(vectors, parts, part + 1));
    });
    return context_.CheckCancelled();
  }

 private:
  // Of the vectors of planes begin..end-1; the last one of all ends with the last plane, and may have some of the one
  // before it, which is among them: parts are nearly equal, and there is but one where there are few vectors.
  void SpreadPlanes(int64_t n, int64_t begin, int64_t end) const {
    const int64_t lanes = windows_.kernels().lanes;
    const auto& axes = windows_.axes();
    ClearPlanes(n, begin * lanes, std::min(end * lanes, windows_.groups()));
    for (int64_t d = 0; d < axes[1].position_count; ++d) {
      for (int64_t h = 0; h < axes[2].position_count; ++h) {
        const ChannelRows row = {.n = n, .d = d, .begin = h, .end = h + 1};
        const typename Kernels<T>::PoolLanes* const loops =
            geometry_.kind == PoolingKind::kAverage ? nullptr : windows_.LoopsOfMaxima(x_, row, true);
        windows_.ForEach(row, [&](const ChannelWindow<T>& window) {
          if (context_.cancelled()) return false;
          SpreadWindow(loops, window, begin, end);
          return true;
        });
        if (context_.cancelled()) return;
      }
    }
  }

  void ClearPlanes(int64_t n, int64_t begin, int64_t end) const {
    const auto& axes = windows_.axes();
    for (int64_t d = 0; d < axes[1].source_size; ++d) {
      for (int64_t h = 0; h < axes[2].source_size; ++h) {
        for (int64_t w = 0; w < axes[3].source_size; ++w) {
          std::fill_n(dx_ + n * axes[0].source_stride + d * axes[1].source_stride + h * axes[2].source_stride +
                          w * axes[3].source_stride + begin,
                      end - begin, T{0});
        }
      }
    }
  }

  void SpreadWindow(const typename Kernels<T>::PoolLanes* loops, const ChannelWindow<T>& window, int64_t begin,
                    int64_t end) const {
    const Kernels<T>& kernels = windows_.kernels();
    const int64_t lanes = kernels.lanes;
    std::array<T*, kMaxVectors> rows;
    std::array<T, kMaxVectors> divisors;
    alignas(64) std::array<T, kMaxVectors * kMaxLanes> values;
    alignas(64) std::array<Number<T>, kMaxVectors * kMaxLanes> numbers;
    if (geometry_.kind == PoolingKind::kAverage) {
      std::fill_n(divisors.begin(), end - begin, static_cast<T>(DivisorOf(geometry_, window.spans)));
    }
    const int64_t count = end - begin;
    const int64_t last = windows_.groups() - lanes;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t group = std::min((begin + i) * lanes, last);
      // Planes of the vector before, which has added theirs.
      const int64_t done = (begin + i) * lanes - group;
      rows[static_cast<size_t>(i)] = dx_ + window.first + group;
      T* const own = values.data() + i * lanes;
      std::copy_n(dy_ + window.output + group, lanes, own);
      if (loops != nullptr) FindMaxima(loops, window, group, numbers.data() + i * lanes);
      std::fill_n(own, done, T{0});
      if (loops != nullptr) std::fill_n(numbers.data() + i * lanes, done, Number<T>{-1});
    }
    const SpreadTile<T> tile{.rows = rows.data(),
                             .row_count = count,
                             .taps = window.taps.data(),
                             .tap_count = window.tap_count,
                             .values = values.data(),
                             .divisors = divisors.data(),
                             .numbers = numbers.data()};
    (loops == nullptr ? kernels.spread_lanes : kernels.spread_lanes_to_numbers)(tile);
  }

  // Which element of the window each plane's maximum is.
  void FindMaxima(const typename Kernels<T>::PoolLanes* loops, const ChannelWindow<T>& window, int64_t group,
                  Number<T>* numbers) const {
    std::array<T, kMaxLanes> maxima;
    const T* const row = x_ + window.first + group;
    const Number<T> none_larger = window.tap_count > 0 ? 0 : -1;
    loops[1]({.rows = &row,
              .taps = window.taps.data(),
              .tap_count = window.tap_count,
              .results = maxima.data(),
              .tap_numbers = window.numbers.data(),
              .numbers = numbers,
              .none_larger = &none_larger});
  }

  const PoolingGeometry& geometry_;
  const ChannelWindows<T> windows_;
  const T* x_;
  const T* dy_;
  T* dx_;
  const ExecutionContext& context_;
};

}  // namespace

template <typename T>
std::optional<absl::Status> PoolChannelsBackward(const PoolingGeometry& geometry, const T* x, const T* dy, T* dx,
                                                 const ExecutionContext& context) {
  if (!GroupedPooling::CanSpread(geometry)) return std::nullopt;
  const ChannelPoolGradient<T> gradient(geometry, x, dy, dx, context);
  if (!gradient.IsPossible()) return std::nullopt;
  return gradient.Run();
}

template std::optional<absl::Status> PoolChannelsBackward(const PoolingGeometry&, const float*, const float*, float*,
                                                          const ExecutionContext&);
template std::optional<absl::Status> PoolChannelsBackward(const PoolingGeometry&, const double*, const double*, double*,
                                                          const ExecutionContext&);

}  // namespace tensord::compute::internal
