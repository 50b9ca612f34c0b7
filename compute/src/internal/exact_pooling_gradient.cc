#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/exact_fractions.h"
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

bool IsSplit(const PoolingGeometry& geometry) {
  return geometry.kind == PoolingKind::kMax && geometry.tie_rule == TieRule::kSplit;
}

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

// What a window adds to an element: dy * multiplier / divisor; nothing where the multiplier, 1, -1 or NaN, is 0.
template <typename T>
struct Share {
  T multiplier = 0;
  int64_t divisor = 1;
};

template <typename T>
class Shares {
 public:
  // `maxima` of kMax, with CountTies() where they are split.
  Shares(const PoolingGeometry& geometry, const T* x, const PoolingResult* maxima) : geometry_(geometry), x_(x) {
    if (maxima == nullptr) return;
    y_ = maxima->output.As<T>();
    indices_ = maxima->indices->As<int64_t>();
  }

  [[nodiscard]] Share<T> At(int64_t input, int64_t index, int64_t output, const std::array<Span, 3>& spans) const {
    switch (geometry_.kind) {
      case PoolingKind::kMax:
        // A NaN equals nothing: it gets everything whatever the rule.
        if (geometry_.tie_rule == TieRule::kFirst || y_[output] != y_[output]) {
          return {.multiplier = static_cast<T>(indices_[output] == index ? 1 : 0)};
        }
        if (x_[input] != y_[output]) return {};
        return {.multiplier = 1, .divisor = geometry_.tie_rule == TieRule::kSplit ? indices_[output] : 1};
      case PoolingKind::kAverage:
        return {.multiplier = 1, .divisor = DivisorOf(geometry_, spans)};
      case PoolingKind::kLp:
        return {.multiplier = x_[input] > 0 ? T{1} : x_[input] < 0 ? T{-1} : x_[input]};
      case PoolingKind::kSubsample:
        break;
    }
    return {.multiplier = 1};
  }

 private:
  const PoolingGeometry& geometry_;
  const T* x_;
  const T* y_ = nullptr;
  const int64_t* indices_ = nullptr;
};

// Calls visit(output's offset, spans, block) for every window of one row along W; false: cancelled on the way.
template <typename Visit>
bool ForEachWindow(const PoolingPlan& plan, int64_t row, CancelPoll& poll, Visit&& visit) {
  const int64_t heights = plan.windows[1].output;
  const int64_t depths = plan.windows[0].output;
  const std::array<int64_t, 2> at = {row / heights % depths, row % heights};
  const PoolingBlock block = plan.Block(row / heights / depths);
  std::array<Span, 3> spans = {plan.SpanAlong(0, at[0]), plan.SpanAlong(1, at[1]), {}};
  const int64_t first = block.output + at[0] * plan.space[0].output_step + at[1] * plan.space[1].output_step;
  for (int64_t w = 0; w < plan.windows[2].output; ++w) {
    spans[2] = plan.SpanAlong(2, w);
    if (!visit(first + w * plan.space[2].output_step, spans, block)) return false;
  }
  return poll.Continue(plan.windows[2].output);
}

// Puts, instead of its index, how many elements of its window each maximum is equal to; but for NaNs, which equal none.
template <typename T>
absl::Status CountTies(const PoolingPlan& plan, const T* x, PoolingResult& maxima, const ExecutionContext& context) {
  const T* y = maxima.output.As<T>();
  auto* counts = maxima.indices->As<int64_t>();
  const int64_t rows = plan.block_count() * plan.windows[0].output * plan.windows[1].output;
  const int64_t per_piece = std::max<int64_t>(1, kPieceElements / plan.windows[2].output);
  context.executor->ParallelFor(CeilDivide(rows, per_piece), [&](int64_t piece) {
    CancelPoll poll(context);
    const int64_t end = std::min(rows, (piece + 1) * per_piece);
    for (int64_t row = piece * per_piece; row < end; ++row) {
      const bool done = ForEachWindow(
          plan, row, poll, [&](int64_t output, const std::array<Span, 3>& spans, const PoolingBlock& block) {
            if (y[output] != y[output]) return true;
            int64_t count = 0;
            const bool whole = ForEachElement(plan, spans, block, Lanes{}, poll,
                                              [&](size_t, int64_t offset) { count += x[offset] == y[output] ? 1 : 0; });
            counts[output] = count;
            return whole;
          });
      if (!done) return;
    }
  });
  return context.CheckCancelled();
}

