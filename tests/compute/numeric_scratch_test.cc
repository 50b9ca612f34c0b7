// What the numeric calls allocate is at most what they were foreseen to.
#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "tensord/compute/numeric.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/numeric_cases.h"
#include "tests/compute/pooling_cases.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;
using test_support::PeakOf;

// Rounding of allocations, and the few small objects that a call makes.
constexpr int64_t kSlackBytes = 16 << 10;
int64_t Allowed(const Cost& cost) { return cost.result_bytes + cost.scratch_bytes + kSlackBytes; }

// Large tensors beside which the slack is little.
ConvolutionGeometry GeometryWith(const Padding& padding) {
  return test_support::Resolve(
      test_support::ConvolutionCase{"scratch", {2, 60, 50, 8}, {2, 3, 8, 6}, {.padding = padding}});
}

// Forwards and backwards, with and without an activation, by the costs of either operator.
template <typename Geometry, typename ForwardCost, typename BackwardCost>
void ExpectWithinCosts(const Geometry& geometry, DataType type, ForwardCost&& forward, BackwardCost&& backward) {
  for (const int threads : {1, 2}) {
    ThreadPool pool(threads, 0);
    const ExecutionContext context{.executor = &pool};
    // Data of kind 3 has denormals, for which bounds need more.
    const auto data = test_support::HardData(geometry, type, 1, 3);
    for (const Accumulation accumulation : kAllAccumulations) {
      for (const bool error_bounds : {false, true}) {
        SCOPED_TRACE(testing::Message() << Name(accumulation) << error_bounds << " on " << threads);
        const NumericOptions options{.accumulation = accumulation, .error_bounds = error_bounds};
        const Activation relu{.kind = ActivationKind::kRelu};
        EXPECT_LE(
            PeakOf([&] { EXPECT_THAT(test_support::ForwardNumbers(geometry, data, relu, options, context), IsOk()); }),
            Allowed(forward(geometry, NumericTypes{type, type, type}, type, options, threads)));
        std::optional<Activation> activation;
        if (!error_bounds) activation = relu;
        for (const ConvolutionGradients& wanted :
             {ConvolutionGradients{.input = true}, ConvolutionGradients{.filter = true},
              ConvolutionGradients{.input = true, .filter = true, .bias = true, .pre_activation = !error_bounds}}) {
          EXPECT_LE(PeakOf([&] {
                      EXPECT_THAT(test_support::BackwardNumbers(geometry, data, activation, wanted, options, context),
                                  IsOk());
                    }),
                    Allowed(backward(geometry, type, activation.has_value(), wanted, options, threads)));
        }
      }
    }
  }
}

class NumericScratchTest : public ::testing::TestWithParam<DataType> {};

TEST_P(NumericScratchTest, ConvolutionsStayWithinTheirCost) {
  for (const PaddingSource source : {PaddingSource::kZero, PaddingSource::kReflect}) {
    SCOPED_TRACE(Name(source));
    ExpectWithinCosts(GeometryWith({.begin = {1}, .source = source}), GetParam(), ConvolveNumbersCost,
                      ConvolveBackwardNumbersCost);
  }
}

TEST_P(NumericScratchTest, TransposedConvolutionsStayWithinTheirCost) {
  const TransposedConvolutionGeometry geometry = test_support::Resolve(
      test_support::TransposedCase{"scratch", {2, 30, 25, 8}, {2, 3, 8, 6}, {.convolution = {.strides = {2, 4}}}});
  ExpectWithinCosts(geometry, GetParam(), ConvolveTransposeNumbersCost, ConvolveTransposeBackwardNumbersCost);
}

TEST(NumericScratchIntegersTest, PaddedOnesStayWithinTheirCost) {
  SerialExecutor serial;
  const ExecutionContext context{.executor = &serial};
  const NumericTypes types{DataType::kInt32, DataType::kInt32};
  const ConvolutionGeometry padded = GeometryWith({.begin = {1}, .source = PaddingSource::kCircular});
  const Tensor x = test_support::IntegerTensor(DataType::kInt32, padded.input_shape, 1);
  const Tensor w = test_support::IntegerTensor(DataType::kInt32, padded.filter_shape, 2);
  for (const bool error_bounds : {false, true}) {
    const NumericOptions options{.error_bounds = error_bounds};
    EXPECT_LE(PeakOf([&] {
                EXPECT_THAT(ConvolveNumbers(padded, x.view(), w.view(), TensorView(), std::nullopt, options, context),
                            IsOk());
              }),
              Allowed(ConvolveNumbersCost(padded, types, DataType::kInt32, options, 1)));
  }
}

