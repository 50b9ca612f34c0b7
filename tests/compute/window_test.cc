// Lengths and paddings, against counting window by window.
#include "tensord/compute/window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/reference/reference.h"

namespace tensord::compute {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

std::string Describe(const AxisWindow& a) {
  return "N=" + std::to_string(a.input) + " window=" + std::to_string(a.window) +
         " stride=" + std::to_string(a.stride) + " dilation=" + std::to_string(a.dilation) +
         " pb=" + std::to_string(a.pad_begin) + " pe=" + std::to_string(a.pad_end);
}

// Calls visit with every small axis.
template <typename Visit>
void ForEverySmallAxis(Visit&& visit) {
  AxisWindow a;
  for (a.input = 1; a.input <= 12; ++a.input)
    for (a.window = 1; a.window <= 5; ++a.window)
      for (a.stride = 1; a.stride <= 4; ++a.stride)
        for (a.dilation = 1; a.dilation <= 3; ++a.dilation)
          for (a.pad_begin = 0; a.pad_begin <= 3; ++a.pad_begin)
            for (a.pad_end = 0; a.pad_end <= 3; ++a.pad_end) visit(a);
}

TEST(WindowCountTest, EqualsCountingForEverySmallAxis) {
  ForEverySmallAxis([](const AxisWindow& axis) {
    const bool fits = axis.extent() <= axis.input + axis.pad_begin + axis.pad_end;
    for (const LengthRule rule : {LengthRule::kFloor, LengthRule::kCeil, LengthRule::kStartInside}) {
      const auto count = WindowCount(rule, axis);
      ASSERT_TRUE(count.has_value());
      if (fits || rule == LengthRule::kStartInside) {
        ASSERT_EQ(*count, reference::CountWindows(rule, axis)) << Name(rule) << " " << Describe(axis);
      } else if (rule == LengthRule::kFloor) {
        ASSERT_LE(*count, 0) << Describe(axis);
      }
    }
  });
}

TEST(WindowCountTest, CeilFollowsItsFormulaWhereTheFirstWindowDoesNotFit) {
  ForEverySmallAxis([](const AxisWindow& axis) {
    const double room = static_cast<double>(axis.input + axis.pad_begin + axis.pad_end - axis.extent());
    auto expected = static_cast<int64_t>(std::ceil(room / static_cast<double>(axis.stride))) + 1;
    if ((expected - 1) * axis.stride >= axis.input + axis.pad_begin) --expected;
    ASSERT_EQ(WindowCount(LengthRule::kCeil, axis), expected) << Describe(axis);
  });
}

TEST(WindowCountTest, HugeSizesDoNotOverflow) {
  AxisWindow axis{.input = kLargest, .window = 2, .stride = 1, .pad_begin = kLargest, .pad_end = kLargest};
  EXPECT_FALSE(WindowCount(LengthRule::kFloor, axis).has_value());
  axis.stride = 3;
  EXPECT_EQ(WindowCount(LengthRule::kFloor, axis), kLargest);  // floor((3 * kLargest - 2) / 3) + 1
  axis = {.input = 1, .window = kMaxSize, .stride = 1, .dilation = kMaxSize};
  EXPECT_LT(WindowCount(LengthRule::kFloor, axis).value(), 0);
}

TEST(SamePaddingTest, IsTheLeastThatGivesCeilOfInputOverStride) {
  ForEverySmallAxis([](AxisWindow axis) {
    const int64_t wanted = (axis.input + axis.stride - 1) / axis.stride;
    for (const bool upper : {true, false}) {
      const AxisPadding padding = SamePadding(axis, upper);
      const int64_t more = upper ? padding.end : padding.begin;
      const int64_t less = upper ? padding.begin : padding.end;
      ASSERT_TRUE(more == less || more == less + 1) << Describe(axis);
      axis.pad_begin = padding.begin;
      axis.pad_end = padding.end;
      ASSERT_EQ(reference::CountWindows(LengthRule::kFloor, axis), wanted) << Describe(axis);
      if (more == 0) continue;
      (upper ? axis.pad_end : axis.pad_begin) -= 1;
      ASSERT_LT(reference::CountWindows(LengthRule::kFloor, axis), wanted) << Describe(axis);
    }
  });
}

class SpreadListTest : public ::testing::Test {
 protected:
  std::optional<std::vector<int64_t>> Spread(const std::vector<int64_t>& list, int count,
                                             std::optional<int64_t> fallback = 1, const SizeRules& rules = {}) {
    violations_ = {};
    auto result = SpreadList(list, count, fallback, 1, "c.strides", rules, violations_);
    EXPECT_EQ(result.has_value(), violations_.empty());
    return result;
  }
  Violations violations_;
};

TEST_F(SpreadListTest, OneEntryStandsForAll) {
  EXPECT_THAT(Spread({3}, 3).value(), ElementsAre(3, 3, 3));
  EXPECT_THAT(Spread({3, 4}, 2).value(), ElementsAre(3, 4));
  EXPECT_THAT(Spread({}, 2, 7).value(), ElementsAre(7, 7));
  EXPECT_THAT(Spread({kMaxSize}, 1).value(), ElementsAre(kMaxSize));
}

TEST_F(SpreadListTest, WrongNumbersOfEntriesAreTold) {
  EXPECT_FALSE(Spread({1, 2, 3}, 2).has_value());
  EXPECT_EQ(violations_.kept()[0].field, "c.strides");
  EXPECT_THAT(violations_.kept()[0].description, HasSubstr("had 3 entries"));
  EXPECT_FALSE(Spread({}, 2, std::nullopt).has_value());
  EXPECT_THAT(violations_.kept()[0].description, HasSubstr("was not given"));
}

TEST_F(SpreadListTest, EveryEntryOutOfRangeIsTold) {
  EXPECT_FALSE(Spread({0, 5, kMaxSize + 1}, 3).has_value());
  ASSERT_EQ(violations_.total(), 2u);
  EXPECT_EQ(violations_.kept()[0].field, "c.strides[0]");
  EXPECT_THAT(violations_.kept()[0].description, HasSubstr("was 0"));
  EXPECT_EQ(violations_.kept()[1].field, "c.strides[2]");
}

TEST_F(SpreadListTest, AnUnknownSizePassesOnlyWhereItIsAllowed) {
  EXPECT_FALSE(Spread({kUnknownSize}, 1).has_value());
  EXPECT_THAT(Spread({kUnknownSize}, 1, 1, {.max_size = kLargest, .allow_unknown = true}).value(),
              ElementsAre(kUnknownSize));
}

class ResolvePaddingTest : public ::testing::Test {
 protected:
  std::optional<PaddingMode> Resolve(const Padding& padding, std::vector<AxisWindow> axes,
                                     LengthRule rule = LengthRule::kFloor, const SizeRules& rules = {}) {
    axes_ = std::move(axes);
    violations_ = {};
    std::vector<std::string> fields;
    for (size_t i = 0; i < axes_.size(); ++i) fields.push_back(Indexed("window", i));
    const auto mode = ResolvePaddingAndLength(padding, rule, "c.padding", fields, rules, axes_, violations_);
    EXPECT_EQ(mode.has_value(), violations_.empty());
    return mode;
  }
  void ExpectOne(const std::string& field, const std::string& text) {
    ASSERT_EQ(violations_.total(), 1u) << violations_.ToStatus();
    EXPECT_EQ(violations_.kept()[0].field, field);
    EXPECT_THAT(violations_.kept()[0].description, HasSubstr(text));
  }
  std::vector<AxisWindow> axes_;
  Violations violations_;
};

TEST_F(ResolvePaddingTest, NothingGivenIsValidAndListsAreExplicit) {
  EXPECT_EQ(Resolve({}, {{.input = 5, .window = 2}}), PaddingMode::kValid);
  EXPECT_EQ(axes_[0].output, 4);
  EXPECT_EQ(Resolve({.begin = {2}}, {{.input = 5, .window = 2}}), PaddingMode::kExplicit);
  EXPECT_EQ(axes_[0].pad_begin, 2);
  EXPECT_EQ(axes_[0].pad_end, 2);
  EXPECT_EQ(axes_[0].output, 8);
  EXPECT_EQ(Resolve({.begin = {2, 0}, .end = {1}}, {{.input = 5}, {.input = 6}}), PaddingMode::kExplicit);
  EXPECT_EQ(axes_[1].pad_begin, 0);
  EXPECT_EQ(axes_[1].pad_end, 1);
}

TEST_F(ResolvePaddingTest, FullPadsByTheWindowLessOne) {
  EXPECT_EQ(Resolve({.mode = PaddingMode::kFull}, {{.input = 5, .window = 3, .dilation = 2}}), PaddingMode::kFull);
  EXPECT_EQ(axes_[0].pad_begin, 4);
  EXPECT_EQ(axes_[0].pad_end, 4);
  EXPECT_EQ(axes_[0].output, 9);
}

TEST_F(ResolvePaddingTest, SameGivesCeilOfInputOverStrideUnderEveryRule) {
  for (const LengthRule rule : {LengthRule::kFloor, LengthRule::kCeil, LengthRule::kStartInside}) {
    EXPECT_EQ(Resolve({.mode = PaddingMode::kSameUpper}, {{.input = 5, .window = 4, .stride = 2}}, rule),
              PaddingMode::kSameUpper);
    EXPECT_EQ(axes_[0].pad_begin, 1);
    EXPECT_EQ(axes_[0].pad_end, 2);
    EXPECT_EQ(axes_[0].output, 3);
  }
  EXPECT_EQ(Resolve({.mode = PaddingMode::kSameLower}, {{.input = 5, .window = 4, .stride = 2}}),
            PaddingMode::kSameLower);
  EXPECT_EQ(axes_[0].pad_begin, 2);
}

TEST_F(ResolvePaddingTest, StartInsideRefusesPaddingAtTheEnd) {
  EXPECT_FALSE(Resolve({.begin = {1}}, {{.input = 5, .window = 2}}, LengthRule::kStartInside).has_value());
  ExpectOne("c.padding.end", "has to be 0");
  EXPECT_TRUE(Resolve({.begin = {1}, .end = {0}}, {{.input = 5, .window = 9}}, LengthRule::kStartInside).has_value());
  EXPECT_EQ(axes_[0].output, 6);
}

TEST_F(ResolvePaddingTest, AWindowLongerThanThePaddedInputIsTold) {
  EXPECT_FALSE(Resolve({.begin = {1}}, {{.input = 5, .window = 8}, {.input = 9, .window = 2}}).has_value());
  ExpectOne("window[0]", "was 8, has to be at most 7");
  EXPECT_FALSE(Resolve({}, {{.input = 5, .window = 3, .dilation = 3}}).has_value());
  ExpectOne("window[0]", "(7 with dilation 3)");
}

TEST_F(ResolvePaddingTest, OutputsThatAreTooLongAreTold) {
  EXPECT_FALSE(Resolve({.begin = {kMaxSize}}, {{.input = kMaxSize, .window = 1}}).has_value());
  ExpectOne("window[0]", "would be longer than 2147483647");
  EXPECT_FALSE(Resolve({.mode = PaddingMode::kFull}, {{.input = kMaxSize, .window = kMaxSize}}).has_value());
}

TEST_F(ResolvePaddingTest, NegativePaddingIsTold) {
  EXPECT_FALSE(Resolve({.begin = {-1}, .end = {-2}}, {{.input = 5}}).has_value());
  EXPECT_EQ(violations_.total(), 2u);
}

TEST_F(ResolvePaddingTest, ListsBesideAModeHaveToAgreeWithIt) {
  EXPECT_TRUE(Resolve({.mode = PaddingMode::kFull, .begin = {1}}, {{.input = 5, .window = 2}}).has_value());
  EXPECT_FALSE(Resolve({.mode = PaddingMode::kFull, .begin = {2}}, {{.input = 5, .window = 2}}).has_value());
  ExpectOne("c.padding.begin", "was 2, has to be 1");
}

TEST_F(ResolvePaddingTest, WhatDependsOnASymbolIsUnknown) {
  const SizeRules rules{.max_size = kLargest, .allow_unknown = true};
  EXPECT_TRUE(Resolve({}, {{.input = kUnknownSize, .window = 3}}, LengthRule::kFloor, rules).has_value());
  EXPECT_EQ(axes_[0].output, kUnknownSize);
  EXPECT_TRUE(
      Resolve({.mode = PaddingMode::kSameUpper}, {{.input = 5, .window = kUnknownSize}}, LengthRule::kFloor, rules)
          .has_value());
  EXPECT_EQ(axes_[0].pad_begin, kUnknownSize);
}

TEST_F(ResolvePaddingTest, AnExtentBeyond64BitsIsTold) {
  const SizeRules rules{.max_size = kLargest, .allow_unknown = true};
  EXPECT_FALSE(Resolve({}, {{.input = 5, .window = kLargest, .dilation = kLargest}}, LengthRule::kStartInside, rules)
                   .has_value());
  ExpectOne("window[0]", "2^63 - 1");
}

}  // namespace
}  // namespace tensord::compute
