// Few channels in a group, rows that lie as such: planes are convolved row by row, in bands, up to the ends of their
// tensors, with vectors that are longer than what is left.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/instruction_set.h"
#include "tensord/compute/thread_pool.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IntegerTensor;
using test_support::IsOk;
using test_support::Random;
using test_support::ToDoubles;

struct Planes {
  Shape input;
  Shape filter;
  ConvolutionConventions conventions;
};

std::string TextOf(const Planes& planes) {
  std::string text = absl::StrCat(planes.input.ToString(), " by ", planes.filter.ToString(), ", groups ",
                                  planes.conventions.groups.value_or(1), ", strides, padding, dilations:");
  for (const int64_t value : planes.conventions.strides) absl::StrAppend(&text, " ", value);
  for (const int64_t value : planes.conventions.padding.begin) absl::StrAppend(&text, " ", value);
  for (const int64_t value : planes.conventions.padding.end) absl::StrAppend(&text, " ", value);
  for (const int64_t value : planes.conventions.dilations) absl::StrAppend(&text, " ", value);
  return text;
}

std::optional<ConvolutionGeometry> TryResolve(const Planes& planes) {
  Violations violations;
  return ResolveConvolution(planes.conventions, Profile::kNone, planes.input, planes.filter, {}, {}, violations);
}

Planes RandomPlanes(Random& random) {
  Planes planes;
  ConvolutionConventions& conventions = planes.conventions;
  const bool has_rows = random.Integer(0, 9) > 0;
  conventions.input_layout = has_rows ? "NCHW" : "NCW";
  conventions.filter_layout = random.Integer(0, 2) > 0 ? (has_rows ? "OIHW" : "OIW") : (has_rows ? "HWIO" : "WIO");
  conventions.kernel = random.Integer(0, 4) > 0 ? KernelMode::kCrossCorrelation : KernelMode::kTrueConvolution;
  const int64_t groups = random.Integer(0, 3) > 0 ? random.Integer(1, 37) : 1;
  conventions.groups = groups;
  const int64_t inputs = groups > 1 ? random.Integer(1, 2) : random.Integer(1, 5);
  const int64_t outputs = groups > 1 ? random.Integer(1, 2) : random.Integer(1, 7);
  planes.input = Shape{random.Integer(1, 3), groups * inputs};
  std::vector<int64_t> window;
  for (int i = has_rows ? 0 : 1; i < 2; ++i) {
    const int64_t longest = i == 0 ? 24 : random.Integer(0, 3) > 0 ? 40 : 140;
    planes.input.Append(random.Integer(1, longest));
    window.push_back(random.Integer(1, 7));
    conventions.strides.push_back(random.Integer(1, random.Integer(0, 3) > 0 ? 2 : 3));
    conventions.padding.begin.push_back(random.Integer(0, 4));
    conventions.padding.end.push_back(random.Integer(0, 4));
    conventions.dilations.push_back(random.Integer(0, 4) > 0 ? 1 : random.Integer(2, 3));
  }
  const int64_t channels = groups * outputs;
  const bool output_first = (*conventions.filter_layout)[0] == 'O';
  if (output_first) planes.filter = Shape{channels, inputs};
  for (const int64_t size : window) planes.filter.Append(size);
  if (!output_first) {
    planes.filter.Append(inputs);
    planes.filter.Append(channels);
  }
  return planes;
}

// Infinities among the integers, few of them.
void AddInfinities(Random& random, Tensor& tensor) {
  for (int64_t i = 0; i < tensor.element_count(); ++i) {
    if (random.Integer(0, 60) != 0) continue;
    const double infinity = random.Integer(0, 1) == 0 ? INFINITY : -INFINITY;
    if (tensor.type() == DataType::kFloat32) {
      tensor.As<float>()[i] = static_cast<float>(infinity);
    } else {
      tensor.As<double>()[i] = infinity;
    }
  }
}

// Sums of small integers are exact in any order; a NaN is as good as another.
void ExpectSame(const std::vector<double>& got, const std::vector<double>& expected, const char* what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(got[i]) && std::isnan(expected[i])) continue;
    ASSERT_EQ(got[i], expected[i]) << what << ", element " << i;
  }
}

