#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tensord/analysis/onnx.h"
#include "tests/analysis/model/onnx_messages.h"
#include "tests/support/matchers.h"

namespace tensord::analysis {
namespace {

using ::onnx::AttributeProto;
using ::onnx::ModelProto;
using ::onnx::NodeProto;
using ::onnx::TensorProto;
using test_support::IsOk;
using test_support::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

absl::StatusOr<Graph> Read(const ModelProto& model) { return ReadOnnx(model.SerializeAsString()); }

TEST(OnnxReaderTest, ReadsAWholeGraph) {
  const absl::StatusOr<Graph> graph = Read(SmallModel());
  ASSERT_THAT(graph, IsOk());
  const Graph expected = {.name = "g",
                          .opset = 13,
                          .inputs = {{.name = "x", .type = ElementType::kFloat32, .shape = {{"N", 3, 8, 8}}}},
                          .initializers = {{.name = "w", .type = ElementType::kFloat32, .shape = {{4, 3, 3, 3}}},
                                           {.name = "shape",
                                            .type = ElementType::kInt64,
                                            .shape = {{2}},
                                            .values = ConstantValues(std::vector<int64_t>{0, -1})}},
                          .outputs = {{.name = "z"}},
                          .value_info = {{.name = "y", .type = ElementType::kFloat32, .shape = {{1, 4, 3, 6}}}},
                          .nodes = {{.name = "conv",
                                     .op_type = "Conv",
                                     .inputs = {"x", "w"},
                                     .outputs = {"y"},
                                     .attributes = {{"strides", std::vector<int64_t>{2, 1}}}},
                                    {.name = "", .op_type = "Reshape", .inputs = {"y", "shape"}, .outputs = {"z"}}}};
  EXPECT_EQ(*graph, expected);
}

TEST(OnnxReaderTest, GraphsThatDifferAnywhereAreNotEqual) {
  const absl::StatusOr<Graph> graph = Read(SmallModel());
  ASSERT_THAT(graph, IsOk());
  const auto changed = [&graph](const auto& change) {
    Graph other = *graph;
    change(other);
    return other;
  };
  EXPECT_EQ(*graph, changed([](Graph&) {}));
  EXPECT_NE(*graph, changed([](Graph& g) { g.name = "h"; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.opset = 12; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.inputs[0].type = ElementType::kFloat16; }));
  EXPECT_NE(*graph, changed([](Graph& g) { (*g.inputs[0].shape)[0] = 1; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.initializers[1].values.reset(); }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.initializers[1].values = std::vector<int64_t>{0, 1}; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.initializers[1].values = std::vector<double>{0, -1}; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.outputs[0].name = "y"; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.value_info.clear(); }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.nodes[0].name = ""; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.nodes[0].inputs[1] = ""; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.nodes[0].outputs[0] = ""; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.nodes[0].op_type = ""; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.nodes[0].domain = "a"; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.nodes[0].attributes["strides"] = std::vector<int64_t>{2, 2}; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.nodes[0].attributes["strides"] = std::vector<double>{2, 1}; }));
  EXPECT_NE(*graph, changed([](Graph& g) { g.nodes[0].attributes["group"] = int64_t{1}; }));
}

// The opset.

absl::StatusOr<Graph> ReadWithOpset(int64_t version) {
  ModelProto model = SmallModel();
  model.mutable_opset_import(0)->set_version(version);
  return Read(model);
}

TEST(OnnxReaderTest, TakesTheOpsetsThatItKnows) {
  for (const int64_t version : {7, 13, 17}) {
    const absl::StatusOr<Graph> graph = ReadWithOpset(version);
    ASSERT_THAT(graph, IsOk());
    EXPECT_EQ(graph->opset, version);
  }
  for (const int64_t version : {-1, 0, 6, 18}) {
    EXPECT_THAT(ReadWithOpset(version), StatusIs(kInvalid, "(opset) " + std::to_string(version) + " of"));
  }
  EXPECT_THAT(ReadWithOpset(18), StatusIs(kInvalid, "are 7..17, the last one of ONNX 1.12"));
}

