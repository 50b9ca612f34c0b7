#include "tensord/compute/unpooling.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/pooling_plan.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::CancelPoll;
using internal::PoolingAxis;
using internal::PoolingBlock;
using internal::PoolingPlan;
using internal::Span;

// Where one index stands among its tensors.
struct Place {
  int64_t position = 0;                        // of the index, and of its value
  int64_t plane_index = 0;                     // the index of the plane's first element
  int64_t plane = 0;                           // that element's offset into x
  const std::array<Span, 3>* spans = nullptr;  // the window
};

constexpr int64_t kMaxLanes = 1024;

// Calls visit(place) for every window of a block, in row-major order of each plane, until it returns false.
template <typename Visit>
void ForEachWindow(const PoolingPlan& plan, const PoolingBlock& block, Visit&& visit) {
  const auto& [d_axis, h_axis, w_axis] = plan.space;
  std::array<Span, 3> spans;
  for (int64_t d = 0; d < d_axis.size; ++d) {
    spans[0] = plan.SpanAlong(0, d);
    for (int64_t h = 0; h < h_axis.size; ++h) {
      spans[1] = plan.SpanAlong(1, h);
      for (int64_t w = 0; w < w_axis.size; ++w) {
        spans[2] = plan.SpanAlong(2, w);
        const int64_t first = block.output + d * d_axis.output_step + h * h_axis.output_step + w * w_axis.output_step;
        for (int64_t lane = 0; lane < block.lanes; ++lane) {
          const Place place{.position = first + lane * plan.lane.output_step,
                            .plane_index = block.index + lane * plan.lane.index_step,
                            .plane = block.input + lane * plan.lane.input_step,
                            .spans = &spans};
          if (!visit(place)) return;
        }
      }
    }
  }
}

// Turns indices into offsets, once they are found to be right.
class IndexReader {
 public:
  static constexpr int64_t kSkipped = -1;
  static constexpr int64_t kWrong = -2;

  IndexReader(const PoolingGeometry& geometry, const PoolingPlan& plan, IndexRange range)
      : plan_(plan), range_(range), allows_none_(geometry.empty_window == EmptyWindow::kNegativeInfinity) {
    for (size_t i = 0; i < 3; ++i) {
      if (plan.windows[i].input > 1) order_[axis_count_++] = i;
    }
    // An index is a mixed-radix number: the axis with the largest step is its first digit.
    std::sort(order_.begin(), order_.begin() + axis_count_,
              [&](size_t a, size_t b) { return plan.space[a].index_step > plan.space[b].index_step; });
  }

  // The offset into x of the element that `index` names, or kSkipped or kWrong.
  int64_t OffsetOf(int64_t index, const Place& place) const {
    if (index == -1 && allows_none_ && IsEmpty(*place.spans)) return kSkipped;
    if (index < place.plane_index) return kWrong;
    int64_t rest = index - place.plane_index;
    int64_t offset = place.plane;
    std::array<int64_t, 3> at = {};
    for (auto it = order_.begin(); it != order_.begin() + axis_count_; ++it) {
      const PoolingAxis& axis = plan_.space[*it];
      at[*it] = rest / axis.index_step;
      if (at[*it] >= plan_.windows[*it].input) return kWrong;
      rest -= at[*it] * axis.index_step;
      offset += at[*it] * axis.input_step;
    }
    if (rest != 0) return kWrong;
    return range_ == IndexRange::kPlane || InWindow(at, *place.spans) ? offset : kWrong;
  }

  // What `index` had to be.
  std::string Explain(int64_t index, const Place& place) const {
    int64_t low = place.plane_index;
    int64_t high = place.plane_index;
    for (size_t i = 0; i < 3; ++i) {
      const int64_t step = plan_.space[i].index_step;
      const Span& span = (*place.spans)[i];
      const bool window = range_ == IndexRange::kWindow;
      if (window) low += span.first * step;
      high += (window ? span.first + (span.count - 1) * plan_.windows[i].dilation : plan_.windows[i].input - 1) * step;
    }
    if (IsEmpty(*place.spans) && range_ == IndexRange::kWindow) {
      return absl::StrCat("was ", index, ", has to be -1: its window holds no element");
    }
    return absl::StrCat("was ", index, ", has to be ", low, "..", high, ", an element of its own ",
                        range_ == IndexRange::kWindow ? "window" : "plane");
  }

