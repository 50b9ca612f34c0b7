// Numbers with a proof, as their clients see them: accumulations, types, bounds of the error, hashes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

using ::testing::ElementsAre;

constexpr std::array kAccumulations = {v1::ACCUMULATION_FAST, v1::ACCUMULATION_FAITHFUL, v1::ACCUMULATION_EXACT};

std::string Sha256Of(const std::string& bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

class NumbersContractTest : public ::testing::Test {
 protected:
  NumbersContractTest() : door_(OpenDoor("InProcess", TestSettings())) {}

  template <typename Response>
  Response Call(const std::string& rpc, const google::protobuf::Message& request) {
    return CallParsed<Response>(*door_->channel(), "tensord.v1.TensorService/" + rpc, request);
  }
  v1::ConvolveResponse Convolve(const v1::ConvolveRequest& request) {
    return Call<v1::ConvolveResponse>("Convolve", request);
  }
  Answer Refused(const std::string& rpc, const google::protobuf::Message& request) {
    return CallRaw(*door_->channel(), "tensord.v1.TensorService/" + rpc, request.SerializeAsString());
  }

  const std::unique_ptr<Door> door_;
};

v1::ConvolveRequest Cancelling() {
  v1::ConvolveRequest request;
  *request.mutable_input() = Floats({3}, {1e8F, 1, -1e8F});
  *request.mutable_filter() = Floats({3}, {1, 1, 1});
  return request;
}

TEST_F(NumbersContractTest, AccumulationsDifferWhereTermsCancel) {
  v1::ConvolveRequest request = Cancelling();
  const v1::ConvolveResponse plain = Convolve(request);
  EXPECT_THAT(Values(plain.output()), ElementsAre(0));
  EXPECT_EQ(plain.accumulation(), v1::ACCUMULATION_FAST);
  EXPECT_EQ(plain.output_sha256(), "");
  EXPECT_FALSE(plain.has_error_bounds());
  EXPECT_FALSE(plain.has_quantization());
  request.set_accumulation(v1::ACCUMULATION_FAST);
  EXPECT_EQ(Convolve(request).SerializeAsString(), plain.SerializeAsString());
  request.set_accumulation(v1::ACCUMULATION_FAITHFUL);
  const v1::ConvolveResponse faithful = Convolve(request);
  EXPECT_THAT(Values(faithful.output()), ElementsAre(1));
  EXPECT_EQ(faithful.accumulation(), v1::ACCUMULATION_FAITHFUL);
  EXPECT_EQ(faithful.output_sha256(), "");
  // The same in float64, where FAITHFUL is no better than FAST.
  *request.mutable_input() = Reals(v1::DATA_TYPE_FLOAT64, {3}, {1e17, 1, -1e17});
  *request.mutable_filter() = Reals(v1::DATA_TYPE_FLOAT64, {3}, {1, 1, 1});
  EXPECT_THAT(Values(Convolve(request).output()), ElementsAre(0));
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  EXPECT_THAT(Values(Convolve(request).output()), ElementsAre(1));
}

TEST_F(NumbersContractTest, ExactAnswersCarryTheirHash) {
  v1::ConvolveRequest request = Cancelling();
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  const v1::ConvolveResponse response = Convolve(request);
  EXPECT_THAT(Values(response.output()), ElementsAre(1));
  EXPECT_EQ(response.accumulation(), v1::ACCUMULATION_EXACT);
  // printf '\0\0\200\077' | sha256sum
  EXPECT_EQ(response.output_sha256(), "e00e5eb9444182f352323374ef4e08ebcb784725fdd4fd612d7730540b3e0c8c");
  EXPECT_EQ(response.output_sha256(), Sha256Of(response.output().data()));
  // The hash is of the bytes, in whatever form the numbers travel.
  *request.mutable_input() = Reals(v1::DATA_TYPE_FLOAT32, {3}, {1e8, 1, -1e8});
  *request.mutable_filter() = Reals(v1::DATA_TYPE_FLOAT32, {3}, {1, 1, 1});
  const v1::ConvolveResponse typed = Convolve(request);
  EXPECT_TRUE(typed.output().has_doubles());
  EXPECT_EQ(typed.output_sha256(), response.output_sha256());
}

// Values that cancel badly, of many magnitudes.
std::vector<float> Wild(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> mantissa(-1, 1);
  std::uniform_int_distribution<int> exponent(-30, 30);
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) values.push_back(std::ldexp(mantissa(random), exponent(random)));
  return values;
}

