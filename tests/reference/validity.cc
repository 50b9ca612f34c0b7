#include "tests/reference/validity.h"

#include <algorithm>

namespace tensord::reference {
namespace {

using compute::PaddingMode;
using compute::PaddingSource;

bool NumbersInRange(const AxisRequest& axis, PaddingMode mode) {
  if (axis.input < 1 || axis.window < 1 || axis.stride < 1 || axis.dilation < 1) return false;
  return mode != PaddingMode::kExplicit || (axis.begin >= 0 && axis.end >= 0);
}

// The first and the last place that the window covers when it starts at `start`.
int64_t LastPlace(const AxisRequest& axis, int64_t start) {
  for (int64_t k = 1; k < axis.window; ++k) start += axis.dilation;
  return start;
}

// The number of starts -begin, -begin + stride, ... for which the whole window lies before input + end.
int64_t Count(const AxisRequest& axis, int64_t begin, int64_t end) {
  int64_t count = 0;
  for (int64_t start = -begin; LastPlace(axis, start) < axis.input + end; start += axis.stride) ++count;
  return count;
}

// The padding of an axis; for SAME the least that gives as many windows as there are starts inside the input.
void SetPadding(PaddingMode mode, AxisRequest& axis) {
  if (mode == PaddingMode::kExplicit) return;
  axis.begin = axis.end = 0;
  if (mode == PaddingMode::kFull || mode == PaddingMode::kCausal) axis.begin = LastPlace(axis, 0);
  if (mode == PaddingMode::kFull) axis.end = axis.begin;
  if (mode != PaddingMode::kSameUpper && mode != PaddingMode::kSameLower) return;
  int64_t wanted = 0;
  for (int64_t start = 0; start < axis.input; start += axis.stride) ++wanted;
  while (Count(axis, axis.begin, axis.end) < wanted) {
    const bool at_end = (axis.begin + axis.end) % 2 == (mode == PaddingMode::kSameUpper ? 0 : 1);
    ++(at_end ? axis.end : axis.begin);
  }
}

bool ReadsWhatThereIs(PaddingSource source, const AxisRequest& axis) {
  const int64_t most = std::max(axis.begin, axis.end);
  if (source == PaddingSource::kReflect) return most < axis.input;
  return source != PaddingSource::kCircular || most <= axis.input;
}

// The length of a transposed axis, or nothing.
std::optional<int64_t> TransposedLength(const AxisRequest& axis, std::optional<PaddingMode> mode) {
  // One past the last cell that a tap reaches.
  int64_t reach = 1;
  for (int64_t y = 1; y < axis.input; ++y) reach += axis.stride;
  reach = LastPlace(axis, reach);
  const int64_t limit = std::max(axis.stride, axis.dilation);
  const int64_t given = axis.output_padding.value_or(0);
  if (given < 0 || given >= limit) return std::nullopt;
  if (axis.output_shape.has_value() && *axis.output_shape < 1) return std::nullopt;
  const bool same = mode == PaddingMode::kSameUpper || mode == PaddingMode::kSameLower;
  if (same || (!mode.has_value() && axis.output_shape.has_value())) {
    const int64_t wanted = axis.output_shape.value_or(axis.input * axis.stride);
    // Cutting reaches every length up to that without a cut; more output padding the others.
    for (int64_t more = given; more < limit; ++more) {
      if (wanted <= reach + more) return wanted;
    }
    return std::nullopt;
  }
  const int64_t cut = mode == PaddingMode::kExplicit ? axis.begin + axis.end : 0;
  if (!axis.output_shape.has_value()) {
    const int64_t length = reach + given - cut;
    return length < 1 ? std::nullopt : std::optional(length);
  }
  for (int64_t more = 0; more < limit; ++more) {
    if (axis.output_padding.has_value() && more != given) continue;
    if (reach + more - cut == *axis.output_shape) return axis.output_shape;
  }
  return std::nullopt;
}

// Where window number `index` starts.
int64_t Start(const AxisRequest& axis, int64_t index) { return index * axis.stride - axis.begin; }

// How many windows a pooling has along an axis whose padding is known. Below 1 is no length.
int64_t PooledLength(const AxisRequest& axis, PaddingMode mode, compute::LengthRule rule) {
  int64_t count = 0;
  if (mode == PaddingMode::kSameUpper || mode == PaddingMode::kSameLower) {
    for (int64_t start = 0; start < axis.input; start += axis.stride) ++count;
    return count;
  }
  switch (rule) {
    case compute::LengthRule::kFloor:
      return Count(axis, axis.begin, axis.end);
    case compute::LengthRule::kStartInside:
      while (Start(axis, count) < axis.input) ++count;
      return count;
    case compute::LengthRule::kCeil:
      break;
  }
  // The first window that reaches the padded input's end, counted from long before its beginning; it is left out where
  // it starts at the end of the input or behind.
  int64_t last = -axis.input - LastPlace(axis, 0) - axis.begin - axis.end;
  while (LastPlace(axis, Start(axis, last)) < axis.input + axis.end - 1) ++last;
  return Start(axis, last) >= axis.input ? last : last + 1;
}

bool HoldsAnElement(const AxisRequest& axis, int64_t start) {
  for (int64_t k = 0; k < axis.window; ++k, start += axis.dilation) {
    if (start >= 0 && start < axis.input) return true;
  }
  return false;
}

bool KeepsToLimit(const AxisRequest& axis, compute::PaddingLimit limit) {
  if (limit == compute::PaddingLimit::kNone) return true;
  const int64_t whole = limit == compute::PaddingLimit::kHalfWindow ? axis.window : LastPlace(axis, 0) + 1;
  return 2 * axis.begin <= whole && 2 * axis.end <= whole;
}

// GLOBAL and ADAPTIVE.
std::optional<std::vector<int64_t>> OutputOfOtherWindows(const PoolingRequest& request) {
  const bool global = request.window_mode == compute::WindowMode::kGlobal;
  if (request.has_strides || request.has_dilations || request.mode.has_value() || request.rule.has_value() ||
      request.limit.has_value()) {
    return std::nullopt;
  }
  if (global) {
    if (!request.output_size.empty()) return std::nullopt;
    for (const AxisRequest& axis : request.axes) {
      if (request.has_window && axis.window != axis.input) return std::nullopt;
    }
    return std::vector<int64_t>(request.axes.size(), 1);
  }
  if (request.kind != compute::PoolingKind::kMax && request.kind != compute::PoolingKind::kAverage) return std::nullopt;
  if (request.has_window || request.output_size.empty()) return std::nullopt;
  for (const int64_t size : request.output_size) {
    if (size < 1) return std::nullopt;
  }
  return request.output_size;
}

}  // namespace

std::optional<std::vector<int64_t>> OutputOfPooling(const PoolingRequest& request) {
  using compute::PoolingKind;
  using compute::WindowMode;
  if (request.batch < 0 || request.channels < 1) return std::nullopt;
  for (const AxisRequest& axis : request.axes) {
    if (axis.input < 1) return std::nullopt;
  }
  const bool subsamples = request.kind == PoolingKind::kSubsample;
  if (request.has_divisor && request.kind != PoolingKind::kAverage) return std::nullopt;
  if (request.empty_window.has_value() && request.kind != PoolingKind::kMax) return std::nullopt;
  if (request.window_mode.has_value() && subsamples) return std::nullopt;
  if (request.window_mode.value_or(WindowMode::kExplicit) != WindowMode::kExplicit)
    return OutputOfOtherWindows(request);
  if (!request.output_size.empty()) return std::nullopt;
  if (!request.has_window && !subsamples) return std::nullopt;
  if (!request.has_strides && subsamples) return std::nullopt;
  const PaddingMode mode = request.mode.value_or(PaddingMode::kValid);
  if (mode == PaddingMode::kCausal) return std::nullopt;
  const compute::LengthRule rule = request.rule.value_or(compute::LengthRule::kFloor);
  const bool same = mode == PaddingMode::kSameUpper || mode == PaddingMode::kSameLower;
  bool reaches_past = false;
  bool all_hold = true;
  std::vector<int64_t> output;
  for (AxisRequest axis : request.axes) {
    if (!request.has_window) axis.window = 1;
    if (subsamples && axis.window != 1) return std::nullopt;
    if (!request.has_strides) axis.stride = axis.window;
    if (!request.has_dilations) axis.dilation = 1;
    if (!NumbersInRange(axis, mode)) return std::nullopt;
    SetPadding(mode, axis);
    if (!KeepsToLimit(axis, request.limit.value_or(compute::PaddingLimit::kNone))) return std::nullopt;
    if (rule == compute::LengthRule::kStartInside && !same && axis.end != 0) return std::nullopt;
    const int64_t length = PooledLength(axis, mode, rule);
    if (length < 1) return std::nullopt;
    for (int64_t i = 0; i < length; ++i) {
      all_hold = all_hold && HoldsAnElement(axis, Start(axis, i));
      reaches_past = reaches_past || Start(axis, i) < 0 || LastPlace(axis, Start(axis, i)) >= axis.input;
    }
    output.push_back(length);
  }
  if (!all_hold && request.empty_window != compute::EmptyWindow::kNegativeInfinity) return std::nullopt;
  if (request.kind == PoolingKind::kAverage && reaches_past && !request.has_divisor) return std::nullopt;
  return output;
}

std::optional<std::vector<int64_t>> OutputOfConvolution(const ConvolutionRequest& request) {
  const PaddingMode mode = request.mode.value_or(PaddingMode::kValid);
  if (request.batch < 0 || request.channels < 1 || request.filter_input < 1 || request.filter_output < 1) {
    return std::nullopt;
  }
  if (request.groups < 1 || request.channels % request.groups != 0 || request.filter_output % request.groups != 0 ||
      request.filter_input * request.groups != request.channels) {
    return std::nullopt;
  }
  if (mode == PaddingMode::kCausal && request.axes.size() != 1) return std::nullopt;
  std::vector<int64_t> output;
  for (AxisRequest axis : request.axes) {
    if (!NumbersInRange(axis, mode)) return std::nullopt;
    SetPadding(mode, axis);
    if (!ReadsWhatThereIs(request.source, axis)) return std::nullopt;
    output.push_back(Count(axis, axis.begin, axis.end));
    if (output.back() < 1) return std::nullopt;
  }
  output.push_back(request.filter_output);
  return output;
}

std::optional<std::vector<int64_t>> OutputOfTransposed(const ConvolutionRequest& request) {
  if (request.batch < 0 || request.channels < 1 || request.filter_input < 1 || request.filter_output < 1) {
    return std::nullopt;
  }
  if (request.groups < 1 || request.channels % request.groups != 0 || request.filter_input != request.channels) {
    return std::nullopt;
  }
  if (request.mode == PaddingMode::kFull || request.mode == PaddingMode::kCausal) return std::nullopt;
  if (request.source != PaddingSource::kZero) return std::nullopt;
  std::vector<int64_t> output;
  for (const AxisRequest& axis : request.axes) {
    if (!NumbersInRange(axis, request.mode.value_or(PaddingMode::kValid))) return std::nullopt;
    const std::optional<int64_t> length = TransposedLength(axis, request.mode);
    if (!length.has_value()) return std::nullopt;
    output.push_back(*length);
  }
  output.push_back(request.filter_output * request.groups);
  return output;
}

}  // namespace tensord::reference