 private:
  static bool IsEmpty(const std::array<Span, 3>& spans) {
    return std::any_of(spans.begin(), spans.end(), [](const Span& span) { return span.count == 0; });
  }

  bool InWindow(const std::array<int64_t, 3>& at, const std::array<Span, 3>& spans) const {
    for (size_t i = 0; i < 3; ++i) {
      const int64_t steps = at[i] - spans[i].first;
      const int64_t dilation = plan_.windows[i].dilation;
      if (steps < 0 || steps % dilation != 0 || steps / dilation >= spans[i].count) return false;
    }
    return true;
  }

  const PoolingPlan& plan_;
  const IndexRange range_;
  const bool allows_none_;
  std::array<size_t, 3> order_ = {};
  size_t axis_count_ = 0;
};

// One call of Unpool or UnpoolBackward.
class Mover {
 public:
  Mover(const PoolingGeometry& geometry, const TensorView& indices, const IndexCheck& check,
        const ExecutionContext& context)
      : plan_(geometry, kMaxLanes),
        reader_(geometry, plan_, check.range),
        indices_(indices.As<int64_t>()),
        field_(check.field),
        context_(context) {}

  absl::Status Check(Violations& violations) const {
    std::atomic<bool> wrong = false;
    ForEachPlace([&](const Place& place) {
      if (OffsetAt(place) == IndexReader::kWrong) wrong.store(true, std::memory_order_relaxed);
    });
    TENSORD_RETURN_IF_ERROR(context_.CheckCancelled());
    if (!wrong.load(std::memory_order_relaxed)) return absl::OkStatus();
    // Once more, in order.
    CancelPoll poll(context_);
    for (int64_t number = 0; number < plan_.block_count(); ++number) {
      ForEachWindow(plan_, plan_.Block(number), [&](const Place& place) {
        if (OffsetAt(place) != IndexReader::kWrong) return poll.Continue(1);
        const int64_t index = indices_[place.position];
        violations.Add(Indexed(field_, static_cast<size_t>(place.position)), reader_.Explain(index, place));
        return poll.Continue(1);
      });
    }
    TENSORD_RETURN_IF_ERROR(context_.CheckCancelled());
    return violations.ToStatus();
  }

  // Copies elements of `T` without looking at them: from[position] to to[offset] or the other way round.
  template <typename T>
  absl::Status Scatter(const T* from, T* to) const {
    ForEachPlace([&](const Place& place) {
      const int64_t offset = OffsetAt(place);
      if (offset >= 0) to[offset] = from[place.position];
    });
    return context_.CheckCancelled();
  }
  template <typename T>
  absl::Status Gather(const T* from, T* to) const {
    ForEachPlace([&](const Place& place) {
      const int64_t offset = OffsetAt(place);
      to[place.position] = offset >= 0 ? from[offset] : T{0};
    });
    return context_.CheckCancelled();
  }

 private:
  int64_t OffsetAt(const Place& place) const { return reader_.OffsetOf(indices_[place.position], place); }

  // A block's windows are done in order by one thread, so that the last of equal indices wins always.
  template <typename Visit>
  void ForEachPlace(Visit&& visit) const {
    context_.executor->ParallelFor(plan_.block_count(), [&](int64_t number) {
      CancelPoll poll(context_);
      ForEachWindow(plan_, plan_.Block(number), [&](const Place& place) {
        visit(place);
        return poll.Continue(1);
      });
    });
  }

  const PoolingPlan plan_;
  const IndexReader reader_;
  const int64_t* indices_;
  const std::string& field_;
  const ExecutionContext& context_;
};

