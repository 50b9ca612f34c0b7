// Global and adaptive windows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "tensord/compute/pooling.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/pooling_cases.h"
#include "tests/reference/reference.h"
#include "tests/support/builders.h"
#include "tests/support/calculus.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::AreAdjoint;
using test_support::Equals;
using test_support::Gamma;
using test_support::InnerProduct;
using test_support::IntegerTensor;
using test_support::IsOk;
using test_support::MakeTensor;
using test_support::RealTensor;
using test_support::SameBits;
using test_support::ToDoubles;
using test_support::WithinBounds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<double> AsDoubles(const std::vector<int64_t>& values) { return {values.begin(), values.end()}; }

class PoolingWindowsTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  ExecutionContext context_{.executor = &serial_};
  ThreadPool pool_{3, 4};
  ExecutionContext parallel_{.executor = &pool_};

  // Everything that a kind can do, against the oracle: forwards exactly (averages: within their bound), backwards, and
  // the same bits with several threads.
  void ExpectAsReference(const PoolingGeometry& g, DataType type) {
    const Tensor x = IntegerTensor(type, g.input_shape, 61, -9, 9);
    const Tensor dy = IntegerTensor(type, g.output_shape, 62);
    const bool max = g.kind == PoolingKind::kMax;
    const reference::Pooled expected = reference::Pool(g, ToDoubles(x));
    const auto y = Pool(g, x.view(), max, context_);
    const auto dx = PoolBackward(g, x.view(), dy.view(), context_);
    ASSERT_THAT(y, IsOk());
    ASSERT_THAT(dx, IsOk());
    std::vector<double> bounds = expected.sums.magnitudes;
    for (size_t i = 0; i < bounds.size(); ++i) {
      const auto terms = static_cast<double>(expected.sums.terms[i]);
      bounds[i] *= max                          ? 0
                   : g.kind == PoolingKind::kLp ? Gamma((2 * terms + 2) / g.p + 8, type)
                                                : Gamma(terms + 1, type);
      bounds[i] += max ? 0 : 0x1p-53 * std::abs(expected.sums.values[i]);
    }
    ASSERT_TRUE(WithinBounds(y->output.view(), g.output_shape, expected.sums.values, bounds));
    if (max) {
      ASSERT_TRUE(Equals(y->indices->view(), g.output_shape, AsDoubles(expected.indices)));
    }
    const reference::Sums gradient = reference::PoolBackward(g, ToDoubles(x), ToDoubles(dy));
    std::vector<double> gradient_bounds = gradient.magnitudes;
    for (size_t i = 0; i < gradient_bounds.size(); ++i) {
      const double per_term = g.kind == PoolingKind::kLp ? 400 : 1;
      gradient_bounds[i] *= max ? 0 : Gamma(static_cast<double>(gradient.terms[i]) + per_term, type);
      gradient_bounds[i] += max ? 0 : 0x1p-53 * std::abs(gradient.values[i]);
    }
    ASSERT_TRUE(WithinBounds(dx->view(), g.input_shape, gradient.values, gradient_bounds));
    ASSERT_TRUE(SameBits(Pool(g, x.view(), false, parallel_)->output.view(), y->output.view()));
    ASSERT_TRUE(SameBits(PoolBackward(g, x.view(), dy.view(), parallel_)->view(), dx->view()));
  }

  void ExpectRefused(PoolingKind kind, const PoolingConventions& given, const Shape& input, const std::string& field,
                     const std::string& text) {
    Violations violations;
    EXPECT_FALSE(ResolvePooling(kind, given, Profile::kNone, input, {}, {}, violations).has_value());
    ASSERT_EQ(violations.total(), 1u) << violations.ToStatus();
    EXPECT_EQ(violations.kept()[0].field, field);
    EXPECT_THAT(violations.kept()[0].description, HasSubstr(text));
  }
};

