#include <cmath>

#include "tests/reference/coordinates.h"
#include "tests/reference/reference.h"
#include "tests/reference/sums.h"

namespace tensord::reference {
namespace {

using compute::AxisWindow;
using compute::IndexBase;
using compute::PoolingGeometry;
using compute::PoolingKind;

// One output and its window's elements inside the input, in row-major order of the window.
struct Window {
  size_t output;
  std::vector<size_t> inputs;
  std::vector<Coordinates> coordinates;  // of `inputs`
  int64_t in_padded_input = 0;           // elements inside the input or its padding
};

Window WindowAt(const PoolingGeometry& g, const std::array<AxisWindow, 3>& axes, int64_t n, int64_t c,
                const std::array<int64_t, 3>& y) {
  Window window;
  Coordinates place;
  place['N'] = n;
  place['C'] = c;
  for (size_t i = 0; i < 3; ++i) place[kSpatialLetters[i]] = y[i];
  window.output = Offset(g.layout.letters(), g.output_shape, place);
  ForEach({axes[0].window, axes[1].window, axes[2].window}, [&](const std::array<int64_t, 3>& k) {
    bool inside = true;
    bool inside_padded = true;
    for (size_t i = 0; i < 3; ++i) {
      const int64_t p = y[i] * axes[i].stride + k[i] * axes[i].dilation - axes[i].pad_begin;
      inside = inside && p >= 0 && p < axes[i].input;
      inside_padded = inside_padded && p >= -axes[i].pad_begin && p < axes[i].input + axes[i].pad_end;
      place[kSpatialLetters[i]] = p;
    }
    if (inside_padded) ++window.in_padded_input;
    if (!inside) return;
    window.inputs.push_back(Offset(g.layout.letters(), g.input_shape, place));
    window.coordinates.push_back(place);
  });
  return window;
}

template <typename Visit>
void ForEachWindow(const PoolingGeometry& g, Visit&& visit) {
  const auto axes = ThreeAxes(g.axes);
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t c = 0; c < g.channels; ++c) {
      ForEach({axes[0].output, axes[1].output, axes[2].output},
              [&](const std::array<int64_t, 3>& y) { visit(WindowAt(g, axes, n, c, y)); });
    }
  }
}

long double DivisorOf(const PoolingGeometry& g, const Window& window) {
  if (!g.average_divisor.has_value()) return static_cast<long double>(window.inputs.size());
  switch (*g.average_divisor) {
    case compute::AverageDivisor::kExcluded:
      return static_cast<long double>(window.inputs.size());
    case compute::AverageDivisor::kIncluded:
      return static_cast<long double>(window.in_padded_input);
    case compute::AverageDivisor::kFixed:
      return static_cast<long double>(g.fixed_divisor);
  }
  return 0;
}

// Which of the window's elements is the maximum.
size_t MaximumOf(const PoolingGeometry& g, const Window& window, const std::vector<double>& x) {
  for (size_t i = 0; i < window.inputs.size(); ++i) {
    const size_t k = g.nan_rule == compute::NanRule::kFirst ? i : window.inputs.size() - 1 - i;
    if (std::isnan(x[window.inputs[k]])) return k;
  }
  size_t best = 0;
  for (size_t i = 1; i < window.inputs.size(); ++i) {
    if (x[window.inputs[i]] > x[window.inputs[best]]) best = i;
  }
  return best;
}

int64_t IndexOf(const PoolingGeometry& g, const Coordinates& at) {
  const auto axes = ThreeAxes(g.axes);
  const int64_t sizes[] = {axes[0].input, axes[1].input, axes[2].input};
  const int64_t plane = (at['D'] * sizes[1] + at['H']) * sizes[2] + at['W'];
  const int64_t column_major = at['D'] + sizes[0] * (at['H'] + sizes[1] * at['W']);
  const int64_t planes_before = (at['N'] * g.channels + at['C']) * sizes[0] * sizes[1] * sizes[2];
  switch (g.index_base) {
    case IndexBase::kPlane:
      return plane;
    case IndexBase::kTensor:
      return planes_before + plane;
    case IndexBase::kTensorColumnMajor:
      return planes_before + column_major;
    case IndexBase::kLayout:
      return static_cast<int64_t>(Offset(g.layout.letters(), g.input_shape, at));
    case IndexBase::kLayoutPerSample:
      return static_cast<int64_t>(Offset(g.layout.letters(), g.input_shape, at, "N"));
  }
  return -1;
}

}  // namespace

Pooled Pool(const PoolingGeometry& geometry, const std::vector<double>& x) {
  Accumulator y(CountOf(geometry.output_shape));
  Pooled result;
  if (geometry.kind == PoolingKind::kMax) result.indices.resize(static_cast<size_t>(CountOf(geometry.output_shape)));
  ForEachWindow(geometry, [&](const Window& window) {
    if (geometry.kind == PoolingKind::kMax) {
      const size_t best = MaximumOf(geometry, window, x);
      y.Add(window.output, x[window.inputs[best]]);
      result.indices[window.output] = IndexOf(geometry, window.coordinates[best]);
      return;
    }
    const long double divisor = geometry.kind == PoolingKind::kAverage ? DivisorOf(geometry, window) : 1;
    for (const size_t input : window.inputs) y.Add(window.output, x[input] / divisor);
  });
  result.sums = y.Finish();
  return result;
}

Sums PoolBackward(const PoolingGeometry& geometry, const std::vector<double>& x, const std::vector<double>& dy) {
  Accumulator dx(CountOf(geometry.input_shape));
  ForEachWindow(geometry, [&](const Window& window) {
    const long double upstream = dy[window.output];
    if (geometry.kind == PoolingKind::kMax) {
      dx.Add(window.inputs[MaximumOf(geometry, window, x)], upstream);
      return;
    }
    const long double divisor = geometry.kind == PoolingKind::kAverage ? DivisorOf(geometry, window) : 1;
    for (const size_t input : window.inputs) dx.Add(input, upstream / divisor);
  });
  return dx.Finish();
}

int64_t CountWindows(compute::LengthRule rule, const AxisWindow& axis) {
  const int64_t extent = axis.dilation * (axis.window - 1) + 1;
  const int64_t padded = axis.pad_begin + axis.input + axis.pad_end;
  const int64_t input_end = axis.pad_begin + axis.input;
  int64_t count = 0;
  int64_t start = 0;
  switch (rule) {
    case compute::LengthRule::kFloor:  // as long as a whole window fits
      for (; start + extent <= padded; start += axis.stride) ++count;
      break;
    case compute::LengthRule::kCeil:  // until a window reaches the end, but none that starts behind the input
      if (extent > padded) break;
      ++count;
      for (; start + extent < padded; start += axis.stride) ++count;
      if (count > 1 && start >= input_end) --count;
      break;
    case compute::LengthRule::kStartInside:  // as long as a window starts before the end of the input
      for (; start < input_end; start += axis.stride) ++count;
      break;
  }
  return count;
}

}  // namespace tensord::reference
