// What denormal numbers cost: every FAST kernel on data that are denormal, or make denormals, against the same kernel
// on ordinary data, one thread, in the processor's mode that the server sets.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/activation_axes.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/prelu.h"
#include "tensord/compute/softmax.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute {
namespace {

constexpr double kMostSlowdown = 1.3;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "denormals_bench: %s\n", what.c_str());
  std::exit(1);
}

template <typename T>
T ValueOf(absl::StatusOr<T> result) {
  if (!result.ok()) Fail(std::string(result.status().message()));
  return *std::move(result);
}

template <typename T>
T Resolved(std::optional<T> result, const Violations& violations) {
  if (!result.has_value()) Fail(std::string(violations.ToStatus().message()));
  return *std::move(result);
}

// What tensors are filled with: numbers of both signs, spread over a factor of two below `largest`.
enum class Data {
  kOrdinary,   // around 1
  kDenormal,   // denormal themselves
  kUnderflow,  // the root of the least normal number: products are denormal
};

double Largest(Data data, DataType type) {
  const double least_normal =
      type == DataType::kFloat32 ? double{std::numeric_limits<float>::min()} : std::numeric_limits<double>::min();
  if (data == Data::kOrdinary) return 1;
  return data == Data::kDenormal ? least_normal / 2 : std::sqrt(least_normal) / 2;
}

Tensor Filled(DataType type, const Shape& shape, Data data) {
  Tensor tensor = ValueOf(Tensor::Allocate(type, shape));
  const double largest = Largest(data, type);
  uint64_t state = 88172645463325252U;
  for (int64_t i = 0; i < tensor.element_count(); ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    const double value = largest * (0.5 + static_cast<double>(state >> 12) / 0x1p53) * ((state & 1) != 0 ? 1 : -1);
    if (type == DataType::kFloat32) {
      tensor.As<float>()[i] = static_cast<float>(value);
    } else {
      tensor.As<double>()[i] = value;
    }
  }
  return tensor;
}

// One kernel, ready to run on data of that kind.
struct Kernel {
  std::string name;
  std::function<std::function<absl::Status()>(DataType, Data)> prepare;
};

ExecutionContext Serial() {
  static SerialExecutor executor;
  return {.executor = &executor};
}

const Shape kImage = {1, 40, 40, 16};
const Shape kFilter = {3, 3, 16, 16};

// The tensors of a call, which its function owns.
struct Tensors {
  Tensor x;
  Tensor w;
  Tensor dy;
};

template <typename Geometry, typename Forward>
Kernel ForwardKernel(const std::string& name, const Geometry& geometry, Forward forward) {
  return {
      name, [=](DataType type, Data data) -> std::function<absl::Status()> {
        auto tensors = std::make_shared<Tensors>(
            Tensors{.x = Filled(type, kImage, data), .w = Filled(type, kFilter, data), .dy = {}});
        return [=] {
          return forward(geometry, tensors->x.view(), tensors->w.view(), TensorView(), std::nullopt, Serial()).status();
        };
      }};
}

template <typename Geometry, typename Backward>
Kernel BackwardKernel(const std::string& name, const Geometry& geometry, const Shape& output, Backward backward,
                      const ConvolutionGradients& wanted) {
  return {name, [=](DataType type, Data data) -> std::function<absl::Status()> {
            auto tensors = std::make_shared<Tensors>(Tensors{
                .x = Filled(type, kImage, data), .w = Filled(type, kFilter, data), .dy = Filled(type, output, data)});
            return [=] {
              return backward(geometry, tensors->x.view(), tensors->w.view(), TensorView(), std::nullopt,
                              tensors->dy.view(), wanted, Serial())
                  .status();
            };
          }};
}

