// Graphs: order, roles, what is counted once, what is not known, and what is no graph.
#include "tensord/analysis/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tensord/analysis/graph.h"
#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis {
namespace {

using model::NamedNode;
using model::NamedTensor;
using model::SmallGraph;
using model::Text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// x [N,3,8,8] -> Conv 4x3x3x3 with bias -> GlobalAveragePool.
Graph Small() {
  Graph graph = SmallGraph(13, "small")
                    .Input("x", {"N", 3, 8, 8})
                    .Weights("w", {4, 3, 3, 3})
                    .Weights("b", {4})
                    .Node(NamedNode("conv", "Conv", {"x", "w", "b"}, {"z"}))
                    .Node("GlobalAveragePool", {"z"}, {"y"})
                    .With({"y"});
  graph.outputs = {NamedTensor("y", {"N", 4, 1, 1})};
  return graph;
}

ModelAnalysis Analyzed(const Graph& graph, const ModelOptions& options = {}) {
  absl::StatusOr<ModelAnalysis> model = AnalyzeModel(graph, options);
  EXPECT_TRUE(model.ok()) << model.status();
  return model.ok() ? *std::move(model) : ModelAnalysis();
}

std::string ErrorOf(const Graph& graph, const ModelOptions& options = {}) {
  return std::string(AnalyzeModel(graph, options).status().message());
}

std::vector<std::string> NamesOf(const ModelAnalysis& model) {
  std::vector<std::string> names;
  for (const ModelLayer& layer : model.layers) names.push_back(layer.name);
  return names;
}

TEST(ModelTest, CountsOfASmallNetwork) {
  const ModelAnalysis model = Analyzed(Small());
  EXPECT_EQ(model.name, "small");
  ASSERT_EQ(model.inputs.size(), 1U);
  EXPECT_EQ(model.inputs[0].name, "x");
  EXPECT_THAT(NamesOf(model), ElementsAre("conv", "GlobalAveragePool_1"));
  EXPECT_EQ(Text(model.layers[0].outputs[0]), "[N,4,6,6]");
  EXPECT_EQ(Text(model.outputs[0]), "[N,4,1,1]");
  EXPECT_EQ(model.parameter_count.ToString(), "112");          // 4*27 + 4
  EXPECT_EQ(model.operations.macs.ToString(), "N*3888");       // 4*36*27
  EXPECT_EQ(model.operations.additions.ToString(), "N*4028");  // 4*36*26 + 4*36, and 4*35
  EXPECT_EQ(model.operations.bias_additions.ToString(), "N*144");
  EXPECT_EQ(model.operations.divisions.ToString(), "N*4");
  EXPECT_EQ(model.operations.padding_macs->ToString(), "0");
  EXPECT_THAT(model.unknown_layers, IsEmpty());
  EXPECT_THAT(model.conditions, IsEmpty());
}

TEST(ModelTest, SymbolsTakeTheSizesThatAreGiven) {
  const ModelAnalysis model = Analyzed(Small(), {.symbols = {{"N", 8}}});
  EXPECT_EQ(model.operations.macs.ToString(), "31104");
  EXPECT_EQ(Text(model.outputs[0]), "[8,4,1,1]");
}

TEST(ModelTest, SizesThatAreNotThereCannotBeSet) {
  EXPECT_THAT(ErrorOf(Small(), {.symbols = {{"N", 8}, {"M", 3}}}),
              HasSubstr("no size that is called \"M\", to be set to 3: it has N"));
  Graph graph = Small();
  graph.inputs[0].shape = {1, 3, 8, 8};
  EXPECT_THAT(ErrorOf(graph, {.symbols = {{"N", 8}}}), HasSubstr("all its sizes are numbers"));
}

TEST(ModelTest, SizesWithoutANameAreTheBatchAndOthers) {
  Graph graph = Small();
  graph.inputs[0].shape = {"", 3, "", "height of the image"};
  graph.outputs[0].shape.reset();
  const ModelAnalysis model = Analyzed(graph);
  EXPECT_EQ(Text(model.inputs[0]), "[N,3,D1,D2]");
  EXPECT_EQ(Text(model.layers[0].outputs[0]), "[N,4,D1 - 2,D2 - 2]");
  EXPECT_THAT(model.conditions, ElementsAre("D1 >= 3", "D2 >= 3"));
  // By the file's own name, or by the one that is printed.
  EXPECT_EQ(Text(Analyzed(graph, {.symbols = {{"height of the image", 9}, {"D1", 5}}}).layers[0].outputs[0]),
            "[N,4,3,7]");
}

TEST(ModelTest, ParametersAreInitializersAndInputsThatStandForThem) {
  Graph graph = Small();
  graph.inputs.push_back(graph.initializers[0]);
  graph.inputs.push_back(graph.initializers[1]);
  graph.initializers.clear();
  const ModelAnalysis model = Analyzed(graph);
  EXPECT_EQ(model.parameter_count.ToString(), "112");
  ASSERT_EQ(model.inputs.size(), 1U) << "w and b are none";
  // Both: as older files have it.
  graph.initializers = {graph.inputs[1], graph.inputs[2]};
  EXPECT_EQ(Analyzed(graph).parameter_count.ToString(), "112");
}

TEST(ModelTest, TheDataInputCanBeNamed) {
  Graph graph = Small();
  graph.inputs.push_back(NamedTensor("extra", {7}));
  graph.nodes.push_back(NamedNode("use", "Mystery", {"extra"}, {"e"}));
  EXPECT_EQ(Analyzed(graph).inputs.size(), 2U);
  EXPECT_EQ(Analyzed(graph, {.data_inputs = {"x"}}).inputs.size(), 1U);
  EXPECT_EQ(Analyzed(graph, {.data_inputs = {"x"}}).parameter_count.ToString(), "119");
  EXPECT_THAT(ErrorOf(graph, {.data_inputs = {"y"}}), HasSubstr("\"y\""));
}

TEST(ModelTest, IndicesAreNoParametersWhereTheDataInputIsNamed) {
  Graph graph = Small();
  graph.inputs.push_back(NamedTensor("which", {2}, ElementType::kInt64));
  graph.inputs.push_back(NamedTensor("scale", {3, 1, 1}));
  graph.nodes.push_back(NamedNode("pick", "Gather", {"x", "which"}, {"two"}));
  graph.nodes.push_back(NamedNode("multiply", "Mul", {"two", "scale"}, {"e"}));
  EXPECT_EQ(Analyzed(graph).inputs.size(), 3U);
  const ModelAnalysis model = Analyzed(graph, {.data_inputs = {"x"}});
  EXPECT_EQ(model.inputs.size(), 1U);
  EXPECT_EQ(model.parameter_count.ToString(), "115");  // 112, and those of scale
}

TEST(ModelTest, SharedParametersCountOnce) {
  Graph graph = Small();
  graph.inputs[0].shape = {1, 4, 8, 8};
  graph.initializers = {NamedTensor("w", {4, 4, 3, 3})};
  graph.nodes = {NamedNode("a", "Conv", {"x", "w"}, {"z"}), NamedNode("b", "Conv", {"z", "w"}, {"y"})};
  graph.outputs = {NamedTensor("y", {1, 4, 4, 4})};
  const ModelAnalysis model = Analyzed(graph);
  EXPECT_EQ(model.parameter_count.ToString(), "144");
  EXPECT_EQ(model.layers[0].parameter_count.ToString(), "144");
  EXPECT_EQ(model.layers[1].parameter_count.ToString(), "0");
  EXPECT_EQ(model.operations.macs.ToString(), "7488");  // 4*36*36 + 4*16*36
}

TEST(ModelTest, NodesInAnyOrderAreSorted) {
  Graph graph = Small();
  std::swap(graph.nodes[0], graph.nodes[1]);
  EXPECT_THAT(NamesOf(Analyzed(graph)), ElementsAre("conv", "GlobalAveragePool_0"));
}

TEST(ModelTest, UnknownOperatorsAreNamedAndTheFileIsBelieved) {
  Graph graph = Small();
  graph.nodes[1] = NamedNode("strange", "Mystery", {"z"}, {"y"});
  const ModelAnalysis model = Analyzed(graph);
  EXPECT_THAT(model.unknown_layers, ElementsAre("strange"));
  EXPECT_FALSE(model.layers[1].operations.has_value());
  EXPECT_EQ(Text(model.outputs[0]), "[N,4,1,1]") << "the graph says so of its output";
  EXPECT_EQ(model.operations.macs.ToString(), "N*3888");
  // So it does where it names the output alone, and tells its shape elsewhere.
  graph.value_info = graph.outputs;
  graph.outputs[0].shape.reset();
  EXPECT_EQ(Text(Analyzed(graph).outputs[0]), "[N,4,1,1]");
  // Another domain's Conv is not ours.
  graph = Small();
  graph.nodes[0].domain = "com.example";
  EXPECT_THAT(Analyzed(graph).unknown_layers, ElementsAre("conv", "GlobalAveragePool_1"));
}

TEST(ModelTest, WhatTheFileSaysHasToBeSo) {
  Graph graph = Small();
  graph.value_info = {NamedTensor("z", {"N", 4, 6, 7})};
  EXPECT_THAT(ErrorOf(graph), HasSubstr("node \"conv\" (Conv): its output \"z\" has the shape [N,4,6,6], and the file "
                                        "says [N,4,6,7]"));
  graph.value_info = {NamedTensor("z", {"N", 4, 6, 6, 1})};
  EXPECT_THAT(ErrorOf(graph), HasSubstr("has the shape [N,4,6,6], and the file says [N,4,6,6,1]"));
  // An output's shape counts, where value_info knows the name alone.
  graph.value_info = {{.name = "y"}};
  graph.outputs = {NamedTensor("y", {"N", 4, 1, 2})};
  EXPECT_THAT(ErrorOf(graph), HasSubstr("its output \"y\" has the shape [N,4,1,1], and the file says [N,4,1,2]"));
}

TEST(ModelTest, WhatIsNoGraphIsRefused) {
  Graph graph = Small();
  graph.nodes[0].inputs[0] = "nowhere";
  EXPECT_THAT(ErrorOf(graph), HasSubstr("node \"conv\" (Conv): its input \"nowhere\" is neither given nor computed"));
  graph = Small();
  graph.nodes[0].inputs[0] = "z";
  EXPECT_THAT(ErrorOf(graph), HasSubstr("it waits for its own output"));
  graph = Small();
  graph.nodes[1].outputs[0] = "z";
  EXPECT_THAT(ErrorOf(graph), HasSubstr("its output \"z\" is computed or given elsewhere too"));
  graph = Small();
  graph.nodes[1].outputs[0] = "w";
  EXPECT_THAT(ErrorOf(graph), HasSubstr("its output \"w\" is computed or given elsewhere too"));
  graph = Small();
  graph.inputs.push_back(graph.inputs[0]);
  EXPECT_THAT(ErrorOf(graph), HasSubstr("two inputs that are called \"x\""));
  graph = Small();
  graph.initializers.push_back(graph.initializers[0]);
  EXPECT_THAT(ErrorOf(graph), HasSubstr("two initializers that are called \"w\""));
  graph = Small();
  graph.outputs.push_back(NamedTensor("nothing", {1}));
  EXPECT_THAT(ErrorOf(graph), HasSubstr("output \"nothing\" is computed by no node"));
  graph = Small();
  graph.nodes[0].name = "evil\x1b[31m\n";
  graph.nodes[0].inputs[0] = "nowhere";
  EXPECT_THAT(ErrorOf(graph), HasSubstr("\"evil\\x1b[31m\\n\""));
}

TEST(ModelTest, ParametersAreOfEveryRealType) {
  const auto count = [](ElementType type, std::vector<Dimension> shape) {
    return SmallGraph()
        .Input("x", {"N", 5})
        .Initializer(NamedTensor("w", std::move(shape), type))
        .Node("Add", {"x", "w"}, {"y"})
        .Analyze({"y"})
        ->parameter_count.ToString();
  };
  for (const ElementType type :
       {ElementType::kFloat32, ElementType::kFloat64, ElementType::kFloat16, ElementType::kBfloat16}) {
    EXPECT_EQ(count(type, {5}), "5") << ElementTypeName(type);
    EXPECT_EQ(count(type, {}), "0") << "a number on its own is none";
  }
  EXPECT_EQ(count(ElementType::kInt64, {5}), "0");
}

TEST(ModelTest, WhatIsComputedOfParametersAloneIsALayer) {
  const auto model = SmallGraph()
                         .Input("x", {"N", 5})
                         .Weights("w", {5})
                         .Weights("v", {5})
                         .Node("Mul", {"w", "v"}, {"c"})
                         .Node("Add", {"x", "c"}, {"y"})
                         .Analyze({"y"});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(NamesOf(*model), ElementsAre("Mul_0", "Add_1"));
  EXPECT_EQ(model->parameter_count.ToString(), "10");
  EXPECT_EQ(model->inputs.size(), 1U);
}

TEST(ModelTest, ALayersInputsAreTheDataAndNotItsParameters) {
  const auto names = [](const ModelLayer& layer) {
    std::vector<std::string> list;
    for (const ModelTensor& input : layer.inputs) list.push_back(input.name);
    return list;
  };
  EXPECT_THAT(names(Analyzed(Small()).layers[0]), ElementsAre("x"));
  // A filter that is computed of data is data.
  const auto model = SmallGraph()
                         .Input("x", {"N", 3, 8, 8})
                         .Input("f", {4, 3, 3, 3})
                         .Node("Relu", {"f"}, {"g"})
                         .Node("Conv", {"x", "g"}, {"y"})
                         .Analyze({"y"});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(names(model->layers[1]), ElementsAre("x", "g"));
  EXPECT_EQ(model->parameter_count.ToString(), "0");
}

TEST(ModelTest, ASymbolOfTheFileIsNoneOfOurs) {
  Graph graph = SmallGraph().Input("x", {2, ""}).Input("z", {"D1", 7}).Node("Relu", {"x"}, {"y"}).With({"y", "z"});
  const ModelAnalysis model = Analyzed(graph);
  EXPECT_EQ(Text(model.outputs[0]), "[2,D1]");
  EXPECT_EQ(Text(model.outputs[1]), "[D2,7]");
}

TEST(ModelTest, OutputsOfTooHighARankAreRefused) {
  EXPECT_EQ(ErrorOf(SmallGraph()
                        .Input("x", std::vector<Dimension>(8, Dimension(1)))
                        .Integers("i", {1, 1}, {0})
                        .Node(NamedNode("g", "Gather", {"x", "i"}, {"y"}))
                        .With({"y"})),
            "node \"g\" (Gather): its output is of rank 9, has to be of 8 at most");
}

TEST(ModelTest, AbsurdSizesAreAnError) {
  Graph graph = Small();
  graph.inputs[0].shape = {int64_t{1} << 60, 3, int64_t{1} << 60, int64_t{1} << 60};
  graph.outputs.clear();
  EXPECT_THAT(ErrorOf(graph), HasSubstr("128 bits"));
  graph.inputs[0].shape = std::vector<Dimension>(9, Dimension(1));
  EXPECT_THAT(ErrorOf(graph), HasSubstr("rank 9"));
}

TEST(ModelTest, TooManyNodesAreRefused) {
  Graph graph = Small();
  graph.nodes.assign(kMaxGraphNodes + 1, NamedNode("", "Relu", {"x"}, {}));
  EXPECT_EQ(AnalyzeModel(graph, {}).status().code(), absl::StatusCode::kResourceExhausted);
}

// x0 [1,S0] .. x999 [1,S999] -> Concat, then a chain of Relu: each has a size of 1000 terms.
TEST(ModelTest, LargeExpressionsAtEveryNodeAreRefused) {
  Graph graph{.name = "wide", .opset = 13};
  std::vector<std::string> inputs;
  for (int i = 0; i < 1000; ++i) {
    const std::string index = std::to_string(i);
    graph.inputs.push_back(NamedTensor("x" + index, {1, "S" + index}));
    inputs.push_back("x" + index);
  }
  graph.nodes = {NamedNode("wide", "Concat", inputs, {"r0"})};
  graph.nodes[0].attributes["axis"] = int64_t{1};
  const auto add_chain = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      graph.nodes.push_back(
          NamedNode("relu" + std::to_string(i), "Relu", {"r" + std::to_string(i)}, {"r" + std::to_string(i + 1)}));
    }
  };
  add_chain(0, 100);
  EXPECT_TRUE(AnalyzeModel(graph, {}).ok());
  add_chain(100, 100'000);
  const absl::Status status = AnalyzeModel(graph, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("(Relu): up to here the graph's sizes and counts take more"));
  ModelOptions options;
  for (int i = 0; i < 1000; ++i) options.symbols["S" + std::to_string(i)] = 1;
  EXPECT_TRUE(AnalyzeModel(graph, options).ok());
}

