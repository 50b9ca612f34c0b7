// Layouts, sizes, windows and everything that is wrong with a pooling.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "tensord/compute/pooling.h"

namespace tensord::compute {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

class PoolingGeometryTest : public ::testing::Test {
 protected:
  std::optional<PoolingGeometry> Resolve(PoolingKind kind, const PoolingConventions& given, const Shape& input,
                                         Profile profile = Profile::kNone, const SizeRules& rules = {}) {
    violations_ = {};
    auto geometry = ResolvePooling(kind, given, profile, input, {}, rules, violations_);
    EXPECT_EQ(geometry.has_value(), violations_.empty()) << violations_.ToStatus();
    return geometry;
  }

  std::set<std::string> Fields() const {
    std::set<std::string> fields;
    for (const Violation& violation : violations_.kept()) fields.insert(violation.field);
    return fields;
  }

  void ExpectRefused(PoolingKind kind, const PoolingConventions& given, const Shape& input, const std::string& field,
                     const std::string& text) {
    EXPECT_FALSE(Resolve(kind, given, input).has_value());
    ASSERT_EQ(violations_.total(), 1u) << violations_.ToStatus();
    EXPECT_EQ(violations_.kept()[0].field, field);
    EXPECT_THAT(violations_.kept()[0].description, HasSubstr(text));
  }

