// Pooling and unpooling as their clients see them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class PoolingContractTest : public ::testing::Test {
 protected:
  PoolingContractTest() : door_(OpenDoor("InProcess", TestSettings())) {}

  template <typename Response>
  Response Call(const std::string& rpc, const google::protobuf::Message& request) {
    return CallParsed<Response>(*door_->channel(), "tensord.v1.TensorService/" + rpc, request);
  }
  v1::PoolResponse Pool(const v1::PoolRequest& request) { return Call<v1::PoolResponse>("Pool", request); }

  // The same conventions give the same answer again.
  void ExpectEchoRepeats(v1::PoolRequest request) {
    const v1::PoolResponse first = Pool(request);
    *request.mutable_conventions() = first.conventions();
    EXPECT_EQ(Pool(request).SerializeAsString(), first.SerializeAsString());
  }

  const std::unique_ptr<Door> door_;
};

v1::PoolRequest Signal(v1::PoolingKind kind) {
  v1::PoolRequest request;
  request.set_kind(kind);
  *request.mutable_input() = Floats({7}, {1, 2, 3, 2, 0, 10, -1});
  return request;
}

TEST_F(PoolingContractTest, NormsOfWindows) {
  v1::PoolRequest request;
  request.set_kind(v1::POOLING_KIND_LP);
  *request.mutable_input() = Floats({4}, {3, -4, 5, 12});
  request.mutable_conventions()->add_window(2);
  const v1::PoolResponse response = Pool(request);
  EXPECT_THAT(Values(response.output()), ElementsAre(5, 13));
  EXPECT_EQ(response.conventions().p(), 2);
  EXPECT_EQ(response.conventions().window_mode(), v1::WINDOW_MODE_EXPLICIT);
  EXPECT_EQ(response.conventions().tie_rule(), v1::TIE_RULE_UNSPECIFIED);
  ExpectEchoRepeats(request);
  request.mutable_conventions()->set_p(1);
  EXPECT_THAT(Values(Pool(request).output()), ElementsAre(7, 17));

  v1::PoolBackwardRequest backward;
  backward.set_kind(v1::POOLING_KIND_LP);
  *backward.mutable_input() = request.input();
  *backward.mutable_output_gradient() = Floats({2}, {5, 26});
  backward.mutable_conventions()->add_window(2);
  EXPECT_THAT(Values(Call<v1::PoolBackwardResponse>("PoolBackward", backward).input_gradient()),
              ElementsAre(3, -4, 10, 24));
}

TEST_F(PoolingContractTest, AGlobalWindow) {
  v1::PoolRequest request = Signal(v1::POOLING_KIND_MAX);
  request.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_GLOBAL);
  request.set_return_indices(true);
  const v1::PoolResponse response = Pool(request);
  EXPECT_THAT(Values(response.output()), ElementsAre(10));
  EXPECT_THAT(Values(response.indices()), ElementsAre(5));
  EXPECT_THAT(response.conventions().window(), ElementsAre(7));
  EXPECT_THAT(response.conventions().strides(), IsEmpty());
  EXPECT_FALSE(response.conventions().has_padding());
  EXPECT_EQ(response.conventions().length_rule(), v1::LENGTH_RULE_UNSPECIFIED);
  ExpectEchoRepeats(request);
}

TEST_F(PoolingContractTest, AdaptiveWindows) {
  v1::PoolRequest request = Signal(v1::POOLING_KIND_MAX);
  request.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
  request.mutable_conventions()->add_output_size(3);
  request.set_return_indices(true);
  const v1::PoolResponse response = Pool(request);
  EXPECT_THAT(Values(response.output()), ElementsAre(3, 3, 10));
  EXPECT_THAT(Values(response.indices()), ElementsAre(2, 2, 5));
  EXPECT_THAT(response.conventions().output_size(), ElementsAre(3));
  EXPECT_THAT(response.conventions().window(), IsEmpty());
  ExpectEchoRepeats(request);
  request.set_kind(v1::POOLING_KIND_AVERAGE);
  request.set_return_indices(false);
  EXPECT_THAT(Values(Pool(request).output()), ElementsAre(2, 5.0F / 3, 3));
  ExpectEchoRepeats(request);
}

TEST_F(PoolingContractTest, TiesAreBrokenAsAsked) {
  v1::PoolBackwardRequest request;
  request.set_kind(v1::POOLING_KIND_MAX);
  *request.mutable_input() = Floats({4}, {3, 1, 3, 3});
  *request.mutable_output_gradient() = Floats({1}, {12});
  request.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_GLOBAL);
  const auto gradient = [&](v1::TieRule rule) {
    request.mutable_conventions()->set_tie_rule(rule);
    const auto response = Call<v1::PoolBackwardResponse>("PoolBackward", request);
    EXPECT_EQ(response.conventions().tie_rule(), rule == v1::TIE_RULE_UNSPECIFIED ? v1::TIE_RULE_FIRST : rule);
    return Values(response.input_gradient());
  };
  EXPECT_THAT(gradient(v1::TIE_RULE_UNSPECIFIED), ElementsAre(12, 0, 0, 0));
  EXPECT_THAT(gradient(v1::TIE_RULE_ALL), ElementsAre(12, 0, 12, 12));
  EXPECT_THAT(gradient(v1::TIE_RULE_SPLIT), ElementsAre(4, 0, 4, 4));
}

