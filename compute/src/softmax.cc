#include "tensord/compute/softmax.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/activation_exponential.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

// Groups that lie beside each other in memory are worked on together, so that each line of it is read once.
constexpr int64_t kColumns = 32;
// Elements per piece of work, where groups are that short.
constexpr int64_t kPieceElements = 8192;
// Elements between two looks at the flag.
constexpr int64_t kCheckElements = 8192;

// The groups of a tensor: `outer` times `inner` of them, of `size` elements that are `inner` apart.
struct Groups {
  int64_t outer = 1;
  int64_t size = 1;
  int64_t inner = 1;

  Groups(const Shape& shape, int axis) : size(shape[axis]) {
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
  [[nodiscard]] bool empty() const { return outer == 0 || size == 0 || inner == 0; }
};

// A sum that remembers what rounding took from it (Neumaier's).
class CompensatedSum {
 public:
  void Add(double term) {
    const formulas::DoubleDouble sum = formulas::Sum(sum_, term);
    sum_ = sum.hi;
    rest_ += sum.lo;
  }
  [[nodiscard]] double value() const { return std::isfinite(sum_) ? sum_ + rest_ : sum_; }

 private:
  double sum_ = 0;
  double rest_ = 0;
};

// exp(x - m), without the rounding of the difference.
double PowerBelow(double x, double maximum) {
  const formulas::DoubleDouble difference = formulas::Sum(x, -maximum);
  const double power = std::exp(difference.hi);
  return std::isfinite(difference.lo) ? power + power * difference.lo : power;
}

// Up to kColumns neighbouring groups of which the first elements are x[0], x[1], ...
template <typename T>
class Block {
 public:
  Block(const T* x, int64_t size, int64_t stride, int64_t columns, const ExecutionContext& context)
      : x_(x), size_(size), stride_(stride), columns_(columns), context_(context) {
    maximum_.fill(-std::numeric_limits<double>::infinity());
    ForEach([&](size_t column, int64_t i) {
      const auto value = static_cast<double>(x_[i]);
      // A NaN stays: nothing is larger than it.
      if (value > maximum_[column] || std::isnan(value)) maximum_[column] = value;
    });
    // The first of the largest is left out of the sum of the rest, so that log(1 + rest) has all its digits.
    std::array<bool, kColumns> met = {};
    ForEach([&](size_t column, int64_t i) {
      const auto value = static_cast<double>(x_[i]);
      if (value == maximum_[column] && !met[column] && std::isfinite(value)) {
        met[column] = true;
      } else {
        rest_[column].Add(PowerBelow(value, maximum_[column]));
      }
    });
  }

  void Softmax(T* y) {
    ForEach([&](size_t column, int64_t i) { y[i] = static_cast<T>(Probability(column, i)); });
  }

  void LogSoftmax(T* y) {
    std::array<double, kColumns> logs;
    for (size_t column = 0; column < static_cast<size_t>(columns_); ++column) {
      logs[column] = std::log1p(rest_[column].value());
    }
    ForEach([&](size_t column, int64_t i) {
      const formulas::DoubleDouble difference = formulas::Sum(static_cast<double>(x_[i]), -maximum_[column]);
      const double rest = std::isfinite(difference.lo) ? difference.lo : 0;
      y[i] = static_cast<T>((difference.hi - logs[column]) + rest);
    });
  }

  void SoftmaxBackward(const T* dy, T* dx) {
    std::array<CompensatedSum, kColumns> sums = {};
    ForEach([&](size_t column, int64_t i) { sums[column].Add(Probability(column, i) * static_cast<double>(dy[i])); });
    ForEach([&](size_t column, int64_t i) {
      dx[i] = static_cast<T>(Probability(column, i) * (static_cast<double>(dy[i]) - sums[column].value()));
    });
  }

  void LogSoftmaxBackward(const T* dy, T* dx) {
    std::array<CompensatedSum, kColumns> sums = {};
    ForEach([&](size_t column, int64_t i) { sums[column].Add(static_cast<double>(dy[i])); });
    ForEach([&](size_t column, int64_t i) {
      dx[i] = static_cast<T>(static_cast<double>(dy[i]) - Probability(column, i) * sums[column].value());
    });
  }

 private:
  // Calls visit(column, offset) for every element, line by line. Stops early where the call was cancelled.
  template <typename Visit>
  void ForEach(Visit visit) {
    int64_t unchecked = 0;
    for (int64_t row = 0; row < size_; ++row) {
      for (int64_t column = 0; column < columns_; ++column) {
        visit(static_cast<size_t>(column), row * stride_ + column);
      }
      unchecked += columns_;
      if (unchecked < kCheckElements) continue;
      unchecked = 0;
      if (context_.cancelled()) return;
    }
  }