// A sum of shares whose divisors have a common multiple that is so small that their quotients are exact in every type.
template <typename T>
class CommonSum {
 public:
  explicit CommonSum(int64_t common) : common_(common) {}
  void Clear() { sum_.Clear(); }
  void Add(T dy, const Share<T>& share) {
    const int64_t parts = common_ / share.divisor;
    sum_.AddProduct(dy, share.multiplier * static_cast<T>(parts));
  }
  [[nodiscard]] uint64_t Round(const BinaryFormat& format) { return sum_.Round(common_, format); }
  [[nodiscard]] int64_t work_of_term() const { return 1; }

 private:
  const int64_t common_;
  ExactSum<T> sum_;
};

// A sum of shares with any divisors; their multipliers are 1.
template <typename T>
class AnySum {
 public:
  explicit AnySum(int guard_digits) : sum_(guard_digits) {}
  void Clear() { sum_.Clear(); }
  void Add(T dy, const Share<T>& share) { sum_.Add(dy, share.divisor); }
  [[nodiscard]] uint64_t Round(const BinaryFormat& format) { return sum_.Round(format); }
  [[nodiscard]] int64_t work_of_term() const { return sum_.digits_of_quotient(); }

 private:
  ExactFractions<T> sum_;
};

// The sums of all elements of one row along W.
template <typename T>
class Rows {
 public:
  Rows(const PoolingPlan& plan, const Shares<T>& shares, const T* dy, Tensor& dx)
      : plan_(plan),
        shares_(shares),
        dy_(dy),
        dx_(dx.data()),
        format_(FormatOf(dx.type())),
        item_size_(ItemSize(dx.type())) {}

  [[nodiscard]] int64_t count() const { return plan_.block_count() * plan_.windows[0].input * plan_.windows[1].input; }

  // False: cancelled on the way.
  template <typename Sum>
  bool Run(int64_t number, Sum& sum, CancelPoll& poll) const {
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
      if (!AddAlong(0, element, {.input = input, .index = index, .output = block.output}, spans, sum, poll)) {
        return false;
      }
      StoreBits(dx_, input, item_size_, sum.Round(format_));
    }
    return true;
  }

 private:
  struct Place {
    int64_t input;
    int64_t index;
    int64_t output;
  };

  // Adds the terms of the windows along this axis and the ones after it.
  template <typename Sum>
  bool AddAlong(size_t axis, const std::array<int64_t, 3>& element, const Place& place, std::array<Span, 3>& spans,
                Sum& sum, CancelPoll& poll) const {
    if (axis == 3) {
      const Share<T> share = shares_.At(place.input, place.index, place.output, spans);
      if (share.multiplier == 0) return true;
      sum.Add(dy_[place.output], share);
      return poll.Continue(sum.work_of_term());
    }
    const Cover cover = CoverOf(plan_, axis, element[axis]);
    for (int64_t output = cover.first; output < cover.end; ++output) {
      if (!poll.Continue(1)) return false;
      if (!Holds(plan_, axis, output, element[axis])) continue;
      spans[axis] = plan_.SpanAlong(axis, output);
      Place at = place;
      at.output += output * plan_.space[axis].output_step;
      if (!AddAlong(axis + 1, element, at, spans, sum, poll)) return false;
    }
    return true;
  }

  const PoolingPlan& plan_;
  const Shares<T>& shares_;
  const T* dy_;
  void* dx_;
  const BinaryFormat format_;
  const int64_t item_size_;
};

