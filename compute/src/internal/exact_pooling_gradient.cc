#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/exact_pooling.h"
#include "compute/src/internal/exact_sum.h"
#include "compute/src/internal/pooling_plan.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

// Elements of one piece of work, and what beginning and finishing one is worth at most.
constexpr int64_t kPieceElements = 4096;
constexpr int64_t kWorkOfElement = 64;
// Windows that are looked at for their divisors, at either end of an axis.
constexpr int64_t kMostBorderWindows = 4096;
constexpr int64_t kMostCommonDivisor = (int64_t{1} << 24) - 1;

// The outputs first..end-1 along an axis whose windows may hold an element.
struct Cover {
  int64_t first;
  int64_t end;
};
Cover CoverOf(const PoolingPlan& plan, size_t axis, int64_t element) {
  const AxisWindow& window = plan.windows[axis];
  if (plan.adaptive[axis]) {
    return {.first = element * window.output / window.input,
            .end = CeilDivide((element + 1) * window.output, window.input)};
  }
  const int64_t at = element + window.pad_begin;
  return {.first = std::max<int64_t>(0, CeilDivide(at - (window.extent() - 1), window.stride)),
          .end = std::min(window.output, at / window.stride + 1)};
}

// Whether the window of such an output really has it: dilation leaves elements out.
bool Holds(const PoolingPlan& plan, size_t axis, int64_t output, int64_t element) {
  const AxisWindow& window = plan.windows[axis];
  return plan.adaptive[axis] || (element + window.pad_begin - output * window.stride) % window.dilation == 0;
}

// What the windows' gradients add to an element, as a factor of dy: 0 for nothing.
template <typename T>
class Weights {
 public:
  Weights(const PoolingGeometry& geometry, const T* x, const PoolingResult* maxima, int64_t common)
      : geometry_(geometry), x_(x), common_(common) {
    if (maxima == nullptr) return;
    y_ = maxima->output.As<T>();
    indices_ = maxima->indices->As<int64_t>();
  }

  // `tie_count()` says how many elements of the window its maximum is equal to; it is asked where ties are split.
  template <typename TieCount>
  [[nodiscard]] T At(int64_t input, int64_t index, int64_t output, const std::array<Span, 3>& spans,
                     TieCount&& tie_count) const {
    switch (geometry_.kind) {
      case PoolingKind::kMax:
        // A NaN equals nothing: it gets everything whatever the rule.
        if (geometry_.tie_rule == TieRule::kFirst || y_[output] != y_[output]) {
          return static_cast<T>(indices_[output] == index ? common_ : 0);
        }
        if (!IsMaximum(input, output)) return 0;
        return geometry_.tie_rule == TieRule::kAll ? T{1} : static_cast<T>(common_ / tie_count());
      case PoolingKind::kAverage:
        return static_cast<T>(common_ / DivisorOf(geometry_, spans));
      case PoolingKind::kLp:
        return x_[input] > 0 ? 1 : x_[input] < 0 ? -1 : x_[input];
      case PoolingKind::kSubsample:
        break;
    }
    return 1;
  }

  [[nodiscard]] bool IsMaximum(int64_t input, int64_t output) const { return x_[input] == y_[output]; }

  [[nodiscard]] int64_t divisor() const { return common_; }

 private:
  const PoolingGeometry& geometry_;
  const T* x_;
  const int64_t common_;
  const T* y_ = nullptr;
  const int64_t* indices_ = nullptr;
};

// The sums of all elements of one row along W.
template <typename T>
class Rows {
 public:
  Rows(const PoolingPlan& plan, const Weights<T>& weights, const T* dy, Tensor& dx)
      : plan_(plan),
        weights_(weights),
        dy_(dy),
        dx_(dx.data()),
        format_(FormatOf(dx.type())),
        item_size_(ItemSize(dx.type())) {}

  [[nodiscard]] int64_t count() const { return plan_.block_count() * plan_.windows[0].input * plan_.windows[1].input; }

