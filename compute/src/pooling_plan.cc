#include "compute/src/internal/pooling_plan.h"

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

// The row-major step of the axis at `position`, 0 for none; the axis at `skipped` does not count.
int64_t StepOf(const Shape& shape, int position, int skipped = -1) {
  if (position == -1 || position == skipped) return 0;
  int64_t step = 1;
  for (int axis = position + 1; axis < shape.rank(); ++axis) step *= axis == skipped ? 1 : shape[axis];
  return step;
}

// Index steps of N, C, D, H and W.
std::array<int64_t, 5> IndexSteps(const PoolingGeometry& geometry, const std::array<AxisWindow, 3>& windows) {
  const Layout& layout = geometry.layout;
  const int64_t d = windows[0].input;
  const int64_t h = windows[1].input;
  const int64_t w = windows[2].input;
  const int64_t plane = d * h * w;
  switch (geometry.index_base) {
    case IndexBase::kPlane:
      return {0, 0, h * w, w, 1};
    case IndexBase::kTensor:
      return {geometry.channels * plane, plane, h * w, w, 1};
    case IndexBase::kTensorColumnMajor:
      return {geometry.channels * plane, plane, 1, d, d * h};
    case IndexBase::kLayout:
    case IndexBase::kLayoutPerSample:
      break;
  }
  const int skipped = geometry.index_base == IndexBase::kLayoutPerSample ? layout.batch() : -1;
  const auto step = [&](int position) { return StepOf(geometry.input_shape, position, skipped); };
  std::array<int64_t, 5> steps = {step(layout.batch()), step(layout.channel()), 0, 0, 0};
  const size_t missing = 3 - geometry.axes.size();
  for (size_t i = 0; i < geometry.axes.size(); ++i) steps[2 + missing + i] = step(layout.spatial(static_cast<int>(i)));
  return steps;
}

// One past the last k in 0..window-1 with start + k * dilation < end.
int64_t CountBefore(const AxisWindow& axis, int64_t start, int64_t end) {
  return std::clamp<int64_t>(CeilDivide(end - start, axis.dilation), 0, axis.window);
}

}  // namespace

Span SpanAt(const AxisWindow& axis, int64_t output) {
  const int64_t start = output * axis.stride - axis.pad_begin;
  if (start >= 0 && start + axis.extent() <= axis.input) {
    return {.first = start, .count = axis.window, .padded = axis.window};
  }
  const int64_t skipped = start < 0 ? CeilDivide(-start, axis.dilation) : 0;
  return {.first = start + skipped * axis.dilation,
          .count = std::max<int64_t>(CountBefore(axis, start, axis.input) - skipped, 0),
          .padded = CountBefore(axis, start, axis.input + axis.pad_end)};
}

PoolingPlan::PoolingPlan(const PoolingGeometry& geometry, int64_t max_lanes) {
  const Layout& layout = geometry.layout;
  const size_t missing = 3 - geometry.axes.size();
  for (size_t i = 0; i < geometry.axes.size(); ++i) {
    AxisWindow& axis = windows[missing + i];
    axis = geometry.axes[i];
    if (geometry.window_mode != WindowMode::kAdaptive) continue;
    // Windows of the same length stand side by side.
    adaptive[missing + i] = axis.input % axis.output != 0;
    axis.stride = axis.window;
  }
  const std::array<int64_t, 5> index_steps = IndexSteps(geometry, windows);
  const auto axis = [&](int position, int64_t size, size_t letter) {
    return PoolingAxis{.size = size,
                       .input_step = StepOf(geometry.input_shape, position),
                       .output_step = StepOf(geometry.output_shape, position),
                       .index_step = index_steps[letter]};
  };
  batch = axis(layout.batch(), geometry.batch, 0);
  channel = axis(layout.channel(), geometry.channels, 1);
  for (size_t i = missing; i < 3; ++i) {
    space[i] = axis(layout.spatial(static_cast<int>(i - missing)), windows[i].output, 2 + i);
  }
  const int innermost = layout.rank() - 1;
  if (innermost == layout.channel() || innermost == layout.batch()) {
    PoolingAxis& lanes = innermost == layout.channel() ? channel : batch;
    std::swap(lane, lanes);
  }
  lane_block = std::max<int64_t>(std::min(lane.size, max_lanes), 1);
  lane_block_count = CeilDivide(lane.size, lane_block);
}

Span PoolingPlan::SpanAlong(size_t axis, int64_t output) const {
  const AxisWindow& window = windows[axis];
  if (!adaptive[axis]) return SpanAt(window, output);
  const AdaptiveSpan span = AdaptiveWindow(window.input, window.output, output);
  return {.first = span.first, .count = span.end - span.first, .padded = span.end - span.first};
}

