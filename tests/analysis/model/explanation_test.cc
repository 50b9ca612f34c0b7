// Explanations of single nodes, worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/analysis/model/explained.h"
#include "tests/analysis/model/single_node.h"
#include "tests/analysis/model/small_graph.h"
#include "tests/support/matchers.h"

namespace tensord::analysis::model {
namespace {

using single_node::Data;
using single_node::GraphOf;
using single_node::Integers;
using single_node::None;
using single_node::Weight;
using test_support::StatusIs;

Explanation Explain(const single_node::Node& node) {
  const Graph graph = GraphOf(node);
  const absl::StatusOr<ModelAnalysis> analysis = AnalyzeModel(graph, {.explain = "n"});
  EXPECT_TRUE(analysis.ok()) << analysis.status();
  if (!analysis.ok() || !analysis->explanation.has_value()) return {};
  ExpectExplains(*analysis->explanation, analysis->layers[0]);
  ExpectFormulasHold(*analysis->explanation);
  return *analysis->explanation;
}

// That the steps are those: {quantity, text} pairs.
void ExpectSteps(const Explanation& explanation, const std::vector<std::pair<std::string, std::string>>& expected) {
  for (const auto& [quantity, text] : expected) EXPECT_EQ(StepText(explanation, quantity), text) << quantity;
}

TEST(ExplanationTest, ConvolutionOfTheExercise) {
  const Explanation explanation =
      Explain({.op = "Conv", .inputs = {Data({"N", 10, 48, 64}), Weight({20, 10, 3, 3}), Weight({20})}});
  ExpectSteps(explanation,
              {{"N", "N"},
               {"C", "10"},
               {"Kh", "3"},
               {"N_out", "N"},
               {"C_out", "O = 20"},
               {"H_out",
                "floor((H + ph_begin + ph_end - dh*(Kh - 1) - 1)/sh) + 1 = "
                "floor((48 + 0 + 0 - 1*(3 - 1) - 1)/1) + 1 = 46"},
               {"W_out",
                "floor((W + pw_begin + pw_end - dw*(Kw - 1) - 1)/sw) + 1 = "
                "floor((64 + 0 + 0 - 1*(3 - 1) - 1)/1) + 1 = 62"},
               {"E_out", "N_out*C_out*H_out*W_out = N*20*46*62 = N*57040"},
               {"T", "C*Kh*Kw = 10*3*3 = 90"},
               {"E_1", "O*C*Kh*Kw = 20*10*3*3 = 1800"},
               {"E_2", "O = 20"},
               {"parameter_count", "E_1 + E_2 = 1800 + 20 = 1820"},
               {"mac_count", "E_out*T = N*57040*90 = N*5133600"},
               {"multiplication_count", "mac_count = N*5133600"},
               {"bias_addition_count", "E_out = N*57040"},
               {"addition_count", "E_out*(T - 1) + bias_addition_count = N*57040*(90 - 1) + N*57040 = N*5133600"},
               {"flop_count", "2*mac_count = 2*N*5133600 = N*10267200"},
               {"padding_mac_count", ""},
               {"comparison_count", ""},
               {"parameter_byte_count", "E_1*4 + E_2*4 = 1800*4 + 20*4 = 7280"},
               {"written_byte_count", "E_out*4 = N*57040*4 = N*228160"}});
}

TEST(ExplanationTest, PaddingIsCountedTapByTap) {
  // A row of 4, windows of 3, stride 2, one cell of padding before: positions begin at -1 and 1. Tap 0 reads 1 cell of
  // the input (the first one is padding), taps 1 and 2 read 2 each.
  const Explanation explanation = Explain({.op = "Conv",
                                           .inputs = {Data({1, 1, 4}), Weight({1, 1, 3})},
                                           .attributes = {{"pads", Ints({1, 0})}, {"strides", Ints({2})}}});
  ExpectSteps(explanation, {{"W_out",
                             "floor((W + pw_begin + pw_end - dw*(Kw - 1) - 1)/sw) + 1 = "
                             "floor((4 + 1 + 0 - 1*(3 - 1) - 1)/2) + 1 = 2"},
                            {"P_w", "1 + 2 + 2 = 5"},
                            {"mac_count", "E_out*T = 2*3 = 6"},
                            {"padding_mac_count", "mac_count - N*O*C*P_w = 6 - 1*1*1*5 = 1"}});
}

TEST(ExplanationTest, GroupsAndSamePadding) {
  const Explanation explanation = Explain(
      {.op = "Conv",
       .inputs = {Data({"N", 8, 7, 7}), Weight({16, 2, 3, 3})},
       .attributes = {{"group", int64_t{4}}, {"strides", Ints({2, 2})}, {"auto_pad", std::string("SAME_UPPER")}}});
  ExpectSteps(explanation, {{"G", "4"},
                            {"I", "floor(C/G) = floor(8/4) = 2"},
                            {"H_out", "ceil(H/sh) = ceil(7/2) = 4"},
                            {"T", "I*Kh*Kw = 2*3*3 = 18"},
                            {"parameter_count", "E_1 = 288"},
                            {"addition_count", "E_out*(T - 1) = N*256*(18 - 1) = N*4352"}});
}

TEST(ExplanationTest, TransposedConvolution) {
  // (5 - 1)*2 + (3 - 1)*1 + 1 + 1 - 1 - 1 = 10.
  const Explanation explanation = Explain({.op = "ConvTranspose",
                                           .inputs = {Data({"N", 6, 5, 5}), Weight({6, 2, 3, 3}), Weight({4})},
                                           .attributes = {{"group", int64_t{2}},
                                                          {"strides", Ints({2, 2})},
                                                          {"pads", Ints({1, 1, 1, 1})},
                                                          {"output_padding", Ints({1, 1})}}});
  ExpectSteps(explanation, {{"O", "M*G = 2*2 = 4"},
                            {"H_out",
                             "sh*(H - 1) + dh*(Kh - 1) + 1 + oph - ph_begin - ph_end = "
                             "2*(5 - 1) + 1*(3 - 1) + 1 + 1 - 1 - 1 = 10"},
                            {"E_0", "N*C*H*W = N*6*5*5 = N*150"},
                            {"T", "M*Kh*Kw = 2*3*3 = 18"},
                            {"mac_count", "E_0*T = N*150*18 = N*2700"},
                            {"addition_count", "mac_count + bias_addition_count = N*2700 + N*400 = N*3100"},
                            {"output_mac_count", "E_out*floor(C/G)*Kh*Kw = N*400*floor(6/2)*3*3 = N*10800"},
                            {"E_1", "C*M*Kh*Kw = 6*2*3*3 = 108"},
                            {"E_2", "O = 4"},
                            {"parameter_count", "E_1 + E_2 = 108 + 4 = 112"}});
}

TEST(ExplanationTest, Poolings) {
  ExpectSteps(
      Explain(
          {.op = "MaxPool",
           .inputs = {Data({1, 64, 112, 112})},
           .attributes = {{"kernel_shape", Ints({3, 3})}, {"strides", Ints({2, 2})}, {"pads", Ints({1, 1, 1, 1})}}}),
      {{"H_out",
        "floor((H + ph_begin + ph_end - dh*(Kh - 1) - 1)/sh) + 1 = "
        "floor((112 + 1 + 1 - 1*(3 - 1) - 1)/2) + 1 = 56"},
       {"T", "Kh*Kw = 3*3 = 9"},
       {"comparison_count", "E_out*(T - 1) = 200704*(9 - 1) = 1605632"},
       {"parameter_count", "0"}});
  // Rounded up there would be a third window, which begins behind the input: 3 cells, windows of 1, stride 3 and one
  // cell of padding behind make ceil(3/3) + 1 = 2 of which the second begins at 3.
  ExpectSteps(Explain({.op = "AveragePool",
                       .inputs = {Data({1, 1, 3})},
                       .attributes = {{"kernel_shape", Ints({1})},
                                      {"strides", Ints({3})},
                                      {"pads", Ints({0, 1})},
                                      {"ceil_mode", int64_t{1}}}}),
              {{"W_out",
                "ceil((W + pw_begin + pw_end - dw*(Kw - 1) - 1)/sw) + 1 - "
                "[sw*ceil((W + pw_begin + pw_end - dw*(Kw - 1) - 1)/sw) >= W + pw_begin] = "
                "ceil((3 + 0 + 1 - 1*(1 - 1) - 1)/3) + 1 - "
                "[3*ceil((3 + 0 + 1 - 1*(1 - 1) - 1)/3) >= 3 + 0] = 1"}});
  ExpectSteps(Explain({.op = "GlobalAveragePool", .inputs = {Data({"N", 512, 7, 7})}}),
              {{"H_out", "1"},
               {"T", "H*W = 7*7 = 49"},
               {"addition_count", "E_out*(T - 1) = N*512*(49 - 1) = N*24576"},
               {"division_count", "E_out = N*512"}});
}

TEST(ExplanationTest, Products) {
  ExpectSteps(Explain({.op = "Gemm",
                       .inputs = {Data({"N", 512}), Weight({1000, 512}), Weight({1000})},
                       .attributes = {{"transB", int64_t{1}}}}),
              {{"N_out", "N"},
               {"C_out", "O = 1000"},
               {"mac_count", "E_out*I = N*1000*512 = N*512000"},
               {"addition_count", "E_out*(I - 1) + bias_addition_count = N*1000*(512 - 1) + N*1000 = N*512000"},
               {"parameter_count", "E_1 + E_2 = 512000 + 1000 = 513000"}});
  ExpectSteps(Explain({.op = "MatMul", .inputs = {Data({"N", 8, 10, 64}), Data({"N", 8, 64, 12})}}),
              {{"N_out", "N"},
               {"C_out", "C = 8"},
               {"H_out", "H = 10"},
               {"W_out", "O = 12"},
               {"mac_count", "E_out*W = N*960*64 = N*61440"}});
}

TEST(ExplanationTest, Normalisations) {
  ExpectSteps(Explain({.op = "BatchNormalization",
                       .inputs = {Data({"N", 64, 56, 56}), Weight({64}), Weight({64}), Weight({64}), Weight({64})}}),
              {{"parameter_count", "E_1 + E_2 = 64 + 64 = 128"},
               {"buffer_count", "E_3 + E_4 = 64 + 64 = 128"},
               {"multiplication_count", "E_out = N*200704"},
               {"addition_count", "E_out = N*200704"},
               {"buffer_byte_count", "E_3*4 + E_4*4 = 64*4 + 64*4 = 512"}});
  // 2 groups of 12 elements: J = 22; additions E + J*2 + R + E of the bias.
  ExpectSteps(Explain({.op = "LayerNormalization", .inputs = {Data({2, 12}), Weight({12}), Weight({12})}}),
              {{"R", "N = 2"},
               {"J", "E_0 - R = 24 - 2 = 22"},
               {"multiplication_count", "E_0*3 = 24*3 = 72"},
               {"addition_count", "E_0*2 + J*2 + R = 24*2 + 22*2 + 2 = 94"},
               {"division_count", "R*3 = 2*3 = 6"},
               {"special_function_count", "R = 2"}});
  ExpectSteps(
      Explain({.op = "LRN", .inputs = {Data({1, 96, 55, 55})}, .attributes = {{"size", int64_t{5}}}}),
      {{"addition_count", "E_out*n = 290400*5 = 1452000"}, {"multiplication_count", "2*E_out = 2*290400 = 580800"}});
}

TEST(ExplanationTest, SingleElements) {
  ExpectSteps(Explain({.op = "Relu", .inputs = {Data({"N", 64, 7, 7})}}),
              {{"H_out", "H = 7"}, {"comparison_count", "E_out = N*3136"}, {"addition_count", ""}});
  ExpectSteps(Explain({.op = "HardSwish", .inputs = {Data({2, 3})}}),
              {{"multiplication_count", "E_out*2 = 6*2 = 12"}, {"comparison_count", "E_out*2 = 6*2 = 12"}});
  // The first operand is broadcast to the second one.
  ExpectSteps(Explain({.op = "Add", .inputs = {Data({"N", 8, 1, 1}), Data({8, 5, 5})}}),
              {{"N_out", "N"}, {"H_out", "H_1 = 5"}, {"addition_count", "E_out = N*200"}});
  ExpectSteps(Explain({.op = "Softmax", .inputs = {Data({"N", 10})}}),
              {{"R", "N"}, {"J", "E_0 - R = N*10 - N = N*9"}, {"addition_count", "E_0 + J = N*10 + N*9 = N*19"}});
}

TEST(ExplanationTest, Shapes) {
  ExpectSteps(Explain({.op = "Concat",
                       .inputs = {Data({"N", 64, 28, 28}), Data({"N", 128, 28, 28}), Data({"N", 32, 28, 28})},
                       .attributes = {{"axis", int64_t{1}}}}),
              {{"C_out", "C + C_1 + C_2 = 64 + 128 + 32 = 224"}, {"H_out", "H = 28"}});
  ExpectSteps(Explain({.op = "Flatten", .inputs = {Data({"N", 256, 6, 6})}}),
              {{"N_out", "N"}, {"C_out", "C*H*W = 256*6*6 = 9216"}});
  ExpectSteps(Explain({.op = "Reshape", .inputs = {Data({"N", 12, 4, 6}), Integers({0, 6, -1})}}),
              {{"N_out", "N"}, {"C_out", "6"}, {"W_out", "C*H = 12*4 = 48"}});
  ExpectSteps(Explain({.op = "Reshape", .inputs = {Data({"N", 12, 5, 5}), Integers({0, 6, -1})}}),
              {{"W_out", "floor(C*H*W/C_out) = floor(12*5*5/6) = 50"}});
  ExpectSteps(
      Explain({.op = "Transpose", .inputs = {Data({"N", 3, 5, 7})}, .attributes = {{"perm", Ints({0, 2, 3, 1})}}}),
      {{"C_out", "H = 5"}, {"H_out", "W = 7"}, {"W_out", "C = 3"}});
  ExpectSteps(Explain({.op = "Pad", .inputs = {Data({"N", 3, 5}), Integers({0, 0, 1, 0, 0, 2})}}),
              {{"W_out", "W + pw_begin + pw_end = 5 + 1 + 2 = 8"}, {"C_out", "C = 3"}});
  ExpectSteps(
      Explain({.op = "DepthToSpace", .inputs = {Data({"N", 12, 5, 5})}, .attributes = {{"blocksize", int64_t{2}}}}),
      {{"C_out", "floor(C/(b*b)) = floor(12/(2*2)) = 3"}, {"H_out", "H*b = 5*2 = 10"}});
  ExpectSteps(Explain({.op = "Unsqueeze", .inputs = {Data({"N", 12}), Integers({1})}}),
              {{"C_out", "1"}, {"W_out", "C = 12"}});
  ExpectSteps(Explain({.op = "Split", .inputs = {Data({"N", 12})}, .attributes = {{"axis", int64_t{1}}}, .outputs = 3}),
              {{"C_out", "ceil(C/k) = ceil(12/3) = 4"}});
  ExpectSteps(Explain({.op = "Tile", .inputs = {Data({"N", 12}), Integers({1, 3})}}), {{"C_out", "C*rc = 12*3 = 36"}});
}

TEST(ExplanationTest, WhatIsNotKnownIsTheFilesWord) {
  SmallGraph graph;
  graph.Input("x", {"N", 4}).Weights("w", {4, 4}).Declare("y", {"N", 9}).Node("Mystery", {"x", "w"}, {"y"});
  const absl::StatusOr<ModelAnalysis> analysis = graph.Analyze({"y"}, {.explain = "Mystery_0"});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  ExpectFormulasHold(*analysis->explanation);
  ExpectSteps(*analysis->explanation, {{"C_out", "9"},
                                       {"parameter_count", "E_1 = 16"},
                                       {"mac_count", ""},
                                       {"written_byte_count", "E_out*4 = N*9*4 = N*36"}});
}

TEST(ExplanationTest, SharedParametersAreCountedOnce) {
  SmallGraph graph;
  graph.Input("x", {"N", 4}).Weights("w", {4, 4}).Node("MatMul", {"x", "w"}, {"y"}).Node("MatMul", {"y", "w"}, {"z"});
  const absl::StatusOr<ModelAnalysis> first = graph.Analyze({"z"}, {.explain = "MatMul_0"});
  const absl::StatusOr<ModelAnalysis> second = graph.Analyze({"z"}, {.explain = "MatMul_1"});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(StepText(*first->explanation, "parameter_count"), "E_1 = 16");
  EXPECT_EQ(StepText(*second->explanation, "parameter_count"), "0");
  EXPECT_EQ(StepText(*second->explanation, "parameter_byte_count"), "");
  // It is read all the same.
  EXPECT_EQ(StepText(*second->explanation, "read_byte_count"), "E_0*4 + E_1*4 = N*4*4 + 16*4 = (N + 4)*16");
}

TEST(ExplanationTest, OfParametersThatAreSharedInPartTheOthersAreCounted) {
  SmallGraph graph;
  graph.Input("x", {"N", 4}).Weights("w", {4, 4}).Weights("b", {4}).Weights("c", {4});
  graph.Node("Gemm", {"x", "w", "b"}, {"y"}).Node("Gemm", {"y", "w", "c"}, {"z"});
  const absl::StatusOr<ModelAnalysis> analysis = graph.Analyze({"z"}, {.explain = "Gemm_1"});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  EXPECT_EQ(StepText(*analysis->explanation, "parameter_count"), "E_2 = 4");
}

TEST(ExplanationTest, NamesThatAreNone) {
  SmallGraph graph;
  graph.Input("x", {"N", 4});
  graph.Node("Relu", {"x"}, {"a"}).Node("Relu", {"a"}, {"b"}).Node("Tanh", {"b"}, {"c"}).Node("Tanh", {"c"}, {"d"});
  const auto error = [&](const std::string& name) { return graph.Analyze({"d"}, {.explain = name}).status(); };
  EXPECT_EQ(error("relu_1"), absl::NotFoundError("no layer is called \"relu_1\", the nearest are Relu_1, Relu_0"));
  EXPECT_EQ(error("anh"), absl::NotFoundError("no layer is called \"anh\", the nearest are Tanh_2, Tanh_3"));
  EXPECT_EQ(error("something else"),
            absl::NotFoundError("no layer is called \"something else\", there are Relu_0, Relu_1, Tanh_2, ..."));
  EXPECT_THAT(error(std::string(300, 'x')), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(error("Tanh_3").ok());
}

TEST(ExplanationTest, OfSeveralOfANameTheFirst) {
  Graph graph = GraphOf({.op = "Relu", .inputs = {Data({"N", 4})}});
  GraphNode second = graph.nodes[0];
  second.op_type = "Tanh";
  second.inputs = {"y0"};
  second.outputs = {"y1"};
  graph.nodes.push_back(second);
  EXPECT_EQ(AnalyzeModel(graph, {.explain = "n"})->explanation->op_type, "Relu");
}

TEST(ExplanationTest, SizesBeyondEveryNumberHaveNoStep) {
  // 2^127 elements; their bytes are beyond 128 bits.
  const int64_t large = int64_t{1} << 60;
  const Graph graph = GraphOf({.op = "Identity", .inputs = {Data({large, large, 128})}});
  const absl::StatusOr<ModelAnalysis> analysis = AnalyzeModel(graph, {.explain = "n"});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  EXPECT_EQ(StepText(*analysis->explanation, "E_out"),
            "N_out*C_out*W_out = 1152921504606846976*1152921504606846976*128 = "
            "170141183460469231731687303715884105728");
  EXPECT_EQ(StepText(*analysis->explanation, "written_byte_count"), "");
}

}  // namespace
}  // namespace tensord::analysis::model
