// What the windows of a pooling come to where planes follow each other in memory, as channels do in NHWC: vectors of
// them, in place.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CHANNEL_WINDOWS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CHANNEL_WINDOWS_H_

#include <array>
#include <cstdint>

#include "compute/src/internal/grouped_pooling.h"
#include "compute/src/kernels/kernels.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute::internal {

// One window: where its first element inside the input and its output are, and the elements inside.
template <typename T>
struct ChannelWindow {
  std::array<Span, 3> spans;
  int64_t first = 0;   // offset into x, of plane 0
  int64_t output = 0;  // offset into y
  int64_t tap_count = 0;
  std::array<int64_t, kMaxWindowTaps> taps;       // how far from the first element each one is in x
  std::array<Number<T>, kMaxWindowTaps> numbers;  // and its number
};

// Some rows of windows: those with one coordinate each along N and D.
struct ChannelRows {
  int64_t n = 0;
  int64_t d = 0;
  int64_t begin = 0;
  int64_t end = 0;
};

template <typename T>
class ChannelWindows {
 public:
  // Only for geometries of which GroupedPooling::IsPossible is true.
  ChannelWindows(const PoolingGeometry& geometry, WindowNumbers numbers, const ExecutionContext& context);

  // Whether the planes follow each other in x and in y, and are at least as many as a vector has lanes; where not,
  // nothing else may be called.
  [[nodiscard]] bool Fit() const;

  [[nodiscard]] const GroupedPooling& pooling() const { return pooling_; }
  [[nodiscard]] const Kernels<T>& kernels() const { return kernels_; }
  [[nodiscard]] int64_t groups() const { return pooling_.correlation.groups; }
  // How many windows there are along D, H and W; of N how many places.
  [[nodiscard]] const std::array<CorrelationAxis, kCorrelationAxisCount>& axes() const {
    return pooling_.correlation.axes;
  }

  // Calls visit(window) for each window of some rows, in row-major order, until it returns false.
  template <typename Visit>
  void ForEach(const ChannelRows& rows, Visit&& visit) const {
    ChannelWindow<T> window;
    window.spans[0] = pooling_.plan.SpanAlong(0, rows.d);
    for (int64_t row = rows.begin; row < rows.end; ++row) {
      window.spans[1] = pooling_.plan.SpanAlong(1, row);
      for (int64_t column = 0; column < axes()[3].position_count; ++column) {
        const int64_t before = window.spans[2].count;
        window.spans[2] = pooling_.plan.SpanAlong(2, column);
        // Along a row windows are mostly the same but for where they begin.
        if (column == 0 || before != window.spans[2].count) SetTaps(window);
        SetPlace(rows.n, rows.d, row, column, window);
        if (!visit(window)) return;
      }
    }
  }

  // The loops for maxima of some rows' windows: the careful ones only where an element of their rows is a NaN.
  [[nodiscard]] const typename Kernels<T>::PoolLanes* LoopsOfMaxima(const T* x, const ChannelRows& rows,
                                                                    bool numbered) const;

 private:
  void SetTaps(ChannelWindow<T>& window) const;
  void SetPlace(int64_t n, int64_t d, int64_t row, int64_t column, ChannelWindow<T>& window) const;
  [[nodiscard]] bool RowHasNan(const T* from) const;

  const PoolingGeometry& geometry_;
  const GroupedPooling pooling_;
  const Kernels<T>& kernels_;
  const WindowNumbers numbers_;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CHANNEL_WINDOWS_H_