PoolingBlock PoolingPlan::Block(int64_t number) const {
  const int64_t first_lane = number % lane_block_count * lane_block;
  const int64_t c = number / lane_block_count % channel.size;
  const int64_t n = number / lane_block_count / channel.size;
  return {.input = n * batch.input_step + c * channel.input_step + first_lane * lane.input_step,
          .output = n * batch.output_step + c * channel.output_step + first_lane * lane.output_step,
          .index = n * batch.index_step + c * channel.index_step + first_lane * lane.index_step,
          .lanes = std::min(lane_block, lane.size - first_lane)};
}

Lanes LanesAt(const PoolingPlan& plan, const PoolingBlock& block, int64_t w, int64_t end, int64_t max_lanes) {
  constexpr int64_t kWorthwhile = 8;
  const AxisWindow& axis = plan.windows[2];
  const PoolingAxis& along = plan.space[2];
  if (block.lanes == 1 && along.output_step == 1 && !plan.adaptive[2] && w * axis.stride >= axis.pad_begin) {
    const int64_t last_inside = FloorDivide(axis.input + axis.pad_begin - axis.extent(), axis.stride);
    const int64_t count = std::min({end - w, last_inside + 1 - w, max_lanes});
    if (count >= kWorthwhile) {
      return {.count = count,
              .outputs = count,
              .input_step = axis.stride * along.input_step,
              .index_step = axis.stride * along.index_step};
    }
  }
  return {.count = block.lanes, .outputs = 1, .input_step = 1, .index_step = plan.lane.index_step};
}

int64_t DivisorOf(const PoolingGeometry& geometry, const std::array<Span, 3>& spans) {
  switch (geometry.average_divisor.value_or(AverageDivisor::kExcluded)) {
    case AverageDivisor::kExcluded:
      return spans[0].count * spans[1].count * spans[2].count;
    case AverageDivisor::kIncluded:
      // The padded input may have more than 2^63 elements, where no sum of its elements can be.
      return SaturatingMultiply(SaturatingMultiply(spans[0].padded, spans[1].padded), spans[2].padded);
    case AverageDivisor::kFixed:
      return geometry.fixed_divisor;
  }
  __builtin_unreachable();
}

int64_t WindowElements(const PoolingGeometry& geometry) {
  int64_t count = 1;
  for (const AxisWindow& axis : geometry.axes) count = SaturatingMultiply(count, std::min(axis.window, axis.input));
  return count;
}

int64_t MostWindows(const PoolingGeometry& geometry) {
  const bool adaptive = geometry.window_mode == WindowMode::kAdaptive;
  int64_t count = 1;
  for (const AxisWindow& axis : geometry.axes) {
    // An element of N is in the adaptive windows floor(i n / N) to ceil((i + 1) n / N): however few elements these
    // have.
    const int64_t most = adaptive ? axis.output / axis.input + 2 : axis.window;
    count = SaturatingMultiply(count, std::min(most, axis.output));
  }
  return count;
}

int64_t OutputCount(const PoolingGeometry& geometry) { return SaturatingCount(geometry.output_shape); }

int64_t InputCount(const PoolingGeometry& geometry) { return SaturatingCount(geometry.input_shape); }

absl::Status FillZeros(const ExecutionContext& context, Tensor& tensor) {
  constexpr int64_t kPieceBytes = 1 << 19;
  const int64_t total = tensor.size_bytes();
  context.executor->ParallelFor(CeilDivide(total, kPieceBytes), [&](int64_t piece) {
    if (context.cancelled()) return;
    const int64_t first = piece * kPieceBytes;
    std::memset(static_cast<char*>(tensor.data()) + first, 0,
                static_cast<size_t>(std::min(kPieceBytes, total - first)));
  });
  return context.CheckCancelled();
}

absl::Status CheckPoolingInput(const PoolingGeometry& geometry, const TensorView& x) {
  if (!IsComputable(x.type)) {
    return absl::UnimplementedError(absl::StrCat("pool: x is ", Name(x.type), ", pooling takes float32 or float64"));
  }
  if (!(x.shape == geometry.input_shape)) {
    return absl::InvalidArgumentError(absl::StrCat("pool: x is ", x.shape.ToString(), ", has to be ",
                                                   geometry.input_shape.ToString(), ", the shape of the geometry"));
  }
  return absl::OkStatus();
}

}  // namespace tensord::compute::internal
