// The tool itself: models that are made here, through a server in this process; and mistakes that it has to find.
#include "tests/conformance/suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "onnx/onnx.pb.h"
#include "server/config.h"
#include "server/local_server.h"
#include "tests/conformance/judge.h"
#include "tests/conformance/operators.h"
#include "tests/conformance/report.h"
#include "tests/conformance/wire.h"
#include "tests/support/temporary_directory.h"

namespace tensord::conformance {
namespace {

using ::onnx::AttributeProto;
using ::onnx::TensorProto;
using ::testing::HasSubstr;

TensorProto Floats(const std::vector<int64_t>& shape, const std::vector<float>& values) {
  TensorProto tensor;
  tensor.set_data_type(TensorProto::FLOAT);
  tensor.mutable_dims()->Add(shape.begin(), shape.end());
  tensor.mutable_float_data()->Add(values.begin(), values.end());
  return tensor;
}

TensorProto Integers(TensorProto::DataType type, const std::vector<int64_t>& shape,
                     const std::vector<int32_t>& values) {
  TensorProto tensor;
  tensor.set_data_type(type);
  tensor.mutable_dims()->Add(shape.begin(), shape.end());
  if (type == TensorProto::INT64) {
    tensor.mutable_int64_data()->Add(values.begin(), values.end());
  } else {
    tensor.mutable_int32_data()->Add(values.begin(), values.end());
  }
  return tensor;
}

// One case to be written, and how it ran.
class Suite : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::move(server::LocalServer::Start(server::Settings())).value().release();
    client_ = new client::Client(server_->channel());
  }
  static void TearDownTestSuite() {
    delete client_;
    delete server_;
  }

  ::onnx::NodeProto& Node(const std::string& op_type, int64_t opset) {
    model_.add_opset_import()->set_version(opset);
    ::onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(op_type);
    return node;
  }
  void Ints(const std::string& name, const std::vector<int64_t>& values) {
    AttributeProto& attribute = Attribute(name, AttributeProto::INTS);
    attribute.mutable_ints()->Add(values.begin(), values.end());
  }
  void Int(const std::string& name, int64_t value) { Attribute(name, AttributeProto::INT).set_i(value); }
  void Float(const std::string& name, float value) { Attribute(name, AttributeProto::FLOAT).set_f(value); }
  void String(const std::string& name, const std::string& value) {
    Attribute(name, AttributeProto::STRING).set_s(value);
  }

  void Input(const TensorProto& tensor) { inputs_.push_back(tensor); }
  void NoInput() { inputs_.emplace_back(); }
  void Output(const TensorProto& tensor) { outputs_.push_back(tensor); }

  // Writes the files.
  void Write() {
    ::onnx::GraphProto& graph = *model_.mutable_graph();
    ::onnx::NodeProto& node = *graph.mutable_node(0);
    int file = 0;
    for (const TensorProto& input : inputs_) {
      const bool given = input.has_data_type();
      const std::string name = given ? "in" + std::to_string(file) : "";
      node.add_input(name);
      if (!given) continue;
      Declare(name, *graph.add_input());
      directory_.Write(Path("input_" + std::to_string(file++) + ".pb"), input.SerializeAsString());
    }
    for (size_t at = 0; at < outputs_.size(); ++at) {
      node.add_output("out" + std::to_string(at));
      Declare("out" + std::to_string(at), *graph.add_output());
      directory_.Write(Path("output_" + std::to_string(at) + ".pb"), outputs_[at].SerializeAsString());
    }
    directory_.Write("node/test_it/model.onnx", model_.SerializeAsString());
  }
  static std::string Path(const std::string& file) { return "node/test_it/test_data_set_0/" + file; }

  Result Run() const {
    const absl::StatusOr<Catalogue> catalogue = ReadCatalogue(directory_.path());
    if (!catalogue.ok() || catalogue->entries.size() != 1) return {{}, Outcome::kFailed, "it is no case"};
    return RunEntry(catalogue->entries[0], *client_);
  }

  void ExpectPasses() {
    Write();
    const Result result = Run();
    EXPECT_EQ(result.outcome, Outcome::kPassed) << LineOf(result);
  }
  void ExpectFails(const std::string& why) {
    const Result result = Run();
    EXPECT_EQ(result.outcome, Outcome::kFailed) << LineOf(result);
    EXPECT_THAT(result.detail, HasSubstr(why));
  }

  // y = x . w with two spatial taps: 1*10 + 2*20, 2*10 + 3*20.
  void MakeConv() {
    Node("Conv", 11);
    Input(Floats({1, 1, 3}, {1, 2, 3}));
    Input(Floats({1, 1, 2}, {10, 20}));
    Output(Floats({1, 1, 2}, {50, 80}));
  }

  testing::TemporaryDirectory directory_;
  ::onnx::ModelProto model_;
  std::vector<TensorProto> inputs_, outputs_;
  static server::LocalServer* server_;
  static client::Client* client_;

