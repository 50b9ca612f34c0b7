// Pooling in every type: maxima and indices exactly, averages against MPFR and against their bounds.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/numeric_cases.h"
#include "tests/compute/pooling_cases.h"
#include "tests/compute/pooling_windows.h"
#include "tests/reference/exact.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::FloatingValues;
using test_support::IsOk;
using test_support::kFloats;
using test_support::SameBits;
using test_support::StatusIs;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};
constexpr DataType kIntegers[] = {DataType::kInt8, DataType::kUint8, DataType::kInt32, DataType::kInt64};

class NumericPoolingTest : public ::testing::TestWithParam<PoolingCase> {
 protected:
  PoolingGeometry Geometry(PoolingKind kind) const {
    PoolingConventions conventions = GetParam().conventions;
    const bool given = conventions.window_mode.value_or(WindowMode::kExplicit) == WindowMode::kExplicit;
    if (kind == PoolingKind::kAverage && given && !conventions.average_divisor.has_value()) {
      conventions.average_divisor = AverageDivisor::kIncluded;
    }
    if (kind == PoolingKind::kMax) conventions.index_base = IndexBase::kLayout;
    return Resolved(kind, conventions, GetParam().input);
  }
};

TEST_P(NumericPoolingTest, MaximaOfIntegersAreExactAndTheFirst) {
  const PoolingGeometry geometry = Geometry(PoolingKind::kMax);
  const std::vector<PoolingWindow> windows = WindowsOf(geometry);
  for (const DataType type : kIntegers) {
    // Few values, so that there are ties.
    const Tensor x = test_support::IntegerTensor(type, geometry.input_shape, 3, type == DataType::kUint8 ? 0 : -3, 3);
    const std::vector<double> values = test_support::ToDoubles(x);
    for (const int threads : {1, 3}) {
      ThreadPool pool(threads, 0);
      const auto pooled = PoolNumbers(geometry, x.view(), true, {}, {.executor = &pool});
      ASSERT_THAT(pooled, IsOk());
      ASSERT_EQ(pooled->result.output.type(), type);
      const std::vector<double> got = test_support::ToDoubles(pooled->result.output);
      for (size_t i = 0; i < windows.size(); ++i) {
        const auto best = std::max_element(windows[i].inputs.begin(), windows[i].inputs.end(),
                                           [&](size_t a, size_t b) { return values[a] < values[b]; });
        ASSERT_EQ(got[i], values[*best]);
        ASSERT_EQ(pooled->result.indices->As<int64_t>()[i], static_cast<int64_t>(*best));
      }
    }
  }
}

TEST_P(NumericPoolingTest, MaximaOfHalvesAreThoseOfTheirFloats) {
  const PoolingGeometry geometry = Geometry(PoolingKind::kMax);
  for (const DataType type : {DataType::kFloat16, DataType::kBfloat16}) {
    const Tensor x = test_support::HardTensor(type, geometry.input_shape, 2, 1);
    const Tensor wide = test_support::MakeTensor(DataType::kFloat32, x.shape(), FloatingValues(x));
    const auto expected = Pool(geometry, wide.view(), true, kSerially);
    const auto pooled = PoolNumbers(geometry, x.view(), true, {.accumulation = Accumulation::kExact}, kSerially);
    ASSERT_THAT(expected, IsOk());
    ASSERT_THAT(pooled, IsOk());
    EXPECT_TRUE(test_support::ToDoubles(expected->output) == FloatingValues(pooled->result.output));
    EXPECT_TRUE(SameBits(pooled->result.indices->view(), expected->indices->view()));
  }
}

TEST_P(NumericPoolingTest, ExactAveragesAreTheOracles) {
  const PoolingGeometry geometry = Geometry(PoolingKind::kAverage);
  const std::vector<PoolingWindow> windows = WindowsOf(geometry);
  const auto check = [&](const Tensor& x, const std::vector<double>& values, const NumericOptions& options) {
    const auto pooled = PoolNumbers(geometry, x.view(), false, options, kSerially);
    ASSERT_THAT(pooled, IsOk());
    const DataType type = pooled->result.output.type();
    const std::vector<double> got = FloatingValues(pooled->result.output);
    for (size_t i = 0; i < windows.size(); i += 1 + windows.size() / 300) {
      std::vector<double> elements;
      for (const size_t input : windows[i].inputs) elements.push_back(values[input]);
      const double expected =
          reference::ExactDot(type, elements, std::vector<double>(elements.size(), 1), windows[i].divisor);
      ASSERT_EQ(std::bit_cast<uint64_t>(got[i]), std::bit_cast<uint64_t>(expected)) << Name(x.type()) << " " << i;
    }
  };
  for (const DataType type : kFloats) {
    const Tensor x = test_support::HardTensor(type, geometry.input_shape, 8, 1);
    check(x, FloatingValues(x), {.accumulation = Accumulation::kExact});
  }
  for (const DataType type : kIntegers) {
    const Tensor x =
        test_support::IntegerTensor(type, geometry.input_shape, 3, type == DataType::kUint8 ? 0 : -100, 99);
    for (const DataType output : kFloats) check(x, test_support::ToDoubles(x), {.output_type = output});
  }
}

