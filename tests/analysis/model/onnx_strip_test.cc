// Models without their weights.
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
using ::onnx::TensorProto;
using test_support::IsOk;
using test_support::StatusIs;

TensorProto RawTensor(const std::string& name, int64_t length) {
  TensorProto tensor = Tensor(name, TensorProto::INT8, {length});
  tensor.set_raw_data(std::string(static_cast<size_t>(length), 'a'));
  return tensor;
}

// What the model is stripped to; and what is read of both has to be equal.
ModelProto Stripped(const ModelProto& model) {
  const std::string bytes = model.SerializeAsString();
  const absl::StatusOr<std::string> stripped = StripWeights(bytes);
  EXPECT_THAT(stripped, IsOk());
  if (!stripped.ok()) return {};
  const absl::StatusOr<Graph> before = ReadOnnx(bytes);
  const absl::StatusOr<Graph> after = ReadOnnx(*stripped);
  EXPECT_THAT(before, IsOk());
  EXPECT_THAT(after, IsOk());
  if (!before.ok() || !after.ok()) return {};
  EXPECT_EQ(*before, *after);
  EXPECT_EQ(StripWeights(*stripped).value_or("an error"), *stripped) << "what is stripped stays as it is";
  ModelProto message;
  EXPECT_TRUE(message.ParseFromString(*stripped));
  return message;
}

TEST(OnnxStripTest, WeightsLoseTheirElementsAndConstantsKeepThem) {
  ModelProto model = SmallModel();
  *model.mutable_graph()->add_initializer() = RawTensor("small", 4096);
  *model.mutable_graph()->add_initializer() = RawTensor("large", 4097);
  ModelProto expected = model;
  expected.mutable_graph()->mutable_initializer(3)->clear_raw_data();
  EXPECT_EQ(Stripped(model).SerializeAsString(), expected.SerializeAsString());
}

TEST(OnnxStripTest, InWhateverFieldTheyAre) {
  ModelProto model = SmallModel();
  const auto add = [&model](int32_t type, const auto& field, const auto& entry) {
    TensorProto& tensor = *model.mutable_graph()->add_initializer();
    tensor = Tensor("large" + std::to_string(type), type, {5000});
    for (int i = 0; i < 5000; ++i) (tensor.*field)(entry);
  };
  add(TensorProto::FLOAT, &TensorProto::add_float_data, 1.0F);
  add(TensorProto::DOUBLE, &TensorProto::add_double_data, 1.0);
  add(TensorProto::INT32, &TensorProto::add_int32_data, 1);
  add(TensorProto::INT64, &TensorProto::add_int64_data, int64_t{1});
  add(TensorProto::UINT64, &TensorProto::add_uint64_data, uint64_t{1});
  TensorProto& texts = *model.mutable_graph()->add_initializer() = Tensor("texts", TensorProto::STRING, {5000});
  for (int i = 0; i < 5000; ++i) texts.add_string_data("a");
  const ModelProto stripped = Stripped(model);
  EXPECT_LT(stripped.ByteSizeLong(), 500u);
  ASSERT_EQ(stripped.graph().initializer_size(), 8);
  EXPECT_EQ(stripped.graph().initializer(7).SerializeAsString(),
            Tensor("texts", TensorProto::STRING, {5000}).SerializeAsString());
}

TEST(OnnxStripTest, PlacesElsewhereAreForgotten) {
  ModelProto model = SmallModel();
  for (const int64_t length : {3, 5000}) {
    TensorProto& tensor = *model.mutable_graph()->add_initializer();
    tensor = RawTensor("external" + std::to_string(length), length);
    tensor.set_data_location(TensorProto::EXTERNAL);
    tensor.add_external_data()->set_value("/home/somebody/weights.bin");
  }
  TensorProto& here = *model.mutable_graph()->add_initializer() = RawTensor("here", 3);
  here.set_data_location(TensorProto::DEFAULT);
  here.add_external_data()->set_value("/home/somebody/weights.bin");
  ModelProto expected = SmallModel();
  *expected.mutable_graph()->add_initializer() = Tensor("external3", TensorProto::INT8, {3});
  *expected.mutable_graph()->add_initializer() = Tensor("external5000", TensorProto::INT8, {5000});
  *expected.mutable_graph()->add_initializer() = RawTensor("here", 3);
  EXPECT_EQ(Stripped(model).SerializeAsString(), expected.SerializeAsString());
}

TEST(OnnxStripTest, TensorsOfAttributesAreStrippedToo) {
  ModelProto model = SmallModel();
  auto& node = AddNode(model, "c", "Constant", {}, {"c"});
  *AddAttribute(node, "value", AttributeProto::TENSOR).mutable_t() = RawTensor("", 4097);
  auto& other = AddNode(model, "d", "Constant", {}, {"d"});
  *AddAttribute(other, "value", AttributeProto::TENSOR).mutable_t() = RawTensor("", 4096);
  ModelProto expected = model;
  expected.mutable_graph()->mutable_node(2)->mutable_attribute(0)->mutable_t()->clear_raw_data();
  EXPECT_EQ(Stripped(model).SerializeAsString(), expected.SerializeAsString());
}