TEST(OnnxReaderTest, OnlyOnnxsOwnOpsetCounts) {
  ModelProto model = SmallModel();
  auto& other = *model.add_opset_import();
  other.set_domain("com.example");
  other.set_version(1);
  EXPECT_THAT(Read(model), IsOk());
  model.mutable_opset_import(0)->set_domain("ai.onnx");
  EXPECT_THAT(Read(model), IsOk());
  model.add_opset_import()->set_version(13);
  EXPECT_THAT(Read(model), IsOk()) << "twice the same";
  model.mutable_opset_import(2)->set_version(12);
  EXPECT_THAT(Read(model), StatusIs(kInvalid, "versions 13 and 12"));
  model.mutable_opset_import()->DeleteSubrange(2, 1);
  model.mutable_opset_import()->DeleteSubrange(0, 1);
  EXPECT_THAT(Read(model), StatusIs(kInvalid, "imports no version (opset)"));
}

// Inputs, outputs and what lies between.

// The model with `change` made to its input x.
template <typename Change>
absl::StatusOr<Graph> ReadWithInput(const Change& change) {
  ModelProto model = SmallModel();
  change(*model.mutable_graph()->mutable_input(0));
  return Read(model);
}

TEST(OnnxReaderTest, SizesAreNumbersSymbolsOrNotKnown) {
  const absl::StatusOr<Graph> graph = ReadWithInput([](::onnx::ValueInfoProto& input) {
    SetTensor(input, "x", TensorProto::INT8, {int64_t{1} << 60, 0, 1, 1, 1});
    auto& shape = *input.mutable_type()->mutable_tensor_type()->mutable_shape();
    shape.mutable_dim(2)->set_dim_param("some batch\n");
    shape.mutable_dim(3)->set_dim_param("");
    shape.mutable_dim(4)->clear_value();
  });
  ASSERT_THAT(graph, IsOk());
  const GraphTensor expected = {
      .name = "x", .type = ElementType::kInt8, .shape = {{int64_t{1} << 60, 0, "some batch\n", "", ""}}};
  EXPECT_EQ(graph->inputs[0], expected);
}

TEST(OnnxReaderTest, AnInputNeedsNeitherTypeNorShape) {
  auto graph = ReadWithInput([](auto& input) { input.clear_type(); });
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->inputs[0], GraphTensor{.name = "x"});
  graph = ReadWithInput([](auto& input) { input.mutable_type()->mutable_tensor_type()->clear_elem_type(); });
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->inputs[0].type, ElementType::kUnknown);
  EXPECT_TRUE(graph->inputs[0].shape.has_value());
  graph = ReadWithInput([](auto& input) { input.mutable_type()->mutable_tensor_type()->clear_shape(); });
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->inputs[0].type, ElementType::kFloat32);
  EXPECT_FALSE(graph->inputs[0].shape.has_value());
}

TEST(OnnxReaderTest, RefusesSizesAndTypesThatAreNone) {
  const auto with_shape = [](int32_t type, const std::vector<int64_t>& shape) {
    return ReadWithInput([&](::onnx::ValueInfoProto& input) { SetTensor(input, "x\n", type, shape); });
  };
  EXPECT_THAT(with_shape(TensorProto::FLOAT, {1, -1}), StatusIs(kInvalid, "input \"x\\n\" has a size of -1"));
  EXPECT_THAT(with_shape(16, {1}), IsOk());
  EXPECT_THAT(with_shape(17, {1}), StatusIs(kInvalid, "input \"x\\n\" has element type 17"));
  EXPECT_THAT(with_shape(-1, {1}), StatusIs(kInvalid, "element type -1; those of ONNX 1.12 are 1..16"));
  EXPECT_THAT(with_shape(1, std::vector<int64_t>(8, 1)), IsOk());
  EXPECT_THAT(with_shape(1, std::vector<int64_t>(9, 1)), StatusIs(kInvalid, "input \"x\\n\" is of rank 9"));
  ModelProto model = SmallModel();
  SetTensor(*model.mutable_graph()->mutable_value_info(0), "y", TensorProto::FLOAT, {-2});
  EXPECT_THAT(Read(model), StatusIs(kInvalid, "tensor \"y\" has a size of -2"));
  model = SmallModel();
  SetTensor(*model.mutable_graph()->mutable_output(0), "z", 17, {});
  EXPECT_THAT(Read(model), StatusIs(kInvalid, "output \"z\" has element type 17"));
}

