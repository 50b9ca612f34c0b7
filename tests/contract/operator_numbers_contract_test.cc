// Numbers with a proof through the operators beside plain convolution, with results that are known by themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

using ::testing::ElementsAre;

// The hash of a 1 in float32: printf '\0\0\200\077' | sha256sum
constexpr char kHashOfOne[] = "e00e5eb9444182f352323374ef4e08ebcb784725fdd4fd612d7730540b3e0c8c";

class OperatorNumbersTest : public ::testing::Test {
 protected:
  template <typename Response>
  Response Call(const std::string& rpc, const google::protobuf::Message& request) {
    return CallParsed<Response>(*door_->channel(), "tensord.v1.TensorService/" + rpc, request);
  }
  v1::ConvolveTransposeResponse ConvolveTranspose(const v1::ConvolveTransposeRequest& request) {
    return Call<v1::ConvolveTransposeResponse>("ConvolveTranspose", request);
  }
  v1::PoolResponse Pool(const v1::PoolRequest& request) { return Call<v1::PoolResponse>("Pool", request); }

  const std::unique_ptr<Door> door_ = OpenDoor("InProcess", TestSettings());
};

// ---- Transposed convolution

TEST_F(OperatorNumbersTest, ATransposedConvolutionThatCancels) {
  v1::ConvolveTransposeRequest request;
  *request.mutable_input() = Floats({3}, {1e8F, 1, -1e8F});
  *request.mutable_filter() = Floats({3}, {1, 1, 1});
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  request.set_return_error_bounds(true);
  const v1::ConvolveTransposeResponse response = ConvolveTranspose(request);
  EXPECT_EQ(Values(response.output())[2], 1);
  EXPECT_EQ(response.accumulation(), v1::ACCUMULATION_EXACT);
  EXPECT_EQ(response.output_sha256().size(), 64U);
  EXPECT_THAT(response.error_bounds().computed().shape(), ElementsAre(5));
  EXPECT_LT(Values(response.error_bounds().computed())[2], 1e-7);
  EXPECT_GT(Values(response.error_bounds().any_order())[2], 1);
  // Only the cell in the middle: its hash is that of a 1.
  request.mutable_conventions()->mutable_padding()->add_begin(2);
  request.mutable_conventions()->mutable_padding()->add_end(2);
  EXPECT_EQ(ConvolveTranspose(request).output_sha256(), kHashOfOne);
  request.set_accumulation(v1::ACCUMULATION_FAITHFUL);
  EXPECT_THAT(Values(ConvolveTranspose(request).output()), ElementsAre(1));
}

TEST_F(OperatorNumbersTest, TransposedConvolutionsOfOtherTypes) {
  v1::ConvolveTransposeRequest request;
  *request.mutable_input() = Reals(v1::DATA_TYPE_FLOAT16, {3}, {2048, 1, 1});
  *request.mutable_filter() = Reals(v1::DATA_TYPE_FLOAT16, {3}, {1, 1, 1});
  EXPECT_EQ(Values(ConvolveTranspose(request).output())[2], 2050);
  *request.mutable_input() = Integers(v1::DATA_TYPE_UINT8, {2}, {1, 2});
  *request.mutable_filter() = Integers(v1::DATA_TYPE_INT8, {2}, {3, 4});
  request.mutable_quantization()->set_input_zero_point(1);
  request.mutable_quantization()->add_filter_zero_points(-1);
  // 0 and 1 by 4 and 5.
  const v1::ConvolveTransposeResponse response = ConvolveTranspose(request);
  EXPECT_EQ(response.output().data_type(), v1::DATA_TYPE_INT32);
  EXPECT_THAT(response.output().integers().values(), ElementsAre(0, 4, 5));
  EXPECT_EQ(response.quantization().input_zero_point(), 1);
  // The sums of 4 and 5 quarters; in steps of 0.5 those are 2 and 2.5, a tie.
  request.mutable_quantization()->set_input_scale(0.5F);
  request.mutable_quantization()->add_filter_scales(0.5F);
  request.mutable_quantization()->set_output_scale(0.5F);
  request.mutable_quantization()->set_output_zero_point(7);
  EXPECT_THAT(ConvolveTranspose(request).output().integers().values(), ElementsAre(7, 9, 9));
  const int64_t big = (int64_t{1} << 53) + 1;
  *request.mutable_input() = Integers(v1::DATA_TYPE_INT64, {1}, {big});
  *request.mutable_filter() = Integers(v1::DATA_TYPE_INT64, {2}, {1, -2});
  request.clear_quantization();
  EXPECT_THAT(ConvolveTranspose(request).output().integers().values(), ElementsAre(big, -2 * big));
}

