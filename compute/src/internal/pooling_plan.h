// How a pooling walks over its tensors: strides, windows and the pieces of work, for forwards and backwards.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_POOLING_PLAN_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_POOLING_PLAN_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

// An axis that is looped over: N, C or a spatial one. Steps are in elements, 0 for an axis that the layout lacks.
struct PoolingAxis {
  int64_t size = 1;
  int64_t input_step = 0;
  int64_t output_step = 0;
  int64_t index_step = 0;  // by how much the index of a maximum grows
};

// The window of one output coordinate along one axis, cut down to the input.
struct Span {
  int64_t first = 0;   // the position of its first element inside the input
  int64_t count = 0;   // its elements inside the input, `dilation` apart: at least 1 but for empty windows
  int64_t padded = 0;  // its elements inside the padded input
};
[[nodiscard]] Span SpanAt(const AxisWindow& axis, int64_t output);

// Elements with one coordinate each along N, C (but for the lanes) and, if not cut further, a block of lanes.
struct PoolingBlock {
  int64_t input = 0;   // offset of the block's first element of x
  int64_t output = 0;  // of y
  int64_t index = 0;   // the index that belongs to `input`
  int64_t lanes = 1;
};

// A pooling with its tensors' axes sorted out. Lanes are the elements along N or C where that axis is the innermost
// one: they are neighbours in memory and are pooled side by side, each for itself.
struct PoolingPlan {
  std::array<AxisWindow, 3> windows;  // D, H, W; missing ones have size 1
  std::array<bool, 3> adaptive = {};  // windows of differing length, which AdaptiveWindow() tells
  std::array<PoolingAxis, 3> space;
  PoolingAxis batch;    // of size 1 where it is the lanes
  PoolingAxis channel;  // likewise
  PoolingAxis lane;     // input and output steps 1
  int64_t lane_block = 1;
  int64_t lane_block_count = 1;

  // `max_lanes`: the most lanes of one block.
  PoolingPlan(const PoolingGeometry& geometry, int64_t max_lanes);

  // batch.size * channel.size * lane_block_count; 0 for an empty batch.
  [[nodiscard]] int64_t block_count() const { return batch.size * channel.size * lane_block_count; }
  [[nodiscard]] PoolingBlock Block(int64_t number) const;

  // The window of an output coordinate along D, H or W.
  [[nodiscard]] Span SpanAlong(size_t axis, int64_t output) const;
};

// Outputs that are computed side by side: their windows are the same but for where they start.
struct Lanes {
  int64_t count = 1;
  int64_t outputs = 1;     // how many coordinates along W they cover
  int64_t input_step = 1;  // between the starts of neighbours' windows
  int64_t index_step = 0;
};
// The lanes from output coordinate w < end along W on: those of the block, or else, where W is innermost and several
// windows lie inside the input, neighbours along W, at most max_lanes.
[[nodiscard]] Lanes LanesAt(const PoolingPlan& plan, const PoolingBlock& block, int64_t w, int64_t end,
                            int64_t max_lanes);

// By what the sum over a window is divided.
[[nodiscard]] int64_t DivisorOf(const PoolingGeometry& geometry, const std::array<Span, 3>& spans);

// Elements of x that one output reads at most. Saturates.
[[nodiscard]] int64_t WindowElements(const PoolingGeometry& geometry);

// Windows that an element of x is in at most. Saturates.
[[nodiscard]] int64_t MostWindows(const PoolingGeometry& geometry);

// The number of outputs, and of elements of x. Saturate.
[[nodiscard]] int64_t OutputCount(const PoolingGeometry& geometry);
[[nodiscard]] int64_t InputCount(const PoolingGeometry& geometry);

// Sets every element to zero. kCancelled where the flag was set on the way.
[[nodiscard]] absl::Status FillZeros(const ExecutionContext& context, Tensor& tensor);

// Looks at the cancel flag once per some ten thousand elements.
class CancelPoll {
 public:
  explicit CancelPoll(const ExecutionContext& context) : context_(context), cancelled_(context.cancelled()) {}

  // To be called before `elements` more are visited. False: stop.
  bool Continue(int64_t elements) {
    left_ -= elements;
    if (left_ < 0) {
      left_ = kElements;
      cancelled_ = cancelled_ || context_.cancelled();
    }
    return !cancelled_;
  }

  static constexpr int64_t kElements = 1 << 16;

 private:
  const ExecutionContext& context_;
  int64_t left_ = kElements;
  bool cancelled_;
};

