#include "server/convert/numbers_convert.h"

#include <openssl/sha.h>

#include <array>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/convert/status_convert.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

using compute::DataType;

constexpr absl::string_view kQuantization = "quantization";

std::string Path(absl::string_view name) { return absl::StrCat(kQuantization, ".", name); }

// The scales, which have to be three; one that is missing counts as 1, so that the others are checked all the same.
compute::Requantization DecodeScales(const v1::Quantization& quantization, compute::Violations& violations) {
  compute::Requantization scales;
  const auto require = [&](bool given, absl::string_view name) {
    if (!given) violations.Add(Path(name), "was not given, is required beside the other scales");
    return given;
  };
  if (require(quantization.has_input_scale(), "input_scale")) scales.input_scale = quantization.input_scale();
  if (require(!quantization.filter_scales().empty(), "filter_scales")) {
    scales.filter_scales = {quantization.filter_scales().begin(), quantization.filter_scales().end()};
  } else {
    scales.filter_scales = {1};
  }
  if (require(quantization.has_output_scale(), "output_scale")) scales.output_scale = quantization.output_scale();
  scales.output_zero_point = quantization.output_zero_point();
  return scales;
}

}  // namespace

const compute::NumericFields& RequestFields() {
  static const auto& fields = *new compute::NumericFields{.activation = "activation.kind"};
  return fields;
}

void DecodeQuantization(const v1::Quantization& quantization, DataType input, compute::NumericOptions& options,
                        compute::Violations& violations) {
  if (!compute::Is8Bit(input)) {
    violations.Add(kQuantization, absl::StrCat("was given, has to be left out for an input of ", compute::Name(input),
                                               ": only int8 and uint8 stand for other numbers"));
    return;
  }
  options.zero_points.input = quantization.input_zero_point();
  options.zero_points.filter = {quantization.filter_zero_points().begin(), quantization.filter_zero_points().end()};
  if (quantization.has_input_scale() || !quantization.filter_scales().empty() || quantization.has_output_scale()) {
    options.requantization = DecodeScales(quantization, violations);
    options.requantization->output_type = options.output_type.value_or(input);
    options.output_type.reset();
  } else if (quantization.has_output_zero_point()) {
    violations.Add(Path("output_zero_point"), "was given, has to be left out: only a result with scales has one");
  }
}

v1::Quantization EncodeQuantization(const compute::NumericOptions& options) {
  v1::Quantization message;
  message.set_input_zero_point(options.zero_points.input);
  const std::vector<int64_t>& zero_points = options.zero_points.filter;
  if (zero_points.empty()) message.add_filter_zero_points(0);
  message.mutable_filter_zero_points()->Add(zero_points.begin(), zero_points.end());
  if (!options.requantization.has_value()) return message;
  const compute::Requantization& scales = *options.requantization;
  message.set_input_scale(scales.input_scale);
  message.mutable_filter_scales()->Add(scales.filter_scales.begin(), scales.filter_scales.end());
  message.set_output_scale(scales.output_scale);
  message.set_output_zero_point(scales.output_zero_point);
  return message;
}

v1::ErrorBounds EncodeErrorBounds(compute::ErrorBounds bounds, TensorForm form, absl::string_view axes,
                                  AttachedTensors& attached) {
  v1::ErrorBounds message;
  *message.mutable_computed() = EncodeTensor(std::move(bounds.computed), form, axes, attached);
  *message.mutable_any_order() = EncodeTensor(std::move(bounds.any_order), form, axes, attached);
  return message;
}

absl::StatusOr<std::string> Sha256(const compute::Tensor& tensor) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  if (SHA256(static_cast<const unsigned char*>(tensor.data()), static_cast<size_t>(tensor.size_bytes()), hash.data()) ==
      nullptr) {
    return compute::LimitError("OUT_OF_MEMORY", "", "there was no memory to hash the result");
  }
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

absl::Status EncodeResult(compute::Tensor result, compute::Accumulation accumulation, TensorForm form,
                          absl::string_view axes, v1::Tensor& tensor, std::string& sha256, AttachedTensors& attached) {
  if (accumulation == compute::Accumulation::kExact) {
    TENSORD_ASSIGN_OR_RETURN(sha256, Sha256(result));
  }
  tensor = EncodeTensor(std::move(result), form, axes, attached);
  return absl::OkStatus();
}

void CheckBoundsSize(const compute::Shape& shape, const compute::NumericOptions& options, absl::string_view field,
                     const compute::Limits& limits, RequestErrors& errors) {
  if (!options.error_bounds) return;
  errors.AddLimit(compute::CheckTensorSize(shape, DataType::kFloat64, absl::StrCat(field, ".shape"), limits));
}

absl::Status AsViolation(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kInvalidArgument) return status;
  const absl::string_view message = status.message();
  const size_t colon = message.find(": ");
  if (colon == absl::string_view::npos) return status;
  compute::Violations violations;
  violations.Add(message.substr(0, colon), message.substr(colon + 2));
  return InvalidRequest(violations);
}

}  // namespace tensord::server