void AddConvolutions(std::vector<Kernel>& kernels) {
  for (const PaddingSource source : {PaddingSource::kZero, PaddingSource::kReflect}) {
    Violations violations;
    const auto geometry = Resolved(
        ResolveConvolution({.padding = {.mode = PaddingMode::kSameUpper, .begin = {}, .end = {}, .source = source}},
                           Profile::kNone, kImage, kFilter, {}, {}, violations),
        violations);
    const std::string suffix = source == PaddingSource::kZero ? "" : ", reflecting";
    const Shape& output = geometry.output_shape;
    kernels.push_back(ForwardKernel("convolution" + suffix, geometry, &Convolve));
    kernels.push_back(BackwardKernel("convolution, dX" + suffix, geometry, output, &ConvolveBackward, {.input = true}));
    kernels.push_back(
        BackwardKernel("convolution, dW" + suffix, geometry, output, &ConvolveBackward, {.filter = true}));
    kernels.push_back(BackwardKernel("convolution, db" + suffix, geometry, output, &ConvolveBackward, {.bias = true}));
  }
  Violations violations;
  TransposedConvolutionConventions conventions;
  conventions.convolution.strides = {2};
  const auto geometry = Resolved(
      ResolveTransposedConvolution(conventions, Profile::kNone, kImage, kFilter, {}, {}, violations), violations);
  kernels.push_back(ForwardKernel("transposed convolution", geometry, &ConvolveTranspose));
  kernels.push_back(BackwardKernel("transposed convolution, dX", geometry, geometry.output_shape(),
                                   &ConvolveTransposeBackward, {.input = true}));
  kernels.push_back(BackwardKernel("transposed convolution, dW", geometry, geometry.output_shape(),
                                   &ConvolveTransposeBackward, {.filter = true}));
}

void AddPooling(std::vector<Kernel>& kernels, const std::string& name, PoolingKind kind,
                const PoolingConventions& conventions) {
  Violations violations;
  const auto geometry =
      Resolved(ResolvePooling(kind, conventions, Profile::kNone, kImage, {}, {}, violations), violations);
  kernels.push_back({name, [=](DataType type, Data data) -> std::function<absl::Status()> {
                       auto x = std::make_shared<Tensor>(Filled(type, kImage, data));
                       return [=] { return Pool(geometry, x->view(), false, Serial()).status(); };
                     }});
  kernels.push_back({name + ", dX", [=](DataType type, Data data) -> std::function<absl::Status()> {
                       auto x = std::make_shared<Tensor>(Filled(type, kImage, data));
                       auto dy = std::make_shared<Tensor>(Filled(type, geometry.output_shape, data));
                       return [=] { return PoolBackward(geometry, x->view(), dy->view(), Serial()).status(); };
                     }});
}

void AddPoolings(std::vector<Kernel>& kernels) {
  PoolingConventions windows;
  windows.window = {3};
  windows.strides = {1};
  AddPooling(kernels, "max pooling", PoolingKind::kMax, windows);
  AddPooling(kernels, "average pooling", PoolingKind::kAverage, windows);
  AddPooling(kernels, "L2 pooling", PoolingKind::kLp, windows);
  PoolingConventions cubes = windows;
  cubes.p = 3;
  AddPooling(kernels, "L3 pooling", PoolingKind::kLp, cubes);
  PoolingConventions adaptive;
  adaptive.window_mode = WindowMode::kAdaptive;
  adaptive.output_size = {7};
  AddPooling(kernels, "adaptive average pooling", PoolingKind::kAverage, adaptive);
  PoolingConventions global;
  global.window_mode = WindowMode::kGlobal;
  AddPooling(kernels, "global average pooling", PoolingKind::kAverage, global);
}

void AddActivations(std::vector<Kernel>& kernels) {
  for (const ActivationKind kind : kAllActivationKinds) {
    if (!IsElementwise(kind)) continue;
    Violations violations;
    const auto activation = Resolved(ResolveActivation({.kind = kind}, Profile::kNone, "", violations), violations);
    const std::string name(Name(kind));
    kernels.push_back({name, [=](DataType type, Data data) -> std::function<absl::Status()> {
                         auto x = std::make_shared<Tensor>(Filled(type, kImage, data));
                         return [=] { return Activate(activation, x->view(), Serial()).status(); };
                       }});
    kernels.push_back({name + ", dX", [=](DataType type, Data data) -> std::function<absl::Status()> {
                         auto x = std::make_shared<Tensor>(Filled(type, kImage, data));
                         auto dy = std::make_shared<Tensor>(Filled(type, kImage, data));
                         return [=] { return ActivateBackward(activation, x->view(), dy->view(), Serial()).status(); };
                       }});
  }
  for (const ActivationKind kind : {ActivationKind::kSoftmax, ActivationKind::kLogSoftmax}) {
    const std::string name(Name(kind));
    kernels.push_back({name, [=](DataType type, Data data) -> std::function<absl::Status()> {
                         auto x = std::make_shared<Tensor>(Filled(type, kImage, data));
                         return [=] { return Softmax(kind, x->view(), 3, Serial()).status(); };
                       }});
    kernels.push_back({name + ", dX", [=](DataType type, Data data) -> std::function<absl::Status()> {
                         auto x = std::make_shared<Tensor>(Filled(type, kImage, data));
                         auto dy = std::make_shared<Tensor>(Filled(type, kImage, data));
                         return [=] { return SoftmaxBackward(kind, x->view(), 3, dy->view(), Serial()).status(); };
                       }});
  }
  const SlopeBroadcast per_channel{.match = SlopeMatch::kTrailing, .strides = {0, 0, 0, 1}};
  kernels.push_back({"PRELU", [=](DataType type, Data data) -> std::function<absl::Status()> {
                       auto x = std::make_shared<Tensor>(Filled(type, kImage, data));
                       auto slopes = std::make_shared<Tensor>(Filled(type, {16}, data));
                       return [=] { return Prelu(x->view(), slopes->view(), per_channel, Serial()).status(); };
                     }});
  kernels.push_back({"PRELU, dX and slopes", [=](DataType type, Data data) -> std::function<absl::Status()> {
                       auto x = std::make_shared<Tensor>(Filled(type, kImage, data));
                       auto slopes = std::make_shared<Tensor>(Filled(type, {16}, data));
                       auto dy = std::make_shared<Tensor>(Filled(type, kImage, data));
                       return [=] {
                         return PreluBackward(x->view(), slopes->view(), per_channel, KinkSlope::kLeft, dy->view(),
                                              true, Serial())
                             .status();
                       };
                     }});
}