 private:
  AttributeProto& Attribute(const std::string& name, AttributeProto::AttributeType type) {
    AttributeProto& attribute = *model_.mutable_graph()->mutable_node(0)->add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }
  static void Declare(const std::string& name, ::onnx::ValueInfoProto& value) {
    value.set_name(name);
    value.mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
  }
};
server::LocalServer* Suite::server_ = nullptr;
client::Client* Suite::client_ = nullptr;

TEST_F(Suite, Conv) {
  MakeConv();
  ExpectPasses();
}

TEST_F(Suite, WrongExpectedValueFails) {
  MakeConv();
  outputs_[0].set_float_data(1, 80.0001F);
  Write();
  ExpectFails("the expected value is wrong at (0,0,1)");
}

TEST_F(Suite, WrongIndexFails) {
  Node("MaxPool", 12);
  Ints("kernel_shape", {2});
  Input(Floats({1, 1, 3}, {1, 5, 2}));
  Output(Floats({1, 1, 2}, {5, 5}));
  Output(Integers(TensorProto::INT64, {1, 1, 2}, {1, 2}));
  Write();
  ExpectFails("the answer is wrong at (0,0,1)");
}

TEST_F(Suite, WrongShapeAndTypeFail) {
  MakeConv();
  outputs_[0] = Floats({1, 2}, {50, 80});
  Write();
  ExpectFails("expected FLOAT (1,2)");
}

TEST_F(Suite, MissingFilesFail) {
  MakeConv();
  Write();
  std::filesystem::remove(directory_.path(Path("output_0.pb")));
  ExpectFails("output_0.pb");
  std::filesystem::remove(directory_.path(Path("input_1.pb")));
  ExpectFails("input_1.pb");
  std::filesystem::remove_all(directory_.path("node/test_it/test_data_set_0"));
  ExpectFails("test_data_set_0");
}

TEST_F(Suite, AMissingModelFails) {
  MakeConv();
  Write();
  std::filesystem::remove(directory_.path("node/test_it/model.onnx"));
  ExpectFails("model.onnx");
}

TEST_F(Suite, AShapeThatIsNotTheFormulasIsNobodysMistakeAlone) {
  Computed computed{.answer = {}, .exact = Exact{}};
  computed.answer.shape = {2};
  computed.exact->shape = {3};
  onnx_reader::Tensor expected = computed.answer;
  const Judgement judgement = Judge(computed, expected);
  EXPECT_FALSE(judgement.answer_holds);
  EXPECT_FALSE(judgement.expected_holds);
}

TEST(AnsweredTest, AServersUnimplementedIsNoSkippedCase) {
  EXPECT_TRUE(absl::IsInternal(Answered<int>(absl::UnimplementedError("no such type")).status()));
  EXPECT_TRUE(absl::IsUnavailable(Answered<int>(absl::UnavailableError("gone")).status()));
  EXPECT_EQ(*Answered<int>(3), 3);
}

TEST_F(Suite, CorruptedFilesFail) {
  MakeConv();
  Write();
  directory_.Write(Path("input_0.pb"), "no tensor");
  ExpectFails("input_0.pb: is no onnx.TensorProto");
  TensorProto shorter = Floats({1, 1, 3}, {1, 2});
  directory_.Write(Path("input_0.pb"), shorter.SerializeAsString());
  ExpectFails("has 8 bytes of elements, and its shape takes 12");
  const std::string model = model_.SerializeAsString();
  directory_.Write("node/test_it/model.onnx", model.substr(0, model.size() - 1));
  ExpectFails("model.onnx: is no onnx.ModelProto");
}

TEST_F(Suite, UnknownAttributeFails) {
  MakeConv();
  Int("colour", 3);
  Write();
  ExpectFails("attributes that are not known: colour");
}

TEST_F(Suite, AttributeOfAnotherTypeFails) {
  MakeConv();
  Int("strides", 1);
  Write();
  ExpectFails("strides");
}

TEST_F(Suite, UnknownTypeIsSkippedAndFailsTheRun) {
  Node("Relu", 14);
  Input(Integers(TensorProto::INT16, {1}, {1}));
  Output(Integers(TensorProto::INT16, {1}, {1}));
  Write();
  const Result result = Run();
  EXPECT_EQ(result.outcome, Outcome::kSkipped) << LineOf(result);
  EXPECT_FALSE(AllHold({{result}, {}}));
}

TEST_F(Suite, ConvInteger) {
  Node("ConvInteger", 10);
  Input(Integers(TensorProto::UINT8, {1, 1, 3}, {2, 3, 4}));
  Input(Integers(TensorProto::UINT8, {1, 1, 2}, {1, 2}));
  Input(Integers(TensorProto::UINT8, {}, {1}));
  Input(Integers(TensorProto::UINT8, {}, {3}));
  Output(Integers(TensorProto::INT32, {1, 1, 2}, {-4, -7}));  // 1*-2 + 2*-1, 2*-2 + 3*-1
  ExpectPasses();
}

