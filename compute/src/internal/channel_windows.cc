#include "compute/src/internal/channel_windows.h"

#include "compute/src/internal/kernels_for.h"

namespace tensord::compute::internal {

template <typename T>
ChannelWindows<T>::ChannelWindows(const PoolingGeometry& geometry, WindowNumbers numbers,
                                  const ExecutionContext& context)
    : geometry_(geometry), pooling_(geometry), kernels_(KernelsFor<T>(context)), numbers_(numbers) {}

template <typename T>
bool ChannelWindows<T>::Fit() const {
  const Correlation& correlation = pooling_.correlation;
  return correlation.source_group_stride == 1 && correlation.dest_group_stride == 1 &&
         correlation.groups >= kernels_.lanes;
}

template <typename T>
void ChannelWindows<T>::SetTaps(ChannelWindow<T>& window) const {
  const std::array<int64_t, 3> counts = {window.spans[0].count, window.spans[1].count, window.spans[2].count};
  const std::array<int64_t, 3> places = {counts[1] * counts[2], counts[2], 1};
  window.tap_count = SetWindowOffsets(counts, 0, pooling_.SourceSteps(), window.taps);
  SetWindowOffsets(counts, 0, numbers_ == WindowNumbers::kIndices ? pooling_.IndexSteps() : places, window.numbers);
}

template <typename T>
void ChannelWindows<T>::SetPlace(int64_t n, int64_t d, int64_t row, int64_t column, ChannelWindow<T>& window) const {
  window.first = n * axes()[0].source_stride;
  for (size_t i = 0; i < window.spans.size(); ++i) window.first += window.spans[i].first * axes()[1 + i].source_stride;
  window.output =
      n * axes()[0].dest_step + d * axes()[1].dest_step + row * axes()[2].dest_step + column * axes()[3].dest_step;
}

template <typename T>
const typename Kernels<T>::PoolLanes* ChannelWindows<T>::LoopsOfMaxima(const T* x, const ChannelRows& rows,
                                                                       bool numbered) const {
  const Span slices = pooling_.plan.SpanAlong(0, rows.d);
  const Span first = pooling_.plan.SpanAlong(1, rows.begin);
  const Span last = pooling_.plan.SpanAlong(1, rows.end - 1);
  // Windows without an element say nothing of where they are.
  const int64_t h_begin = first.count > 0 ? first.first : 0;
  const int64_t h_end =
      last.count > 0 ? last.first + (last.count - 1) * axes()[2].base_delta + 1 : axes()[2].source_size;
  for (int64_t i = 0; i < slices.count; ++i) {
    const int64_t d = slices.first + i * axes()[1].base_delta;
    for (int64_t h = h_begin; h < h_end; ++h) {
      const T* const from =
          x + rows.n * axes()[0].source_stride + d * axes()[1].source_stride + h * axes()[2].source_stride;
      if (!RowHasNan(from)) continue;
      return geometry_.nan_rule == NanRule::kFirst && numbered ? kernels_.first_nan_lanes : kernels_.last_nan_lanes;
    }
  }
  return numbered ? kernels_.numbered_maximum_lanes : kernels_.maximum_lanes;
}

template <typename T>
bool ChannelWindows<T>::RowHasNan(const T* from) const {
  const CorrelationAxis& axis = axes()[3];
  const bool is_gapless = axis.source_stride == groups();
  const int64_t runs = is_gapless ? 1 : axis.source_size;
  const int64_t length = is_gapless ? axis.source_size * groups() : groups();
  for (int64_t i = 0; i < runs; ++i, from += axis.source_stride) {
    // What is left of the run is in its last vector.
    if (kernels_.has_nan(from, length / kernels_.lanes, kernels_.lanes)) return true;
    if (kernels_.has_nan(from + length - kernels_.lanes, 1, 0)) return true;
  }
  return false;
}

template class ChannelWindows<float>;
template class ChannelWindows<double>;

}  // namespace tensord::compute::internal