// All passes on every instruction set, with one thread and with several, against the plain loops.
void Check(const Planes& planes, DataType type, bool infinities, uint64_t seed) {
  SCOPED_TRACE(TextOf(planes));
  const std::optional<ConvolutionGeometry> geometry = TryResolve(planes);
  ASSERT_TRUE(geometry.has_value());
  Random random(seed);
  Tensor x = IntegerTensor(type, geometry->input_shape, seed + 1);
  Tensor dz = IntegerTensor(type, geometry->output_shape, seed + 2);
  const Tensor w = IntegerTensor(type, geometry->filter_shape, seed + 3);
  const Tensor b = IntegerTensor(type, BiasShape(*geometry), seed + 4);
  if (infinities) {
    AddInfinities(random, x);
    AddInfinities(random, dz);
  }
  std::vector<double> z = reference::Convolve(*geometry, ToDoubles(x), ToDoubles(w), ToDoubles(b)).values;
  for (double& value : z) value = value < 0 ? 0 : value;  // ReLU
  const reference::ConvolutionGradients expected =
      reference::ConvolveBackward(*geometry, ToDoubles(x), ToDoubles(w), ToDoubles(dz));
  SerialExecutor serial;
  ThreadPool pool(3, 0);
  for (const InstructionSet set : SupportedInstructionSets()) {
    SCOPED_TRACE(Name(set));
    for (Executor* executor : {static_cast<Executor*>(&serial), static_cast<Executor*>(&pool)}) {
      const ExecutionContext context{.executor = executor, .instruction_set = set, .serial_below = 0};
      const auto u =
          Convolve(*geometry, x.view(), w.view(), b.view(), Activation{.kind = ActivationKind::kRelu}, context);
      ASSERT_THAT(u, IsOk());
      ExpectSame(ToDoubles(*u), z, "output");
      const auto gradients = ConvolveBackward(*geometry, x.view(), w.view(), {}, std::nullopt, dz.view(),
                                              {.input = true, .filter = true}, context);
      ASSERT_THAT(gradients, IsOk());
      ExpectSame(ToDoubles(*gradients->input), expected.input.values, "input gradient");
      ExpectSame(ToDoubles(*gradients->filter), expected.filter.values, "filter gradient");
    }
  }
}

TEST(ConvolutionPlanesTest, AnyPlanesAreWhatPlainLoopsGet) {
  constexpr uint64_t kCases = 300;
  uint64_t checked = 0;
  for (uint64_t seed = 1; checked < kCases; ++seed) {
    Random random(seed);
    const Planes planes = RandomPlanes(random);
    if (!TryResolve(planes).has_value()) continue;
    ++checked;
    ASSERT_NO_FATAL_FAILURE(
        Check(planes, seed % 2 == 0 ? DataType::kFloat32 : DataType::kFloat64, seed % 5 == 0, seed));
  }
}

// Each width around the lengths of vectors, each height around those of tiles.
TEST(ConvolutionPlanesTest, EveryWidthAndHeight) {
  uint64_t seed = 0;
  for (int64_t width = 3; width <= 50; ++width) {
    const int64_t height = 3 + (width * 7) % 18;
    for (const int64_t stride : {1, 2}) {
      const Planes planes{.input = Shape{1, 5, height, width},
                          .filter = Shape{5, 1, 3, 3},
                          .conventions = {.input_layout = "NCHW",
                                          .filter_layout = "OIHW",
                                          .padding = {.begin = {1, 1}, .end = {1, 1}},
                                          .strides = {stride, stride},
                                          .groups = 5}};
      ASSERT_NO_FATAL_FAILURE(
          Check(planes, width % 3 == 0 ? DataType::kFloat64 : DataType::kFloat32, width % 4 == 0, ++seed));
    }
  }
}

// Planes of several bands, and rows that are too long for one.
TEST(ConvolutionPlanesTest, LargePlanes) {
  uint64_t seed = 100;
  for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{{150, 90}, {33, 700}, {9, 5000}}) {
    for (const int64_t window : {3, 5, 7}) {
      const Planes planes{.input = Shape{2, 2, height, width},
                          .filter = Shape{4, 1, window, window},
                          .conventions = {.input_layout = "NCHW",
                                          .filter_layout = "OIHW",
                                          .padding = {.begin = {window / 2, 1}, .end = {window / 2, window - 2}},
                                          .strides = {window == 5 ? 2 : 1, window == 5 ? 2 : 1},
                                          .groups = 2}};
      ASSERT_NO_FATAL_FAILURE(Check(planes, DataType::kFloat32, window == 3, ++seed));
    }
  }
}

// So many that a piece of the filter gradient's work goes through several bands of several samples.
TEST(ConvolutionPlanesTest, ManyLargePlanes) {
  const Planes planes{
      .input = Shape{3, 34, 100, 90},
      .filter = Shape{34, 1, 3, 3},
      .conventions = {
          .input_layout = "NCHW", .filter_layout = "OIHW", .padding = {.begin = {1, 1}, .end = {1, 1}}, .groups = 34}};
  Check(planes, DataType::kFloat32, false, 200);
}

}  // namespace
}  // namespace tensord::compute
