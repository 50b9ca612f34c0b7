#include "compute/src/internal/grouped_pooling.h"

#include <algorithm>

#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {

namespace {

// Whether products of an axis' indexes, steps and padding with a tensor's strides fit easily. Lengths of tensors do;
// what a geometry may have beyond them need not.
bool HasSmallNumbers(const AxisWindow& axis) {
  const int64_t most = axis.input + (int64_t{1} << 20);
  return std::max({axis.stride, axis.dilation, axis.pad_begin, axis.pad_end}) <= most;
}

}  // namespace

bool GroupedPooling::IsPossible(const PoolingGeometry& geometry) {
  if (geometry.kind == PoolingKind::kLp || geometry.batch == 0) return false;
  int64_t taps = 1;
  for (const AxisWindow& axis : geometry.axes) {
    taps = SaturatingMultiply(taps, axis.window);
    if (!HasSmallNumbers(axis)) return false;
    if (geometry.window_mode == WindowMode::kAdaptive && axis.input % axis.output != 0) return false;
  }
  return taps <= kMaxWindowTaps;
}

bool GroupedPooling::CanSpread(const PoolingGeometry& geometry) {
  return IsPossible(geometry) && (geometry.kind != PoolingKind::kMax || geometry.tie_rule == TieRule::kFirst);
}

GroupedPooling::GroupedPooling(const PoolingGeometry& geometry) : plan(geometry, 1) {
  // Which two of N, C and the lanes have more than one element each; inner is the one whose elements are nearer.
  std::array<PoolingAxis, 3> axes = {plan.lane, plan.channel, plan.batch};
  std::stable_sort(axes.begin(), axes.end(), [](const PoolingAxis& a, const PoolingAxis& b) {
    return (a.size == 1) != (b.size == 1) ? b.size == 1 : a.input_step < b.input_step;
  });
  inner = axes[0];
  PoolingAxis n = axes[1];
  if (n.input_step == inner.size * inner.input_step && n.output_step == inner.size * inner.output_step) {
    std::swap(outer, n);
  }
  n_index_step = n.index_step;
  correlation.groups = inner.size * outer.size;
  correlation.source_group_stride = inner.input_step;
  correlation.dest_group_stride = inner.output_step;
  correlation.axes[0] = {
      .position_count = n.size, .source_size = n.size, .source_stride = n.input_step, .dest_step = n.output_step};
  for (size_t i = 0; i < plan.space.size(); ++i) {
    const AxisWindow& window = plan.windows[i];
    correlation.axes[1 + i] = {.position_count = window.output,
                               .source_size = window.input,
                               .source_stride = plan.space[i].input_step,
                               .source_step = window.stride,
                               .tap_count = window.window,
                               .first_base = -window.pad_begin,
                               .base_delta = window.dilation,
                               .dest_step = plan.space[i].output_step};
  }
}

std::array<int64_t, 3> GroupedPooling::WindowCounts() const {
  return {correlation.axes[1].tap_count, correlation.axes[2].tap_count, correlation.axes[3].tap_count};
}

std::array<int64_t, 3> GroupedPooling::SourceSteps() const {
  std::array<int64_t, 3> steps;
  for (size_t i = 0; i < 3; ++i) steps[i] = correlation.axes[1 + i].base_delta * plan.space[i].input_step;
  return steps;
}

std::array<int64_t, 3> GroupedPooling::IndexSteps() const {
  std::array<int64_t, 3> steps;
  for (size_t i = 0; i < 3; ++i) steps[i] = correlation.axes[1 + i].base_delta * plan.space[i].index_step;
  return steps;
}

int64_t GroupedPooling::IndexReach() const {
  int64_t reach = 0;
  for (size_t i = 0; i < 3; ++i) reach += (WindowCounts()[i] - 1) * IndexSteps()[i];
  return reach;
}

}  // namespace tensord::compute::internal
