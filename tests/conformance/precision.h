// Roundoffs, and the bounds that follow from them.
#ifndef TENSORD_TESTS_CONFORMANCE_PRECISION_H_
#define TENSORD_TESTS_CONFORMANCE_PRECISION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "onnx/onnx.pb.h"

namespace tensord::conformance {

// A floating type: its unit roundoff, least normal and least positive number.
struct Precision {
  long double unit = 0;
  long double least_normal = 0;
  long double least = 0;
};

// Errors: kInvalidArgument - no floating type.
[[nodiscard]] absl::StatusOr<Precision> PrecisionOf(::onnx::TensorProto::DataType type);
// What tensord sums a type in with FAST accumulation: FLOAT32 for the 16-bit types, else the type itself.
[[nodiscard]] Precision SummingPrecision(const Precision& precision);

// n u / (1 - n u).
[[nodiscard]] long double Gamma(const Precision& precision, long double n);

// Half a unit in the last place of a result near `value`: what rounding it once may do.
[[nodiscard]] long double RoundingOf(const Precision& precision, long double value);

// The unit in the last place of a result near `value`.
[[nodiscard]] long double UlpOf(const Precision& precision, long double value);

// docs/ops/activations.md's bound of a function: 0.51 units in the last place of FLOAT32, `units64` of FLOAT64; the
// 16-bit types go by way of FLOAT32 and are rounded once more.
[[nodiscard]] long double AnswerBoundOfFunction(const Precision& precision, long double value, long double units64);

// docs/ops/numbers.md's bound of a FAST sum of `terms` products with the sum `magnitude` of absolute values, whose
// exact value is `value`.
[[nodiscard]] long double AnswerBoundOfSum(const Precision& precision, long double terms, long double magnitude,
                                           long double value);
// The same for who sums in the type itself, in any order: ONNX's reference.
[[nodiscard]] long double ReferenceBoundOfSum(const Precision& precision, long double terms, long double magnitude);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_PRECISION_H_
