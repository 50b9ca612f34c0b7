#include "compute/src/internal/pool_channels.h"

#include <algorithm>
#include <array>
#include <limits>

#include "compute/src/internal/grouped_pooling.h"
#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

// Elements of x for the rows of outputs that one thread does together: whether they have a NaN is looked up once.
constexpr int64_t kTaskElements = 32768;

// The elements of one window that lie inside the input.
template <typename T>
struct InsideTaps {
  int64_t count = 0;
  std::array<int64_t, kMaxWindowTaps> offsets;    // from x's first element of the sample
  std::array<Number<T>, kMaxWindowTaps> numbers;  // what each adds to the index of the first one
};

template <typename T>
class ChannelPooler {
 public:
  ChannelPooler(const PoolingGeometry& geometry, const T* x, T* y, int64_t* indices, const ExecutionContext& context)
      : geometry_(geometry),
        pooling_(geometry),
        kernels_(KernelsFor<T>(context)),
        x_(x),
        y_(y),
        indices_(indices),
        context_(context) {
    const int64_t row = SaturatingMultiply(axes()[3].source_size, pooling_.correlation.groups);
    rows_per_task_ = std::clamp<int64_t>(kTaskElements / std::max<int64_t>(row, 1), 1, axes()[2].position_count);
  }

  [[nodiscard]] bool IsPossible() const {
    const Correlation& correlation = pooling_.correlation;
    return correlation.source_group_stride == 1 && correlation.dest_group_stride == 1 &&
           correlation.groups >= kernels_.lanes &&
           (indices_ == nullptr || pooling_.IndexReach() <= std::numeric_limits<Number<T>>::max());
  }

  absl::Status Run() const {
    const int64_t parts = CeilDivide(axes()[2].position_count, rows_per_task_);
    const ExecutionContext own = ContextForWork(context_, Multiplications(pooling_.correlation));
    own.executor->ParallelFor(axes()[0].position_count * axes()[1].position_count * parts, [&](int64_t task) {
      const int64_t part = task % parts;
      task /= parts;
      PoolRows(task / axes()[1].position_count, task % axes()[1].position_count, part * rows_per_task_);
    });
    return context_.CheckCancelled();
  }

 private:
  [[nodiscard]] const std::array<CorrelationAxis, kCorrelationAxisCount>& axes() const {
    return pooling_.correlation.axes;
  }

  void PoolRows(int64_t n, int64_t d, int64_t row) const {
    const int64_t end = std::min(row + rows_per_task_, axes()[2].position_count);
    std::array<Span, 3> spans = {pooling_.plan.SpanAlong(0, d), Span{}, Span{}};
    const typename Kernels<T>::PoolLanes* const loops = LoopsFor(n, spans[0], row, end);
    InsideTaps<T> taps;
    for (; row < end; ++row) {
      if (context_.cancelled()) return;
      spans[1] = pooling_.plan.SpanAlong(1, row);
      for (int64_t column = 0; column < axes()[3].position_count; ++column) {
        const Span before = spans[2];
        spans[2] = pooling_.plan.SpanAlong(2, column);
        // Windows along a row are mostly the same but for where they begin.
        if (column == 0 || before.count != spans[2].count) SetTaps(spans, taps);
        PoolWindow(loops, n, spans, taps,
                   n * axes()[0].dest_step + d * axes()[1].dest_step + row * axes()[2].dest_step +
                       column * axes()[3].dest_step);
      }
    }
  }

  // The careful loops only where an element of these windows' rows is a NaN.
  const typename Kernels<T>::PoolLanes* LoopsFor(int64_t n, const Span& slices, int64_t row, int64_t end) const {
    if (geometry_.kind == PoolingKind::kAverage) return kernels_.average_lanes;
    const Span first = pooling_.plan.SpanAlong(1, row);
    const Span last = pooling_.plan.SpanAlong(1, end - 1);
    // Windows without an element say nothing of where they are.
    const int64_t h_end =
        last.count > 0 ? last.first + (last.count - 1) * axes()[2].base_delta + 1 : axes()[2].source_size;
    for (int64_t i = 0; i < slices.count; ++i) {
      const int64_t d = slices.first + i * axes()[1].base_delta;
      for (int64_t h = first.count > 0 ? first.first : 0; h < h_end; ++h) {
        const T* const from =
            x_ + n * axes()[0].source_stride + d * axes()[1].source_stride + h * axes()[2].source_stride;
        if (!RowHasNan(from)) continue;
        return geometry_.nan_rule == NanRule::kFirst && indices_ != nullptr ? kernels_.first_nan_lanes
                                                                            : kernels_.last_nan_lanes;
      }
    }
    return indices_ != nullptr ? kernels_.numbered_maximum_lanes : kernels_.maximum_lanes;
  }

