// Bounds as functions of what is known of an element: what those of every operator are made of.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_BOUND_RULES_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_BOUND_RULES_H_

#include <atomic>
#include <cstdint>
#include <limits>

#include "absl/status/statusor.h"
#include "tensord/compute/accumulation.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/error_bounds.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

inline constexpr double kNoBound = std::numeric_limits<double>::infinity();
// Every bound takes a dozen operations of float64: this makes up for their roundings several times over.
inline constexpr double kSafety = 1 + 0x1p-44;

// What is characteristic of a floating type.
struct Precision {
  double roundoff;  // u
  double least;     // the least positive number
  double least_normal;
  double largest;
};
[[nodiscard]] Precision PrecisionOf(DataType type);

// n u / (1 - n u), rounded up; infinity where that is no bound.
[[nodiscard]] double Gamma(double n, double u);

// gamma * sum, where 0 * infinity is 0: an empty or a zero sum has no error.
[[nodiscard]] inline double Share(double gamma, double sum) { return sum == 0 ? 0 : gamma * sum; }

// gamma * S + absolute + flushed * F + roundoff * |y|.
struct BoundRule {
  double gamma = 0;
  double absolute = 0;
  double flushed = 0;
  double roundoff = 0;
  double largest = kNoBound;  // of the type that sums: beyond it there is no bound

  [[nodiscard]] double At(double sum, double flushed_sum, double result) const;
};

// `rule` with one rounding to `type` after it.
[[nodiscard]] BoundRule ThenRounded(BoundRule rule, DataType type);

// The bounds' rules for a sum of `n` terms, products first, with a result of `type`.
struct BoundRules {
  BoundRule computed;
  BoundRule any_order;
};
[[nodiscard]] BoundRules RulesFor(DataType type, Accumulation accumulation, double n, bool flushed,
                                  const Activation* activation);

// Element `at` of a floating tensor.
[[nodiscard]] double ElementOf(const TensorView& tensor, int64_t at);

// |tensor| in float64; or only its denormals, as its own type counts them, the others 0. `found`: whether any element
// is not 0.
enum class MagnitudePart { kAll, kDenormals };
[[nodiscard]] absl::StatusOr<Tensor> Magnitudes(const TensorView& tensor, MagnitudePart part, std::atomic<bool>& found,
                                                const ExecutionContext& context);

// The bounds from S, F (empty for none) and the result, by the rules. S and F are sums of `term_count` terms.
[[nodiscard]] absl::StatusOr<ErrorBounds> ApplyRules(const BoundRules& rules, double term_count, const Tensor& sums,
                                                     const Tensor& flushed_sums, const TensorView& result,
                                                     const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_BOUND_RULES_H_