// Every row, with sums that are made of `first`.
template <typename T, typename Sum>
void RunRows(const PoolingPlan& plan, const Rows<T>& rows, const Sum& first, const ExecutionContext& context) {
  const int64_t per_piece = std::max<int64_t>(1, kPieceElements / plan.windows[2].input);
  context.executor->ParallelFor(CeilDivide(rows.count(), per_piece), [&](int64_t piece) {
    CancelPoll poll(context);
    Sum sum = first;
    const int64_t end = std::min(rows.count(), (piece + 1) * per_piece);
    for (int64_t row = piece * per_piece; row < end; ++row) {
      if (!rows.Run(row, sum, poll)) return;
    }
  });
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

// A common multiple of what the gradient divides by, where it is below 2^24, so that each type that is summed in has
// its quotients exactly; else nothing. Of an average its divisors, of a maximum whose ties are split every number that
// may tie in a window (of up to 18 elements), of others 1.
std::optional<int64_t> CommonDivisor(const PoolingGeometry& geometry) {
  if (IsSplit(geometry)) return CommonShare(WindowElements(geometry));
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

int64_t LargestDivisor(const PoolingGeometry& geometry) {
  if (geometry.kind == PoolingKind::kAverage) {
    if (geometry.average_divisor == AverageDivisor::kFixed) return geometry.fixed_divisor;
    if (geometry.average_divisor == AverageDivisor::kIncluded) {
      int64_t count = 1;
      for (const AxisWindow& axis : geometry.axes) count = SaturatingMultiply(count, axis.window);
      return count;
    }
  }
  return WindowElements(geometry);
}

// GuardDigits() of an element's shares; nothing where these are too many.
std::optional<int> GuardDigitsOf(const PoolingGeometry& geometry) {
  constexpr int64_t kMostCommonBits = 1 << 20;
  const int64_t largest = LargestDivisor(geometry);
  if (largest >= int64_t{1} << 62) return std::nullopt;
  const int64_t bits = BitWidth(largest);
  const int64_t terms = MostWindows(geometry);
  const bool one = geometry.kind == PoolingKind::kAverage && geometry.average_divisor == AverageDivisor::kFixed;
  // lcm(1..n) < e^(1.03884 n) < 2^(1.5 n): J. B. Rosser, L. Schoenfeld, Illinois J. Math. 6 (1962), theorem 12.
  const int64_t common_bits = one ? bits : std::min(SaturatingMultiply(bits, terms), largest + (largest + 1) / 2);
  if (common_bits > kMostCommonBits || terms >= int64_t{1} << 31) return std::nullopt;
  return GuardDigits(terms, common_bits);
}

template <typename T>
absl::Status Run(const PoolingGeometry& geometry, const T* x, PoolingResult* maxima, const T* dy, Tensor& dx,
                 const ExecutionContext& context) {
  const PoolingPlan plan(geometry, 1);
  if (IsSplit(geometry)) TENSORD_RETURN_IF_ERROR(CountTies(plan, x, *maxima, context));
  const Shares<T> shares(geometry, x, maxima);
  const Rows<T> rows(plan, shares, dy, dx);
  if (const std::optional<int64_t> common = CommonDivisor(geometry)) {
    RunRows(plan, rows, CommonSum<T>(*common), context);
  } else if (const std::optional<int> digits = GuardDigitsOf(geometry)) {
    RunRows(plan, rows, AnySum<T>(*digits), context);
  } else {
    return absl::InternalError("this gradient has no exact sums");
  }
  return context.CheckCancelled();
}

}  // namespace

bool SumsSharesExactly(const PoolingGeometry& geometry) {
  return CommonDivisor(geometry).has_value() || GuardDigitsOf(geometry).has_value();
}

int64_t WorkOfShare(const PoolingGeometry& geometry) {
  // Measured: 2 to 4 times as long with few digits, 11 times with 95.
  constexpr int64_t kDigitsOfTerm = 12;
  if (CommonDivisor(geometry).has_value()) return 1;
  return 2 + GuardDigitsOf(geometry).value_or(0) / kDigitsOfTerm;
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
  PoolingResult* const found = maxima.has_value() ? &*maxima : nullptr;
  TENSORD_RETURN_IF_ERROR(type == DataType::kFloat32
                              ? Run(geometry, wide_x.As<float>(), found, wide_dy.As<float>(), dx, context)
                              : Run(geometry, wide_x.As<double>(), found, wide_dy.As<double>(), dx, context));
  return dx;
}

}  // namespace tensord::compute::internal