  [[nodiscard]] double Probability(size_t column, int64_t i) const {
    return PowerBelow(static_cast<double>(x_[i]), maximum_[column]) / (1 + rest_[column].value());
  }

  const T* x_;
  const int64_t size_;
  const int64_t stride_;
  const int64_t columns_;
  const ExecutionContext& context_;
  std::array<double, kColumns> maximum_;
  std::array<CompensatedSum, kColumns> rest_ = {};
};

// Calls apply(block, first) for every block of groups; `first` is the offset of its first element.
template <typename T, typename Apply>
absl::Status ForBlocks(const TensorView& x, int axis, const ExecutionContext& context, Apply apply) {
  const Groups groups(x.shape, axis);
  if (groups.empty()) return context.CheckCancelled();
  const int64_t blocks_per_outer = (groups.inner - 1) / kColumns + 1;
  const int64_t blocks = groups.outer * blocks_per_outer;
  const int64_t block_elements = groups.size * std::min(kColumns, groups.inner);
  const int64_t blocks_per_piece = std::max<int64_t>(kPieceElements / block_elements, 1);
  context.executor->ParallelFor((blocks - 1) / blocks_per_piece + 1, [&](int64_t piece) {
    const int64_t end = std::min((piece + 1) * blocks_per_piece, blocks);
    for (int64_t i = piece * blocks_per_piece; i < end && !context.cancelled(); ++i) {
      const int64_t column = i % blocks_per_outer * kColumns;
      const int64_t first = i / blocks_per_outer * groups.size * groups.inner + column;
      apply(Block<T>(x.As<T>() + first, groups.size, groups.inner, std::min(kColumns, groups.inner - column), context),
            first);
    }
  });
  return context.CheckCancelled();
}

absl::Status CheckArguments(absl::string_view what, ActivationKind kind, const TensorView& x, int axis) {
  if (kind != ActivationKind::kSoftmax && kind != ActivationKind::kLogSoftmax) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": the kind is ", Name(kind), ", has to be softmax or log_softmax"));
  }
  if (!IsComputable(x.type)) {
    return absl::UnimplementedError(absl::StrCat(what, ": x: takes float32 or float64, not ", Name(x.type)));
  }
  if (axis >= 0 && axis < x.shape.rank()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": axis is ", axis, ", has to be one of the ", x.shape.rank(), " of x"));
}

template <typename T>
absl::StatusOr<Tensor> SoftmaxAs(ActivationKind kind, const TensorView& x, int axis, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor y, Tensor::Allocate(x.type, x.shape));
  TENSORD_RETURN_IF_ERROR(ForBlocks<T>(x, axis, context, [&](Block<T> block, int64_t first) {
    T* const out = y.As<T>() + first;
    kind == ActivationKind::kSoftmax ? block.Softmax(out) : block.LogSoftmax(out);
  }));
  return y;
}

template <typename T>
absl::StatusOr<Tensor> SoftmaxBackwardAs(ActivationKind kind, const TensorView& x, int axis, const TensorView& dy,
                                         const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, Tensor::Allocate(x.type, x.shape));
  TENSORD_RETURN_IF_ERROR(ForBlocks<T>(x, axis, context, [&](Block<T> block, int64_t first) {
    const T* const in = dy.As<T>() + first;
    T* const out = dx.As<T>() + first;
    kind == ActivationKind::kSoftmax ? block.SoftmaxBackward(in, out) : block.LogSoftmaxBackward(in, out);
  }));
  return dx;
}

}  // namespace

absl::StatusOr<Tensor> Softmax(ActivationKind kind, const TensorView& x, int axis, const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(CheckArguments("softmax", kind, x, axis));
  return x.type == DataType::kFloat32 ? SoftmaxAs<float>(kind, x, axis, context)
                                      : SoftmaxAs<double>(kind, x, axis, context);
}

absl::StatusOr<Tensor> SoftmaxBackward(ActivationKind kind, const TensorView& x, int axis, const TensorView& dy,
                                       const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(CheckArguments("softmax backward", kind, x, axis));
  if (dy.type != x.type || !(dy.shape == x.shape)) {
    return absl::InvalidArgumentError(absl::StrCat("softmax backward: dy is ", Name(dy.type), " ", dy.shape.ToString(),
                                                   ", has to be as x: ", Name(x.type), " ", x.shape.ToString()));
  }
  return x.type == DataType::kFloat32 ? SoftmaxBackwardAs<float>(kind, x, axis, dy, context)
                                      : SoftmaxBackwardAs<double>(kind, x, axis, dy, context);
}

Cost SoftmaxCost(const Shape& shape, DataType type) {
  Cost cost = ActivationCost(shape, type);
  cost.multiplication_count = SaturatingMultiply(cost.multiplication_count, 2);
  return cost;
}

}  // namespace tensord::compute
