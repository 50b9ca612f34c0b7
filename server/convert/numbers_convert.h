// How the numbers of a request are to be made, and the proof that an answer carries: accumulation, result type,
// quantisation, bounds of the error, SHA-256.
#ifndef TENSORD_SERVER_CONVERT_NUMBERS_CONVERT_H_
#define TENSORD_SERVER_CONVERT_NUMBERS_CONVERT_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/convert/enum_convert.h"
#include "server/convert/request_errors.h"
#include "server/convert/tensor_convert.h"
#include "tensord/compute/error_bounds.h"
#include "tensord/compute/numeric.h"
#include "tensord/v1/numbers.pb.h"

namespace tensord::server {

// How a forward request wants its numbers, and the result's type where everything is in order.
struct ForwardNumbers {
  compute::NumericOptions options;
  std::optional<compute::DataType> output_type;
};

// The engine's options under the names of the requests' fields.
[[nodiscard]] const compute::NumericFields& RequestFields();

// The fields `accumulation`, `return_error_bounds` and, where Request has it, `output_type`. Whether they go together
// with the tensors is for Resolve...Numbers to say.
template <typename Request>
[[nodiscard]] compute::NumericOptions DecodeNumbers(const Request& request, compute::Violations& violations) {
  compute::NumericOptions options;
  options.accumulation =
      Decode(request.accumulation(), RequestFields().accumulation, violations).value_or(compute::Accumulation::kFast);
  options.error_bounds = request.return_error_bounds();
  if constexpr (requires { request.output_type(); }) {
    options.output_type = Decode(request.output_type(), RequestFields().output_type, violations);
  }
  return options;
}

// Adds the quantisation of tensors whose first is of the type `input`: a violation, unless that is int8 or uint8. With
// scales, options.output_type moves to the requantisation; the input's where none was given.
void DecodeQuantization(const v1::Quantization& quantization, compute::DataType input, compute::NumericOptions& options,
                        compute::Violations& violations);

// Every field of a quantisation, as it can be sent again.
[[nodiscard]] v1::Quantization EncodeQuantization(const compute::NumericOptions& options);

[[nodiscard]] v1::ErrorBounds EncodeErrorBounds(compute::ErrorBounds bounds, TensorForm form, absl::string_view axes,
                                                AttachedTensors& attached);

// The SHA-256 of a tensor's elements, in lower-case hexadecimal digits.
[[nodiscard]] absl::StatusOr<std::string> Sha256(const compute::Tensor& tensor);

// A tensor of an answer as the message `tensor`, and, where the accumulation is exact, its hash as `sha256`.
absl::Status EncodeResult(compute::Tensor result, compute::Accumulation accumulation, TensorForm form,
                          absl::string_view axes, v1::Tensor& tensor, std::string& sha256, AttachedTensors& attached);

// Whether the bounds of a result of that shape are within the limit for tensors; `field` is their own.
void CheckBoundsSize(const compute::Shape& shape, const compute::NumericOptions& options, absl::string_view field,
                     const compute::Limits& limits, RequestErrors& errors);

// A refusal that the engine found while it computed, "FIELD: DESCRIPTION", as a violation; any other status as it is.
[[nodiscard]] absl::Status AsViolation(const absl::Status& status);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_NUMBERS_CONVERT_H_
