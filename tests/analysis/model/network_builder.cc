#include "tests/analysis/model/network_builder.h"

#include "absl/strings/str_cat.h"

namespace tensord::analysis::networks {
namespace {

std::vector<int64_t> Square(int64_t size) { return {size, size}; }
std::vector<int64_t> Border(int64_t size) { return {size, size, size, size}; }

}  // namespace

NetworkBuilder::NetworkBuilder(std::string name, int64_t channels, int64_t size)
    : graph_{.name = std::move(name), .opset = 17}, input_{.name = "image", .channels = channels} {
  graph_.inputs.push_back(
      {.name = input_.name, .type = ElementType::kFloat32, .shape = std::vector<Dimension>{"N", channels, size, size}});
}

Tensor NetworkBuilder::Node(absl::string_view op_type, std::vector<std::string> inputs, int64_t channels,
                            Attributes attributes) {
  const std::string name = absl::StrCat(stage_, "/", op_type, "_", graph_.nodes.size());
  graph_.nodes.push_back({.name = name,
                          .op_type = std::string(op_type),
                          .inputs = std::move(inputs),
                          .outputs = {name},
                          .attributes = std::move(attributes)});
  return {.name = name, .channels = channels};
}

std::string NetworkBuilder::Weights(std::vector<Dimension> shape) {
  const std::string name = absl::StrCat("weights_", graph_.initializers.size());
  graph_.initializers.push_back({.name = name, .type = ElementType::kFloat32, .shape = std::move(shape)});
  return name;
}

std::string NetworkBuilder::Integers(std::vector<int64_t> values) {
  const std::string name = Weights({static_cast<int64_t>(values.size())});
  graph_.initializers.back().type = ElementType::kInt64;
  graph_.initializers.back().values = std::move(values);
  return name;
}

std::string NetworkBuilder::Number(double value) {
  const std::string name = Weights({});
  graph_.initializers.back().values = std::vector<double>{value};
  return name;
}

Tensor NetworkBuilder::Conv(const Tensor& x, const Filters& filters) {
  std::vector<std::string> inputs = {
      x.name, Weights({filters.channels, x.channels / filters.groups, filters.kernel, filters.kernel})};
  if (filters.bias) inputs.push_back(Weights({filters.channels}));
  return Node("Conv", std::move(inputs), filters.channels,
              {{"strides", Square(filters.stride)}, {"pads", Border(filters.padding)}, {"group", filters.groups}});
}

Tensor NetworkBuilder::BatchNormalization(const Tensor& x) {
  std::vector<std::string> inputs = {x.name};
  for (int i = 0; i < 4; ++i) inputs.push_back(Weights({x.channels}));
  return Node("BatchNormalization", std::move(inputs), x.channels);
}

Tensor NetworkBuilder::LocalResponseNormalization(const Tensor& x, int64_t size) {
  return Node("LRN", {x.name}, x.channels, {{"size", size}});
}

Tensor NetworkBuilder::Relu6(const Tensor& x) { return Node("Clip", {x.name, Number(0), Number(6)}, x.channels); }

Tensor NetworkBuilder::Pool(absl::string_view op_type, const Tensor& x, const Window& window) {
  return Node(op_type, {x.name}, x.channels,
              {{"kernel_shape", Square(window.kernel)},
               {"strides", Square(window.stride)},
               {"pads", Border(window.padding)},
               {"ceil_mode", int64_t{window.partial ? 1 : 0}}});
}

Tensor NetworkBuilder::Flatten(const Tensor& x, int64_t positions) {
  return Node("Flatten", {x.name}, x.channels * positions);
}

Tensor NetworkBuilder::Dense(const Tensor& x, int64_t features) {
  return Node("Gemm", {x.name, Weights({features, x.channels}), Weights({features})}, features,
              {{"transB", int64_t{1}}});
}

Tensor NetworkBuilder::Add(const Tensor& a, const Tensor& b) { return Node("Add", {a.name, b.name}, a.channels); }

Tensor NetworkBuilder::Concat(const std::vector<Tensor>& parts) {
  std::vector<std::string> names;
  int64_t channels = 0;
  for (const Tensor& part : parts) {
    names.push_back(part.name);
    channels += part.channels;
  }
  return Node("Concat", std::move(names), channels, {{"axis", int64_t{1}}});
}

Tensor NetworkBuilder::Scale(const Tensor& x) {
  const Tensor product = Node("Mul", {x.name, Weights({x.channels, 1, 1})}, x.channels);
  return Node("Add", {product.name, Weights({x.channels, 1, 1})}, x.channels);
}

Tensor NetworkBuilder::Channels(const Tensor& x, const std::vector<int64_t>& which) {
  return Node("Gather", {x.name, Integers(which)}, static_cast<int64_t>(which.size()), {{"axis", int64_t{1}}});
}

Tensor NetworkBuilder::SubsampleAndPad(const Tensor& x, int64_t stride, int64_t channels) {
  constexpr int64_t kEnd = 1 << 30;
  const Tensor pixels =
      Node("Slice", {x.name, Integers({0, 0}), Integers({kEnd, kEnd}), Integers({2, 3}), Integers({stride, stride})},
           x.channels);
  return Node("Pad", {pixels.name, Integers({0, 0, 0, 0, 0, channels - x.channels, 0, 0})}, channels);
}

Tensor NetworkBuilder::SquaredDistances(const Tensor& x, int64_t vectors) {
  GraphTensor fixed{.name = "", .type = ElementType::kFloat32, .shape = std::vector<Dimension>{vectors, x.channels}};
  const Tensor centers = Node("Constant", {}, x.channels, {{"value", std::move(fixed)}});
  const Tensor row = Node("Unsqueeze", {x.name, Integers({1})}, x.channels);
  const Tensor difference = Node("Sub", {row.name, centers.name}, x.channels);
  const Tensor square = Node("Mul", {difference.name, difference.name}, x.channels);
  return Node("ReduceSum", {square.name, Integers({2})}, vectors, {{"keepdims", int64_t{0}}});
}

Graph NetworkBuilder::Finish(const Tensor& output) && {
  graph_.outputs.push_back({.name = output.name});
  return std::move(graph_);
}

}  // namespace tensord::analysis::networks
