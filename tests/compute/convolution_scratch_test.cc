// What a convolution allocates besides its results, measured.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tensord/compute/convolution.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/shape_catalogue.h"
#include "tests/compute/transposed_catalogue.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::ConvolutionData;
using test_support::IsOk;
using test_support::PeakOf;

TEST(AllocationCounterTest, SeesTensorsAndVectors) {
  EXPECT_GE(PeakOf([] { EXPECT_THAT(Tensor::Allocate(DataType::kFloat32, {1000}), IsOk()); }), 4000);
  EXPECT_GE(PeakOf([] { EXPECT_EQ(std::vector<double>(1000).size(), 1000u); }), 8000);
  EXPECT_LT(PeakOf([] {}), 1000);
}

// Rounding of allocations, and the few small objects that a call makes.
constexpr int64_t kSlackBytes = 16 << 10;

class ConvolutionScratchTest : public ::testing::TestWithParam<test_support::TypedCase> {
 protected:
  // Checks the peaks of every call for one geometry and number of threads.
  void CheckPeaks(const ConvolutionGeometry& geometry, int threads) const {
    const ConvolutionData data = test_support::RealData(geometry, type_);
    ThreadPool pool(threads, 0);
    const ExecutionContext context{.executor = &pool, .serial_below = 0};
    const auto allowed = [](const Cost& cost) { return cost.result_bytes + cost.scratch_bytes + kSlackBytes; };
    EXPECT_LE(PeakOf([&] {
                EXPECT_THAT(Convolve(geometry, data.x.view(), data.w.view(), data.b.view(), std::nullopt, context),
                            IsOk());
              }),
              allowed(ConvolutionCost(geometry, type_, threads)));
    const Activation sigmoid{.kind = ActivationKind::kSigmoid};
    for (const ConvolutionGradients& wanted :
         {ConvolutionGradients{.input = true}, ConvolutionGradients{.filter = true}, ConvolutionGradients{.bias = true},
          ConvolutionGradients{.pre_activation = true}}) {
      EXPECT_LE(PeakOf([&] {
                  EXPECT_THAT(ConvolveBackward(geometry, data.x.view(), data.w.view(), data.b.view(), sigmoid,
                                               data.du.view(), wanted, context),
                              IsOk());
                }),
                allowed(ConvolutionBackwardCost(geometry, type_, true, wanted, threads)));
    }
  }

  const DataType type_ = std::get<0>(GetParam());
};

TEST_P(ConvolutionScratchTest, IsWhatTheCostSays) {
  const ConvolutionGeometry geometry = test_support::Resolve(std::get<1>(GetParam()));
  CheckPeaks(geometry, 1);
  CheckPeaks(geometry, 3);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, ConvolutionScratchTest, test_support::AllTypedCases(), test_support::NameOf);

class TransposedScratchTest : public ::testing::TestWithParam<test_support::TypedTransposedCase> {};

TEST_P(TransposedScratchTest, IsWhatTheCostSays) {
  const DataType type = std::get<0>(GetParam());
  const TransposedConvolutionGeometry geometry = test_support::Resolve(std::get<1>(GetParam()));
  const test_support::TransposedData data = test_support::RealData(geometry, type);
  const Activation sigmoid{.kind = ActivationKind::kSigmoid};
  ThreadPool pool(3, 0);
  const ExecutionContext context{.executor = &pool, .serial_below = 0};
  const auto allowed = [](const Cost& cost) { return cost.result_bytes + cost.scratch_bytes + kSlackBytes; };
  EXPECT_LE(PeakOf([&] {
              EXPECT_THAT(ConvolveTranspose(geometry, data.x.view(), data.w.view(), data.b.view(), sigmoid, context),
                          IsOk());
            }),
            allowed(TransposedConvolutionCost(geometry, type, 3)));
  for (const ConvolutionGradients& wanted :
       {ConvolutionGradients{.input = true}, ConvolutionGradients{.filter = true}, ConvolutionGradients{.bias = true},
        ConvolutionGradients{.pre_activation = true}}) {
    EXPECT_LE(PeakOf([&] {
                EXPECT_THAT(ConvolveTransposeBackward(geometry, data.x.view(), data.w.view(), data.b.view(), sigmoid,
                                                      data.du.view(), wanted, context),
                            IsOk());
              }),
              allowed(TransposedConvolutionBackwardCost(geometry, type, true, wanted, 3)));
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, TransposedScratchTest, test_support::AllTypedTransposedCases(),
                         test_support::NameOfTransposed);

// The case with 10 x 10 positions as many more of them: an im2col matrix of the larger would be 29 times its scratch.
TEST(ConvolutionScratchGrowthTest, PositionsDoNotCount) {
  const auto geometry_of = [](int64_t size) {
    return test_support::Resolve(
        test_support::ConvolutionCase{"growth", {size, size, 16}, {3, 3, 16, 16}, {.padding = {.begin = {1}}}});
  };
  const ConvolutionGeometry small = geometry_of(10);
  const ConvolutionGeometry large = geometry_of(400);
  SerialExecutor serial;
  const auto peak_of = [&](const ConvolutionGeometry& geometry) {
    const ConvolutionData data = test_support::RealData(geometry, DataType::kFloat32);
    return PeakOf([&] {
             EXPECT_THAT(
                 Convolve(geometry, data.x.view(), data.w.view(), data.b.view(), std::nullopt, {.executor = &serial}),
                 IsOk());
           }) -
           data.du.size_bytes();
  };
  EXPECT_EQ(ConvolutionScratchBytes(small, DataType::kFloat32, 2),
            ConvolutionScratchBytes(large, DataType::kFloat32, 2));
  EXPECT_LE(peak_of(large), ConvolutionScratchBytes(large, DataType::kFloat32, 1) + kSlackBytes);
  const int64_t im2col_bytes = 400 * 400 * 9 * 16 * 4;
  EXPECT_LT(peak_of(large), im2col_bytes / 20);
}

TEST(ConvolutionScratchGrowthTest, IsAFewMebibytesPerThreadAndACopyOfTheFilter) {
  const ConvolutionGeometry geometry =
      test_support::Resolve(test_support::ConvolutionCase{"documented", {20, 20, 64}, {3, 3, 64, 64}, {}});
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
    const int64_t one = ConvolutionScratchBytes(geometry, type, 1);
    const int64_t per_thread =
        ConvolutionScratchBytes(geometry, type, 101) - ConvolutionScratchBytes(geometry, type, 100);
    EXPECT_LE(per_thread, 4 << 20);
    EXPECT_LE(one, 24 << 20);
  }
}

