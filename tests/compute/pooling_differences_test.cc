// Pooling backwards against central differences of pooling forwards, in float64.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tensord/compute/pooling.h"
#include "tests/compute/pooling_cases.h"
#include "tests/support/builders.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::InnerProduct;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::RealTensor;

// What a kind of pooling adds to the geometry.
struct Kind {
  std::string name;
  PoolingKind kind;
  AverageDivisor divisor = AverageDivisor::kExcluded;
  double p = 0;
};

std::vector<Kind> Kinds() {
  return {
      {"Max", PoolingKind::kMax},
      {"AverageExcluded", PoolingKind::kAverage, AverageDivisor::kExcluded},
      {"AverageIncluded", PoolingKind::kAverage, AverageDivisor::kIncluded},
      {"AverageFixed", PoolingKind::kAverage, AverageDivisor::kFixed},
      {"LpOne", PoolingKind::kLp, {}, 1},
      {"LpTwo", PoolingKind::kLp, {}, 2},
      {"LpHalf", PoolingKind::kLp, {}, 0.5},
      {"LpSevenAndAQuarter", PoolingKind::kLp, {}, 7.25},
  };
}

struct Difference {
  PoolingCase pooling;
  Kind kind;
};

void PrintTo(const Difference& difference, std::ostream* out) {
  *out << difference.pooling.name << ", " << difference.kind.name;
}

// What is small enough to be differentiated number by number, and windows of the other modes: these have no divisor to
// choose, and Lp takes the global one only.
std::vector<Difference> Differences() {
  std::vector<Difference> differences;
  for (const PoolingCase& pooling : PoolingCases()) {
    const int64_t count = ElementCount(pooling.input).value();
    if (count == 0 || count > 700) continue;
    for (const Kind& kind : Kinds()) differences.push_back({pooling, kind});
  }
  const PoolingCase global = {"GlobalMode", {3, 4, 5}, {.input_layout = "CHW", .window_mode = WindowMode::kGlobal}};
  const auto adaptive = [](const char* name, const Shape& input, const std::vector<int64_t>& output) {
    return PoolingCase{
        name, input, {.input_layout = "CHW", .window_mode = WindowMode::kAdaptive, .output_size = output}};
  };
  for (const Kind& kind : Kinds()) {
    if (kind.kind == PoolingKind::kAverage && kind.divisor != AverageDivisor::kExcluded) continue;
    differences.push_back({global, kind});
    if (kind.kind == PoolingKind::kLp) continue;
    differences.push_back({adaptive("AdaptiveToLess", {2, 7, 10}, {3, 4}), kind});
    differences.push_back({adaptive("AdaptiveToMore", {2, 3, 4}, {5, 9}), kind});
  }
  return differences;
}

PoolingConventions ConventionsOf(const Difference& difference) {
  PoolingConventions conventions = difference.pooling.conventions;
  if (difference.kind.kind == PoolingKind::kLp) conventions.p = difference.kind.p;
  if (difference.kind.kind == PoolingKind::kAverage && !conventions.window_mode.has_value()) {
    conventions.average_divisor = difference.kind.divisor;
    if (difference.kind.divisor == AverageDivisor::kFixed) conventions.fixed_divisor = 8;
  }
  return conventions;
}

// Numbers of either sign in any order, no two of them equal and none of them next to zero: no maximum changes hands
// within a step, and no norm has a kink.
std::vector<double> Distinct(size_t count) {
  test_support::Random random(31);
  std::vector<double> numbers;
  for (size_t i = 0; i < count; ++i) {
    const double magnitude = 0.25 + static_cast<double>(i) / static_cast<double>(count);
    numbers.push_back(random.Integer(0, 1) == 0 ? magnitude : -magnitude);
    std::swap(numbers.back(), numbers[static_cast<size_t>(random.Integer(0, static_cast<int64_t>(i)))]);
  }
  return numbers;
}

class PoolingDifferencesTest : public ::testing::TestWithParam<Difference> {};

TEST_P(PoolingDifferencesTest, AgreeWithTheGradient) {
  const auto& [pooling, kind] = GetParam();
  const PoolingGeometry geometry = Resolved(kind.kind, ConventionsOf(GetParam()), pooling.input);
  std::vector<double> x = Distinct(static_cast<size_t>(ElementCount(pooling.input).value()));
  const Tensor dy = RealTensor(DataType::kFloat64, geometry.output_shape, 32, -1, 1);

  SerialExecutor serial;
  const ExecutionContext context{.executor = &serial};
  const auto dx = PoolBackward(geometry, MakeTensor(DataType::kFloat64, pooling.input, x).view(), dy.view(), context);
  ASSERT_THAT(dx, IsOk());
  const auto differences = test_support::CentralDifferences(x, 0x1p-14, [&] {
    const auto y = Pool(geometry, MakeTensor(DataType::kFloat64, pooling.input, x).view(), false, context);
    return static_cast<long double>(InnerProduct(dy, y->output));
  });
  // Step^2 times a third derivative: nothing but rounding, divided by the step, where pooling is linear.
  const double tolerance = kind.kind == PoolingKind::kLp && kind.p != 1 ? 1e-5 : 1e-9;
  EXPECT_TRUE(test_support::WithinBound(dx->view(), pooling.input, differences, tolerance));
}

INSTANTIATE_TEST_SUITE_P(Small, PoolingDifferencesTest, ::testing::ValuesIn(Differences()),
                         [](const auto& test) { return test.param.pooling.name + "_" + test.param.kind.name; });

}  // namespace
}  // namespace tensord::compute