v1::ConvolveRequest WildConvolve() {
  v1::ConvolveRequest request;
  *request.mutable_input() = Floats({2, 33, 31, 4}, Wild(2 * 33 * 31 * 4, 1));
  *request.mutable_filter() = Floats({3, 3, 4, 5}, Wild(3 * 3 * 4 * 5, 2));
  *request.mutable_bias() = Floats({5}, Wild(5, 3));
  return request;
}

v1::ConvolveBackwardRequest WildConvolveBackward() {
  const v1::ConvolveRequest forward = WildConvolve();
  v1::ConvolveBackwardRequest request;
  *request.mutable_input() = forward.input();
  *request.mutable_filter() = forward.filter();
  *request.mutable_bias() = forward.bias();
  *request.mutable_output_gradient() = Floats({2, 31, 29, 5}, Wild(2 * 31 * 29 * 5, 4));
  for (const v1::ConvolutionGradient gradient :
       {v1::CONVOLUTION_GRADIENT_INPUT, v1::CONVOLUTION_GRADIENT_FILTER, v1::CONVOLUTION_GRADIENT_BIAS}) {
    request.add_gradients(gradient);
  }
  return request;
}

TEST(NumbersContractThreadsTest, ExactHashesAreTheSameForAnyNumberOfThreads) {
  std::vector<std::string> hashes;
  for (const int threads : {1, 2, 8}) {
    server::Settings settings = TestSettings();
    settings.threads = threads;
    const std::unique_ptr<Door> door = OpenDoor("InProcess", settings);
    v1::ConvolveRequest request = WildConvolve();
    request.set_accumulation(v1::ACCUMULATION_EXACT);
    const auto response =
        CallParsed<v1::ConvolveResponse>(*door->channel(), "tensord.v1.TensorService/Convolve", request);
    v1::ConvolveBackwardRequest backward = WildConvolveBackward();
    backward.set_accumulation(v1::ACCUMULATION_EXACT);
    const auto gradients = CallParsed<v1::ConvolveBackwardResponse>(
        *door->channel(), "tensord.v1.TensorService/ConvolveBackward", backward);
    EXPECT_EQ(response.output_sha256(), Sha256Of(response.output().data()));
    EXPECT_EQ(gradients.input_gradient_sha256(), Sha256Of(gradients.input_gradient().data()));
    EXPECT_EQ(gradients.filter_gradient_sha256(), Sha256Of(gradients.filter_gradient().data()));
    EXPECT_EQ(gradients.bias_gradient_sha256(), Sha256Of(gradients.bias_gradient().data()));
    EXPECT_EQ(gradients.pre_activation_gradient_sha256(), "");
    v1::ConvolveTransposeRequest transposed;
    *transposed.mutable_input() = request.input();
    *transposed.mutable_filter() = request.filter();
    transposed.mutable_conventions()->add_strides(2);
    transposed.set_accumulation(v1::ACCUMULATION_EXACT);
    const auto spread = CallParsed<v1::ConvolveTransposeResponse>(
        *door->channel(), "tensord.v1.TensorService/ConvolveTranspose", transposed);
    EXPECT_EQ(spread.output_sha256(), Sha256Of(spread.output().data()));
    hashes.push_back(response.output_sha256() + gradients.input_gradient_sha256() + gradients.filter_gradient_sha256() +
                     gradients.bias_gradient_sha256() + spread.output_sha256());
  }
  EXPECT_EQ(hashes[1], hashes[0]);
  EXPECT_EQ(hashes[2], hashes[0]);
}

// ---- Bounds

// Checks a result and its bounds against the exact values, which are known to within 2^-60 of `magnitudes`.
void ExpectWithin(const std::vector<double>& results, const std::vector<double>& bounds,
                  const std::vector<long double>& exact, const std::vector<long double>& magnitudes) {
  ASSERT_EQ(results.size(), exact.size());
  ASSERT_EQ(bounds.size(), exact.size());
  for (size_t i = 0; i < exact.size(); ++i) {
    const long double error = std::fabs(static_cast<long double>(results[i]) - exact[i]);
    ASSERT_LE(error, static_cast<long double>(bounds[i]) + magnitudes[i] * 0x1p-60L) << "element " << i;
  }
}