TEST_P(NumericPoolingTest, AveragesKeepTheirBounds) {
  const PoolingGeometry geometry = Geometry(PoolingKind::kAverage);
  const std::vector<PoolingWindow> windows = WindowsOf(geometry);
  for (const DataType type : kFloats) {
    for (const Accumulation accumulation : kAllAccumulations) {
      for (int kind = 0; kind < test_support::kDataKinds; ++kind) {
        for (const bool flushing : {false, true}) {
          const Tensor x = test_support::HardTensor(type, geometry.input_shape, 8, kind);
          const std::vector<double> values = FloatingValues(x);
          absl::StatusOr<PooledNumbers> pooled;
          {
            const FloatingPointMode mode = FloatingPointMode::Current();
            const ScopedFloatingPointMode scope(flushing ? mode.Flushing() : mode);
            pooled =
                PoolNumbers(geometry, x.view(), false, {.accumulation = accumulation, .error_bounds = true}, kSerially);
          }
          ASSERT_THAT(pooled, IsOk());
          const std::vector<double> got = FloatingValues(pooled->result.output);
          for (size_t i = 0; i < windows.size(); i += 1 + windows.size() / 50) {
            // The error times the divisor: the sum less the result, divisor times.
            std::vector<double> elements;
            for (const size_t input : windows[i].inputs) elements.push_back(values[input]);
            std::vector<double> ones(elements.size(), 1);
            elements.push_back(got[i]);
            ones.push_back(-static_cast<double>(windows[i].divisor));
            const double bound = pooled->bounds->computed.As<double>()[i];
            if (std::isinf(got[i])) {
              ASSERT_TRUE(std::isinf(bound));
              continue;
            }
            const double error = reference::ExactDot(DataType::kFloat64, elements, ones, windows[i].divisor);
            ASSERT_LE(std::fabs(error), bound) << Name(type) << " " << Name(accumulation) << " data " << kind;
            ASSERT_LE(std::fabs(error), pooled->bounds->any_order.As<double>()[i]);
          }
        }
      }
    }
  }
}

std::vector<PoolingCase> Cases() {
  std::vector<PoolingCase> cases = PoolingCases();
  for (const PoolingCase& each : AveragedCases()) {
    if (each.conventions.window_mode.value_or(WindowMode::kExplicit) != WindowMode::kExplicit) cases.push_back(each);
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, NumericPoolingTest, ::testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

TEST(NumericPoolingEdgeTest, LargeIntegersAreNotRounded) {
  const PoolingGeometry geometry = Resolved(PoolingKind::kMax, {.input_layout = "W", .window = {2}}, {4});
  auto x = Tensor::Allocate(DataType::kInt64, {4});
  ASSERT_THAT(x, IsOk());
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const int64_t values[] = {kMost - 1, kMost, -kMost, -kMost - 1};
  std::copy(std::begin(values), std::end(values), x->As<int64_t>());
  const auto pooled = PoolNumbers(geometry, x->view(), false, {.error_bounds = true}, kSerially);
  ASSERT_THAT(pooled, IsOk());
  EXPECT_EQ(pooled->result.output.As<int64_t>()[0], kMost);
  EXPECT_EQ(pooled->result.output.As<int64_t>()[1], -kMost);
  EXPECT_TRUE(test_support::Equals(pooled->bounds->computed.view(), {2}, {0, 0}));
  const PoolingGeometry average = Resolved(PoolingKind::kAverage, {.input_layout = "W", .window = {2}}, {4});
  const auto averages = PoolNumbers(average, x->view(), false, {.output_type = DataType::kFloat64}, kSerially);
  ASSERT_THAT(averages, IsOk());
  EXPECT_TRUE(test_support::Equals(averages->result.output.view(), {2}, {0x1p63, -0x1p63}));
}

TEST(NumericPoolingEdgeTest, SubsamplesEveryType) {
  const PoolingGeometry geometry = Resolved(PoolingKind::kSubsample, {.input_layout = "W", .strides = {2}}, {5});
  for (const DataType type : kIntegers) {
    const Tensor x = test_support::MakeTensor(type, {5}, {1, 2, 3, 4, 5});
    const auto pooled = PoolNumbers(geometry, x.view(), false, {}, kSerially);
    ASSERT_THAT(pooled, IsOk());
    EXPECT_TRUE(test_support::Equals(pooled->result.output.view(), {3}, {1, 3, 5}));
  }
  for (const DataType type : kFloats) {
    const Tensor x = test_support::MakeFloating(type, {5}, {1, 2, 3, 4, 5});
    const auto pooled = PoolNumbers(geometry, x.view(), false, {}, kSerially);
    ASSERT_THAT(pooled, IsOk());
    EXPECT_TRUE(FloatingValues(pooled->result.output) == (std::vector<double>{1, 3, 5}));
  }
}

TEST(NumericPoolingEdgeTest, RefusesWhatDoesNotFit) {
  const PoolingGeometry geometry = Resolved(PoolingKind::kAverage, {.input_layout = "W", .window = {2}}, {4});
  const Tensor x = test_support::MakeTensor(DataType::kInt32, {4}, {1, 2, 3, 4});
  const Tensor other = test_support::MakeTensor(DataType::kFloat32, {2}, {1, 2});
  EXPECT_THAT(PoolNumbers(geometry, x.view(), false, {}, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument, "output_type: was not given"));
  EXPECT_THAT(PoolNumbers(geometry, other.view(), false, {}, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument, "pool: x is [2], has to be [4]"));
  EXPECT_THAT(PoolNumbers(geometry, x.view(), true, {.output_type = DataType::kFloat32}, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument, "only MAX pooling has indices"));
  CancelFlag cancel;
  cancel.Cancel();
  EXPECT_THAT(PoolNumbers(geometry, x.view(), false, {.output_type = DataType::kFloat32},
                          {.executor = &serial, .cancel = &cancel}),
              StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace tensord::compute
