// Names, defaults and violations of activations' parameters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "tensord/compute/activation.h"

namespace tensord::compute {
namespace {

using ::testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Violations ViolationsOf(const ActivationOptions& options) {
  Violations violations;
  const auto resolved = ResolveActivation(options, Profile::kNone, "activation", violations);
  EXPECT_EQ(resolved.has_value(), violations.empty());
  return violations;
}

void ExpectOne(const ActivationOptions& options, const std::string& field, const std::string& text) {
  const Violations violations = ViolationsOf(options);
  ASSERT_EQ(violations.total(), 1u) << field;
  EXPECT_EQ(violations.kept()[0].field, field);
  EXPECT_THAT(violations.kept()[0].description, HasSubstr(text));
}

Activation Resolved(ActivationKind kind, Profile profile) {
  Violations violations;
  return ResolveActivation({.kind = kind}, profile, "activation", violations).value();
}

TEST(ActivationOptionsTest, DefaultsFollowTheProfile) {
  for (const Profile profile : kAllProfiles) {
    const bool tensorflow = profile == Profile::kTensorflow;
    EXPECT_EQ(Resolved(ActivationKind::kLeakyRelu, profile).slope, tensorflow ? 0.2 : 0.01) << Name(profile);
    const Activation hard = Resolved(ActivationKind::kHardSigmoid, profile);
    EXPECT_EQ(hard.slope, tensorflow || profile == Profile::kOnnx ? 0.2 : 1.0 / 6) << Name(profile);
    EXPECT_EQ(hard.offset, 0.5);
    for (const auto kind : {ActivationKind::kElu, ActivationKind::kCelu, ActivationKind::kThresholdedRelu}) {
      EXPECT_EQ(Resolved(kind, profile).alpha, 1) << Name(kind);
    }
    EXPECT_EQ(Resolved(ActivationKind::kHardTanh, profile).minimum, -1);
    EXPECT_EQ(Resolved(ActivationKind::kHardTanh, profile).maximum, 1);
    EXPECT_EQ(Resolved(ActivationKind::kPrelu, profile).kink_slope, KinkSlope::kLeft);
    EXPECT_EQ(Resolved(ActivationKind::kThresholdedRelu, profile).kink_slope, KinkSlope::kLeft);
    EXPECT_EQ(Resolved(ActivationKind::kRelu6, profile).kink_slope, KinkSlope::kSaturated);
    EXPECT_EQ(Resolved(ActivationKind::kSoftplus, profile).beta, 1);
    EXPECT_EQ(Resolved(ActivationKind::kGelu, profile).gelu_form, GeluForm::kExact);
    EXPECT_EQ(Resolved(ActivationKind::kRelu, profile).kink_slope, KinkSlope::kLeft);
    EXPECT_EQ(Resolved(ActivationKind::kHardSwish, profile).kink_slope, KinkSlope::kSaturated);
  }
}

TEST(ActivationOptionsTest, WhatIsGivenWins) {
  Violations violations;
  const auto leaky =
      ResolveActivation({.kind = ActivationKind::kLeakyRelu, .slope = 0.3}, Profile::kTensorflow, "a", violations);
  EXPECT_EQ(leaky->slope, 0.3);
  const auto gelu =
      ResolveActivation({.kind = ActivationKind::kGelu, .gelu_form = GeluForm::kTanh}, Profile::kNone, "a", violations);
  EXPECT_EQ(gelu->gelu_form, GeluForm::kTanh);
}

TEST(ActivationOptionsTest, ParametersThatAKindDoesNotTakeAreRefused) {
  for (const ActivationKind kind : kAllActivationKinds) {
    const ActivationParameters takes = ParametersOf(kind);
    EXPECT_EQ(ViolationsOf({.kind = kind, .slope = 0.5}).empty(), takes.slope) << Name(kind);
    EXPECT_EQ(ViolationsOf({.kind = kind, .offset = 0.5}).empty(), takes.offset) << Name(kind);
    EXPECT_EQ(ViolationsOf({.kind = kind, .alpha = 0.5}).empty(), takes.alpha) << Name(kind);
    EXPECT_EQ(ViolationsOf({.kind = kind, .beta = 0.5}).empty(), takes.beta) << Name(kind);
    EXPECT_EQ(ViolationsOf({.kind = kind, .minimum = 0.5}).empty(), takes.minimum) << Name(kind);
    EXPECT_EQ(ViolationsOf({.kind = kind, .maximum = 0.5}).empty(), takes.maximum) << Name(kind);
    EXPECT_EQ(ViolationsOf({.kind = kind, .gelu_form = GeluForm::kTanh}).empty(), takes.gelu_form) << Name(kind);
    EXPECT_EQ(ViolationsOf({.kind = kind, .kink_slope = KinkSlope::kLeft}).empty(), takes.kink_slope) << Name(kind);
  }
  ExpectOne({.kind = ActivationKind::kRelu, .slope = 0.5}, "activation.slope", "relu takes no such parameter");
}

TEST(ActivationOptionsTest, NumbersHaveToBeFinite) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ExpectOne({.kind = ActivationKind::kLeakyRelu, .slope = kNaN}, "activation.slope", "has to be finite");
  ExpectOne({.kind = ActivationKind::kHardSigmoid, .offset = kInfinity}, "activation.offset", "was inf");
  ExpectOne({.kind = ActivationKind::kElu, .alpha = -kInfinity}, "activation.alpha", "was -inf");
  ExpectOne({.kind = ActivationKind::kSoftplus, .beta = kNaN}, "activation.beta", "has to be finite");
}

TEST(ActivationOptionsTest, CelusAlphaHasToBeAboveZero) {
  ExpectOne({.kind = ActivationKind::kCelu, .alpha = 0}, "activation.alpha", "was 0, has to be above 0");
  ExpectOne({.kind = ActivationKind::kCelu, .alpha = -0.5}, "activation.alpha", "was -0.5");
  ExpectOne({.kind = ActivationKind::kCelu, .alpha = kNaN}, "activation.alpha", "has to be finite");
  EXPECT_TRUE(ViolationsOf({.kind = ActivationKind::kThresholdedRelu, .alpha = -1}).empty());
}

TEST(ActivationOptionsTest, TheMinimumHasToBeBelowTheMaximum) {
  const auto hard_tanh = ActivationKind::kHardTanh;
  ExpectOne({.kind = hard_tanh, .minimum = 1}, "activation.minimum", "was 1, has to be below the maximum, 1");
  ExpectOne({.kind = hard_tanh, .minimum = 3, .maximum = 2}, "activation.minimum", "was 3");
  ExpectOne({.kind = hard_tanh, .maximum = -2}, "activation.minimum", "was -1, has to be below the maximum, -2");
  ExpectOne({.kind = hard_tanh, .maximum = kNaN}, "activation.maximum", "has to be finite");
  ExpectOne({.kind = hard_tanh, .minimum = -std::numeric_limits<double>::infinity()}, "activation.minimum", "was -inf");
  EXPECT_TRUE(ViolationsOf({.kind = hard_tanh, .minimum = 0, .maximum = 6}).empty());
}

TEST(ActivationOptionsTest, BetaHasToBeAboveZero) {
  ExpectOne({.kind = ActivationKind::kSoftplus, .beta = 0}, "activation.beta", "was 0, has to be above 0");
  ExpectOne({.kind = ActivationKind::kSoftplus, .beta = -2}, "activation.beta", "was -2");
}

TEST(ActivationOptionsTest, OnlyHardFunctionsSaturate) {
  for (const ActivationKind kind : kAllActivationKinds) {
    const bool hard = kind == ActivationKind::kHardSigmoid || kind == ActivationKind::kHardSwish ||
                      kind == ActivationKind::kHardTanh || kind == ActivationKind::kRelu6;
    EXPECT_EQ(ViolationsOf({.kind = kind, .kink_slope = KinkSlope::kSaturated}).empty(), hard) << Name(kind);
  }
  ExpectOne({.kind = ActivationKind::kRelu, .kink_slope = KinkSlope::kSaturated}, "activation.kink_slope",
            "left, right or mean");
}

TEST(ActivationOptionsTest, AllViolationsAreFound) {
  const Violations violations = ViolationsOf({.kind = ActivationKind::kSoftplus,
                                              .slope = 1,
                                              .offset = 1,
                                              .alpha = kNaN,
                                              .beta = -1,
                                              .gelu_form = GeluForm::kExact,
                                              .kink_slope = KinkSlope::kMean});
  EXPECT_EQ(violations.total(), 6u);
}

TEST(ActivationOptionsTest, NamesAndFormulasAreDistinct) {
  std::set<std::string> names;
  for (const ActivationKind kind : kAllActivationKinds) {
    names.insert(std::string(Name(kind)));
    EXPECT_FALSE(ActivationFormula(kind).empty());
  }
  EXPECT_EQ(names.size(), kAllActivationKinds.size());
  EXPECT_EQ(Name(ActivationKind::kLeakyRelu), "leaky_relu");
  EXPECT_EQ(Name(ActivationKind::kHardSwish), "hard_swish");
  EXPECT_EQ(Name(ActivationKind::kThresholdedRelu), "thresholded_relu");
  EXPECT_EQ(Name(ActivationKind::kLogSoftmax), "log_softmax");
  EXPECT_EQ(ActivationFormula(ActivationKind::kRelu), "max(0, x)");
  EXPECT_EQ(Name(GeluForm::kTanh), "tanh");
  EXPECT_EQ(Name(KinkSlope::kSaturated), "saturated");
}

}  // namespace
}  // namespace tensord::compute
