// The table of defaults, profile by profile.
#include "tensord/compute/conventions.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tensord::compute {
namespace {

TEST(ConventionsTest, EveryProfileHasItsColumnOfTheTable) {
  struct Column {
    Profile profile;
    bool channels_first;
    LengthRule length_rule;
    std::optional<AverageDivisor> divisor;
    NanRule nan_rule;
    IndexBase index_base;
    double hard_sigmoid_slope;
    double leaky_relu_slope;
  };
  const Column table[] = {
      {Profile::kNone, false, LengthRule::kFloor, std::nullopt, NanRule::kFirst, IndexBase::kPlane, 1.0 / 6, 0.01},
      {Profile::kTextbook, false, LengthRule::kStartInside, AverageDivisor::kExcluded, NanRule::kFirst,
       IndexBase::kPlane, 1.0 / 6, 0.01},
      {Profile::kPytorch, true, LengthRule::kFloor, AverageDivisor::kIncluded, NanRule::kLast, IndexBase::kPlane,
       1.0 / 6, 0.01},
      {Profile::kOnnx, true, LengthRule::kFloor, AverageDivisor::kExcluded, NanRule::kFirst, IndexBase::kTensor, 0.2,
       0.01},
      {Profile::kTensorflow, false, LengthRule::kFloor, AverageDivisor::kExcluded, NanRule::kFirst,
       IndexBase::kLayoutPerSample, 0.2, 0.2},
      {Profile::kCudnn, true, LengthRule::kFloor, std::nullopt, NanRule::kFirst, IndexBase::kPlane, 1.0 / 6, 0.01},
  };
  for (const Column& column : table) {
    SCOPED_TRACE(Name(column.profile));
    const ProfileDefaults& defaults = DefaultsOf(column.profile);
    EXPECT_EQ(defaults.channels_first, column.channels_first);
    EXPECT_EQ(defaults.length_rule, column.length_rule);
    EXPECT_EQ(defaults.average_divisor, column.divisor);
    EXPECT_EQ(defaults.tie_rule, TieRule::kFirst);
    EXPECT_EQ(defaults.nan_rule, column.nan_rule);
    EXPECT_EQ(defaults.index_base, column.index_base);
    EXPECT_EQ(defaults.empty_window, EmptyWindow::kRefuse);
    EXPECT_EQ(defaults.lp_exponent, 2);
    EXPECT_EQ(defaults.hard_sigmoid_slope, column.hard_sigmoid_slope);
    EXPECT_EQ(defaults.hard_sigmoid_offset, 0.5);
    EXPECT_EQ(defaults.leaky_relu_slope, column.leaky_relu_slope);
    const bool has_axis = column.profile != Profile::kPytorch && column.profile != Profile::kCudnn;
    EXPECT_EQ(defaults.softmax_axis, has_axis ? std::optional<int64_t>(-1) : std::nullopt);
    EXPECT_EQ(defaults.slope_match, column.profile == Profile::kPytorch ? SlopeMatch::kChannel : SlopeMatch::kTrailing);
    EXPECT_EQ(defaults.stride_is_window, column.profile != Profile::kOnnx);
  }
  EXPECT_EQ(std::size(table), kAllProfiles.size());
}

TEST(ConventionsTest, NamesAreThoseOfTheProtos) {
  EXPECT_EQ(Name(Profile::kPytorch), "PYTORCH");
  EXPECT_EQ(Name(KernelMode::kTrueConvolution), "TRUE_CONVOLUTION");
  EXPECT_EQ(Name(PaddingMode::kSameLower), "SAME_LOWER");
  EXPECT_EQ(Name(LengthRule::kStartInside), "START_INSIDE");
  EXPECT_EQ(Name(AverageDivisor::kIncluded), "INCLUDED");
  EXPECT_EQ(Name(TieRule::kFirst), "FIRST");
  EXPECT_EQ(Name(TieRule::kAll), "ALL");
  EXPECT_EQ(Name(TieRule::kSplit), "SPLIT");
  EXPECT_EQ(Name(WindowMode::kAdaptive), "ADAPTIVE");
  EXPECT_EQ(Name(EmptyWindow::kNegativeInfinity), "NEGATIVE_INFINITY");
  EXPECT_EQ(Name(PaddingLimit::kNone), "NONE");
  EXPECT_EQ(Name(PaddingLimit::kHalfWindow), "HALF_WINDOW");
  EXPECT_EQ(Name(PaddingLimit::kHalfDilatedWindow), "HALF_DILATED_WINDOW");
  EXPECT_EQ(Name(IndexRange::kWindow), "WINDOW");
  EXPECT_EQ(Name(NanRule::kLast), "LAST");
  EXPECT_EQ(Name(IndexBase::kLayoutPerSample), "LAYOUT_PER_SAMPLE");
  std::set<std::string> names;
  for (const Profile profile : kAllProfiles) names.insert(std::string(Name(profile)));
  EXPECT_EQ(names.size(), kAllProfiles.size());
}

}  // namespace
}  // namespace tensord::compute