TEST(OnnxReaderTest, InputsThatAreNoTensorsAreNamed) {
  const auto with_type = [](const auto& change) {
    return ReadWithInput([&](::onnx::ValueInfoProto& input) { change(*input.mutable_type()); });
  };
  EXPECT_THAT(with_type([](auto& type) { type.mutable_sequence_type(); }),
              StatusIs(kInvalid, "input \"x\" is a sequence; inputs have to be tensors"));
  EXPECT_THAT(with_type([](auto& type) { type.mutable_map_type(); }), StatusIs(kInvalid, "input \"x\" is a map"));
  EXPECT_THAT(with_type([](auto& type) { type.mutable_optional_type(); }),
              StatusIs(kInvalid, "input \"x\" is an optional"));
  EXPECT_THAT(with_type([](auto& type) { type.mutable_sparse_tensor_type(); }),
              StatusIs(kInvalid, "input \"x\" is a sparse tensor"));
}

TEST(OnnxReaderTest, OfOthersThatAreNoTensorsOnlyTheNameIsKnown) {
  ModelProto model = SmallModel();
  model.mutable_graph()->mutable_output(0)->mutable_type()->mutable_sequence_type();
  SetTensor(*model.mutable_graph()->mutable_value_info(0), "y", TensorProto::FLOAT, std::vector<int64_t>(9, 1));
  auto& sparse = *model.mutable_graph()->add_sparse_initializer();
  *sparse.mutable_values() = Tensor("s", TensorProto::FLOAT, {2});
  sparse.add_dims(100);
  const absl::StatusOr<Graph> graph = Read(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->outputs[0], GraphTensor{.name = "z"});
  EXPECT_EQ(graph->value_info[0], (GraphTensor{.name = "y", .type = ElementType::kFloat32}));
  ASSERT_EQ(graph->initializers.size(), 3u);
  EXPECT_EQ(graph->initializers[2], GraphTensor{.name = "s"});
}

// Nodes.

