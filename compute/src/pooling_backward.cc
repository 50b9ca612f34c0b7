#include <cstring>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/pooling_plan.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::CancelPoll;
using internal::Lanes;
using internal::PoolingBlock;
using internal::PoolingPlan;
using internal::Span;
using internal::SpanAt;

// Lanes of one block: their maxima's places are on the stack.
constexpr int64_t kMaxLanes = 128;
constexpr int64_t kZeroingElements = 65536;

// The geometry with indices as offsets into x.
PoolingGeometry WithOffsets(PoolingGeometry geometry) {
  geometry.index_base = IndexBase::kLayout;
  return geometry;
}

// One call of PoolBackward for one element type. A block's windows are done in order by one thread, so that overlapping
// windows add up in the same order always.
template <typename T>
class Scatterer {
 public:
  Scatterer(const PoolingGeometry& geometry, const T* x, const T* dy, T* dx, const ExecutionContext& context)
      : geometry_(WithOffsets(geometry)), plan_(geometry_, kMaxLanes), x_(x), dy_(dy), dx_(dx), context_(context) {}

  absl::Status Run() {
    context_.executor->ParallelFor(plan_.block_count(), [&](int64_t number) {
      CancelPoll poll(context_);
      ScatterBlock(plan_.Block(number), poll);
    });
    return context_.CheckCancelled();
  }

 private:
  void ScatterBlock(const PoolingBlock& block, CancelPoll& poll) {
    const auto& [d_axis, h_axis, w_axis] = plan_.space;
    for (int64_t d = 0; d < d_axis.size; ++d) {
      std::array<Span, 3> spans = {SpanAt(plan_.windows[0], d), Span{}, Span{}};
      for (int64_t h = 0; h < h_axis.size; ++h) {
        spans[1] = SpanAt(plan_.windows[1], h);
        Lanes lanes;
        for (int64_t w = 0; w < w_axis.size; w += lanes.outputs) {
          lanes = LanesAt(plan_, block, w, w_axis.size, kMaxLanes);
          spans[2] = SpanAt(plan_.windows[2], w);
          const int64_t output =
              block.output + d * d_axis.output_step + h * h_axis.output_step + w * w_axis.output_step;
          if (!ScatterWindows(block, lanes, spans, dy_ + output, poll)) return;
        }
      }
    }
  }

  bool ScatterWindows(const PoolingBlock& block, const Lanes& lanes, const std::array<Span, 3>& spans, const T* dy,
                      CancelPoll& poll) {
    if (geometry_.kind == PoolingKind::kAverage) return ScatterAverages(block, lanes, spans, dy, poll);
    return geometry_.nan_rule == NanRule::kFirst
               ? ScatterMaxima<internal::MaximumWithIndex<T, false>>(block, lanes, spans, dy, poll)
               : ScatterMaxima<internal::MaximumWithIndex<T, true>>(block, lanes, spans, dy, poll);
  }

  // Sub-sampling is the maximum of one element.
  template <typename Op>
  bool ScatterMaxima(const PoolingBlock& block, const Lanes& lanes, const std::array<Span, 3>& spans, const T* dy,
                     CancelPoll& poll) {
    std::array<T, kMaxLanes> best;
    std::array<int64_t, kMaxLanes> places;
    bool begun = false;
    const int64_t step = plan_.windows[2].dilation * plan_.space[2].input_step;
    const auto take = [&](int64_t input, int64_t index, int64_t count) {
      const internal::WindowRun<T> run{
          .x = x_ + input, .step = step, .index = index, .index_step = step, .count = count};
      if (!begun) internal::BeginLanes<Op>(run, lanes, best.data(), places.data());
      begun = true;
      internal::TakeRun<Op>(run, lanes, best.data(), places.data());
    };
    if (!ForEachRun(plan_, spans, block, lanes.count, poll, take)) return false;
    for (int64_t lane = 0; lane < lanes.count; ++lane) dx_[places[static_cast<size_t>(lane)]] += dy[lane];
    return true;
  }

  bool ScatterAverages(const PoolingBlock& block, const Lanes& lanes, const std::array<Span, 3>& spans, const T* dy,
                       CancelPoll& poll) {
    std::array<T, kMaxLanes> shares;
    const T divisor = static_cast<T>(DivisorOf(geometry_, spans));
    for (int64_t lane = 0; lane < lanes.count; ++lane) shares[static_cast<size_t>(lane)] = dy[lane] / divisor;
    const int64_t step = plan_.windows[2].dilation * plan_.space[2].input_step;
    return ForEachRun(plan_, spans, block, lanes.count, poll, [&](int64_t input, int64_t, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        T* dx = dx_ + input + i * step;
        for (int64_t lane = 0; lane < lanes.count; ++lane) {
          dx[lane * lanes.input_step] += shares[static_cast<size_t>(lane)];
        }
      }
    });
  }

  const PoolingGeometry geometry_;
  const PoolingPlan plan_;
  const T* x_;
  const T* dy_;
  T* dx_;
  const ExecutionContext& context_;
};

template <typename T>
absl::StatusOr<Tensor> PoolBackwardAs(const PoolingGeometry& geometry, const TensorView& x, const TensorView& dy,
                                      const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, Tensor::Allocate(x.type, x.shape));
  const int64_t total = dx.element_count();
  if (total == 0) return dx;
  context.executor->ParallelFor(CeilDivide(total, kZeroingElements), [&](int64_t piece) {
    if (context.cancelled()) return;
    const int64_t first = piece * kZeroingElements;
    std::memset(dx.As<T>() + first, 0, static_cast<size_t>(std::min(kZeroingElements, total - first)) * sizeof(T));
  });
  TENSORD_RETURN_IF_ERROR(context.CheckCancelled());
  TENSORD_RETURN_IF_ERROR(Scatterer<T>(geometry, x.As<T>(), dy.As<T>(), dx.As<T>(), context).Run());
  return dx;
}

}  // namespace

absl::StatusOr<Tensor> PoolBackward(const PoolingGeometry& geometry, const TensorView& x, const TensorView& dy,
                                    const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(internal::CheckPoolingInput(geometry, x));
  if (dy.type != x.type || !(dy.shape == geometry.output_shape)) {
    return absl::InvalidArgumentError(absl::StrCat("pool backward: dy is ", Name(dy.type), " ", dy.shape.ToString(),
                                                   ", has to be ", Name(x.type), " ",
                                                   geometry.output_shape.ToString()));
  }
  return x.type == DataType::kFloat32 ? PoolBackwardAs<float>(geometry, x, dy, context)
                                      : PoolBackwardAs<double>(geometry, x, dy, context);
}

Cost PoolingBackwardCost(const PoolingGeometry& geometry, DataType type) {
  int64_t inputs = 1;
  for (const int64_t size : geometry.input_shape) inputs = SaturatingMultiply(inputs, size);
  return {.result_bytes = SaturatingMultiply(inputs, ItemSize(type)),
          .scratch_bytes = 0,
          .multiplication_count = SaturatingAdd(inputs, PoolingCost(geometry, type, false).multiplication_count)};
}

}  // namespace tensord::compute