// Calls run(input offset, index, count) for the rows of a window in row-major order; `origin` is where its block
// starts. The elements of a row are `dilation` apart along W. Long rows come in several runs. False: cancelled on the
// way.
template <typename Run>
bool ForEachRun(const PoolingPlan& plan, const std::array<Span, 3>& spans, const PoolingBlock& origin, int64_t lanes,
                CancelPoll& poll, Run&& run) {
  const int64_t longest = std::max<int64_t>(CancelPoll::kElements / lanes, 1);
  const auto& [d_axis, h_axis, w_axis] = plan.space;
  for (int64_t i = 0; i < spans[0].count; ++i) {
    const int64_t d = spans[0].first + i * plan.windows[0].dilation;
    for (int64_t j = 0; j < spans[1].count; ++j) {
      const int64_t h = spans[1].first + j * plan.windows[1].dilation;
      for (int64_t k = 0; k < spans[2].count; k += longest) {
        const int64_t count = std::min(longest, spans[2].count - k);
        if (!poll.Continue(count * lanes)) return false;
        const int64_t w = spans[2].first + k * plan.windows[2].dilation;
        run(origin.input + d * d_axis.input_step + h * h_axis.input_step + w * w_axis.input_step,
            origin.index + d * d_axis.index_step + h * h_axis.index_step + w * w_axis.index_step, count);
      }
    }
  }
  return true;
}

// Calls visit(lane, offset into x) for the elements of the lanes' windows, each lane's in row-major order. False:
// cancelled on the way.
template <typename Visit>
bool ForEachElement(const PoolingPlan& plan, const std::array<Span, 3>& spans, const PoolingBlock& block,
                    const Lanes& lanes, CancelPoll& poll, Visit&& visit) {
  const int64_t step = plan.windows[2].dilation * plan.space[2].input_step;
  return ForEachRun(plan, spans, block, lanes.count, poll, [&](int64_t input, int64_t, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t first = input + i * step;
      for (int64_t lane = 0; lane < lanes.count; ++lane)
        visit(static_cast<size_t>(lane), first + lane * lanes.input_step);
    }
  });
}

// kInvalidArgument or kUnimplemented where x is not the geometry's.
[[nodiscard]] absl::Status CheckPoolingInput(const PoolingGeometry& geometry, const TensorView& x);

// The maximum of values offered one by one, with its index: of equals the first; of NaNs, which win, the first or last.
template <typename T, bool kLastNan>
struct MaximumWithIndex {
  static constexpr bool kHasIndex = true;
  static void Begin(T& best, int64_t& at, T value, int64_t index) {
    best = value;
    at = index;
  }
  static void Take(T& best, int64_t& at, T value, int64_t index) {
    const bool is_nan = value != value;
    const bool take = value > best || (is_nan && (kLastNan || best == best));
    best = take ? value : best;
    at = take ? index : at;
  }
};

// Some elements of one window; the neighbouring lanes' windows have theirs at lanes.input_step.
template <typename T>
struct WindowRun {
  const T* x;
  int64_t step;
  int64_t index;
  int64_t index_step;
  int64_t count;
};

// Starts every lane's accumulator with the first element of `run`. `places` are not touched where Op has none.
template <typename Op, typename T>
void BeginLanes(const WindowRun<T>& run, const Lanes& lanes, T* accumulators, int64_t* places) {
  int64_t none = 0;
  for (int64_t lane = 0; lane < lanes.count; ++lane) {
    Op::Begin(accumulators[lane], Op::kHasIndex ? places[lane] : none, run.x[lane * lanes.input_step],
              run.index + lane * lanes.index_step);
  }
}

// Offers every element of `run` to its lane's accumulator.
template <typename Op, typename T>
void TakeRun(const WindowRun<T>& run, const Lanes& lanes, T* accumulators, int64_t* places) {
  if (lanes.count == 1) {
    T accumulator = *accumulators;
    int64_t place = Op::kHasIndex ? *places : 0;
    for (int64_t i = 0; i < run.count; ++i) {
      Op::Take(accumulator, place, run.x[i * run.step], run.index + i * run.index_step);
    }
    *accumulators = accumulator;
    if constexpr (Op::kHasIndex) *places = place;
    return;
  }
  const auto take = [&](const T* values, int64_t step, int64_t index) {
    int64_t none = 0;
    for (int64_t lane = 0; lane < lanes.count; ++lane) {
      Op::Take(accumulators[lane], Op::kHasIndex ? places[lane] : none, values[lane * step],
               index + lane * lanes.index_step);
    }
  };
  for (int64_t i = 0; i < run.count; ++i) {
    const T* values = run.x + i * run.step;
    const int64_t index = run.index + i * run.index_step;
    // A constant step of 1 lets the compiler use vector loads.
    lanes.input_step == 1 ? take(values, 1, index) : take(values, lanes.input_step, index);
  }
}

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_POOLING_PLAN_H_
