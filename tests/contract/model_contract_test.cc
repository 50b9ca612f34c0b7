// AnalyzeModel answers, the same through every door.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/contract/door.h"
#include "tests/contract/model_requests.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

class ModelContractTest : public ::testing::TestWithParam<std::string> {
 protected:
  ModelContractTest() : door_(OpenDoor(GetParam(), TestSettings())) {}

  template <typename Response>
  Response Call(const std::string& method, const google::protobuf::Message& request) {
    return CallParsed<Response>(*door_->channel(), method, request);
  }

  const std::unique_ptr<Door> door_;
};

INSTANTIATE_TEST_SUITE_P(Doors, ModelContractTest, ::testing::ValuesIn(DoorNames()),
                         [](const auto& test) { return test.param; });

TEST_P(ModelContractTest, AnalyzesAModel) {
  v1::AnalyzeModelRequest request = GoodAnalyzeModel();
  const auto model = Call<v1::AnalyzeModelResponse>("tensord.v1.AnalysisService/AnalyzeModel", request);
  EXPECT_EQ(model.name(), "one convolution");
  ASSERT_EQ(model.layers_size(), 1);
  EXPECT_EQ(model.layers(0).operator_(), "Conv");
  EXPECT_EQ(model.layers(0).outputs(0).shape(2).value(), 6);
  EXPECT_EQ(model.outputs(0).shape(0).expression(), "N");
  EXPECT_EQ(model.parameter_count().value(), 108);
  EXPECT_EQ(model.operations().mac_count().expression(), "N*3888");
  // A window of 3 on an axis of 8, without padding.
  ASSERT_EQ(model.layers(0).receptive_fields_size(), 1);
  const v1::ReceptiveField& field = model.layers(0).receptive_fields(0);
  EXPECT_EQ(field.input(), "x");
  ASSERT_EQ(field.axes_size(), 2);
  EXPECT_EQ(field.axes(1).axis(), 3);
  EXPECT_EQ(field.axes(1).output_axis(), 3);
  EXPECT_EQ(field.axes(1).size().value(), 3);
  EXPECT_EQ(field.axes(1).stride().numerator().value(), 1);
  EXPECT_EQ(field.axes(1).stride().denominator().value(), 1);
  EXPECT_TRUE(field.axes(1).offset().numerator().has_value());
  EXPECT_EQ(field.axes(1).offset().numerator().value(), 0);
  EXPECT_TRUE(field.axes(1).has_begin_border_count());
  EXPECT_EQ(field.axes(1).end_border_count().decimal(), "0");
  EXPECT_FALSE(field.axes(1).is_whole());
  (*request.mutable_symbols())["N"] = 2;
  const auto two = Call<v1::AnalyzeModelResponse>("tensord.v1.AnalysisService/AnalyzeModel", request);
  EXPECT_EQ(two.operations().mac_count().value(), 7776);
  EXPECT_EQ(two.operations().flop_count().value(), 15552);
  EXPECT_EQ(two.layers(0).operations().addition_count().value(), 7488);
  EXPECT_FALSE(two.has_explanation());
  request.set_explain("conv");
  const auto explained = Call<v1::AnalyzeModelResponse>("tensord.v1.AnalysisService/AnalyzeModel", request);
  EXPECT_EQ(explained.explanation().operator_(), "Conv");
  EXPECT_EQ(explained.explanation().steps(0).ShortDebugString(),
            R"(formula { quantity: "N" general: "2" substituted: "2" } )"
            R"(value { value: 2 decimal: "2" } meaning: "axis 0 of \"x\"")");
}

// The filter takes the 3 channels: 4*3*9 weights and 4 biases. 4*64 elements of 27 products each. The matrix is 10 by
// 256.
TEST_P(ModelContractTest, AnalyzesAModelThatIsAMessage) {
  const auto model = Call<v1::AnalyzeModelResponse>("tensord.v1.AnalysisService/AnalyzeModel", GoodAnalyzeModelGraph());
  EXPECT_EQ(model.name(), "a message");
  ASSERT_EQ(model.layers_size(), 3);
  EXPECT_EQ(model.layers(0).parameter_count().value(), 112);
  EXPECT_EQ(model.layers(0).operations().mac_count().expression(), "N*6912");
  EXPECT_EQ(model.layers(2).parameter_count().value(), 2560);
  EXPECT_EQ(model.parameter_count().value(), 2672);
  ASSERT_EQ(model.outputs_size(), 1);
  EXPECT_EQ(model.outputs(0).name(), "z");
  EXPECT_EQ(model.outputs(0).element_type(), "float32");
  EXPECT_EQ(model.outputs(0).shape(0).expression(), "N");
  EXPECT_EQ(model.outputs(0).shape(1).value(), 10);
}

