#include "tensord/compute/prelu.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/activation_piecewise.h"
#include "compute/src/internal/broadcast.h"
#include "compute/src/internal/double_double.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::MergedAxes;
using internal::WalkAxes;
using internal::WalkAxis;
using internal::WalkRuns;

constexpr int64_t kPieceElements = 8192;

int64_t PieceCount(int64_t total, int64_t piece) { return total / piece + (total % piece > 0 ? 1 : 0); }

// y[i] = of(x, slope, i) for every element, i its offset. The pieces depend on the shape only.
template <typename T, typename Of>
absl::Status ForElements(const Tensor& y, const TensorView& slopes, const SlopeBroadcast& broadcast,
                         const ExecutionContext& context, Of of) {
  const WalkAxes axes = MergedAxes(y.shape(), broadcast.strides);
  const int64_t total = y.element_count();
  context.executor->ParallelFor(PieceCount(total, kPieceElements), [&](int64_t piece) {
    if (context.cancelled()) return;
    const int64_t first = piece * kPieceElements;
    WalkRuns(axes, first, std::min(kPieceElements, total - first),
             [&](int64_t large, int64_t small, int64_t step, int64_t count) {
               const T* slope = slopes.As<T>() + small;
               for (int64_t i = 0; i < count; ++i, slope += step) of(large + i, static_cast<double>(*slope));
             });
  });
  return context.CheckCancelled();
}

absl::Status CheckArguments(absl::string_view what, const TensorView& x, const TensorView& slopes,
                            const SlopeBroadcast& broadcast) {
  if (!IsComputable(x.type)) {
    return absl::UnimplementedError(absl::StrCat(what, ": x: takes float32 or float64, not ", Name(x.type)));
  }
  if (slopes.type != x.type) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": the slopes are ", Name(slopes.type), ", have to be ", Name(x.type), ", as x"));
  }
  // Every element's slope has to be one of them.
  int64_t last = 0;
  bool fits = broadcast.strides.size() == static_cast<size_t>(x.shape.rank());
  for (size_t i = 0; fits && i < broadcast.strides.size(); ++i) {
    fits = broadcast.strides[i] >= 0;
    last = SaturatingAdd(last, SaturatingMultiply(std::max<int64_t>(x.shape[static_cast<int>(i)] - 1, 0),
                                                  std::max<int64_t>(broadcast.strides[i], 0)));
  }
  if (fits && (last < ElementCount(slopes.shape).value_or(0) || ElementCount(x.shape) == 0)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, ": slopes of ", slopes.shape.ToString(),
                                                 " do not lie over x of ", x.shape.ToString(), " in that way"));
}

template <typename T>
absl::StatusOr<Tensor> PreluAs(const TensorView& x, const TensorView& slopes, const SlopeBroadcast& broadcast,
                               const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor y, Tensor::Allocate(x.type, x.shape));
  T* const out = y.As<T>();
  const T* const in = x.As<T>();
  TENSORD_RETURN_IF_ERROR(ForElements<T>(y, slopes, broadcast, context, [=](int64_t i, double slope) {
    out[i] = static_cast<T>(formulas::LeakyRelu(slope, KinkSlope::kLeft).Value(static_cast<double>(in[i])));
  }));
  return y;
}

template <typename T>
absl::StatusOr<Tensor> InputGradient(const TensorView& x, const TensorView& slopes, const SlopeBroadcast& broadcast,
                                     KinkSlope kink_slope, const TensorView& dy, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, Tensor::Allocate(x.type, x.shape));
  T* const out = dx.As<T>();
  const T* const in = x.As<T>();
  const T* const gradient = dy.As<T>();
  TENSORD_RETURN_IF_ERROR(ForElements<T>(dx, slopes, broadcast, context, [=](int64_t i, double slope) {
    const double derivative = formulas::LeakyRelu(slope, kink_slope).Derivative(static_cast<double>(in[i]));
    out[i] = static_cast<T>(static_cast<double>(gradient[i]) * derivative);
  }));
  return dx;
}