// Of this thread on a processor, as other programs may want it too.
double ProcessorSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double SecondsOf(const std::function<absl::Status()>& run, int times) {
  const double began = ProcessorSeconds();
  for (int i = 0; i < times; ++i) {
    const absl::Status status = run();
    if (!status.ok()) Fail(std::string(status.message()));
  }
  return ProcessorSeconds() - began;
}

// The time on `second` data over the time on `first`, prepared in this order: the tensors' places in memory, on which
// the fastest kernels' times depend by a third and more, go with the order.
double RatioInOrder(const Kernel& kernel, DataType type, Data first, Data second) {
  const std::function<absl::Status()> one = kernel.prepare(type, first);
  const std::function<absl::Status()> other = kernel.prepare(type, second);
  const double once = std::max(SecondsOf(one, 2) / 2, 1e-6);
  const int times = std::max(1, static_cast<int>(4e-3 / once));
  static_cast<void>(SecondsOf(other, 1));
  const double of_first = SecondsOf(one, times);
  return SecondsOf(other, times) / of_first;
}

// The median over `rounds` of the ratio to ordinary data: in each the mean of both orders, in which places cancel out.
double Slowdown(const Kernel& kernel, DataType type, Data data, int rounds) {
  std::vector<double> ratios;
  for (int i = 0; i < rounds; ++i) {
    const double forwards = RatioInOrder(kernel, type, Data::kOrdinary, data);
    const double backwards = RatioInOrder(kernel, type, data, Data::kOrdinary);
    ratios.push_back(std::sqrt(forwards / backwards));
  }
  std::nth_element(ratios.begin(), ratios.begin() + rounds / 2, ratios.end());
  return ratios[static_cast<size_t>(rounds / 2)];
}

int Main(int rounds) {
  std::vector<Kernel> kernels;
  AddConvolutions(kernels);
  AddPoolings(kernels);
  AddActivations(kernels);
  const ScopedFloatingPointMode mode(FloatingPointMode::Current().Flushing());
  std::printf(
      "Processor time on denormal data / on ordinary data: medians of %d interleaved pairs of pairs, one thread.\n\n",
      rounds);
  std::printf("| %-30s | f32 denormal | f32 underflow | f64 denormal | f64 underflow |\n", "operator");
  std::printf("|%s|--------------|---------------|--------------|---------------|\n", std::string(32, '-').c_str());
  int over = 0;
  for (const Kernel& kernel : kernels) {
    std::printf("| %-30s ", kernel.name.c_str());
    for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
      for (const Data data : {Data::kDenormal, Data::kUnderflow}) {
        const double slowdown = Slowdown(kernel, type, data, rounds);
        if (slowdown > kMostSlowdown) ++over;
        const int width = data == Data::kDenormal ? 11 : 12;
        std::printf("| %*.2f%s ", width, slowdown, slowdown > kMostSlowdown ? "!" : " ");
      }
    }
    std::printf("|\n");
    std::fflush(stdout);
  }
  std::printf("\n%d of %zu figures are over %.1f.\n", over, kernels.size() * 4, kMostSlowdown);
  return 0;
}

}  // namespace
}  // namespace tensord::compute

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
  if (rounds < 1) {
    std::fprintf(stderr, "usage: denormals_bench [ROUNDS]\n");
    return 2;
  }
  return tensord::compute::Main(rounds);
}
