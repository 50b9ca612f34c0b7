#include "server/local_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tensord/v1/tensor_service.grpc.pb.h"
#include "tests/server/fake_services.h"
#include "tests/server/rpc_helpers.h"
#include "tests/support/matchers.h"

namespace tensord::server {
namespace {

using grpc::health::v1::HealthCheckResponse;
using test_support::StatusIs;
using testing::CallServerInfo;
using testing::CheckHealth;
using testing::FakeControl;

class LocalServerTest : public ::testing::Test {
 protected:
  LocalServerTest() { FakeControl::Get().Reset(); }
};

TEST_F(LocalServerTest, AnswersCallsAndHealth) {
  const auto server = LocalServer::Start(Settings());
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(CallServerInfo((*server)->channel()).ok());
  EXPECT_EQ(CheckHealth((*server)->channel()), HealthCheckResponse::SERVING);
  EXPECT_EQ(CheckHealth((*server)->channel(), "tensord.v1.TensorService"), HealthCheckResponse::SERVING);
}

TEST_F(LocalServerTest, SeveralLiveSideBySide) {
  const auto first = LocalServer::Start(Settings());
  auto second = LocalServer::Start(Settings());
  ASSERT_TRUE(first.ok() && second.ok());
  second->reset();
  EXPECT_TRUE(CallServerInfo((*first)->channel()).ok());
}

TEST_F(LocalServerTest, RefusesBadSettings) {
  Settings settings;
  settings.queue = -1;
  EXPECT_THAT(LocalServer::Start(settings), StatusIs(absl::StatusCode::kInvalidArgument, "queue is \"-1\""));
}

TEST_F(LocalServerTest, ChannelThatIsNotUsedMayOutliveTheServer) {
  auto server = LocalServer::Start(Settings());
  ASSERT_TRUE(server.ok());
  auto channel = (*server)->channel();
  EXPECT_TRUE(CallServerInfo(channel).ok());
  server->reset();
  channel.reset();
}

TEST_F(LocalServerTest, DestructionCancelsRunningCalls) {
  auto server = LocalServer::Start(Settings());
  ASSERT_TRUE(server.ok());
  auto call = std::async(std::launch::async, [channel = (*server)->channel()] {
    grpc::ClientContext context;
    testing::SetGenerousDeadline(context);
    v1::ActivateResponse response;
    return v1::TensorService::NewStub(channel)->Activate(&context, {}, &response);
  });
  FakeControl::Get().WaitUntilRunning(1);
  server->reset();
  EXPECT_FALSE(call.get().ok());
}

}  // namespace
}  // namespace tensord::server
