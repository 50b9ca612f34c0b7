#include "tests/analysis/model/networks.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/analysis/model/network_builder.h"

namespace tensord::analysis::networks {
namespace {

constexpr int64_t kClasses = 1000;

Tensor ConvRelu(NetworkBuilder& net, const Tensor& x, const Filters& filters) { return net.Relu(net.Conv(x, filters)); }

Tensor DenseRelu(NetworkBuilder& net, const Tensor& x, int64_t features) { return net.Relu(net.Dense(x, features)); }

// A convolution without bias, and its normalization.
Tensor ConvNorm(NetworkBuilder& net, const Tensor& x, Filters filters) {
  filters.bias = false;
  return net.BatchNormalization(net.Conv(x, filters));
}

Tensor ConvNormRelu(NetworkBuilder& net, const Tensor& x, const Filters& filters) {
  return net.Relu(ConvNorm(net, x, filters));
}

// The average of every channel, and scores.
Tensor Classify(NetworkBuilder& net, const Tensor& x, int64_t classes = kClasses) {
  net.Stage("fc");
  return net.Dense(net.Flatten(net.GlobalAveragePool(x)), classes);
}

}  // namespace

Graph LeNet5() {
  NetworkBuilder net("LeNet-5", 1, 32);
  const auto subsample = [&](const Tensor& x) {
    return net.Tanh(net.Scale(net.AveragePool(x, {.kernel = 2, .stride = 2})));
  };
  net.Stage("C1");
  Tensor x = net.Tanh(net.Conv(net.input(), {.channels = 6, .kernel = 5}));
  net.Stage("S2");
  x = subsample(x);
  net.Stage("C3");
  // Table I, column by column.
  const std::vector<std::vector<int64_t>> sources = {{0, 1, 2},    {1, 2, 3},    {2, 3, 4},    {3, 4, 5},
                                                     {0, 4, 5},    {0, 1, 5},    {0, 1, 2, 3}, {1, 2, 3, 4},
                                                     {2, 3, 4, 5}, {0, 3, 4, 5}, {0, 1, 4, 5}, {0, 1, 2, 5},
                                                     {0, 1, 3, 4}, {1, 2, 4, 5}, {0, 2, 3, 5}, {0, 1, 2, 3, 4, 5}};
  std::vector<Tensor> maps;
  for (const std::vector<int64_t>& source : sources) {
    maps.push_back(net.Conv(net.Channels(x, source), {.channels = 1, .kernel = 5}));
  }
  x = net.Tanh(net.Concat(maps));
  net.Stage("S4");
  x = subsample(x);
  net.Stage("C5");
  x = net.Flatten(net.Tanh(net.Conv(x, {.channels = 120, .kernel = 5})));
  net.Stage("F6");
  x = net.Tanh(net.Dense(x, 84));
  net.Stage("output");
  return std::move(net).Finish(net.SquaredDistances(x, 10));
}

Graph AlexNet() {
  NetworkBuilder net("AlexNet", 3, 224);
  net.Stage("conv1");
  // Two pixels around the image make 55 x 55 of its 224 x 224: the paper does not say how it comes to that.
  Tensor x = ConvRelu(net, net.input(), {.channels = 96, .kernel = 11, .stride = 4, .padding = 2});
  net.Stage("pool1");
  x = net.MaxPool(net.LocalResponseNormalization(x, 5), {.kernel = 3, .stride = 2});
  net.Stage("conv2");
  x = ConvRelu(net, x, {.channels = 256, .kernel = 5, .padding = 2, .groups = 2});
  net.Stage("pool2");
  x = net.MaxPool(net.LocalResponseNormalization(x, 5), {.kernel = 3, .stride = 2});
  net.Stage("conv3");
  x = ConvRelu(net, x, {.channels = 384, .kernel = 3, .padding = 1});
  net.Stage("conv4");
  x = ConvRelu(net, x, {.channels = 384, .kernel = 3, .padding = 1, .groups = 2});
  net.Stage("conv5");
  x = ConvRelu(net, x, {.channels = 256, .kernel = 3, .padding = 1, .groups = 2});
  net.Stage("pool5");
  x = net.Flatten(net.MaxPool(x, {.kernel = 3, .stride = 2}), 36);
  net.Stage("fc6");
  x = DenseRelu(net, x, 4096);
  net.Stage("fc7");
  x = DenseRelu(net, x, 4096);
  net.Stage("fc8");
  return std::move(net).Finish(net.Dense(x, kClasses));
}

Graph TorchvisionAlexNet() {
  NetworkBuilder net("alexnet", 3, 224);
  const Window pool = {.kernel = 3, .stride = 2};
  Tensor x = ConvRelu(net, net.input(), {.channels = 64, .kernel = 11, .stride = 4, .padding = 2});
  x = ConvRelu(net, net.MaxPool(x, pool), {.channels = 192, .kernel = 5, .padding = 2});
  x = ConvRelu(net, net.MaxPool(x, pool), {.channels = 384, .kernel = 3, .padding = 1});
  x = ConvRelu(net, x, {.channels = 256, .kernel = 3, .padding = 1});
  x = ConvRelu(net, x, {.channels = 256, .kernel = 3, .padding = 1});
  x = DenseRelu(net, net.Flatten(net.MaxPool(x, pool), 36), 4096);
  return std::move(net).Finish(net.Dense(DenseRelu(net, x, 4096), kClasses));
}

Graph VggNet(Vgg column, int64_t size) {
  NetworkBuilder net("VGG", 3, size);
  const bool is_a = column == Vgg::kA || column == Vgg::kALrn;
  // How many 3 x 3 convolutions the stages have; C has a 1 x 1 one besides in the last three.
  const int early = is_a ? 1 : 2;
  const int late = column == Vgg::kD ? 3 : column == Vgg::kE ? 4 : 2;
  const std::array<int, 5> layers = {early, early, late, late, late};
  const std::array<int64_t, 5> channels = {64, 128, 256, 512, 512};
  Tensor x = net.input();
  for (size_t stage = 0; stage < layers.size(); ++stage) {
    net.Stage(absl::StrCat("conv", stage + 1));
    for (int i = 0; i < layers[stage]; ++i) {
      x = ConvRelu(net, x, {.channels = channels[stage], .kernel = 3, .padding = 1});
      if (column == Vgg::kALrn && stage == 0) x = net.LocalResponseNormalization(x, 5);
    }
    if (column == Vgg::kC && stage >= 2) x = ConvRelu(net, x, {.channels = channels[stage], .kernel = 1});
    net.Stage(absl::StrCat("pool", stage + 1));
    x = net.MaxPool(x, {.kernel = 2, .stride = 2});
  }
  net.Stage("fc");
  x = DenseRelu(net, DenseRelu(net, net.Flatten(x, (size / 32) * (size / 32)), 4096), 4096);
  return std::move(net).Finish(net.Dense(x, kClasses));
}

namespace {

struct Residual {
  int64_t channels;  // of the output
  int64_t stride;
  Shortcut shortcut;
};

// What is added to the block's own path.
Tensor Identity(NetworkBuilder& net, const Tensor& x, const Residual& block) {
  if (block.channels == x.channels && block.stride == 1) return x;
  if (block.shortcut == Shortcut::kPadded) return net.SubsampleAndPad(x, block.stride, block.channels);
  return ConvNorm(net, x, {.channels = block.channels, .kernel = 1, .stride = block.stride});
}

Tensor BasicBlock(NetworkBuilder& net, const Tensor& x, const Residual& block) {
  Tensor path = ConvNormRelu(net, x, {.channels = block.channels, .kernel = 3, .stride = block.stride, .padding = 1});
  path = ConvNorm(net, path, {.channels = block.channels, .kernel = 3, .padding = 1});
  return net.Relu(net.Add(path, Identity(net, x, block)));
}

Tensor Bottleneck(NetworkBuilder& net, const Tensor& x, const Residual& block, Stride stride) {
  const int64_t inner = block.channels / 4;
  const int64_t first = stride == Stride::kFirst ? block.stride : 1;
  Tensor path = ConvNormRelu(net, x, {.channels = inner, .kernel = 1, .stride = first});
  path = ConvNormRelu(net, path, {.channels = inner, .kernel = 3, .stride = block.stride / first, .padding = 1});
  path = ConvNorm(net, path, {.channels = block.channels, .kernel = 1});
  return net.Relu(net.Add(path, Identity(net, x, block)));
}

std::array<int, 4> ResNetBlocks(int depth) {
  switch (depth) {
    case 18:
      return {2, 2, 2, 2};
    case 34:
    case 50:
      return {3, 4, 6, 3};
    case 101:
      return {3, 4, 23, 3};
    default:
      return {3, 8, 36, 3};
  }
}

}  // namespace

Graph ResNet(int depth, Shortcut shortcut, Stride stride) {
  NetworkBuilder net(absl::StrCat("ResNet-", depth), 3, 224);
  net.Stage("conv1");
  Tensor x = ConvNormRelu(net, net.input(), {.channels = 64, .kernel = 7, .stride = 2, .padding = 3});
  const std::array<int, 4> blocks = ResNetBlocks(depth);
  for (size_t stage = 0; stage < blocks.size(); ++stage) {
    net.Stage(absl::StrCat("conv", stage + 2, "_x"));
    if (stage == 0) x = net.MaxPool(x, {.kernel = 3, .stride = 2, .padding = 1});
    const int64_t channels = (int64_t{64} << stage) * (depth < 50 ? 1 : 4);
    for (int i = 0; i < blocks[stage]; ++i) {
      const Residual block = {.channels = channels, .stride = stage > 0 && i == 0 ? 2 : 1, .shortcut = shortcut};
      x = depth < 50 ? BasicBlock(net, x, block) : Bottleneck(net, x, block, stride);
    }
  }
  return std::move(net).Finish(Classify(net, x));
}

Graph CifarResNet(int blocks) {
  NetworkBuilder net(absl::StrCat("ResNet-", 6 * blocks + 2), 3, 32);
  net.Stage("conv1");
  Tensor x = ConvNormRelu(net, net.input(), {.channels = 16, .kernel = 3, .padding = 1});
  for (int64_t channels = 16; channels <= 64; channels *= 2) {
    net.Stage(absl::StrCat("channels", channels));
    for (int i = 0; i < blocks; ++i) {
      const int64_t stride = channels > 16 && i == 0 ? 2 : 1;
      x = BasicBlock(net, x, {.channels = channels, .stride = stride, .shortcut = Shortcut::kPadded});
    }
  }
  return std::move(net).Finish(Classify(net, x, 10));
}

Graph MobileNetV1(int64_t size, int64_t width, int middle, Separable separable) {
  NetworkBuilder net("MobileNet", 3, size);
  const auto scaled = [&](int64_t channels) { return channels * width / 4; };
  net.Stage("conv");
  Tensor x = ConvNormRelu(net, net.input(), {.channels = scaled(32), .kernel = 3, .stride = 2, .padding = 1});
  std::vector<std::pair<int64_t, int64_t>> layers = {{64, 1}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}};
  layers.insert(layers.end(), static_cast<size_t>(middle), {512, 1});
  layers.insert(layers.end(), {{1024, 2}, {1024, 1}});
  int index = 0;
  for (const auto& [channels, stride] : layers) {
    net.Stage(absl::StrCat("separable", ++index));
    Filters filters = {.channels = scaled(channels), .kernel = 3, .stride = stride, .padding = 1};
    if (separable == Separable::kYes) {
      filters.channels = filters.groups = x.channels;
      x = ConvNormRelu(net, x, filters);
      filters = {.channels = scaled(channels), .kernel = 1};
    }
    x = ConvNormRelu(net, x, filters);
  }
  return std::move(net).Finish(Classify(net, x));
}

