// What joins tensors, and what changes their shapes.
#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/model_file/layer.h"
#include "client/cli/model_file/windows.h"
#include "client/cli/status_macros.h"

namespace tensord::cli::model_file {
namespace {

constexpr size_t kMaxInputs = 1024;

std::vector<std::string> NamesOf(const std::vector<Tensor>& tensors) {
  std::vector<std::string> names;
  for (const Tensor& tensor : tensors) names.push_back(tensor.name);
  return names;
}

// Of tensors that are broadcast to each other.
Tensor Broadcast(const v1::ModelNode& node, const std::vector<Tensor>& inputs) {
  Tensor output = OutputOf(node, inputs.front());
  for (const Tensor& input : inputs) {
    output.rank = std::max(output.rank, input.rank);
    if (!input.channels.has_value()) output.channels.reset();
    if (output.channels.has_value()) output.channels = std::max(*output.channels, *input.channels);
  }
  return output;
}

absl::StatusOr<Tensor> Add(const Layer& layer) {
  const std::string op = layer.inputs.size() == 2 ? "Add" : "Sum";
  return Broadcast(layer.builder.AddNode(layer.name, op, NamesOf(layer.inputs)), layer.inputs);
}

absl::StatusOr<Tensor> Multiply(const Layer& layer) {
  std::string product = layer.inputs[0].name;
  for (size_t i = 1; i + 1 < layer.inputs.size(); ++i) {
    product = layer.builder.AddNode(layer.Part(absl::StrCat(i)), "Mul", {product, layer.inputs[i].name}).outputs(0);
  }
  return Broadcast(layer.builder.AddNode(layer.name, "Mul", {product, layer.inputs.back().name}), layer.inputs);
}

absl::StatusOr<Tensor> Concat(const Layer& layer) {
  const auto rank = static_cast<int64_t>(layer.input().rank);
  int64_t axis = std::min<int64_t>(1, rank - 1);
  if (const Value* const value = layer.arguments.Find("axis")) {
    TENSORCTL_ASSIGN_OR_RETURN(axis, RequireNumber(*value, layer.arguments.PlaceOf("axis"), -rank, rank - 1));
    if (axis < 0) axis += rank;
  }
  v1::ModelNode& node = layer.builder.AddNode(layer.name, "Concat", NamesOf(layer.inputs));
  SetInteger(node, "axis", axis);
  Tensor output = OutputOf(node, layer.input());
  if (axis != 1) return output;
  output.channels = 0;
  for (const Tensor& input : layer.inputs) {
    int64_t sum = 0;
    const bool is_known = output.channels.has_value() && input.channels.has_value() &&
                          !__builtin_add_overflow(*output.channels, *input.channels, &sum);
    output.channels = is_known ? std::optional<int64_t>(sum) : std::nullopt;
  }
  return output;
}

absl::StatusOr<Tensor> Flatten(const Layer& layer) {
  const v1::ModelNode& node = layer.builder.AddNode(layer.name, "Flatten", {layer.input().name});
  return Tensor{
      .name = node.outputs(0), .rank = 2, .channels = layer.input().rank == 2 ? layer.input().channels : std::nullopt};
}

absl::StatusOr<Tensor> Reshape(const Layer& layer) {
  constexpr size_t kMaxRank = 8;
  const Value* const value = layer.arguments.Find("shape");
  const std::string expected =
      absl::StrCat("a list of 1..", kMaxRank, " sizes, of which 0 is the input's and -1 is what is left");
  if (value == nullptr) return layer.arguments.Missing("shape", expected);
  const Place place = layer.arguments.PlaceOf("shape");
  if (value->kind != Value::Kind::kList || value->items.empty() || value->items.size() > kMaxRank) {
    return place.Error(absl::StrCat("was ", Describe(*value), ", has to be ", expected));
  }
  std::vector<int64_t> shape;
  for (size_t i = 0; i < value->items.size(); ++i) {
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t size,
                               RequireNumber(value->items[i], place.At(i, value->items[i]), -1, kMaxSize));
    shape.push_back(size);
  }
  const std::string sizes = layer.builder.AddIntegers(layer.Part("shape"), shape);
  Tensor output = OutputOf(layer.builder.AddNode(layer.name, "Reshape", {layer.input().name, sizes}), layer.input());
  output.rank = shape.size();
  if (shape.size() < 2 || shape[1] < 0) output.channels.reset();
  if (shape.size() >= 2 && shape[1] > 0) output.channels = shape[1];
  return output;
}

constexpr absl::string_view kModes[] = {"nearest", "linear", "cubic"};

absl::StatusOr<Tensor> Upsample(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const Tensor input, layer.SpatialInput());
  TENSORCTL_ASSIGN_OR_RETURN(const std::vector<int64_t> factors, layer.arguments.PerAxis("scale", input.spatial(), 1));
  TENSORCTL_ASSIGN_OR_RETURN(const std::string mode, layer.arguments.Choice("mode", kModes, "nearest"));
  std::vector<double> scales = {1, 1};
  scales.insert(scales.end(), factors.begin(), factors.end());
  const std::string factor = layer.builder.AddReals(layer.Part("scales"), scales);
  v1::ModelNode& node = layer.builder.AddNode(layer.name, "Resize", {input.name, "", factor});
  SetText(node, "mode", mode);
  return OutputOf(node, input);
}

