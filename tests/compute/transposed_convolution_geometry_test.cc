// Layouts, lengths and everything that is wrong with a transposed convolution, found at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using Given = TransposedConvolutionConventions;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

class TransposedGeometryTest : public ::testing::Test {
 protected:
  std::optional<TransposedConvolutionGeometry> Resolve(const Given& given, const Shape& input, const Shape& filter,
                                                       Profile profile = Profile::kNone, const SizeRules& rules = {}) {
    violations_ = {};
    auto geometry = ResolveTransposedConvolution(given, profile, input, filter, {}, rules, violations_);
    EXPECT_EQ(geometry.has_value(), violations_.empty()) << violations_.ToStatus();
    return geometry;
  }

  std::set<std::string> Fields() const {
    std::set<std::string> fields;
    for (const Violation& violation : violations_.kept()) fields.insert(violation.field);
    return fields;
  }

  void ExpectRefused(const Given& given, const Shape& input, const Shape& filter, const std::string& field,
                     const std::string& text) {
    EXPECT_FALSE(Resolve(given, input, filter).has_value());
    ASSERT_EQ(violations_.total(), 1u) << violations_.ToStatus();
    EXPECT_EQ(violations_.kept()[0].field, field);
    EXPECT_THAT(violations_.kept()[0].description, HasSubstr(text));
  }

  // What one axis comes to: length, padding before and after, output padding.
  std::vector<int64_t> Axis(const Given& given, int64_t input, int64_t window) {
    const auto geometry = Resolve(given, {input}, {window});
    if (!geometry.has_value()) return {};
    const AxisWindow& axis = geometry->axes()[0];
    return {axis.input, axis.pad_begin, axis.pad_end, geometry->output_padding[0]};
  }

  Violations violations_;
};

TEST_F(TransposedGeometryTest, LayoutsFollowFromRanksAndProfile) {
  const auto letters = [&](Profile profile, const Shape& input, const Shape& filter) {
    const auto geometry = Resolve({}, input, filter, profile);
    EXPECT_TRUE(geometry.has_value());
    return geometry->input_layout().letters() + " " + geometry->filter_layout.letters();
  };
  const Shape nines3{9, 9, 9}, nines4{9, 9, 9, 9}, nines5{9, 9, 9, 9, 9};
  for (const Profile profile : {Profile::kNone, Profile::kTextbook}) {
    EXPECT_EQ(letters(profile, nines3, nines3), "NWC WIO");
    EXPECT_EQ(letters(profile, nines4, nines4), "NHWC HWIO");
    EXPECT_EQ(letters(profile, nines5, nines5), "NDHWC DHWIO");
  }
  for (const Profile profile : {Profile::kPytorch, Profile::kOnnx}) {
    EXPECT_EQ(letters(profile, nines3, nines3), "NCW IOW");
    EXPECT_EQ(letters(profile, nines4, nines4), "NCHW IOHW");
    EXPECT_EQ(letters(profile, nines5, nines5), "NCDHW IODHW");
  }
  EXPECT_EQ(letters(Profile::kTensorflow, nines4, nines4), "NHWC HWOI");
  EXPECT_EQ(letters(Profile::kCudnn, nines4, nines4), "NCHW OIHW");
  EXPECT_EQ(letters(Profile::kPytorch, {9}, {3}), "W W");
  EXPECT_EQ(letters(Profile::kPytorch, {9, 9}, {3, 3}), "HW HW");
}

