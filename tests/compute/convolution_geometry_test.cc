// Layouts, sizes and everything that is wrong with a convolution, found at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "tensord/compute/convolution.h"

namespace tensord::compute {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

class ConvolutionGeometryTest : public ::testing::Test {
 protected:
  std::optional<ConvolutionGeometry> Resolve(const ConvolutionConventions& given, const Shape& input,
                                             const Shape& filter, Profile profile = Profile::kNone,
                                             const SizeRules& rules = {}) {
    violations_ = {};
    auto geometry = ResolveConvolution(given, profile, input, filter, {}, rules, violations_);
    EXPECT_EQ(geometry.has_value(), violations_.empty()) << violations_.ToStatus();
    return geometry;
  }

  // The fields of all violations that were kept.
  std::set<std::string> Fields() const {
    std::set<std::string> fields;
    for (const Violation& violation : violations_.kept()) fields.insert(violation.field);
    return fields;
  }

  void ExpectRefused(const ConvolutionConventions& given, const Shape& input, const Shape& filter,
                     const std::string& field, const std::string& text) {
    EXPECT_FALSE(Resolve(given, input, filter).has_value());
    ASSERT_EQ(violations_.total(), 1u) << violations_.ToStatus();
    EXPECT_EQ(violations_.kept()[0].field, field);
    EXPECT_THAT(violations_.kept()[0].description, HasSubstr(text));
  }

  Violations violations_;
};

TEST_F(ConvolutionGeometryTest, LayoutsFollowFromRanksAndProfile) {
  struct Row {
    Shape input, filter;
    std::string input_last, filter_last, input_first, filter_first;
  };
  const Row rows[] = {
      {{9}, {3}, "W", "W", "W", "W"},
      {{9, 9}, {3, 3}, "HW", "HW", "HW", "HW"},
      {{9, 9}, {9, 9, 9}, "WC", "WIO", "CW", "OIW"},
      {{9, 9, 9}, {9, 9, 9}, "NWC", "WIO", "NCW", "OIW"},
      {{9, 9, 9}, {9, 9, 9, 9}, "HWC", "HWIO", "CHW", "OIHW"},
      {{9, 9, 9, 9}, {9, 9, 9, 9}, "NHWC", "HWIO", "NCHW", "OIHW"},
      {{9, 9, 9, 9}, {9, 9, 9, 9, 9}, "DHWC", "DHWIO", "CDHW", "OIDHW"},
      {{9, 9, 9, 9, 9}, {9, 9, 9, 9, 9}, "NDHWC", "DHWIO", "NCDHW", "OIDHW"},
  };
  for (const Profile profile : kAllProfiles) {
    const bool first = profile == Profile::kPytorch || profile == Profile::kOnnx || profile == Profile::kCudnn;
    for (const Row& row : rows) {
      SCOPED_TRACE(std::string(Name(profile)) + " " + row.filter_last);
      const auto geometry = Resolve({}, row.input, row.filter, profile);
      ASSERT_TRUE(geometry.has_value());
      EXPECT_EQ(geometry->input_layout.letters(), first ? row.input_first : row.input_last);
      EXPECT_EQ(geometry->filter_layout.letters(), first ? row.filter_first : row.filter_last);
      EXPECT_EQ(geometry->kernel, KernelMode::kCrossCorrelation);
      EXPECT_EQ(geometry->padding, PaddingMode::kValid);
      EXPECT_EQ(geometry->groups, 1);
    }
  }
}

TEST_F(ConvolutionGeometryTest, TheLayerOfTheTextbook) {
  const auto geometry = Resolve({}, {48, 64, 10}, {3, 3, 10, 20});
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->output_shape, (Shape{46, 62, 20}));
  EXPECT_EQ(geometry->input_channels, 10);
  EXPECT_EQ(geometry->output_channels, 20);
  EXPECT_EQ(geometry->batch, 1);
  EXPECT_EQ(BiasShape(*geometry), (Shape{20}));
}