TEST_F(NumbersContractTest, BoundsHoldInEveryAccumulation) {
  // z[y] = sum over k of x[y + k] w[k]: 64 outputs of 20 terms, whose products are exact in long double.
  const std::vector<float> x = Wild(83, 5);
  const std::vector<float> w = Wild(20, 6);
  std::vector<long double> exact(64);
  std::vector<long double> magnitudes(64);
  for (size_t y = 0; y < 64; ++y) {
    for (size_t k = 0; k < 20; ++k) {
      const long double product = static_cast<long double>(x[y + k]) * w[k];
      exact[y] += product;
      magnitudes[y] += std::fabs(product);
    }
  }
  v1::ConvolveRequest request;
  *request.mutable_input() = Floats({83}, x);
  *request.mutable_filter() = Floats({20}, w);
  request.set_return_error_bounds(true);
  v1::ConvolveRequest reversed = request;
  *reversed.mutable_input() = Floats({83}, {x.rbegin(), x.rend()});
  *reversed.mutable_filter() = Floats({20}, {w.rbegin(), w.rend()});
  std::vector<double> other_order = Values(Convolve(reversed).output());
  std::reverse(other_order.begin(), other_order.end());
  double largest_fast = 0;
  for (const v1::Accumulation accumulation : kAccumulations) {
    request.set_accumulation(accumulation);
    const v1::ConvolveResponse response = Convolve(request);
    const v1::ErrorBounds& bounds = response.error_bounds();
    EXPECT_EQ(bounds.computed().data_type(), v1::DATA_TYPE_FLOAT64);
    EXPECT_EQ(bounds.computed().axes(), "W");
    EXPECT_THAT(bounds.any_order().shape(), ElementsAre(64));
    ExpectWithin(Values(response.output()), Values(bounds.computed()), exact, magnitudes);
    ExpectWithin(Values(response.output()), Values(bounds.any_order()), exact, magnitudes);
    ExpectWithin(other_order, Values(bounds.any_order()), exact, magnitudes);
    const std::vector<double> computed = Values(bounds.computed());
    const double largest = *std::max_element(computed.begin(), computed.end());
    if (accumulation == v1::ACCUMULATION_FAST) largest_fast = largest;
    EXPECT_LE(largest, largest_fast);
  }
}

TEST_F(NumbersContractTest, BoundsOfGradientsAreThoseAskedFor) {
  v1::ConvolveBackwardRequest request;
  *request.mutable_input() = Floats({4}, {1, 0.1F, -2, 0.3F});
  *request.mutable_filter() = Floats({2}, {0.7F, -0.2F});
  *request.mutable_output_gradient() = Floats({3}, {0.1F, 0.2F, -0.3F});
  request.add_gradients(v1::CONVOLUTION_GRADIENT_FILTER);
  request.set_return_error_bounds(true);
  const auto response = Call<v1::ConvolveBackwardResponse>("ConvolveBackward", request);
  EXPECT_FALSE(response.has_input_gradient_error_bounds());
  EXPECT_FALSE(response.has_bias_gradient_error_bounds());
  const std::vector<float> x = {1, 0.1F, -2, 0.3F};
  const std::vector<float> dz = {0.1F, 0.2F, -0.3F};
  std::vector<long double> exact(2);
  for (size_t k = 0; k < 2; ++k) {
    for (size_t y = 0; y < 3; ++y) exact[k] += static_cast<long double>(x[y + k]) * dz[y];
  }
  ExpectWithin(Values(response.filter_gradient()), Values(response.filter_gradient_error_bounds().computed()), exact,
               {1, 1});
  // Nothing is exact here: a bound of 0 would be wrong.
  for (const double bound : Values(response.filter_gradient_error_bounds().computed())) EXPECT_GT(bound, 0);
}

