// Axes of softmax, and how slopes lie over an input: what is resolved, and what is refused.
#include "tensord/compute/activation_axes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>

namespace tensord::compute {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(AxisLettersTest, AreTheLayoutsWhereNoneAreGiven) {
  EXPECT_EQ(AxisLetters("XY", 2, Profile::kNone), "XY");
  EXPECT_EQ(AxisLetters(std::nullopt, 0, Profile::kNone), "");
  EXPECT_EQ(AxisLetters(std::nullopt, 1, Profile::kNone), "W");
  EXPECT_EQ(AxisLetters(std::nullopt, 2, Profile::kPytorch), "HW");
  EXPECT_EQ(AxisLetters(std::nullopt, 3, Profile::kNone), "HWC");
  EXPECT_EQ(AxisLetters(std::nullopt, 4, Profile::kTensorflow), "NHWC");
  EXPECT_EQ(AxisLetters(std::nullopt, 4, Profile::kOnnx), "NCHW");
  EXPECT_EQ(AxisLetters(std::nullopt, 5, Profile::kCudnn), "NCDHW");
  EXPECT_EQ(AxisLetters(std::nullopt, 6, Profile::kNone), "");
}

std::optional<int> Axis(const AxisOptions& options, int rank, const std::string& letters, Violations& violations,
                        Profile profile = Profile::kNone) {
  const auto axis = ResolveAxis(options, rank, letters, profile, "activation", violations);
  EXPECT_EQ(axis.has_value(), violations.empty());
  return axis;
}

TEST(ResolveAxisTest, ByLetterByIndexOrBoth) {
  Violations violations;
  EXPECT_EQ(Axis({.letter = "C"}, 4, "NCHW", violations), 1);
  EXPECT_EQ(Axis({.index = 0}, 4, "NCHW", violations), 0);
  EXPECT_EQ(Axis({.index = 3}, 4, "", violations), 3);
  EXPECT_EQ(Axis({.index = -1}, 4, "NCHW", violations), 3);
  EXPECT_EQ(Axis({.index = -4}, 4, "NCHW", violations), 0);
  EXPECT_EQ(Axis({.letter = "C", .index = 1}, 4, "NCHW", violations), 1);
  EXPECT_EQ(Axis({.letter = "C", .index = -3}, 4, "NCHW", violations), 1);
}

TEST(ResolveAxisTest, TheDefaultIsTheLastOrRefused) {
  for (const Profile profile : kAllProfiles) {
    Violations violations;
    const auto axis = Axis({}, 3, "CHW", violations, profile);
    if (profile == Profile::kPytorch || profile == Profile::kCudnn) {
      ASSERT_EQ(violations.total(), 1u);
      EXPECT_EQ(violations.kept()[0].field, "activation.axis");
      EXPECT_THAT(violations.kept()[0].description, HasSubstr("is required with the profile"));
    } else {
      EXPECT_EQ(axis, 2) << Name(profile);
    }
  }
}

void ExpectBadAxis(const AxisOptions& options, int rank, const std::string& letters, const std::string& field,
                   const std::string& text) {
  Violations violations;
  EXPECT_FALSE(Axis(options, rank, letters, violations).has_value()) << text;
  ASSERT_EQ(violations.total(), 1u) << text;
  EXPECT_EQ(violations.kept()[0].field, field);
  EXPECT_THAT(violations.kept()[0].description, HasSubstr(text));
}

TEST(ResolveAxisTest, WhatIsNoAxisIsRefused) {
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  constexpr int64_t kSmallest = std::numeric_limits<int64_t>::min();
  ExpectBadAxis({.letter = "C"}, 2, "HW", "activation.axis", "was 'C', has to be one letter of the input's axes, HW");
  ExpectBadAxis({.letter = ""}, 2, "HW", "activation.axis", "was ''");
  ExpectBadAxis({.letter = "HW"}, 2, "HW", "activation.axis", "was 'HW'");
  ExpectBadAxis({.letter = "h"}, 2, "HW", "activation.axis", "was 'h'");
  ExpectBadAxis({.letter = "\x1b"}, 2, "HW", "activation.axis", "was '\\x1b'");
  ExpectBadAxis({.letter = std::string(1, '\0')}, 2, "HW", "activation.axis", "was '\\x00'");
  ExpectBadAxis({.letter = "C"}, 6, "", "activation.axis", "have no letters");
  ExpectBadAxis({.index = 2}, 2, "HW", "activation.axis_index", "was 2, has to be -2..1");
  ExpectBadAxis({.index = -3}, 2, "HW", "activation.axis_index", "was -3");
  ExpectBadAxis({.index = int64_t{1} << 32}, 2, "HW", "activation.axis_index", "was 4294967296");
  ExpectBadAxis({.index = kLargest}, 2, "HW", "activation.axis_index", "has to be -2..1");
  ExpectBadAxis({.index = kSmallest}, 2, "HW", "activation.axis_index", "has to be -2..1");
  ExpectBadAxis({.letter = "H", .index = 1}, 2, "HW", "activation.axis_index", "was 1, has to be 0, as axis H is");
  ExpectBadAxis({}, 0, "", "activation.axis", "the input is a scalar");
  ExpectBadAxis({.index = 0}, 0, "", "activation.axis", "the input is a scalar");
}

std::optional<SlopeBroadcast> Slopes(const SlopeOptions& options, const Shape& slopes, const Shape& input,
                                     const std::string& letters, Violations& violations,
                                     Profile profile = Profile::kNone) {
  const auto resolved =
      ResolveSlopes(options, slopes, input, letters, profile, "activation.slope_match", "slope", violations);
  EXPECT_EQ(resolved.has_value(), violations.empty());
  return resolved;
}

TEST(ResolveSlopesTest, Strides) {
  Violations violations;
  EXPECT_THAT(Slopes({}, {}, {2, 3}, "HW", violations)->strides, ElementsAre(0, 0));
  EXPECT_THAT(Slopes({}, {3}, {2, 3}, "HW", violations)->strides, ElementsAre(0, 1));
  EXPECT_THAT(Slopes({}, {2, 1}, {2, 3}, "HW", violations)->strides, ElementsAre(1, 0));
  EXPECT_THAT(Slopes({}, {2, 3}, {2, 3}, "HW", violations)->strides, ElementsAre(3, 1));
  EXPECT_THAT(Slopes({.axes = "WH"}, {3, 2}, {2, 3}, "HW", violations)->strides, ElementsAre(1, 2));
  EXPECT_THAT(Slopes({.match = SlopeMatch::kChannel}, {3}, {2, 3, 5, 7}, "NCHW", violations)->strides,
              ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(Slopes({.match = SlopeMatch::kChannel}, {1}, {2, 3}, "HW", violations)->strides, ElementsAre(0, 0));
  EXPECT_THAT(Slopes({}, {3}, {0, 3}, "NC", violations)->strides, ElementsAre(0, 1));
}

TEST(ResolveSlopesTest, DefaultsFollowTheAxesAndTheProfile) {
  for (const Profile profile : kAllProfiles) {
    Violations violations;
    EXPECT_EQ(Slopes({}, {3}, {3, 3, 3, 3}, "NCHW", violations, profile)->match,
              profile == Profile::kPytorch ? SlopeMatch::kChannel : SlopeMatch::kTrailing)
        << Name(profile);
    EXPECT_EQ(Slopes({.axes = "C"}, {3}, {3, 3, 3, 3}, "NCHW", violations, profile)->match, SlopeMatch::kAxes);
    EXPECT_EQ(Slopes({.match = SlopeMatch::kTrailing}, {3}, {3, 3, 3, 3}, "NCHW", violations, profile)->match,
              SlopeMatch::kTrailing);
  }
}

void ExpectBadSlopes(const SlopeOptions& options, const Shape& slopes, const Shape& input, const std::string& letters,
                     const std::string& field, const std::string& text) {
  Violations violations;
  EXPECT_FALSE(Slopes(options, slopes, input, letters, violations).has_value()) << text;
  ASSERT_EQ(violations.total(), 1u) << text;
  EXPECT_EQ(violations.kept()[0].field, field) << text;
  EXPECT_THAT(violations.kept()[0].description, HasSubstr(text));
}

TEST(ResolveSlopesTest, WhatDoesNotLieOverTheInputIsRefused) {
  const SlopeOptions channel{.match = SlopeMatch::kChannel};
  ExpectBadSlopes({}, {2}, {2, 3}, "HW", "slope.shape[0]", "was 2, has to be 1 or 3");
  ExpectBadSlopes({}, {3, 3}, {2, 3}, "HW", "slope.shape[0]", "was 3, has to be 1 or 2");
  ExpectBadSlopes({}, {5}, {2, 1}, "HW", "slope.shape[0]", "was 5, has to be 1, the input's size there");
  ExpectBadSlopes({}, {1, 2, 3}, {2, 3}, "HW", "slope.shape", "had rank 3, has to have 0..2");
  ExpectBadSlopes(channel, {2, 3}, {2, 3, 4}, "HWC", "slope.shape", "had rank 2, has to have 0..1");
  ExpectBadSlopes(channel, {3}, {2, 3, 4}, "HWC", "slope.shape[0]", "was 3, has to be 1 or 4");
  ExpectBadSlopes(channel, {3}, {2, 3}, "HW", "activation.slope_match", "'HW', have no C");
  ExpectBadSlopes({.match = SlopeMatch::kAxes}, {3}, {2, 3}, "HW", "slope.axes", "are required");
  ExpectBadSlopes({.match = SlopeMatch::kTrailing, .axes = "W"}, {3}, {2, 3}, "HW", "slope.axes", "takes none");
  ExpectBadSlopes({.axes = "C"}, {3}, {2, 3}, "HW", "slope.axes", "was 'C', has to be one letter");
  ExpectBadSlopes({.axes = "WW"}, {3, 3}, {2, 3}, "HW", "slope.axes", "no letter twice");
  ExpectBadSlopes({.axes = "W"}, {3, 3}, {2, 3}, "HW", "slope.axes", "one letter for each of the 2 axes");
  ExpectBadSlopes({.axes = "H"}, {3}, {2, 3}, "HW", "slope.shape[0]", "was 3, has to be 1 or 2");
}

}  // namespace
}  // namespace tensord::compute
