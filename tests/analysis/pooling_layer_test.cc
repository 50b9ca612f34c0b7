#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tensord/analysis/layer.h"
#include "tests/analysis/layer_checks.h"

namespace tensord::analysis {
namespace {

using compute::LengthRule;
using compute::PaddingMode;
using compute::PoolingKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

LayerAnalysis Analyze(const PoolingLayer& layer, compute::Profile profile = compute::Profile::kNone,
                      compute::DataType type = compute::DataType::kFloat32) {
  compute::Violations violations;
  auto result = AnalyzePooling(layer, profile, type, "pooling", violations);
  if (!result.has_value() || !violations.empty()) throw std::runtime_error(violations.ToStatus().ToString());
  return *std::move(result);
}

compute::PoolingConventions Conventions(LengthRule rule, std::vector<int64_t> window) {
  compute::PoolingConventions conventions;
  conventions.window = std::move(window);
  conventions.length_rule = rule;
  return conventions;
}

TEST(PoolingLayerTest, AnswersTheHomeworksFifthQuestionInSymbols) {
  compute::PoolingConventions conventions = Conventions(LengthRule::kStartInside, {2});
  conventions.input_layout = "NWC";
  const PoolingLayer layer{
      .kind = PoolingKind::kMax, .input_shape = {"B", "N", "C"}, .conventions = conventions, .symbolic_strides = {"s"}};
  const LayerAnalysis symbolic = Analyze(layer);
  EXPECT_EQ(Text(symbolic.output_shape), "B,floor((N - 1)/s) + 1,C");
  EXPECT_THAT(FormulaOf(symbolic, "output_shape[1]"), Pair("floor((W - 1)/sw) + 1", "floor((N - 1)/s) + 1"));
  EXPECT_THAT(symbolic.conditions, IsEmpty());
  EXPECT_EQ(symbolic.comparison_count.expression(), "B*C*(floor((N - 1)/s) + 1)");

  PoolingLayer by_two = layer;
  by_two.symbolic_strides = {2};
  EXPECT_EQ(Text(Analyze(by_two).output_shape), "B,floor((N - 1)/2) + 1,C");

  PoolingLayer subsampling = layer;
  subsampling.kind = PoolingKind::kSubsample;
  subsampling.conventions.window = {};
  EXPECT_EQ(Text(Analyze(subsampling).output_shape), "B,floor((N - 1)/s) + 1,C");
}

TEST(PoolingLayerTest, AveragesOfIntegersAreCountedInFloat32) {
  const auto bytes = [](PoolingKind kind, compute::DataType type) {
    const LayerAnalysis result = Analyze(
        {.kind = kind, .input_shape = {6}, .conventions = Conventions(LengthRule::kFloor, {2}), .symbolic_strides = {}},
        compute::Profile::kNone, type);
    EXPECT_EQ(result.byte_count.input.value(), 6 * compute::ItemSize(type));
    return result.byte_count.output.value();
  };
  EXPECT_EQ(bytes(PoolingKind::kMax, compute::DataType::kInt8), 3);
  EXPECT_EQ(bytes(PoolingKind::kAverage, compute::DataType::kInt8), 12);
  EXPECT_EQ(bytes(PoolingKind::kAverage, compute::DataType::kInt64), 12);
  EXPECT_EQ(bytes(PoolingKind::kAverage, compute::DataType::kBfloat16), 6);
}

TEST(PoolingLayerTest, EachKindCountsItsOwnOperations) {
  const compute::PoolingConventions conventions = Conventions(LengthRule::kFloor, {2, 3});
  const std::vector<Dimension> input = {5, 8, 9, 4};
  const int64_t outputs = 5 * 4 * 3 * 4;
  const LayerAnalysis max =
      Analyze({.kind = PoolingKind::kMax, .input_shape = input, .conventions = conventions, .symbolic_strides = {}});
  EXPECT_EQ(Text(max.output_shape), "5,4,3,4");
  EXPECT_EQ(max.comparison_count.value(), outputs * 5);
  EXPECT_EQ(max.addition_count.value(), 0);
  EXPECT_EQ(max.division_count.value(), 0);
  EXPECT_THAT(FormulaOf(max, "comparison_count"), Pair("N*Ho*Wo*C*(Kh*Kw - 1)", "5*4*3*4*(2*3 - 1)"));
  const LayerAnalysis average = Analyze(
      {.kind = PoolingKind::kAverage, .input_shape = input, .conventions = conventions, .symbolic_strides = {}});
  EXPECT_EQ(average.comparison_count.value(), 0);
  EXPECT_EQ(average.addition_count.value(), outputs * 5);
  EXPECT_EQ(average.division_count.value(), outputs);
  compute::PoolingConventions steps;
  steps.strides = {2, 3};
  const LayerAnalysis subsample =
      Analyze({.kind = PoolingKind::kSubsample, .input_shape = input, .conventions = steps, .symbolic_strides = {}});
  for (const LayerAnalysis* layer : {&max, &average, &subsample}) {
    EXPECT_EQ(layer->parameter_count.value(), 0);
    EXPECT_EQ(layer->multiplication_count.value(), 0);
    EXPECT_EQ(layer->mac_count.value(), 0);
    EXPECT_EQ(layer->flop_count.value(), 0);
    EXPECT_EQ(layer->input_channel_count.value(), 4);
    EXPECT_EQ(layer->output_channel_count.value(), 4);
    EXPECT_EQ(layer->byte_count.input.value(), 5 * 8 * 9 * 4 * 4);
    EXPECT_EQ(layer->byte_count.output.value(), outputs * 4);
    EXPECT_EQ(layer->byte_count.filter.value(), 0);
    EXPECT_EQ(layer->byte_count.bias.value(), 0);
  }
  EXPECT_EQ(Text(subsample.output_shape), "5,4,3,4");
  EXPECT_EQ(subsample.comparison_count.value(), 0);
  EXPECT_EQ(subsample.addition_count.value(), 0);
  EXPECT_EQ(subsample.division_count.value(), 0);
}

TEST(PoolingLayerTest, FormulasGiveTheCountsUnderEveryRule) {
  for (const LengthRule rule : {LengthRule::kFloor, LengthRule::kCeil, LengthRule::kStartInside}) {
    for (const PoolingKind kind : {PoolingKind::kMax, PoolingKind::kAverage}) {
      for (int64_t stride = 1; stride <= 4; ++stride) {
        compute::PoolingConventions conventions = Conventions(rule, {3});
        conventions.strides = {stride};
        conventions.padding = {.mode = PaddingMode::kExplicit, .begin = {1}, .end = {0}};
        if (kind == PoolingKind::kAverage) conventions.average_divisor = compute::AverageDivisor::kExcluded;
        const LayerAnalysis result =
            Analyze({.kind = kind, .input_shape = {9, 5}, .conventions = conventions, .symbolic_strides = {}});
        const auto& geometry = std::get<compute::PoolingGeometry>(result.geometry);
        EXPECT_EQ(result.output_shape[0].value(), geometry.output_shape[0]);
        EXPECT_EQ(result.output_shape[1].value(), geometry.output_shape[1]);
        ExpectFormulasGiveCounts(result, {{"H", 9},
                                          {"W", 5},
                                          {"Kh", 3},
                                          {"Kw", 3},
                                          {"sh", stride},
                                          {"sw", stride},
                                          {"ph_begin", 1},
                                          {"pw_begin", 1},
                                          {"Ho", geometry.axes[0].output},
                                          {"Wo", geometry.axes[1].output},
                                          {"item_size", 4}});
      }
    }
  }
}

// The conditions of max pooling [N] with that window, stride, dilation and padding.
std::vector<std::string> ConditionsOf(LengthRule rule, int64_t window, int64_t stride, int64_t dilation,
                                      const compute::Padding& padding) {
  compute::PoolingConventions conventions = Conventions(rule, {window});
  conventions.strides = {stride};
  conventions.dilations = {dilation};
  conventions.padding = padding;
  return Analyze({.kind = PoolingKind::kMax, .input_shape = {"N"}, .conventions = conventions, .symbolic_strides = {}})
      .conditions;
}

TEST(PoolingLayerTest, SaysWhatTheSymbolsHaveToSatisfy) {
  EXPECT_THAT(ConditionsOf(LengthRule::kFloor, 3, 2, 1, {}), ElementsAre("N >= 3"));
  EXPECT_THAT(ConditionsOf(LengthRule::kFloor, 3, 2, 2, {}), ElementsAre("N >= 5"));
  EXPECT_THAT(ConditionsOf(LengthRule::kFloor, 3, 2, 1, {.mode = {}, .begin = {1}, .end = {}}), IsEmpty());
  EXPECT_THAT(ConditionsOf(LengthRule::kCeil, 3, 2, 1, {}), ElementsAre("N >= 2"));
  EXPECT_THAT(ConditionsOf(LengthRule::kCeil, 3, 3, 1, {}), IsEmpty());
  EXPECT_THAT(ConditionsOf(LengthRule::kStartInside, 3, 2, 1, {}), IsEmpty());
  EXPECT_THAT(ConditionsOf(LengthRule::kFloor, 3, 2, 2, {.mode = PaddingMode::kSameUpper, .begin = {}, .end = {}}),
              ElementsAre("every window along W holds an element of the input"));
  EXPECT_THAT(ConditionsOf(LengthRule::kFloor, 3, 2, 1, {.mode = PaddingMode::kSameUpper, .begin = {}, .end = {}}),
              IsEmpty());
}

// Where the conditions are in symbols, they hold exactly where the numeric layer is accepted.
TEST(PoolingLayerTest, ConditionsHoldExactlyWhereNumbersAreAccepted) {
  int refused = 0;
  for (const LengthRule rule : {LengthRule::kFloor, LengthRule::kCeil}) {
    for (int64_t window = 1; window <= 3; ++window) {
      for (int64_t stride = 1; stride <= 3; ++stride) {
        for (int64_t pad_begin = 0; pad_begin < window; ++pad_begin) {
          for (int64_t pad_end = 0; pad_end <= 4; ++pad_end) {
            const compute::Padding padding{.mode = {}, .begin = {pad_begin}, .end = {pad_end}};
            compute::PoolingConventions conventions = Conventions(rule, {window});
            conventions.strides = {stride};
            conventions.padding = padding;
            PoolingLayer layer{
                .kind = PoolingKind::kMax, .input_shape = {"N"}, .conventions = conventions, .symbolic_strides = {}};
            compute::Violations never;
            const auto symbolic =
                AnalyzePooling(layer, compute::Profile::kNone, compute::DataType::kFloat32, "pooling", never);
            for (int64_t n = 1; n <= 7; ++n) {
              layer.input_shape = {n};
              compute::Violations violations;
              const bool accepted =
                  AnalyzePooling(layer, compute::Profile::kNone, compute::DataType::kFloat32, "pooling", violations)
                      .has_value();
              bool holds = symbolic.has_value();
              std::string told = holds ? "" : "never";
              for (size_t i = 0; holds && i < symbolic->conditions.size(); ++i) {
                told += symbolic->conditions[i];
                holds = ReadFormula("[" + symbolic->conditions[i] + "]", {{"N", n}}) == 1;
              }
              EXPECT_EQ(holds, accepted) << told << " at " << n << " window " << window << " stride " << stride
                                         << " padding " << pad_begin << " " << pad_end;
              refused += accepted ? 0 : 1;
            }
          }
        }
      }
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace tensord::analysis