TEST_F(TransposedGeometryTest, EveryConventionReachesTheGeometry) {
  const Given given{.convolution = {.input_layout = "WCHN",
                                    .filter_layout = "IWOH",
                                    .kernel = KernelMode::kTrueConvolution,
                                    .padding = {.begin = {1, 2}, .end = {0, 3}},
                                    .strides = {2, 3},
                                    .dilations = {1, 2},
                                    .groups = 2},
                    .output_padding = {1, 0}};
  // W = 7, C = 6, H = 4, N = 5; I = 6, Kw = 3, O = 2, Kh = 4.
  const auto geometry = Resolve(given, {7, 6, 4, 5}, {6, 3, 2, 4});
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->convolution.kernel, KernelMode::kTrueConvolution);
  EXPECT_EQ(geometry->convolution.padding, PaddingMode::kExplicit);
  // H: 2*3 + 1 + 4 - 1; W: 3*6 + 5 - 5.
  EXPECT_EQ(geometry->output_shape(), (Shape{18, 4, 10, 5}));
  EXPECT_EQ(geometry->input_shape(), (Shape{7, 6, 4, 5}));
  EXPECT_EQ(geometry->filter_layout.letters(), "IWOH");
  EXPECT_EQ(geometry->convolution.filter_layout.letters(), "OWIH");
  EXPECT_EQ(geometry->input_channels(), 6);
  EXPECT_EQ(geometry->output_channels(), 4);
  EXPECT_EQ(geometry->groups(), 2);
  EXPECT_EQ(geometry->output_padding, (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(BiasShape(*geometry), (Shape{4}));
}

TEST_F(TransposedGeometryTest, Lengths) {
  using V = std::vector<int64_t>;
  const auto padding = [](PaddingMode mode) { return Padding{.mode = mode}; };
  EXPECT_EQ(Axis({}, 4, 3), (V{6, 0, 0, 0}));
  EXPECT_EQ(Axis({.convolution = {.strides = {2}}, .output_padding = {1}}, 4, 3), (V{10, 0, 0, 1}));
  EXPECT_EQ(Axis({.convolution = {.padding = {.begin = {1}, .end = {2}}, .dilations = {3}}}, 4, 3), (V{7, 1, 2, 0}));
  // SAME: N*s. The odd cell is cut at the end or at the beginning.
  const auto upper = padding(PaddingMode::kSameUpper);
  const auto lower = padding(PaddingMode::kSameLower);
  EXPECT_EQ(Axis({.convolution = {.padding = upper, .strides = {2}}}, 3, 3), (V{6, 0, 1, 0}));
  EXPECT_EQ(Axis({.convolution = {.padding = lower, .strides = {2}}}, 3, 3), (V{6, 1, 0, 0}));
  EXPECT_EQ(Axis({.convolution = {.padding = upper, .strides = {2}}, .output_padding = {1}}, 3, 4), (V{6, 1, 2, 1}));
  EXPECT_EQ(Axis({.convolution = {.padding = upper, .strides = {3}}}, 4, 1), (V{12, 0, 0, 2}));  // nothing to cut
  // An output_shape fixes the padding, as SAME_LOWER unless told otherwise ...
  EXPECT_EQ(Axis({.convolution = {.strides = {2}}, .output_shape = {8}}, 4, 3), (V{8, 1, 0, 0}));
  EXPECT_EQ(Axis({.convolution = {.padding = upper, .strides = {2}}, .output_shape = {8}}, 4, 3), (V{8, 0, 1, 0}));
  EXPECT_EQ(Axis({.convolution = {.strides = {3}}, .output_padding = {1}, .output_shape = {9}}, 3, 3), (V{9, 1, 0, 1}));
  EXPECT_EQ(Axis({.convolution = {.strides = {3}}, .output_shape = {11}}, 3, 3), (V{11, 0, 0, 2}));
  EXPECT_EQ(Axis({.output_shape = {1}}, 4, 3), (V{1, 3, 2, 0}));
  // ... or the output padding.
  EXPECT_EQ(Axis({.convolution = {.padding = {.begin = {1}}, .strides = {2}}, .output_shape = {8}}, 4, 3),
            (V{8, 1, 1, 1}));
  EXPECT_EQ(
      Axis({.convolution = {.padding = padding(PaddingMode::kValid), .strides = {2}}, .output_shape = {10}}, 4, 3),
      (V{10, 0, 0, 1}));
}

TEST_F(TransposedGeometryTest, AnEchoCanBeSentAgain) {
  const Given given{.convolution = {.strides = {2, 3}}, .output_shape = {8, 14}};
  const auto geometry = Resolve(given, {4, 5}, {3, 2});
  ASSERT_TRUE(geometry.has_value());
  Given echo = given;
  echo.convolution.padding.mode = geometry->convolution.padding;
  for (const AxisWindow& axis : geometry->axes()) {
    echo.convolution.padding.begin.push_back(axis.pad_begin);
    echo.convolution.padding.end.push_back(axis.pad_end);
  }
  echo.output_padding = geometry->output_padding;
  const auto again = Resolve(echo, {4, 5}, {3, 2});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->axes(), geometry->axes());
  EXPECT_EQ(again->output_padding, geometry->output_padding);
}

