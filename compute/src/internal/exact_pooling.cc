#include "compute/src/internal/exact_pooling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/exact_sum.h"
#include "compute/src/internal/pooling_plan.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

// Outputs of one piece of work: few enough for threads to share, many enough to be worth handing out.
constexpr int64_t kPieceElements = 32768;
// The elements that are as much work as beginning and finishing a window, at most.
constexpr int64_t kElementsPerWindow = 64;

// What becomes of a window. Begin(), Take(offset in x, index) for each element, Finish(offset in the output, divisor).

// Integers, and their indices where asked for. Sub-sampling is the maximum of one element.
template <typename T>
class Maxima {
 public:
  Maxima(const T* x, Tensor& output, int64_t* indices) : x_(x), output_(output.As<T>()), indices_(indices) {}

  struct State {
    T best = 0;
    int64_t place = 0;
    bool begun = false;
  };
  void Begin(State& state) const { state.begun = false; }
  void Take(State& state, int64_t offset, int64_t index) const {
    // Of equals the first.
    if (state.begun && x_[offset] <= state.best) return;
    state = {.best = x_[offset], .place = index, .begun = true};
  }
  void Finish(State& state, int64_t output, int64_t) const {
    output_[output] = state.best;
    if (indices_ != nullptr) indices_[output] = state.place;
  }

 private:
  const T* x_;
  T* output_;
  int64_t* indices_;
};

// Sums of integers over a divisor, rounded once.
template <typename T>
class IntegerAverages {
 public:
  using State = Int128;

  IntegerAverages(const T* x, Tensor& output)
      : x_(x), output_(output.data()), format_(FormatOf(output.type())), item_size_(ItemSize(output.type())) {}

  void Begin(State& sum) const { sum = 0; }
  void Take(State& sum, int64_t offset, int64_t) const { sum += x_[offset]; }
  void Finish(State& sum, int64_t output, int64_t divisor) const {
    StoreBits(output_, output, item_size_, RoundQuotient(sum, divisor, format_));
  }

 private:
  const T* x_;
  void* output_;
  const BinaryFormat format_;
  const int64_t item_size_;
};

// Exact sums of floating numbers, rounded once: the elements over a divisor, their absolute values, or the root of
// their squares.
enum class FloatingSum { kAverage, kNorm1, kNorm2 };
template <typename T, FloatingSum kSum>
class FloatingSums {
 public:
  using State = ExactSum<T>;

  FloatingSums(const T* x, Tensor& output)
      : x_(x), output_(output.data()), format_(FormatOf(output.type())), item_size_(ItemSize(output.type())) {}

  void Begin(State& sum) const { sum.Clear(); }
  void Take(State& sum, int64_t offset, int64_t) const {
    if constexpr (kSum == FloatingSum::kAverage) sum.Add(x_[offset]);
    // The sign's bit only: a processor's mode may take a denormal for zero.
    if constexpr (kSum == FloatingSum::kNorm1) sum.AddProduct(x_[offset], std::copysign(T{1}, x_[offset]));
    if constexpr (kSum == FloatingSum::kNorm2) sum.AddProduct(x_[offset], x_[offset]);
  }
  void Finish(State& sum, int64_t output, int64_t divisor) const {
    uint64_t bits = 0;
    if constexpr (kSum == FloatingSum::kNorm2) {
      bits = sum.RoundRoot(format_);
    } else {
      bits = sum.Round(kSum == FloatingSum::kAverage ? divisor : 1, format_);
    }
    StoreBits(output_, output, item_size_, bits);
  }

 private:
  const T* x_;
  void* output_;
  const BinaryFormat format_;
  const int64_t item_size_;
};