TEST_F(ConvolutionGeometryTest, EveryConventionReachesTheGeometry) {
  const ConvolutionConventions given{.input_layout = "WCHN",
                                     .filter_layout = "IWOH",
                                     .kernel = KernelMode::kTrueConvolution,
                                     .padding = {.begin = {1, 2}, .end = {0, 3}},
                                     .strides = {2, 3},
                                     .dilations = {1, 2},
                                     .groups = 2};
  // W = 20, C = 4, H = 10, N = 5; I = 2, Kw = 3, O = 6, Kh = 4.
  const auto geometry = Resolve(given, {20, 4, 10, 5}, {2, 3, 6, 4});
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->kernel, KernelMode::kTrueConvolution);
  EXPECT_EQ(geometry->padding, PaddingMode::kExplicit);
  EXPECT_EQ(
      geometry->axes[0],
      (AxisWindow{.input = 10, .window = 4, .stride = 2, .dilation = 1, .pad_begin = 1, .pad_end = 0, .output = 4}));
  EXPECT_EQ(
      geometry->axes[1],
      (AxisWindow{.input = 20, .window = 3, .stride = 3, .dilation = 2, .pad_begin = 2, .pad_end = 3, .output = 7}));
  EXPECT_EQ(geometry->output_shape, (Shape{7, 6, 4, 5}));
  EXPECT_EQ(geometry->groups, 2);
}

TEST_F(ConvolutionGeometryTest, ConvolutionUsesFloorUnderEveryProfile) {
  for (const Profile profile : kAllProfiles) {
    const auto geometry = Resolve({.strides = {2}}, {8}, {3}, profile);
    ASSERT_TRUE(geometry.has_value());
    EXPECT_EQ(geometry->output_shape, (Shape{3})) << Name(profile);
  }
}

TEST_F(ConvolutionGeometryTest, AnEmptyBatchIsLegalAndOtherZerosAreNot) {
  const auto geometry = Resolve({}, {0, 5, 5, 2}, {3, 3, 2, 4});
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->output_shape, (Shape{0, 3, 3, 4}));
  ExpectRefused({}, {1, 0, 5, 2}, {3, 3, 2, 4}, "input.shape[1]", "was 0");
  ExpectRefused({}, {1, 5, 5, 0}, {3, 3, 2, 4}, "input.shape[3]", "was 0");
  ExpectRefused({}, {5, 5, 2}, {3, 3, 2, 0}, "filter.shape[3]", "was 0");
  ExpectRefused({.input_layout = "HWCN"}, {5, 5, 0, 0}, {3, 3, 2, 4}, "input.shape[2]", "was 0");
}

TEST_F(ConvolutionGeometryTest, NegativeAndEnormousSizesAreRefused) {
  ExpectRefused({}, {-1}, {1}, "input.shape[0]", "was -1");
  ExpectRefused({}, {5}, {-7}, "filter.shape[0]", "was -7");
  ExpectRefused({}, {kMaxSize + 1}, {1}, "input.shape[0]", "2147483648");
  ExpectRefused({}, {5}, {kLargest}, "filter.shape[0]", "9223372036854775807");
}

TEST_F(ConvolutionGeometryTest, RanksThatFitNothingSayWhatWouldFit) {
  ExpectRefused({}, {5, 5}, {3, 3, 2, 4}, "input.shape", "has to have rank 3 (HWC) or 4 (NHWC)");
  ExpectRefused({}, {5}, {3, 3}, "input.shape", "has to have rank 2 (HW)");
  ExpectRefused({}, {5}, {}, "filter.shape", "rank 0");
  ExpectRefused({}, {5}, {1, 1, 1, 1, 1, 1}, "filter.shape", "rank 6");
}

TEST_F(ConvolutionGeometryTest, LayoutsThatDoNotFitAreRefused) {
  ExpectRefused({.input_layout = "NHWX"}, {1, 5, 5, 2}, {3, 3, 2, 4}, "conventions.input_layout", "was 'NHWX'");
  ExpectRefused({.input_layout = "NHWC"}, {5, 5, 2}, {3, 3, 2, 4}, "conventions.input_layout", "3 letters");
  ExpectRefused({.input_layout = "HWN"}, {5, 5, 2}, {3, 3, 2, 4}, "conventions.input_layout", "channel axis C");
  ExpectRefused({.input_layout = "HWC"}, {5, 5, 2}, {3, 3}, "conventions.input_layout", "no channel axis C");
  ExpectRefused({.input_layout = "NWC"}, {5, 5, 2}, {3, 3, 2, 4}, "conventions.input_layout", "2 spatial axes");
  ExpectRefused({.filter_layout = "HWOO"}, {5, 5, 2}, {3, 3, 2, 4}, "conventions.filter_layout", "was 'HWOO'");
  ExpectRefused({.filter_layout = std::string(1000, 'W')}, {5}, {3}, "conventions.filter_layout", "WWW...");
}

