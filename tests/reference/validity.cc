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

}  // namespace

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