  // False: cancelled on the way.
  bool Run(int64_t number, ExactSum<T>& sum, CancelPoll& poll) const {
    const int64_t heights = plan_.windows[1].input;
    const int64_t depths = plan_.windows[0].input;
    std::array<int64_t, 3> element = {number / heights % depths, number % heights, 0};
    const PoolingBlock block = plan_.Block(number / heights / depths);
    for (; element[2] < plan_.windows[2].input; ++element[2]) {
      if (!poll.Continue(kWorkOfElement)) return false;
      sum.Clear();
      int64_t input = block.input;
      int64_t index = block.index;
      for (size_t i = 0; i < 3; ++i) {
        input += element[i] * plan_.space[i].input_step;
        index += element[i] * plan_.space[i].index_step;
      }
      std::array<Span, 3> spans;
      const Walk walk{.block = block, .element = element, .sum = sum, .poll = poll};
      if (!AddAlong(0, walk, {.input = input, .index = index, .output = block.output}, spans)) return false;
      StoreBits(dx_, input, item_size_, sum.Round(weights_.divisor(), format_));
    }
    return true;
  }

 private:
  struct Place {
    int64_t input;
    int64_t index;
    int64_t output;
  };

  // The sum of one element's terms, on its way.
  struct Walk {
    const PoolingBlock& block;
    const std::array<int64_t, 3>& element;
    ExactSum<T>& sum;
    CancelPoll& poll;
  };

  // At least 1, also where it was cancelled on the way.
  int64_t TieCount(const Walk& walk, int64_t output, const std::array<Span, 3>& spans) const {
    int64_t count = 0;
    (void)ForEachElement(plan_, spans, walk.block, Lanes{}, walk.poll,
                         [&](size_t, int64_t offset) { count += weights_.IsMaximum(offset, output) ? 1 : 0; });
    return std::max<int64_t>(count, 1);
  }

  // Adds the terms of the windows along this axis and the ones after it.
  bool AddAlong(size_t axis, const Walk& walk, const Place& place, std::array<Span, 3>& spans) const {
    if (axis == 3) {
      const T weight = weights_.At(place.input, place.index, place.output, spans,
                                   [&] { return TieCount(walk, place.output, spans); });
      if (weight != 0) walk.sum.AddProduct(dy_[place.output], weight);
      return true;
    }
    const Cover cover = CoverOf(plan_, axis, walk.element[axis]);
    for (int64_t output = cover.first; output < cover.end; ++output) {
      if (!walk.poll.Continue(1)) return false;
      if (!Holds(plan_, axis, output, walk.element[axis])) continue;
      spans[axis] = plan_.SpanAlong(axis, output);
      Place at = place;
      at.output += output * plan_.space[axis].output_step;
      if (!AddAlong(axis + 1, walk, at, spans)) return false;
    }
    return true;
  }

  const PoolingPlan& plan_;
  const Weights<T>& weights_;
  const T* dy_;
  void* dx_;
  const BinaryFormat format_;
  const int64_t item_size_;
};

template <typename T>
absl::Status Run(const PoolingGeometry& geometry, const T* x, const PoolingResult* maxima, const T* dy, Tensor& dx,
                 const ExecutionContext& context) {
  const PoolingPlan plan(geometry, 1);
  const Weights<T> weights(geometry, x, maxima, CommonDivisor(geometry).value_or(1));
  const Rows<T> rows(plan, weights, dy, dx);
  const int64_t per_piece = std::max<int64_t>(1, kPieceElements / plan.windows[2].input);
  context.executor->ParallelFor(CeilDivide(rows.count(), per_piece), [&](int64_t piece) {
    CancelPoll poll(context);
    ExactSum<T> sum;
    const int64_t end = std::min(rows.count(), (piece + 1) * per_piece);
    for (int64_t row = piece * per_piece; row < end; ++row) {
      if (!rows.Run(row, sum, poll)) return;
    }
  });
  return context.CheckCancelled();
}

// `multiple` and `value`'s least common multiple; nothing beyond what is exact.
std::optional<int64_t> Joined(int64_t multiple, int64_t value) {
  if (value > kMostCommonDivisor) return std::nullopt;
  const int64_t joined = std::lcm(multiple, value);
  return joined > kMostCommonDivisor ? std::nullopt : std::optional(joined);
}

