#include "tests/conformance/precision.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tensord::conformance {
namespace {

using ::onnx::TensorProto;

// Of a binary format with so many bits of significand and this least exponent of a normal number.
Precision Make(int significand_bits, int least_exponent) {
  return {std::ldexp(1.0L, -significand_bits), std::ldexp(1.0L, least_exponent),
          std::ldexp(1.0L, least_exponent + 1 - significand_bits)};
}

}  // namespace

absl::StatusOr<Precision> PrecisionOf(TensorProto::DataType type) {
  switch (type) {
    case TensorProto::FLOAT16:
      return Make(11, -14);
    case TensorProto::BFLOAT16:
      return Make(8, -126);
    case TensorProto::FLOAT:
      return Make(24, -126);
    case TensorProto::DOUBLE:
      return Make(53, -1022);
    default:
      return absl::InvalidArgumentError(absl::StrCat(TensorProto::DataType_Name(type), " is no floating type"));
  }
}

Precision SummingPrecision(const Precision& precision) {
  const Precision float32 = Make(24, -126);
  return precision.unit > float32.unit ? float32 : precision;
}

long double Gamma(const Precision& precision, long double n) { return n * precision.unit / (1 - n * precision.unit); }

long double RoundingOf(const Precision& precision, long double value) {
  return precision.unit * std::fabs(value) + precision.least / 2;
}

long double UlpOf(const Precision& precision, long double value) {
  if (value == 0 || !std::isfinite(value)) return precision.least;
  return std::max(std::ldexp(2 * precision.unit, std::ilogb(value)), precision.least);
}

long double AnswerBoundOfFunction(const Precision& precision, long double value, long double units64) {
  const Precision float32 = SummingPrecision(precision);
  if (precision.unit < std::ldexp(1.0L, -30)) return units64 * UlpOf(precision, value);
  const long double bound = 0.51L * UlpOf(float32, value);
  return float32.unit == precision.unit ? bound : bound + UlpOf(precision, value) / 2;
}

long double AnswerBoundOfSum(const Precision& precision, long double terms, long double magnitude, long double value) {
  const Precision summing = SummingPrecision(precision);
  const long double gamma = Gamma(summing, terms + 2);
  const long double bound = gamma * magnitude + (2 * terms + 3) * summing.least_normal * (1 + gamma);
  return summing.unit == precision.unit ? bound : bound + RoundingOf(precision, std::fabs(value) + bound);
}

long double ReferenceBoundOfSum(const Precision& precision, long double terms, long double magnitude) {
  const long double gamma = Gamma(precision, terms + 2);
  return gamma * magnitude + (2 * terms + 3) * precision.least * (1 + gamma);
}

}  // namespace tensord::conformance
