#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <tuple>

#include "tensord/analysis/layer.h"
#include "tests/analysis/layer_checks.h"

namespace tensord::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

LayerAnalysis Analyze(const ConvolutionLayer& layer, compute::Profile profile = compute::Profile::kNone,
                      compute::DataType type = compute::DataType::kFloat32) {
  compute::Violations violations;
  auto result = AnalyzeConvolution(layer, profile, type, "convolution", violations);
  if (!result.has_value() || !violations.empty()) throw std::runtime_error(violations.ToStatus().ToString());
  return *std::move(result);
}

TEST(ConvolutionLayerTest, AnswersTheHomeworksThirdQuestion) {
  const LayerAnalysis result = Analyze({.input_shape = {48, 64, 10}, .filter_shape = {3, 3, 10, 20}});
  EXPECT_EQ(Text(result.output_shape), "46,62,20");
  EXPECT_EQ(result.parameter_count.value(), 1820);
  EXPECT_EQ(result.weight_count.value(), 1800);
  EXPECT_EQ(result.bias_count.value(), 20);
  EXPECT_EQ(result.multiplication_count.value(), 5133600);
  EXPECT_EQ(result.addition_count.value(), 5133600);
  EXPECT_EQ(result.mac_count.value(), 5133600);
  EXPECT_EQ(result.flop_count.value(), 10267200);
  EXPECT_EQ(result.input_channel_count.value(), 10);
  EXPECT_EQ(result.output_channel_count.value(), 20);
  EXPECT_EQ(result.byte_count.input.value(), 48 * 64 * 10 * 4);
  EXPECT_EQ(result.byte_count.filter.value(), 1800 * 4);
  EXPECT_EQ(result.byte_count.bias.value(), 80);
  EXPECT_EQ(result.byte_count.output.value(), 46 * 62 * 20 * 4);
  EXPECT_EQ(result.comparison_count.value(), 0);
  EXPECT_EQ(result.division_count.value(), 0);
  EXPECT_THAT(result.conditions, IsEmpty());
  EXPECT_THAT(FormulaOf(result, "multiplication_count"), Pair("Ho*Wo*O*Kh*Kw*C", "46*62*20*3*3*10"));
  EXPECT_THAT(FormulaOf(result, "parameter_count"), Pair("Kh*Kw*C*O + O", "3*3*10*20 + 20"));
  EXPECT_THAT(FormulaOf(result, "output_shape[0]"), Pair("H - Kh + 1", "48 - 3 + 1"));
}

TEST(ConvolutionLayerTest, KeepsASymbolicBatch) {
  const LayerAnalysis result =
      Analyze({.input_shape = {"N", 48, 64, 10}, .filter_shape = {3, 3, 10, 20}, .bias = false});
  EXPECT_EQ(Text(result.output_shape), "N,46,62,20");
  EXPECT_EQ(result.multiplication_count.expression(), "N*5133600");
  EXPECT_EQ(result.multiplication_count.decimal(), "");
  EXPECT_EQ(result.multiplication_count.value(), std::nullopt);
  EXPECT_EQ(result.addition_count.expression(), "N*5076560");
  EXPECT_EQ(result.parameter_count.decimal(), "1800");
  EXPECT_EQ(result.parameter_count.expression(), "");
  EXPECT_EQ(result.bias_count.value(), 0);
  EXPECT_THAT(FormulaOf(result, "multiplication_count"), Pair("N*Ho*Wo*O*Kh*Kw*C", "N*46*62*20*3*3*10"));
}

TEST(ConvolutionLayerTest, KeepsSymbolicSpaceAndSaysWhenTheWindowFits) {
  const LayerAnalysis result = Analyze({.input_shape = {"H", 64, 10}, .filter_shape = {3, 3, 10, 20}});
  EXPECT_EQ(Text(result.output_shape), "H - 2,62,20");
  EXPECT_EQ(result.multiplication_count.expression(), "(H - 2)*111600");
  EXPECT_THAT(result.conditions, ElementsAre("H >= 3"));
  EXPECT_THAT(FormulaOf(result, "multiplication_count"), Pair("Ho*Wo*O*Kh*Kw*C", "(H - 2)*62*20*3*3*10"));
}

