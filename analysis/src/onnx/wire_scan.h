// What parsing a model would take, from its bytes alone.
#ifndef TENSORD_ANALYSIS_SRC_ONNX_WIRE_SCAN_H_
#define TENSORD_ANALYSIS_SRC_ONNX_WIRE_SCAN_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::analysis::onnx_reader {

// Protobuf's own limit.
inline constexpr size_t kMaxNesting = 100;
inline constexpr size_t kMaxObjectBytes = size_t{256} << 20;

// "these bytes are no ONNX model, or only a part of one: ..., but <what>".
[[nodiscard]] absl::Status NoModel(absl::string_view what);

// Walks a ModelProto's bytes without allocating anything, so that a parser can be let at them: it would follow a length
// beyond the end of what it is in, and make up to two hundred bytes of an object out of two. How many bytes the
// messages and texts take.
//
// Errors: kInvalidArgument - a field goes beyond the end of its message, or is none.
//         kResourceExhausted - messages more than kMaxNesting deep below the model, or more messages and texts than
//         kMaxObjectBytes hold. What texts and lists of numbers have in them does not count: that is at most a small
//         multiple of their bytes.
[[nodiscard]] absl::StatusOr<size_t> CheckWire(absl::string_view bytes);

}  // namespace tensord::analysis::onnx_reader

#endif  // TENSORD_ANALYSIS_SRC_ONNX_WIRE_SCAN_H_