// Zeros around each plane.
absl::StatusOr<Tensor> Pad(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const Tensor input, layer.SpatialInput());
  const Value* const value = layer.arguments.Find("padding");
  if (value == nullptr)
    return layer.arguments.Missing("padding", "a number of at least 0, or one for each axis or side");
  TENSORCTL_ASSIGN_OR_RETURN(const std::vector<int64_t> sides,
                             SidesOf(*value, layer.arguments.PlaceOf("padding"), input.spatial()));
  std::vector<int64_t> pads;
  for (size_t end = 0; end < 2; ++end) {
    pads.insert(pads.end(), 2, 0);
    const auto begin = sides.begin() + static_cast<ptrdiff_t>(end * input.spatial());
    pads.insert(pads.end(), begin, begin + static_cast<ptrdiff_t>(input.spatial()));
  }
  const std::string widths = layer.builder.AddIntegers(layer.Part("padding"), pads);
  return OutputOf(layer.builder.AddNode(layer.name, "Pad", {input.name, widths}), input);
}

// Without a border of each plane.
absl::StatusOr<Tensor> Crop(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const Tensor input, layer.SpatialInput());
  const Value* const value = layer.arguments.Find("border");
  if (value == nullptr)
    return layer.arguments.Missing("border", "a number of at least 0, or one for each axis or side");
  TENSORCTL_ASSIGN_OR_RETURN(const std::vector<int64_t> sides,
                             SidesOf(*value, layer.arguments.PlaceOf("border"), input.spatial()));
  std::vector<int64_t> starts;
  std::vector<int64_t> ends;
  std::vector<int64_t> axes;
  for (size_t i = 0; i < input.spatial(); ++i) {
    const int64_t after = sides[i + input.spatial()];
    starts.push_back(sides[i]);
    // Ends are counted from the end of the axis; 0 would be its beginning.
    ends.push_back(after == 0 ? std::numeric_limits<int64_t>::max() : -after);
    axes.push_back(static_cast<int64_t>(i) + 2);
  }
  const std::vector<std::string> inputs = {input.name, layer.builder.AddIntegers(layer.Part("starts"), starts),
                                           layer.builder.AddIntegers(layer.Part("ends"), ends),
                                           layer.builder.AddIntegers(layer.Part("axes"), axes)};
  return OutputOf(layer.builder.AddNode(layer.name, "Slice", inputs), input);
}

// Only training drops anything; the rate changes no count.
absl::StatusOr<Tensor> Dropout(const Layer& layer) {
  TENSORCTL_ASSIGN_OR_RETURN(const double rate, layer.arguments.Real("rate", 0.5));
  if (rate < 0 || rate >= 1) {
    return layer.arguments.PlaceOf("rate").Error(absl::StrCat("was ", rate, ", has to be at least 0 and below 1"));
  }
  return OutputOf(layer.builder.AddNode(layer.name, "Dropout", {layer.input().name}), layer.input());
}

constexpr absl::string_view kAxisKeys[] = {"axis"};
constexpr absl::string_view kShapeKeys[] = {"shape"};
constexpr absl::string_view kScaleKeys[] = {"scale", "mode"};
constexpr absl::string_view kPaddingKeys[] = {"padding"};
constexpr absl::string_view kBorderKeys[] = {"border"};
constexpr absl::string_view kRateKeys[] = {"rate"};

constexpr LayerKind kLayers[] = {{"add", "", {}, 2, kMaxInputs, &Add},
                                 {"multiply", "", {}, 2, kMaxInputs, &Multiply},
                                 {"concat", "axis", kAxisKeys, 1, kMaxInputs, &Concat},
                                 {"flatten", "", {}, 1, 1, &Flatten},
                                 {"reshape", "shape", kShapeKeys, 1, 1, &Reshape},
                                 {"upsample", "scale", kScaleKeys, 1, 1, &Upsample},
                                 {"pad", "padding", kPaddingKeys, 1, 1, &Pad},
                                 {"crop", "border", kBorderKeys, 1, 1, &Crop},
                                 {"dropout", "rate", kRateKeys, 1, 1, &Dropout}};

}  // namespace

absl::Span<const LayerKind> ShapeLayers() { return kLayers; }

}  // namespace tensord::cli::model_file
