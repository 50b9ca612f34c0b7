// What tools would print: a function for each tool, what it makes of a layer, and where that is written.
//
// The tools look at PyTorch's modules, and a graph has operators: each is taken for the module of torch.nn that is
// exported as it, normalisations for ones with scales (affine), as the graph always has them. Their totals for whole
// networks, as they print them, are in tests/analysis/model/tools_test.cc.
//
// Source: the addresses in the table at the end
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analysis/src/model/memory.h"
#include "tensord/analysis/cost.h"

namespace tensord::analysis {
namespace {

using model::ElementsOf;

// A layer whose operator and shapes are known.
struct Seen {
  const ModelLayer& layer;
  const OperationCounts& forward;
  Expression input;   // elements of the first data input
  Expression output;  // elements of the first output
  std::vector<Expression> shape;

  [[nodiscard]] bool IsOneOf(std::initializer_list<absl::string_view> names) const {
    for (const absl::string_view name : names) {
      if (layer.op_type == name) return true;
    }
    return false;
  }
  // An average over an image, or over windows of a single element: what adaptive poolings are exported as.
  [[nodiscard]] bool IsAdaptiveAverage() const {
    return layer.op_type == "GlobalAveragePool" || (layer.op_type == "AveragePool" && forward.additions == 0);
  }
  [[nodiscard]] Expression ParameterElements() const {
    Expression elements;
    for (const ModelWeight& weight : layer.weights) {
      if (!weight.is_buffer) elements += weight.element_count.exact();
    }
    return elements;
  }
  // A product of tensors as torch.matmul's is counted: the first one is not repeated along axes that only the second
  // has.
  [[nodiscard]] Expression ProductsByFirst() const {
    const bool is_of_data = layer.op_type == "MatMul" && layer.inputs.size() == 2;
    if (!is_of_data || !layer.inputs[1].shape.has_value() || layer.inputs[1].shape->size() < 2) return forward.macs;
    return input * layer.inputs[1].shape->back().exact();
  }
  // A parameter for each element of the last axis, as a linear layer adds and a LayerNorm multiplies, where they are
  // exported as several operators.
  [[nodiscard]] bool HasVectorOfLastAxis() const {
    return layer.weights.size() == 1 && !shape.empty() && layer.weights[0].element_count.exact() == shape.back();
  }
};

// "linear" for two spatial axes: "bilinear".
enum class Resizing { kNone, kNearest, kLinear, kBilinear, kCubic };

Resizing ResizingOf(const Seen& seen) {
  if (!seen.IsOneOf({"Resize", "Upsample"})) return Resizing::kNone;
  const std::string& mode = seen.layer.mode;
  if (mode.empty() || mode == "nearest") return Resizing::kNearest;
  if (mode == "cubic") return Resizing::kCubic;
  if (mode != "linear" && mode != "bilinear") return Resizing::kNone;
  if (seen.shape.size() == 3) return Resizing::kLinear;
  return seen.shape.size() == 4 ? Resizing::kBilinear : Resizing::kNone;
}

Expression Torchinfo(const Seen& seen) {
  if (seen.shape.empty()) return 0;
  const bool is_convolution = seen.IsOneOf({"Conv", "ConvTranspose"});
  const bool is_module = seen.IsOneOf({"Gemm", "MatMul", "BatchNormalization", "InstanceNormalization",
                                       "GroupNormalization", "LayerNormalization", "PRelu"}) ||
                         (seen.IsOneOf({"Add", "Mul"}) && seen.HasVectorOfLastAxis());
  if (!is_convolution && !is_module) return 0;
  Expression count = seen.ParameterElements() * seen.shape[0];
  for (size_t i = 2; is_convolution && i < seen.shape.size(); ++i) count = count * seen.shape[i];
  return count;
}

Expression Fvcore(const Seen& seen) {
  if (seen.IsOneOf({"Conv", "ConvTranspose", "Gemm", "MatMul"})) return seen.ProductsByFirst();
  // Half of what NumPy says, which is a product and an addition each, or where nothing is summed a product alone.
  if (seen.IsOneOf({"Einsum"})) return seen.forward.additions == 0 ? Floor(seen.forward.macs, 2) : seen.forward.macs;
  if (seen.IsOneOf({"BatchNormalization"})) return seen.output * (seen.forward.divisions == 0 ? 2 : 5);
  if (seen.IsOneOf({"InstanceNormalization", "GroupNormalization", "LayerNormalization"})) return seen.output * 5;
  if (seen.IsOneOf({"GridSample"})) return seen.output * 4;
  if (seen.shape.size() != 4) return 0;
  if (seen.IsAdaptiveAverage()) return seen.input;
  const Resizing resizing = ResizingOf(seen);
  if (resizing == Resizing::kNearest) return seen.output;
  return resizing == Resizing::kBilinear ? seen.output * 4 : Expression(0);
}

Expression Ptflops(const Seen& seen) {
  if (seen.IsOneOf({"Conv", "ConvTranspose", "Gemm", "MatMul"})) {
    return seen.ProductsByFirst() + seen.forward.bias_additions;
  }
  if (seen.IsOneOf({"Add"})) return seen.HasVectorOfLastAxis() ? seen.output : Expression(0);
  if (seen.IsOneOf({"Relu", "PRelu", "Elu", "Gelu", "BatchNormalization", "InstanceNormalization", "GroupNormalization",
                    "Resize", "Upsample"})) {
    return seen.output * 2;
  }
  if (seen.IsOneOf({"LeakyRelu", "Clip", "Swish", "Softmax", "LayerNormalization"})) return seen.output;
  if (seen.IsOneOf({"MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool"})) return seen.input * 2;
  // Three products and sums, and an average pooling of the squares with a margin of channels.
  if (seen.IsOneOf({"LRN"})) return seen.output * 4 + Floor(seen.forward.additions - seen.output, seen.shape[1]);
  return 0;
}

Expression Thop(const Seen& seen) {
  if (seen.IsOneOf({"Conv", "ConvTranspose", "Gemm"})) return seen.forward.macs_by_output;
  if (seen.IsOneOf({"MatMul"})) return seen.layer.weights.empty() ? Expression(0) : seen.forward.macs;
  if (seen.IsOneOf({"BatchNormalization", "InstanceNormalization", "LayerNormalization"})) return seen.output * 4;
  if (seen.IsOneOf({"PRelu"})) return seen.output;
  // 3*n - 1 for each group of n, and the forward pass compares n - 1 times.
  if (seen.IsOneOf({"Softmax"})) return seen.output * 2 + seen.forward.comparisons;
  if (seen.IsAdaptiveAverage()) return seen.input + seen.output;
  if (seen.IsOneOf({"AveragePool"})) return seen.output;
  switch (ResizingOf(seen)) {
    case Resizing::kNearest:
      return seen.output;
    case Resizing::kLinear:
      return seen.output * 5;
    case Resizing::kBilinear:
      return seen.output * 11;
    case Resizing::kCubic:
      return seen.output * 259;
    case Resizing::kNone:
      break;
  }
  return 0;
}

struct Tool {
  CostTool tool;
  absl::string_view quantity;
  Expression (*count)(const Seen& seen);
  absl::string_view rule;
  absl::string_view source;
};

constexpr Tool kTools[] = {
    {CostTool::kTorchinfo, "Total mult-adds", &Torchinfo,
     "parameters, bias included, times the batch, and for convolutions and transposed convolutions times the output's "
     "positions; normalisations, linear layers and PReLU likewise; what has no parameters is 0 (pooling, activations, "
     "dropout, products of two tensors)",
     "torchinfo 1.8.0, torchinfo/layer_info.py, LayerInfo.calculate_macs: "
     "https://github.com/TylerYep/torchinfo/blob/v1.8.0/torchinfo/layer_info.py"},
    {CostTool::kFvcore, "flops", &Fvcore,
     "one for each multiply-accumulate, without bias, of transposed convolutions by the input's positions, of "
     "products of two tensors by the first one's elements; einsum of two operands likewise, half where it sums "
     "nothing, and rounded to four digits by the tool unless it is a batch of matrix products; batch normalisation 2 "
     "an element (5 in training), other normalisations 5; adaptive average pooling of images 1 an element of its "
     "input; resizing of images 1 (nearest) or 4 (bilinear) an element; other pooling, activations, dropout and sums "
     "0. An average over the whole image, or over windows of 1 x 1, is taken for an adaptive one: the graph cannot "
     "tell",
     "fvcore 0.1.6 (commit 3378afe), fvcore/nn/flop_count.py, _DEFAULT_SUPPORTED_OPS, and fvcore/nn/jit_handles.py: "
     "https://github.com/facebookresearch/fvcore/blob/3378afe0d71dc2aa95e358bc78dc9b67cb48825a/fvcore/nn/"
     "flop_count.py"},
    {CostTool::kPtflops, "MACs", &Ptflops,
     "multiply-accumulates and 1 for each element of the output that has a bias, of transposed convolutions by the "
     "input's positions, of products of two tensors by the first one's elements; batch, instance and group "
     "normalisation 2 an element, LayerNorm and Softmax 1; ReLU, PReLU, ELU, GELU and resizing 2 an element, and "
     "pooling 2 an element of its input, as the tool counts both the module and the function in it; LeakyReLU and "
     "ReLU6, which Clip is taken for, 1; sums, products of elements and dropout 0. Operators are taken for modules, "
     "and those of two tensors for + and * and torch.matmul: calls of F.relu or F.adaptive_avg_pool2d count once, "
     "those of torch.add and torch.mul 1 an element, and @ not at all, which the graph cannot tell from them. The "
     "tool runs one sample; this is for the whole batch",
     "ptflops 0.7.5, its default back end (pytorch), ptflops/pytorch_ops.py, MODULES_MAPPING, FUNCTIONAL_MAPPING and "
     "TENSOR_OPS_MAPPING, of which ptflops/pytorch_engine.py leaves F.linear out: "
     "https://github.com/sovrasov/flops-counter.pytorch/blob/v0.7.5/ptflops/pytorch_ops.py"},
    {CostTool::kThop, "MACs", &Thop,
     "multiply-accumulates without bias, of transposed convolutions by the output's positions as if each had all taps; "
     "batch, instance and layer normalisation 4 an element; average pooling 1 an element of its output, adaptive "
     "average pooling 1 an element of its input and 1 of its output; Softmax 3*n - 1 for each n; PReLU 1 an element; "
     "upsampling 1 (nearest), 5 (linear), 11 (bilinear) or 259 (bicubic) an element; ReLU, LeakyReLU, max-pooling, "
     "dropout, GroupNorm, sums and products of two tensors 0. Operators are taken for modules: calls of functions, "
     "which the graph cannot tell from them, count 0. An average over the whole image, or over windows of 1 x 1, is "
     "taken for an adaptive one",
     "thop 0.1.1 (commit 43c064a), thop/profile.py, register_hooks, thop/vision/basic_hooks.py and calc_func.py: "
     "https://github.com/Lyken17/pytorch-OpCounter/blob/43c064afb71383501e41eaef9e8c8407265cf77f/thop/vision/"
     "basic_hooks.py"},
};

}  // namespace

std::vector<ToolCount> CountByTools(const ModelAnalysis& model) {
  std::vector<ToolCount> counts;
  for (const Tool& tool : kTools) {
    counts.push_back({.tool = tool.tool,
                      .quantity = tool.quantity,
                      .count = {},
                      .parameter_count = model.parameter_count.exact(),
                      .rule = tool.rule,
                      .source = tool.source});
  }
  for (const ModelLayer& layer : model.layers) {
    if (!layer.operations.has_value() || layer.outputs.empty() || layer.inputs.empty()) continue;
    const std::optional<Expression> input = ElementsOf(layer.inputs[0]);
    const std::optional<Expression> output = ElementsOf(layer.outputs[0]);
    if (!input.has_value() || !output.has_value()) continue;
    Seen seen{.layer = layer, .forward = *layer.operations, .input = *input, .output = *output, .shape = {}};
    for (const Count& size : *layer.outputs[0].shape) seen.shape.push_back(size.exact());
    for (size_t i = 0; i < counts.size(); ++i) counts[i].count += kTools[i].count(seen);
  }
  return counts;
}

}  // namespace tensord::analysis