// A common multiple of how many elements may tie in a window of so many.
std::optional<int64_t> CommonShare(int64_t elements) {
  std::optional<int64_t> common = 1;
  for (int64_t ties = 2; ties <= elements && common.has_value(); ++ties) common = Joined(*common, ties);
  return common;
}

// A common multiple of what one axis contributes to the divisors.
std::optional<int64_t> CommonAlong(const PoolingPlan& plan, size_t axis, bool padded) {
  const int64_t outputs = plan.windows[axis].output;
  std::optional<int64_t> common = 1;
  const auto take = [&](int64_t output) {
    const Span span = plan.SpanAlong(axis, output);
    if (common.has_value()) common = Joined(*common, padded ? span.padded : span.count);
  };
  if (outputs <= 2 * kMostBorderWindows) {
    for (int64_t output = 0; output < outputs && common.has_value(); ++output) take(output);
    return common;
  }
  const AxisWindow& window = plan.windows[axis];
  if (plan.adaptive[axis]) {
    // The windows have one of three lengths that follow each other.
    const int64_t least = window.input / window.output;
    for (int64_t length = std::max<int64_t>(1, least); length <= least + 2 && common.has_value(); ++length) {
      common = Joined(*common, length);
    }
    return common;
  }
  // Between the borders every window is whole.
  const int64_t border = CeilDivide(std::max(window.pad_begin, window.extent() + window.pad_end), window.stride);
  if (border > kMostBorderWindows) return std::nullopt;
  for (int64_t i = 0; i <= border && common.has_value(); ++i) {
    take(i);
    take(outputs - 1 - i);
  }
  return common;
}

}  // namespace

std::optional<int64_t> CommonDivisor(const PoolingGeometry& geometry) {
  if (geometry.kind == PoolingKind::kMax && geometry.tie_rule == TieRule::kSplit) {
    return CommonShare(WindowElements(geometry));
  }
  if (geometry.kind != PoolingKind::kAverage) return 1;
  if (geometry.average_divisor == AverageDivisor::kFixed) return Joined(1, geometry.fixed_divisor);
  const bool padded = geometry.average_divisor == AverageDivisor::kIncluded;
  const PoolingPlan plan(geometry, 1);
  int64_t common = 1;
  for (size_t axis = 0; axis < 3; ++axis) {
    const std::optional<int64_t> along = CommonAlong(plan, axis, padded);
    if (!along.has_value() || common > kMostCommonDivisor / *along) return std::nullopt;
    common *= *along;
  }
  return common;
}

absl::StatusOr<Tensor> ExactPoolBackward(const PoolingGeometry& geometry, const TensorView& x, const TensorView& dy,
                                         const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, Tensor::Allocate(x.type, geometry.input_shape));
  if (geometry.batch == 0) return dx;
  const DataType type = x.type == DataType::kFloat64 ? DataType::kFloat64 : DataType::kFloat32;
  std::optional<Tensor> x_holder;
  std::optional<Tensor> dy_holder;
  TENSORD_ASSIGN_OR_RETURN(const TensorView wide_x, AsFloating(x, type, x_holder, context));
  TENSORD_ASSIGN_OR_RETURN(const TensorView wide_dy, AsFloating(dy, type, dy_holder, context));
  std::optional<PoolingResult> maxima;
  if (geometry.kind == PoolingKind::kMax) {
    TENSORD_ASSIGN_OR_RETURN(maxima, Pool(geometry, wide_x, true, context));
  }
  const PoolingResult* const found = maxima.has_value() ? &*maxima : nullptr;
  TENSORD_RETURN_IF_ERROR(type == DataType::kFloat32
                              ? Run(geometry, wide_x.As<float>(), found, wide_dy.As<float>(), dx, context)
                              : Run(geometry, wide_x.As<double>(), found, wide_dy.As<double>(), dx, context));
  return dx;
}

}  // namespace tensord::compute::internal