TEST(OnnxReaderTest, NamesAreKeptAsTheyAre) {
  ModelProto model = EmptyModel();
  NodeProto& node = AddNode(model, "a\n\x1b[31m", "Op\x01", {"", "\xff\xfe"}, {"\t"});
  node.set_domain("com.example");
  AddNode(model, "", "Relu", {}, {}).set_domain("ai.onnx");
  const absl::StatusOr<Graph> graph = Read(model);
  ASSERT_THAT(graph, IsOk());
  const std::vector<GraphNode> expected = {{.name = "a\n\x1b[31m",
                                            .op_type = "Op\x01",
                                            .domain = "com.example",
                                            .inputs = {"", "\xff\xfe"},
                                            .outputs = {"\t"}},
                                           {.name = "", .op_type = "Relu", .domain = ""}};
  EXPECT_EQ(graph->nodes, expected);
  AddAttribute(*model.mutable_graph()->mutable_node(0), "b\r", AttributeProto::UNDEFINED);
  EXPECT_THAT(Read(model), StatusIs(kInvalid, R"(node "a\n\x1b[31m" (Op\x01): its attribute b\x0d has no type)"));
}

TEST(OnnxReaderTest, ReadsEveryKindOfAttribute) {
  ModelProto model = EmptyModel();
  NodeProto& node = AddNode(model, "n", "Op", {}, {});
  AddAttribute(node, "int", AttributeProto::INT).set_i(-5);
  AddAttribute(node, "float", AttributeProto::FLOAT).set_f(0.5F);
  AddAttribute(node, "string", AttributeProto::STRING).set_s(std::string("a\0b", 3));
  AttributeProto& ints = AddAttribute(node, "ints", AttributeProto::INTS);
  ints.add_ints(int64_t{1} << 60);
  ints.add_ints(-1);
  AddAttribute(node, "floats", AttributeProto::FLOATS).add_floats(-0.25F);
  AddAttribute(node, "strings", AttributeProto::STRINGS).add_strings("s");
  AddAttribute(node, "no ints", AttributeProto::INTS);
  TensorProto& tensor = *AddAttribute(node, "tensor", AttributeProto::TENSOR).mutable_t();
  tensor = Tensor("t", TensorProto::INT32, {1, 2});
  tensor.add_int32_data(3);
  tensor.add_int32_data(4);
  const absl::StatusOr<Graph> graph = Read(model);
  ASSERT_THAT(graph, IsOk());
  const std::map<std::string, AttributeValue> expected = {
      {"int", int64_t{-5}},
      {"float", 0.5},
      {"string", std::string("a\0b", 3)},
      {"ints", std::vector<int64_t>{int64_t{1} << 60, -1}},
      {"floats", std::vector<double>{-0.25}},
      {"strings", std::vector<std::string>{"s"}},
      {"no ints", std::vector<int64_t>{}},
      {"tensor", GraphTensor{.name = "t",
                             .type = ElementType::kInt32,
                             .shape = {{1, 2}},
                             .values = ConstantValues(std::vector<int64_t>{3, 4})}}};
  EXPECT_EQ(graph->nodes[0], (GraphNode{.name = "n", .op_type = "Op", .attributes = expected}));
}

TEST(OnnxReaderTest, WhatIsNoValueIsOpaque) {
  ModelProto model = EmptyModel();
  NodeProto& node = AddNode(model, "n", "If", {}, {});
  AddAttribute(node, "graph", AttributeProto::GRAPH).mutable_g()->add_node()->add_attribute();
  AddAttribute(node, "graphs", AttributeProto::GRAPHS).add_graphs();
  AddAttribute(node, "tensors", AttributeProto::TENSORS).add_tensors()->set_data_type(99);
  AddAttribute(node, "sparse", AttributeProto::SPARSE_TENSOR).mutable_sparse_tensor();
  AddAttribute(node, "sparses", AttributeProto::SPARSE_TENSORS);
  AddAttribute(node, "type", AttributeProto::TYPE_PROTO).mutable_tp();
  AddAttribute(node, "types", AttributeProto::TYPE_PROTOS);
  const absl::StatusOr<Graph> graph = Read(model);
  ASSERT_THAT(graph, IsOk());
  ASSERT_EQ(graph->nodes[0].attributes.size(), 7u);
  for (const auto& [name, value] : graph->nodes[0].attributes) {
    EXPECT_EQ(value, AttributeValue(OpaqueAttribute())) << name;
  }
}

TEST(OnnxReaderTest, RefusesAttributesThatAreNone) {
  ModelProto model = EmptyModel();
  NodeProto& node = AddNode(model, "n", "Op", {}, {});
  AttributeProto& attribute = AddAttribute(node, "a", AttributeProto::INTS);
  AddAttribute(node, "b", AttributeProto::INT);
  EXPECT_THAT(Read(model), IsOk());
  node.mutable_attribute(1)->set_name("a");
  EXPECT_THAT(Read(model), StatusIs(kInvalid, "node \"n\" (Op): its attribute a is there twice"));
  node.mutable_attribute()->RemoveLast();
  attribute.clear_type();
  EXPECT_THAT(Read(model), StatusIs(kInvalid, "node \"n\" (Op): its attribute a has no type"));
  attribute.set_type(AttributeProto::TENSOR);
  EXPECT_THAT(Read(model), StatusIs(kInvalid, "node \"n\" (Op): its attribute a has element type 0"));
  node.clear_name();
  EXPECT_THAT(Read(model), StatusIs(kInvalid, "node (Op): its attribute a has element type 0"));
}

TEST(OnnxReaderTest, AttributesHaveABound) {
  for (const auto type : {AttributeProto::INTS, AttributeProto::FLOATS, AttributeProto::STRINGS}) {
    ModelProto model = EmptyModel();
    AttributeProto& attribute = AddAttribute(AddNode(model, "n", "Op", {}, {}), "a", type);
    const auto add = [&] {
      if (type == AttributeProto::INTS) attribute.add_ints(1);
      if (type == AttributeProto::FLOATS) attribute.add_floats(1);
      if (type == AttributeProto::STRINGS) attribute.add_strings("");
    };
    for (int i = 0; i < 65536; ++i) add();
    EXPECT_THAT(Read(model), IsOk());
    add();
    EXPECT_THAT(Read(model), StatusIs(kExhausted, "its attribute a has 65537 entries, and may have 65536"));
  }
}

TEST(OnnxReaderTest, FunctionsAndTrainingArePassedOver) {
  ModelProto model = SmallModel();
  model.add_functions()->add_node()->add_attribute();
  model.add_training_info()->mutable_algorithm()->add_initializer();
  const absl::StatusOr<Graph> graph = Read(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(*graph, *Read(SmallModel()));
}

}  // namespace
}  // namespace tensord::analysis