TEST_P(ModelContractTest, SaysWhatAModelCosts) {
  v1::AnalyzeModelRequest request = GoodAnalyzeModel();
  (*request.mutable_symbols())["N"] = 2;
  request.mutable_convention()->set_bias(true);
  request.mutable_machine()->set_flops_per_second(1000);
  request.mutable_machine()->set_bytes_per_second(1000);
  const auto model = Call<v1::AnalyzeModelResponse>("tensord.v1.AnalysisService/AnalyzeModel", request);
  ASSERT_EQ(model.layers_size(), 1);
  const v1::ModelLayer& layer = model.layers(0);
  EXPECT_TRUE(layer.convention().convention().bias());
  EXPECT_EQ(layer.convention().mac_count().value(), 7776);
  EXPECT_EQ(layer.convention().flop_count().value(), 15552);
  EXPECT_EQ(model.conventions_size(), 8);
  // Products and sums of x [2,3,8,8], w [4,3,3,3] and y [2,4,6,6]; the filter's 108 gradients are sums of 7776
  // products.
  EXPECT_EQ(layer.backward().input_gradient().mac_count().value(), 7776);
  EXPECT_EQ(layer.backward().input_gradient().addition_count().value(), 7776);
  EXPECT_EQ(layer.backward().parameter_gradient().addition_count().value(), 7668);
  EXPECT_FALSE(layer.backward().has_bias_gradient());
  EXPECT_EQ(model.backward().bias_gradient().addition_count().value(), 0);
  EXPECT_EQ(layer.memory().parameter_byte_count().value(), 432);
  EXPECT_EQ(layer.memory().buffer_byte_count().value(), 0);
  EXPECT_EQ(layer.memory().read_byte_count().value(), 1536 + 432);
  EXPECT_EQ(layer.memory().written_byte_count().value(), 1152);
  EXPECT_EQ(layer.memory().live_byte_count().value(), 1536 + 1152);
  EXPECT_EQ(layer.memory().training_byte_count().value(), 1536);
  EXPECT_EQ(model.memory().peak_activation_byte_count().value(), 1536 + 1152);
  EXPECT_EQ(model.memory().peak_layer(), "conv");
  ASSERT_EQ(model.memory().activations_size(), 1);
  EXPECT_EQ(model.memory().activations(0).element_type(), "float32");
  EXPECT_EQ(model.memory().activations(0).byte_count().value(), 1536 + 1152);
  // 7776 products and 7488 sums, of 3120 bytes.
  EXPECT_DOUBLE_EQ(layer.roofline().arithmetic_intensity(), 15264.0 / 3120);
  EXPECT_EQ(layer.roofline().bound(), v1::ROOFLINE_BOUND_COMPUTE);
  EXPECT_DOUBLE_EQ(layer.roofline().seconds(), 15.264);
  EXPECT_DOUBLE_EQ(model.roofline().seconds(), 15.264);
  ASSERT_EQ(model.tools_size(), 4);
  EXPECT_EQ(model.tools(0).tool(), v1::COST_TOOL_TORCHINFO);
  EXPECT_EQ(model.tools(0).quantity(), "Total mult-adds");
  EXPECT_EQ(model.tools(0).count().value(), 7776);
  EXPECT_EQ(model.tools(0).parameter_count().value(), 108);
  for (const v1::ToolCount& tool : model.tools()) {
    EXPECT_THAT(tool.rule(), testing::Not(testing::IsEmpty()));
    EXPECT_THAT(tool.source(), testing::HasSubstr("https://github.com/"));
  }
}

TEST_P(ModelContractTest, ASymbolLeavesNoRoofline) {
  const auto model = Call<v1::AnalyzeModelResponse>("tensord.v1.AnalysisService/AnalyzeModel", GoodAnalyzeModel());
  EXPECT_FALSE(model.has_roofline());
  EXPECT_FALSE(model.layers(0).has_roofline());
  EXPECT_EQ(model.memory().peak_activation_byte_count().expression(), "N*1344");
  EXPECT_EQ(model.backward().input_gradient().mac_count().expression(), "N*3888");
}

}  // namespace
}  // namespace tensord::contract
