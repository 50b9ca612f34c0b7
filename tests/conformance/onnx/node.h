// One node of an ONNX model, with its attributes.
#ifndef TENSORD_TESTS_CONFORMANCE_ONNX_NODE_H_
#define TENSORD_TESTS_CONFORMANCE_ONNX_NODE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "onnx/onnx.pb.h"

namespace tensord::onnx_reader {

// Attributes by name. Reading one of another type is remembered as an error, and so is which ones were read: see Check.
class Attributes {
 public:
  Attributes() = default;
  explicit Attributes(const ::onnx::NodeProto& node);

  // The attribute's value, or what stands for it where the node does not have it.
  [[nodiscard]] int64_t Int(const std::string& name, int64_t otherwise) const;
  [[nodiscard]] std::optional<float> Float(const std::string& name) const;
  [[nodiscard]] std::string String(const std::string& name, const std::string& otherwise) const;
  [[nodiscard]] std::vector<int64_t> Ints(const std::string& name) const;  // empty where the node does not have it
  [[nodiscard]] bool Has(const std::string& name) const { return by_name_.contains(name); }

  // OK where every attribute that the node has was read, as the type that it is of: nothing of the node was passed
  // over.
  [[nodiscard]] absl::Status Check() const;

 private:
  const ::onnx::AttributeProto* Find(const std::string& name, ::onnx::AttributeProto::AttributeType type) const;

  std::map<std::string, ::onnx::AttributeProto> by_name_;
  mutable std::set<std::string> read_;
  mutable std::set<std::string> of_other_type_;
};

struct Node {
  std::string op_type;
  std::string domain;                // empty: ONNX's own
  int64_t opset = 0;                 // the version of ONNX's own operators that the model imports
  std::vector<std::string> inputs;   // names; empty: an optional input that is not given
  std::vector<std::string> outputs;  // likewise
  Attributes attributes;
};

// The only node of a model.
//
// Errors: kInvalidArgument - it has none or several, or imports no version of ONNX's own operators.
[[nodiscard]] absl::StatusOr<Node> OnlyNode(const ::onnx::ModelProto& model);

}  // namespace tensord::onnx_reader

#endif  // TENSORD_TESTS_CONFORMANCE_ONNX_NODE_H_
