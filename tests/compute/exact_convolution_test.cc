// EXACT convolutions and their gradients, bit for bit against MPFR, and the same bits however they are run.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/numeric_cases.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::ConvolutionData;
using test_support::Factors;
using test_support::IsOk;
using test_support::SameBits;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};
NumericOptions MakeExact() { return {.accumulation = Accumulation::kExact}; }
constexpr ConvolutionGradients kAllButZ{.input = true, .filter = true, .bias = true, .pre_activation = false};

struct Exact {
  Tensor output;
  ConvolutionGradientTensors gradients;
};
template <typename Geometry, typename Data>
absl::StatusOr<Exact> RunAll(const Geometry& geometry, const Data& data, const ExecutionContext& context) {
  auto output = test_support::ForwardNumbers(geometry, data, std::nullopt, MakeExact(), context);
  if (!output.ok()) return output.status();
  auto gradients = test_support::BackwardNumbers(geometry, data, std::nullopt, kAllButZ, MakeExact(), context);
  if (!gradients.ok()) return gradients.status();
  return Exact{.output = std::move(output->output), .gradients = std::move(gradients->gradients)};
}

// Whether each element is the oracle's. Signs of zeros count; one NaN is as good as another.
void ExpectOracle(const Tensor& tensor, const std::vector<Factors>& factors, const char* what) {
  const std::vector<double> values = test_support::FloatingValues(tensor);
  ASSERT_EQ(values.size(), factors.size()) << what;
  for (size_t i = 0; i < values.size(); ++i) {
    const double expected = reference::ExactDot(tensor.type(), factors[i].a, factors[i].b);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(values[i])) << what << " " << i;
      continue;
    }
    ASSERT_EQ(std::bit_cast<uint64_t>(values[i]), std::bit_cast<uint64_t>(expected))
        << what << " " << i << ": is " << values[i] << ", not " << expected;
  }
}

template <typename Geometry>
void ExpectTheOracles(const Geometry& geometry) {
  const reference::Products products = reference::ProductsOf(test_support::ConvolutionOf(geometry));
  uint64_t seed = 0;
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64, DataType::kFloat16, DataType::kBfloat16}) {
    for (const int kind : {1, 3}) {
      SCOPED_TRACE(testing::Message() << Name(type) << ", data of kind " << kind);
      const auto data = test_support::HardData(geometry, type, ++seed, kind);
      const test_support::AllFactors factors = test_support::FactorsOf(geometry, products, data);
      // A server's threads flush denormals; these calls keep them.
      const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
      const auto exact = RunAll(geometry, data, kSerially);
      const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
      ASSERT_THAT(exact, IsOk());
      ExpectOracle(exact->output, factors.output, "output");
      ExpectOracle(*exact->gradients.input, factors.input, "input gradient");
      ExpectOracle(*exact->gradients.filter, factors.filter, "filter gradient");
      ExpectOracle(*exact->gradients.bias, factors.bias, "bias gradient");
    }
  }
}

template <typename Geometry>
void ExpectSameBitsOnAnyThreads(const Geometry& geometry) {
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
    const auto data = test_support::HardData(geometry, type, 7, 1);
    const auto expected = RunAll(geometry, data, kSerially);
    ASSERT_THAT(expected, IsOk());
    for (const int threads : {1, 2, 8}) {
      ThreadPool pool(threads, 0);
      const auto got = RunAll(geometry, data, {.executor = &pool});
      ASSERT_THAT(got, IsOk());
      EXPECT_TRUE(SameBits(got->output.view(), expected->output.view()));
      EXPECT_TRUE(SameBits(got->gradients.input->view(), expected->gradients.input->view()));
      EXPECT_TRUE(SameBits(got->gradients.filter->view(), expected->gradients.filter->view()));
      EXPECT_TRUE(SameBits(got->gradients.bias->view(), expected->gradients.bias->view()));
    }
  }
}

// <du, z> = <dX, x> + <db, b> = <dW, w> + <db, b>: of small integers exactly, however they are summed.
template <typename Geometry>
void ExpectAdjoints(const Geometry& geometry) {
  using test_support::AreAdjoint;
  using test_support::InnerProduct;
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
    for (const Accumulation accumulation : kAllAccumulations) {
      const NumericOptions options{.accumulation = accumulation};
      const auto data = test_support::IntegerData(geometry, type);
      const auto z = test_support::ForwardNumbers(geometry, data, std::nullopt, options, kSerially);
      const auto back = test_support::BackwardNumbers(geometry, data, std::nullopt, kAllButZ, options, kSerially);
      ASSERT_THAT(z, IsOk());
      ASSERT_THAT(back, IsOk());
      const ConvolutionGradientTensors& gradients = back->gradients;
      const double forward = InnerProduct(data.du, z->output) - InnerProduct(*gradients.bias, data.b);
      EXPECT_TRUE(AreAdjoint(InnerProduct(*gradients.input, data.x), forward))
          << Name(type) << " " << Name(accumulation);
      EXPECT_TRUE(AreAdjoint(InnerProduct(*gradients.filter, data.w), forward))
          << Name(type) << " " << Name(accumulation);
    }
  }
}