absl::Status CheckTensor(absl::string_view name, const TensorView& tensor, const Shape& shape) {
  if (tensor.shape == shape) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("unpool: ", name, " is ", tensor.shape.ToString(), ", has to be ", shape.ToString()));
}

absl::Status CheckTypes(absl::string_view name, const TensorView& values, const TensorView& indices) {
  if (!IsComputable(values.type)) {
    return absl::UnimplementedError(
        absl::StrCat("unpool: ", name, " is ", Name(values.type), ", unpooling takes float32 or float64"));
  }
  if (indices.type == DataType::kInt64) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("unpool: indices are ", Name(indices.type), ", have to be int64"));
}

// Calls f with a T() as large as an element of that type.
template <typename F>
absl::Status WithBits(DataType type, F&& f) {
  return ItemSize(type) == 4 ? f(uint32_t{}) : f(uint64_t{});
}

}  // namespace

absl::StatusOr<Tensor> Unpool(const PoolingGeometry& geometry, const TensorView& y, const TensorView& indices,
                              const IndexCheck& check, const ExecutionContext& context, Violations& violations) {
  TENSORD_RETURN_IF_ERROR(CheckTypes("y", y, indices));
  TENSORD_RETURN_IF_ERROR(CheckTensor("y", y, geometry.output_shape));
  TENSORD_RETURN_IF_ERROR(CheckTensor("indices", indices, geometry.output_shape));
  if (geometry.batch == 0) return Tensor::Allocate(y.type, geometry.input_shape);
  const Mover mover(geometry, indices, check, context);
  TENSORD_RETURN_IF_ERROR(mover.Check(violations));
  TENSORD_ASSIGN_OR_RETURN(Tensor x, Tensor::Allocate(y.type, geometry.input_shape));
  TENSORD_RETURN_IF_ERROR(internal::FillZeros(context, x));
  TENSORD_RETURN_IF_ERROR(WithBits(y.type, [&](auto zero) {
    using Bits = decltype(zero);
    return mover.Scatter(y.As<Bits>(), x.As<Bits>());
  }));
  return x;
}

absl::StatusOr<Tensor> UnpoolBackward(const PoolingGeometry& geometry, const TensorView& indices, const TensorView& dx,
                                      const IndexCheck& check, const ExecutionContext& context,
                                      Violations& violations) {
  TENSORD_RETURN_IF_ERROR(CheckTypes("dx", dx, indices));
  TENSORD_RETURN_IF_ERROR(CheckTensor("dx", dx, geometry.input_shape));
  TENSORD_RETURN_IF_ERROR(CheckTensor("indices", indices, geometry.output_shape));
  if (geometry.batch == 0) return Tensor::Allocate(dx.type, geometry.output_shape);
  const Mover mover(geometry, indices, check, context);
  TENSORD_RETURN_IF_ERROR(mover.Check(violations));
  TENSORD_ASSIGN_OR_RETURN(Tensor dy, Tensor::Allocate(dx.type, geometry.output_shape));
  TENSORD_RETURN_IF_ERROR(WithBits(dx.type, [&](auto zero) {
    using Bits = decltype(zero);
    return mover.Gather(dx.As<Bits>(), dy.As<Bits>());
  }));
  return dy;
}

Cost UnpoolingCost(const PoolingGeometry& geometry, DataType type) {
  const int64_t inputs = internal::InputCount(geometry);
  return {.result_bytes = SaturatingMultiply(inputs, ItemSize(type)),
          .scratch_bytes = 0,
          .multiplication_count = SaturatingAdd(inputs, SaturatingMultiply(internal::OutputCount(geometry), 2))};
}

Cost UnpoolingBackwardCost(const PoolingGeometry& geometry, DataType type) {
  const int64_t outputs = internal::OutputCount(geometry);
  return {.result_bytes = SaturatingMultiply(outputs, ItemSize(type)),
          .scratch_bytes = 0,
          .multiplication_count = SaturatingMultiply(outputs, 2)};
}

}  // namespace tensord::compute
