// What is printed of a model, from answers made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "client/cli/model/columns.h"
#include "client/cli/model/count_sum.h"
#include "client/cli/model/modules.h"
#include "client/cli/model/report.h"
#include "client/cli/model/summary.h"
#include "tests/client/cli/model_messages.h"

namespace tensord::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Sum(const std::vector<std::string>& counts) {
  CountSum sum;
  for (const std::string& text : counts) {
    const v1::Count count = MakeCount(text);
    sum.Add(&count);
  }
  return sum.text();
}

TEST(CountSumTest, NumbersAndLikeTermsAreAdded) {
  EXPECT_EQ(Sum({}), "0");
  EXPECT_EQ(Sum({"999", "1"}), "1,000");
  EXPECT_EQ(Sum({"9223372036854775807", "9223372036854775807"}), "18,446,744,073,709,551,614");
  EXPECT_EQ(Sum({"N*3", "N*4 + 5", "2"}), "N*7 + 7");
  EXPECT_EQ(Sum({"N", "N"}), "N*2");
  EXPECT_EQ(Sum({"N*N*3", "N*2", "N*N"}), "N*2 + N*N*4");
  EXPECT_EQ(Sum({"N*3", "-3"}), "N*3 - 3");
  EXPECT_EQ(Sum({"N*3 - 5", "5"}), "N*3");
  EXPECT_EQ(Sum({"(H - 2)*9900", "(H - 2)*100"}), "(H - 2)*10000");
  EXPECT_EQ(Sum({"floor((N - 1)/2) + 1", "floor((N - 1)/2) + 2"}), "floor((N - 1)/2)*2 + 3");
}

TEST(CountSumTest, WhatIsTooMuchIsNotKnown) {
  EXPECT_EQ(Sum({"100000000000000000000000000000000000000000"}), "?");
  EXPECT_EQ(Sum(std::vector<std::string>(20, "9999999999999999999999999999999999999")), "?");
  EXPECT_EQ(Sum({"A", "B", "C", "D", "E", "F", "G", "H"}), "A + B + C + D + E + F + G + H");
  EXPECT_EQ(Sum({"A", "B", "C", "D", "E", "F", "G", "H", "I"}), "?");
  CountSum sum;
  const v1::Count count = MakeCount("12");
  sum.Add(&count);
  sum.Add(nullptr);
  EXPECT_EQ(sum.text(), ">= 12");
}

TEST(CountSumTest, DifferencesAndMagnitudes) {
  CountSum sum;
  const v1::Count a = MakeCount("N*3 + 1");
  sum.Add(&a);
  EXPECT_EQ(sum.magnitude(), 4);
  sum.Subtract(MakeCount("N*3 + 4"));
  EXPECT_EQ(sum.text(), "-3");
  sum.Subtract(MakeCount("-3"));
  EXPECT_TRUE(sum.is_zero());
}

// `depth label`, one for each line.
std::vector<std::string> Tree(const std::vector<std::string>& names) {
  v1::AnalyzeModelResponse model;
  for (const std::string& name : names) AddLayer(model, name, "Conv");
  std::vector<std::string> lines;
  for (const ModuleRow& row : ModuleRows(model)) lines.push_back(std::to_string(row.depth) + " " + row.label);
  return lines;
}

TEST(ModuleRowsTest, ModulesOfNames) {
  EXPECT_THAT(Tree({"/conv1/Conv", "/layer1/layer1.0/conv1/Conv", "/layer1/layer1.0/bn1/Bn", "/layer1/layer1.1/Add"}),
              ElementsAre("0 conv1/Conv", "0 layer1", "1 layer1.0", "2 conv1/Conv", "2 bn1/Bn", "1 layer1.1/Add"));
  // A module is where its first layer is, whatever comes between.
  EXPECT_THAT(Tree({"/a/x", "/b/x", "/a/y"}), ElementsAre("0 a", "1 x", "1 y", "0 b/x"));
  EXPECT_THAT(Tree({"features.0.weight", "features.1", "Conv_3"}),
              ElementsAre("0 features", "1 0/weight", "1 1", "0 Conv_3"));
  EXPECT_THAT(Tree({"", "/", "a", "a"}), ElementsAre("0 ", "0 /", "0 a", "0 a"));
  // A layer can have the name of a module.
  EXPECT_THAT(Tree({"a", "a/b", "a/c"}), ElementsAre("0 a", "0 a", "1 b", "1 c"));
}

TEST(ModuleRowsTest, NamesNestedDeepAreCut) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "/m";
  const std::vector<std::string> lines = Tree({deep + "/a", deep + "/b"});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "0 m/m/m/m/m/m/m/m/m/m/m/m");
  EXPECT_THAT(lines[2], AllOf(HasSubstr("1 m/m/"), HasSubstr("/b")));
}

