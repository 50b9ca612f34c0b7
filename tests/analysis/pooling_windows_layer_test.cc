// Layers with global and adaptive windows, norms and empty windows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <stdexcept>

#include "analysis/src/adaptive_windows.h"
#include "tensord/analysis/layer.h"
#include "tests/analysis/layer_checks.h"

namespace tensord::analysis {
namespace {

using compute::PoolingConventions;
using compute::PoolingKind;
using compute::WindowMode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::optional<LayerAnalysis> TryAnalyze(PoolingKind kind, const std::vector<Dimension>& input,
                                        const PoolingConventions& conventions, compute::Violations& violations) {
  return AnalyzePooling({.kind = kind, .input_shape = input, .conventions = conventions, .symbolic_strides = {}},
                        compute::Profile::kNone, compute::DataType::kFloat32, "pooling", violations);
}

LayerAnalysis Analyze(PoolingKind kind, const std::vector<Dimension>& input, const PoolingConventions& conventions) {
  compute::Violations violations;
  auto result = TryAnalyze(kind, input, conventions, violations);
  if (!result.has_value() || !violations.empty()) throw std::runtime_error(violations.ToStatus().ToString());
  return *std::move(result);
}

std::string Refusal(PoolingKind kind, const std::vector<Dimension>& input, const PoolingConventions& conventions) {
  compute::Violations violations;
  EXPECT_FALSE(TryAnalyze(kind, input, conventions, violations).has_value());
  return std::string(violations.ToStatus().message());
}

TEST(PoolingWindowsLayerTest, AGlobalWindowIsTheInput) {
  const PoolingConventions global{.window_mode = WindowMode::kGlobal};
  const LayerAnalysis numbers = Analyze(PoolingKind::kMax, {2, 5, 4, 3}, global);
  EXPECT_EQ(Text(numbers.output_shape), "2,1,1,3");
  EXPECT_EQ(numbers.comparison_count.value(), 2 * 3 * (5 * 4 - 1));
  ExpectFormulasGiveCounts(
      numbers, {{"N", 2}, {"H", 5}, {"W", 4}, {"C", 3}, {"Kh", 5}, {"Kw", 4}, {"Ho", 1}, {"Wo", 1}, {"item_size", 4}});
  const LayerAnalysis symbols = Analyze(PoolingKind::kAverage, {"N", "H", "W", "C"}, global);
  EXPECT_EQ(Text(symbols.output_shape), "N,1,1,C");
  EXPECT_THAT(symbols.conditions, IsEmpty());
  EXPECT_EQ(symbols.addition_count.exact().Evaluate({{"N", 2}, {"H", 5}, {"W", 4}, {"C", 3}}).value(), Integer(114));
  EXPECT_EQ(symbols.division_count.expression(), "C*N");
}

// The elements of all windows along an axis, one window after the other.
int64_t ElementsByHand(int64_t length, int64_t count) {
  int64_t elements = 0;
  for (int64_t i = 0; i < count; ++i) {
    const compute::AdaptiveSpan span = compute::AdaptiveWindow(length, count, i);
    elements += span.end - span.first;
  }
  return elements;
}

TEST(PoolingWindowsLayerTest, AdaptiveWindowsCountTheElementsThatTheyHave) {
  for (int64_t count = 1; count <= 12; ++count) {
    const PoolingConventions conventions{.window_mode = WindowMode::kAdaptive, .output_size = {count}};
    const LayerAnalysis symbolic = Analyze(PoolingKind::kMax, {"L"}, conventions);
    EXPECT_EQ(Text(symbolic.output_shape), std::to_string(count));
    for (int64_t length = 1; length <= 30; ++length) {
      const int64_t steps = ElementsByHand(length, count) - count;
      EXPECT_EQ(Analyze(PoolingKind::kMax, {length}, conventions).comparison_count.value(), steps);
      EXPECT_EQ(symbolic.comparison_count.exact().Evaluate({{"L", length}}).value(), Integer(steps)) << length;
    }
  }
  const LayerAnalysis plane =
      Analyze(PoolingKind::kAverage, {2, 7, 5, 3}, {.window_mode = WindowMode::kAdaptive, .output_size = {3, 2}});
  EXPECT_EQ(plane.addition_count.value(), 2 * 3 * (ElementsByHand(7, 3) * ElementsByHand(5, 2) - 6));
  EXPECT_EQ(plane.division_count.value(), 2 * 3 * 2 * 3);
  EXPECT_THAT(FormulaOf(plane, "addition_count"), Pair("N*C*((H + Ho - gcd(H, Ho))*(W + Wo - gcd(W, Wo)) - Ho*Wo)",
                                                       "2*3*((7 + 3 - gcd(7, 3))*(5 + 2 - gcd(5, 2)) - 3*2)"));
}

TEST(PoolingWindowsLayerTest, SymbolicDivisorsAreRight) {
  for (int64_t count = 1; count <= 60; ++count) {
    const Expression common = GreatestCommonDivisor(Expression::Symbol("L"), count);
    for (int64_t length = 1; length <= 70; ++length) {
      ASSERT_EQ(common.Evaluate({{"L", length}}).value(), Integer(std::gcd(length, count))) << length << " " << count;
    }
  }
}

TEST(PoolingWindowsLayerTest, ManyAdaptiveWindowsOfASymbolAreRefusedAndOfANumberNot) {
  const PoolingConventions many{.window_mode = WindowMode::kAdaptive, .output_size = {kMostSymbolicWindows + 1}};
  EXPECT_THAT(Refusal(PoolingKind::kMax, {"L"}, many), HasSubstr("has to be at most 1048576"));
  EXPECT_EQ(Analyze(PoolingKind::kMax, {7}, many).output_shape[0].value(), kMostSymbolicWindows + 1);
}

TEST(PoolingWindowsLayerTest, NormsCountSquaresAndAdditions) {
  const LayerAnalysis squares = Analyze(PoolingKind::kLp, {8, 6}, {.window = {2, 3}});
  EXPECT_EQ(squares.multiplication_count.value(), 4 * 2 * 6);
  EXPECT_EQ(squares.mac_count.value(), 4 * 2 * 6);
  EXPECT_EQ(squares.flop_count.value(), 2 * 4 * 2 * 6);
  EXPECT_EQ(squares.addition_count.value(), 4 * 2 * 5);
  ExpectFormulasGiveCounts(
      squares,
      {{"H", 8}, {"W", 6}, {"Kh", 2}, {"Kw", 3}, {"sh", 2}, {"sw", 3}, {"Ho", 4}, {"Wo", 2}, {"item_size", 4}});
  const LayerAnalysis magnitudes = Analyze(PoolingKind::kLp, {8, 6}, {.window = {2, 3}, .p = 1});
  EXPECT_EQ(magnitudes.multiplication_count.value(), 0);
  EXPECT_EQ(magnitudes.addition_count.value(), 4 * 2 * 5);
}

TEST(PoolingWindowsLayerTest, EmptyWindowsAreJudgedAsInComputing) {
  PoolingConventions conventions{.window = {1}, .padding = {.begin = {1}, .end = {1}}};
  EXPECT_THAT(Refusal(PoolingKind::kMax, {5}, conventions), HasSubstr("without any element of the input"));
  EXPECT_THAT(Refusal(PoolingKind::kMax, {"N"}, conventions), HasSubstr("without any element of the input"));
  conventions.empty_window = compute::EmptyWindow::kNegativeInfinity;
  EXPECT_EQ(Text(Analyze(PoolingKind::kMax, {5}, conventions).output_shape), "7");
  EXPECT_EQ(Text(Analyze(PoolingKind::kMax, {"N"}, conventions).output_shape), "N + 2");
}

TEST(PoolingWindowsLayerTest, WhatAModeHasNotIsRefusedBesideIt) {
  EXPECT_THAT(Refusal(PoolingKind::kMax, {5}, {.strides = {1}, .window_mode = WindowMode::kGlobal}),
              HasSubstr("pooling.conventions.strides: was given, has to be left out"));
  compute::Violations violations;
  EXPECT_FALSE(AnalyzePooling({.kind = PoolingKind::kMax,
                               .input_shape = {5},
                               .conventions = {.window_mode = WindowMode::kGlobal},
                               .symbolic_strides = {"s"}},
                              compute::Profile::kNone, compute::DataType::kFloat32, "pooling", violations)
                   .has_value());
  EXPECT_EQ(violations.kept()[0].field, "pooling.symbolic_strides");
}

}  // namespace
}  // namespace tensord::analysis