TEST_F(OperatorNumbersTest, GradientsOfATransposedConvolutionThatCancel) {
  v1::ConvolveTransposeBackwardRequest request;
  *request.mutable_input() = Floats({1}, {2});
  *request.mutable_filter() = Floats({3}, {1, 1, 1});
  *request.mutable_output_gradient() = Floats({3}, {1e8F, 1, -1e8F});
  request.add_gradients(v1::CONVOLUTION_GRADIENT_INPUT);
  request.add_gradients(v1::CONVOLUTION_GRADIENT_BIAS);
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  request.set_return_error_bounds(true);
  const auto response = Call<v1::ConvolveTransposeBackwardResponse>("ConvolveTransposeBackward", request);
  EXPECT_THAT(Values(response.input_gradient()), ElementsAre(1));
  EXPECT_THAT(Values(response.bias_gradient()), ElementsAre(1));
  EXPECT_EQ(response.input_gradient_sha256(), kHashOfOne);
  EXPECT_EQ(response.bias_gradient_sha256(), kHashOfOne);
  EXPECT_EQ(response.filter_gradient_sha256(), "");
  EXPECT_TRUE(response.has_input_gradient_error_bounds());
  EXPECT_TRUE(response.has_bias_gradient_error_bounds());
  EXPECT_FALSE(response.has_filter_gradient_error_bounds());
}

// ---- Padding that reads the input

TEST_F(OperatorNumbersTest, PaddingThatReadsTheInput) {
  v1::ConvolveRequest request;
  *request.mutable_input() = Integers(v1::DATA_TYPE_INT8, {3}, {1, 2, 4});
  *request.mutable_filter() = Integers(v1::DATA_TYPE_INT8, {2}, {1, 10});
  request.mutable_conventions()->mutable_padding()->add_begin(1);
  request.mutable_conventions()->mutable_padding()->add_end(1);
  request.mutable_conventions()->mutable_padding()->set_source(v1::PADDING_SOURCE_REFLECT);
  EXPECT_THAT(Call<v1::ConvolveResponse>("Convolve", request).output().integers().values(),
              ElementsAre(12, 21, 42, 24));
  *request.mutable_input() = Floats({3}, {1e8F, 1, -1e8F});
  *request.mutable_filter() = Floats({3}, {1, 1, 1});
  request.mutable_conventions()->mutable_padding()->set_source(v1::PADDING_SOURCE_CIRCULAR);
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  EXPECT_THAT(Values(Call<v1::ConvolveResponse>("Convolve", request).output()), ElementsAre(1, 1, 1));
}

// ---- Pooling

TEST_F(OperatorNumbersTest, GradientsOfPoolingsThatCancel) {
  v1::PoolBackwardRequest request;
  request.set_kind(v1::POOLING_KIND_MAX);
  *request.mutable_input() = Floats({5}, {0, 0, 9, 0, 0});
  *request.mutable_output_gradient() = Floats({3}, {1e8F, 1, -1e8F});
  request.mutable_conventions()->add_window(3);
  request.mutable_conventions()->add_strides(1);
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  request.set_return_error_bounds(true);
  const auto max = Call<v1::PoolBackwardResponse>("PoolBackward", request);
  EXPECT_THAT(Values(max.input_gradient()), ElementsAre(0, 0, 1, 0, 0));
  EXPECT_EQ(max.accumulation(), v1::ACCUMULATION_EXACT);
  EXPECT_EQ(max.input_gradient_sha256().size(), 64U);
  EXPECT_THAT(max.input_gradient_error_bounds().computed().shape(), ElementsAre(5));
  request.set_kind(v1::POOLING_KIND_AVERAGE);
  *request.mutable_output_gradient() = Floats({3}, {1e8F, 3, -1e8F});
  EXPECT_EQ(Values(Call<v1::PoolBackwardResponse>("PoolBackward", request).input_gradient())[2], 1);
}

TEST_F(OperatorNumbersTest, TiesThatAreSplitHaveExactGradients) {
  // Each of 21 elements is in three windows of 19, which are all ties, or in fewer: 0.3 / 19, rounded once.
  v1::PoolBackwardRequest request;
  request.set_kind(v1::POOLING_KIND_MAX);
  *request.mutable_input() = Floats({21}, std::vector<float>(21, 7));
  *request.mutable_output_gradient() = Floats({3}, {1e8F, 0.3F, -1e8F});
  request.mutable_conventions()->add_window(19);
  request.mutable_conventions()->add_strides(1);
  request.mutable_conventions()->set_tie_rule(v1::TIE_RULE_SPLIT);
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  EXPECT_EQ(Values(Call<v1::PoolBackwardResponse>("PoolBackward", request).input_gradient())[10],
            static_cast<float>(static_cast<double>(0.3F) / 19));
}

