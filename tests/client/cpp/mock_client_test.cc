#include "client/cpp/mocks/mock_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensord/client/tensor.h"

namespace tensord::client {
namespace {

using ::testing::_;
using ::testing::Field;
using ::testing::Return;

// Something that programs against the interface.
bool IsReady(ClientInterface& client) {
  const absl::StatusOr<Health> health = client.CheckHealth("", {});
  return health.ok() && *health == Health::kServing && client.GetServerInfo({}).ok();
}

TEST(MockClientTest, AnswersAsTheTestSays) {
  MockClient client;
  EXPECT_CALL(client, CheckHealth("", _)).WillOnce(Return(Health::kServing)).WillOnce(Return(Health::kNotServing));
  v1::GetServerInfoResponse info;
  info.set_version("1.2.3");
  EXPECT_CALL(client, GetServerInfo(_, Field(&CallOptions::deadline, std::nullopt))).WillOnce(Return(info));
  EXPECT_TRUE(IsReady(client));
  EXPECT_FALSE(IsReady(client));
}

TEST(MockClientTest, CallsBackWithWhatTheTestSays) {
  MockClient client;
  EXPECT_CALL(client, ConvolveAsync)
      .WillOnce([](const v1::ConvolveRequest&, const CallOptions&, const Callback<v1::ConvolveResponse>& callback) {
        callback(absl::UnavailableError("no server"));
      });
  absl::Status status;
  client.ConvolveAsync({}, {}, [&](const absl::StatusOr<v1::ConvolveResponse>& answer) { status = answer.status(); });
  EXPECT_EQ(status, absl::UnavailableError("no server"));
}

}  // namespace
}  // namespace tensord::client
