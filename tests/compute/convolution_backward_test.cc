#include <gtest/gtest.h>

#include <vector>

#include "tensord/compute/convolution.h"
#include "tests/compute/shape_catalogue.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::ConvolutionData;
using test_support::Equals;
using test_support::IsOk;
using test_support::StatusIs;
using test_support::ToDoubles;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};
const TensorView kNoBias;
constexpr ConvolutionGradients kAllButZ{.input = true, .filter = true, .bias = true, .pre_activation = false};
constexpr ConvolutionGradients kAll{.input = true, .filter = true, .bias = true, .pre_activation = true};

class ConvolutionBackwardTest : public ::testing::TestWithParam<test_support::TypedCase> {
 protected:
  const DataType type_ = std::get<0>(GetParam());
  const ConvolutionGeometry geometry_ = test_support::Resolve(std::get<1>(GetParam()));
};

TEST_P(ConvolutionBackwardTest, OfIntegersIsExact) {
  const ConvolutionData data = test_support::IntegerData(geometry_, type_);
  const auto expected =
      reference::ConvolveBackward(geometry_, ToDoubles(data.x), ToDoubles(data.w), ToDoubles(data.du));
  const auto got = ConvolveBackward(geometry_, data.x.view(), data.w.view(), data.b.view(), std::nullopt,
                                    data.du.view(), kAllButZ, kSerially);
  ASSERT_THAT(got, IsOk());
  EXPECT_TRUE(Equals(got->input->view(), geometry_.input_shape, expected.input.values));
  EXPECT_TRUE(Equals(got->filter->view(), geometry_.filter_shape, expected.filter.values));
  EXPECT_TRUE(Equals(got->bias->view(), BiasShape(geometry_), expected.bias.values));
  EXPECT_FALSE(got->pre_activation.has_value());
}

// gamma(terms) * magnitude for every element. The oracle rounds once, to float64: hence one more.
std::vector<double> BoundsOf(const reference::Sums& sums, DataType type) {
  std::vector<double> bounds;
  for (size_t i = 0; i < sums.values.size(); ++i) {
    bounds.push_back(test_support::Gamma(static_cast<double>(sums.terms[i]) + 1, type) * sums.magnitudes[i]);
  }
  return bounds;
}

TEST_P(ConvolutionBackwardTest, OfRealsKeepsItsBound) {
  const ConvolutionData data = test_support::RealData(geometry_, type_);
  const auto expected =
      reference::ConvolveBackward(geometry_, ToDoubles(data.x), ToDoubles(data.w), ToDoubles(data.du));
  const auto got = ConvolveBackward(geometry_, data.x.view(), data.w.view(), data.b.view(), std::nullopt,
                                    data.du.view(), kAllButZ, kSerially);
  ASSERT_THAT(got, IsOk());
  EXPECT_TRUE(test_support::WithinBounds(got->input->view(), geometry_.input_shape, expected.input.values,
                                         BoundsOf(expected.input, type_)));
  EXPECT_TRUE(test_support::WithinBounds(got->filter->view(), geometry_.filter_shape, expected.filter.values,
                                         BoundsOf(expected.filter, type_)));
  EXPECT_TRUE(test_support::WithinBounds(got->bias->view(), BiasShape(geometry_), expected.bias.values,
                                         BoundsOf(expected.bias, type_)));
}