// What ReadOnnx does not look at has nothing to agree with: tensors there are weights by shape or by what is there.
TEST(OnnxStripTest, SoAreThoseThatNobodyReads) {
  constexpr int64_t kLarge = 200'000;
  ModelProto model = SmallModel();
  auto& node = AddNode(model, "if", "If", {}, {});
  ::onnx::GraphProto& subgraph = *AddAttribute(node, "then_branch", AttributeProto::GRAPH).mutable_g();
  *subgraph.add_initializer() = RawTensor("a", kLarge);
  *AddAttribute(*subgraph.add_node(), "value", AttributeProto::TENSOR).mutable_t() = RawTensor("b", kLarge);
  *AddAttribute(node, "graphs", AttributeProto::GRAPHS).add_graphs()->add_initializer() = RawTensor("c", kLarge);
  *AddAttribute(node, "tensors", AttributeProto::TENSORS).add_tensors() = RawTensor("d", kLarge);
  *AddAttribute(node, "s", AttributeProto::SPARSE_TENSOR).mutable_sparse_tensor()->mutable_values() =
      RawTensor("e", kLarge);
  *AddAttribute(node, "ss", AttributeProto::SPARSE_TENSORS).add_sparse_tensors()->mutable_indices() =
      RawTensor("f", kLarge);
  *model.mutable_graph()->add_sparse_initializer()->mutable_values() = RawTensor("g", kLarge);
  auto& function = *model.add_functions();
  *AddAttribute(*function.add_node(), "value", AttributeProto::TENSOR).mutable_t() = RawTensor("h", kLarge);
  *model.add_training_info()->mutable_initialization()->add_initializer() = RawTensor("i", kLarge);
  TensorProto& lying = *model.mutable_training_info(0)->mutable_algorithm()->add_initializer() = RawTensor("j", kLarge);
  lying.set_dims(0, 1);
  TensorProto& negative = *model.mutable_training_info(0)->mutable_algorithm()->add_initializer();
  negative = RawTensor("k", 100);
  negative.set_dims(0, -1);
  TensorProto& numbers = *model.mutable_training_info(0)->mutable_algorithm()->add_initializer();
  for (int i = 0; i < 10'000; ++i) numbers.add_int64_data(i);
  const ModelProto stripped = Stripped(model);
  EXPECT_LT(stripped.ByteSizeLong(), 1000u);
  EXPECT_EQ(stripped.training_info(0).algorithm().initializer(1).raw_data(), "");
  EXPECT_EQ(stripped.graph().node(2).attribute_size(), 5);
}

TEST(OnnxStripTest, DocumentationAndMetadataGo) {
  ModelProto model = SmallModel();
  const std::string expected = model.SerializeAsString();
  model.set_doc_string("doc");
  model.add_metadata_props()->set_key("author");
  ::onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_doc_string("doc");
  graph.mutable_node(0)->set_doc_string("File \"/home/somebody/model.py\"");
  graph.mutable_node(0)->mutable_attribute(0)->set_doc_string("doc");
  graph.mutable_initializer(0)->set_doc_string("doc");
  graph.mutable_input(0)->set_doc_string("doc");
  graph.mutable_output(0)->set_doc_string("doc");
  graph.mutable_value_info(0)->set_doc_string("doc");
  EXPECT_EQ(Stripped(model).SerializeAsString(), expected);
}

TEST(OnnxStripTest, SaysWhatIsWrongWithElementsWhileTheyAreThere) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  ModelProto model = SmallModel();
  TensorProto& weight = *model.mutable_graph()->add_initializer() = RawTensor("w2", 5000);
  weight.set_dims(0, 5001);
  const std::string text = "initializer \"w2\" has 5000 bytes in raw_data, and its shape [5001] of int8 takes 5001";
  EXPECT_THAT(StripWeights(model.SerializeAsString()), StatusIs(kInvalid, text));
  EXPECT_THAT(ReadOnnx(model.SerializeAsString()), StatusIs(kInvalid, text));
  weight.set_dims(0, 5000);
  auto& node = AddNode(model, "c", "Constant", {}, {"c"});
  TensorProto& value = *AddAttribute(node, "value", AttributeProto::TENSOR).mutable_t() = RawTensor("", 5000);
  value.set_data_type(TensorProto::INT16);
  const std::string attribute = "node \"c\" (Constant): its attribute value has 5000 bytes in raw_data";
  EXPECT_THAT(StripWeights(model.SerializeAsString()), StatusIs(kInvalid, attribute));
  EXPECT_THAT(ReadOnnx(model.SerializeAsString()), StatusIs(kInvalid, attribute));
}

TEST(OnnxStripTest, OtherMistakesStay) {
  ModelProto model = SmallModel();
  model.mutable_opset_import(0)->set_version(99);
  const absl::StatusOr<std::string> stripped = StripWeights(model.SerializeAsString());
  ASSERT_THAT(stripped, IsOk());
  EXPECT_EQ(ReadOnnx(*stripped).status(), ReadOnnx(model.SerializeAsString()).status());
}

}  // namespace
}  // namespace tensord::analysis