TEST(ModuleRowsTest, SumsReachTheOutermostModule) {
  v1::AnalyzeModelResponse model;
  AddLayer(model, "a/b/c/x", "Conv", "1", "N*10");
  AddLayer(model, "a/b/c/y", "Conv", "2", "N*20");
  AddLayer(model, "a/b/z", "Conv", "4", "N*40");
  AddLayer(model, "a/z", "Conv", "8", "80").clear_operations();
  std::vector<std::string> sums;
  for (const ModuleRow& row : ModuleRows(model)) {
    if (row.layer < 0) sums.push_back(row.label + " " + row.sums.parameters.text() + " " + row.sums.macs.text());
  }
  EXPECT_THAT(sums, ElementsAre("a 15 >= N*70", "b 7 N*70", "c 3 N*30"));
}

v1::AnalyzeModelResponse Model() {
  v1::AnalyzeModelResponse model;
  model.set_name("net");
  *model.add_inputs() = MakeTensor("x", {"N", "3", "8", "8"});
  *model.add_outputs() = MakeTensor("y", {"N", "10"});
  AddLayer(model, "/block/conv1/Conv", "Conv", "1000", "N*400");
  AddLayer(model, "/block/conv2/Conv", "Conv", "500", "N*100");
  AddLayer(model, "/fc/Gemm", "Gemm", "50", "N*50");
  SetTotals(model, "1550", "N*550");
  return model;
}

TEST(ModelTextTest, ModulesHaveSums) {
  EXPECT_THAT(ModelText(Model(), 80, Style(false)),
              HasSubstr("layer         operator  output         parameters   MACs\n"
                        "block                                       1,500  N*500\n"
                        "  conv1/Conv  Conv      1 x 4 x 8 x 8       1,000  N*400\n"
                        "  conv2/Conv  Conv      1 x 4 x 8 x 8         500  N*100\n"
                        "fc/Gemm       Gemm      1 x 4 x 8 x 8          50   N*50\n"
                        "\n"
                        "parameters            1,550\n"
                        "multiply-accumulates  N*550\n"));
}

TEST(ModelTextTest, FitsAnyWidthThatHasRoomForNumbers) {
  v1::AnalyzeModelResponse model = Model();
  AddLayer(model, "/block/a.very.long.name.that.nobody.would.want/of/Convolution", "Convolution", "1", "1");
  for (v1::ModelLayer& layer : *model.mutable_layers()) {
    AddField(layer, "435", "32");
    layer.mutable_roofline()->set_bound(v1::ROOFLINE_BOUND_MEMORY);
  }
  for (size_t width = 40; width < 160; ++width) {
    std::istringstream lines(ModelText(model, width, Style(false)));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(TextWidth(line), width) << line;
  }
  EXPECT_THAT(ModelText(model, 200, Style(false)), AllOf(HasSubstr("435x435/32  memory\n"), HasSubstr("  sees  ")));
  EXPECT_THAT(ModelText(model, 70, Style(false)), AllOf(Not(HasSubstr("435x435")), HasSubstr("memory\n")));
  EXPECT_THAT(ModelText(model, 40, Style(false)), AllOf(HasSubstr("500"), Not(HasSubstr("operator"))));
}

TEST(ModelTextTest, AConventionChoosesTheColumn) {
  v1::AnalyzeModelResponse model = Model();
  for (v1::ModelLayer& layer : *model.mutable_layers()) {
    layer.mutable_convention()->mutable_convention()->set_bias(true);
    *layer.mutable_convention()->mutable_mac_count() = MakeCount("7");
  }
  for (const bool bias : {false, true}) {
    v1::ConventionCount& count = *model.add_conventions();
    count.mutable_convention()->set_bias(bias);
    *count.mutable_mac_count() = MakeCount(bias ? "21" : "N*550");
  }
  const std::string text = ModelText(model, 100, Style(false));
  EXPECT_THAT(text, AllOf(HasSubstr("parameters  MACs bias\n"), HasSubstr("1,500         14\n"),
                          HasSubstr("multiply-accumulates by the convention     21  bias\n")));
  EXPECT_THAT(ModelCsv(model), AllOf(HasSubstr(",convention_mac_count,"), HasSubstr(",21,,,,,\r\n")));
  EXPECT_THAT(ModelMarkdown(model), HasSubstr("| parameters | MACs bias |\n"));
}

