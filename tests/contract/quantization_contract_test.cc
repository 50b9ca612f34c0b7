// Integers that stand for other numbers, as their clients see them. The large examples are those of ONNX's
// documentation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

class QuantizationContractTest : public ::testing::Test {
 protected:
  v1::ConvolveResponse Convolve(const v1::ConvolveRequest& request) {
    return CallParsed<v1::ConvolveResponse>(*door_->channel(), "tensord.v1.TensorService/Convolve", request);
  }

  const std::unique_ptr<Door> door_ = OpenDoor("InProcess", TestSettings());
};

v1::ConvolveRequest ConvInteger() {
  v1::ConvolveRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  *request.mutable_input() = Integers(v1::DATA_TYPE_UINT8, {1, 1, 3, 3}, {2, 3, 4, 5, 6, 7, 8, 9, 10});
  *request.mutable_filter() = Integers(v1::DATA_TYPE_UINT8, {1, 1, 2, 2}, {1, 1, 1, 1});
  request.mutable_quantization()->set_input_zero_point(1);
  return request;
}

TEST_F(QuantizationContractTest, ConvIntegerOfOnnx) {
  v1::ConvolveRequest request = ConvInteger();
  const v1::ConvolveResponse response = Convolve(request);
  EXPECT_EQ(response.output().data_type(), v1::DATA_TYPE_INT32);
  EXPECT_THAT(response.output().integers().values(), ElementsAre(12, 16, 24, 28));
  EXPECT_EQ(response.quantization().input_zero_point(), 1);
  EXPECT_THAT(response.quantization().filter_zero_points(), ElementsAre(0));
  EXPECT_FALSE(response.quantization().has_input_scale());
  EXPECT_FALSE(response.quantization().has_output_zero_point());
  // Padding reads the zero point.
  request.mutable_conventions()->mutable_padding()->set_mode(v1::PADDING_MODE_EXPLICIT);
  request.mutable_conventions()->mutable_padding()->add_begin(1);
  request.mutable_conventions()->mutable_padding()->add_end(1);
  EXPECT_THAT(Convolve(request).output().integers().values(),
              ElementsAre(1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9));
}

v1::ConvolveRequest QLinearConv() {
  v1::ConvolveRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  *request.mutable_input() =
      Integers(v1::DATA_TYPE_UINT8, {1, 1, 7, 7},
               {255, 174, 162, 25,  203, 168, 58,  15,  59,  237, 95,  129, 0,  64,  56, 242, 153,
                221, 168, 12,  166, 232, 178, 186, 195, 237, 162, 237, 188, 39, 124, 77, 80,  102,
                43,  127, 230, 21,  83,  41,  40,  134, 255, 154, 92,  141, 42, 148, 247});
  *request.mutable_filter() = Integers(v1::DATA_TYPE_UINT8, {1, 1, 1, 1}, {0});
  v1::Quantization& quantization = *request.mutable_quantization();
  quantization.set_input_zero_point(132);
  quantization.add_filter_zero_points(255);
  quantization.set_input_scale(0.00369204697F);
  quantization.add_filter_scales(0.00172794575F);
  quantization.set_output_scale(0.00162681262F);
  quantization.set_output_zero_point(123);
  return request;
}

TEST_F(QuantizationContractTest, QLinearConvOfOnnx) {
  v1::ConvolveRequest request = QLinearConv();
  const v1::ConvolveResponse response = Convolve(request);
  EXPECT_EQ(response.output().data_type(), v1::DATA_TYPE_UINT8);
  const std::vector<int64_t> expected = {0,   81,  93,  230, 52,  87,  197, 240, 196, 18,  160, 126, 255,
                                         191, 199, 13,  102, 34,  87,  243, 89,  23,  77,  69,  60,  18,
                                         93,  18,  67,  216, 131, 178, 175, 153, 212, 128, 25,  234, 172,
                                         214, 215, 121, 0,   101, 163, 114, 213, 107, 8};
  EXPECT_THAT(response.output().integers().values(), ElementsAreArray(expected));
  // What is echoed can be sent again.
  v1::ConvolveRequest again = request;
  again.clear_profile();
  *again.mutable_conventions() = response.conventions();
  *again.mutable_quantization() = response.quantization();
  again.set_accumulation(response.accumulation());
  again.set_output_type(response.output().data_type());
  v1::ConvolveResponse second = Convolve(again);
  second.set_profile(response.profile());
  EXPECT_EQ(second.SerializeAsString(), response.SerializeAsString());
  // The same numbers as int8, which are 128 less.
  v1::Tensor& input = *request.mutable_input();
  input.set_data_type(v1::DATA_TYPE_INT8);
  for (int64_t& value : *input.mutable_integers()->mutable_values()) value -= 128;
  request.mutable_quantization()->set_input_zero_point(132 - 128);
  request.mutable_quantization()->set_output_zero_point(123 - 128);
  std::vector<int64_t> shifted;
  for (const int64_t value : expected) shifted.push_back(value - 128);
  const v1::ConvolveResponse signed_response = Convolve(request);
  EXPECT_EQ(signed_response.output().data_type(), v1::DATA_TYPE_INT8);
  EXPECT_THAT(signed_response.output().integers().values(), ElementsAreArray(shifted));
}

TEST_F(QuantizationContractTest, EachOutputChannelHasItsZeroPointAndScale) {
  v1::ConvolveRequest request;
  *request.mutable_input() = Integers(v1::DATA_TYPE_INT8, {1, 1}, {10});
  request.mutable_input()->mutable_shape()->Resize(3, 1);  // 1 x 1 x 1, HWC
  *request.mutable_filter() = Integers(v1::DATA_TYPE_INT8, {1, 1, 1, 2}, {3, 7});
  *request.mutable_bias() = Integers(v1::DATA_TYPE_INT32, {2}, {1, 2});
  v1::Quantization& quantization = *request.mutable_quantization();
  for (const int64_t zero_point : {1, 2}) quantization.add_filter_zero_points(zero_point);
  // 10 * (3 - 1) + 1 and 10 * (7 - 2) + 2.
  EXPECT_THAT(Convolve(request).output().integers().values(), ElementsAre(21, 52));
  quantization.set_input_scale(1);
  for (const float scale : {0.5F, 0.125F}) quantization.add_filter_scales(scale);
  quantization.set_output_scale(1);
  request.set_output_type(v1::DATA_TYPE_UINT8);
  // 10.5 and 6.5 are ties, which go to the even number.
  EXPECT_THAT(Convolve(request).output().integers().values(), ElementsAre(10, 6));
}

// A denormal scale is a scale, although the server's arithmetic flushes denormals.
TEST_F(QuantizationContractTest, ADenormalScaleIsAScale) {
  v1::ConvolveRequest request;
  *request.mutable_input() = Integers(v1::DATA_TYPE_INT8, {1}, {10});
  *request.mutable_filter() = Integers(v1::DATA_TYPE_INT8, {1}, {3});
  v1::Quantization& quantization = *request.mutable_quantization();
  quantization.set_input_scale(std::ldexp(1.0F, -140));
  quantization.add_filter_scales(1);
  quantization.set_output_scale(std::ldexp(1.0F, -141));
  EXPECT_THAT(Convolve(request).output().integers().values(), ElementsAre(60));
}

}  // namespace
}  // namespace tensord::contract