class ExactConvolutionTest : public ::testing::TestWithParam<test_support::ConvolutionCase> {};

TEST_P(ExactConvolutionTest, IsTheOracles) { ExpectTheOracles(test_support::Resolve(GetParam())); }
TEST_P(ExactConvolutionTest, IsTheSameBitsOnAnyNumberOfThreads) {
  ExpectSameBitsOnAnyThreads(test_support::Resolve(GetParam()));
}
TEST_P(ExactConvolutionTest, GradientsAreAdjoint) { ExpectAdjoints(test_support::Resolve(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Catalogue, ExactConvolutionTest, ::testing::ValuesIn(test_support::SmallCases(4000)),
                         [](const auto& each) { return each.param.name; });

class ExactTransposedTest : public ::testing::TestWithParam<test_support::TransposedCase> {};

TEST_P(ExactTransposedTest, IsTheOracles) { ExpectTheOracles(test_support::Resolve(GetParam())); }
TEST_P(ExactTransposedTest, IsTheSameBitsOnAnyNumberOfThreads) {
  ExpectSameBitsOnAnyThreads(test_support::Resolve(GetParam()));
}
TEST_P(ExactTransposedTest, GradientsAreAdjoint) { ExpectAdjoints(test_support::Resolve(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Catalogue, ExactTransposedTest, ::testing::ValuesIn(test_support::SmallTransposedCases(4000)),
                         [](const auto& each) { return each.param.name; });

TEST(ExactConvolutionEdgeTest, PaddingTimesAnInfinityIsNan) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const ConvolutionGeometry geometry = test_support::Resolve(
      test_support::ConvolutionCase{"infinite", {3}, {2}, {.padding = {.begin = {1}, .end = {0}}}});
  const Tensor x = test_support::MakeTensor(DataType::kFloat32, {3}, {1, 2, 3});
  const Tensor w = test_support::MakeTensor(DataType::kFloat32, {2}, {kInfinity, 1});
  const auto z = ConvolveNumbers(geometry, x.view(), w.view(), TensorView(), std::nullopt, MakeExact(), kSerially);
  ASSERT_THAT(z, IsOk());
  EXPECT_TRUE(test_support::Equals(z->output.view(), {3}, {std::nan(""), kInfinity, kInfinity}));
}

TEST(ExactConvolutionEdgeTest, AnActivationActsOnTheRoundedSum) {
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{"w", {9}, {4}, {}});
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64}) {
    const ConvolutionData data = test_support::HardData(geometry, type, 1, 0);
    const auto z =
        ConvolveNumbers(geometry, data.x.view(), data.w.view(), data.b.view(), std::nullopt, MakeExact(), kSerially);
    ASSERT_THAT(z, IsOk());
    const Activation leaky{.kind = ActivationKind::kLeakyRelu, .slope = 0.3};
    const auto expected = Activate(leaky, z->output.view(), kSerially);
    const auto u =
        ConvolveNumbers(geometry, data.x.view(), data.w.view(), data.b.view(), leaky, MakeExact(), kSerially);
    ASSERT_THAT(u, IsOk());
    EXPECT_TRUE(SameBits(u->output.view(), expected->view()));
    // And dz = du * f'(z), from which the gradients follow.
    const auto dz = ActivateBackward(leaky, z->output.view(), data.du.view(), kSerially);
    ConvolutionGradients wanted = kAllButZ;
    wanted.pre_activation = true;
    const auto got = ConvolveBackwardNumbers(geometry, data.x.view(), data.w.view(), data.b.view(), leaky,
                                             data.du.view(), wanted, MakeExact(), kSerially);
    const auto plain = ConvolveBackwardNumbers(geometry, data.x.view(), data.w.view(), data.b.view(), std::nullopt,
                                               dz->view(), kAllButZ, MakeExact(), kSerially);
    ASSERT_THAT(got, IsOk());
    ASSERT_THAT(plain, IsOk());
    EXPECT_TRUE(SameBits(got->gradients.pre_activation->view(), dz->view()));
    EXPECT_TRUE(SameBits(got->gradients.input->view(), plain->gradients.input->view()));
    EXPECT_TRUE(SameBits(got->gradients.filter->view(), plain->gradients.filter->view()));
  }
}

TEST(ExactConvolutionEdgeTest, ACancelledCallSaysSo) {
  const ConvolutionGeometry geometry = test_support::Resolve(test_support::ConvolutionCase{"w", {9}, {4}, {}});
  const ConvolutionData data = test_support::HardData(geometry, DataType::kFloat32, 1, 0);
  CancelFlag cancel;
  cancel.Cancel();
  EXPECT_THAT(RunAll(geometry, data, {.executor = &serial, .cancel = &cancel}),
              test_support::StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace tensord::compute
