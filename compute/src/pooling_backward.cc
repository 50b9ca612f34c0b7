#include "absl/strings/str_cat.h"
#include "compute/src/internal/pool_channels.h"
#include "compute/src/internal/pool_groups.h"
#include "compute/src/internal/pooling_lp.h"
#include "compute/src/internal/pooling_plan.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::CancelPoll;
using internal::ForEachElement;
using internal::Lanes;
using internal::PoolingBlock;
using internal::PoolingPlan;
using internal::Span;

// Lanes of one block: their maxima's places are on the stack.
constexpr int64_t kMaxLanes = 128;

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
      std::array<Span, 3> spans = {plan_.SpanAlong(0, d), Span{}, Span{}};
      for (int64_t h = 0; h < h_axis.size; ++h) {
        spans[1] = plan_.SpanAlong(1, h);
        Lanes lanes;
        for (int64_t w = 0; w < w_axis.size; w += lanes.outputs) {
          lanes = LanesAt(plan_, block, w, w_axis.size, kMaxLanes);
          spans[2] = plan_.SpanAlong(2, w);
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
    if (geometry_.kind == PoolingKind::kLp) return ScatterNorms(block, lanes, spans, dy, poll);
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
    if (!begun) return true;  // no element, no gradient
    const bool alone = geometry_.kind == PoolingKind::kSubsample || geometry_.tie_rule == TieRule::kFirst;
    for (size_t lane = 0; lane < static_cast<size_t>(lanes.count); ++lane) {
      // A NaN equals nothing: it gets everything whatever the rule.
      if (alone || best[lane] != best[lane]) dx_[places[lane]] += dy[lane];
    }
    return alone || ScatterTies(block, lanes, spans, dy, best, poll);
  }

  // To every element that equals its window's maximum.
  bool ScatterTies(const PoolingBlock& block, const Lanes& lanes, const std::array<Span, 3>& spans, const T* dy,
                   const std::array<T, kMaxLanes>& best, CancelPoll& poll) {
    std::array<T, kMaxLanes> shares;
    std::copy_n(dy, lanes.count, shares.data());
    if (geometry_.tie_rule == TieRule::kSplit) {
      std::array<int64_t, kMaxLanes> counts = {};
      const auto count = [&](size_t lane, int64_t offset) { counts[lane] += x_[offset] == best[lane] ? 1 : 0; };
      if (!ForEachElement(plan_, spans, block, lanes, poll, count)) return false;
      for (size_t lane = 0; lane < static_cast<size_t>(lanes.count); ++lane) {
        shares[lane] /= static_cast<T>(counts[lane]);
      }
    }
    return ForEachElement(plan_, spans, block, lanes, poll, [&](size_t lane, int64_t offset) {
      if (x_[offset] == best[lane]) dx_[offset] += shares[lane];
    });
  }

  bool ScatterNorms(const PoolingBlock& block, const Lanes& lanes, const std::array<Span, 3>& spans, const T* dy,
                    CancelPoll& poll) {
    std::array<double, kMaxLanes> norms;
    if (!internal::LpNorms(plan_, spans, block, lanes, geometry_.p, poll, x_, norms)) return false;
    return ForEachElement(plan_, spans, block, lanes, poll, [&](size_t lane, int64_t offset) {
      if (x_[offset] == 0 || norms[lane] == 0) return;
      const double slope = internal::LpSlope(static_cast<double>(x_[offset]), norms[lane], geometry_.p);
      dx_[offset] += static_cast<T>(static_cast<double>(dy[lane]) * slope);
    });
  }

  bool ScatterAverages(const PoolingBlock& block, const Lanes& lanes, const std::array<Span, 3>& spans, const T* dy,
                       CancelPoll& poll) {
    std::array<T, kMaxLanes> shares;
    const T divisor = static_cast<T>(DivisorOf(geometry_, spans));
    for (int64_t lane = 0; lane < lanes.count; ++lane) shares[static_cast<size_t>(lane)] = dy[lane] / divisor;
    const int64_t step = plan_.windows[2].dilation * plan_.space[2].input_step;
    return ForEachRun(plan_, spans, block, lanes.count, poll, [&](int64_t input, int64_t, int64_t count) {
      // The last element first: an element of x that several of these windows share gets theirs in the windows' order.
      for (int64_t i = count; i-- > 0;) {
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
  if (dx.element_count() == 0) return dx;
  std::optional<absl::Status> status =
      internal::PoolChannelsBackward(geometry, x.As<T>(), dy.As<T>(), dx.As<T>(), context);
  if (!status.has_value()) {
    status = internal::PoolGroupsBackward(geometry, x.As<T>(), dy.As<T>(), dx.As<T>(), context);
  }
  if (status.has_value()) {
    TENSORD_RETURN_IF_ERROR(*status);
    return dx;
  }
  TENSORD_RETURN_IF_ERROR(internal::FillZeros(context, dx));
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

Cost PoolingBackwardCost(const PoolingGeometry& geometry, DataType type, int thread_count) {
  const int64_t inputs = internal::InputCount(geometry);
  int64_t passes = 1;
  if (geometry.kind == PoolingKind::kLp) passes = 2;
  if (geometry.kind == PoolingKind::kMax && geometry.tie_rule == TieRule::kAll) passes = 2;
  if (geometry.kind == PoolingKind::kMax && geometry.tie_rule == TieRule::kSplit) passes = 3;
  const Cost forward = PoolingCost(geometry, type, false, thread_count);
  const int64_t visits = SaturatingMultiply(forward.multiplication_count, passes);
  return {.result_bytes = SaturatingMultiply(inputs, ItemSize(type)),
          .scratch_bytes = forward.scratch_bytes,
          .multiplication_count = SaturatingAdd(inputs, visits)};
}

}  // namespace tensord::compute