TEST_F(OperatorNumbersTest, WindowsOfEveryModeAndNorms) {
  v1::PoolRequest request;
  request.set_kind(v1::POOLING_KIND_AVERAGE);
  *request.mutable_input() = Floats({3}, {1e8F, 3, -1e8F});
  request.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_GLOBAL);
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  EXPECT_EQ(Pool(request).output_sha256(), kHashOfOne);
  request.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
  request.mutable_conventions()->add_output_size(1);
  EXPECT_EQ(Pool(request).output_sha256(), kHashOfOne);
  request.clear_conventions();
  request.set_kind(v1::POOLING_KIND_LP);
  *request.mutable_input() = Reals(v1::DATA_TYPE_BFLOAT16, {4}, {3, -4, 5, 12});
  request.mutable_conventions()->add_window(2);
  request.set_return_error_bounds(true);
  EXPECT_THAT(Values(Pool(request).output()), ElementsAre(5, 13));
  request.mutable_conventions()->set_p(1);
  EXPECT_THAT(Values(Pool(request).output()), ElementsAre(7, 17));
}

// ---- Operators of one element

TEST_F(OperatorNumbersTest, ActivationsInHalfPrecision) {
  v1::ActivateRequest request;
  *request.mutable_input() = Reals(v1::DATA_TYPE_FLOAT16, {2}, {-1, 1});
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_TANH);
  // tanh 1 = 0.76159..., between 1559 and 1560 of 2^-11.
  EXPECT_THAT(Values(Call<v1::ActivateResponse>("Activate", request).output()),
              ElementsAre(-1560.0 / 2048, 1560.0 / 2048));
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SOFTMAX);
  *request.mutable_input() = Reals(v1::DATA_TYPE_BFLOAT16, {2}, {3, 3});
  const auto softmax = Call<v1::ActivateResponse>("Activate", request);
  EXPECT_EQ(softmax.output().data_type(), v1::DATA_TYPE_BFLOAT16);
  EXPECT_THAT(Values(softmax.output()), ElementsAre(0.5, 0.5));
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_PRELU);
  *request.mutable_input() = Reals(v1::DATA_TYPE_FLOAT16, {2}, {-4, 3});
  *request.mutable_slope() = Reals(v1::DATA_TYPE_FLOAT16, {1}, {0.25});
  EXPECT_THAT(Values(Call<v1::ActivateResponse>("Activate", request).output()), ElementsAre(-1, 3));

  v1::ActivateBackwardRequest backward;
  *backward.mutable_input() = request.input();
  *backward.mutable_slope() = request.slope();
  *backward.mutable_activation() = request.activation();
  *backward.mutable_output_gradient() = Reals(v1::DATA_TYPE_FLOAT16, {2}, {8, 5});
  backward.set_return_slope_gradient(true);
  const auto gradients = Call<v1::ActivateBackwardResponse>("ActivateBackward", backward);
  EXPECT_THAT(Values(gradients.input_gradient()), ElementsAre(2, 5));
  EXPECT_THAT(Values(gradients.slope_gradient()), ElementsAre(-32));
}

TEST_F(OperatorNumbersTest, UnpoolingMovesWhateverTheTypeIs) {
  for (const v1::DataType type : {v1::DATA_TYPE_INT8, v1::DATA_TYPE_UINT8, v1::DATA_TYPE_INT32, v1::DATA_TYPE_INT64}) {
    v1::UnpoolRequest request;
    *request.mutable_input() = Integers(type, {2}, {5, 6});
    *request.mutable_indices() = Integers(v1::DATA_TYPE_INT64, {2}, {1, 2});
    request.mutable_conventions()->add_window(2);
    const auto response = Call<v1::UnpoolResponse>("Unpool", request);
    EXPECT_EQ(response.output().data_type(), type);
    EXPECT_THAT(response.output().integers().values(), ElementsAre(0, 5, 6, 0));
  }
  v1::UnpoolBackwardRequest backward;
  *backward.mutable_output_gradient() = Reals(v1::DATA_TYPE_BFLOAT16, {4}, {1, 2, 3, 4});
  *backward.mutable_indices() = Integers(v1::DATA_TYPE_INT64, {2}, {1, 2});
  backward.mutable_conventions()->add_window(2);
  EXPECT_THAT(Values(Call<v1::UnpoolBackwardResponse>("UnpoolBackward", backward).input_gradient()), ElementsAre(2, 3));
}

}  // namespace
}  // namespace tensord::contract