// Visits every window of a pooling with `kernel`.
template <typename Kernel>
absl::Status RunWindows(const PoolingGeometry& geometry, const Kernel& kernel, const ExecutionContext& context) {
  if (geometry.batch == 0) return context.CheckCancelled();
  // One lane: this is about single windows.
  const PoolingPlan plan(geometry, 1);
  const PoolingAxis& d_axis = plan.space[0];
  const PoolingAxis& h_axis = plan.space[1];
  const PoolingAxis& w_axis = plan.space[2];
  const int64_t lines = plan.block_count() * d_axis.size * h_axis.size;
  const int64_t line_work = SaturatingMultiply(WindowElements(geometry), w_axis.size);
  const int64_t lines_per_piece = std::max<int64_t>(1, kPieceElements / line_work);
  const int64_t index_step = plan.windows[2].dilation * w_axis.index_step;
  const int64_t input_step = plan.windows[2].dilation * w_axis.input_step;
  context.executor->ParallelFor(CeilDivide(lines, lines_per_piece), [&](int64_t piece) {
    CancelPoll poll(context);
    typename Kernel::State state;
    const int64_t end = std::min(lines, (piece + 1) * lines_per_piece);
    for (int64_t line = piece * lines_per_piece; line < end; ++line) {
      const int64_t h = line % h_axis.size;
      const int64_t d = line / h_axis.size % d_axis.size;
      const PoolingBlock block = plan.Block(line / h_axis.size / d_axis.size);
      std::array<Span, 3> spans = {plan.SpanAlong(0, d), plan.SpanAlong(1, h), Span{}};
      const int64_t first = block.output + d * d_axis.output_step + h * h_axis.output_step;
      for (int64_t w = 0; w < w_axis.size; ++w) {
        spans[2] = plan.SpanAlong(2, w);
        if (!poll.Continue(kElementsPerWindow)) return;
        kernel.Begin(state);
        const bool done = ForEachRun(plan, spans, block, 1, poll, [&](int64_t offset, int64_t index, int64_t count) {
          for (int64_t i = 0; i < count; ++i) kernel.Take(state, offset + i * input_step, index + i * index_step);
        });
        if (!done) return;
        kernel.Finish(state, first + w * w_axis.output_step, DivisorOf(geometry, spans));
      }
    }
  });
  return context.CheckCancelled();
}

template <typename T>
absl::Status PoolIntegers(const PoolingGeometry& geometry, const TensorView& x, PoolingResult& result,
                          const ExecutionContext& context) {
  if (geometry.kind == PoolingKind::kAverage) {
    return RunWindows(geometry, IntegerAverages<T>(x.As<T>(), result.output), context);
  }
  int64_t* indices = result.indices.has_value() ? result.indices->As<int64_t>() : nullptr;
  return RunWindows(geometry, Maxima<T>(x.As<T>(), result.output, indices), context);
}

template <typename T>
absl::Status SumFloating(const PoolingGeometry& geometry, const T* x, Tensor& output, const ExecutionContext& context) {
  if (geometry.kind == PoolingKind::kAverage) {
    return RunWindows(geometry, FloatingSums<T, FloatingSum::kAverage>(x, output), context);
  }
  return geometry.p == 1 ? RunWindows(geometry, FloatingSums<T, FloatingSum::kNorm1>(x, output), context)
                         : RunWindows(geometry, FloatingSums<T, FloatingSum::kNorm2>(x, output), context);
}

absl::Status PoolFloating(const PoolingGeometry& geometry, const TensorView& x, Tensor& output,
                          const ExecutionContext& context) {
  std::optional<Tensor> holder;
  const DataType type = x.type == DataType::kFloat64 ? DataType::kFloat64 : DataType::kFloat32;
  TENSORD_ASSIGN_OR_RETURN(const TensorView wide, AsFloating(x, type, holder, context));
  return type == DataType::kFloat64 ? SumFloating(geometry, wide.As<double>(), output, context)
                                    : SumFloating(geometry, wide.As<float>(), output, context);
}

}  // namespace

absl::StatusOr<PoolingResult> ExactPool(const PoolingGeometry& geometry, const TensorView& x, bool want_indices,
                                        DataType type, const ExecutionContext& context) {
  PoolingResult result;
  TENSORD_ASSIGN_OR_RETURN(result.output, Tensor::Allocate(type, geometry.output_shape));
  if (want_indices) {
    TENSORD_ASSIGN_OR_RETURN(result.indices, Tensor::Allocate(DataType::kInt64, geometry.output_shape));
  }
  const auto pool = [&] {
    switch (x.type) {
      case DataType::kInt8:
        return PoolIntegers<int8_t>(geometry, x, result, context);
      case DataType::kUint8:
        return PoolIntegers<uint8_t>(geometry, x, result, context);
      case DataType::kInt32:
        return PoolIntegers<int32_t>(geometry, x, result, context);
      case DataType::kInt64:
        return PoolIntegers<int64_t>(geometry, x, result, context);
      default:
        return PoolFloating(geometry, x, result.output, context);
    }
  };
  TENSORD_RETURN_IF_ERROR(pool());
  return result;
}

}  // namespace tensord::compute::internal
