#include <cmath>
#include <limits>
#include <map>

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

// The elements p with floor(y N / n) <= p < ceil((y + 1) N / n), put without a division.
bool InAdaptiveWindow(const AxisWindow& axis, int64_t y, int64_t p) {
  return (p + 1) * axis.output > y * axis.input && p * axis.output < (y + 1) * axis.input;
}

Window AdaptiveWindowAt(const PoolingGeometry& g, const std::array<AxisWindow, 3>& axes, Coordinates place,
                        const std::array<int64_t, 3>& y) {
  Window window;
  window.output = Offset(g.layout.letters(), g.output_shape, place);
  ForEach({axes[0].input, axes[1].input, axes[2].input}, [&](const std::array<int64_t, 3>& p) {
    for (size_t i = 0; i < 3; ++i) {
      if (!InAdaptiveWindow(axes[i], y[i], p[i])) return;
      place[kSpatialLetters[i]] = p[i];
    }
    ++window.in_padded_input;
    window.inputs.push_back(Offset(g.layout.letters(), g.input_shape, place));
    window.coordinates.push_back(place);
  });
  return window;
}

Window WindowAt(const PoolingGeometry& g, const std::array<AxisWindow, 3>& axes, int64_t n, int64_t c,
                const std::array<int64_t, 3>& y) {
  Window window;
  Coordinates place;
  place['N'] = n;
  place['C'] = c;
  for (size_t i = 0; i < 3; ++i) place[kSpatialLetters[i]] = y[i];
  if (g.window_mode == compute::WindowMode::kAdaptive) return AdaptiveWindowAt(g, axes, place, y);
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

// The maxima that a gradient goes to.
std::vector<size_t> WinnersOf(const PoolingGeometry& g, const Window& window, const std::vector<double>& x) {
  const size_t best = MaximumOf(g, window, x);
  if (g.tie_rule == compute::TieRule::kFirst || std::isnan(x[window.inputs[best]])) return {best};
  std::vector<size_t> winners;
  for (size_t i = 0; i < window.inputs.size(); ++i) {
    if (x[window.inputs[i]] == x[window.inputs[best]]) winners.push_back(i);
  }
  return winners;
}

long double NormOf(const PoolingGeometry& g, const Window& window, const std::vector<double>& x) {
  long double sum = 0;
  const auto p = static_cast<long double>(g.p);
  for (const size_t input : window.inputs) sum += std::pow(std::abs(static_cast<long double>(x[input])), p);
  return g.p == 2 ? std::sqrt(sum) : std::pow(sum, 1 / p);
}

Pooled PoolNorms(const PoolingGeometry& geometry, const std::vector<double>& x) {
  Accumulator y(CountOf(geometry.output_shape));
  std::vector<int64_t> terms(static_cast<size_t>(CountOf(geometry.output_shape)));
  ForEachWindow(geometry, [&](const Window& window) {
    y.Add(window.output, NormOf(geometry, window, x));
    terms[window.output] = static_cast<int64_t>(window.inputs.size());
  });
  Pooled result{.sums = y.Finish(), .indices = {}};
  result.sums.terms = terms;
  return result;
}

// Offsets into x by index, of one sample's and channel's plane.
std::map<int64_t, size_t> ElementsByIndex(const PoolingGeometry& g, int64_t n, int64_t c) {
  std::map<int64_t, size_t> elements;
  const auto axes = ThreeAxes(g.axes);
  ForEach({axes[0].input, axes[1].input, axes[2].input}, [&](const std::array<int64_t, 3>& p) {
    Coordinates place;
    place['N'] = n;
    place['C'] = c;
    for (size_t i = 0; i < 3; ++i) place[kSpatialLetters[i]] = p[i];
    elements[IndexOf(g, place)] = Offset(g.layout.letters(), g.input_shape, place);
  });
  return elements;
}

// Calls visit(offset into y, offset into x) for every index but -1, plane by plane.
template <typename Visit>
void ForEachIndex(const PoolingGeometry& g, const std::vector<int64_t>& indices, Visit&& visit) {
  const auto axes = ThreeAxes(g.axes);
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t c = 0; c < g.channels; ++c) {
      const std::map<int64_t, size_t> elements = ElementsByIndex(g, n, c);
      ForEach({axes[0].output, axes[1].output, axes[2].output}, [&](const std::array<int64_t, 3>& y) {
        Coordinates place;
        place['N'] = n;
        place['C'] = c;
        for (size_t i = 0; i < 3; ++i) place[kSpatialLetters[i]] = y[i];
        const size_t output = Offset(g.layout.letters(), g.output_shape, place);
        if (indices[output] != -1) visit(output, elements.at(indices[output]));
      });
    }
  }
}

}  // namespace

Pooled Pool(const PoolingGeometry& geometry, const std::vector<double>& x) {
  if (geometry.kind == PoolingKind::kLp) return PoolNorms(geometry, x);
  Accumulator y(CountOf(geometry.output_shape));
  Pooled result;
  if (geometry.kind == PoolingKind::kMax) result.indices.resize(static_cast<size_t>(CountOf(geometry.output_shape)));
  ForEachWindow(geometry, [&](const Window& window) {
    if (geometry.kind == PoolingKind::kMax && window.inputs.empty()) {
      y.Add(window.output, -std::numeric_limits<long double>::infinity());
      result.indices[window.output] = -1;
      return;
    }
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
      if (window.inputs.empty()) return;
      const std::vector<size_t> winners = WinnersOf(geometry, window, x);
      const bool split = geometry.tie_rule == compute::TieRule::kSplit;
      for (const size_t i : winners) {
        dx.Add(window.inputs[i], split ? upstream / static_cast<long double>(winners.size()) : upstream);
      }
      return;
    }
    if (geometry.kind == PoolingKind::kLp) {
      const long double y = NormOf(geometry, window, x);
      for (const size_t input : window.inputs) {
        const long double value = x[input];
        if (value == 0 || y == 0) continue;
        const long double power = std::pow(std::abs(value) / y, static_cast<long double>(geometry.p) - 1);
        dx.Add(input, upstream * std::copysign(power, value));
      }
      return;
    }
    const long double divisor = geometry.kind == PoolingKind::kAverage ? DivisorOf(geometry, window) : 1;
    for (const size_t input : window.inputs) dx.Add(input, upstream / divisor);
  });
  return dx.Finish();
}

std::vector<double> Unpool(const PoolingGeometry& geometry, const std::vector<double>& y,
                           const std::vector<int64_t>& indices) {
  std::vector<double> x(static_cast<size_t>(CountOf(geometry.input_shape)));
  ForEachIndex(geometry, indices, [&](size_t output, size_t input) { x[input] = y[output]; });
  return x;
}

std::vector<double> UnpoolBackward(const PoolingGeometry& geometry, const std::vector<int64_t>& indices,
                                   const std::vector<double>& dx) {
  std::vector<double> dy(static_cast<size_t>(CountOf(geometry.output_shape)));
  ForEachIndex(geometry, indices, [&](size_t output, size_t input) { dy[output] = dx[input]; });
  return dy;
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
