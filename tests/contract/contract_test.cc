// Every rpc answers, the same through every door.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "tensord/v1/tensor_service.pb.h"
#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"
#include "tests/contract/stream_call.h"

namespace tensord::contract {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;
using ::testing::SizeIs;

constexpr char kConvolve[] = "tensord.v1.TensorService/Convolve";
constexpr char kPool[] = "tensord.v1.TensorService/Pool";

class ContractTest : public ::testing::TestWithParam<std::string> {
 protected:
  ContractTest() : door_(OpenDoor(GetParam(), TestSettings())) {}

  template <typename Response>
  Response Call(const std::string& method, const google::protobuf::Message& request) {
    return CallParsed<Response>(*door_->channel(), method, request);
  }

  const std::unique_ptr<Door> door_;
};

INSTANTIATE_TEST_SUITE_P(Doors, ContractTest, ::testing::ValuesIn(DoorNames()),
                         [](const auto& test) { return test.param; });

TEST_P(ContractTest, EveryRpcAnswersAGoodRequest) {
  for (const GoodCall& call : GoodCalls()) {
    const Answer answer = CallRaw(*door_->channel(), call.method, call.bytes);
    EXPECT_TRUE(answer.status.ok()) << call.method << ": " << answer.status.error_message();
    EXPECT_FALSE(answer.bytes.empty()) << call.method;
  }
}

TEST_P(ContractTest, ServerInfoTellsLimitsMethodsTypesAndProfiles) {
  const auto info =
      Call<v1::GetServerInfoResponse>("tensord.v1.ServerService/GetServerInfo", v1::GetServerInfoRequest());
  EXPECT_THAT(info.version(), ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(info.compute_types(),
              ElementsAre(v1::DATA_TYPE_FLOAT16, v1::DATA_TYPE_BFLOAT16, v1::DATA_TYPE_FLOAT32, v1::DATA_TYPE_FLOAT64,
                          v1::DATA_TYPE_INT8, v1::DATA_TYPE_UINT8, v1::DATA_TYPE_INT32, v1::DATA_TYPE_INT64));
  EXPECT_THAT(info.methods(), SizeIs(18));
  EXPECT_THAT(info.profiles(), SizeIs(6));
  if (GetParam() == "Address") return;  // its limits are its own
  EXPECT_EQ(info.limits().max_tensor_bytes(), TestSettings().max_tensor_bytes);
  EXPECT_EQ(info.limits().max_multiplication_count(), TestSettings().max_multiplications);
  EXPECT_EQ(info.limits().thread_count(), 2);
  EXPECT_EQ(info.limits().queue_count(), 4);
  EXPECT_EQ(info.limits().default_deadline_ms(), 30'000);
}

TEST_P(ContractTest, ConvolvesTheHomework) {
  v1::ConvolveRequest request;
  *request.mutable_input() =
      Floats({6, 5}, {0, 0, 0, 0, 0, 0, 3, 3, 3, 0, 0, 3, 3, 3, 0, 0, 3, 2, 3, 0, 0, 3, 2, 3, 0, 0, 0, 0, 0, 0});
  *request.mutable_filter() = Floats({2, 2}, {1, -1, 1, -1});
  const auto response = Call<v1::ConvolveResponse>(kConvolve, request);
  EXPECT_THAT(response.output().shape(), ElementsAre(5, 4));
  EXPECT_EQ(response.output().axes(), "HW");
  EXPECT_THAT(Values(response.output()),
              ElementsAre(-3, 0, 0, 3, -6, 0, 0, 6, -6, 1, -1, 6, -6, 2, -2, 6, -3, 1, -1, 3));
  EXPECT_FALSE(response.has_activation());
}

TEST_P(ContractTest, EchoesEveryResolvedConvention) {
  v1::ConvolveRequest request = GoodConvolve();
  request.set_profile(v1::CONVENTION_PROFILE_TENSORFLOW);
  request.mutable_conventions()->mutable_padding()->set_mode(v1::PADDING_MODE_SAME_UPPER);
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_LEAKY_RELU);
  const auto response = Call<v1::ConvolveResponse>(kConvolve, request);
  EXPECT_EQ(response.profile(), v1::CONVENTION_PROFILE_TENSORFLOW);
  EXPECT_EQ(response.conventions().input_layout(), "NHWC");
  EXPECT_EQ(response.conventions().filter_layout(), "HWIO");
  EXPECT_EQ(response.conventions().kernel(), v1::KERNEL_MODE_CROSS_CORRELATION);
  EXPECT_THAT(response.conventions().strides(), ElementsAre(1, 1));
  EXPECT_THAT(response.conventions().dilations(), ElementsAre(1, 1));
  EXPECT_EQ(response.conventions().groups(), 1);
  EXPECT_THAT(response.conventions().padding().begin(), ElementsAre(0, 0));
  EXPECT_THAT(response.conventions().padding().end(), ElementsAre(1, 1));
  EXPECT_EQ(response.activation().slope(), 0.2);
  EXPECT_EQ(response.activation().kink_slope(), v1::KINK_SLOPE_LEFT);
}

TEST_P(ContractTest, AnEchoSentAgainGivesTheSameAnswer) {
  v1::ConvolveRequest convolve = GoodConvolve();
  convolve.mutable_conventions()->mutable_padding()->set_mode(v1::PADDING_MODE_SAME_LOWER);
  const auto first = Call<v1::ConvolveResponse>(kConvolve, convolve);
  *convolve.mutable_conventions() = first.conventions();
  *convolve.mutable_activation() = first.activation();
  EXPECT_EQ(Call<v1::ConvolveResponse>(kConvolve, convolve).SerializeAsString(), first.SerializeAsString());

  convolve.mutable_conventions()->mutable_padding()->set_source(v1::PADDING_SOURCE_REFLECT);
  const auto reflected = Call<v1::ConvolveResponse>(kConvolve, convolve);
  EXPECT_NE(Values(reflected.output()), Values(first.output()));
  *convolve.mutable_conventions() = reflected.conventions();
  EXPECT_EQ(Call<v1::ConvolveResponse>(kConvolve, convolve).SerializeAsString(), reflected.SerializeAsString());

  const std::string transpose = "tensord.v1.TensorService/ConvolveTranspose";
  v1::ConvolveTransposeRequest transposed = GoodConvolveTranspose();
  transposed.mutable_conventions()->clear_output_padding();
  for (const int64_t size : {9, 9}) transposed.mutable_conventions()->add_output_shape(size);
  const auto spread = Call<v1::ConvolveTransposeResponse>(transpose, transposed);
  EXPECT_EQ(spread.conventions().padding().mode(), v1::PADDING_MODE_SAME_LOWER);
  EXPECT_THAT(spread.conventions().padding().begin(), ElementsAre(1, 0));
  EXPECT_THAT(spread.conventions().output_padding(), ElementsAre(0, 1));
  *transposed.mutable_conventions() = spread.conventions();
  EXPECT_EQ(Call<v1::ConvolveTransposeResponse>(transpose, transposed).SerializeAsString(), spread.SerializeAsString());

  v1::PoolRequest pool = GoodPool();
  pool.set_profile(v1::CONVENTION_PROFILE_TEXTBOOK);
  pool.set_kind(v1::POOLING_KIND_AVERAGE);
  pool.set_return_indices(false);
  const auto pooled = Call<v1::PoolResponse>(kPool, pool);
  *pool.mutable_conventions() = pooled.conventions();
  EXPECT_EQ(Call<v1::PoolResponse>(kPool, pool).SerializeAsString(), pooled.SerializeAsString());
}

TEST_P(ContractTest, AFieldWinsOverTheProfile) {
  v1::PoolRequest request = GoodPool();
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  request.mutable_conventions()->set_input_layout("NHWC");
  request.mutable_conventions()->add_strides(2);
  request.mutable_conventions()->set_index_base(v1::INDEX_BASE_PLANE);
  const auto response = Call<v1::PoolResponse>(kPool, request);
  EXPECT_EQ(response.conventions().input_layout(), "NHWC");
  EXPECT_EQ(response.conventions().index_base(), v1::INDEX_BASE_PLANE);
  EXPECT_THAT(response.output().shape(), ElementsAre(2, 2, 2, 3));
}

TEST_P(ContractTest, OnlyTheGradientsAskedForAreSent) {
  v1::ConvolveBackwardRequest request = GoodConvolveBackward();
  request.clear_gradients();
  request.add_gradients(v1::CONVOLUTION_GRADIENT_FILTER);
  const auto response = Call<v1::ConvolveBackwardResponse>("tensord.v1.TensorService/ConvolveBackward", request);
  EXPECT_TRUE(response.has_filter_gradient());
  EXPECT_FALSE(response.has_input_gradient());
  EXPECT_FALSE(response.has_bias_gradient());
  EXPECT_FALSE(response.has_pre_activation_gradient());
  EXPECT_THAT(response.filter_gradient().shape(), ElementsAre(2, 2, 3, 4));
}

TEST_P(ContractTest, TransposedConvolutionSpreadsItsInputAndGivesItsGradients) {
  v1::ConvolveTransposeRequest request;
  *request.mutable_input() = Floats({2, 2}, {1, 2, 3, 4});
  *request.mutable_filter() = Floats({2, 2}, {1, 10, 100, 1000});
  request.mutable_conventions()->add_strides(2);
  const auto response = Call<v1::ConvolveTransposeResponse>("tensord.v1.TensorService/ConvolveTranspose", request);
  EXPECT_THAT(response.output().shape(), ElementsAre(4, 4));
  EXPECT_THAT(Values(response.output()),
              ElementsAre(1, 10, 2, 20, 100, 1000, 200, 2000, 3, 30, 4, 40, 300, 3000, 400, 4000));
  EXPECT_EQ(response.conventions().filter_layout(), "HW");
  EXPECT_THAT(response.conventions().output_shape(), ElementsAre(4, 4));

  v1::ConvolveTransposeBackwardRequest backward;
  *backward.mutable_input() = request.input();
  *backward.mutable_filter() = request.filter();
  *backward.mutable_conventions() = request.conventions();
  *backward.mutable_output_gradient() = Floats({4, 4}, std::vector<float>(16, 1));
  backward.add_gradients(v1::CONVOLUTION_GRADIENT_INPUT);
  backward.add_gradients(v1::CONVOLUTION_GRADIENT_FILTER);
  backward.add_gradients(v1::CONVOLUTION_GRADIENT_BIAS);
  const auto gradients =
      Call<v1::ConvolveTransposeBackwardResponse>("tensord.v1.TensorService/ConvolveTransposeBackward", backward);
  EXPECT_THAT(Values(gradients.input_gradient()), ElementsAre(1111, 1111, 1111, 1111));
  EXPECT_THAT(Values(gradients.filter_gradient()), ElementsAre(10, 10, 10, 10));
  EXPECT_THAT(Values(gradients.bias_gradient()), ElementsAre(16));
  EXPECT_FALSE(gradients.has_pre_activation_gradient());
}

TEST_P(ContractTest, APaddedCopyOverTheLimitIsRefused) {
  v1::ConvolveRequest request;
  *request.mutable_input() = Floats({1, 1}, {1});
  *request.mutable_filter() = Floats({1, 1}, {1});
  v1::ConvolutionConventions& conventions = *request.mutable_conventions();
  conventions.mutable_padding()->add_begin(1 << 20);
  conventions.mutable_padding()->set_source(v1::PADDING_SOURCE_REPLICATE);
  conventions.add_strides(1 << 20);
  const Answer answer = CallRaw(*door_->channel(), kConvolve, request.SerializeAsString());
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_NE(answer.status.error_message().find("conventions.padding"), std::string::npos);
}

TEST_P(ContractTest, AnAnswerComesInTheRequestsForm) {
  v1::PoolRequest request = GoodPool();
  request.mutable_input()->clear_data();
  for (int i = 0; i < 120; ++i) request.mutable_input()->mutable_doubles()->add_values(i % 7);
  const auto typed = Call<v1::PoolResponse>(kPool, request);
  EXPECT_TRUE(typed.output().has_doubles());
  EXPECT_TRUE(typed.indices().has_integers());
  const auto bytes = Call<v1::PoolResponse>(kPool, GoodPool());
  EXPECT_FALSE(bytes.output().data().empty());
  EXPECT_EQ(Values(typed.output()), Values(bytes.output()));
  EXPECT_EQ(Values(typed.indices()), Values(bytes.indices()));

  request.mutable_input()->clear_doubles();
  for (int i = 0; i < 120; ++i) request.mutable_input()->mutable_integers()->add_values(i % 7);
  EXPECT_EQ(Values(Call<v1::PoolResponse>(kPool, request).output()), Values(bytes.output()));

  v1::ConvolveRequest mixed = GoodConvolve();
  mixed.mutable_bias()->clear_data();
  for (int i = 0; i < 4; ++i) mixed.mutable_bias()->mutable_doubles()->add_values(i);
  EXPECT_FALSE(Call<v1::ConvolveResponse>(kConvolve, mixed).output().data().empty());
}

TEST_P(ContractTest, AnEmptyBatchGivesEmptyResultsAndZeroGradients) {
  v1::ConvolveRequest convolve = GoodConvolve();
  *convolve.mutable_input() = Floats({0, 5, 4, 3}, {});
  const auto convolved = Call<v1::ConvolveResponse>(kConvolve, convolve);
  EXPECT_THAT(convolved.output().shape(), ElementsAre(0, 4, 3, 4));
  EXPECT_TRUE(Values(convolved.output()).empty());

  v1::ConvolveBackwardRequest backward = GoodConvolveBackward();
  *backward.mutable_input() = Floats({0, 5, 4, 3}, {});
  *backward.mutable_output_gradient() = Floats({0, 4, 3, 4}, {});
  const auto gradients = Call<v1::ConvolveBackwardResponse>("tensord.v1.TensorService/ConvolveBackward", backward);
  EXPECT_THAT(Values(gradients.filter_gradient()), ::testing::AllOf(SizeIs(48), ::testing::Each(0)));
  EXPECT_THAT(Values(gradients.bias_gradient()), ElementsAre(0, 0, 0, 0));

  v1::PoolRequest pool = GoodPool();
  *pool.mutable_input() = Floats({0, 5, 4, 3}, {});
  EXPECT_THAT(Call<v1::PoolResponse>(kPool, pool).output().shape(), ElementsAre(0, 2, 2, 3));
}

TEST_P(ContractTest, MaxPoolingFollowsTheTextbook) {
  v1::PoolRequest request;
  request.set_kind(v1::POOLING_KIND_MAX);
  *request.mutable_input() = Floats({8}, {1, 2, 3, 2, 0, 10, 1, 0});
  request.mutable_conventions()->add_window(4);
  request.mutable_conventions()->add_strides(2);
  request.set_profile(v1::CONVENTION_PROFILE_TEXTBOOK);
  EXPECT_THAT(Values(Call<v1::PoolResponse>(kPool, request).output()), ElementsAre(3, 10, 10, 1));
}

TEST_P(ContractTest, BackwardAgreesWithCentralDifferencesOfForward) {
  // d sum(G * sigmoid(conv(x, w))) / dw[k] for every weight, in float64.
  v1::ConvolveRequest forward;
  const auto doubles = [](std::initializer_list<int64_t> shape, const std::vector<double>& values) {
    v1::Tensor tensor;
    tensor.set_data_type(v1::DATA_TYPE_FLOAT64);
    for (const int64_t size : shape) tensor.add_shape(size);
    *tensor.mutable_doubles()->mutable_values() = {values.begin(), values.end()};
    return tensor;
  };
  *forward.mutable_input() = doubles({4}, {0.3, -0.7, 1.1, 0.2});
  *forward.mutable_filter() = doubles({2}, {0.5, -1.25});
  forward.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SIGMOID);
  const std::vector<double> g = {1, -2, 0.5};
  v1::ConvolveBackwardRequest backward;
  *backward.mutable_input() = forward.input();
  *backward.mutable_filter() = forward.filter();
  *backward.mutable_activation() = forward.activation();
  *backward.mutable_output_gradient() = doubles({3}, g);
  backward.add_gradients(v1::CONVOLUTION_GRADIENT_FILTER);
  const auto gradient = Values(
      Call<v1::ConvolveBackwardResponse>("tensord.v1.TensorService/ConvolveBackward", backward).filter_gradient());
  std::vector<double> expected;
  for (int k = 0; k < 2; ++k) {
    const auto loss = [&](double step) {
      v1::ConvolveRequest moved = forward;
      double& weight = (*moved.mutable_filter()->mutable_doubles()->mutable_values())[k];
      weight += step;
      const auto u = Values(Call<v1::ConvolveResponse>(kConvolve, moved).output());
      return u[0] * g[0] + u[1] * g[1] + u[2] * g[2];
    };
    expected.push_back((loss(1e-5) - loss(-1e-5)) / 2e-5);
  }
  EXPECT_THAT(gradient, Pointwise(DoubleNear(1e-9), expected));
}

TEST_P(ContractTest, AnalyzesTheHomework) {
  const auto layer =
      Call<v1::AnalyzeLayerResponse>("tensord.v1.AnalysisService/AnalyzeLayer", GoodAnalyzeConvolution());
  EXPECT_EQ(layer.output_shape(0).value(), 46);
  EXPECT_EQ(layer.output_shape(1).value(), 62);
  EXPECT_EQ(layer.output_shape(2).value(), 20);
  EXPECT_EQ(layer.parameter_count().value(), 1820);
  EXPECT_EQ(layer.multiplication_count().decimal(), "5133600");
  EXPECT_EQ(layer.flop_count().value(), 10267200);
  EXPECT_EQ(layer.input_channel_count().value(), 10);
  EXPECT_EQ(layer.output_channel_count().value(), 20);
  EXPECT_FALSE(layer.formulas().empty());
  EXPECT_EQ(layer.convolution_conventions().input_layout(), "HWC");
}

TEST_P(ContractTest, AnalyzesWithASymbol) {
  v1::AnalyzeLayerRequest request = GoodAnalyzeConvolution();
  auto& shape = *request.mutable_convolution()->mutable_input_shape();
  v1::Dimension& batch = *shape.Add();
  batch.set_symbol("N");
  for (int i = shape.size() - 1; i > 0; --i) shape.SwapElements(i, i - 1);
  const auto layer = Call<v1::AnalyzeLayerResponse>("tensord.v1.AnalysisService/AnalyzeLayer", request);
  EXPECT_EQ(layer.output_shape(0).expression(), "N");
  EXPECT_EQ(layer.multiplication_count().expression(), "N*5133600");
  EXPECT_FALSE(layer.multiplication_count().has_value());
  EXPECT_EQ(layer.parameter_count().value(), 1820);
}

TEST_P(ContractTest, DescribesADataSet) {
  const auto description =
      Call<v1::DescribeDatasetResponse>("tensord.v1.AnalysisService/DescribeDataset", GoodDescribeDataset());
  EXPECT_EQ(description.shape(2).value(), 2400);
  EXPECT_EQ(description.element_count().value(), 40 * 80 * 2400);
  EXPECT_EQ(description.byte_count().value(), 40 * 80 * 2400);
  EXPECT_EQ(description.data_type(), v1::DATA_TYPE_UINT8);
}

TEST(ContractCoverageTest, GoodCallsHaveEveryRpcOfTheDescriptors) {
  // The streams' messages are those of the others: stream_test.cc, grading_stream_test.cc.
  std::set<std::string> called = {kStreamCompute, "tensord.v1.GradingService/StreamGradeSubmissions"};
  for (const GoodCall& call : GoodCalls()) called.insert(call.method);
  const auto& pool = *v1::GetServerInfoRequest::descriptor()->file()->pool();
  size_t rpcs = 0;
  for (const char* name : {"TensorService", "AnalysisService", "GradingService", "ServerService"}) {
    const auto* service = pool.FindServiceByName(std::string("tensord.v1.") + name);
    ASSERT_NE(service, nullptr) << name;
    for (int i = 0; i < service->method_count(); ++i, ++rpcs) {
      EXPECT_TRUE(called.contains(std::string(service->full_name()) + "/" + service->method(i)->name()));
    }
  }
  EXPECT_EQ(rpcs, called.size());
}

TEST(ContractDoorsTest, TheSameRequestGivesTheSameBytesThroughEveryDoor) {
  std::vector<std::unique_ptr<Door>> doors;
  for (const std::string& name : OwnDoorNames()) doors.push_back(OpenDoor(name, TestSettings()));
  for (const GoodCall& call : GoodCalls()) {
    const std::string first = CallRaw(*doors[0]->channel(), call.method, call.bytes).bytes;
    EXPECT_FALSE(first.empty()) << call.method;
    for (size_t i = 1; i < doors.size(); ++i) {
      EXPECT_EQ(CallRaw(*doors[i]->channel(), call.method, call.bytes).bytes, first) << call.method << ", door " << i;
    }
  }
}

}  // namespace
}  // namespace tensord::contract
