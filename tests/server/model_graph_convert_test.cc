// The graph that a message becomes, and its bounds; what is wrong with single fields is in tests/contract.
#include "server/convert/model_graph_convert.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tensord::server {
namespace {

using analysis::Dimension;
using analysis::ElementType;
using analysis::Graph;

v1::Model Small() {
  v1::Model model;
  model.set_name("net");
  v1::ModelInput& input = *model.add_inputs();
  input.set_name("x");
  input.set_element_type("float16");
  input.add_shape()->set_symbol("N");
  input.add_shape()->set_value(7);
  v1::ModelParameter& weight = *model.add_parameters();
  weight.set_name("w");
  weight.add_shape()->set_value(3);
  weight.add_shape();
  v1::ModelParameter& numbers = *model.add_parameters();
  numbers.set_name("i");
  for (const int64_t value : {4, -1}) numbers.mutable_integers()->add_values(value);
  v1::ModelNode& node = *model.add_nodes();
  node.set_name("n");
  node.set_operator_("Op");
  for (const char* name : {"x", "", "w"}) node.add_inputs(name);
  for (const char* name : {"y", "", "z"}) node.add_outputs(name);
  auto& attributes = *node.mutable_attributes();
  attributes["integer"].set_integer(5);
  attributes["real"].set_real(0.5);
  attributes["text"].set_text("word");
  attributes["integers"].mutable_integers()->add_values(1);
  attributes["reals"].mutable_reals()->add_values(1.5);
  v1::ModelNode& last = *model.add_nodes();
  last.set_operator_("Last");
  last.add_inputs("y");
  last.add_outputs("end");
  return model;
}

std::vector<std::string> OutputsOf(const Graph& graph) {
  std::vector<std::string> names;
  for (const analysis::GraphTensor& output : graph.outputs) names.push_back(output.name);
  return names;
}

TEST(ModelGraphConvertTest, EverythingArrives) {
  RequestErrors errors;
  const Graph graph = DecodeModelGraph(Small(), errors);
  ASSERT_TRUE(errors.ok()) << errors.ToStatus();
  EXPECT_EQ(graph.name, "net");
  EXPECT_EQ(graph.opset, 17);
  ASSERT_EQ(graph.inputs.size(), 1U);
  const std::vector<Dimension> shape = {std::string("N"), int64_t{7}};
  EXPECT_EQ(graph.inputs[0], (analysis::GraphTensor{.name = "x", .type = ElementType::kFloat16, .shape = shape}));
  ASSERT_EQ(graph.initializers.size(), 2U);
  const std::vector<Dimension> open = {int64_t{3}, std::string()};
  EXPECT_EQ(graph.initializers[0], (analysis::GraphTensor{.name = "w", .type = ElementType::kFloat32, .shape = open}));
  EXPECT_EQ(graph.initializers[1], (analysis::GraphTensor{.name = "i",
                                                          .type = ElementType::kInt64,
                                                          .shape = std::vector<Dimension>{int64_t{2}},
                                                          .values = std::vector<int64_t>{4, -1}}));
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.nodes[0], (analysis::GraphNode{.name = "n",
                                                 .op_type = "Op",
                                                 .inputs = {"x", "", "w"},
                                                 .outputs = {"y", "", "z"},
                                                 .attributes = {{"integer", int64_t{5}},
                                                                {"real", 0.5},
                                                                {"text", std::string("word")},
                                                                {"integers", std::vector<int64_t>{1}},
                                                                {"reals", std::vector<double>{1.5}}}}));
  // What no node takes.
  EXPECT_EQ(OutputsOf(graph), (std::vector<std::string>{"z", "end"}));
}

TEST(ModelGraphConvertTest, OutputsThatAreGivenAreThose) {
  v1::Model model = Small();
  model.add_outputs("y");
  RequestErrors errors;
  EXPECT_EQ(OutputsOf(DecodeModelGraph(model, errors)), std::vector<std::string>{"y"});
}

std::string LimitOf(const v1::Model& model) {
  RequestErrors errors;
  const Graph graph = DecodeModelGraph(model, errors);
  EXPECT_EQ(graph, Graph());
  EXPECT_EQ(errors.ToStatus().code(), absl::StatusCode::kResourceExhausted);
  return std::string(errors.ToStatus().message());
}

TEST(ModelGraphConvertTest, GraphsHaveBounds) {
  v1::Model nodes = Small();
  while (nodes.nodes_size() <= 1 << 17) nodes.add_nodes();
  EXPECT_NE(LimitOf(nodes).find("the graph has 131073 nodes, and may have 131072"), std::string::npos);
  EXPECT_EQ(ModelGraphBytes(nodes), 0);
  v1::Model names = Small();
  for (int i = 0; i < 1 << 20; ++i) names.mutable_nodes(0)->add_inputs("");
  EXPECT_NE(LimitOf(names).find("tensors and uses of them, and may have 1048576"), std::string::npos);
  v1::Model attributes = Small();
  for (int i = 0; i < 1 << 20; ++i) (*attributes.mutable_nodes(1)->mutable_attributes())[std::to_string(i)];
  EXPECT_NE(LimitOf(attributes).find("1048581 attributes, and may have 1048576"), std::string::npos);
}

TEST(ModelGraphConvertTest, TheEstimateGrowsWithEveryPart) {
  const int64_t small = ModelGraphBytes(Small());
  v1::Model larger = Small();
  larger.mutable_nodes(0)->add_inputs(std::string(1000, 'x'));
  EXPECT_GE(ModelGraphBytes(larger), small + 1000);
  larger = Small();
  for (int i = 0; i < 1000; ++i)
    (*larger.mutable_nodes(0)->mutable_attributes())["reals"].mutable_reals()->add_values(i);
  EXPECT_GE(ModelGraphBytes(larger), small + 8000);
  larger = Small();
  larger.mutable_parameters(1)->mutable_integers()->mutable_values()->Resize(1002, 1);
  EXPECT_GE(ModelGraphBytes(larger), small + 8000);
  larger = Small();
  for (int i = 0; i < 1000; ++i) larger.add_nodes();
  EXPECT_GE(ModelGraphBytes(larger), small + 1000 * static_cast<int64_t>(sizeof(analysis::GraphNode)));
}

}  // namespace
}  // namespace tensord::server