// The elements of x that share a slope, as pieces of at most so many: each is summed by itself, and they one after the
// other, so that the order is the same for any number of threads.
constexpr int64_t kSumElements = int64_t{1} << 16;

// How x's axes fall into those along which the slope changes and those over which is summed.
struct Sums {
  WalkAxes kept;    // steps: in x, in the slopes
  WalkAxes summed;  // steps: in x
  int64_t kept_count = 1;
  int64_t summed_count = 1;
  int64_t pieces = 1;  // for each slope

  Sums(const Shape& x, const SlopeBroadcast& broadcast) {
    for (const WalkAxis& axis : MergedAxes(x, broadcast.strides)) {
      (axis.small_step == 0 ? summed : kept).push_back(axis);
      int64_t& count = axis.small_step == 0 ? summed_count : kept_count;
      count = SaturatingMultiply(count, axis.size);
    }
    pieces = PieceCount(summed_count, kSumElements);
  }
  [[nodiscard]] int64_t partial_count() const { return SaturatingMultiply(kept_count, pieces); }
};

// Sum of min(x, 0) * dy over one piece.
template <typename T>
formulas::DoubleDouble SumPiece(const Sums& sums, const T* x, const T* dy, int64_t piece) {
  const int64_t first = piece * kSumElements;
  const int64_t step = sums.summed.empty() ? 0 : sums.summed.back().large_step;
  formulas::DoubleDouble sum = {0, 0};
  WalkRuns(sums.summed, first, std::min(kSumElements, sums.summed_count - first),
           [&](int64_t offset, int64_t, int64_t, int64_t count) {
             for (int64_t i = 0; i < count; ++i, offset += step) {
               const auto value = static_cast<double>(x[offset]);
               if (value > 0) continue;
               const formulas::DoubleDouble term = formulas::Product(value, static_cast<double>(dy[offset]));
               const formulas::DoubleDouble next = formulas::Sum(sum.hi, term.hi);
               sum = {next.hi, sum.lo + (next.lo + term.lo)};
             }
           });
  return sum;
}

double Rounded(formulas::DoubleDouble sum) { return std::isfinite(sum.hi) ? sum.hi + sum.lo : sum.hi; }

// Calls sum(i) for every piece of every sum; short ones go together.
template <typename Add>
void ForSums(const Sums& sums, const ExecutionContext& context, Add sum) {
  const int64_t group = std::max<int64_t>(kPieceElements / std::min(sums.summed_count, kSumElements), 1);
  context.executor->ParallelFor(PieceCount(sums.partial_count(), group), [&](int64_t job) {
    const int64_t end = std::min((job + 1) * group, sums.partial_count());
    for (int64_t i = job * group; i < end && !context.cancelled(); ++i) sum(i);
  });
}

// Sums that are longer than a piece, so that there are few of them.
template <typename T>
absl::Status SumInPieces(const Sums& sums, const T* x, const T* dy, const ExecutionContext& context, T* da) {
  TENSORD_ASSIGN_OR_RETURN(Tensor partials, Tensor::Allocate(DataType::kFloat64, {sums.partial_count(), 2}));
  double* const partial = partials.As<double>();
  ForSums(sums, context, [&](int64_t i) {
    WalkRuns(sums.kept, i / sums.pieces, 1, [&](int64_t offset, int64_t, int64_t, int64_t) {
      const formulas::DoubleDouble sum = SumPiece(sums, x + offset, dy + offset, i % sums.pieces);
      partial[2 * i] = sum.hi;
      partial[2 * i + 1] = sum.lo;
    });
  });
  TENSORD_RETURN_IF_ERROR(context.CheckCancelled());
  for (int64_t k = 0; k < sums.kept_count; ++k) {
    formulas::DoubleDouble total = {0, 0};
    for (int64_t i = k * sums.pieces; i < (k + 1) * sums.pieces; ++i) {
      const formulas::DoubleDouble next = formulas::Sum(total.hi, partial[2 * i]);
      total = {next.hi, total.lo + (next.lo + partial[2 * i + 1])};
    }
    WalkRuns(sums.kept, k, 1,
             [&](int64_t, int64_t slope, int64_t, int64_t) { da[slope] = static_cast<T>(Rounded(total)); });
  }
  return absl::OkStatus();
}

