// A model's bytes as its message.
#ifndef TENSORD_ANALYSIS_SRC_ONNX_PARSE_H_
#define TENSORD_ANALYSIS_SRC_ONNX_PARSE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "onnx/onnx.pb.h"

namespace tensord::analysis::onnx_reader {

// Makes `model`, an empty one, of the bytes, which have to have a graph.
//
// Errors: those of CheckWire; kInvalidArgument - no ModelProto, or one without a graph; kResourceExhausted - 2 GiB or
//         more, which Protocol Buffers end at.
[[nodiscard]] absl::Status ParseModel(absl::string_view bytes, ::onnx::ModelProto& model);

}  // namespace tensord::analysis::onnx_reader

#endif  // TENSORD_ANALYSIS_SRC_ONNX_PARSE_H_