TEST_P(NumericScratchTest, PoolingsStayWithinTheirCost) {
  const DataType type = GetParam();
  SerialExecutor serial;
  const ExecutionContext context{.executor = &serial};
  for (const PoolingKind kind : {PoolingKind::kMax, PoolingKind::kAverage, PoolingKind::kLp, PoolingKind::kSubsample}) {
    PoolingConventions conventions{.input_layout = "HWC", .strides = {1}};
    if (kind != PoolingKind::kSubsample) conventions.window = {2};
    if (kind == PoolingKind::kLp) conventions.p = 1;
    const PoolingGeometry geometry = Resolved(kind, conventions, {70, 60, 5});
    const Tensor x = test_support::HardTensor(type, geometry.input_shape, 1, 3);
    const Tensor dy = test_support::HardTensor(type, geometry.output_shape, 2, 3);
    for (const Accumulation accumulation : kAllAccumulations) {
      for (const bool error_bounds : {false, true}) {
        SCOPED_TRACE(testing::Message() << Name(kind) << Name(accumulation) << error_bounds);
        const NumericOptions options{.accumulation = accumulation, .error_bounds = error_bounds};
        const bool indices = kind == PoolingKind::kMax;
        EXPECT_LE(PeakOf([&] { EXPECT_THAT(PoolNumbers(geometry, x.view(), indices, options, context), IsOk()); }),
                  Allowed(PoolNumbersCost(geometry, type, type, indices, options, 1)));
        if (error_bounds && kind == PoolingKind::kLp) continue;
        EXPECT_LE(
            PeakOf([&] { EXPECT_THAT(PoolBackwardNumbers(geometry, x.view(), dy.view(), options, context), IsOk()); }),
            Allowed(PoolBackwardNumbersCost(geometry, type, options, 1)));
      }
    }
  }
}

// Side by side, from boxes of each thread's own.
TEST_P(NumericScratchTest, PoolingsOfManyPlanesStayWithinTheirCost) {
  const DataType type = GetParam();
  constexpr int kThreads = 3;
  ThreadPool pool(kThreads, 0);
  const ExecutionContext context{.executor = &pool, .serial_below = 0};
  for (const PoolingKind kind : {PoolingKind::kMax, PoolingKind::kAverage}) {
    for (const auto& [layout, shape] :
         {std::pair<const char*, Shape>{"NCHW", {3, 50, 40, 41}}, {"NHWC", {3, 40, 41, 50}}}) {
      SCOPED_TRACE(testing::Message() << Name(kind) << layout);
      const PoolingGeometry geometry = Resolved(kind, {.input_layout = layout, .window = {3}, .strides = {1}}, shape);
      const Tensor x = test_support::HardTensor(type, geometry.input_shape, 1, 3);
      const Tensor dy = test_support::HardTensor(type, geometry.output_shape, 2, 3);
      const bool indices = kind == PoolingKind::kMax;
      const NumericOptions options;
      EXPECT_LE(PeakOf([&] { EXPECT_THAT(PoolNumbers(geometry, x.view(), indices, options, context), IsOk()); }),
                Allowed(PoolNumbersCost(geometry, type, type, indices, options, kThreads)));
      EXPECT_LE(
          PeakOf([&] { EXPECT_THAT(PoolBackwardNumbers(geometry, x.view(), dy.view(), options, context), IsOk()); }),
          Allowed(PoolBackwardNumbersCost(geometry, type, options, kThreads)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, NumericScratchTest,
                         ::testing::Values(DataType::kFloat16, DataType::kBfloat16, DataType::kFloat32,
                                           DataType::kFloat64),
                         [](const auto& each) { return std::string(Name(each.param)); });

}  // namespace
}  // namespace tensord::compute
