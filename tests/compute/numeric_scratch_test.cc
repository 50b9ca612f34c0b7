// What the numeric calls allocate is at most what they were foreseen to.
#include <gtest/gtest.h>

#include <optional>

#include "tensord/compute/numeric.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/allocation_counter.h"
#include "tests/compute/numeric_cases.h"
#include "tests/compute/pooling_cases.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;
using test_support::PeakOf;

// Rounding of allocations, and the few small objects that a call makes.
constexpr int64_t kSlackBytes = 16 << 10;
int64_t Allowed(const Cost& cost) { return cost.result_bytes + cost.scratch_bytes + kSlackBytes; }

// Large tensors beside which the slack is little.
const ConvolutionGeometry& Geometry() {
  static const auto& geometry = *new ConvolutionGeometry(test_support::Resolve(
      test_support::ConvolutionCase{"scratch", {2, 60, 50, 8}, {2, 3, 8, 6}, {.padding = {.begin = {1}}}}));
  return geometry;
}

class NumericScratchTest : public ::testing::TestWithParam<DataType> {};

TEST_P(NumericScratchTest, ConvolutionsStayWithinTheirCost) {
  const DataType type = GetParam();
  for (const int threads : {1, 2}) {
    ThreadPool pool(threads, 0);
    const ExecutionContext context{.executor = &pool};
    // Data of kind 3 has denormals, for which bounds need more.
    const test_support::ConvolutionData data = test_support::HardData(Geometry(), type, 1, 3);
    for (const Accumulation accumulation : kAllAccumulations) {
      for (const bool error_bounds : {false, true}) {
        const NumericOptions options{.accumulation = accumulation, .error_bounds = error_bounds};
        const Activation relu{.kind = ActivationKind::kRelu};
        EXPECT_LE(PeakOf([&] {
                    EXPECT_THAT(ConvolveNumbers(Geometry(), data.x.view(), data.w.view(), data.b.view(), relu, options,
                                                context),
                                IsOk());
                  }),
                  Allowed(ConvolveNumbersCost(Geometry(), {type, type, type}, type, options, threads)))
            << Name(accumulation) << error_bounds;
        std::optional<Activation> activation;
        if (!error_bounds) activation = relu;
        for (const ConvolutionGradients& wanted :
             {ConvolutionGradients{.input = true}, ConvolutionGradients{.filter = true},
              ConvolutionGradients{.input = true, .filter = true, .bias = true, .pre_activation = !error_bounds}}) {
          EXPECT_LE(
              PeakOf([&] {
                EXPECT_THAT(ConvolveBackwardNumbers(Geometry(), data.x.view(), data.w.view(), data.b.view(), activation,
                                                    data.du.view(), wanted, options, context),
                            IsOk());
              }),
              Allowed(ConvolveBackwardNumbersCost(Geometry(), type, activation.has_value(), wanted, options, threads)))
              << Name(accumulation) << error_bounds;
        }
      }
    }
  }
}

TEST_P(NumericScratchTest, PoolingsStayWithinTheirCost) {
  const DataType type = GetParam();
  SerialExecutor serial;
  const ExecutionContext context{.executor = &serial};
  for (const PoolingKind kind : {PoolingKind::kMax, PoolingKind::kAverage}) {
    const PoolingGeometry geometry =
        Resolved(kind, {.input_layout = "HWC", .window = {2}, .strides = {1}}, {70, 60, 5});
    const Tensor x = test_support::HardTensor(type, geometry.input_shape, 1, 3);
    for (const Accumulation accumulation : kAllAccumulations) {
      for (const bool error_bounds : {false, true}) {
        const NumericOptions options{.accumulation = accumulation, .error_bounds = error_bounds};
        const bool indices = kind == PoolingKind::kMax;
        EXPECT_LE(PeakOf([&] { EXPECT_THAT(PoolNumbers(geometry, x.view(), indices, options, context), IsOk()); }),
                  Allowed(PoolNumbersCost(geometry, type, type, indices, options)))
            << Name(accumulation) << error_bounds;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, NumericScratchTest,
                         ::testing::Values(DataType::kFloat16, DataType::kBfloat16, DataType::kFloat32,
                                           DataType::kFloat64),
                         [](const auto& each) { return std::string(Name(each.param)); });

}  // namespace
}  // namespace tensord::compute
