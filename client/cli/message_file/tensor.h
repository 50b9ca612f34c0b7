// A tensor from a file's value.
#ifndef TENSORD_CLI_MESSAGE_FILE_TENSOR_H_
#define TENSORD_CLI_MESSAGE_FILE_TENSOR_H_

#include "absl/status/statusor.h"
#include "client/cli/document/document.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli::message_file {

// Whether `value` is written as ReadTensor reads it, right or wrong: a scalar, a list, or a mapping with `values`.
[[nodiscard]] bool IsTensorForm(const document::Value& value);

// A number, lists of lists of numbers, or a mapping of `values`, which is one of these, and, where wanted, `type`
// (float32 where it is not given), `axes`, and `shape`, which `values` then fill in row-major order. Numbers may be
// NaN, Infinity and -Infinity, or YAML's .nan, .inf and -.inf.
//
// Dtype:   each number is rounded once into a floating type; an integer type takes the very value only.
// Errors:  kInvalidArgument - lists of different lengths or depths, more than 8 of them in each other, what is no
// number
//          or does not fit, with its place; more than kMaxTensorBytes, before anything is allocated.
[[nodiscard]] absl::StatusOr<v1::Tensor> ReadTensor(const document::Value& value, const document::Place& place);

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_TENSOR_H_
