// ONNX's tensors as the graph's.
#ifndef TENSORD_ANALYSIS_SRC_ONNX_TENSOR_H_
#define TENSORD_ANALYSIS_SRC_ONNX_TENSOR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "onnx/onnx.pb.h"
#include "tensord/analysis/graph.h"

namespace tensord::analysis::onnx_reader {

// "\"name\"", fit to be printed.
[[nodiscard]] std::string Quoted(absl::string_view name);
// "node \"n\" (Conv): its attribute pads".
[[nodiscard]] std::string AttributeText(const ::onnx::NodeProto& node, const ::onnx::AttributeProto& attribute);

// ONNX's number of an element type. `what`: "tensor \"w\"".
//
// Errors: kInvalidArgument - ONNX has no such type.
[[nodiscard]] absl::StatusOr<ElementType> ToElementType(int32_t number, absl::string_view what);

// A size of `what`. Errors: kInvalidArgument - it is negative.
[[nodiscard]] absl::Status CheckSize(int64_t size, absl::string_view what);

// The product of the sizes; nothing where one is negative, or the product does not fit.
[[nodiscard]] std::optional<int64_t> ElementCount(const ::onnx::TensorProto& message);

// The tensor with its values where they are kept. `what`: "initializer \"w\"", "node \"n\" (Constant): its attribute
// value".
//
// Errors: kInvalidArgument - no type, a negative size, more than kMaxGraphRank sizes, or elements that are not those of
//         the type and shape.
[[nodiscard]] absl::StatusOr<GraphTensor> ReadTensor(const ::onnx::TensorProto& message, absl::string_view what);

}  // namespace tensord::analysis::onnx_reader

#endif  // TENSORD_ANALYSIS_SRC_ONNX_TENSOR_H_
