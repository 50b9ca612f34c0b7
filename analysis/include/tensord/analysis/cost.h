// What a network costs: by convention, by tool, in memory, in training, and on a machine.
#ifndef TENSORD_ANALYSIS_COST_H_
#define TENSORD_ANALYSIS_COST_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/analysis/expression.h"
#include "tensord/analysis/graph.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis {

// What counts as a multiply-accumulate. With nothing set it is OperationCounts.macs.
struct CostConvention {
  bool bias = false;                  // adding a bias is one for each element of the output
  bool skip_padding = false;          // products with padding are none
  bool transposed_by_output = false;  // OperationCounts.macs_by_output in place of macs
  bool operator==(const CostConvention&) const = default;
};

// What a convention comes to: multiply-accumulates, and operations: 2 for each product, 1 for adding a bias. Nothing
// where the products with padding would have to be known, and are not.
struct ConventionCount {
  CostConvention convention;
  std::optional<Expression> macs;
  std::optional<Expression> flops;
};

//   macs  = (macs_by_output or macs) - (padding_macs if they are skipped) + (bias_additions if they count)
//   flops = 2*(macs without bias) + (bias_additions if they count)
[[nodiscard]] ConventionCount CountBy(const OperationCounts& counts, const CostConvention& convention);
// All eight, bias first: none, bias, padding skipped, both, and the same four by the output's positions.
[[nodiscard]] std::vector<CostConvention> AllConventions();

// A tool that counts the operations of networks.
enum class CostTool { kTorchinfo, kFvcore, kPtflops, kThop };

// What a tool would print.
struct ToolCount {
  CostTool tool = CostTool::kTorchinfo;
  absl::string_view quantity;  // what it calls the number
  Expression count;
  Expression parameter_count;
  absl::string_view rule;    // in words
  absl::string_view source;  // version, file, function, address
};

// Of all layers whose shapes and operators are known.
[[nodiscard]] std::vector<ToolCount> CountByTools(const ModelAnalysis& model);

// The operations of a layer's gradients, given that of its output. A padding_macs that has no value is not known.
struct BackwardCounts {
  OperationCounts inputs;      // of the data that the layer takes
  OperationCounts parameters;  // of its parameters, but for a bias
  OperationCounts bias;
};

// A layer's bytes. Each is nothing where a shape or a type is not known.
struct LayerMemory {
  std::optional<Expression> parameters;  // counted once, at the first layer that has them
  std::optional<Expression> buffers;
  // The data, each tensor once, and all parameters and buffers. Layers that only relabel (RelabelsOnly) read and write
  // nothing.
  std::optional<Expression> read;
  std::optional<Expression> written;
  // The data that is alive while the layer runs, layers running in the model's order: what it reads and writes, and
  // what later layers, or the network's user, still need.
  std::optional<Expression> live;
  // What is kept for its gradients, and no layer before it keeps.
  std::optional<Expression> training;
};

// Whether the operator gives its first input's elements in their order, under another shape or name: the output shares
// the input's bytes.
[[nodiscard]] bool RelabelsOnly(const ModelLayer& layer);

// Bytes of elements of one type.
struct TypeBytes {
  ElementType type = ElementType::kUnknown;
  Expression bytes;
};

// The network's bytes, of what is known.
struct ModelMemory {
  std::vector<TypeBytes> parameters;
  std::vector<TypeBytes> buffers;
  std::vector<TypeBytes> activations;  // the data inputs, and what layers write
  Expression parameter_bytes;
  Expression buffer_bytes;
  Expression activation_bytes;
  // The most that is alive at once; nothing where a size is not known, or where symbols decide which layer it is.
  std::optional<Expression> peak;
  std::string peak_layer;  // the first of them
  Expression training_bytes;
};

// A machine as the roofline model sees it. Both above 0.
//
// Source: Williams, Waterman and Patterson, Communications of the ACM 52(4), 2009,
// https://doi.org/10.1145/1498765.1498785
struct Machine {
  double flops_per_second = 1;
  double bytes_per_second = 1;
};

struct Roofline {
  double arithmetic_intensity = 0;  // operations for each byte that is read or written
  // Where there is a machine: the least time, the longer one of computing and of moving, and which of them it is.
  std::optional<double> seconds;
  bool is_memory_bound = false;
};

// One layer's.
struct LayerCost {
  std::optional<ConventionCount> convention;  // by the convention that was asked for; nothing for unknown operators
  std::optional<BackwardCounts> backward;     // nothing where it is not worked out
  LayerMemory memory;
  std::optional<Roofline> roofline;  // nothing where a symbol is left, something is not known, or no byte is moved
};

// The network's.
struct ModelCost {
  std::vector<ConventionCount> conventions;  // AllConventions()
  std::vector<ToolCount> tools;
  BackwardCounts backward;  // of the layers that have it
  ModelMemory memory;
  std::optional<Roofline> roofline;  // of all layers; nothing where one of them is unknown
};

struct CostOptions {
  CostConvention convention = {};
  std::optional<Machine> machine = std::nullopt;
};

// What the network costs. `visit` is called for each layer of the model in its order, with its place: costs of layers
// are large, and not kept.
//
// Errors:   kInvalidArgument - a number beyond 128 bits, or too large an expression.
// Cost:     linear in the layers and their tensors.
// Threads:  no shared state.
[[nodiscard]] absl::StatusOr<ModelCost> AnalyzeCost(const ModelAnalysis& model, const CostOptions& options,
                                                    const std::function<void(size_t, const LayerCost&)>& visit);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_COST_H_