TEST(ConvolutionLayerTest, KeepsSymbolicStrides) {
  const LayerAnalysis result = Analyze(
      {.input_shape = {"N", 9, 9, 2}, .filter_shape = {3, 3, 2, 4}, .conventions = {}, .symbolic_strides = {"s", 2}});
  EXPECT_EQ(Text(result.output_shape), "N,floor(6/s) + 1,4,4");
  const LayerAnalysis both =
      Analyze({.input_shape = {"H", "W"}, .filter_shape = {3, "K"}, .conventions = {}, .symbolic_strides = {"s"}});
  EXPECT_EQ(Text(both.output_shape), "floor((H - 3)/s) + 1,floor((W - K)/s) + 1");
  EXPECT_EQ(both.weight_count.expression(), "K*3");
  EXPECT_EQ(both.bias_count.value(), 1);
  EXPECT_THAT(both.conditions, ElementsAre("H >= 3", "W >= K"));
}

TEST(ConvolutionLayerTest, AnswersHoldUnderTheConditionsOfChannels) {
  const auto conditions = [](Dimension c, Dimension i, Dimension o, int64_t groups) {
    compute::ConvolutionConventions conventions;
    conventions.groups = groups;
    return Analyze({.input_shape = {5, 5, c}, .filter_shape = {3, 3, i, o}, .conventions = conventions}).conditions;
  };
  EXPECT_THAT(conditions("C", "C", "O", 1), IsEmpty());
  EXPECT_THAT(conditions("C", "I", "O", 1), ElementsAre("C = I"));
  EXPECT_THAT(conditions("C", 10, "O", 1), ElementsAre("C = 10"));
  EXPECT_THAT(conditions(10, "I", 4, 2), ElementsAre("I = 5"));
  EXPECT_THAT(conditions("C", 3, "O", 2), ElementsAre("C = 6", "O divisible by 2"));
  EXPECT_THAT(conditions("C", "I", 4, 2), ElementsAre("C = I*2"));
}

TEST(ConvolutionLayerTest, GroupsDivideTheChannelsInTheFormula) {
  compute::ConvolutionConventions conventions;
  conventions.groups = 2;
  const LayerAnalysis result =
      Analyze({.input_shape = {5, 5, 10}, .filter_shape = {3, 3, 5, 4}, .conventions = conventions});
  EXPECT_THAT(FormulaOf(result, "multiplication_count"), Pair("Ho*Wo*O*Kh*Kw*(C/G)", "3*3*4*3*3*(10/2)"));
  EXPECT_EQ(result.multiplication_count.value(), 3 * 3 * 4 * 3 * 3 * 5);
}

TEST(ConvolutionLayerTest, ABatchOfZeroCostsNothing) {
  const LayerAnalysis result = Analyze({.input_shape = {0, 48, 64, 10}, .filter_shape = {3, 3, 10, 20}});
  EXPECT_EQ(Text(result.output_shape), "0,46,62,20");
  EXPECT_EQ(result.multiplication_count.value(), 0);
  EXPECT_EQ(result.parameter_count.value(), 1820);
}

TEST(ConvolutionLayerTest, FollowsLayoutsAndProfiles) {
  const LayerAnalysis torch =
      Analyze({.input_shape = {8, 10, 48, 64}, .filter_shape = {20, 10, 3, 3}}, compute::Profile::kPytorch);
  EXPECT_EQ(Text(torch.output_shape), "8,20,46,62");
  EXPECT_EQ(torch.multiplication_count.value(), 8 * 5133600);
  compute::ConvolutionConventions conventions;
  conventions.input_layout = "WCHN";
  conventions.filter_layout = "IWOH";
  const LayerAnalysis odd =
      Analyze({.input_shape = {64, 10, 48, 8}, .filter_shape = {10, 5, 20, 3}, .conventions = conventions});
  EXPECT_EQ(Text(odd.output_shape), "60,20,46,8");
  EXPECT_EQ(std::get<compute::ConvolutionGeometry>(odd.geometry).input_layout.letters(), "WCHN");
}