TEST_F(ConvolutionGeometryTest, GroupsHaveToDivideBothChannels) {
  ExpectRefused({.groups = 3}, {5, 5, 4}, {3, 3, 1, 6}, "conventions.groups", "divide the number of input channels, 4");
  ExpectRefused({.groups = 2}, {5, 5, 4}, {3, 3, 2, 5}, "conventions.groups",
                "divide the number of output channels, 5");
  ExpectRefused({.groups = 2}, {5, 5, 4}, {3, 3, 4, 6}, "filter.shape[2]", "has to be 2 (C/G = 4/2)");
  ExpectRefused({.groups = 0}, {5, 5, 4}, {3, 3, 4, 6}, "conventions.groups", "was 0");
  ExpectRefused({.groups = -4}, {5, 5, 4}, {3, 3, 4, 6}, "conventions.groups", "was -4");
  EXPECT_FALSE(Resolve({.groups = 2}, {5, 5}, {3, 3}).has_value());          // no channels: one of each
  EXPECT_TRUE(Resolve({.groups = 4}, {5, 5, 4}, {3, 3, 1, 8}).has_value());  // depthwise, multiplier 2
}

TEST_F(ConvolutionGeometryTest, StridesDilationsAndPaddingHaveToBeInRange) {
  ExpectRefused({.strides = {0}}, {5}, {2}, "conventions.strides[0]", "was 0");
  ExpectRefused({.strides = {1, -2}}, {5, 5}, {2, 2}, "conventions.strides[1]", "was -2");
  ExpectRefused({.dilations = {0}}, {5}, {2}, "conventions.dilations[0]", "was 0");
  ExpectRefused({.strides = {1, 1, 1}}, {5, 5}, {2, 2}, "conventions.strides", "had 3 entries");
  ExpectRefused({.padding = {.begin = {-1}}}, {5}, {2}, "conventions.padding.begin[0]", "was -1");
  ExpectRefused({.padding = {.begin = {1}, .end = {kMaxSize + 1}}}, {5}, {2}, "conventions.padding.end[0]",
                "2147483648");
}

TEST_F(ConvolutionGeometryTest, AFilterLargerThanThePaddedInputIsRefused) {
  ExpectRefused({}, {5, 5, 1}, {3, 6, 1, 1}, "filter.shape[1]", "has to be at most 5");
  ExpectRefused({.dilations = {3}}, {5}, {3}, "filter.shape[0]", "dilation 3");
  ExpectRefused({.filter_layout = "OIHW", .padding = {.begin = {1}}}, {5, 5, 1}, {1, 1, 8, 7}, "filter.shape[2]",
                "has to be at most 7");
}

TEST_F(ConvolutionGeometryTest, CausalPadsBeforeTheInputOnly) {
  ConvolutionConventions causal;
  causal.padding.mode = PaddingMode::kCausal;
  causal.strides = {2};
  causal.dilations = {3};
  const auto geometry = Resolve(causal, {7}, {4});
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->axes[0].pad_begin, 9);
  EXPECT_EQ(geometry->axes[0].pad_end, 0);
  EXPECT_EQ(geometry->output_shape, (Shape{4}));
  causal = {};
  causal.padding.mode = PaddingMode::kCausal;
  ExpectRefused(causal, {5, 5}, {3, 3}, "conventions.padding.mode", "one spatial axis");
  causal.padding.begin = {2};
  causal.padding.end = {2};
  ExpectRefused(causal, {5}, {3}, "conventions.padding.end", "has to be 0, which is what mode CAUSAL comes to");
}

TEST_F(ConvolutionGeometryTest, PaddingReadsNoMoreThanThereIs) {
  const auto given = [](PaddingSource source, int64_t begin, int64_t end) {
    return ConvolutionConventions{.padding = {.begin = {begin}, .end = {end}, .source = source}};
  };
  EXPECT_TRUE(Resolve(given(PaddingSource::kReflect, 4, 4), {5}, {3}).has_value());
  EXPECT_TRUE(Resolve(given(PaddingSource::kCircular, 5, 5), {5}, {3}).has_value());
  EXPECT_TRUE(Resolve(given(PaddingSource::kReplicate, 100, 0), {1}, {3}).has_value());
  ExpectRefused(given(PaddingSource::kReflect, 5, 0), {5}, {3}, "conventions.padding.begin[0]",
                "was 5, has to be at most 4");
  ExpectRefused(given(PaddingSource::kReflect, 0, 1), {1}, {2}, "conventions.padding.end[0]",
                "was 1, has to be at most 0");
  ExpectRefused(given(PaddingSource::kCircular, 0, 6), {5}, {3}, "conventions.padding.end[0]",
                "was 6, has to be at most 5");
  EXPECT_FALSE(Resolve({.padding = {.mode = PaddingMode::kFull, .source = PaddingSource::kReflect}}, {2, 5}, {3, 3})
                   .has_value());
  EXPECT_EQ(Fields(), (std::set<std::string>{"conventions.padding.begin[0]", "conventions.padding.end[0]"}));
  const auto zero = Resolve({}, {5}, {3});
  EXPECT_EQ(zero->padding_source, PaddingSource::kZero);
}

