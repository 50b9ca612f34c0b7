#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tensord/analysis/layer.h"
#include "tests/analysis/layer_checks.h"

namespace tensord::analysis {
namespace {

using compute::PaddingMode;
using compute::PaddingSource;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

LayerAnalysis Analyze(const TransposedConvolutionLayer& layer, compute::Profile profile = compute::Profile::kNone,
                      compute::DataType type = compute::DataType::kFloat32) {
  compute::Violations violations;
  auto result = AnalyzeTransposedConvolution(layer, profile, type, "layer", violations);
  if (!result.has_value() || !violations.empty()) throw std::runtime_error(violations.ToStatus().ToString());
  return *std::move(result);
}

std::vector<std::string> Refused(const TransposedConvolutionLayer& layer) {
  compute::Violations violations;
  EXPECT_FALSE(
      AnalyzeTransposedConvolution(layer, compute::Profile::kNone, compute::DataType::kFloat32, "layer", violations)
          .has_value());
  return Lines(violations);
}

TEST(TransposedConvolutionLayerTest, CountsEveryThingWithItsFormula) {
  const LayerAnalysis result = Analyze({.input_shape = {2, 8, 9, 6},
                                        .filter_shape = {3, 4, 6, 5},
                                        .conventions = {.convolution = {.padding = {.begin = {1, 0}, .end = {0, 2}},
                                                                        .strides = {2, 3},
                                                                        .dilations = {1, 2},
                                                                        .groups = 2},
                                                        .output_padding = {1, 0}}});
  // H: 2*7 + 3 + 1 - 1; W: 3*8 + 7 - 2.
  EXPECT_EQ(Text(result.output_shape), "2,17,29,10");
  EXPECT_EQ(result.weight_count.value(), 6 * 5 * 12);
  EXPECT_EQ(result.bias_count.value(), 10);
  EXPECT_EQ(result.parameter_count.value(), 6 * 5 * 12 + 10);
  EXPECT_EQ(result.multiplication_count.value(), 2 * 6 * 8 * 9 * 12 * 5);
  EXPECT_EQ(result.addition_count.value(), 2 * 6 * 8 * 9 * 12 * 5 + 2 * 17 * 29 * 10);
  EXPECT_EQ(result.flop_count.value(), 2 * 2 * 6 * 8 * 9 * 12 * 5);
  EXPECT_EQ(result.byte_count.output.value(), 2 * 17 * 29 * 10 * 4);
  EXPECT_THAT(FormulaOf(result, "multiplication_count"), Pair("N*C*H*W*Kh*Kw*(O/G)", "2*6*8*9*3*4*(10/2)"));
  EXPECT_THAT(FormulaOf(result, "output_shape[1]"), Pair("sh*(H - 1) + Kh + oph - ph_begin", "2*(8 - 1) + 3 + 1 - 1"));
  EXPECT_THAT(result.conditions, IsEmpty());
  ExpectFormulasGiveCounts(result, {{"N", 2},
                                    {"C", 6},
                                    {"H", 8},
                                    {"W", 9},
                                    {"Ho", 17},
                                    {"Wo", 29},
                                    {"O", 10},
                                    {"G", 2},
                                    {"Kh", 3},
                                    {"Kw", 4},
                                    {"sh", 2},
                                    {"sw", 3},
                                    {"dw", 2},
                                    {"oph", 1},
                                    {"ph_begin", 1},
                                    {"pw_end", 2},
                                    {"item_size", 4}});
}

TEST(TransposedConvolutionLayerTest, ResultsOf8BitsAreCountedIn32) {
  const LayerAnalysis result =
      Analyze({.input_shape = {7}, .filter_shape = {3}}, compute::Profile::kNone, compute::DataType::kInt8);
  EXPECT_EQ(result.byte_count.input.value(), 7);
  EXPECT_EQ(result.byte_count.bias.value(), 4);
  EXPECT_EQ(result.byte_count.output.value(), 9 * 4);
}

TEST(TransposedConvolutionLayerTest, TakesSymbols) {
  const LayerAnalysis result = Analyze({.input_shape = {"N", 3, "H", "H"},
                                        .filter_shape = {3, 8, 4, 4},
                                        .bias = false,
                                        .conventions = {.convolution = {.padding = {.begin = {1}}, .strides = {2}}}},
                                       compute::Profile::kPytorch);
  EXPECT_EQ(Text(result.output_shape), "N,8,H*2,H*2");
  EXPECT_EQ(result.multiplication_count.expression(), "H*H*N*384");
  const LayerAnalysis same = Analyze({.input_shape = {"N"},
                                      .filter_shape = {3},
                                      .conventions = {.convolution = {.padding = {.mode = PaddingMode::kSameUpper}}},
                                      .symbolic_strides = {"s"}});
  EXPECT_EQ(Text(same.output_shape), "N*s");
  const LayerAnalysis short_one =
      Analyze({.input_shape = {"N"}, .filter_shape = {2}, .conventions = {.convolution = {.padding = {.begin = {2}}}}});
  EXPECT_THAT(short_one.conditions, ElementsAre("N >= 4"));
  const LayerAnalysis stride = Analyze(
      {.input_shape = {5}, .filter_shape = {2}, .conventions = {.output_padding = {2}}, .symbolic_strides = {"s"}});
  EXPECT_THAT(stride.conditions, ElementsAre("s >= 3"));
}

TEST(TransposedConvolutionLayerTest, AnOutputShapeNeedsNumbers) {
  const LayerAnalysis result = Analyze({.input_shape = {4}, .filter_shape = {3}, .conventions = {.output_shape = {5}}});
  EXPECT_EQ(Text(result.output_shape), "5");
  EXPECT_THAT(Refused({.input_shape = {"N"}, .filter_shape = {3}, .conventions = {.output_shape = {5}}}),
              ElementsAre(HasSubstr("layer.conventions.output_shape: was given for an axis whose input")));
}

TEST(TransposedConvolutionLayerTest, NamesWhatIsWrong) {
  EXPECT_THAT(Refused({.input_shape = {5, 5, 4},
                       .filter_shape = {3, 3, 3, 6},
                       .conventions = {.convolution = {.padding = {.mode = PaddingMode::kFull}}}}),
              ElementsAre("layer.filter_shape[2]: was 3 input channels, has to be 4, as the input has",
                          HasSubstr("layer.conventions.padding.mode: was FULL")));
  EXPECT_THAT(
      Refused({.input_shape = {5}, .filter_shape = {3}, .conventions = {.output_padding = {-1}, .output_shape = {-1}}}),
      ElementsAre(HasSubstr("layer.conventions.output_padding[0]: was -1"),
                  HasSubstr("layer.conventions.output_shape[0]: was -1")));
}

std::vector<std::string> ConditionsOf(const ConvolutionLayer& layer) {
  compute::Violations violations;
  const auto result =
      AnalyzeConvolution(layer, compute::Profile::kNone, compute::DataType::kFloat32, "layer", violations);
  return result.has_value() ? result->conditions : Lines(violations);
}

TEST(PaddingOfAnAnalysedConvolutionTest, CausalAndSources) {
  compute::Violations violations;
  const auto causal = AnalyzeConvolution({.input_shape = {"N"},
                                          .filter_shape = {3},
                                          .conventions = {.padding = {.mode = PaddingMode::kCausal}, .dilations = {2}},
                                          .symbolic_strides = {"s"}},
                                         compute::Profile::kNone, compute::DataType::kFloat32, "layer", violations);
  ASSERT_TRUE(causal.has_value()) << violations.ToStatus();
  EXPECT_EQ(Text(causal->output_shape), "floor((N - 1)/s) + 1");
  EXPECT_THAT(causal->conditions, IsEmpty());
  const auto conditions = [](PaddingSource source, compute::Padding padding) {
    padding.source = source;
    return ConditionsOf({.input_shape = {"N"}, .filter_shape = {3}, .conventions = {.padding = padding}});
  };
  EXPECT_THAT(conditions(PaddingSource::kReflect, {.begin = {1}, .end = {3}}), ElementsAre("N >= 4"));
  EXPECT_THAT(conditions(PaddingSource::kCircular, {.begin = {4}, .end = {3}}), ElementsAre("N >= 4"));
  EXPECT_THAT(conditions(PaddingSource::kReflect, {.mode = PaddingMode::kFull}), ElementsAre("N >= 3"));
  EXPECT_THAT(conditions(PaddingSource::kReplicate, {.begin = {9}}), IsEmpty());
  EXPECT_THAT(conditions(PaddingSource::kReflect, {.mode = PaddingMode::kSameUpper}),
              ElementsAre(HasSubstr("layer.conventions.padding.source: was REFLECT, has to be ZERO or REPLICATE")));
}

}  // namespace
}  // namespace tensord::analysis