template <typename T>
absl::StatusOr<Tensor> SlopeGradient(const TensorView& x, const Shape& slopes, const SlopeBroadcast& broadcast,
                                     const TensorView& dy, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor da, Tensor::Zeros(x.type, slopes));
  if (ElementCount(x.shape) == 0) return da;
  const Sums sums(x.shape, broadcast);
  if (sums.pieces == 1) {
    ForSums(sums, context, [&](int64_t i) {
      WalkRuns(sums.kept, i, 1, [&](int64_t offset, int64_t slope, int64_t, int64_t) {
        da.As<T>()[slope] = static_cast<T>(Rounded(SumPiece(sums, x.As<T>() + offset, dy.As<T>() + offset, 0)));
      });
    });
  } else {
    TENSORD_RETURN_IF_ERROR(SumInPieces(sums, x.As<T>(), dy.As<T>(), context, da.As<T>()));
  }
  TENSORD_RETURN_IF_ERROR(context.CheckCancelled());
  return da;
}

template <typename T>
absl::StatusOr<PreluGradients> BackwardAs(const TensorView& x, const TensorView& slopes,
                                          const SlopeBroadcast& broadcast, KinkSlope kink_slope, const TensorView& dy,
                                          bool slope_gradient, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor input, InputGradient<T>(x, slopes, broadcast, kink_slope, dy, context));
  if (!slope_gradient) return PreluGradients{.input = std::move(input), .slopes = std::nullopt};
  TENSORD_ASSIGN_OR_RETURN(Tensor da, SlopeGradient<T>(x, slopes.shape, broadcast, dy, context));
  return PreluGradients{.input = std::move(input), .slopes = std::move(da)};
}

}  // namespace

absl::StatusOr<Tensor> Prelu(const TensorView& x, const TensorView& slopes, const SlopeBroadcast& broadcast,
                             const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(CheckArguments("prelu", x, slopes, broadcast));
  return x.type == DataType::kFloat32 ? PreluAs<float>(x, slopes, broadcast, context)
                                      : PreluAs<double>(x, slopes, broadcast, context);
}

absl::StatusOr<PreluGradients> PreluBackward(const TensorView& x, const TensorView& slopes,
                                             const SlopeBroadcast& broadcast, KinkSlope kink_slope,
                                             const TensorView& dy, bool slope_gradient,
                                             const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(CheckArguments("prelu backward", x, slopes, broadcast));
  if (dy.type != x.type || !(dy.shape == x.shape)) {
    return absl::InvalidArgumentError(absl::StrCat("prelu backward: dy is ", Name(dy.type), " ", dy.shape.ToString(),
                                                   ", has to be as x: ", Name(x.type), " ", x.shape.ToString()));
  }
  const auto backward = x.type == DataType::kFloat32 ? BackwardAs<float> : BackwardAs<double>;
  return backward(x, slopes, broadcast, kink_slope, dy, slope_gradient, context);
}

Cost PreluCost(const Shape& x, DataType type) { return ActivationCost(x, type); }

Cost PreluBackwardCost(const Shape& x, const Shape& slopes, DataType type, bool slope_gradient) {
  Cost cost = ActivationCost(x, type);
  if (!slope_gradient) return cost;
  const Cost gradient = ActivationCost(slopes, type);
  // Two doubles for each piece of a sum that has more than one, and so at most twice as many as fill the tensor.
  cost.scratch_bytes = cost.multiplication_count / kSumElements * 2 * 2 * static_cast<int64_t>(sizeof(double));
  cost.multiplication_count = SaturatingMultiply(cost.multiplication_count, 2);
  cost.result_bytes = SaturatingAdd(cost.result_bytes, gradient.result_bytes);
  return cost;
}

}  // namespace tensord::compute
