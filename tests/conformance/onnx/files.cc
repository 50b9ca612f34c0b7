#include "tests/conformance/onnx/files.h"

#include <fstream>
#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tensord::onnx_reader {
namespace {

template <typename Message>
absl::StatusOr<Message> ReadMessageFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  if (!file || !(bytes << file.rdbuf()))
    return absl::NotFoundError(absl::StrCat(path, ": cannot be read, or is empty"));
  Message message;
  if (!message.ParseFromString(bytes.str())) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is no ", message.GetTypeName()));
  }
  return message;
}

}  // namespace

absl::StatusOr<::onnx::ModelProto> ReadModelFile(const std::string& path) {
  return ReadMessageFile<::onnx::ModelProto>(path);
}

absl::StatusOr<Tensor> ReadTensorFile(const std::string& path) {
  const absl::StatusOr<::onnx::TensorProto> message = ReadMessageFile<::onnx::TensorProto>(path);
  if (!message.ok()) return message.status();
  absl::StatusOr<Tensor> tensor = ReadTensor(*message);
  if (!tensor.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", tensor.status().message()));
  return tensor;
}

}  // namespace tensord::onnx_reader
