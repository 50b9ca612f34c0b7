#include "client/cli/layer/layer_model.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/elements.h"
#include "client/cli/layer/layout.h"
#include "client/cli/model_file/layer.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::layer {
namespace {

using model_file::Arguments;
using model_file::Tensor;
using model_file::Value;

constexpr char kInputName[] = "input";

v1::Dimension Number(int64_t value) {
  v1::Dimension dimension;
  dimension.set_value(value);
  return dimension;
}

absl::Status CheckSizes(const Choices& choices, absl::string_view letters) {
  constexpr size_t kMaxSymbol = 32;
  for (size_t i = 0; i < choices.input_shape.size(); ++i) {
    const v1::Dimension& size = choices.input_shape[i];
    const int64_t least = letters[i] == 'N' ? 0 : 1;
    const std::string where = absl::StrCat("--input-shape: size ", i, ", of axis ", letters.substr(i, 1));
    if (size.has_value() && size.value() < least) {
      return absl::InvalidArgumentError(absl::StrCat(where, ", was ", size.value(), "\nexpected: at least ", least));
    }
    if (size.symbol().size() > kMaxSymbol) {
      return absl::InvalidArgumentError(absl::StrCat(where, ", is a symbol of ", size.symbol().size(),
                                                     " letters\nexpected: ", kMaxSymbol, " at most"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckType(const Choices& choices) {
  if (!IsInteger(choices.type)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--type: was ", TypeName(choices.type), ", and ", choices.kind->name,
                                                 " is for floating types\nexpected: e.g. float32"));
}

// What a required flag is for.
std::string Remedy(absl::string_view flag) {
  if (flag == "--units") return "how many outputs the layer has, e.g. --units 10";
  if (flag == "--groups") return "how many groups the channels are normalised in, e.g. --groups 32";
  return "how many channels' squares are summed, e.g. --size 5";
}

absl::Status CheckRequired(const Choices& choices) {
  for (const absl::string_view flag : choices.kind->flags.first(choices.kind->required)) {
    if (choices.arguments.contains(std::string(flag.substr(2)))) continue;
    return absl::InvalidArgumentError(absl::StrCat(flag, ": it is missing\nexpected: ", Remedy(flag)));
  }
  const bool is_softmax = absl::EndsWith(choices.kind->name, "softmax");
  const bool has_no_habit =
      choices.profile == v1::CONVENTION_PROFILE_PYTORCH || choices.profile == v1::CONVENTION_PROFILE_CUDNN;
  if (!is_softmax || !has_no_habit || choices.arguments.contains("axis")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--axis: it is missing, and this profile has none by default\nexpected: e.g. --axis C"));
}

// Where the groups do not divide the channels: the analysis would name the node, and not the flag.
absl::Status CheckGroups(const Choices& choices, const LayerModel& model) {
  const auto groups = choices.arguments.find("groups");
  if (groups == choices.arguments.end() || !model.channels->value.has_value()) return absl::OkStatus();
  const auto number = ParseInteger(groups->second.value);
  if (!number.has_value() || *number < 1 || model.channels->value.value() % *number == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--groups: was ", *number, "\nexpected: a divisor of the ",
                                                 model.channels->value.value(), " channels"));
}

// The arguments as a file would have them, an axis as its index in the request.
absl::StatusOr<Value> ArgumentsOf(const Choices& choices, const LayerModel& model) {
  Value map{.kind = Value::Kind::kMap};
  const auto add = [&map](const std::string& key, std::string text) {
    map.keys.push_back(key);
    map.key_lines.push_back(0);
    map.items.push_back({.kind = Value::Kind::kScalar, .text = std::move(text)});
  };
  for (const auto& [key, argument] : choices.arguments) {
    std::string text = argument.value;
    if (key == "axis") {
      TENSORCTL_ASSIGN_OR_RETURN(const size_t axis, ParseAxis(argument.flag, text, model.sent_letters));
      text = absl::StrCat(axis);
    }
    add(key, std::move(text));
  }
  if (choices.kind->name == "dense") add("bias", choices.has_bias ? "true" : "false");
  return map;
}

// What the table says of an argument, said of its flag.
absl::Status FlagError(const Choices& choices, const absl::Status& status) {
  for (const auto& [key, argument] : choices.arguments) {
    const std::string head = key + ": ";
    if (!absl::StartsWith(status.message(), head)) continue;
    return absl::InvalidArgumentError(absl::StrCat(argument.flag, ": ", status.message().substr(head.size())));
  }
  return absl::InvalidArgumentError(absl::StrCat("--kind: ", choices.kind->name, " ", status.message()));
}

// Of the last axis, whatever stands before it: a product of matrices, and the bias added to it.
Tensor AddProduct(const model_file::Layer& layer, int64_t units, bool has_bias) {
  model_file::Builder& builder = layer.builder;
  const std::string weight = layer.Parameter("weight", {model_file::kOpenSize, units});
  v1::ModelNode* node = &builder.AddNode(layer.name, "MatMul", {layer.input().name, weight});
  if (has_bias) {
    const std::string product = node->outputs(0);
    node = &builder.AddNode(layer.Part("sum"), "Add", {product, layer.Parameter("bias", {units})});
  }
  return model_file::OutputOf(*node, layer.input());
}

absl::Status Lower(const Choices& choices, LayerModel& model) {
  v1::Model& graph = *model.request.mutable_graph();
  model_file::Builder builder(graph);
  Tensor input{.name = builder.UniqueName(kInputName), .rank = model.sent_letters.size(), .channels = std::nullopt};
  const model_file::LayerKind& kind = *model_file::FindLayerKind(choices.kind->lowered);
  TENSORCTL_ASSIGN_OR_RETURN(const Value map, ArgumentsOf(choices, model));
  absl::StatusOr<Arguments> arguments = Arguments::Read(map, {}, kind.keys, kind.shorthand);
  if (!arguments.ok()) return FlagError(choices, arguments.status());
  const model_file::FindTensor find = [](const Value&, const model_file::Place& place) -> absl::StatusOr<Tensor> {
    return place.Error("names a tensor, and there is one only");
  };
  model_file::ParameterSource parameters;
  const model_file::Layer layer{.builder = builder,
                                .arguments = *arguments,
                                .name = std::string(kind.name),
                                .inputs = {input},
                                .find = find,
                                .parameters = parameters};
  absl::StatusOr<Tensor> output = Tensor();
  if (choices.kind->name == "dense" && input.rank > 2) {
    const absl::StatusOr<int64_t> units = arguments->Number("units", 1);
    output = units.ok() ? absl::StatusOr<Tensor>(AddProduct(layer, *units, choices.has_bias)) : units.status();
  } else {
    output = kind.lower(layer);
  }
  if (!output.ok()) return FlagError(choices, output.status());
  model.request.set_explain(layer.name);
  for (v1::ModelParameter& parameter : *graph.mutable_parameters()) {
    parameter.set_element_type(TypeName(choices.type));
  }
  return absl::OkStatus();
}

void AddInput(const Choices& choices, LayerModel& model) {
  v1::ModelInput& input = *model.request.mutable_graph()->add_inputs();
  input.set_name(kInputName);
  input.set_element_type(TypeName(choices.type));
  for (const char letter : model.sent_letters) {
    const size_t axis = model.letters.find(letter);
    *input.add_shape() = axis == std::string::npos ? Number(1) : choices.input_shape[axis];
  }
}

// The sizes that formulas of parameters and bytes are products of.
absl::Status DescribeTensors(const Choices& choices, LayerModel& model) {
  const absl::string_view kind = choices.kind->name;
  for (size_t i = 0; i < model.letters.size(); ++i) {
    const Size size{.name = model.letters.substr(i, 1), .value = choices.input_shape[i]};
    model.input.push_back(size);
    if (size.name == "C") model.channels = size;
  }
  const Size channels = model.channels.value_or(Size{.name = "C", .value = Number(1)});
  const bool is_global = choices.kind->needs_space && !choices.kind->needs_channels;
  for (const Size& size : model.input) {
    const bool is_channel = size.name == "C";
    if (is_global && !is_channel && size.name != "N") continue;
    if (kind == "dense" && is_channel) continue;
    model.output.push_back(size);
  }
  if (kind == "dense") {
    const Size units{.name = "O", .value = Number(*ParseInteger(choices.arguments.at("units").value))};
    model.output.push_back(units);
    model.weight = {channels, units};
    if (choices.has_bias) model.bias = {units};
  } else if (kind == "layer-norm") {
    size_t axis = model.letters.size() - 1;
    if (const auto found = choices.arguments.find("axis"); found != choices.arguments.end()) {
      TENSORCTL_ASSIGN_OR_RETURN(axis, ParseAxis(found->second.flag, found->second.value, model.letters));
    }
    model.weight.assign(model.input.begin() + static_cast<ptrdiff_t>(axis), model.input.end());
    model.bias = model.weight;
  } else if (kind == "batch-norm" || kind == "instance-norm" || kind == "group-norm") {
    model.weight = model.bias = {channels};
  } else if (kind == "prelu") {
    model.weight = {channels};
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseParameters(const Kind& kind, absl::string_view text,
                             std::map<std::string, Choices::Argument>& arguments) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return absl::OkStatus();
  const absl::Span<const absl::string_view> keys = model_file::FindLayerKind(kind.lowered)->keys;
  for (const absl::string_view parameter : absl::StrSplit(text.substr(colon + 1), ',')) {
    const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(parameter, absl::MaxSplits('=', 1));
    const std::string key(absl::StripAsciiWhitespace(pair.first));
    const std::string value(absl::StripAsciiWhitespace(pair.second));
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      const std::string expected =
          keys.empty() ? absl::StrCat("--kind ", kind.name, " without parameters; its numbers depend on none")
                       : absl::StrJoin(keys, ", ");
      return absl::InvalidArgumentError(
          absl::StrCat("--kind: ", kind.name, " takes no parameter '", Escape(key), "' here",
                       DidYouMean(key, std::vector<std::string>(keys.begin(), keys.end())), "\nexpected: ", expected));
    }
    if (value.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--kind: the parameter ", key, " has no value\nexpected: ", kind.name, ":", key, "=VALUE"));
    }
    if (!arguments.try_emplace(key, Choices::Argument{value, absl::StrCat("--kind: ", key)}).second) {
      return absl::InvalidArgumentError(absl::StrCat("--kind: the parameter ", key, " is given twice\nexpected: once"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<LayerModel> MakeLayerModel(const Choices& choices) {
  LayerModel model;
  model.kind = choices.kind;
  model.profile = choices.profile;
  model.type = choices.type;
  TENSORCTL_RETURN_IF_ERROR(CheckRequired(choices));
  TENSORCTL_RETURN_IF_ERROR(CheckType(choices));
  TENSORCTL_ASSIGN_OR_RETURN(model.letters,
                             LettersOf(*choices.kind, choices.input_shape.size(), choices.layout, choices.profile));
  TENSORCTL_RETURN_IF_ERROR(CheckSizes(choices, model.letters));
  model.sent_letters = SentLetters(*choices.kind, model.letters);
  AddInput(choices, model);
  TENSORCTL_RETURN_IF_ERROR(Lower(choices, model));
  TENSORCTL_RETURN_IF_ERROR(DescribeTensors(choices, model));
  TENSORCTL_RETURN_IF_ERROR(CheckGroups(choices, model));
  return model;
}

}  // namespace tensord::cli::layer
