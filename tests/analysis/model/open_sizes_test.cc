// Sizes of parameters that a graph leaves open.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/analysis/model/single_node.h"
#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis {
namespace {

using model::SmallGraph;
using single_node::Data;
using single_node::None;
using single_node::Summary;
using single_node::Weight;

const Dimension kOpen = std::string();

// The parameters of a graph, or the error.
std::string Parameters(const SmallGraph& graph, const std::string& output) {
  const absl::StatusOr<ModelAnalysis> analysis = graph.Analyze({output});
  if (!analysis.ok()) return std::string(analysis.status().message());
  const std::string buffers = analysis->buffer_count.ToString();
  return absl::StrCat(analysis->parameter_count.ToString(), buffers == "0" ? "" : absl::StrCat(" and ", buffers));
}

// 6 channels in 2 groups: a filter takes 3. 4*3*9 weights and 4 biases; 10*10 positions, 27 products each.
TEST(OpenSizesTest, OfAConvolution) {
  EXPECT_EQ(Summary({.op = "Conv",
                     .inputs = {Data({"N", 6, 12, 12}), Weight({4, kOpen, 3, 3}), Weight({kOpen})},
                     .attributes = {{"group", int64_t{2}}}}),
            "float32[N,4,10,10]; N*10800 multiplications; N*10800 additions; N*10800 macs; N*400 bias additions; 112 "
            "parameters");
  // Windows by kernel_shape.
  EXPECT_EQ(Summary({.op = "Conv",
                     .inputs = {Data({"N", 2, 5}), Weight({3, kOpen, kOpen})},
                     .attributes = {{"kernel_shape", model::Ints({2})}}}),
            "float32[N,3,4]; N*48 multiplications; N*36 additions; N*48 macs; 12 parameters");
  // A symbol settles it too.
  EXPECT_EQ(Summary({.op = "Conv", .inputs = {Data({"N", "C", 2}), Weight({3, kOpen, 2})}}),
            "float32[N,3,1]; C*N*6 multiplications; N*(C*6 - 3) additions; C*N*6 macs; C*6 parameters");
}

TEST(OpenSizesTest, OfAConvolutionThatDoesNotFit) {
  EXPECT_EQ(
      Summary(
          {.op = "Conv", .inputs = {Data({"N", 6, 12}), Weight({4, kOpen, 3})}, .attributes = {{"group", int64_t{4}}}}),
      "error: node \"n\" (Conv): its input \"x0\" [N,6,12] has to have as many channels as its filter \"x1\" "
      "[4,1,3] takes, 4 groups of 1: was 6, has to be 4");
  EXPECT_EQ(Summary({.op = "Conv", .inputs = {Data({"N", 6, 12}), Weight({kOpen, kOpen, 3})}}),
            "error: node \"n\" (Conv): it does not tell what the open sizes of its input \"x1\" [?,6,3] have to be; "
            "give them as numbers");
  EXPECT_EQ(Summary({.op = "Conv", .inputs = {Data({"N", 6, 12, 12}), Weight({4, kOpen, 3})}}),
            "error: node \"n\" (Conv): its input \"x0\" [N,6,12,12] and its filter \"x1\" [4,?,3] have to be of the "
            "same rank: batch, channels and the spatial axes");
}

// 5 channels to 2*3: 5*3*4 weights and 6 biases. Each of 5*7 elements is multiplied with 3*4 weights; the output is
// 10 long, of 6 channels.
TEST(OpenSizesTest, OfATransposedConvolution) {
  EXPECT_EQ(Summary({.op = "ConvTranspose",
                     .inputs = {Data({1, 4, 7}), Weight({kOpen, 3, 4}), Weight({kOpen})},
                     .attributes = {{"group", int64_t{2}}}}),
            "float32[1,6,10]; 336 multiplications; 396 additions; 336 macs; 60 bias additions; 54 parameters");
}

TEST(OpenSizesTest, OfMatrixProducts) {
  EXPECT_EQ(Summary({.op = "Gemm", .inputs = {Data({"N", 4}), Weight({kOpen, 3}), Weight({kOpen})}}),
            "float32[N,3]; N*12 multiplications; N*12 additions; N*12 macs; N*3 bias additions; 15 parameters");
  EXPECT_EQ(
      Summary({.op = "Gemm", .inputs = {Data({"N", 4}), Weight({3, kOpen})}, .attributes = {{"transB", int64_t{1}}}}),
      "float32[N,3]; N*12 multiplications; N*9 additions; N*12 macs; 12 parameters");
  EXPECT_EQ(Summary({.op = "MatMul", .inputs = {Data({"N", 5, 4}), Weight({kOpen, 3})}}),
            "float32[N,5,3]; N*60 multiplications; N*45 additions; N*60 macs; 12 parameters");
  EXPECT_EQ(Summary({.op = "MatMul", .inputs = {Data({"N", 4}), Weight({kOpen})}}),
            "float32[N]; N*4 multiplications; N*3 additions; N*4 macs; 4 parameters");
  // The columns are the writer's.
  EXPECT_EQ(Summary({.op = "MatMul", .inputs = {Data({"N", 4}), Weight({kOpen, kOpen})}}),
            "error: node \"n\" (MatMul): it does not tell what the open sizes of its input \"x1\" [4,?] have to be; "
            "give them as numbers");
  // Data with an open size is compared, not settled.
  EXPECT_EQ(Summary({.op = "MatMul", .inputs = {Data({2, 4}), Data({kOpen, 3})}}),
            "float32[2,3]; 24 multiplications; 18 additions; 24 macs; if N = 4");
}

TEST(OpenSizesTest, OfNormalisationsAndSlopes) {
  const auto of = [](const std::string& op, size_t vectors, model::Attributes attributes = {}) {
    SmallGraph graph;
    graph.Input("x", {"N", 6, 5, 7});
    std::vector<std::string> inputs = {"x"};
    for (size_t i = 0; i < vectors; ++i) {
      inputs.push_back(absl::StrCat("p", i));
      graph.Weights(inputs.back(), {kOpen});
    }
    graph.Node(op, inputs, {"y"}, std::move(attributes));
    return Parameters(graph, "y");
  };
  EXPECT_EQ(of("BatchNormalization", 4), "12 and 12");
  EXPECT_EQ(of("InstanceNormalization", 2), "12");
  EXPECT_EQ(of("GroupNormalization", 2, {{"num_groups", int64_t{3}}}), "12");
  EXPECT_EQ(of("LayerNormalization", 2), "14");
  EXPECT_EQ(of("PRelu", 1), "7");
  SmallGraph slopes;
  slopes.Input("x", {"N", 6, 5, 7}).Weights("s", {kOpen, 1, 1}).Node("PRelu", {"x", "s"}, {"y"});
  EXPECT_EQ(Parameters(slopes, "y"), "6");
  SmallGraph scale;
  scale.Input("x", {"N", 6, 5, 7})
      .Weights("s", {kOpen, kOpen})
      .Node("LayerNormalization", {"x", "s"}, {"y"}, {{"axis", int64_t{-2}}});
  EXPECT_EQ(Parameters(scale, "y"), "35");
}

TEST(OpenSizesTest, LaterUsersHaveToAgree) {
  const auto twice = [](int64_t channels) {
    SmallGraph graph;
    graph.Input("a", {"N", 6, 5}).Input("b", {"N", channels, 5}).Weights("w", {4, kOpen, 3});
    graph.Node("Conv", {"a", "w"}, {"c"}).Node("Conv", {"b", "w"}, {"d"});
    return Parameters(graph, "d");
  };
  EXPECT_EQ(twice(6), "72");
  EXPECT_EQ(twice(5),
            "node (Conv): its input \"b\" [N,5,5] has to have as many channels as its filter \"w\" [4,6,3] takes, 6: "
            "was 5, has to be 6");
}

TEST(OpenSizesTest, OperatorsThatDoNotTellAreNamed) {
  SmallGraph graph;
  graph.Input("x", {"N", 6}).Weights("w", {kOpen}).Node("Add", {"x", "w"}, {"y"});
  EXPECT_EQ(Parameters(graph, "y"),
            "node (Add): it does not tell what the open sizes of its input \"w\" [?] have to be; give them as numbers");
  SmallGraph unknown;
  unknown.Input("x", {"N", 6}).Weights("w", {3, kOpen}).Node("Mystery", {"x", "w"}, {"y"});
  EXPECT_EQ(Parameters(unknown, "y"),
            "node (Mystery): it does not tell what the open sizes of its input \"w\" [3,?] have to be; give them as "
            "numbers");
  SmallGraph unused;
  unused.Input("x", {"N", 6}).Weights("w", {kOpen}).Node("Relu", {"x"}, {"y"});
  EXPECT_EQ(Parameters(unused, "y"), "0");
}

// ONNX files without weights have them as inputs, some with sizes that nobody told.
TEST(OpenSizesTest, OfInputsThatStandAsWeights) {
  EXPECT_EQ(Summary({.op = "Conv", .inputs = {Data({kOpen, 6, 5}), Data({4, kOpen, 3}), Data({kOpen})}}),
            "float32[N,4,3]; N*216 multiplications; N*216 additions; N*216 macs; N*12 bias additions; 76 parameters");
  EXPECT_EQ(Summary({.op = "ConvTranspose", .inputs = {Data({kOpen, 6, 5}), Data({kOpen, 2, 1}), None()}}),
            "float32[N,2,5]; N*60 multiplications; N*60 additions; N*60 macs; 12 parameters");
  // What an operator does not tell stays a symbol there.
  EXPECT_EQ(Summary({.op = "Relu", .inputs = {Data({kOpen, kOpen})}}), "float32[N,D1]; D1*N comparisons");
}

TEST(OpenSizesTest, AnOutputIsNoParameter) {
  // The input's open size is a symbol once Relu has taken it, and the convolution's filter has to be compared with it.
  SmallGraph graph;
  graph.Input("x", {"N", 6, 5}).Input("w", {4, kOpen, 3}).Node("Relu", {"w"}, {"v"}).Node("Conv", {"x", "v"}, {"y"});
  EXPECT_EQ(graph.Shape("y"), "[N,4,3] where D1 = 6");
  // So it does where the convolution takes the same input, which is the symbol already.
  SmallGraph both;
  both.Input("x", {"N", 6, 5}).Input("w", {4, kOpen, 3}).Node("Relu", {"w"}, {"v"}).Node("Conv", {"x", "w"}, {"y"});
  EXPECT_EQ(both.Shapes({"v", "y"}), "[4,D1,3] [N,4,3] where D1 = 6");
  SmallGraph declared;
  declared.Input("x", {"N", 6, 5}).Declare("v", {4, kOpen, 3}).Node("Mystery", {"x"}, {"v"});
  declared.Node("Conv", {"x", "v"}, {"y"});
  EXPECT_EQ(declared.Shape("y"), "[N,4,3] where D1 = 6");
}

TEST(OpenSizesTest, SymbolsOfOursAreNumbered) {
  SmallGraph graph;
  graph.Input("x", {"N", kOpen, kOpen}).Input("y", {kOpen, "D3", kOpen, "a size"});
  EXPECT_EQ(graph.Shapes({"x", "y"}), "[N,D1,D2] [N,D3,D4,D5]");
}

}  // namespace
}  // namespace tensord::analysis