TEST(ModelTextTest, MemoryTrainingRooflineConventionsAndTools) {
  v1::AnalyzeModelResponse model = Model();
  *model.mutable_memory()->mutable_parameter_byte_count() = MakeCount("6200");
  *model.mutable_memory()->mutable_peak_activation_byte_count() = MakeCount("65536");
  model.mutable_memory()->set_peak_layer("/block/\x1b[31m");
  *model.mutable_backward()->mutable_input_gradient()->mutable_mac_count() = MakeCount("N*500");
  model.mutable_roofline()->set_arithmetic_intensity(12.345);
  model.mutable_roofline()->set_bound(v1::ROOFLINE_BOUND_COMPUTE);
  model.mutable_roofline()->set_seconds(0.0025);
  for (int i = 0; i < 8; ++i) {
    v1::ConventionCount& count = *model.add_conventions();
    count.mutable_convention()->set_bias((i & 1) != 0);
    count.mutable_convention()->set_skip_padding((i & 2) != 0);
    count.mutable_convention()->set_transposed_by_output((i & 4) != 0);
    *count.mutable_mac_count() = MakeCount((i & 1) != 0 ? "101" : "100");
  }
  v1::ToolCount& tool = *model.add_tools();
  tool.set_tool(v1::COST_TOOL_FVCORE);
  tool.set_quantity("Total flops");
  tool.set_rule("a | rule");
  tool.set_source("a source");
  *tool.mutable_count() = MakeCount("1234");
  EXPECT_THAT(ModelText(model, 120, Style(false)),
              AllOf(HasSubstr("bytes of parameters              6,200\n"),
                    HasSubstr("most of them at once            65,536  at /block/\\x1b[31m\n"),
                    HasSubstr("MACs of the inputs' gradients    N*500\n"),
                    HasSubstr("time on that machine, at least  2.5 ms  bound by compute\n"),
                    HasSubstr("\ndefault, skip-padding, by-output, skip-padding+by-output               100      ?\n"),
                    HasSubstr("\nbias, bias+skip-padding, bias+by-output, bias+skip-padding+by-output   101      ?\n"),
                    HasSubstr("\nfvcore  Total flops   1,234           ?\n"), Not(HasSubstr("a source"))));
  EXPECT_THAT(ModelMarkdown(model), HasSubstr("| fvcore | Total flops | 1,234 | ? | a \\| rule | a source |\n"));
}

TEST(ModelReportTest, HasWhatTheMessageHas) {
  v1::AnalyzeModelResponse model = Model();
  v1::ModelLayer& layer = *model.mutable_layers(0);
  AddField(layer, "7", "2");
  *layer.mutable_memory()->mutable_live_byte_count() = MakeCount("N*8");
  *layer.mutable_backward()->mutable_bias_gradient()->mutable_addition_count() = MakeCount("5");
  layer.mutable_roofline()->set_bound(v1::ROOFLINE_BOUND_MEMORY);
  v1::ToolCount& tool = *model.add_tools();
  tool.set_tool(v1::COST_TOOL_THOP);
  *tool.mutable_count() = MakeCount("18014398509481984");
  nlohmann::ordered_json json;
  for (const NamedValue& value : ModelReport(model).values) json[value.name] = value.value;
  const auto& first = json["layers"][0];
  EXPECT_EQ(first["receptive_fields"][0]["input"], "x");
  EXPECT_EQ(first["receptive_fields"][0]["axes"][1]["axis"], 3);
  EXPECT_EQ(first["receptive_fields"][0]["axes"][1]["size"], 7);
  EXPECT_EQ(first["receptive_fields"][0]["axes"][1]["offset"]["numerator"], -3);
  EXPECT_EQ(first["receptive_fields"][0]["axes"][1]["is_whole"], false);
  EXPECT_EQ(first["memory"]["live_byte_count"], "N*8");
  EXPECT_FALSE(first["memory"].contains("read_byte_count"));
  EXPECT_EQ(first["backward"]["bias_gradient"]["addition_count"], 5);
  EXPECT_EQ(first["roofline"]["bound"], "memory");
  EXPECT_EQ(json["tools"][0]["tool"], "thop");
  EXPECT_EQ(json["tools"][0]["count"], "18014398509481984");
  EXPECT_TRUE(json["layers"][1]["memory"].is_null());
  EXPECT_TRUE(json["layers"][1]["receptive_fields"].is_array());
  EXPECT_TRUE(json["total"]["backward"].is_null());
}

TEST(SeesTextTest, SizesAndStrides) {
  v1::AnalyzeModelResponse model;
  v1::ModelLayer& layer = AddLayer(model, "a", "Conv");
  EXPECT_EQ(SeesText(layer), "");
  AddField(layer, "9", "1");
  auto& axes = *layer.mutable_receptive_fields(0)->mutable_axes();
  EXPECT_EQ(SeesText(layer), "9x9/1");
  *axes[1].mutable_stride()->mutable_numerator() = MakeCount("2");
  EXPECT_EQ(SeesText(layer), "9x9/1x2");
  *axes[0].mutable_stride()->mutable_denominator() = MakeCount("2");
  EXPECT_EQ(SeesText(layer), "9x9/1:2x2");
  axes[0].set_is_whole(true);
  EXPECT_EQ(SeesText(layer), "9x9/-x2");
  axes[1].set_is_whole(true);
  EXPECT_EQ(SeesText(layer), "all");
}

}  // namespace
}  // namespace tensord::cli
