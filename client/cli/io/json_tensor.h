// Tensors as nested JSON lists.
#ifndef TENSORD_CLI_IO_JSON_TENSOR_H_
#define TENSORD_CLI_IO_JSON_TENSOR_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/elements.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// `[[1, 2], [3, 4]]` as a tensor of `type`: numbers, or "NaN", "Infinity" and "-Infinity"; a lone number is a scalar.
// Each number is rounded once, into `type`. Errors: no JSON (with the line and column), lists of different lengths or
// depths (with the place), other values, numbers that do not fit, more than kMaxTensorBytes.
[[nodiscard]] absl::StatusOr<v1::Tensor> ReadJsonTensor(absl::string_view text, v1::DataType type);

// The elements as nested lists on one line; the same numbers are read back.
[[nodiscard]] std::string JsonLists(const Elements& elements);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_IO_JSON_TENSOR_H_