  Violations violations_;
};

TEST_F(PoolingGeometryTest, LayoutsFollowFromTheRankAndProfile) {
  const std::string last[] = {"W", "HW", "HWC", "NHWC", "NDHWC"};
  const std::string first[] = {"W", "HW", "CHW", "NCHW", "NCDHW"};
  const Shape shapes[] = {{9}, {9, 9}, {9, 9, 9}, {9, 9, 9, 9}, {9, 9, 9, 9, 9}};
  for (const Profile profile : kAllProfiles) {
    const bool channels_first = profile == Profile::kPytorch || profile == Profile::kOnnx || profile == Profile::kCudnn;
    for (size_t i = 0; i < 5; ++i) {
      const auto geometry = Resolve(PoolingKind::kMax, {.window = {2}}, shapes[i], profile);
      ASSERT_TRUE(geometry.has_value());
      EXPECT_EQ(geometry->layout.letters(), channels_first ? first[i] : last[i]) << Name(profile);
    }
  }
}

TEST_F(PoolingGeometryTest, RulesFollowTheProfileUnlessGiven) {
  for (const Profile profile : kAllProfiles) {
    const auto geometry = Resolve(PoolingKind::kMax, {.window = {3}}, {9}, profile);
    ASSERT_TRUE(geometry.has_value());
    EXPECT_EQ(geometry->length_rule, DefaultsOf(profile).length_rule);
    EXPECT_EQ(geometry->nan_rule, DefaultsOf(profile).nan_rule);
    EXPECT_EQ(geometry->index_base, DefaultsOf(profile).index_base);
    EXPECT_EQ(geometry->axes[0].stride, profile == Profile::kOnnx ? 1 : 3) << Name(profile);
  }
  const auto geometry = Resolve(PoolingKind::kMax,
                                {.window = {3},
                                 .strides = {2},
                                 .length_rule = LengthRule::kCeil,
                                 .nan_rule = NanRule::kFirst,
                                 .index_base = IndexBase::kLayout},
                                {10}, Profile::kPytorch);
  EXPECT_EQ(geometry->length_rule, LengthRule::kCeil);
  EXPECT_EQ(geometry->nan_rule, NanRule::kFirst);
  EXPECT_EQ(geometry->index_base, IndexBase::kLayout);
  EXPECT_EQ(geometry->output_shape, (Shape{5}));
}

TEST_F(PoolingGeometryTest, TheShapesOfTheTextbook) {
  // (B, N, C) pooled along N: (B, floor((N-1)/s)+1, C), with s = 3.
  const PoolingConventions max{.input_layout = "NWC", .window = {2}, .strides = {3}};
  EXPECT_EQ(Resolve(PoolingKind::kMax, max, {4, 11, 5}, Profile::kTextbook)->output_shape, (Shape{4, 4, 5}));
  const PoolingConventions subsample{.input_layout = "NWC", .strides = {3}};
  EXPECT_EQ(Resolve(PoolingKind::kSubsample, subsample, {4, 11, 5})->output_shape, (Shape{4, 4, 5}));
}

// Which windows hold no element of the input, and whether one reaches past it, by looking at every element.
struct Found {
  bool empty_window = false;
  bool reaches_past = false;
};
Found Look(const AxisWindow& axis, int64_t outputs) {
  Found found;
  for (int64_t o = 0; o < outputs; ++o) {
    bool any_inside = false;
    for (int64_t k = 0; k < axis.window; ++k) {
      const int64_t p = o * axis.stride + k * axis.dilation - axis.pad_begin;
      const bool inside = p >= 0 && p < axis.input;
      any_inside = any_inside || inside;
      found.reaches_past = found.reaches_past || !inside;
    }
    found.empty_window = found.empty_window || !any_inside;
  }
  return found;
}

TEST_F(PoolingGeometryTest, EveryWindowHasToHoldAnElementOfTheInput) {
  AxisWindow a;
  int64_t refused = 0;
  for (a.input = 1; a.input <= 6; ++a.input)
    for (a.window = 1; a.window <= 4; ++a.window)
      for (a.stride = 1; a.stride <= 4; ++a.stride)
        for (a.dilation = 1; a.dilation <= 6; ++a.dilation)
          for (a.pad_begin = 0; a.pad_begin <= 7; ++a.pad_begin)
            for (a.pad_end = 0; a.pad_end <= 3; ++a.pad_end)
              for (const LengthRule rule : {LengthRule::kFloor, LengthRule::kCeil, LengthRule::kStartInside}) {
                if (rule == LengthRule::kStartInside && a.pad_end > 0) continue;
                const auto count = WindowCount(rule, a);
                if (*count < 1) continue;
                const PoolingConventions given{.window = {a.window},
                                               .strides = {a.stride},
                                               .dilations = {a.dilation},
                                               .padding = {.begin = {a.pad_begin}, .end = {a.pad_end}},
                                               .length_rule = rule};
                const Found found = Look(a, *count);
                ASSERT_EQ(Resolve(PoolingKind::kMax, given, {a.input}).has_value(), !found.empty_window)
                    << "N=" << a.input << " window=" << a.window << " s=" << a.stride << " d=" << a.dilation
                    << " pb=" << a.pad_begin << " pe=" << a.pad_end << " " << Name(rule);
                refused += found.empty_window ? 1 : 0;
                if (found.empty_window) continue;
                // Without a profile the divisor is needed exactly where a window reaches past the input.
                ASSERT_EQ(Resolve(PoolingKind::kAverage, given, {a.input}).has_value(), !found.reaches_past)
                    << "N=" << a.input << " window=" << a.window << " s=" << a.stride << " d=" << a.dilation
                    << " pb=" << a.pad_begin << " pe=" << a.pad_end << " " << Name(rule);
              }
  EXPECT_GT(refused, 0);
}

TEST_F(PoolingGeometryTest, ADivisorThatMattersHasToBeStated) {
  const PoolingConventions given{.window = {2}, .padding = {.begin = {1}}};
  ExpectRefused(PoolingKind::kAverage, given, {5}, "conventions.average_divisor",
                "has to be EXCLUDED, INCLUDED or FIXED");
  EXPECT_FALSE(Resolve(PoolingKind::kAverage, given, {5}, Profile::kCudnn).has_value());
  EXPECT_EQ(Resolve(PoolingKind::kAverage, given, {5}, Profile::kPytorch)->average_divisor, AverageDivisor::kIncluded);
  EXPECT_EQ(Resolve(PoolingKind::kAverage, given, {5}, Profile::kOnnx)->average_divisor, AverageDivisor::kExcluded);
}

TEST_F(PoolingGeometryTest, AFixedDivisorGoesWithItsMode) {
  PoolingConventions given{.window = {2}, .average_divisor = AverageDivisor::kFixed};
  ExpectRefused(PoolingKind::kAverage, given, {4}, "conventions.fixed_divisor", "was not given");
  given.fixed_divisor = 0;
  ExpectRefused(PoolingKind::kAverage, given, {4}, "conventions.fixed_divisor", "was 0");
  given.fixed_divisor = -3;
  ExpectRefused(PoolingKind::kAverage, given, {4}, "conventions.fixed_divisor", "was -3");
  given.fixed_divisor = 3;
  EXPECT_EQ(Resolve(PoolingKind::kAverage, given, {4})->fixed_divisor, 3);
  given.average_divisor = AverageDivisor::kExcluded;
  ExpectRefused(PoolingKind::kAverage, given, {4}, "conventions.fixed_divisor", "unless average_divisor is FIXED");
}

TEST_F(PoolingGeometryTest, FieldsOfOtherKindsAreRefused) {
  EXPECT_FALSE(
      Resolve(
          PoolingKind::kAverage,
          {.window = {2}, .tie_rule = TieRule::kFirst, .nan_rule = NanRule::kFirst, .index_base = IndexBase::kPlane},
          {4})
          .has_value());
  EXPECT_THAT(Fields(), IsSupersetOf({"conventions.tie_rule", "conventions.nan_rule", "conventions.index_base"}));
  EXPECT_FALSE(
      Resolve(PoolingKind::kMax, {.window = {2}, .average_divisor = AverageDivisor::kIncluded, .fixed_divisor = 1}, {4})
          .has_value());
  EXPECT_THAT(Fields(), IsSupersetOf({"conventions.average_divisor", "conventions.fixed_divisor"}));
}

TEST_F(PoolingGeometryTest, WhatAKindNeedsHasToBeGiven) {
  ExpectRefused(PoolingKind::kMax, {}, {4}, "conventions.window", "was not given");
  ExpectRefused(PoolingKind::kAverage, {}, {4}, "conventions.window", "was not given");
  ExpectRefused(PoolingKind::kSubsample, {}, {4}, "conventions.strides", "was not given");
  ExpectRefused(PoolingKind::kSubsample, {.window = {2}, .strides = {2}}, {4}, "conventions.window",
                "has to be 1 or left out");
  EXPECT_TRUE(Resolve(PoolingKind::kSubsample, {.window = {1}, .strides = {2}}, {4}).has_value());
}

TEST_F(PoolingGeometryTest, SizesThatAreWrongAreRefused) {
  const PoolingConventions two{.window = {2}};
  ExpectRefused(PoolingKind::kMax, two, {1, 4, 0, 3}, "input.shape[2]", "was 0");
  ExpectRefused(PoolingKind::kMax, two, {4, -4}, "input.shape[1]", "was -4");
  ExpectRefused(PoolingKind::kMax, two, {kMaxSize + 1}, "input.shape[0]", "2147483648");
  ExpectRefused(PoolingKind::kMax, two, {}, "input.shape", "rank 0");
  ExpectRefused(PoolingKind::kMax, two, {1, 1, 1, 1, 1, 1}, "input.shape", "rank 6");
  ExpectRefused(PoolingKind::kMax, {.window = {0}}, {4}, "conventions.window[0]", "was 0");
  ExpectRefused(PoolingKind::kMax, {.window = {2}, .strides = {-1}}, {4}, "conventions.strides[0]", "was -1");
  ExpectRefused(PoolingKind::kMax, {.window = {2}, .dilations = {0}}, {4}, "conventions.dilations[0]", "was 0");
  ExpectRefused(PoolingKind::kMax, {.window = {2, 2, 2}}, {4, 4}, "conventions.window", "had 3 entries");
  ExpectRefused(PoolingKind::kMax, {.window = {5}}, {4}, "conventions.window", "has to be at most 4");
  ExpectRefused(PoolingKind::kMax, {.input_layout = "CN", .window = {2}}, {4, 4}, "conventions.input_layout", "'CN'");
  EXPECT_TRUE(Resolve(PoolingKind::kMax, two, {0, 4, 4, 3}).has_value());  // an empty batch
}

TEST_F(PoolingGeometryTest, EverythingThatIsWrongIsFoundAtOnce) {
  const PoolingConventions given{.window = {0},
                                 .strides = {-1},
                                 .dilations = {0},
                                 .padding = {.begin = {-1}},
                                 .average_divisor = AverageDivisor::kFixed,
                                 .nan_rule = NanRule::kFirst};
  EXPECT_FALSE(Resolve(PoolingKind::kAverage, given, {1, 0, 4, 3}).has_value());
  EXPECT_THAT(Fields(), IsSupersetOf({"input.shape[1]", "conventions.window[0]", "conventions.strides[0]",
                                      "conventions.dilations[0]", "conventions.nan_rule",
                                      "conventions.padding.begin[0]", "conventions.fixed_divisor"}));
}

TEST_F(PoolingGeometryTest, AnUnknownLayoutHidesNothing) {
  const PoolingConventions given{.input_layout = "QQ",
                                 .window = {0},
                                 .strides = {-1, 2},
                                 .dilations = {0},
                                 .padding = {.begin = {-1}, .end = {-2}}};
  EXPECT_FALSE(Resolve(PoolingKind::kMax, given, {0, 4}).has_value());
  EXPECT_THAT(Fields(), IsSupersetOf({"conventions.input_layout", "input.shape[0]", "conventions.window[0]",
                                      "conventions.strides[0]", "conventions.dilations[0]",
                                      "conventions.padding.begin[0]", "conventions.padding.end[0]"}));
}

TEST_F(PoolingGeometryTest, TheLargestSizesDoNotWrapAround) {
  EXPECT_TRUE(Resolve(PoolingKind::kMax,
                      {.window = {kMaxSize},
                       .strides = {kMaxSize},
                       .dilations = {kMaxSize},
                       .length_rule = LengthRule::kStartInside},
                      {kMaxSize})
                  .has_value());
  EXPECT_FALSE(Resolve(PoolingKind::kMax, {.window = {2}, .strides = {1}, .padding = {.begin = {kMaxSize}}}, {kMaxSize})
                   .has_value());
  // Far too much padding in front of one element: the first window is empty; found without stepping.
  EXPECT_FALSE(Resolve(PoolingKind::kMax,
                       {.window = {2}, .strides = {3}, .dilations = {kMaxSize}, .padding = {.begin = {kMaxSize - 2}}},
                       {5})
                   .has_value());
}

TEST_F(PoolingGeometryTest, PaddingKeepsToItsLimit) {
  const auto given = [](PaddingLimit limit, std::vector<int64_t> begin, std::vector<int64_t> end) {
    return PoolingConventions{.window = {3},
                              .strides = {1},
                              .dilations = {2},
                              .padding = {.begin = std::move(begin), .end = std::move(end)},
                              .padding_limit = limit};
  };
  for (const PoolingKind kind : {PoolingKind::kMax, PoolingKind::kAverage, PoolingKind::kLp}) {
    EXPECT_TRUE(Resolve(kind, given(PaddingLimit::kHalfWindow, {1}, {1}), {9}, Profile::kPytorch).has_value());
    EXPECT_TRUE(Resolve(kind, given(PaddingLimit::kHalfDilatedWindow, {2}, {2}), {9}, Profile::kPytorch).has_value());
    EXPECT_TRUE(Resolve(kind, given(PaddingLimit::kNone, {4}, {4}), {9}, Profile::kPytorch).has_value());
  }
  ExpectRefused(PoolingKind::kMax, given(PaddingLimit::kHalfWindow, {2}, {0}), {9}, "conventions.padding",
                "was 2 before axis W, has to be at most 1, half of the window, where padding_limit is HALF_WINDOW");
  ExpectRefused(PoolingKind::kMax, given(PaddingLimit::kHalfDilatedWindow, {0, 0}, {2, 3}), {9, 9},
                "conventions.padding", "was 3 after axis W, has to be at most 2, half of the dilated window");
  // A mode's padding too: FULL has the extent less one.
  ExpectRefused(PoolingKind::kMax,
                {.window = {3}, .padding = {.mode = PaddingMode::kFull}, .padding_limit = PaddingLimit::kHalfWindow},
                {9}, "conventions.padding", "was 2 before axis W");
  // Half of what is not known is not known.
  const SizeRules rules{.max_size = kLargest, .allow_unknown = true};
  EXPECT_TRUE(Resolve(PoolingKind::kMax, {.window = {2}, .padding_limit = PaddingLimit::kHalfWindow}, {kUnknownSize},
                      Profile::kNone, rules)
                  .has_value());
}

TEST_F(PoolingGeometryTest, SymbolsPassWhereTheyAreAllowed) {
  const SizeRules rules{.max_size = kLargest, .allow_unknown = true};
  const auto geometry =
      Resolve(PoolingKind::kMax, {.input_layout = "NWC", .window = {2}}, {7, kUnknownSize, 3}, Profile::kNone, rules);
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(geometry->output_shape, (Shape{7, kUnknownSize, 3}));
}

TEST_F(PoolingGeometryTest, KindsHaveTheNamesOfTheProtos) {
  EXPECT_EQ(Name(PoolingKind::kMax), "MAX");
  EXPECT_EQ(Name(PoolingKind::kAverage), "AVERAGE");
  EXPECT_EQ(Name(PoolingKind::kSubsample), "SUBSAMPLE");
}

}  // namespace
}  // namespace tensord::compute
