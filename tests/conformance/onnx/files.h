// ONNX's messages out of files.
#ifndef TENSORD_TESTS_CONFORMANCE_ONNX_FILES_H_
#define TENSORD_TESTS_CONFORMANCE_ONNX_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "onnx/onnx.pb.h"
#include "tests/conformance/onnx/tensor.h"

namespace tensord::onnx_reader {

// Errors: kNotFound - the file cannot be read; kInvalidArgument - it is no such message. Both name the file.
[[nodiscard]] absl::StatusOr<::onnx::ModelProto> ReadModelFile(const std::string& path);
// The errors of ReadTensor besides.
[[nodiscard]] absl::StatusOr<Tensor> ReadTensorFile(const std::string& path);

}  // namespace tensord::onnx_reader

#endif  // TENSORD_TESTS_CONFORMANCE_ONNX_FILES_H_
