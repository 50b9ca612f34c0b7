// The windows of a pooling, element by element: for oracles that need every term by itself.
#ifndef TENSORD_TESTS_COMPUTE_POOLING_WINDOWS_H_
#define TENSORD_TESTS_COMPUTE_POOLING_WINDOWS_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "tensord/compute/pooling.h"
#include "tests/compute/pooling_cases.h"
#include "tests/reference/coordinates.h"
#include "tests/reference/exact.h"

namespace tensord::compute {

// The elements of one output's window, in row-major order, and what an average is divided by.
struct PoolingWindow {
  std::vector<size_t> inputs;
  int64_t divisor = 0;
};

inline std::vector<PoolingWindow> WindowsOf(const PoolingGeometry& g) {
  const auto axes = reference::ThreeAxes(g.axes);
  const bool adaptive = g.window_mode == WindowMode::kAdaptive;
  std::vector<PoolingWindow> windows(static_cast<size_t>(ElementCount(g.output_shape).value_or(0)));
  reference::Coordinates place;
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t c = 0; c < g.channels; ++c) {
      place['N'] = n;
      place['C'] = c;
      reference::ForEach({axes[0].output, axes[1].output, axes[2].output}, [&](const std::array<int64_t, 3>& y) {
        for (size_t i = 0; i < 3; ++i) place[reference::kSpatialLetters[i]] = y[i];
        PoolingWindow& window = windows[reference::Offset(g.layout.letters(), g.output_shape, place)];
        std::array<int64_t, 3> first;
        std::array<int64_t, 3> length;
        for (size_t i = 0; i < 3; ++i) {
          first[i] = adaptive ? y[i] * axes[i].input / axes[i].output : y[i] * axes[i].stride - axes[i].pad_begin;
          const int64_t end = ((y[i] + 1) * axes[i].input + axes[i].output - 1) / axes[i].output;
          length[i] = adaptive ? end - first[i] : axes[i].window;
        }
        int64_t padded = 0;
        reference::ForEach(length, [&](const std::array<int64_t, 3>& taps) {
          bool inside = true;
          bool in_padding = true;
          for (size_t i = 0; i < 3; ++i) {
            const int64_t p = first[i] + taps[i] * (adaptive ? 1 : axes[i].dilation);
            inside = inside && p >= 0 && p < axes[i].input;
            in_padding = in_padding && p < axes[i].input + axes[i].pad_end;
            place[reference::kSpatialLetters[i]] = p;
          }
          padded += in_padding ? 1 : 0;
          if (inside) window.inputs.push_back(reference::Offset(g.layout.letters(), g.input_shape, place));
        });
        const AverageDivisor divisor = g.average_divisor.value_or(AverageDivisor::kExcluded);
        window.divisor = divisor == AverageDivisor::kIncluded ? padded
                         : divisor == AverageDivisor::kFixed  ? g.fixed_divisor
                                                              : static_cast<int64_t>(window.inputs.size());
      });
    }
  }
  return windows;
}

// The fractions whose sum is each element's gradient, of kMax, kAverage, and kLp with p = 1, of numbers without NaN.
inline std::vector<reference::Fractions<double>> GradientFractions(const PoolingGeometry& geometry,
                                                                   const std::vector<PoolingWindow>& windows,
                                                                   const std::vector<double>& x,
                                                                   const std::vector<double>& dy) {
  std::vector<reference::Fractions<double>> fractions(x.size());
  for (size_t i = 0; i < windows.size(); ++i) {
    // What the window's maximum is, and how many elements are equal to it.
    double maximum = -std::numeric_limits<double>::infinity();
    for (const size_t input : windows[i].inputs) maximum = std::max(maximum, x[input]);
    int64_t ties = 0;
    for (const size_t input : windows[i].inputs) ties += x[input] == maximum ? 1 : 0;
    bool found = false;
    for (const size_t input : windows[i].inputs) {
      if (geometry.kind == PoolingKind::kAverage) {
        fractions[input].Add(dy[i], windows[i].divisor);
      } else if (geometry.kind == PoolingKind::kLp) {
        if (x[input] != 0) fractions[input].Add(x[input] > 0 ? dy[i] : -dy[i], 1);
      } else if (x[input] == maximum && (geometry.tie_rule != TieRule::kFirst || !found)) {
        fractions[input].Add(dy[i], geometry.tie_rule == TieRule::kSplit ? ties : 1);
        found = true;
      }
    }
  }
  return fractions;
}

// The catalogue but for its longest cases, and windows of the other modes.
inline std::vector<PoolingCase> EveryModeCases() {
  std::vector<PoolingCase> cases;
  for (const PoolingCase& each : PoolingCases()) {
    if (ElementCount(each.input).value_or(0) <= 1000) cases.push_back(each);
  }
  cases.push_back({"GlobalMode", {2, 5, 6, 3}, {.input_layout = "NHWC", .window_mode = WindowMode::kGlobal}});
  cases.push_back({"GlobalVolume", {2, 3, 2, 3, 4}, {.input_layout = "NCDHW", .window_mode = WindowMode::kGlobal}});
  return cases;
}
// Those that have an average, with adaptive windows too.
inline std::vector<PoolingCase> AveragedCases() {
  std::vector<PoolingCase> cases = EveryModeCases();
  const auto adaptive = [&](const char* name, const Shape& input, const char* layout, std::vector<int64_t> sizes) {
    cases.push_back(
        {name, input, {.input_layout = layout, .window_mode = WindowMode::kAdaptive, .output_size = std::move(sizes)}});
  };
  adaptive("Adaptive", {2, 7, 5, 3}, "NHWC", {3, 2});
  adaptive("AdaptiveLonger", {2, 3, 4, 5}, "NCHW", {7, 3});
  adaptive("AdaptiveEven", {12, 8}, "HW", {3, 4});
  adaptive("AdaptiveVolume", {3, 5, 4, 7}, "CDHW", {2, 3, 3});
  // Shares of so many sizes that they have no common multiple below 2^24.
  const auto overlapping = [&](const char* name, const Shape& input, const char* layout, std::vector<int64_t> window,
                               std::vector<int64_t> padding) {
    cases.push_back({name,
                     input,
                     {.input_layout = layout,
                      .window = std::move(window),
                      .strides = {1},
                      .padding = {.begin = padding, .end = std::move(padding)}}});
  };
  overlapping("ManyShares", {2, 9, 11, 2}, "NHWC", {5, 5}, {2, 2});
  overlapping("ManySharesLong", {60}, "W", {37}, {36});
  overlapping("ManySharesVolume", {2, 5, 4, 6}, "CDHW", {3, 3, 4}, {1, 1, 2});
  return cases;
}

}  // namespace tensord::compute

#endif  // TENSORD_TESTS_COMPUTE_POOLING_WINDOWS_H_
