// Nodes of graphs, executed: windows, matrix products and activations by tensord's own operators, what only moves or
// adds elements by plain loops. Nothing here knows the analysis; ONNX's attributes are read anew.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_EXECUTION_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_EXECUTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tensord/analysis/graph.h"
#include "tensord/compute/tensor.h"

namespace tensord::analysis::random_graphs {

using Sizes = std::vector<int64_t>;

// A tensor, row-major. Integers are held as doubles, too.
struct Value {
  Sizes shape;
  std::vector<double> elements;

  [[nodiscard]] compute::TensorView view() const;
};
[[nodiscard]] int64_t Product(absl::Span<const int64_t> sizes);
[[nodiscard]] Value ValueOf(const compute::Tensor& tensor);

// What a node computes, counted one by one in loops over its outputs and taps.
struct Work {
  int64_t macs = 0;
  int64_t padding_macs = 0;
  int64_t macs_by_output = 0;
  int64_t bias_additions = 0;
  int64_t multiplications = 0;
  int64_t additions = 0;
  int64_t comparisons = 0;
  int64_t divisions = 0;
  int64_t special_functions = 0;

  friend bool operator==(const Work&, const Work&) = default;
};

struct Execution {
  std::vector<Value> outputs;
  std::optional<Work> work = std::nullopt;  // nothing where only the elements matter
  // tensord refuses to average or norm a window that has no element of the input, and ONNX says nothing of it: the
  // shapes are those of maxima of the same windows, which tensord computes.
  bool has_empty_windows = false;
};

// Runs the node; an input that is not there is null. An error where ONNX's rule, or tensord's operator, refuses it.
[[nodiscard]] absl::StatusOr<Execution> Execute(const GraphNode& node, const std::vector<const Value*>& inputs,
                                                int64_t opset);

// The node's attributes, with their defaults.
[[nodiscard]] int64_t IntOf(const GraphNode& node, const std::string& name, int64_t otherwise);
[[nodiscard]] double RealOf(const GraphNode& node, const std::string& name, double otherwise);
[[nodiscard]] std::string TextOf(const GraphNode& node, const std::string& name, const std::string& otherwise);
[[nodiscard]] std::optional<Sizes> SizesOf(const GraphNode& node, const std::string& name);

// By family: nothing where the operator is none of it.
using Outcome = std::optional<absl::StatusOr<Execution>>;
[[nodiscard]] Outcome ExecuteWindows(const GraphNode& node, const std::vector<const Value*>& inputs);
[[nodiscard]] Outcome ExecutePooling(const GraphNode& node, const std::vector<const Value*>& inputs);
[[nodiscard]] Outcome ExecuteMatrices(const GraphNode& node, const std::vector<const Value*>& inputs);
[[nodiscard]] Outcome ExecuteActivation(const GraphNode& node, const std::vector<const Value*>& inputs, int64_t opset);
[[nodiscard]] Outcome ExecuteLoops(const GraphNode& node, const std::vector<const Value*>& inputs);

}  // namespace tensord::analysis::random_graphs

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_EXECUTION_H_
