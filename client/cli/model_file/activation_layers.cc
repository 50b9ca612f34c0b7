// Activations: tensord's own names, and the operators of ONNX that are they.
#include <utility>

#include "client/cli/model_file/layer.h"
#include "client/cli/status_macros.h"

namespace tensord::cli::model_file {
namespace {

constexpr char kIdentity[] = "Identity";
constexpr char kRelu[] = "Relu";
constexpr char kSelu[] = "Selu";
constexpr char kSigmoid[] = "Sigmoid";
constexpr char kTanh[] = "Tanh";
constexpr char kSoftplus[] = "Softplus";
constexpr char kSoftsign[] = "Softsign";
constexpr char kSwish[] = "Swish";
constexpr char kHardSwish[] = "HardSwish";
constexpr char kMish[] = "Mish";
constexpr char kErf[] = "Erf";
constexpr char kElu[] = "Elu";
constexpr char kCelu[] = "Celu";
constexpr char kLeakyRelu[] = "LeakyRelu";
constexpr char kThresholdedRelu[] = "ThresholdedRelu";
constexpr char kSoftmax[] = "Softmax";
constexpr char kLogSoftmax[] = "LogSoftmax";

template <const char* kOperator>
absl::StatusOr<Tensor> Plain(const Layer& layer) {
  return OutputOf(layer.builder.AddNode(layer.name, kOperator, {layer.input().name}), layer.input());
}

constexpr absl::string_view kAlphaKeys[] = {"alpha"};
constexpr absl::string_view kSlopeKeys[] = {"slope"};
constexpr absl::string_view kAxisKeys[] = {"axis"};
constexpr absl::string_view kFormKeys[] = {"form"};
constexpr absl::string_view kForms[] = {"exact", "tanh"};

// With one number, 0.01 by default as a slope and 1 as an alpha: contract of the activations.
template <const char* kOperator, bool kIsSlope>
absl::StatusOr<Tensor> WithNumber(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const double number,
                             layer.arguments.Real(kIsSlope ? kSlopeKeys[0] : kAlphaKeys[0], kIsSlope ? 0.01 : 1));
  v1::ModelNode& node = layer.builder.AddNode(layer.name, kOperator, {layer.input().name});
  SetReal(node, "alpha", number);
  return OutputOf(node, layer.input());
}

absl::StatusOr<Tensor> Gelu(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const std::string form, layer.arguments.Choice("form", kForms, "exact"));
  v1::ModelNode& node = layer.builder.AddNode(layer.name, "Gelu", {layer.input().name});
  if (form == "tanh") SetText(node, "approximate", form);
  return OutputOf(node, layer.input());
}

absl::StatusOr<Tensor> HardSigmoid(const Layer& layer) {
  v1::ModelNode& node = layer.builder.AddNode(layer.name, "HardSigmoid", {layer.input().name});
  SetReal(node, "alpha", 1.0 / 6);
  SetReal(node, "beta", 0.5);
  return OutputOf(node, layer.input());
}

template <int kLeast, int kMost>
absl::StatusOr<Tensor> Clip(const Layer& layer) {
  const std::string least = layer.builder.AddReal(layer.Part("minimum"), kLeast);
  const std::string most = layer.builder.AddReal(layer.Part("maximum"), kMost);
  return OutputOf(layer.builder.AddNode(layer.name, "Clip", {layer.input().name, least, most}), layer.input());
}

absl::StatusOr<Tensor> LogSigmoid(const Layer& layer) {
  const std::string sigmoid = layer.builder.AddNode(layer.Part("sigmoid"), kSigmoid, {layer.input().name}).outputs(0);
  return OutputOf(layer.builder.AddNode(layer.name, "Log", {sigmoid}), layer.input());
}

// One slope for each channel.
absl::StatusOr<Tensor> Prelu(const Layer& layer) {
  std::vector<int64_t> slopes(layer.input().rank < 2 ? 1 : layer.input().rank - 1, 1);
  slopes[0] = kOpenSize;
  const std::string slope = layer.Parameter("slope", slopes);
  return OutputOf(layer.builder.AddNode(layer.name, "PRelu", {layer.input().name, slope}), layer.input());
}

// Along the last axis, as tensord's own.
template <const char* kOperator>
absl::StatusOr<Tensor> Softmax(const Layer& layer) {
  const auto rank = static_cast<int64_t>(layer.input().rank);
  int64_t axis = -1;
  if (const Value* const value = layer.arguments.Find("axis")) {
    TENSORCTL_ASSIGN_OR_RETURN(axis, RequireNumber(*value, layer.arguments.PlaceOf("axis"), -rank, rank - 1));
  }
  v1::ModelNode& node = layer.builder.AddNode(layer.name, kOperator, {layer.input().name});
  SetInteger(node, "axis", axis);
  return OutputOf(node, layer.input());
}

constexpr LayerKind kLayers[] = {
    {"identity", "", {}, 1, 1, &Plain<kIdentity>},
    {"relu", "", {}, 1, 1, &Plain<kRelu>},
    {"leaky-relu", "slope", kSlopeKeys, 1, 1, &WithNumber<kLeakyRelu, true>},
    {"elu", "alpha", kAlphaKeys, 1, 1, &WithNumber<kElu, false>},
    {"selu", "", {}, 1, 1, &Plain<kSelu>},
    {"sigmoid", "", {}, 1, 1, &Plain<kSigmoid>},
    {"tanh", "", {}, 1, 1, &Plain<kTanh>},
    {"softplus", "", {}, 1, 1, &Plain<kSoftplus>},
    {"softsign", "", {}, 1, 1, &Plain<kSoftsign>},
    {"silu", "", {}, 1, 1, &Plain<kSwish>},
    {"gelu", "", kFormKeys, 1, 1, &Gelu},
    {"hard-sigmoid", "", {}, 1, 1, &HardSigmoid},
    {"hard-swish", "", {}, 1, 1, &Plain<kHardSwish>},
    {"celu", "alpha", kAlphaKeys, 1, 1, &WithNumber<kCelu, false>},
    {"mish", "", {}, 1, 1, &Plain<kMish>},
    {"thresholded-relu", "alpha", kAlphaKeys, 1, 1, &WithNumber<kThresholdedRelu, false>},
    {"erf", "", {}, 1, 1, &Plain<kErf>},
    {"hard-tanh", "", {}, 1, 1, &Clip<-1, 1>},
    {"relu6", "", {}, 1, 1, &Clip<0, 6>},
    {"log-sigmoid", "", {}, 1, 1, &LogSigmoid},
    {"prelu", "", {}, 1, 1, &Prelu},
    {"softmax", "axis", kAxisKeys, 1, 1, &Softmax<kSoftmax>},
    {"log-softmax", "axis", kAxisKeys, 1, 1, &Softmax<kLogSoftmax>},
};

}  // namespace

absl::Span<const LayerKind> ActivationLayers() { return kLayers; }

}  // namespace tensord::cli::model_file