TEST(ConvolutionLayerTest, CountsBytesByType) {
  const auto bytes = [](compute::DataType type) {
    return Analyze({.input_shape = {7}, .filter_shape = {3}}, compute::Profile::kNone, type).byte_count.input.value();
  };
  EXPECT_EQ(bytes(compute::DataType::kUint8), 7);
  EXPECT_EQ(bytes(compute::DataType::kBfloat16), 14);
  EXPECT_EQ(bytes(compute::DataType::kFloat64), 56);
}

TEST(ConvolutionLayerTest, ResultsOf8BitsAreCountedIn32) {
  for (const compute::DataType type : {compute::DataType::kInt8, compute::DataType::kUint8}) {
    const LayerAnalysis result = Analyze({.input_shape = {7}, .filter_shape = {3}}, compute::Profile::kNone, type);
    EXPECT_EQ(result.byte_count.input.value(), 7);
    EXPECT_EQ(result.byte_count.filter.value(), 3);
    EXPECT_EQ(result.byte_count.bias.value(), 4);
    EXPECT_EQ(result.byte_count.output.value(), 5 * 4);
    EXPECT_EQ(result.multiplication_count.value(), 15);
  }
  for (const compute::DataType type : {compute::DataType::kInt32, compute::DataType::kFloat16}) {
    const LayerAnalysis result = Analyze({.input_shape = {7}, .filter_shape = {3}}, compute::Profile::kNone, type);
    EXPECT_EQ(result.byte_count.output.value(), 5 * compute::ItemSize(type));
    EXPECT_EQ(result.byte_count.bias.value(), compute::ItemSize(type));
  }
}

// Counts by walking through the layer, operation by operation.
struct Walked {
  int64_t multiplications = 0;
  int64_t additions = 0;
  int64_t outputs = 0;
};

Walked Walk(const compute::ConvolutionGeometry& geometry, bool bias) {
  Walked walked;
  for (int64_t n = 0; n < geometry.batch; ++n) {
    for (int64_t o = 0; o < geometry.output_channels; ++o) {
      for (int64_t y = 0; y < geometry.axes[0].output; ++y) {
        for (int64_t x = 0; x < geometry.axes[1].output; ++x) {
          int64_t terms = bias ? 1 : 0;
          for (int64_t c = 0; c < geometry.input_channels / geometry.groups; ++c) {
            for (int64_t k = 0; k < geometry.axes[0].window * geometry.axes[1].window; ++k) {
              ++walked.multiplications;
              ++terms;
            }
          }
          walked.additions += terms - 1;
          ++walked.outputs;
        }
      }
    }
  }
  return walked;
}

class ConvolutionLayerSweep : public ::testing::TestWithParam<std::tuple<int64_t, int64_t, int64_t, bool, int64_t>> {};

TEST_P(ConvolutionLayerSweep, CountsAgreeWithAWalkAndFormulasWithCounts) {
  const auto [stride, dilation, groups, bias, mode] = GetParam();
  compute::ConvolutionConventions conventions;
  conventions.strides = {stride, 1};
  conventions.dilations = {1, dilation};
  conventions.groups = groups;
  if (mode == 1) conventions.padding = {.mode = compute::PaddingMode::kExplicit, .begin = {1, 0}, .end = {2, 3}};
  if (mode == 2) conventions.padding.mode = compute::PaddingMode::kSameLower;
  if (mode == 3) conventions.padding.mode = compute::PaddingMode::kFull;
  const LayerAnalysis result = Analyze(
      {.input_shape = {2, 7, 6, 4}, .filter_shape = {3, 2, 4 / groups, 8}, .bias = bias, .conventions = conventions});
  const auto& geometry = std::get<compute::ConvolutionGeometry>(result.geometry);
  const Walked walked = Walk(geometry, bias);
  EXPECT_EQ(result.multiplication_count.value(), walked.multiplications);
  EXPECT_EQ(result.mac_count.value(), walked.multiplications);
  EXPECT_EQ(result.flop_count.value(), 2 * walked.multiplications);
  EXPECT_EQ(result.addition_count.value(), walked.additions);
  EXPECT_EQ(result.byte_count.output.value(), 4 * walked.outputs);
  EXPECT_EQ(result.weight_count.value(), compute::ElementCount(geometry.filter_shape));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(result.output_shape[i].value(), geometry.output_shape[static_cast<int>(i)]);
  }
  std::map<std::string, int64_t> names = {{"N", 2},  {"C", 4},         {"O", 8},        {"G", groups},  {"H", 7},
                                          {"W", 6},  {"Kh", 3},        {"Kw", 2},       {"sh", stride}, {"sw", 1},
                                          {"dh", 1}, {"dw", dilation}, {"item_size", 4}};
  names["Ho"] = geometry.axes[0].output;
  names["Wo"] = geometry.axes[1].output;
  names["ph_begin"] = geometry.axes[0].pad_begin;
  names["ph_end"] = geometry.axes[0].pad_end;
  names["pw_begin"] = geometry.axes[1].pad_begin;
  names["pw_end"] = geometry.axes[1].pad_end;
  ExpectFormulasGiveCounts(result, names);
}