TEST_F(NumbersContractTest, SumsOfIntegersAreWithinZero) {
  v1::ConvolveRequest request;
  *request.mutable_input() = Integers(v1::DATA_TYPE_INT8, {3}, {1, -2, 3});
  *request.mutable_filter() = Integers(v1::DATA_TYPE_UINT8, {2}, {255, 2});
  request.set_return_error_bounds(true);
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  const v1::ConvolveResponse response = Convolve(request);
  EXPECT_EQ(response.output().data_type(), v1::DATA_TYPE_INT32);
  EXPECT_THAT(response.output().integers().values(), ElementsAre(251, -504));
  EXPECT_THAT(Values(response.error_bounds().computed()), ElementsAre(0, 0));
  EXPECT_THAT(Values(response.error_bounds().any_order()), ElementsAre(0, 0));
  const std::array<int32_t, 2> elements = {251, -504};
  EXPECT_EQ(response.output_sha256(), Sha256Of(std::string(reinterpret_cast<const char*>(elements.data()), 8)));
}

// ---- Types

TEST_F(NumbersContractTest, HalfPrecisionIsSummedWiderAndRoundedOnce) {
  v1::ConvolveRequest request;
  // In float16 itself 2048 + 1 is 2048, and 256 + 1 is 256 in bfloat16.
  *request.mutable_input() = Reals(v1::DATA_TYPE_FLOAT16, {3}, {2048, 1, 1});
  *request.mutable_filter() = Reals(v1::DATA_TYPE_FLOAT16, {3}, {1, 1, 1});
  EXPECT_THAT(Values(Convolve(request).output()), ElementsAre(2050));
  EXPECT_EQ(Convolve(request).output().data_type(), v1::DATA_TYPE_FLOAT16);
  *request.mutable_input() = Reals(v1::DATA_TYPE_BFLOAT16, {3}, {256, 1, 1});
  *request.mutable_filter() = Reals(v1::DATA_TYPE_BFLOAT16, {3}, {1, 1, 1});
  EXPECT_THAT(Values(Convolve(request).output()), ElementsAre(258));
  // As bytes: 1.5, 2 and 0.25 by -1 are bf c0 be in their upper bytes.
  v1::Tensor& input = *request.mutable_input();
  input.set_data(std::string("\xc0\x3f\x00\x40\x80\x3e", 6));
  v1::Tensor& filter = *request.mutable_filter();
  filter.mutable_shape()->Set(0, 1);
  filter.set_data(std::string("\x80\xbf", 2));
  EXPECT_EQ(Convolve(request).output().data(), std::string("\xc0\xbf\x00\xc0\x80\xbe", 6));
}

TEST_F(NumbersContractTest, WideIntegersAreExact) {
  v1::ConvolveRequest request;
  const int64_t big = (int64_t{1} << 53) + 1;  // no double
  *request.mutable_input() = Integers(v1::DATA_TYPE_INT64, {2}, {big, -big});
  *request.mutable_filter() = Integers(v1::DATA_TYPE_INT64, {1}, {1023});
  *request.mutable_bias() = Integers(v1::DATA_TYPE_INT64, {1}, {-1});
  EXPECT_THAT(Convolve(request).output().integers().values(), ElementsAre(big * 1023 - 1, -big * 1023 - 1));
}

TEST_F(NumbersContractTest, AnIntegerBeyondItsTypeIsNamed) {
  v1::ConvolveRequest request;
  *request.mutable_input() = Integers(v1::DATA_TYPE_INT32, {1, 3}, {1, 65536, 65536});
  *request.mutable_filter() = Integers(v1::DATA_TYPE_INT32, {1, 1}, {65536});
  const Answer answer = Refused("Convolve", request);
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const std::optional<std::string> description = answer.ViolationOf("output[0, 1]");
  ASSERT_TRUE(description.has_value()) << answer.status.error_message();
  EXPECT_THAT(*description, ::testing::HasSubstr("beyond int32"));
  request.set_output_type(v1::DATA_TYPE_INT64);
  EXPECT_THAT(Convolve(request).output().integers().values(), ElementsAre(65536, int64_t{1} << 32, int64_t{1} << 32));
}

TEST_F(NumbersContractTest, DenormalsCountAsZeroInFastSumsOnly) {
  for (const bool typed : {false, true}) {
    v1::ConvolveRequest request;
    const float tiny = std::ldexp(3.0F, -140);
    *request.mutable_input() = typed ? Reals(v1::DATA_TYPE_FLOAT32, {1}, {tiny}) : Floats({1}, {tiny});
    *request.mutable_filter() = typed ? Reals(v1::DATA_TYPE_FLOAT32, {1}, {1}) : Floats({1}, {1});
    EXPECT_THAT(Values(Convolve(request).output()), ElementsAre(0));
    for (const v1::Accumulation accumulation : {v1::ACCUMULATION_FAITHFUL, v1::ACCUMULATION_EXACT}) {
      request.set_accumulation(accumulation);
      EXPECT_THAT(Values(Convolve(request).output()), ElementsAre(tiny)) << typed;
    }
  }
}