TEST_F(TransposedGeometryTest, OutputPaddingIsLessThanStrideOrDilation) {
  const std::string field = "conventions.output_padding[0]";
  ExpectRefused({.output_padding = {1}}, {4}, {3}, field, "has to be less than 1");
  ExpectRefused({.convolution = {.strides = {3}, .dilations = {2}}, .output_padding = {3}}, {4}, {3}, field,
                "was 3, has to be less than 3, the larger of stride and dilation");
  ExpectRefused({.output_padding = {-1}}, {4}, {3}, field, "was -1");
  ExpectRefused({.output_padding = {0, 0, 0}}, {4, 4}, {3, 3}, "conventions.output_padding", "had 3 entries");
  EXPECT_TRUE(Resolve({.convolution = {.dilations = {4}}, .output_padding = {3}}, {4}, {3}).has_value());
}

TEST_F(TransposedGeometryTest, OutputShapesThatCannotBeAreRefused) {
  const std::string field = "conventions.output_shape[0]";
  ExpectRefused({.output_shape = {0}}, {4}, {3}, field, "was 0");
  ExpectRefused({.convolution = {.strides = {2}}, .output_shape = {11}}, {4}, {3}, field, "has to be 9..10");
  ExpectRefused({.convolution = {.padding = {.begin = {1}}, .strides = {2}}, .output_shape = {6}}, {4}, {3}, field,
                "was 6, has to be 7..8 with this padding");
  ExpectRefused(
      {.convolution = {.padding = {.begin = {1}}, .strides = {2}}, .output_padding = {0}, .output_shape = {8}}, {4},
      {3}, field, "was 8, has to be 7 with this padding and output padding");
  ExpectRefused({.output_shape = {4, 4, 4}}, {4, 4}, {3, 3}, "conventions.output_shape", "had 3 entries");
}

TEST_F(TransposedGeometryTest, AnEmptyOutputNamesTheWindow) {
  ExpectRefused({.convolution = {.padding = {.begin = {3}}}}, {4}, {3}, "filter.shape[0]",
                "was 3, has to be at least 4, or the padding less: the output's length would be 0");
  ExpectRefused({.convolution = {.padding = {.begin = {9}}, .dilations = {2}}}, {4}, {3}, "filter.shape[0]",
                "has to be at least 9");
}

TEST_F(TransposedGeometryTest, ModesAndSourcesThatDoNotApplyAreRefused) {
  ExpectRefused({.convolution = {.padding = {.mode = PaddingMode::kFull}}}, {4}, {3}, "conventions.padding.mode",
                "was FULL");
  ExpectRefused({.convolution = {.padding = {.mode = PaddingMode::kCausal}}}, {4}, {3}, "conventions.padding.mode",
                "was CAUSAL");
  ExpectRefused({.convolution = {.padding = {.begin = {1}, .source = PaddingSource::kReflect}}}, {4}, {3},
                "conventions.padding.source", "was REFLECT");
  EXPECT_TRUE(Resolve({.convolution = {.padding = {.source = PaddingSource::kZero}}}, {4}, {3}).has_value());
}

