#include "tensord/compute/pooling.h"

#include <limits>
#include <type_traits>

#include "compute/src/internal/pool_channels.h"
#include "compute/src/internal/pool_groups.h"
#include "compute/src/internal/pooling_lp.h"
#include "compute/src/internal/pooling_plan.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::CancelPoll;
using internal::Lanes;
using internal::PoolingAxis;
using internal::PoolingBlock;
using internal::PoolingPlan;
using internal::Span;
using internal::WindowRun;

// Lanes whose accumulators stay in the first-level cache.
constexpr int64_t kMaxLanes = 1024;
// Norms need more room each.
constexpr int64_t kMaxNormLanes = 256;
// Elements of x per piece of work, roughly.
constexpr int64_t kPieceElements = 32768;
// Outputs of one piece along W at most, for long 1-D signals.
constexpr int64_t kMaxRowOutputs = 4096;

// What the window's elements come to. Take() is offered every element of the window, the first one included.
template <typename T>
struct Maximum {
  static constexpr bool kHasIndex = false;
  static void Begin(T& best, int64_t&, T value, int64_t) { best = value; }
  static void Take(T& best, int64_t&, T value, int64_t) { best = value > best || value != value ? value : best; }
};

template <typename T>
struct Sum {
  static constexpr bool kHasIndex = false;
  // -0 is what every sum, of -0 too, can start from.
  static void Begin(T& sum, int64_t&, T, int64_t) { sum = T{-0.0}; }
  static void Take(T& sum, int64_t&, T value, int64_t) { sum += value; }
};

// Outputs of one block along W, from `first` on, with one coordinate each along D and H.
struct Row {
  PoolingBlock block;
  std::array<Span, 3> spans;  // of D and H; W's follow output by output
  int64_t output = 0;         // offset of the output at W = 0
  int64_t first = 0;
  int64_t count = 0;
};

// Cuts a pooling into rows and the rows into pieces of similar work. Both depend on the geometry only.
class Rows {
 public:
  Rows(const PoolingGeometry& geometry, const PoolingPlan& plan)
      : plan_(plan),
        row_outputs_(std::min(plan.space[2].size, kMaxRowOutputs)),
        rows_per_line_(CeilDivide(plan.space[2].size, row_outputs_)),
        count_(plan.block_count() * plan.space[0].size * plan.space[1].size * rows_per_line_) {
    const int64_t work =
        SaturatingMultiply(SaturatingMultiply(internal::WindowElements(geometry), row_outputs_), plan.lane_block);
    rows_per_piece_ = std::max<int64_t>(kPieceElements / work, 1);
  }

  int64_t piece_count() const { return CeilDivide(count_, rows_per_piece_); }

  // Calls visit(row) for the rows of a piece until it returns false.
  template <typename Visit>
  void ForEach(int64_t piece, Visit&& visit) const {
    const int64_t end = std::min((piece + 1) * rows_per_piece_, count_);
    for (int64_t number = piece * rows_per_piece_; number < end; ++number) {
      if (!visit(At(number))) return;
    }
  }

 private:
  Row At(int64_t number) const {
    // Block, d, h, part of the line: the last varies fastest.
    const int64_t part = number % rows_per_line_;
    number /= rows_per_line_;
    const int64_t h = number % plan_.space[1].size;
    number /= plan_.space[1].size;
    const int64_t d = number % plan_.space[0].size;
    Row row;
    row.block = plan_.Block(number / plan_.space[0].size);
    row.spans = {plan_.SpanAlong(0, d), plan_.SpanAlong(1, h), Span{}};
    row.output = row.block.output + d * plan_.space[0].output_step + h * plan_.space[1].output_step;
    row.first = part * row_outputs_;
    row.count = std::min(row_outputs_, plan_.space[2].size - row.first);
    return row;
  }

  const PoolingPlan& plan_;
  const int64_t row_outputs_;
  const int64_t rows_per_line_;
  const int64_t count_;
  int64_t rows_per_piece_ = 1;
};

// One call of Pool for one element type.
template <typename T>
class Pooler {
 public:
  Pooler(const PoolingGeometry& geometry, const T* x, T* y, int64_t* indices, const ExecutionContext& context)
      : geometry_(geometry),
        plan_(geometry, geometry.kind == PoolingKind::kLp ? kMaxNormLanes : kMaxLanes),
        rows_(geometry, plan_),
        x_(x),
        y_(y),
        indices_(indices),
        context_(context) {}

  absl::Status Run() {
    context_.executor->ParallelFor(rows_.piece_count(), [&](int64_t piece) {
      CancelPoll poll(context_);
      rows_.ForEach(piece, [&](Row row) { return PoolRow(row, poll); });
    });
    return context_.CheckCancelled();
  }

 private:
  bool PoolRow(const Row& row, CancelPoll& poll) {
    if (geometry_.kind == PoolingKind::kAverage) return PoolRowWith<Sum<T>>(row, poll);
    if (geometry_.kind == PoolingKind::kLp) return PoolRowOfNorms(row, poll);
    if (indices_ == nullptr) return PoolRowWith<Maximum<T>>(row, poll);
    return geometry_.nan_rule == NanRule::kFirst ? PoolRowWith<internal::MaximumWithIndex<T, false>>(row, poll)
                                                 : PoolRowWith<internal::MaximumWithIndex<T, true>>(row, poll);
  }