// ---- Pooling

v1::PoolRequest Averaging(const v1::Tensor& input, int64_t window) {
  v1::PoolRequest request;
  request.set_kind(v1::POOLING_KIND_AVERAGE);
  *request.mutable_input() = input;
  request.mutable_conventions()->add_window(window);
  return request;
}

TEST_F(NumbersContractTest, AveragesThatCancel) {
  v1::PoolRequest request = Averaging(Floats({3}, {1e8F, 3, -1e8F}), 3);
  const auto fast = Call<v1::PoolResponse>("Pool", request);
  EXPECT_THAT(Values(fast.output()), ElementsAre(0));
  EXPECT_EQ(fast.accumulation(), v1::ACCUMULATION_FAST);
  EXPECT_EQ(fast.output_sha256(), "");
  request.set_accumulation(v1::ACCUMULATION_FAITHFUL);
  EXPECT_THAT(Values(Call<v1::PoolResponse>("Pool", request).output()), ElementsAre(1));
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  const auto exact = Call<v1::PoolResponse>("Pool", request);
  EXPECT_THAT(Values(exact.output()), ElementsAre(1));
  EXPECT_EQ(exact.accumulation(), v1::ACCUMULATION_EXACT);
  EXPECT_EQ(exact.output_sha256(), "e00e5eb9444182f352323374ef4e08ebcb784725fdd4fd612d7730540b3e0c8c");
}

TEST_F(NumbersContractTest, AveragesOfIntegersNeedAType) {
  v1::PoolRequest request = Averaging(Integers(v1::DATA_TYPE_UINT8, {4}, {255, 254, 0, 1}), 2);
  const Answer refused = Refused("Pool", request);
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(refused.ViolationOf("output_type").has_value()) << refused.status.error_message();
  request.set_output_type(v1::DATA_TYPE_FLOAT64);
  request.set_return_error_bounds(true);
  const auto response = Call<v1::PoolResponse>("Pool", request);
  EXPECT_EQ(response.output().data_type(), v1::DATA_TYPE_FLOAT64);
  EXPECT_THAT(Values(response.output()), ElementsAre(254.5, 0.5));
  for (const double bound : Values(response.error_bounds().computed())) EXPECT_LT(bound, 1e-13);
}

TEST_F(NumbersContractTest, MaximaOfIntegersAndTheirPlaces) {
  v1::PoolRequest request = Averaging(Integers(v1::DATA_TYPE_INT64, {4}, {(int64_t{1} << 60) + 1, 1 << 30, -5, -6}), 2);
  request.set_kind(v1::POOLING_KIND_MAX);
  request.set_return_indices(true);
  const auto response = Call<v1::PoolResponse>("Pool", request);
  EXPECT_THAT(response.output().integers().values(), ElementsAre((int64_t{1} << 60) + 1, -5));
  EXPECT_THAT(response.indices().integers().values(), ElementsAre(0, 2));
}

TEST_F(NumbersContractTest, BoundsOfAveragesHold) {
  const std::vector<float> x = Wild(64, 7);
  v1::PoolRequest request = Averaging(Floats({64}, x), 16);
  request.set_return_error_bounds(true);
  std::vector<long double> exact(4);
  std::vector<long double> magnitudes(4);
  for (size_t i = 0; i < x.size(); ++i) {
    exact[i / 16] += static_cast<long double>(x[i]) / 16;
    magnitudes[i / 16] += std::fabs(x[i]);
  }
  for (const v1::Accumulation accumulation : kAccumulations) {
    request.set_accumulation(accumulation);
    const auto response = Call<v1::PoolResponse>("Pool", request);
    ExpectWithin(Values(response.output()), Values(response.error_bounds().computed()), exact, magnitudes);
    ExpectWithin(Values(response.output()), Values(response.error_bounds().any_order()), exact, magnitudes);
  }
}

}  // namespace
}  // namespace tensord::contract