TEST_F(Suite, QLinearConvWithBiasPerChannel) {
  Node("QLinearConv", 10);
  Input(Integers(TensorProto::UINT8, {1, 1, 1}, {130}));
  Input(Floats({}, {0.5F}));
  Input(Integers(TensorProto::UINT8, {}, {128}));
  Input(Integers(TensorProto::INT8, {2, 1, 1}, {4, -3}));
  Input(Floats({2}, {0.5F, 1}));
  Input(Integers(TensorProto::INT8, {2}, {0, 1}));
  Input(Floats({}, {0.25F}));
  Input(Integers(TensorProto::UINT8, {}, {100}));
  Input(Integers(TensorProto::INT32, {2}, {2, 0}));
  Output(Integers(TensorProto::UINT8, {1, 2, 1}, {110, 84}));  // (2*4 + 2) * .25 / .25, 2*-4 * .5 / .25
  ExpectPasses();
}

TEST_F(Suite, Float16Conv) {
  MakeConv();
  for (TensorProto* tensor : {&inputs_[0], &inputs_[1], &outputs_[0]}) {
    tensor->set_data_type(TensorProto::FLOAT16);
    tensor->clear_float_data();
  }
  for (const int bits : {0x3c00, 0x4000, 0x4200}) inputs_[0].add_int32_data(bits);
  for (const int bits : {0x4900, 0x4d00}) inputs_[1].add_int32_data(bits);
  for (const int bits : {0x5240, 0x5500}) outputs_[0].add_int32_data(bits);
  ExpectPasses();
}

TEST_F(Suite, LpPool) {
  Node("LpPool", 11);
  Ints("kernel_shape", {2});
  Ints("pads", {1, 0});
  Input(Floats({1, 1, 2}, {3, -4}));
  Output(Floats({1, 1, 2}, {3, 5}));
  ExpectPasses();
}

TEST_F(Suite, GlobalLpPoolOfFirstOrder) {
  Node("GlobalLpPool", 2);
  Int("p", 1);
  Input(Floats({1, 1, 2, 2}, {3, -4, 5, -6}));
  Output(Floats({1, 1, 1, 1}, {18}));
  ExpectPasses();
}

TEST_F(Suite, AveragePoolCountsPadding) {
  Node("AveragePool", 11);
  Ints("kernel_shape", {2});
  Int("count_include_pad", 1);
  Ints("pads", {1, 1});
  Input(Floats({1, 1, 2}, {4, 6}));
  Output(Floats({1, 1, 3}, {2, 5, 3}));
  ExpectPasses();
}

TEST_F(Suite, SoftmaxBefore13TakesAllAxesFromItsOwnOn) {
  Node("Softmax", 12);
  Input(Floats({2, 2, 1}, {0, 0, 7, 7}));
  Output(Floats({2, 2, 1}, {0.5F, 0.5F, 0.5F, 0.5F}));
  ExpectPasses();
}

TEST_F(Suite, SeluWithConstantsOfItsOwn) {
  Node("Selu", 6);
  Float("alpha", 2);
  Float("gamma", 3);
  Input(Floats({2}, {1, 0}));
  Output(Floats({2}, {3, 0}));
  ExpectPasses();
}

TEST_F(Suite, ClipOfBytesWithOneBound) {
  Node("Clip", 13);
  Input(Integers(TensorProto::INT8, {3}, {-128, 3, 127}));
  NoInput();
  Input(Integers(TensorProto::INT8, {}, {5}));
  Output(Integers(TensorProto::INT8, {3}, {-128, 3, 5}));
  ExpectPasses();
}

TEST_F(Suite, ConvTransposeToAnOutputShape) {
  Node("ConvTranspose", 11);
  String("auto_pad", "SAME_UPPER");
  Ints("output_shape", {3});
  Input(Floats({1, 1, 3}, {1, 2, 3}));
  Input(Floats({1, 1, 2}, {10, 1}));
  Output(Floats({1, 1, 3}, {10, 21, 32}));
  ExpectPasses();
}

TEST_F(Suite, MaxUnpool) {
  Node("MaxUnpool", 11);
  Ints("kernel_shape", {2});
  Ints("strides", {2});
  Input(Floats({1, 1, 2}, {5, 6}));
  Input(Integers(TensorProto::INT64, {1, 1, 2}, {1, 2}));
  Output(Floats({1, 1, 4}, {0, 5, 6, 0}));
  ExpectPasses();
}

TEST(Report, CountsAndJson) {
  const Report report = {{{{"node/a", "", "Relu"}}, {{"node/b", "", "Relu"}, Outcome::kFailed, "why"}},
                         {{"reason", 4}}};
  EXPECT_THAT(SummaryOf(report), HasSubstr("1 passed, 1 failed, 0 skipped"));
  EXPECT_THAT(SummaryOf(report), HasSubstr("excluded    4: reason"));
  EXPECT_THAT(JsonOf(report), HasSubstr("\"failed\": 1"));
  EXPECT_FALSE(AllHold(report));
}

}  // namespace
}  // namespace tensord::conformance