TEST_F(PoolingWindowsTest, AdaptiveWindowsByHand) {
  // 7 elements, 3 windows: 0..2, 2..4, 4..6.
  const auto span = [](int64_t length, int64_t count, int64_t i) {
    const AdaptiveSpan s = AdaptiveWindow(length, count, i);
    return std::pair(s.first, s.end);
  };
  EXPECT_EQ(span(7, 3, 0), std::pair(int64_t{0}, int64_t{3}));
  EXPECT_EQ(span(7, 3, 1), std::pair(int64_t{2}, int64_t{5}));
  EXPECT_EQ(span(7, 3, 2), std::pair(int64_t{4}, int64_t{7}));
  EXPECT_EQ(span(2, 4, 1), std::pair(int64_t{0}, int64_t{1}));
  EXPECT_EQ(span(kMaxSize, kMaxSize - 1, kMaxSize - 2), std::pair(kMaxSize - 2, kMaxSize));
  const PoolingConventions conventions{.window_mode = WindowMode::kAdaptive, .output_size = {3}};
  const Tensor x = MakeTensor(DataType::kFloat32, {7}, {1, 2, 3, 2, 0, 10, 1});
  const auto average = Pool(Resolved(PoolingKind::kAverage, conventions, {7}), x.view(), false, context_);
  EXPECT_THAT(ToDoubles(average->output), ElementsAre(2, 5.0F / 3, 11.0F / 3));
  const auto max = Pool(Resolved(PoolingKind::kMax, conventions, {7}), x.view(), true, context_);
  EXPECT_THAT(ToDoubles(max->output), ElementsAre(3, 3, 10));
  EXPECT_THAT(ToDoubles(*max->indices), ElementsAre(2, 2, 5));
}

TEST_F(PoolingWindowsTest, EveryAdaptivePairOfLengthsEqualsTheReference) {
  for (int64_t n = 1; n <= 12; ++n) {
    for (int64_t count = 1; count <= 14; ++count) {
      const PoolingConventions conventions{
          .input_layout = "W", .window_mode = WindowMode::kAdaptive, .output_size = {count}};
      int64_t longest = 0;
      for (int64_t i = 0; i < count; ++i) {
        const AdaptiveSpan span = AdaptiveWindow(n, count, i);
        EXPECT_EQ(span.first, i * n / count);
        EXPECT_EQ(span.end,
                  (static_cast<int64_t>(std::ceil(static_cast<double>((i + 1) * n) / static_cast<double>(count)))));
        longest = std::max(longest, span.end - span.first);
      }
      const auto max = Resolved(PoolingKind::kMax, conventions, {n});
      EXPECT_EQ(max.axes[0].window, longest) << n << " into " << count;
      EXPECT_EQ(max.output_shape, (Shape{count}));
      ExpectAsReference(max, DataType::kFloat32);
      ExpectAsReference(Resolved(PoolingKind::kAverage, conventions, {n}), DataType::kFloat64);
    }
  }
}

TEST_F(PoolingWindowsTest, AdaptiveWindowsOfEveryLayoutEqualTheReference) {
  struct Row {
    const char* layout;
    Shape input;
    std::vector<int64_t> sizes;
  };
  const Row rows[] = {{"HW", {9, 50}, {4, 25}},         {"NHWC", {2, 7, 5, 3}, {3}},
                      {"NCHW", {2, 3, 8, 11}, {3, 11}}, {"CHWN", {2, 6, 5, 4}, {4, 7}},
                      {"WCH", {13, 2, 4}, {2, 5}},      {"NDHWC", {2, 5, 4, 6, 3}, {2, 3, 4}},
                      {"DHW", {4, 5, 40}, {3, 2, 20}},  {"NCW", {0, 3, 5}, {2}}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.layout);
    for (const IndexBase base : {IndexBase::kPlane, IndexBase::kTensor, IndexBase::kTensorColumnMajor,
                                 IndexBase::kLayout, IndexBase::kLayoutPerSample}) {
      const PoolingConventions conventions{.input_layout = row.layout,
                                           .index_base = base,
                                           .window_mode = WindowMode::kAdaptive,
                                           .output_size = row.sizes};
      ExpectAsReference(Resolved(PoolingKind::kMax, conventions, row.input), DataType::kFloat32);
    }
    const PoolingConventions conventions{
        .input_layout = row.layout, .window_mode = WindowMode::kAdaptive, .output_size = row.sizes};
    ExpectAsReference(Resolved(PoolingKind::kAverage, conventions, row.input), DataType::kFloat32);
  }
}

