#include "compute/src/internal/group_windows.h"

#include <algorithm>
#include <limits>

#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/pooling_plan.h"

namespace tensord::compute::internal {
namespace {

// What stands for padding: it changes no maximum and no sum.
template <typename T>
T PaddingOf(PoolingKind kind) {
  return kind == PoolingKind::kAverage ? T{-0.0} : -std::numeric_limits<T>::infinity();
}

// The windows of a block along H or W.
using Spans = std::array<Span, kBlockPositions>;
void SetSpans(const PoolingPlan& plan, size_t axis, int64_t first, int64_t count, Spans& spans) {
  for (int64_t i = 0; i < count; ++i) spans[static_cast<size_t>(i)] = plan.SpanAlong(axis, first + i);
}

// Calls visit(position, row, column, spans) for each window of a block.
template <typename Visit>
void ForEachWindow(const PoolingPlan& plan, const PositionBlock& block, Visit&& visit) {
  std::array<Span, 3> spans = {plan.SpanAlong(0, block.d), Span{}, Span{}};
  Spans columns;
  SetSpans(plan, 2, block.column, block.columns, columns);
  size_t position = 0;
  for (int64_t y = 0; y < block.rows; ++y) {
    spans[1] = plan.SpanAlong(1, block.row + y);
    for (int64_t x = 0; x < block.columns; ++x, ++position) {
      spans[2] = columns[static_cast<size_t>(x)];
      visit(position, y, x, spans);
    }
  }
}

// Between neighbours in a window along D, H and W.
std::array<int64_t, 3> StepsOf(WindowNumbers numbers, const GroupedPooling& pooling) {
  if (numbers == WindowNumbers::kIndices) return pooling.IndexSteps();
  const std::array<int64_t, 3> counts = pooling.WindowCounts();
  return {counts[1] * counts[2], counts[2], 1};
}

}  // namespace

template <typename T>
GroupWindows<T>::GroupWindows(const PoolingGeometry& geometry, WindowNumbers numbers, const ExecutionContext& context)
    : geometry_(geometry),
      pooling_(geometry),
      kernels_(KernelsFor<T>(context)),
      source_(pooling_.correlation, kernels_, PaddingOf<T>(geometry.kind), true),
      reads_padding_(!ReadsOnlyTheSource(pooling_.correlation)),
      number_steps_(StepsOf(numbers, pooling_)) {
  if (!Fit()) return;
  tap_count_ = SetWindowOffsets(pooling_.WindowCounts(), source_.box().OffsetOfTap(0, 0, 0), source_.box().TapSteps(),
                                box_taps_);
  SetWindowOffsets(pooling_.WindowCounts(), 0, pooling_.SourceSteps(), source_taps_);
  SetWindowOffsets(pooling_.WindowCounts(), 0, number_steps_, numbers_);
}

template <typename T>
bool GroupWindows<T>::Fit() const {
  const int64_t groups = pooling_.correlation.groups;
  return groups > 1 && groups >= kernels_.lanes / 2 && source_.box().Fits();
}

template <typename T>
int64_t GroupWindows<T>::GroupsFrom(int64_t group) const {
  return std::min(int64_t{kernels_.lanes}, pooling_.correlation.groups - group);
}

template <typename T>
void GroupWindows<T>::Average(const T* x, int64_t group, const PositionBlock& block, T* memory, T* results) const {
  std::array<const T*, kBlockPositions> positions;
  std::array<T, kBlockPositions> divisors;
  WindowTile<T> tile = SetTile(x, group, block, memory, positions);
  SetDivisors(block, divisors);
  tile.divisors = divisors.data();
  tile.results = results;
  Run(kernels_.average_lanes, tile, block.rows * block.columns);
}

template <typename T>
void GroupWindows<T>::FindMaxima(const T* x, int64_t group, const PositionBlock& block, T* memory, T* results,
                                 Number<T>* numbers) const {
  std::array<const T*, kBlockPositions> positions;
  std::array<Number<T>, kBlockPositions> first;
  WindowTile<T> tile = SetTile(x, group, block, memory, positions);
  tile.results = results;
  // The careful loops only where they are needed.
  const bool has_nan = source_.HasNan(x, group, block, memory);
  const typename Kernels<T>::PoolLanes* loops = has_nan ? kernels_.last_nan_lanes : kernels_.maximum_lanes;
  if (numbers != nullptr) {
    loops = !has_nan                                ? kernels_.numbered_maximum_lanes
            : geometry_.nan_rule == NanRule::kFirst ? kernels_.first_nan_lanes
                                                    : kernels_.last_nan_lanes;
  }
  // The careful loops need the taps' numbers in any case.
  tile.numbers = numbers;
  if (numbers != nullptr || has_nan) {
    SetFirstElements(block, first);
    tile.none_larger = first.data();
    tile.tap_numbers = numbers_.data();
  }
  Run(loops, tile, block.rows * block.columns);
}

template <typename T>
WindowTile<T> GroupWindows<T>::SetTile(const T* x, int64_t group, const PositionBlock& block, T* memory,
                                       std::array<const T*, kBlockPositions>& positions) const {
  source_.Set(x, group, 0, block, memory, positions);
  return {.rows = positions.data(),
          .taps = (source_.AreInPlace(group) ? source_taps_ : box_taps_).data(),
          .tap_count = tap_count_,
          .results = nullptr};
}

template <typename T>
void GroupWindows<T>::Run(const typename Kernels<T>::PoolLanes* loops, WindowTile<T> tile, int64_t positions) const {
  while (positions > 0) {
    const int64_t count = std::min<int64_t>(positions, kMaxWindowRows);
    loops[count](tile);
    positions -= count;
    tile.rows += count;
    tile.results += count * kernels_.lanes;
    if (tile.numbers != nullptr) tile.numbers += count * kernels_.lanes;
    if (tile.none_larger != nullptr) tile.none_larger += count;
    if (tile.divisors != nullptr) tile.divisors += count;
  }
}

template <typename T>
void GroupWindows<T>::SetDivisors(const PositionBlock& block, std::array<T, kBlockPositions>& divisors) const {
  if (!reads_padding_) {
    const PoolingPlan& plan = pooling_.plan;
    const T all =
        static_cast<T>(DivisorOf(geometry_, {plan.SpanAlong(0, 0), plan.SpanAlong(1, 0), plan.SpanAlong(2, 0)}));
    std::fill_n(divisors.begin(), block.rows * block.columns, all);
    return;
  }
  ForEachWindow(pooling_.plan, block, [&](size_t position, int64_t, int64_t, const std::array<Span, 3>& spans) {
    divisors[position] = static_cast<T>(DivisorOf(geometry_, spans));
  });
}

template <typename T>
void GroupWindows<T>::SetFirstElements(const PositionBlock& block,
                                       std::array<Number<T>, kBlockPositions>& first) const {
  if (!reads_padding_) {
    std::fill_n(first.begin(), block.rows * block.columns, Number<T>{0});
    return;
  }
  const auto& axes = pooling_.correlation.axes;
  const auto visit = [&](size_t position, int64_t y, int64_t x, const std::array<Span, 3>& spans) {
    const std::array<int64_t, 3> place = {block.d, block.row + y, block.column + x};
    int64_t number = 0;
    for (size_t i = 0; i < spans.size(); ++i) {
      const CorrelationAxis& axis = axes[1 + i];
      const int64_t before = spans[i].first - place[i] * axis.source_step - axis.first_base;
      // Mostly none, and a division costs more than the rest.
      const int64_t skipped = before == 0 ? 0 : before / axis.base_delta;
      number = spans[i].count == 0 || number < 0 ? -1 : number + skipped * number_steps_[i];
    }
    first[position] = static_cast<Number<T>>(number);
  };
  ForEachWindow(pooling_.plan, block, visit);
}

template class GroupWindows<float>;
template class GroupWindows<double>;

}  // namespace tensord::compute::internal