TEST(ModelTest, AHundredThousandConvolutionsOfNImagesAreNotTooMuch) {
  Graph graph{.name = "deep", .opset = 13};
  graph.inputs = {NamedTensor("r0", {"N", 8, 5, 5})};
  graph.initializers = {NamedTensor("w", {8, 8, 1, 1}), NamedTensor("b", {8})};
  for (int i = 0; i < 100'000; ++i) {
    graph.nodes.push_back(NamedNode("", "Conv", {"r" + std::to_string(i), "w", "b"}, {"r" + std::to_string(i + 1)}));
  }
  const ModelAnalysis model = Analyzed(graph);
  EXPECT_EQ(model.operations.macs.ToString(), "N*160000000");
  EXPECT_EQ(model.parameter_count.ToString(), "72");
}

TEST(PrintableNameTest, NothingInANameSteersATerminal) {
  EXPECT_EQ(PrintableName("layer1.0/conv"), "layer1.0/conv");
  EXPECT_EQ(PrintableName("größe"), "größe");
  EXPECT_EQ(PrintableName(std::string("a\0b\r\x7f\\", 6)), "a\\x00b\\x0d\\x7f\\\\");
  EXPECT_EQ(PrintableName("\xff\xc0\x80\xed\xa0\x80\xc2\x9b"), "\\xff\\xc0\\x80\\xed\\xa0\\x80\\xc2\\x9b");
  const std::string long_name = PrintableName(std::string(1000, 'x'));
  EXPECT_EQ(long_name.size(), 256U);
  EXPECT_EQ(long_name.substr(250), "xxx...");
}

}  // namespace
}  // namespace tensord::analysis
