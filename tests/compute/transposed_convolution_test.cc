#include "tensord/compute/transposed_convolution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "tensord/compute/thread_pool.h"
#include "tests/compute/transposed_catalogue.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::AreAdjoint;
using test_support::Equals;
using test_support::InnerProduct;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::SameBits;
using test_support::StatusIs;
using test_support::ToDoubles;
using test_support::TransposedData;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};
const TensorView kNoBias;
constexpr ConvolutionGradients kAllButZ{.input = true, .filter = true, .bias = true, .pre_activation = false};
constexpr ConvolutionGradients kAll{.input = true, .filter = true, .bias = true, .pre_activation = true};
const Activation kSigmoid{.kind = ActivationKind::kSigmoid};

class TransposedConvolutionTest : public ::testing::TestWithParam<test_support::TypedTransposedCase> {
 protected:
  const DataType type_ = std::get<0>(GetParam());
  const TransposedConvolutionGeometry geometry_ = test_support::Resolve(std::get<1>(GetParam()));
};

TEST_P(TransposedConvolutionTest, OfIntegersIsExactWithAndWithoutBias) {
  const TransposedData data = test_support::IntegerData(geometry_, type_);
  const auto check = [&](const TensorView& b, const std::vector<double>& bias) {
    const auto expected = reference::ConvolveTranspose(geometry_, ToDoubles(data.x), ToDoubles(data.w), bias);
    const auto z = ConvolveTranspose(geometry_, data.x.view(), data.w.view(), b, std::nullopt, kSerially);
    ASSERT_THAT(z, IsOk());
    EXPECT_TRUE(Equals(z->view(), geometry_.output_shape(), expected.values));
  };
  check(data.b.view(), ToDoubles(data.b));
  check(kNoBias, {});
}

TEST_P(TransposedConvolutionTest, GradientsOfIntegersAreExact) {
  const TransposedData data = test_support::IntegerData(geometry_, type_);
  const auto expected =
      reference::ConvolveTransposeBackward(geometry_, ToDoubles(data.x), ToDoubles(data.w), ToDoubles(data.du));
  const auto got = ConvolveTransposeBackward(geometry_, data.x.view(), data.w.view(), data.b.view(), std::nullopt,
                                             data.du.view(), kAllButZ, kSerially);
  ASSERT_THAT(got, IsOk());
  EXPECT_TRUE(Equals(got->input->view(), geometry_.input_shape(), expected.input.values));
  EXPECT_TRUE(Equals(got->filter->view(), geometry_.filter_shape(), expected.filter.values));
  EXPECT_TRUE(Equals(got->bias->view(), BiasShape(geometry_), expected.bias.values));
  EXPECT_FALSE(got->pre_activation.has_value());
}

// gamma(terms + 2) * magnitude for every element.
std::vector<double> BoundsOf(const reference::Sums& sums, DataType type) {
  std::vector<double> bounds;
  for (size_t i = 0; i < sums.values.size(); ++i) {
    bounds.push_back(test_support::Gamma(static_cast<double>(sums.terms[i]) + 2, type) * sums.magnitudes[i]);
  }
  return bounds;
}

TEST_P(TransposedConvolutionTest, OfRealsKeepsItsBounds) {
  const TransposedData data = test_support::RealData(geometry_, type_);
  const auto z = reference::ConvolveTranspose(geometry_, ToDoubles(data.x), ToDoubles(data.w), ToDoubles(data.b));
  const auto got = ConvolveTranspose(geometry_, data.x.view(), data.w.view(), data.b.view(), std::nullopt, kSerially);
  ASSERT_THAT(got, IsOk());
  EXPECT_TRUE(test_support::WithinBounds(got->view(), geometry_.output_shape(), z.values, BoundsOf(z, type_)));
  const auto expected =
      reference::ConvolveTransposeBackward(geometry_, ToDoubles(data.x), ToDoubles(data.w), ToDoubles(data.du));
  const auto gradients = ConvolveTransposeBackward(geometry_, data.x.view(), data.w.view(), data.b.view(), std::nullopt,
                                                   data.du.view(), kAllButZ, kSerially);
  ASSERT_THAT(gradients, IsOk());
  EXPECT_TRUE(test_support::WithinBounds(gradients->input->view(), geometry_.input_shape(), expected.input.values,
                                         BoundsOf(expected.input, type_)));
  EXPECT_TRUE(test_support::WithinBounds(gradients->filter->view(), geometry_.filter_shape(), expected.filter.values,
                                         BoundsOf(expected.filter, type_)));
  EXPECT_TRUE(test_support::WithinBounds(gradients->bias->view(), BiasShape(geometry_), expected.bias.values,
                                         BoundsOf(expected.bias, type_)));
}

