// How fast the kernels are, in multiplications (or elements) a second, on one thread.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "tensord/compute/convolution.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute {
namespace {

struct ConvolutionRow {
  const char* name;
  Shape input;   // NHWC
  Shape filter;  // HWIO
  int64_t stride;
  int64_t groups;
  PaddingMode padding;
};

// Layers of LeNet-5, VGG-19, ResNet-50 and MobileNet, and the first assignment's.
const ConvolutionRow kConvolutions[] = {
    {"homework_3x3_10_20", {1, 48, 64, 10}, {3, 3, 10, 20}, 1, 1, PaddingMode::kValid},
    {"lenet_5x5_1_6", {64, 28, 28, 1}, {5, 5, 1, 6}, 1, 1, PaddingMode::kValid},
    {"resnet_7x7_s2_3_64", {1, 224, 224, 3}, {7, 7, 3, 64}, 2, 1, PaddingMode::kSameUpper},
    {"resnet_3x3_64_64", {1, 56, 56, 64}, {3, 3, 64, 64}, 1, 1, PaddingMode::kSameUpper},
    {"resnet_1x1_256_64", {1, 56, 56, 256}, {1, 1, 256, 64}, 1, 1, PaddingMode::kValid},
    {"vgg_3x3_512_512", {1, 14, 14, 512}, {3, 3, 512, 512}, 1, 1, PaddingMode::kSameUpper},
    {"mobilenet_depthwise_144", {1, 56, 56, 144}, {3, 3, 1, 144}, 1, 144, PaddingMode::kSameUpper},
};

enum class Pass { kForward, kInputGradient, kFilterGradient };

Tensor Filled(DataType type, const Shape& shape) {
  absl::StatusOr<Tensor> tensor = Tensor::Allocate(type, shape);
  if (!tensor.ok()) std::abort();
  for (int64_t i = 0; i < tensor->element_count(); ++i) {
    const double value = static_cast<double>(i % 17) / 16 - 0.5;
    if (type == DataType::kFloat32) {
      tensor->As<float>()[i] = static_cast<float>(value);
    } else {
      tensor->As<double>()[i] = value;
    }
  }
  return *std::move(tensor);
}

void RunConvolution(benchmark::State& state, const ConvolutionRow& row, DataType type, Pass pass) {
  Violations violations;
  const ConvolutionConventions conventions{
      .padding = {.mode = row.padding, .begin = {}, .end = {}}, .strides = {row.stride}, .groups = row.groups};
  const std::optional<ConvolutionGeometry> geometry =
      ResolveConvolution(conventions, Profile::kNone, row.input, row.filter, {}, {}, violations);
  if (!geometry.has_value()) {
    state.SkipWithError(std::string(violations.ToStatus().message()).c_str());
    return;
  }
  const Tensor x = Filled(type, row.input);
  const Tensor w = Filled(type, row.filter);
  const Tensor dy = Filled(type, geometry->output_shape);
  SerialExecutor executor;
  const ExecutionContext context{.executor = &executor};
  const ConvolutionGradients wanted{.input = pass == Pass::kInputGradient, .filter = pass == Pass::kFilterGradient};
  for (auto _ : state) {
    const bool ok =
        pass == Pass::kForward
            ? Convolve(*geometry, x.view(), w.view(), {}, std::nullopt, context).ok()
            : ConvolveBackward(*geometry, x.view(), w.view(), {}, std::nullopt, dy.view(), wanted, context).ok();
    if (!ok) state.SkipWithError("the kernel failed");
  }
  const int64_t multiplications = ConvolutionCost(*geometry, type, 1).multiplication_count;
  state.counters["FLOP/s"] =
      benchmark::Counter(2 * static_cast<double>(multiplications), benchmark::Counter::kIsIterationInvariantRate);
}

void RunMaxPooling(benchmark::State& state) {
  Violations violations;
  const Shape input = {1, 112, 112, 64};
  const std::optional<PoolingGeometry> geometry =
      ResolvePooling(PoolingKind::kMax, {.window = {3}, .strides = {2}}, Profile::kNone, input, {}, {}, violations);
  const Tensor x = Filled(DataType::kFloat32, input);
  SerialExecutor executor;
  for (auto _ : state) {
    if (!Pool(*geometry, x.view(), false, {.executor = &executor}).ok()) state.SkipWithError("the kernel failed");
  }
  state.SetBytesProcessed(state.iterations() * x.size_bytes());
}

void RegisterAll() {
  const std::pair<Pass, const char*> passes[] = {{Pass::kForward, "forward"},
                                                 {Pass::kInputGradient, "input_gradient"},
                                                 {Pass::kFilterGradient, "filter_gradient"}};
  for (const ConvolutionRow& row : kConvolutions) {
    for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
      for (const auto& [pass, name] : passes) {
        const std::string title = std::string("convolution/") + row.name + "/" + name + "/" + std::string(Name(type));
        benchmark::RegisterBenchmark(title.c_str(), [&row, type, pass = pass](benchmark::State& state) {
          RunConvolution(state, row, type, pass);
        });
      }
    }
  }
  benchmark::RegisterBenchmark("max_pooling/resnet_3x3_s2/forward/float32", &RunMaxPooling);
}

// Before main, which is the library's.
[[maybe_unused]] const bool kRegistered = (RegisterAll(), true);

}  // namespace
}  // namespace tensord::compute