TEST_F(PoolingWindowsTest, AGlobalWindowIsTheWholeInput) {
  for (const PoolingKind kind : {PoolingKind::kMax, PoolingKind::kAverage, PoolingKind::kLp}) {
    SCOPED_TRACE(Name(kind));
    const PoolingConventions global{.window_mode = WindowMode::kGlobal};
    for (const Shape& shape : {Shape{9}, Shape{3, 7}, Shape{4, 5, 3}, Shape{2, 4, 5, 3}, Shape{2, 3, 4, 5, 3}}) {
      const PoolingGeometry geometry = Resolved(kind, global, shape);
      ExpectAsReference(geometry, DataType::kFloat32);
      // The same as a window of that size.
      PoolingConventions spelt;
      for (const AxisWindow& axis : geometry.axes) spelt.window.push_back(axis.input);
      const Tensor x = RealTensor(DataType::kFloat64, shape, 63);
      const PoolingGeometry windowed = Resolved(kind, spelt, shape);
      EXPECT_EQ(geometry.output_shape, windowed.output_shape);
      EXPECT_TRUE(SameBits(Pool(geometry, x.view(), false, context_)->output.view(),
                           Pool(windowed, x.view(), false, context_)->output.view()));
    }
  }
}

TEST_F(PoolingWindowsTest, AnAdaptiveAverageIsTheAdjointOfItsGradient) {
  // With a divisor of 1 everything stays an integer.
  const Shape shape = {7, 10, 3};
  const auto geometry = Resolved(PoolingKind::kAverage,
                                 {.input_layout = "HWC",
                                  .average_divisor = AverageDivisor::kFixed,
                                  .fixed_divisor = 1,
                                  .window_mode = WindowMode::kAdaptive,
                                  .output_size = {3, 4}},
                                 shape);
  const Tensor x = IntegerTensor(DataType::kFloat64, shape, 64);
  const Tensor dy = IntegerTensor(DataType::kFloat64, geometry.output_shape, 65);
  const auto y = Pool(geometry, x.view(), false, context_);
  const auto dx = PoolBackward(geometry, x.view(), dy.view(), context_);
  EXPECT_TRUE(AreAdjoint(InnerProduct(*dx, x), InnerProduct(dy, y->output)));
}

TEST_F(PoolingWindowsTest, NothingNeedsADivisorThatStaysInside) {
  for (const WindowMode mode : {WindowMode::kGlobal, WindowMode::kAdaptive}) {
    PoolingConventions conventions{.window_mode = mode};
    if (mode == WindowMode::kAdaptive) conventions.output_size = {4};
    EXPECT_FALSE(Resolved(PoolingKind::kAverage, conventions, {7}).average_divisor.has_value());
  }
}

TEST_F(PoolingWindowsTest, WhatAModeHasNotIsRefusedBesideIt) {
  for (const WindowMode mode : {WindowMode::kGlobal, WindowMode::kAdaptive}) {
    SCOPED_TRACE(Name(mode));
    PoolingConventions good{.window_mode = mode};
    if (mode == WindowMode::kAdaptive) good.output_size = {2};
    const auto refused = [&](auto spoil, const std::string& field) {
      PoolingConventions given = good;
      spoil(given);
      ExpectRefused(PoolingKind::kMax, given, {7}, "conventions." + field, "has to be left out");
    };
    refused([](auto& c) { c.strides = {1}; }, "strides");
    refused([](auto& c) { c.dilations = {1}; }, "dilations");
    refused([](auto& c) { c.padding.begin = {0}; }, "padding");
    refused([](auto& c) { c.padding.end = {0}; }, "padding");
    refused([](auto& c) { c.padding.mode = PaddingMode::kValid; }, "padding");
    refused([](auto& c) { c.length_rule = LengthRule::kFloor; }, "length_rule");
  }
  ExpectRefused(PoolingKind::kMax, {.window = {2}, .window_mode = WindowMode::kAdaptive, .output_size = {2}}, {7},
                "conventions.window", "has to be left out");
  ExpectRefused(PoolingKind::kMax, {.window_mode = WindowMode::kGlobal, .output_size = {1}}, {7},
                "conventions.output_size", "unless window_mode is ADAPTIVE");
  ExpectRefused(PoolingKind::kMax, {.window = {2}, .output_size = {1}}, {7}, "conventions.output_size",
                "unless window_mode is ADAPTIVE");
}