TEST_F(TransposedGeometryTest, ChannelsHaveToFit) {
  ExpectRefused({}, {5, 5, 4}, {3, 3, 3, 6}, "filter.shape[2]", "was 3 input channels, has to be 4");
  ExpectRefused({.convolution = {.groups = 3}}, {5, 5, 4}, {3, 3, 4, 6}, "conventions.groups",
                "divide the number of input channels, 4");
  ExpectRefused({.convolution = {.groups = 0}}, {5, 5, 4}, {3, 3, 4, 6}, "conventions.groups", "was 0");
  ExpectRefused({.convolution = {.groups = 2}}, {5, 5}, {3, 3}, "conventions.groups", "was 2");
  ExpectRefused({.convolution = {.groups = 4}}, {5, 5, 4}, {3, 3, 4, kMaxSize}, "filter.shape[3]", "in 4 groups");
  const auto geometry = Resolve({.convolution = {.groups = 2}}, {5, 5, 4}, {3, 3, 4, 3});
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->output_shape(), (Shape{7, 7, 6}));
}

TEST_F(TransposedGeometryTest, TheLargestSizesDoNotWrapAround) {
  ExpectRefused({.convolution = {.strides = {kMaxSize}}}, {kMaxSize}, {1}, "filter.shape[0]", "longer than 2147483647");
  ExpectRefused({.convolution = {.dilations = {kMaxSize}}}, {1}, {kMaxSize}, "filter.shape[0]", "longer than");
  ExpectRefused({.convolution = {.strides = {kMaxSize}}, .output_shape = {1}}, {kMaxSize}, {1},
                "conventions.output_shape[0]", "has to need at most 2147483647");
  ExpectRefused({.convolution = {.padding = {.mode = PaddingMode::kSameUpper}, .strides = {kMaxSize}}}, {kMaxSize}, {1},
                "filter.shape[0]", "longer than 2147483647");
  const SizeRules analysis{.max_size = kLargest, .allow_unknown = true};
  EXPECT_FALSE(
      Resolve({.convolution = {.strides = {kLargest}}}, {kLargest}, {1}, Profile::kNone, analysis).has_value());
  EXPECT_FALSE(
      Resolve({.convolution = {.dilations = {kLargest}}}, {1}, {kLargest}, Profile::kNone, analysis).has_value());
}

TEST_F(TransposedGeometryTest, EverythingThatIsWrongIsFoundAtOnce) {
  const Given given{.convolution = {.padding = {.mode = PaddingMode::kFull, .begin = {-1}},
                                    .strides = {0},
                                    .dilations = {1, -2},
                                    .groups = 0},
                    .output_padding = {-1},
                    .output_shape = {0}};
  EXPECT_FALSE(Resolve(given, {1, 0, 5, -3}, {3, 0, 2, 4}).has_value());
  EXPECT_THAT(Fields(), IsSupersetOf({"input.shape[1]", "input.shape[3]", "filter.shape[1]", "conventions.strides[0]",
                                      "conventions.dilations[1]", "conventions.groups", "conventions.padding.begin[0]",
                                      "conventions.padding.mode", "conventions.output_padding[0]",
                                      "conventions.output_shape[0]"}));
  EXPECT_FALSE(Resolve(given, {5}, {}).has_value());
  EXPECT_THAT(Fields(), IsSupersetOf({"filter.shape", "conventions.output_padding[0]", "conventions.output_shape[0]"}));
}

TEST_F(TransposedGeometryTest, SymbolsPassWhereTheyAreAllowed) {
  const SizeRules rules{.max_size = kLargest, .allow_unknown = true};
  const auto geometry = Resolve({.convolution = {.strides = {2}}}, {kUnknownSize, 48, kUnknownSize, 10}, {3, 3, 10, 20},
                                Profile::kNone, rules);
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->output_shape(), (Shape{kUnknownSize, 97, kUnknownSize, 20}));
  const auto same = Resolve({.convolution = {.padding = {.mode = PaddingMode::kSameUpper}, .strides = {2}}},
                            {kUnknownSize}, {3}, Profile::kNone, rules);
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ(same->axes()[0].pad_end, 1);
  EXPECT_FALSE(Resolve({}, {kUnknownSize, 48, 64, 10}, {3, 3, 10, 20}).has_value());
}

}  // namespace
}  // namespace tensord::compute