INSTANTIATE_TEST_SUITE_P(Layers, ConvolutionLayerSweep,
                         ::testing::Combine(::testing::Values(1, 2, 3), ::testing::Values(1, 2),
                                            ::testing::Values(1, 2, 4), ::testing::Bool(),
                                            ::testing::Values(0, 1, 2, 3)));

TEST(ConvolutionLayerTest, SymbolicAnswersAtNumbersAreTheNumbersAnswers) {
  for (int64_t h = 3; h <= 9; ++h) {
    for (int64_t s = 1; s <= 4; ++s) {
      for (int64_t k = 1; k <= h; ++k) {
        const LayerAnalysis symbolic = Analyze({.input_shape = {"N", "H", "C"},
                                                .filter_shape = {"K", "C", "O"},
                                                .conventions = {},
                                                .symbolic_strides = {"s"}});
        compute::ConvolutionConventions conventions;
        conventions.strides = {s};
        const LayerAnalysis numeric =
            Analyze({.input_shape = {5, h, 6}, .filter_shape = {k, 6, 7}, .conventions = conventions});
        const std::map<std::string, Count> expected = NamedCounts(numeric);
        for (const auto& [name, count] : NamedCounts(symbolic)) {
          const auto value = count.exact().Evaluate({{"N", 5}, {"H", h}, {"C", 6}, {"O", 7}, {"K", k}, {"s", s}});
          ASSERT_TRUE(value.ok());
          EXPECT_EQ(value->ToInt64(), expected.at(name).value()) << name;
        }
      }
    }
  }
}

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

TEST(ConvolutionLayerTest, CountsBeyond64BitsAreDecimals) {
  const LayerAnalysis result = Analyze({.input_shape = {kHuge, 1, 1}, .filter_shape = {1, 1, kHuge}, .bias = false},
                                       compute::Profile::kNone, compute::DataType::kUint8);
  EXPECT_EQ(Text(result.output_shape), "9223372036854775807,1,9223372036854775807");
  EXPECT_EQ(result.multiplication_count.decimal(), "85070591730234615847396907784232501249");
  EXPECT_EQ(result.multiplication_count.value(), std::nullopt);
  EXPECT_EQ(result.flop_count.decimal(), "170141183460469231694793815568465002498");
}

TEST(ConvolutionLayerTest, CountsUseAll128BitsAndNotMore) {
  // Outputs 2^62 * 2^62, each with 8 taps: 2^127 products, but 2^128 operations.
  const int64_t large = int64_t{1} << 62;
  const ConvolutionLayer layer{.input_shape = {large, 1, 8}, .filter_shape = {1, 8, large}, .bias = false};
  compute::Violations violations;
  EXPECT_FALSE(AnalyzeConvolution(layer, compute::Profile::kNone, compute::DataType::kUint8, "convolution", violations)
                   .has_value());
  EXPECT_THAT(Lines(violations),
              ElementsAre("convolution: its flop_count does not fit into 128 bits: use smaller sizes"));
  // One output less: 2^128 - 2^66 operations.
  const LayerAnalysis result = Analyze({.input_shape = {large - 1, 1, 8}, .filter_shape = {1, 8, large}, .bias = false},
                                       compute::Profile::kNone, compute::DataType::kUint8);
  EXPECT_EQ(result.flop_count.decimal(), "340282366920938463389587631136930004992");
}

}  // namespace
}  // namespace tensord::analysis