TEST_P(TransposedConvolutionTest, IsTheAdjointOfItsConvolutionAndItsGradientsAreItsAdjoints) {
  const TransposedData data = test_support::IntegerData(geometry_, type_);
  const auto z = ConvolveTranspose(geometry_, data.x.view(), data.w.view(), kNoBias, std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  const double forward = InnerProduct(data.du, *z);  // sums of integers: exact
  // <y, A^T x> = <A y, x>, where A is Convolve.
  const auto ay = Convolve(geometry_.convolution, data.du.view(), data.w.view(), kNoBias, std::nullopt, kSerially);
  ASSERT_THAT(ay, IsOk());
  EXPECT_TRUE(AreAdjoint(InnerProduct(*ay, data.x), forward));
  const auto gradients = ConvolveTransposeBackward(geometry_, data.x.view(), data.w.view(), kNoBias, std::nullopt,
                                                   data.du.view(), kAllButZ, kSerially);
  ASSERT_THAT(gradients, IsOk());
  EXPECT_TRUE(AreAdjoint(InnerProduct(*gradients->input, data.x), forward));
  EXPECT_TRUE(AreAdjoint(InnerProduct(*gradients->filter, data.w), forward));
}

TEST_P(TransposedConvolutionTest, ActivationIsAppliedToEveryCell) {
  const TransposedData data = test_support::RealData(geometry_, type_);
  const auto run = [&](const TensorView& b, const std::optional<Activation>& activation) {
    return ConvolveTranspose(geometry_, data.x.view(), data.w.view(), b, activation, kSerially);
  };
  for (const TensorView& b : {data.b.view(), kNoBias}) {
    const auto z = run(b, std::nullopt);
    ASSERT_THAT(z, IsOk());
    const auto expected = Activate(kSigmoid, z->view(), kSerially);
    ASSERT_THAT(expected, IsOk());
    const auto u = run(b, kSigmoid);
    ASSERT_THAT(u, IsOk());
    EXPECT_TRUE(SameBits(u->view(), expected->view()));
  }
}

struct Results {
  Tensor u;
  ConvolutionGradientTensors gradients;
};

absl::StatusOr<Results> RunAll(const TransposedConvolutionGeometry& geometry, const TransposedData& data,
                               const ExecutionContext& context) {
  auto u = ConvolveTranspose(geometry, data.x.view(), data.w.view(), data.b.view(), kSigmoid, context);
  if (!u.ok()) return u.status();
  auto gradients = ConvolveTransposeBackward(geometry, data.x.view(), data.w.view(), data.b.view(), kSigmoid,
                                             data.du.view(), kAll, context);
  if (!gradients.ok()) return gradients.status();
  return Results{.u = *std::move(u), .gradients = *std::move(gradients)};
}

TEST_P(TransposedConvolutionTest, AnyExecutorGivesTheSameBits) {
  const TransposedData data = test_support::RealData(geometry_, type_);
  const auto expected = RunAll(geometry_, data, kSerially);
  ASSERT_THAT(expected, IsOk());
  ThreadPool pool(3, 0);
  const auto got = RunAll(geometry_, data, {.executor = &pool, .serial_below = 0});
  ASSERT_THAT(got, IsOk());
  EXPECT_TRUE(SameBits(got->u.view(), expected->u.view()));
  EXPECT_TRUE(SameBits(got->gradients.input->view(), expected->gradients.input->view()));
  EXPECT_TRUE(SameBits(got->gradients.filter->view(), expected->gradients.filter->view()));
  EXPECT_TRUE(SameBits(got->gradients.bias->view(), expected->gradients.bias->view()));
  EXPECT_TRUE(SameBits(got->gradients.pre_activation->view(), expected->gradients.pre_activation->view()));
}

TEST_P(TransposedConvolutionTest, ACancelledCallSaysSo) {
  const TransposedData data = test_support::IntegerData(geometry_, type_);
  CancelFlag cancel;
  cancel.Cancel();
  const ExecutionContext context{.executor = &serial, .cancel = &cancel};
  EXPECT_THAT(RunAll(geometry_, data, context), StatusIs(absl::StatusCode::kCancelled));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, TransposedConvolutionTest, test_support::AllTypedTransposedCases(),
                         test_support::NameOfTransposed);

// J = sum of c * sigmoid(Z): its derivative by any one number, from the oracle's forward pass.
class Objective {
 public:
  Objective(const TransposedConvolutionGeometry& geometry, const TransposedData& data)
      : geometry_(geometry),
        x_(ToDoubles(data.x)),
        w_(ToDoubles(data.w)),
        b_(ToDoubles(data.b)),
        c_(ToDoubles(data.du)) {}

  std::vector<double>& x() { return x_; }
  std::vector<double>& w() { return w_; }
  std::vector<double>& b() { return b_; }

  std::vector<double> Differences(std::vector<double>& numbers) const {
    return test_support::CentralDifferences(numbers, 1e-5, [this] { return Value(); });
  }

 private:
  long double Value() const {
    const reference::Sums z = reference::ConvolveTranspose(geometry_, x_, w_, b_);
    long double sum = 0;
    for (size_t i = 0; i < z.values.size(); ++i) sum += c_[i] * reference::Activate(kSigmoid, z.values[i]);
    return sum;
  }

  const TransposedConvolutionGeometry& geometry_;
  std::vector<double> x_;
  std::vector<double> w_;
  std::vector<double> b_;
  std::vector<double> c_;
};

std::vector<test_support::TransposedCase> SmallCases() {
  std::vector<test_support::TransposedCase> small;
  for (const test_support::TransposedCase& transposed : test_support::TransposedCases()) {
    const Cost cost = TransposedConvolutionCost(test_support::Resolve(transposed), DataType::kFloat64, 1);
    if (cost.multiplication_count <= 4000) small.push_back(transposed);
  }
  return small;
}

class TransposedDifferenceTest : public ::testing::TestWithParam<test_support::TransposedCase> {};

TEST_P(TransposedDifferenceTest, AgreesWithTheGradientsOfASigmoidLayer) {
  const TransposedConvolutionGeometry geometry = test_support::Resolve(GetParam());
  const TransposedData data = test_support::RealData(geometry, DataType::kFloat64);
  const auto got = ConvolveTransposeBackward(geometry, data.x.view(), data.w.view(), data.b.view(), kSigmoid,
                                             data.du.view(), kAll, kSerially);
  ASSERT_THAT(got, IsOk());
  Objective objective(geometry, data);
  // As for convolutions: the step squared times a third derivative, and the rounding of Z divided by the step.
  constexpr double kTolerance = 1e-7;
  EXPECT_TRUE(test_support::WithinBound(got->input->view(), geometry.input_shape(),
                                        objective.Differences(objective.x()), kTolerance));
  EXPECT_TRUE(test_support::WithinBound(got->filter->view(), geometry.filter_shape(),
                                        objective.Differences(objective.w()), kTolerance));
  EXPECT_TRUE(test_support::WithinBound(got->bias->view(), BiasShape(geometry), objective.Differences(objective.b()),
                                        kTolerance));
}

INSTANTIATE_TEST_SUITE_P(SmallCases, TransposedDifferenceTest, ::testing::ValuesIn(SmallCases()),
                         [](const auto& transposed) { return transposed.param.name; });

TEST(TransposedConvolutionExample, SpreadsASmallImage) {
  const auto geometry = test_support::Resolve({"spread", {2, 2}, {2, 2}, {.convolution = {.strides = {2}}}});
  const Tensor x = MakeTensor(DataType::kFloat32, {2, 2}, {1, 2, 3, 4});
  const Tensor w = MakeTensor(DataType::kFloat32, {2, 2}, {1, 10, 100, 1000});
  const auto z = ConvolveTranspose(geometry, x.view(), w.view(), kNoBias, std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  EXPECT_TRUE(Equals(z->view(), {4, 4},
                     {1, 10, 2, 20,          //
                      100, 1000, 200, 2000,  //
                      3, 30, 4, 40,          //
                      300, 3000, 400, 4000}));
}

TEST(TransposedConvolutionExample, CellsThatNothingReachesAreTheActivatedBias) {
  const auto geometry = test_support::Resolve({"gaps", {2, 1}, {1, 1, 2}, {.convolution = {.strides = {3}}}});
  const Tensor x = MakeTensor(DataType::kFloat64, {2, 1}, {1, 2});
  const Tensor w = MakeTensor(DataType::kFloat64, {1, 1, 2}, {10, -10});
  const Tensor b = MakeTensor(DataType::kFloat64, {2}, {5, -5});
  const auto u =
      ConvolveTranspose(geometry, x.view(), w.view(), b.view(), Activation{.kind = ActivationKind::kRelu}, kSerially);
  ASSERT_THAT(u, IsOk());
  EXPECT_TRUE(Equals(u->view(), {4, 2}, {15, 0, 5, 0, 5, 0, 25, 0}));
}

TEST(TransposedConvolutionErrorTest, NamesWhatDoesNotFit) {
  const auto geometry = test_support::Resolve({"errors", {2, 3, 2}, {2, 2, 3}, {}});  // NWC by WIO
  const Tensor x = test_support::IntegerTensor(DataType::kFloat32, {2, 3, 2}, 1);
  const Tensor w = test_support::IntegerTensor(DataType::kFloat32, {2, 2, 3}, 2);
  const Tensor b = test_support::IntegerTensor(DataType::kFloat32, {2}, 3);
  const Tensor ints = test_support::IntegerTensor(DataType::kInt32, {2, 3, 2}, 1);
  const auto run = [&](const TensorView& input, const TensorView& filter, const TensorView& bias) {
    return ConvolveTranspose(geometry, input, filter, bias, std::nullopt, kSerially);
  };
  const auto error = [](const char* text) { return StatusIs(absl::StatusCode::kInvalidArgument, text); };
  EXPECT_THAT(run(w.view(), w.view(), kNoBias), error("x: had shape [2, 2, 3], has to have [2, 3, 2]"));
  EXPECT_THAT(run(x.view(), x.view(), kNoBias), error("w: had shape [2, 3, 2], has to have [2, 2, 3]"));
  EXPECT_THAT(run(x.view(), w.view(), b.view()), error("b: was [2], has to be [3]"));
  EXPECT_THAT(run(ints.view(), w.view(), kNoBias), StatusIs(absl::StatusCode::kUnimplemented, "x: was int32"));
  EXPECT_THAT(
      ConvolveTransposeBackward(geometry, x.view(), w.view(), kNoBias, std::nullopt, x.view(), kAllButZ, kSerially),
      error("du: had shape [2, 3, 2], has to have [2, 4, 3]"));
  EXPECT_THAT(ConvolveTransposeBackward(geometry, x.view(), w.view(), kNoBias, std::nullopt, x.view(), kAll, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TransposedConvolutionCostTest, CountsWhatIsComputedAndSaturates) {
  // Output [2, 9, 4]; every cell of an axis of 9 by stride 2 visits at most two of 3 taps: 5 * 3 products.
  const auto geometry = test_support::Resolve({"cost", {2, 4, 3}, {3, 3, 4}, {.convolution = {.strides = {2}}}});
  ASSERT_EQ(geometry.output_shape(), (Shape{2, 9, 4}));
  const Cost forward = TransposedConvolutionCost(geometry, DataType::kFloat64, 1);
  EXPECT_EQ(forward.multiplication_count, 2 * 3 * 4 * 5 * 3);
  EXPECT_EQ(forward.result_bytes, 2 * 9 * 4 * 8);
  const auto backward = [&](bool activation, const ConvolutionGradients& wanted) {
    return TransposedConvolutionBackwardCost(geometry, DataType::kFloat64, activation, wanted, 1);
  };
  EXPECT_EQ(backward(false, {}).multiplication_count, 0);
  EXPECT_EQ(backward(false, {.input = true}).multiplication_count, 2 * 3 * 4 * 4 * 3);
  EXPECT_EQ(backward(false, {.input = true}).result_bytes, 2 * 4 * 3 * 8);
  EXPECT_EQ(backward(false, {.filter = true}).result_bytes, 3 * 3 * 4 * 8);
  EXPECT_EQ(backward(false, {.bias = true}).result_bytes, 4 * 8);
  EXPECT_EQ(backward(true, {.pre_activation = true}).result_bytes, forward.result_bytes);
  EXPECT_EQ(backward(true, {.bias = true}).multiplication_count, forward.multiplication_count + 2 * 72);
  const int64_t size = kMaxSize;
  const auto absurd = test_support::Resolve({"absurd", {size, 1, 1, size}, {2, 2, size, size}, {}});
  for (const Cost& cost : {TransposedConvolutionCost(absurd, DataType::kFloat32, 2),
                           TransposedConvolutionBackwardCost(absurd, DataType::kFloat32, true, kAll, 2)}) {
    EXPECT_EQ(cost.multiplication_count, kSaturatedCost);
    EXPECT_EQ(cost.result_bytes, kSaturatedCost);
    // A value for each output channel, and what does not grow with the sizes.
    EXPECT_LE(cost.scratch_bytes, 4 * size + (int64_t{16} << 20));
  }
}

}  // namespace
}  // namespace tensord::compute
