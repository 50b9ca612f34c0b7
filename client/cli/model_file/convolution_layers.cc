// Convolutions and dense layers.
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/model_file/layer.h"
#include "client/cli/model_file/windows.h"
#include "client/cli/status_macros.h"

namespace tensord::cli::model_file {
namespace {

// The filter, and a bias of `outputs` elements where there is one. `first` and `second` are the filter's channels.
absl::StatusOr<Tensor> AddConvolution(const Layer& layer, absl::string_view op, int64_t first, int64_t second,
                                      int64_t outputs, int64_t groups) {
  TENSORCTL_ASSIGN_OR_RETURN(const Window window, WindowOf(layer, "kernel", false));
  TENSORCTL_ASSIGN_OR_RETURN(const bool has_bias, layer.arguments.Truth("bias", true));
  std::vector<int64_t> filter = {first, second};
  filter.insert(filter.end(), window.size.begin(), window.size.end());
  std::vector<std::string> inputs = {layer.input().name, layer.Parameter("weight", filter)};
  if (has_bias) inputs.push_back(layer.Parameter("bias", {outputs}));
  v1::ModelNode& node = layer.builder.AddNode(layer.name, op, inputs);
  TENSORCTL_RETURN_IF_ERROR(SetWindow(layer, window, op == "Conv", node));
  if (groups != 1) SetInteger(node, "group", groups);
  Tensor output = OutputOf(node, layer.input());
  output.channels = outputs;
  if (op == "Conv") return output;
  TENSORCTL_ASSIGN_OR_RETURN(
      const std::vector<int64_t> more,
      layer.arguments.PerAxis("output-padding", window.size.size(), 0, std::vector<int64_t>(window.size.size(), 0)));
  SetIntegers(node, "output_padding", more);
  return output;
}

absl::StatusOr<Tensor> Convolution(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t filters, layer.arguments.Number("filters", 1));
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t groups, layer.arguments.Number("groups", 1, 1));
  return AddConvolution(layer, "Conv", filters, kOpenSize, filters, groups);
}

absl::StatusOr<Tensor> DepthwiseConvolution(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t multiplier, layer.arguments.Number("multiplier", 1, 1));
  const std::optional<int64_t> channels = layer.input().channels;
  if (!channels.has_value()) {
    return layer.arguments.place().Error(
        "takes a tensor whose number of channels is not known here; conv with groups: takes any");
  }
  int64_t outputs = 0;
  if (__builtin_mul_overflow(*channels, multiplier, &outputs) || outputs > kMaxNumber) {
    return layer.arguments.PlaceOf("multiplier").Error(absl::StrCat("makes more than ", kMaxNumber, " channels"));
  }
  return AddConvolution(layer, "Conv", outputs, 1, outputs, *channels);
}

absl::StatusOr<Tensor> TransposedConvolution(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t filters, layer.arguments.Number("filters", 1));
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t groups, layer.arguments.Number("groups", 1, 1));
  if (filters % groups != 0) {
    return layer.arguments.PlaceOf("filters").Error(
        absl::StrCat("was ", filters, ", has to be divisible by groups, ", groups));
  }
  return AddConvolution(layer, "ConvTranspose", kOpenSize, filters / groups, filters, groups);
}

// Of a sample's elements: what has more axes than batch and features is flattened first.
absl::StatusOr<Tensor> Dense(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t units, layer.arguments.Number("units", 1));
  TENSORCTL_ASSIGN_OR_RETURN(const bool has_bias, layer.arguments.Truth("bias", true));
  std::string input = layer.input().name;
  if (layer.input().rank != 2) {
    input = layer.builder.AddNode(layer.Part("flatten"), "Flatten", {input}).outputs(0);
  }
  std::vector<std::string> inputs = {input, layer.Parameter("weight", {units, kOpenSize})};
  if (has_bias) inputs.push_back(layer.Parameter("bias", {units}));
  v1::ModelNode& node = layer.builder.AddNode(layer.name, "Gemm", inputs);
  SetInteger(node, "transB", 1);
  return Tensor{.name = node.outputs(0), .rank = 2, .channels = units};
}

constexpr absl::string_view kConvolutionKeys[] = {"filters",  "kernel", "stride", "padding",
                                                  "dilation", "groups", "bias"};
constexpr absl::string_view kDepthwiseKeys[] = {"kernel", "stride", "padding", "dilation", "multiplier", "bias"};
constexpr absl::string_view kTransposedKeys[] = {"filters",  "kernel", "stride",         "padding",
                                                 "dilation", "groups", "output-padding", "bias"};
constexpr absl::string_view kDenseKeys[] = {"units", "bias"};

constexpr LayerKind kLayers[] = {{"conv", "", kConvolutionKeys, 1, 1, &Convolution},
                                 {"depthwise-conv", "", kDepthwiseKeys, 1, 1, &DepthwiseConvolution},
                                 {"transposed-conv", "", kTransposedKeys, 1, 1, &TransposedConvolution},
                                 {"dense", "units", kDenseKeys, 1, 1, &Dense}};

}  // namespace

absl::Span<const LayerKind> ConvolutionLayers() { return kLayers; }

}  // namespace tensord::cli::model_file
