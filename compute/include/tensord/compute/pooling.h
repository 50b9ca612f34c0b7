// Pooling with 1, 2 or 3 spatial axes: geometry, forwards, backwards.
#ifndef TENSORD_COMPUTE_POOLING_H_
#define TENSORD_COMPUTE_POOLING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/layout.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/tensor.h"
#include "tensord/compute/violations.h"
#include "tensord/compute/window.h"

namespace tensord::compute {

enum class PoolingKind { kMax, kAverage, kSubsample, kLp };
[[nodiscard]] absl::string_view Name(PoolingKind value);

// A pooling with every convention resolved and every size checked. Only ResolvePooling makes one.
struct PoolingGeometry {
  PoolingKind kind;
  Layout layout;
  PaddingMode padding;
  LengthRule length_rule;
  std::optional<AverageDivisor> average_divisor;  // for kAverage; absent where nothing reaches past the input
  int64_t fixed_divisor;                          // for AverageDivisor::kFixed
  TieRule tie_rule;
  NanRule nan_rule;
  IndexBase index_base;
  EmptyWindow empty_window = EmptyWindow::kRefuse;   // for kMax
  PaddingLimit padding_limit = PaddingLimit::kNone;  // for kExplicit, which keeps to it
  double p = 2;                                      // for kLp
  WindowMode window_mode = WindowMode::kExplicit;
  Shape input_shape;
  Shape output_shape;
  int64_t batch;     // N; 1 without a batch axis
  int64_t channels;  // C; 1 without channels
  // Per spatial axis, in the order D, H, W. kGlobal: the window is the input. kAdaptive: `window` is the longest of the
  // windows, and the stride says nothing: AdaptiveWindow() tells each one.
  std::vector<AxisWindow> axes;
};

// What the fields are called in violations.
struct PoolingFields {
  std::string input_shape = "input.shape";
  std::string conventions = "conventions";
};

// The elements first..end-1 of an adaptive window: output `index` of `count` over an input of that length:
// floor(index*length/count) and ceil((index + 1)*length/count). All sizes fit where length and count are 63-bit ones.
struct AdaptiveSpan {
  int64_t first;
  int64_t end;
};
[[nodiscard]] AdaptiveSpan AdaptiveWindow(int64_t length, int64_t count, int64_t index);

// Checks the sizes and resolves the conventions; adds everything that is wrong to `violations`, and then returns
// nothing. A window without any element of the input is a violation, unless empty_window says otherwise. As
// ResolveConvolution for unknown sizes.
[[nodiscard]] std::optional<PoolingGeometry> ResolvePooling(PoolingKind kind, const PoolingConventions& given,
                                                            Profile profile, const Shape& input,
                                                            const PoolingFields& fields, const SizeRules& rules,
                                                            Violations& violations);

// The pooled tensor and, where asked for, the indices of the maxima.
struct PoolingResult {
  Tensor output;
  std::optional<Tensor> indices;  // int64, of the output's shape
};

// Pools the spatial axes of each sample and channel. Window of output k: the elements k*stride + j*dilation - pad_begin
// for j in 0..window-1, per axis; those outside the input do not count.
//   kMax:       the largest element. A NaN wins over everything; of several NaNs geometry.nan_rule picks the index.
//   kAverage:   the sum over the divisor: kExcluded, the elements inside the input; kIncluded, the elements inside
//               -pad_begin .. N+pad_end-1; kFixed, fixed_divisor.
//   kSubsample: the window's only element.
//   kLp:        (sum |x|^p)^(1/p).
// An adaptive window has the elements of AdaptiveWindow() instead.
//
// Shapes:   x geometry.input_shape; results geometry.output_shape.
// Dtype:    float32 or float64; sums are kept in that type, those of kLp in float64. Indices int64, counted as
//           geometry.index_base says.
// Edges:    N = 0 gives empty results. Ties of maxima: the index of the first in row-major order of the window. A
//           window without any element (empty_window) gives -infinity and the index -1. kLp: no |x|^p over- or
//           underflows unless the result does; a NaN gives NaN.
// Accuracy: kMax and kSubsample exact; kAverage |error| <= gamma(K + 1) * sum |x| / divisor, K elements in the window;
//           kLp |error| <= (gamma((2*K + 2)/p + 8) + 2*K/p * 2^(-1074 min(p, 1))) * y, where the second part, less
//           than the first unless p is below about 0.05, is what float64 elements lose that underflow once they are
//           divided by the largest; integers whose powers for p = 1 or 2 sum up to a square below 2^53 exactly.
// Errors:   kInvalidArgument - x is not the geometry's, or indices of a kind that has none. kUnimplemented - another
//           dtype. kResourceExhausted - memory. kCancelled - the flag was set.
// Threads:  no shared state; the same bits for any executor.
[[nodiscard]] absl::StatusOr<PoolingResult> Pool(const PoolingGeometry& geometry, const TensorView& x,
                                                 bool want_indices, const ExecutionContext& context);

// dJ/dX, given dy = dJ/dY.
//   kMax:       each dy goes to its window's maximum. Of equal ones (0 and -0 are equal) geometry.tie_rule: kFirst, to
//               the first; kAll, to each; kSplit, dy / their number to each. Where it is a NaN, to the one of nan_rule.
//   kAverage:   dy / divisor goes to every element of the window inside the input.
//   kSubsample: dy goes to the window's only element.
//   kLp:        dy * sign(x) * (|x| / y)^(p-1); 0 where x or y is 0.
//
// Shapes:   x geometry.input_shape; dy geometry.output_shape; the result as x.
// Edges:    a window without any element gives nothing to anyone.
// Accuracy: |error| <= gamma(M + 1) * sum |terms|, M the windows that an element lies in; kLp: of gamma(M + 4 +
//           (p + 1)*((2*K + 2)/p + 10)), K elements in the window, unless an |x| / y underflows.
// Errors:   as Pool.
[[nodiscard]] absl::StatusOr<Tensor> PoolBackward(const PoolingGeometry& geometry, const TensorView& x,
                                                  const TensorView& dy, const ExecutionContext& context);

// What Pool costs, with or without indices, and PoolBackward, with that many threads. `multiplication_count` counts
// elements visited; a power, of kLp for p other than 1 and 2, counts as kPowerCost of them.
inline constexpr int64_t kPowerCost = 16;
[[nodiscard]] Cost PoolingCost(const PoolingGeometry& geometry, DataType type, bool want_indices, int thread_count);
[[nodiscard]] Cost PoolingBackwardCost(const PoolingGeometry& geometry, DataType type, int thread_count);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_POOLING_H_