TEST_P(ConvolutionBackwardTest, EachGradientAloneHasTheSameBits) {
  const ConvolutionData data = test_support::RealData(geometry_, type_);
  const Activation sigmoid{.kind = ActivationKind::kSigmoid};
  const auto run = [&](const ConvolutionGradients& wanted) {
    return ConvolveBackward(geometry_, data.x.view(), data.w.view(), data.b.view(), sigmoid, data.du.view(), wanted,
                            kSerially);
  };
  const auto all = run(kAll);
  ASSERT_THAT(all, IsOk());
  using Member = std::optional<Tensor> ConvolutionGradientTensors::*;
  const std::vector<std::pair<ConvolutionGradients, Member>> single = {
      {{.input = true}, &ConvolutionGradientTensors::input},
      {{.filter = true}, &ConvolutionGradientTensors::filter},
      {{.bias = true}, &ConvolutionGradientTensors::bias},
      {{.pre_activation = true}, &ConvolutionGradientTensors::pre_activation}};
  for (const auto& [wanted, member] : single) {
    const auto one = run(wanted);
    ASSERT_THAT(one, IsOk());
    EXPECT_EQ(one->input.has_value(), wanted.input);
    EXPECT_EQ(one->filter.has_value(), wanted.filter);
    EXPECT_EQ(one->bias.has_value(), wanted.bias);
    EXPECT_EQ(one->pre_activation.has_value(), wanted.pre_activation);
    ASSERT_TRUE(((*one).*member).has_value());
    EXPECT_TRUE(test_support::SameBits(((*one).*member)->view(), ((*all).*member)->view()));
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, ConvolutionBackwardTest, test_support::AllTypedCases(), test_support::NameOf);

// J = sum of c * sigmoid(Z): its derivative by any one number, from the oracle's forward pass.
class Objective {
 public:
  Objective(const ConvolutionGeometry& geometry, const ConvolutionData& data)
      : geometry_(geometry),
        x_(ToDoubles(data.x)),
        w_(ToDoubles(data.w)),
        b_(ToDoubles(data.b)),
        c_(ToDoubles(data.du)) {}

  std::vector<double>& x() { return x_; }
  std::vector<double>& w() { return w_; }
  std::vector<double>& b() { return b_; }

  // The central differences with respect to each number of x(), w() or b().
  std::vector<double> Differences(std::vector<double>& numbers) const {
    return test_support::CentralDifferences(numbers, 1e-5, [this] { return Value(); });
  }

 private:
  long double Value() const {
    const reference::Sums z = reference::Convolve(geometry_, x_, w_, b_);
    long double sum = 0;
    for (size_t i = 0; i < z.values.size(); ++i) {
      sum += c_[i] * reference::Activate({.kind = ActivationKind::kSigmoid}, z.values[i]);
    }
    return sum;
  }

  const ConvolutionGeometry& geometry_;
  std::vector<double> x_;
  std::vector<double> w_;
  std::vector<double> b_;
  std::vector<double> c_;
};

// Small enough to be differentiated number by number.
std::vector<test_support::ConvolutionCase> SmallCases() {
  const Cost limit{.multiplication_count = 4000};
  std::vector<test_support::ConvolutionCase> small;
  for (const test_support::ConvolutionCase& convolution : test_support::ConvolutionCases()) {
    const ConvolutionGeometry geometry = test_support::Resolve(convolution);
    const Cost cost = ConvolutionCost(geometry, DataType::kFloat64, 1);
    if (cost.multiplication_count <= limit.multiplication_count) small.push_back(convolution);
  }
  return small;
}

class CentralDifferenceTest : public ::testing::TestWithParam<test_support::ConvolutionCase> {};

TEST_P(CentralDifferenceTest, AgreesWithTheGradientsOfASigmoidLayer) {
  const ConvolutionGeometry geometry = test_support::Resolve(GetParam());
  const ConvolutionData data = test_support::RealData(geometry, DataType::kFloat64);
  const Activation sigmoid{.kind = ActivationKind::kSigmoid};
  const auto got =
      ConvolveBackward(geometry, data.x.view(), data.w.view(), data.b.view(), sigmoid, data.du.view(), kAll, kSerially);
  ASSERT_THAT(got, IsOk());
  Objective objective(geometry, data);
  // The differences are off by step^2 times a third derivative of some hundreds at most, and by the rounding of Z
  // divided by the step.
  constexpr double kTolerance = 1e-7;
  EXPECT_TRUE(test_support::WithinBound(got->input->view(), geometry.input_shape, objective.Differences(objective.x()),
                                        kTolerance));
  EXPECT_TRUE(test_support::WithinBound(got->filter->view(), geometry.filter_shape,
                                        objective.Differences(objective.w()), kTolerance));
  EXPECT_TRUE(test_support::WithinBound(got->bias->view(), BiasShape(geometry), objective.Differences(objective.b()),
                                        kTolerance));
}

INSTANTIATE_TEST_SUITE_P(SmallCases, CentralDifferenceTest, ::testing::ValuesIn(SmallCases()),
                         [](const auto& convolution) { return convolution.param.name; });

class ConvolutionBackwardCallTest : public ::testing::TestWithParam<DataType> {
 protected:
  absl::StatusOr<ConvolutionGradientTensors> Run(const ConvolutionGradients& wanted, const TensorView& b,
                                                 const std::optional<Activation>& activation,
                                                 const TensorView& du) const {
    return ConvolveBackward(geometry_, data_.x.view(), data_.w.view(), b, activation, du, wanted, kSerially);
  }

  const ConvolutionGeometry geometry_ = test_support::Resolve({"hw", {4, 5}, {2, 2}, {}});
  const ConvolutionData data_ = test_support::RealData(geometry_, GetParam());
};

TEST_P(ConvolutionBackwardCallTest, GradientOfZIsTheSlopeTimesThatOfU) {
  const Activation sigmoid{.kind = ActivationKind::kSigmoid};
  const auto z = Convolve(geometry_, data_.x.view(), data_.w.view(), data_.b.view(), std::nullopt, kSerially);
  ASSERT_THAT(z, IsOk());
  const auto expected = ActivateBackward(sigmoid, z->view(), data_.du.view(), kSerially);
  ASSERT_THAT(expected, IsOk());
  const auto got = Run({.pre_activation = true}, data_.b.view(), sigmoid, data_.du.view());
  ASSERT_THAT(got, IsOk());
  EXPECT_TRUE(test_support::SameBits(got->pre_activation->view(), expected->view()));
}

TEST_P(ConvolutionBackwardCallTest, NothingWantedGivesNothing) {
  const auto got = Run({}, data_.b.view(), std::nullopt, data_.du.view());
  ASSERT_THAT(got, IsOk());
  EXPECT_FALSE(got->input || got->filter || got->bias || got->pre_activation);
}

TEST_P(ConvolutionBackwardCallTest, GradientOfTheBiasHasTheBiasesShape) {
  const auto without = Run({.bias = true}, kNoBias, std::nullopt, data_.du.view());
  ASSERT_THAT(without, IsOk());
  EXPECT_EQ(without->bias->shape(), (Shape{1}));
  const Tensor scalar = test_support::MakeTensor(GetParam(), {}, {2});
  const auto with = Run({.bias = true}, scalar.view(), std::nullopt, data_.du.view());
  ASSERT_THAT(with, IsOk());
  EXPECT_EQ(with->bias->shape(), Shape());
}

TEST_P(ConvolutionBackwardCallTest, RefusesTheGradientOfZWithoutAnActivation) {
  EXPECT_THAT(Run({.pre_activation = true}, data_.b.view(), std::nullopt, data_.du.view()),
              StatusIs(absl::StatusCode::kInvalidArgument, "pre_activation"));
}

TEST_P(ConvolutionBackwardCallTest, NamesTheArgumentThatDoesNotFit) {
  const Tensor shape = test_support::RealTensor(GetParam(), {3, 3}, 1);
  EXPECT_THAT(Run({.input = true}, data_.b.view(), std::nullopt, shape.view()),
              StatusIs(absl::StatusCode::kInvalidArgument, "du: had shape [3, 3], has to have [3, 4]"));
  const Tensor type = test_support::IntegerTensor(DataType::kInt32, {3, 4}, 1);
  EXPECT_THAT(Run({.input = true}, data_.b.view(), std::nullopt, type.view()),
              StatusIs(absl::StatusCode::kInvalidArgument, "du: was int32, has to be float"));
  EXPECT_THAT(Run({.input = true}, shape.view(), std::nullopt, data_.du.view()),
              StatusIs(absl::StatusCode::kInvalidArgument, "b: was [3, 3], has to be [1]"));
}

INSTANTIATE_TEST_SUITE_P(Types, ConvolutionBackwardCallTest, ::testing::Values(DataType::kFloat32, DataType::kFloat64),
                         [](const auto& type) { return absl::StrCat(Name(type.param)); });

}  // namespace
}  // namespace tensord::compute