  template <typename Op>
  bool PoolRowWith(Row row, CancelPoll& poll) {
    const PoolingAxis& w_axis = plan_.space[2];
    const int64_t dilation = plan_.windows[2].dilation;
    const int64_t end = row.first + row.count;
    Lanes lanes;
    for (int64_t w = row.first; w < end; w += lanes.outputs) {
      lanes = LanesAt(plan_, row.block, w, end, kMaxLanes);
      row.spans[2] = plan_.SpanAlong(2, w);
      const int64_t output = row.output + w * w_axis.output_step;
      T* y = y_ + output;
      int64_t* places = Op::kHasIndex ? indices_ + output : nullptr;
      bool begun = false;
      const auto take = [&](int64_t input, int64_t index, int64_t count) {
        const WindowRun<T> run{.x = x_ + input,
                               .step = dilation * w_axis.input_step,
                               .index = index,
                               .index_step = dilation * w_axis.index_step,
                               .count = count};
        if (!begun) BeginLanes<Op>(run, lanes, y, places);
        begun = true;
        TakeRun<Op>(run, lanes, y, places);
      };
      if (!ForEachRun(plan_, row.spans, row.block, lanes.count, poll, take)) return false;
      if constexpr (std::is_same_v<Op, Sum<T>>) {
        const T divisor = static_cast<T>(DivisorOf(geometry_, row.spans));
        for (int64_t lane = 0; lane < lanes.count; ++lane) y[lane] /= divisor;
      } else if (!begun) {
        std::fill_n(y, lanes.count, -std::numeric_limits<T>::infinity());
        if constexpr (Op::kHasIndex) std::fill_n(places, lanes.count, -1);
      }
    }
    return true;
  }

  bool PoolRowOfNorms(Row row, CancelPoll& poll) {
    const int64_t end = row.first + row.count;
    std::array<double, kMaxNormLanes> norms;
    Lanes lanes;
    for (int64_t w = row.first; w < end; w += lanes.outputs) {
      lanes = LanesAt(plan_, row.block, w, end, kMaxNormLanes);
      row.spans[2] = plan_.SpanAlong(2, w);
      if (!internal::LpNorms(plan_, row.spans, row.block, lanes, geometry_.p, poll, x_, norms)) return false;
      T* y = y_ + row.output + w * plan_.space[2].output_step;
      for (int64_t lane = 0; lane < lanes.count; ++lane) y[lane] = static_cast<T>(norms[static_cast<size_t>(lane)]);
    }
    return true;
  }

  const PoolingGeometry& geometry_;
  const PoolingPlan plan_;
  const Rows rows_;
  const T* x_;
  T* y_;
  int64_t* indices_;  // null: not wanted
  const ExecutionContext& context_;
};

template <typename T>
absl::StatusOr<PoolingResult> PoolAs(const PoolingGeometry& geometry, const TensorView& x, bool want_indices,
                                     const ExecutionContext& context) {
  PoolingResult result;
  TENSORD_ASSIGN_OR_RETURN(result.output, Tensor::Allocate(x.type, geometry.output_shape));
  if (want_indices) {
    TENSORD_ASSIGN_OR_RETURN(result.indices, Tensor::Allocate(DataType::kInt64, geometry.output_shape));
  }
  if (geometry.batch == 0) return result;
  int64_t* indices = want_indices ? result.indices->As<int64_t>() : nullptr;
  std::optional<absl::Status> status =
      internal::PoolChannels(geometry, x.As<T>(), result.output.As<T>(), indices, context);
  if (!status.has_value()) {
    status = internal::PoolGroups(geometry, x.As<T>(), result.output.As<T>(), indices, context);
  }
  if (!status.has_value()) {
    TENSORD_RETURN_IF_ERROR(Pooler<T>(geometry, x.As<T>(), result.output.As<T>(), indices, context).Run());
  } else {
    TENSORD_RETURN_IF_ERROR(*status);
  }
  return result;
}

}  // namespace

absl::StatusOr<PoolingResult> Pool(const PoolingGeometry& geometry, const TensorView& x, bool want_indices,
                                   const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(internal::CheckPoolingInput(geometry, x));
  if (want_indices && geometry.kind != PoolingKind::kMax) {
    return absl::InvalidArgumentError("pool: only MAX pooling has indices");
  }
  return x.type == DataType::kFloat32 ? PoolAs<float>(geometry, x, want_indices, context)
                                      : PoolAs<double>(geometry, x, want_indices, context);
}

Cost PoolingCost(const PoolingGeometry& geometry, DataType type, bool want_indices, int thread_count) {
  const int64_t outputs = internal::OutputCount(geometry);
  const int64_t bytes_each = ItemSize(type) + (want_indices ? ItemSize(DataType::kInt64) : 0);
  const int64_t visits = geometry.kind != PoolingKind::kLp || geometry.p == 1 ? 1 : geometry.p == 2 ? 2 : kPowerCost;
  const int64_t elements = SaturatingMultiply(outputs, internal::WindowElements(geometry));
  return {.result_bytes = SaturatingMultiply(outputs, bytes_each),
          .scratch_bytes = internal::PoolGroupsScratchBytes(geometry, type, thread_count),
          .multiplication_count = SaturatingMultiply(elements, visits)};
}

}  // namespace tensord::compute