namespace {

struct InvertedResiduals {
  int64_t expansion;
  int64_t channels;
  int count;
  int64_t stride;  // of the first
};

Tensor InvertedResidual(NetworkBuilder& net, const Tensor& x, int64_t expansion, int64_t channels, int64_t stride) {
  Tensor path = x;
  if (expansion > 1) path = net.Relu6(ConvNorm(net, path, {.channels = x.channels * expansion, .kernel = 1}));
  const int64_t inner = path.channels;
  path =
      net.Relu6(ConvNorm(net, path, {.channels = inner, .kernel = 3, .stride = stride, .padding = 1, .groups = inner}));
  path = ConvNorm(net, path, {.channels = channels, .kernel = 1});
  return stride == 1 && channels == x.channels ? net.Add(path, x) : path;
}

}  // namespace

Graph MobileNetV2(int64_t size, Width width) {
  NetworkBuilder net("MobileNetV2", 3, size);
  // Multiples of 8, rounded half up, but not down by more than a tenth.
  // Source: https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet/mobilenet.py
  // (_make_divisible)
  const auto scaled = [&](int64_t channels) {
    const int64_t product = channels * width.numerator;
    const int64_t rounded = std::max<int64_t>(8, (product + 4 * width.denominator) / (8 * width.denominator) * 8);
    return rounded * width.denominator * 10 < product * 9 ? rounded + 8 : rounded;
  };
  net.Stage("conv");
  Tensor x = net.Relu6(ConvNorm(net, net.input(), {.channels = scaled(32), .kernel = 3, .stride = 2, .padding = 1}));
  const std::vector<InvertedResiduals> rows = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                               {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  int index = 0;
  for (const InvertedResiduals& row : rows) {
    for (int i = 0; i < row.count; ++i) {
      net.Stage(absl::StrCat("bottleneck", ++index));
      x = InvertedResidual(net, x, row.expansion, scaled(row.channels), i == 0 ? row.stride : 1);
    }
  }
  net.Stage("last");
  const int64_t last = width.numerator > width.denominator ? scaled(1280) : 1280;
  x = net.Relu6(ConvNorm(net, x, {.channels = last, .kernel = 1}));
  return std::move(net).Finish(Classify(net, x));
}

namespace {

// 1 x 1 filters, then as many 1 x 1 as 3 x 3 ones side by side.
Tensor Fire(NetworkBuilder& net, const Tensor& x, int64_t squeeze, int64_t expand) {
  const Tensor squeezed = ConvRelu(net, x, {.channels = squeeze, .kernel = 1});
  return net.Concat({ConvRelu(net, squeezed, {.channels = expand, .kernel = 1}),
                     ConvRelu(net, squeezed, {.channels = expand, .kernel = 3, .padding = 1})});
}

constexpr Window kFirePool = {.kernel = 3, .stride = 2, .partial = true};

// `pooled`: the numbers of the fires behind which there is a pooling.
Tensor FireLayers(NetworkBuilder& net, Tensor x, const std::vector<int64_t>& pooled) {
  for (int64_t number = 2; number <= 9; ++number) {
    net.Stage(absl::StrCat("fire", number));
    const int64_t squeeze = number / 2 * 16;
    x = Fire(net, x, squeeze, squeeze * 4);
    if (std::find(pooled.begin(), pooled.end(), number) == pooled.end()) continue;
    net.Stage(absl::StrCat("pool", number));
    x = net.MaxPool(x, kFirePool);
  }
  net.Stage("conv10");
  x = ConvRelu(net, x, {.channels = kClasses, .kernel = 1});
  net.Stage("average");
  return net.Flatten(net.GlobalAveragePool(x));
}

}  // namespace

Graph SqueezeNet(int64_t size) {
  NetworkBuilder net("SqueezeNet", 3, size);
  net.Stage("conv1");
  Tensor x = ConvRelu(net, net.input(), {.channels = 96, .kernel = 7, .stride = 2});
  net.Stage("pool1");
  x = net.MaxPool(x, kFirePool);
  return std::move(net).Finish(FireLayers(net, x, {4, 8}));
}

Graph SqueezeNet11(int64_t size) {
  NetworkBuilder net("SqueezeNet-1.1", 3, size);
  net.Stage("conv1");
  Tensor x = ConvRelu(net, net.input(), {.channels = 64, .kernel = 3, .stride = 2});
  net.Stage("pool1");
  x = net.MaxPool(x, kFirePool);
  return std::move(net).Finish(FireLayers(net, x, {3, 5}));
}

}  // namespace tensord::analysis::networks