TEST(ConvolutionCostTest, CountsWhatTheCallsDo) {
  // Output [2, 4, 5, 4], 40 positions of 4 channels; 3*2*3 products each.
  const ConvolutionGeometry geometry =
      test_support::Resolve(test_support::ConvolutionCase{"cost", {2, 6, 6, 3}, {3, 2, 3, 4}, {}});
  const int64_t products = int64_t{160} * 18;
  const Cost forward = ConvolutionCost(geometry, DataType::kFloat64, 1);
  EXPECT_EQ(forward.multiplication_count, products);
  EXPECT_EQ(forward.result_bytes, 160 * 8);
  const auto backward = [&](bool activation, const ConvolutionGradients& wanted) {
    return ConvolutionBackwardCost(geometry, DataType::kFloat64, activation, wanted, 1);
  };
  EXPECT_EQ(backward(false, {}).multiplication_count, 0);
  EXPECT_EQ(backward(true, {}).scratch_bytes, 0);
  // Each of the 216 elements of dX meets 3*2 taps of 4 channels, those at the border also where dZ has nothing for it.
  const int64_t input_products = int64_t{216} * 24;
  EXPECT_EQ(backward(false, {.input = true}).multiplication_count, input_products);
  EXPECT_EQ(backward(false, {.input = true}).result_bytes, 2 * 6 * 6 * 3 * 8);
  EXPECT_EQ(backward(false, {.filter = true}).result_bytes, 72 * 8);
  EXPECT_EQ(backward(false, {.bias = true}).result_bytes, 4 * 8);
  EXPECT_EQ(backward(false, {.bias = true}).multiplication_count, 160);
  EXPECT_EQ(backward(true, {.input = true, .filter = true}).multiplication_count, 2 * products + input_products + 160);
  // Z is computed first, then the filter's gradient; dZ lies beside both. One block of positions has no partial sums.
  const int64_t filter_scratch = backward(false, {.filter = true}).scratch_bytes;
  EXPECT_LT(filter_scratch, int64_t{4} << 20);
  EXPECT_EQ(backward(true, {.filter = true}).scratch_bytes, std::max(forward.scratch_bytes, filter_scratch) + 160 * 8);
  EXPECT_EQ(backward(true, {.pre_activation = true}).scratch_bytes, forward.scratch_bytes);
  EXPECT_EQ(backward(true, {.pre_activation = true}).result_bytes, 160 * 8);
}

TEST(ConvolutionCostTest, AFilterAsLargeAsTheInputMakesItsGradientLargerThanTheForwardPass) {
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{"large", {64}, {64}, {}});
  EXPECT_EQ(ConvolutionCost(geometry, DataType::kFloat32, 1).multiplication_count, 64);
  EXPECT_EQ(ConvolutionBackwardCost(geometry, DataType::kFloat32, false, {.input = true}, 1).multiplication_count,
            64 * 64);
}

TEST(ConvolutionCostTest, SaturatesInsteadOfOverflowing) {
  const int64_t size = kMaxSize;
  const ConvolutionGeometry geometry =
      test_support::Resolve(test_support::ConvolutionCase{"absurd", {size, size, size, size}, {2, 2, size, size}, {}});
  const ConvolutionGradients all{.input = true, .filter = true, .bias = true, .pre_activation = true};
  for (const Cost& cost : {ConvolutionCost(geometry, DataType::kFloat32, 2),
                           ConvolutionBackwardCost(geometry, DataType::kFloat32, true, all, 2)}) {
    EXPECT_EQ(cost.multiplication_count, kSaturatedCost);
    EXPECT_EQ(cost.result_bytes, kSaturatedCost);
    // Scratch does not grow with the sizes.
    EXPECT_LE(cost.scratch_bytes, int64_t{16} << 20);
  }
}

}  // namespace
}  // namespace tensord::compute
