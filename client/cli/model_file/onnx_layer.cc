// Any operator of ONNX, where there is no layer for it.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/model_file/layer.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::model_file {
namespace {

constexpr size_t kMaxRank = 8;
constexpr absl::string_view kParameterKeys[] = {"shape", "integers"};

// A whole number or the word open, for each axis; where `is_shape` is false whole numbers of any size.
absl::StatusOr<std::vector<int64_t>> NumbersOf(const Value& value, const Place& place, bool is_shape) {
  const bool fits = value.kind == Value::Kind::kList && (!is_shape || value.items.size() <= kMaxRank);
  if (!fits || value.items.empty()) {
    return place.Error(absl::StrCat("was ", Describe(value), ", has to be a list of ",
                                    is_shape ? "1..8 sizes, each a whole number or open" : "whole numbers"));
  }
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < value.items.size(); ++i) {
    const Value& item = value.items[i];
    if (is_shape && item.kind == Value::Kind::kScalar && item.text == "open") {
      numbers.push_back(kOpenSize);
      continue;
    }
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t number,
                               RequireNumber(item, place.At(i, item), is_shape ? 0 : -kMaxSize, kMaxSize));
    numbers.push_back(number);
  }
  return numbers;
}

// An input: a tensor's name, a trained parameter, or numbers.
absl::StatusOr<std::string> InputOf(const Layer& layer, const Value& value, const Place& place, size_t index) {
  if (value.kind == Value::Kind::kNull) return std::string();
  if (value.kind != Value::Kind::kMap) {
    TENSORCTL_ASSIGN_OR_RETURN(const Tensor tensor, layer.find(value, place));
    return tensor.name;
  }
  TENSORCTL_ASSIGN_OR_RETURN(const Arguments arguments, Arguments::Read(value, place, kParameterKeys));
  const Value* const shape = arguments.Find("shape");
  const Value* const integers = arguments.Find("integers");
  if ((shape == nullptr) == (integers == nullptr)) return place.Error("has to have either shape or integers");
  const std::string part = absl::StrCat("parameter", index);
  if (shape != nullptr) {
    TENSORCTL_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes, NumbersOf(*shape, arguments.PlaceOf("shape"), true));
    return layer.Parameter(part, sizes);
  }
  TENSORCTL_ASSIGN_OR_RETURN(const std::vector<int64_t> numbers,
                             NumbersOf(*integers, arguments.PlaceOf("integers"), false));
  return layer.builder.AddIntegers(layer.Part(part), numbers);
}

absl::StatusOr<std::vector<std::string>> InputsOf(const Layer& layer) {
  std::vector<std::string> inputs;
  const Value* const list = layer.arguments.Find("inputs");
  if (list == nullptr) {
    for (const Tensor& input : layer.inputs) inputs.push_back(input.name);
    return inputs;
  }
  const Place place = layer.arguments.PlaceOf("inputs");
  if (list->kind != Value::Kind::kList) {
    return place.Error(
        absl::StrCat("was ", Describe(*list), ", has to be a list of names, {shape: [...]} or {integers: [...]}"));
  }
  for (size_t i = 0; i < list->items.size(); ++i) {
    TENSORCTL_ASSIGN_OR_RETURN(std::string input, InputOf(layer, list->items[i], place.At(i, list->items[i]), i));
    inputs.push_back(std::move(input));
  }
  return inputs;
}

absl::Status SetAttributeList(const Value& list, const Place& place, v1::ModelAttribute& attribute) {
  const bool are_whole =
      std::all_of(list.items.begin(), list.items.end(), [](const Value& item) { return NumberOf(item).has_value(); });
  for (size_t i = 0; i < list.items.size(); ++i) {
    const std::optional<double> real = RealOf(list.items[i]);
    if (!real.has_value()) {
      return place.At(i, list.items[i])
          .Error(absl::StrCat("was ", Describe(list.items[i]), ", has to be a finite number"));
    }
    if (are_whole) {
      attribute.mutable_integers()->add_values(*NumberOf(list.items[i]));
    } else {
      attribute.mutable_reals()->add_values(*real);
    }
  }
  if (list.items.empty()) attribute.mutable_integers();
  return absl::OkStatus();
}

absl::Status SetAttribute(const Value& value, const Place& place, v1::ModelAttribute& attribute) {
  if (value.kind == Value::Kind::kList) return SetAttributeList(value, place, attribute);
  if (value.kind != Value::Kind::kScalar) {
    return place.Error(absl::StrCat("was ", Describe(value), ", has to be a number, a word, or a list of numbers"));
  }
  if (const std::optional<int64_t> integer = NumberOf(value)) {
    attribute.set_integer(*integer);
  } else if (const std::optional<double> real = RealOf(value)) {
    attribute.set_real(*real);
  } else if (!value.is_quoted && (value.text == "true" || value.text == "false")) {
    attribute.set_integer(value.text == "true" ? 1 : 0);
  } else {
    attribute.set_text(value.text);
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> Onnx(const Layer& layer) {
  const Value* const name = layer.arguments.Find("operator");
  if (name == nullptr) return layer.arguments.Missing("operator", "the name of an operator of ONNX, e.g. DepthToSpace");
  TENSORCTL_ASSIGN_OR_RETURN(const std::string op, RequireText(*name, layer.arguments.PlaceOf("operator")));
  TENSORCTL_ASSIGN_OR_RETURN(const std::vector<std::string> inputs, InputsOf(layer));
  const auto input_rank = static_cast<int64_t>(std::max<size_t>(layer.input().rank, 1));
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t rank, layer.arguments.Number("rank", 1, input_rank));
  if (rank > static_cast<int64_t>(kMaxRank)) return layer.arguments.PlaceOf("rank").Error("has to be at most 8");
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t channels, layer.arguments.Number("channels", 1, int64_t{0}));
  v1::ModelNode& node = layer.builder.AddNode(layer.name, op, inputs);
  if (const Value* const attributes = layer.arguments.Find("attributes")) {
    const Place place = layer.arguments.PlaceOf("attributes");
    if (attributes->kind != Value::Kind::kMap) {
      return place.Error(absl::StrCat("was ", Describe(*attributes), ", has to be a mapping from names to values"));
    }
    for (size_t i = 0; i < attributes->items.size(); ++i) {
      const Value& value = attributes->items[i];
      TENSORCTL_RETURN_IF_ERROR(SetAttribute(value, place.Below(Escape(attributes->keys[i].substr(0, 64)), value),
                                             (*node.mutable_attributes())[attributes->keys[i]]));
    }
    layer.builder.CountBytes(node.SpaceUsedLong());
  }
  Tensor output{.name = node.outputs(0), .rank = static_cast<size_t>(rank), .channels = std::nullopt};
  if (channels > 0) output.channels = channels;
  return output;
}

constexpr absl::string_view kKeys[] = {"operator", "inputs", "attributes", "rank", "channels"};
constexpr LayerKind kLayers[] = {{"onnx", "operator", kKeys, 1, 1024, &Onnx}};

}  // namespace

absl::Span<const LayerKind> OtherLayers() { return kLayers; }

}  // namespace tensord::cli::model_file