TEST_F(PoolingWindowsTest, AnEchoedGlobalWindowIsAcceptedAndNoOther) {
  const PoolingConventions echo{.window = {4, 5}, .window_mode = WindowMode::kGlobal};
  EXPECT_EQ(Resolved(PoolingKind::kMax, echo, {4, 5}).output_shape, (Shape{1, 1}));
  ExpectRefused(PoolingKind::kMax, echo, {4, 6}, "conventions.window[1]", "was 5, has to be 6, the input's length");
  ExpectRefused(PoolingKind::kMax, {.window = {1, 1, 1}, .window_mode = WindowMode::kGlobal}, {4, 6},
                "conventions.window", "had 3 entries");
}

TEST_F(PoolingWindowsTest, OutputSizesHaveToBeRight) {
  const auto with = [](const std::vector<int64_t>& sizes) {
    return PoolingConventions{.window_mode = WindowMode::kAdaptive, .output_size = sizes};
  };
  ExpectRefused(PoolingKind::kMax, with({}), {7}, "conventions.output_size", "was not given");
  ExpectRefused(PoolingKind::kMax, with({0}), {7}, "conventions.output_size[0]", "was 0");
  ExpectRefused(PoolingKind::kMax, with({-1}), {7}, "conventions.output_size[0]", "was -1");
  ExpectRefused(PoolingKind::kMax, with({kMaxSize + 1}), {7}, "conventions.output_size[0]", "was 2147483648");
  ExpectRefused(PoolingKind::kMax, with({1, 2}), {7}, "conventions.output_size", "had 2 entries");
  EXPECT_EQ(Resolved(PoolingKind::kMax, with({kMaxSize}), {7}).output_shape, (Shape{kMaxSize}));
}

TEST_F(PoolingWindowsTest, KindsTakeTheModesAndFieldsThatTheyHave) {
  const std::vector<int64_t> two = {2};
  ExpectRefused(PoolingKind::kLp, {.window_mode = WindowMode::kAdaptive, .output_size = two}, {7},
                "conventions.window_mode", "has to be EXPLICIT or GLOBAL for LP");
  ExpectRefused(PoolingKind::kSubsample, {.strides = two, .window_mode = WindowMode::kExplicit}, {7},
                "conventions.window_mode", "only MAX, AVERAGE and LP");
  ExpectRefused(PoolingKind::kMax, {.window = two, .p = 2}, {7}, "conventions.p", "only LP");
  ExpectRefused(PoolingKind::kAverage, {.window = two, .empty_window = EmptyWindow::kRefuse}, {7},
                "conventions.empty_window", "only MAX");
  for (const double p : {0.0, -1.0, static_cast<double>(INFINITY), static_cast<double>(NAN)}) {
    ExpectRefused(PoolingKind::kLp, {.window = two, .p = p}, {7}, "conventions.p", "has to be a finite number above 0");
  }
  for (const Profile profile : kAllProfiles) {
    EXPECT_EQ(Resolved(PoolingKind::kLp, {.window = two}, {7}, profile).p, 2);
    EXPECT_EQ(Resolved(PoolingKind::kMax, {.window = two}, {7}, profile).empty_window, EmptyWindow::kRefuse);
  }
  EXPECT_EQ(Name(PoolingKind::kLp), "LP");
}

TEST_F(PoolingWindowsTest, SymbolsPassWhereTheyAreAllowed) {
  const SizeRules rules{.max_size = std::numeric_limits<int64_t>::max(), .allow_unknown = true};
  Violations violations;
  const Shape input = {kUnknownSize, kUnknownSize, 8, 3};
  const auto global = ResolvePooling(PoolingKind::kMax, {.window_mode = WindowMode::kGlobal}, Profile::kNone, input, {},
                                     rules, violations);
  ASSERT_TRUE(global.has_value()) << violations.ToStatus();
  EXPECT_EQ(global->output_shape, (Shape{kUnknownSize, 1, 1, 3}));
  const auto adaptive =
      ResolvePooling(PoolingKind::kAverage, {.window_mode = WindowMode::kAdaptive, .output_size = {5}}, Profile::kNone,
                     input, {}, rules, violations);
  ASSERT_TRUE(adaptive.has_value()) << violations.ToStatus();
  EXPECT_EQ(adaptive->output_shape, (Shape{kUnknownSize, 5, 5, 3}));
}

}  // namespace
}  // namespace tensord::compute