TEST_F(ConvolutionGeometryTest, TheLargestSizesDoNotWrapAround) {
  ExpectRefused({.padding = {.begin = {kMaxSize}}}, {kMaxSize}, {1}, "filter.shape[0]", "longer than 2147483647");
  ExpectRefused({.dilations = {kMaxSize}}, {5}, {kMaxSize}, "filter.shape[0]", "has to be at most 5");
  const auto geometry = Resolve({.padding = {.begin = {kMaxSize}}, .strides = {kMaxSize}}, {kMaxSize}, {1});
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->output_shape, (Shape{3}));
}

TEST_F(ConvolutionGeometryTest, EverythingThatIsWrongIsFoundAtOnce) {
  const ConvolutionConventions given{.padding = {.begin = {-1}}, .strides = {0}, .dilations = {1, -2}, .groups = 0};
  EXPECT_FALSE(Resolve(given, {1, 0, 5, -3}, {3, 0, 2, 4}).has_value());
  EXPECT_THAT(Fields(),
              IsSupersetOf({"input.shape[1]", "input.shape[3]", "filter.shape[1]", "conventions.strides[0]",
                            "conventions.dilations[1]", "conventions.groups", "conventions.padding.begin[0]"}));
}

TEST_F(ConvolutionGeometryTest, ChannelsAreCheckedBesideABadStride) {
  EXPECT_FALSE(Resolve({.strides = {0}, .groups = 3}, {5, 5, 4}, {3, 3, 4, 6}).has_value());
  EXPECT_THAT(Fields(), IsSupersetOf({"conventions.strides[0]", "conventions.groups"}));
}

TEST_F(ConvolutionGeometryTest, EveryAxisThatIsTooShortIsFound) {
  EXPECT_FALSE(Resolve({.groups = 3}, {2, 2, 4}, {3, 3, 4, 6}).has_value());
  EXPECT_THAT(Fields(), IsSupersetOf({"filter.shape[0]", "filter.shape[1]", "conventions.groups"}));
}

TEST_F(ConvolutionGeometryTest, FieldsAreCalledWhatTheCallerSays) {
  Violations violations;
  const ConvolutionFields fields{.input_shape = "layer.x", .filter_shape = "layer.w", .conventions = "layer"};
  EXPECT_FALSE(ResolveConvolution({.strides = {0}}, Profile::kNone, {0}, {0}, fields, {}, violations).has_value());
  ASSERT_EQ(violations.total(), 3u);
  EXPECT_EQ(violations.kept()[0].field, "layer.w[0]");
  EXPECT_EQ(violations.kept()[1].field, "layer.x[0]");
  EXPECT_EQ(violations.kept()[2].field, "layer.strides[0]");
}

TEST_F(ConvolutionGeometryTest, SymbolsPassWhereTheyAreAllowed) {
  const SizeRules rules{.max_size = kLargest, .allow_unknown = true};
  const auto geometry = Resolve({}, {kUnknownSize, 48, kUnknownSize, 10}, {3, 3, 10, 20}, Profile::kNone, rules);
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->output_shape, (Shape{kUnknownSize, 46, kUnknownSize, 20}));
  EXPECT_FALSE(Resolve({}, {kUnknownSize, 48, 64, 10}, {3, 3, 10, 20}).has_value());
}

TEST_F(ConvolutionGeometryTest, ABiasHasOneNumberPerOutputChannel) {
  const auto check = [](const ConvolutionGeometry& geometry, const Shape& bias) {
    Violations violations;
    CheckBiasShape(geometry, bias, "bias.shape", violations);
    return violations.empty();
  };
  const auto channels = Resolve({}, {5, 5, 2}, {3, 3, 2, 4});
  EXPECT_TRUE(check(*channels, {4}));
  EXPECT_FALSE(check(*channels, {2}));
  EXPECT_FALSE(check(*channels, {}));
  EXPECT_FALSE(check(*channels, {4, 1}));
  const auto plane = Resolve({}, {5, 5}, {3, 3});
  EXPECT_TRUE(check(*plane, {1}));
  EXPECT_TRUE(check(*plane, {}));
  EXPECT_FALSE(check(*plane, {3}));
}

}  // namespace
}  // namespace tensord::compute