TEST_F(PoolingContractTest, AnEmptyWindowIsAnsweredWhereThatIsAskedFor) {
  v1::PoolRequest request;
  request.set_kind(v1::POOLING_KIND_MAX);
  *request.mutable_input() = Floats({2}, {-7, 3});
  request.mutable_conventions()->add_window(1);
  request.mutable_conventions()->mutable_padding()->add_begin(1);
  request.mutable_conventions()->set_empty_window(v1::EMPTY_WINDOW_NEGATIVE_INFINITY);
  request.set_return_indices(true);
  const v1::PoolResponse response = Pool(request);
  EXPECT_THAT(Values(response.output()), ElementsAre(-kInfinity, -7, 3, -kInfinity));
  EXPECT_THAT(Values(response.indices()), ElementsAre(-1, 0, 1, -1));
  ExpectEchoRepeats(request);

  v1::UnpoolRequest unpool;
  *unpool.mutable_input() = response.output();
  *unpool.mutable_indices() = response.indices();
  *unpool.mutable_conventions() = response.conventions();
  EXPECT_THAT(Values(Call<v1::UnpoolResponse>("Unpool", unpool).output()), ElementsAre(-7, 3));
}

TEST_F(PoolingContractTest, UnpoolingUndoesPoolingUnderEveryProfile) {
  for (int profile = 0; profile < v1::ConventionProfile_ARRAYSIZE; ++profile) {
    v1::PoolRequest pool = GoodPool();
    pool.set_profile(static_cast<v1::ConventionProfile>(profile));
    pool.mutable_conventions()->add_strides(2);
    const v1::PoolResponse pooled = Pool(pool);
    v1::UnpoolRequest unpool;
    *unpool.mutable_input() = pooled.output();
    *unpool.mutable_indices() = pooled.indices();
    unpool.set_profile(pool.profile());
    *unpool.mutable_conventions() = pooled.conventions();
    *unpool.mutable_output_shape() = pool.input().shape();
    unpool.set_index_range(v1::INDEX_RANGE_WINDOW);
    const auto unpooled = Call<v1::UnpoolResponse>("Unpool", unpool);
    EXPECT_EQ(unpooled.index_range(), v1::INDEX_RANGE_WINDOW);
    EXPECT_EQ(unpooled.conventions().SerializeAsString(), pooled.conventions().SerializeAsString());
    EXPECT_EQ(unpooled.output().axes(), pooled.output().axes());
    *pool.mutable_input() = unpooled.output();
    EXPECT_EQ(Values(Pool(pool).output()), Values(pooled.output()));

    v1::UnpoolBackwardRequest backward;
    *backward.mutable_indices() = pooled.indices();
    *backward.mutable_output_gradient() = unpooled.output();
    backward.set_profile(pool.profile());
    *backward.mutable_conventions() = pooled.conventions();
    const auto gradient = Call<v1::UnpoolBackwardResponse>("UnpoolBackward", backward);
    EXPECT_EQ(Values(gradient.input_gradient()), Values(pooled.output()));
    EXPECT_EQ(gradient.index_range(), v1::INDEX_RANGE_PLANE);
  }
}

TEST_F(PoolingContractTest, IndicesMayBeOfAnyIntegerType) {
  v1::UnpoolRequest request;
  *request.mutable_input() = Floats({2}, {7, 8});
  request.mutable_conventions()->add_window(2);
  request.mutable_indices()->add_shape(2);
  const auto unpooled = [&] { return Values(Call<v1::UnpoolResponse>("Unpool", request).output()); };
  for (const v1::DataType type : {v1::DATA_TYPE_INT8, v1::DATA_TYPE_UINT8, v1::DATA_TYPE_INT32, v1::DATA_TYPE_INT64}) {
    request.mutable_indices()->set_data_type(type);
    request.mutable_indices()->clear_data();
    request.mutable_indices()->mutable_integers()->add_values(1);
    request.mutable_indices()->mutable_integers()->add_values(2);
    EXPECT_THAT(unpooled(), ElementsAre(0, 7, 8, 0)) << v1::DataType_Name(type);
    const size_t size = type == v1::DATA_TYPE_INT64 ? 8 : type == v1::DATA_TYPE_INT32 ? 4 : 1;
    std::string bytes(2 * size, '\0');
    bytes[0] = 1;
    bytes[size] = 2;
    request.mutable_indices()->set_data(bytes);
    EXPECT_THAT(unpooled(), ElementsAre(0, 7, 8, 0)) << v1::DataType_Name(type);
  }
}

TEST_F(PoolingContractTest, AnalysisKnowsTheModes) {
  v1::AnalyzeLayerRequest request = GoodAnalyzePooling();
  v1::PoolingLayer& layer = *request.mutable_pooling();
  layer.mutable_input_shape(1)->set_symbol("H");
  layer.mutable_conventions()->clear_window();
  layer.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_GLOBAL);
  const auto analyze = [&] {
    const Answer answer =
        CallRaw(*door_->channel(), "tensord.v1.AnalysisService/AnalyzeLayer", request.SerializeAsString());
    EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
    v1::AnalyzeLayerResponse response;
    EXPECT_TRUE(response.ParseFromString(answer.bytes));
    return response;
  };
  const v1::AnalyzeLayerResponse global = analyze();
  EXPECT_EQ(global.output_shape(1).value(), 1);
  EXPECT_EQ(global.output_shape(2).value(), 1);
  EXPECT_EQ(global.comparison_count().expression(), "H*24 - 6");
  EXPECT_EQ(global.pooling_conventions().window_mode(), v1::WINDOW_MODE_GLOBAL);
  EXPECT_THAT(global.pooling_conventions().window(), IsEmpty());  // one of them is a symbol
  layer.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
  layer.mutable_conventions()->add_output_size(2);
  const v1::AnalyzeLayerResponse adaptive = analyze();
  EXPECT_EQ(adaptive.output_shape(1).value(), 2);
  EXPECT_THAT(adaptive.pooling_conventions().output_size(), ElementsAre(2, 2));
}

}  // namespace
}  // namespace tensord::contract