  bool RowHasNan(const T* from) const {
    const CorrelationAxis& axis = axes()[3];
    const bool is_gapless = axis.source_stride == pooling_.correlation.groups;
    const int64_t runs = is_gapless ? 1 : axis.source_size;
    const int64_t length = is_gapless ? axis.source_size * axis.source_stride : pooling_.correlation.groups;
    for (int64_t i = 0; i < runs; ++i, from += axis.source_stride) {
      const int64_t vectors = length / kernels_.lanes;
      // The last vector again, as far as it has elements of its own.
      if (kernels_.has_nan(from, vectors, kernels_.lanes) || kernels_.has_nan(from + length - kernels_.lanes, 1, 0)) {
        return true;
      }
    }
    return false;
  }

  // Of a window that begins where the spans do.
  void SetTaps(const std::array<Span, 3>& spans, InsideTaps<T>& taps) const {
    const std::array<int64_t, 3> counts = {spans[0].count, spans[1].count, spans[2].count};
    taps.count = SetWindowOffsets(counts, 0, pooling_.SourceSteps(), taps.offsets);
    SetWindowOffsets(counts, 0, pooling_.IndexSteps(), taps.numbers);
  }

  void PoolWindow(const typename Kernels<T>::PoolLanes* loops, int64_t n, const std::array<Span, 3>& spans,
                  const InsideTaps<T>& taps, int64_t output) const {
    const T* const first = x_ + n * axes()[0].source_stride + spans[0].first * axes()[1].source_stride +
                           spans[1].first * axes()[2].source_stride + spans[2].first * axes()[3].source_stride;
    const int64_t lanes = kernels_.lanes;
    const int64_t vectors = pooling_.correlation.groups / lanes;
    std::array<T, kMaxWindowRows> divisors;
    if (geometry_.kind == PoolingKind::kAverage) divisors.fill(static_cast<T>(DivisorOf(geometry_, spans)));
    std::array<Number<T>, kMaxWindowRows> none_larger;
    none_larger.fill(taps.count > 0 ? 0 : -1);
    std::array<Number<T>, kMaxWindowRows * kMaxLanes> numbers;
    std::array<const T*, kMaxWindowRows> rows;
    WindowTile<T> tile{.rows = rows.data(),
                       .taps = taps.offsets.data(),
                       .tap_count = taps.count,
                       .results = nullptr,
                       .divisors = divisors.data(),
                       .tap_numbers = taps.numbers.data(),
                       .numbers = indices_ != nullptr ? numbers.data() : nullptr,
                       .none_larger = none_larger.data()};
    const auto pool = [&](int64_t group, int64_t count) {
      for (int64_t i = 0; i < count; ++i) rows[static_cast<size_t>(i)] = first + group + i * lanes;
      tile.results = y_ + output + group;
      loops[count](tile);
      if (indices_ != nullptr) StoreIndices(n, spans, group, count * lanes, numbers.data(), output);
    };
    for (int64_t v = 0; v < vectors; v += kMaxWindowRows)
      pool(v * lanes, std::min<int64_t>(kMaxWindowRows, vectors - v));
    // What is left is done with planes of the last vector, once more.
    if (vectors * lanes < pooling_.correlation.groups) pool(pooling_.correlation.groups - lanes, 1);
  }

  void StoreIndices(int64_t n, const std::array<Span, 3>& spans, int64_t group, int64_t groups,
                    const Number<T>* numbers, int64_t output) const {
    const int64_t place = pooling_.IndexInPlane(spans[0].first, spans[1].first, spans[2].first);
    int64_t* const to = indices_ + output + group;
    const bool together = pooling_.outer.size == 1;
    const int64_t plane = pooling_.IndexOf(group, n);
    for (int64_t i = 0; i < groups; ++i) {
      const int64_t own = together ? plane + i * pooling_.inner.index_step : pooling_.IndexOf(group + i, n);
      to[i] = numbers[i] < 0 ? -1 : own + place + numbers[i];
    }
  }

  const PoolingGeometry& geometry_;
  const GroupedPooling pooling_;
  const Kernels<T>& kernels_;
  const T* x_;
  T* y_;
  int64_t* indices_;  // null: not wanted
  const ExecutionContext& context_;
  int64_t rows_per_task_;
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
