// A network as a graph of named tensors, whatever file it came from.
#ifndef TENSORD_ANALYSIS_GRAPH_H_
#define TENSORD_ANALYSIS_GRAPH_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/analysis/dimension.h"

namespace tensord::analysis {

// What a tensor's elements are; ONNX's types and numbers (onnx.proto, TensorProto.DataType).
enum class ElementType : uint8_t {
  kUnknown = 0,
  kFloat32 = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kFloat64 = 11,
  kUint32 = 12,
  kUint64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBfloat16 = 16,
};

// Bytes of one element; 0 for kUnknown and kString, which have no fixed size.
[[nodiscard]] int64_t ElementBytes(ElementType type);
// "float32", "bfloat16"; "unknown".
[[nodiscard]] absl::string_view ElementTypeName(ElementType type);

// The elements of a small tensor, in row-major order: of integers and truth values, or of reals. At most
// kMaxConstantValues; larger ones are weights, whose values no shape depends on.
using ConstantValues = std::variant<std::vector<int64_t>, std::vector<double>>;
inline constexpr size_t kMaxConstantValues = 4096;

// A tensor that the graph says something of: an input, an initializer, an output, or one in between.
struct GraphTensor {
  std::string name;
  ElementType type = ElementType::kUnknown;
  std::optional<std::vector<Dimension>> shape = std::nullopt;  // an empty symbol: a size that is not known
  std::optional<ConstantValues> values = std::nullopt;         // of initializers

  // Equal in everything; reals that are NaN are equal to each other, here and in attributes.
  friend bool operator==(const GraphTensor& a, const GraphTensor& b);
};

// An attribute's value. A tensor's is its values, with type and shape; a graph's is not kept.
struct OpaqueAttribute {
  friend bool operator==(const OpaqueAttribute&, const OpaqueAttribute&) = default;
};
using AttributeValue = std::variant<OpaqueAttribute, int64_t, double, std::string, std::vector<int64_t>,
                                    std::vector<double>, std::vector<std::string>, GraphTensor>;

// An operator at its place.
struct GraphNode {
  std::string name;                      // may be empty, and need not be unique
  std::string op_type;                   // "Conv"
  std::string domain = {};               // empty: ONNX's own
  std::vector<std::string> inputs = {};  // an empty name: an optional one that is not there
  std::vector<std::string> outputs = {};
  std::map<std::string, AttributeValue> attributes = {};

  friend bool operator==(const GraphNode& a, const GraphNode& b);
};

// A network. Nodes are in topological order in good graphs; AnalyzeModel says where they are not.
struct Graph {
  std::string name;
  int64_t opset = 0;  // of ONNX's own domain
  std::vector<GraphTensor> inputs = {};
  std::vector<GraphTensor> initializers = {};
  std::vector<GraphTensor> outputs = {};
  std::vector<GraphTensor> value_info = {};  // what the file itself says of tensors in between
  std::vector<GraphNode> nodes = {};

  friend bool operator==(const Graph&, const Graph&) = default;
};

// Bounds of what is analysed.
inline constexpr size_t kMaxGraphNodes = size_t{1} << 17;
inline constexpr size_t kMaxGraphNames = size_t{1} << 20;
inline constexpr size_t kMaxGraphRank = 8;
inline constexpr size_t kMaxAttributeEntries = size_t{1} << 16;
// Of all sizes and counts that symbols are left in, as text: a chain of 10^5 convolutions of N images has 100 MB.
inline constexpr size_t kMaxExpressionBytes = size_t{1} << 27;

// A name as it is printed: at most 256 bytes, with escapes (`\n`, `\x1b`) for control characters, what is no UTF-8, and
// characters without width or that turn the direction of writing.
[[nodiscard]] std::string PrintableName(absl::string_view name);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_GRAPH_H_
