// Shapes, parameters and cost of a whole network, from sizes alone.
#ifndef TENSORD_ANALYSIS_MODEL_H_
#define TENSORD_ANALYSIS_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensord/analysis/count.h"
#include "tensord/analysis/explanation.h"
#include "tensord/analysis/expression.h"
#include "tensord/analysis/graph.h"
#include "tensord/analysis/receptive_field.h"

namespace tensord::analysis {

// The operations of one node, or of many, for the whole batch, two operands each. Every multiply-accumulate is counted
// as one multiplication, and one addition less per sum than it has products (but one for each product of a transposed
// convolution, which adds to cells that start at 0).
struct OperationCounts {
  Expression multiplications;
  Expression additions;
  Expression comparisons;
  Expression divisions;
  Expression special_functions;  // exp, log, sqrt, tanh, erf, ... per element

  // Multiply-accumulates of convolutions, transposed convolutions and matrix products, without bias.
  Expression macs;
  // Of them, those of convolutions that read padding; nothing where that depends on a symbol.
  std::optional<Expression> padding_macs = Expression();
  // As macs, but those of a transposed convolution by its output's positions: as many as if each of them had all taps.
  Expression macs_by_output;
  // Of the additions, those of a bias.
  Expression bias_additions;

  OperationCounts& operator+=(const OperationCounts& other);
  // Every member that is there.
  [[nodiscard]] std::vector<const Expression*> parts() const;
};

// A tensor between layers.
struct ModelTensor {
  std::string name;
  ElementType type = ElementType::kUnknown;
  std::optional<std::vector<Count>> shape;  // nothing where not even the rank is known
};

// A parameter or buffer that a node takes, or what is computed from parameters alone.
struct ModelWeight {
  size_t place = 0;  // among the node's inputs: 1 is a convolution's filter, 2 its bias
  ElementType type = ElementType::kUnknown;
  Count element_count;
  bool is_buffer = false;
  bool is_counted = false;  // in the layer's parameter_count or buffer_count: no layer before it has it
};

// One node of the graph.
struct ModelLayer {
  std::string name;                       // the node's, else its operator and its place: "Conv_3"
  std::string op_type;                    // "Conv"
  std::vector<ModelTensor> inputs;        // of data, in the node's order
  std::vector<size_t> input_places = {};  // of each, its place among all of the node's inputs
  std::vector<ModelTensor> outputs;
  // Elements of the parameters and of the buffers (running statistics) that no layer before it has: shared ones count
  // once.
  Count parameter_count;
  Count buffer_count;
  std::vector<ModelWeight> weights = {};  // in the node's order, shared ones too
  std::string mode = {};                  // the node's attribute of that name, if it is a text: "linear", "reflect"
  // Nothing where the operator is not known.
  std::optional<OperationCounts> operations;
  // What the first output sees of each data input that it is computed from, in their order. Empty where that is not
  // known: behind an operator that is not, and beyond kMaxReceptiveInputs and kMaxReceptiveAxes.
  std::vector<ReceptiveField> receptive_fields = {};
};

// What a network comes to.
struct ModelAnalysis {
  std::string name;
  std::vector<ModelTensor> inputs;  // the data inputs
  std::vector<ModelTensor> outputs;
  std::vector<ModelLayer> layers;  // in the order of the graph; shape arithmetic and constants are not layers
  Count parameter_count;
  Count buffer_count;
  OperationCounts operations;               // of the layers whose operators are known
  std::vector<std::string> unknown_layers;  // the names of the others: where there are some, totals are "at least"
  std::vector<std::string> conditions;      // as LayerAnalysis.conditions
  std::optional<Explanation> explanation;   // of ModelOptions.explain
};

// What the file leaves open.
struct ModelOptions {
  // The names of the data inputs. Empty: the inputs that are neither initializers nor stand where an operator takes a
  // parameter or statistic.
  std::vector<std::string> data_inputs = {};
  // Sizes in place of symbols, by the symbol's name.
  std::map<std::string, int64_t> symbols = {};
  // The layer whose numbers are to be derived, by PrintableName of its name; of several the first. Empty: none.
  std::string explain = {};
};

// Analyses the graph.
//
// Errors:   kInvalidArgument - the graph is none (a name that nothing computes, a name used twice, a cycle), shapes
// that
//           disagree (the message names node, operator, shapes and rule), a count beyond 128 bits.
//           kNotFound - no layer is called as options.explain says; the message has the nearest names.
//           kResourceExhausted - more than the bounds of graph.h.
// Cost:     linear in the graph.
// Threads:  no shared state.
[[nodiscard]] absl::StatusOr<ModelAnalysis> AnalyzeModel(const Graph& graph, const ModelOptions& options);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_MODEL_H_
