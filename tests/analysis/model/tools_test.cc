// What tools print: the totals of whole networks and of single modules, as the tools themselves gave them.
//
// The expectations are what torchinfo 1.8.0, fvcore 0.1.6, ptflops 0.7.5 and thop 0.1.1 returned with PyTorch 1.13 and
// torchvision 0.14.1, the models in evaluation with an input of 1 x 3 x 224 x 224 and GoogLeNet without its auxiliary
// classifiers. Where a test says so they were read from the tools' sources instead.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "tensord/analysis/cost.h"
#include "tensord/analysis/model.h"
#include "tensord/analysis/onnx.h"
#include "tests/analysis/model/small_graph.h"
#include "tests/support/matchers.h"

namespace tensord::analysis::model {
namespace {

using test_support::IsOk;
using ::testing::ElementsAre;

// In the order torchinfo, fvcore, ptflops, thop.
std::vector<std::string> CountsOf(const ModelAnalysis& model) {
  std::vector<std::string> counts;
  for (const ToolCount& tool : CountByTools(model)) counts.push_back(tool.count.ToString());
  return counts;
}

ModelAnalysis Network(const std::string& name) {
  std::ifstream file(std::string(TENSORD_MODELS_FOLDER) + "/" + name + ".onnx", std::ios::binary);
  EXPECT_TRUE(file) << name;
  const absl::StatusOr<Graph> graph = ReadOnnx(std::string{std::istreambuf_iterator<char>(file), {}});
  EXPECT_THAT(graph, IsOk());
  absl::StatusOr<ModelAnalysis> model = AnalyzeModel(*graph, {});
  EXPECT_THAT(model, IsOk());
  return model.ok() ? *std::move(model) : ModelAnalysis();
}

TEST(ToolsTest, AlexNet) {
  EXPECT_THAT(CountsOf(Network("alexnet")), ElementsAre("714682664", "714197696", "716441128", "714206912"));
}

TEST(ToolsTest, Vgg16) {
  EXPECT_THAT(CountsOf(Network("vgg16")), ElementsAre("15483821032", "15470289408", "15523225576", "15470314496"));
}

TEST(ToolsTest, ResNet18) {
  EXPECT_THAT(CountsOf(Network("resnet18")), ElementsAre("1814083944", "1819065856", "1825313768", "1824033792"));
}

TEST(ToolsTest, SqueezeNet) {
  EXPECT_THAT(CountsOf(Network("squeezenet1_1")), ElementsAre("351741288", "349320936", "359982728", "349321936"));
}

// Its average pooling is a call of a function, whose 62720 elements ptflops counts once and thop not at all; the graph
// has what a module has, which they count twice, and with the 1280 elements of the output.
TEST(ToolsTest, MobileNetDiffersByTheFunctionThatItCalls) {
  EXPECT_THAT(CountsOf(Network("mobilenet_v2")),
              ElementsAre("300809384", "314193216", std::to_string(320300008 + 62720),
                          std::to_string(327486720 + 62720 + 1280)));
}

// Its 57 ReLUs are calls of F.relu, of 3226160 elements in all: those of its batch normalisations.
TEST(ToolsTest, GoogLeNetDiffersByTheFunctionsThatItCalls) {
  EXPECT_THAT(CountsOf(Network("googlenet")),
              ElementsAre("1498391752", "1504878688", std::to_string(1513907448 + 3226160), "1511332032"));
}

TEST(ToolsTest, TheParametersAreThoseThatTheyPrint) {
  for (const ToolCount& tool : CountByTools(Network("alexnet"))) {
    EXPECT_EQ(tool.parameter_count.ToString(), "61100840");
  }
}

// One module of torch.nn on an input of 1 x 4 x 6 x 6, unless a row says another, as its operator.
class ModuleTest : public testing::Test {
 protected:
  static std::vector<std::string> Of(SmallGraph& graph, const std::string& op, std::vector<std::string> weights,
                                     Attributes attributes = {}) {
    weights.insert(weights.begin(), "x");
    graph.Node(op, weights, {"y"}, std::move(attributes));
    const absl::StatusOr<ModelAnalysis> model = graph.Analyze({"y"});
    EXPECT_THAT(model, IsOk());
    return model.ok() ? CountsOf(*model) : std::vector<std::string>();
  }
  static std::vector<std::string> Of(const std::string& op, Attributes attributes = {}) {
    SmallGraph graph = SmallGraph(20).Input("x", {1, 4, 6, 6});
    return Of(graph, op, {}, std::move(attributes));
  }
  // With vectors of that length as its weights.
  static std::vector<std::string> With(const std::string& op, int64_t length, std::vector<std::string> weights,
                                       Attributes attributes = {}) {
    SmallGraph graph = SmallGraph(17).Input("x", {1, 4, 6, 6});
    for (const std::string& weight : weights) graph.Weights(weight, {length});
    return Of(graph, op, weights, std::move(attributes));
  }
};

TEST_F(ModuleTest, Convolutions) {
  SmallGraph graph = SmallGraph().Input("x", {1, 4, 6, 6}).Weights("w", {8, 2, 3, 3}).Weights("b", {8});
  EXPECT_THAT(Of(graph, "Conv", {"w", "b"}, {{"pads", Ints({1, 1, 1, 1})}, {"group", int64_t{2}}}),
              ElementsAre("5472", "5184", "5472", "5184"));
  graph = SmallGraph().Input("x", {1, 8, 5, 5}).Weights("w", {8, 2, 3, 3}).Weights("b", {4});
  EXPECT_THAT(Of(graph, "ConvTranspose", {"w", "b"}, {{"strides", Ints({2, 2})}, {"group", int64_t{2}}}),
              ElementsAre("17908", "3600", "4084", "17424"));
  graph = SmallGraph().Input("x", {1, 8, 5, 5}).Weights("w", {8, 4, 3, 3});
  EXPECT_THAT(Of(graph, "ConvTranspose", {"w"}, {{"strides", Ints({2, 2})}, {"pads", Ints({1, 1, 1, 1})}}),
              ElementsAre("23328", "7200", "7200", "23328"));
}

TEST_F(ModuleTest, LinearOfThreeAxesIsAProductAndASum) {
  SmallGraph graph = SmallGraph().Input("x", {1, 6, 5}).Weights("w", {5, 7}).Weights("b", {7});
  graph.Node("MatMul", {"x", "w"}, {"p"}).Node("Add", {"p", "b"}, {"y"});
  const absl::StatusOr<ModelAnalysis> model = graph.Analyze({"y"});
  ASSERT_THAT(model, IsOk());
  EXPECT_THAT(CountsOf(*model), ElementsAre("42", "210", "252", "210"));
}

// The filter as PyTorch keeps it, transposed in the graph.
TEST_F(ModuleTest, WhatIsTransposedBeforeItIsUsedIsAParameterStill) {
  SmallGraph graph = SmallGraph().Input("x", {1, 6, 5}).Weights("w", {7, 5}).Weights("b", {7});
  graph.Node("Transpose", {"w"}, {"t"}).Node("MatMul", {"x", "t"}, {"p"}).Node("Add", {"p", "b"}, {"y"});
  const absl::StatusOr<ModelAnalysis> model = graph.Analyze({"y"});
  ASSERT_THAT(model, IsOk());
  EXPECT_THAT(CountsOf(*model), ElementsAre("42", "210", "252", "210"));
}

TEST_F(ModuleTest, ProductsOfTwoTensors) {
  SmallGraph graph = SmallGraph().Input("x", {1, 4, 6}).Input("z", {1, 6, 4});
  EXPECT_THAT(Of(graph, "MatMul", {"z"}), ElementsAre("0", "96", "96", "0"));
}

// Read from fvcore's matmul_flop_jit and ptflops' _matmul_tensor_flops_hook: the first tensor's elements times the
// second's columns, though the first is used for each of the 5.
TEST_F(ModuleTest, ProductsOfTwoTensorsThatBroadcast) {
  SmallGraph graph = SmallGraph().Input("x", {4, 6}).Input("z", {5, 6, 4});
  EXPECT_THAT(Of(graph, "MatMul", {"z"}), ElementsAre("0", "96", "96", "0"));
  graph = SmallGraph().Input("x", {5, 4, 6}).Input("z", {6, 4});
  EXPECT_THAT(Of(graph, "MatMul", {"z"}), ElementsAre("0", "480", "480", "0"));
  graph = SmallGraph().Input("x", {5, 4, 6}).Input("z", {6});
  EXPECT_THAT(Of(graph, "MatMul", {"z"}), ElementsAre("0", "120", "120", "0"));
}

// Read from fvcore's einsum_flop_jit, and from _flop_count in NumPy's einsumfunc.py: 2 for each product where one is
// summed, else 1, and half of that. The others know no einsum.
TEST_F(ModuleTest, Einsum) {
  SmallGraph graph = SmallGraph().Input("x", {2, 4, 6}).Input("z", {2, 4, 5});
  EXPECT_THAT(Of(graph, "Einsum", {"z"}, {{"equation", std::string("abc,abd->acd")}}),
              ElementsAre("0", "240", "0", "0"));
  graph = SmallGraph().Input("x", {3}).Input("z", {5});
  EXPECT_THAT(Of(graph, "Einsum", {"z"}, {{"equation", std::string("i,j->ij")}}), ElementsAre("0", "7", "0", "0"));
}

TEST_F(ModuleTest, Normalisations) {
  EXPECT_THAT(With("BatchNormalization", 4, {"s", "b", "m", "v"}), ElementsAre("8", "288", "288", "576"));
  EXPECT_THAT(With("InstanceNormalization", 4, {"s", "b"}), ElementsAre("8", "720", "288", "576"));
  EXPECT_THAT(With("GroupNormalization", 4, {"s", "b"}, {{"num_groups", int64_t{2}}}),
              ElementsAre("8", "720", "288", "0"));
  EXPECT_THAT(With("LayerNormalization", 6, {"s", "b"}), ElementsAre("12", "720", "144", "576"));
  EXPECT_THAT(Of("LRN", {{"size", int64_t{5}}}), ElementsAre("0", "0", "720", "0"));
}

TEST_F(ModuleTest, Activations) {
  SmallGraph graph = SmallGraph().Input("x", {1, 4, 6, 6}).Weights("a", {4, 1, 1});
  EXPECT_THAT(Of(graph, "PRelu", {"a"}), ElementsAre("4", "0", "288", "144"));
  EXPECT_THAT(Of("LeakyRelu"), ElementsAre("0", "0", "144", "0"));
  EXPECT_THAT(Of("Relu"), ElementsAre("0", "0", "288", "0"));
  EXPECT_THAT(Of("Clip"), ElementsAre("0", "0", "144", "0"));
  EXPECT_THAT(Of("Elu"), ElementsAre("0", "0", "288", "0"));
  EXPECT_THAT(Of("Gelu"), ElementsAre("0", "0", "288", "0"));
  EXPECT_THAT(Of("Softmax", {{"axis", int64_t{1}}}), ElementsAre("0", "0", "144", "396"));
  for (const std::string op : {"Sigmoid", "LogSoftmax", "HardSwish", "Dropout"}) {
    EXPECT_THAT(Of(op), ElementsAre("0", "0", "0", "0")) << op;
  }
}

TEST_F(ModuleTest, Poolings) {
  const Attributes halves = {{"kernel_shape", Ints({2, 2})}, {"strides", Ints({2, 2})}};
  EXPECT_THAT(Of("MaxPool", halves), ElementsAre("0", "0", "288", "0"));
  EXPECT_THAT(Of("AveragePool", halves), ElementsAre("0", "0", "288", "36"));
  EXPECT_THAT(Of("GlobalAveragePool"), ElementsAre("0", "144", "288", "148"));
  EXPECT_THAT(Of("GlobalMaxPool"), ElementsAre("0", "0", "288", "0"));
  SmallGraph graph = SmallGraph().Input("x", {1, 4, 6});
  EXPECT_THAT(Of(graph, "GlobalAveragePool", {}), ElementsAre("0", "0", "48", "28"));
}

TEST_F(ModuleTest, Upsamplings) {
  const auto doubled = [](const std::string& mode) {
    SmallGraph graph = SmallGraph().Input("x", {1, 4, 6, 6}).Reals("scales", {1, 1, 2, 2});
    return Of(graph, "Resize", {"", "scales"}, {{"mode", mode}});
  };
  EXPECT_THAT(doubled("nearest"), ElementsAre("0", "576", "1152", "576"));
  EXPECT_THAT(doubled("linear"), ElementsAre("0", "2304", "1152", "6336"));
  EXPECT_THAT(doubled("cubic"), ElementsAre("0", "0", "1152", "149184"));
}

// Read from the sources: ptflops' upsample_flops_counter_hook and _interpolate_functional_flops_hook know no modes,
// thop's count_upsample leaves trilinear out, fvcore has handles for images alone.
TEST_F(ModuleTest, UpsamplingsOfVolumes) {
  const auto doubled = [](const std::string& mode) {
    SmallGraph graph = SmallGraph().Input("x", {1, 4, 2, 3, 3}).Reals("scales", {1, 1, 2, 2, 2});
    return Of(graph, "Resize", {"", "scales"}, {{"mode", mode}});
  };
  EXPECT_THAT(doubled("nearest"), ElementsAre("0", "0", "1152", "576"));
  EXPECT_THAT(doubled("linear"), ElementsAre("0", "0", "1152", "0"));
}

TEST_F(ModuleTest, SumsAndOtherOperatorsOfTwoTensors) {
  SmallGraph graph = SmallGraph().Input("x", {1, 4, 6, 6});
  EXPECT_THAT(Of(graph, "Add", {"x"}), ElementsAre("0", "0", "0", "0"));
  graph = SmallGraph().Input("x", {1, 4, 6, 6});
  EXPECT_THAT(Of(graph, "Concat", {"x"}, {{"axis", int64_t{1}}}), ElementsAre("0", "0", "0", "0"));
}

TEST_F(ModuleTest, TheBatchMayBeASymbol) {
  SmallGraph graph = SmallGraph().Input("x", {"N", 3, 8, 8}).Weights("w", {4, 3, 3, 3}).Weights("b", {4});
  // 112 parameters at 36 positions; 108 products, and 4 sums of a bias.
  EXPECT_THAT(Of(graph, "Conv", {"w", "b"}), ElementsAre("N*4032", "N*3888", "N*4032", "N*3888"));
}

}  // namespace
}  // namespace tensord::analysis::model
