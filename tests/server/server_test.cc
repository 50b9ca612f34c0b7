#include "server/server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "server/config.h"
#include "tensord/v1/tensor_service.grpc.pb.h"
#include "tests/server/fake_services.h"
#include "tests/server/rpc_helpers.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace tensord::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using test_support::StatusIs;
using testing::AskReflection;
using testing::CallServerInfo;
using testing::CheckHealth;
using testing::Connect;
using testing::FakeControl;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::TemporaryDirectory;

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    FakeControl::Get().Reset();
    settings_.listen = {"127.0.0.1:0"};
    settings_.threads = 4;
  }

  std::unique_ptr<Server> Start() {
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Create(settings_, &metrics_, &log_);
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }
  absl::Status StartFailure() { return Server::Create(settings_, &metrics_, &log_).status(); }

  // A call that runs until the test releases it.
  static std::future<grpc::Status> StartHeldCall(const std::shared_ptr<grpc::Channel>& channel) {
    return std::async(std::launch::async, [channel] {
      const auto stub = v1::TensorService::NewStub(channel);
      grpc::ClientContext context;
      testing::SetGenerousDeadline(context);
      v1::ActivateResponse response;
      return stub->Activate(&context, {}, &response);
    });
  }

  TemporaryDirectory folder_;
  Settings settings_;
  NoopMetrics metrics_;
  NullLog log_;
};

TEST_F(ServerTest, ListensOnTcpVersionsAndUnixSocketAtOnce) {
  settings_.listen = {"127.0.0.1:0", "unix:" + folder_.path("a.sock"), "[::1]:0", "localhost:0"};
  const auto server = Start();
  ASSERT_EQ(server->listeners().size(), 4U);
  EXPECT_THAT(server->listeners()[0].address, MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  EXPECT_EQ(server->listeners()[1].address, settings_.listen[1]);
  EXPECT_THAT(server->listeners()[2].address, MatchesRegex("\\[::1\\]:[1-9][0-9]*"));
  for (const Listener& listener : server->listeners()) {
    EXPECT_FALSE(listener.tls);
    // By number, as c-ares leaks some bytes when it resolves localhost, which the leak checker would report.
    const bool by_name = listener.address.rfind("localhost:", 0) == 0;
    const auto channel = Connect(by_name ? "127.0.0.1" + listener.address.substr(9) : listener.address);
    EXPECT_EQ(CheckHealth(channel), HealthCheckResponse::SERVING) << listener.address;
    EXPECT_TRUE(CallServerInfo(channel).ok()) << listener.address;
  }
}

TEST_F(ServerTest, HealthKnowsEachServiceAndNoOther) {
  const auto server = Start();
  const auto channel = Connect(server->listeners()[0].address);
  for (const char* name : {"", "tensord.v1.TensorService", "tensord.v1.AnalysisService", "tensord.v1.ServerService"}) {
    EXPECT_EQ(CheckHealth(channel, name), HealthCheckResponse::SERVING) << name;
  }
  EXPECT_EQ(CheckHealth(channel, "tensord.v1.Nothing"), HealthCheckResponse::UNKNOWN);
}

TEST_F(ServerTest, SocketIsForOwnerAndGroupAndGoesWithTheServer) {
  const std::string path = folder_.path("a.sock");
  settings_.listen = {"unix:" + path};
  const mode_t before = umask(0);
  auto server = Start();
  EXPECT_EQ(umask(before), 0U) << "the umask was not put back";
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0660U);
  server->Drain();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerTest, StaleSocketIsReplaced) {
  const std::string path = folder_.path("a.sock");
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof(name)), 0);
  close(fd);
  ASSERT_TRUE(std::filesystem::exists(path));
  settings_.listen = {"unix:" + path};
  const auto server = Start();
  EXPECT_EQ(CheckHealth(Connect("unix:" + path)), HealthCheckResponse::SERVING);
}

TEST_F(ServerTest, LiveSocketIsAnErrorAndStaysAlive) {
  settings_.listen = {"unix:" + folder_.path("a.sock")};
  const auto server = Start();
  EXPECT_THAT(StartFailure(), StatusIs(absl::StatusCode::kFailedPrecondition, "listen: another process listens on"));
  EXPECT_EQ(CheckHealth(Connect(settings_.listen[0])), HealthCheckResponse::SERVING);
}

TEST_F(ServerTest, FileThatIsNoSocketIsAnErrorAndStays) {
  const std::string path = folder_.Write("a.sock", "precious");
  settings_.listen = {"unix:" + path};
  EXPECT_THAT(StartFailure(), StatusIs(absl::StatusCode::kFailedPrecondition, "exists and is not a socket"));
  EXPECT_EQ(std::filesystem::file_size(path), 8U);
}

TEST_F(ServerTest, MissingFolderOfSocketIsAnError) {
  settings_.listen = {"unix:" + folder_.path("no/a.sock")};
  EXPECT_THAT(StartFailure(), StatusIs(absl::StatusCode::kFailedPrecondition, "No such file or directory"));
}

TEST_F(ServerTest, TakenPortIsAnErrorThatNamesIt) {
  const auto first = Start();
  const std::string taken = first->listeners()[0].address;
  settings_.listen = {"127.0.0.1:0", taken};
  EXPECT_THAT(StartFailure(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       "listen: " + taken + " cannot be listened on: Address already in use"));
}

TEST_F(ServerTest, AddressOfAnotherMachineIsAnError) {
  settings_.listen = {"192.0.2.1:0"};
  EXPECT_THAT(StartFailure(), StatusIs(absl::StatusCode::kFailedPrecondition, "Cannot assign requested address"));
}

TEST_F(ServerTest, BadSettingsAreRefusedByName) {
  settings_.threads = 0;
  settings_.listen = {"nonsense"};
  EXPECT_THAT(StartFailure(), StatusIs(absl::StatusCode::kInvalidArgument, "threads is \"0\""));
  EXPECT_THAT(StartFailure(), StatusIs(absl::StatusCode::kInvalidArgument, "listen is \"nonsense\""));
}

TEST_F(ServerTest, DrainLetsARunningCallFinish) {
  settings_.drain_timeout = std::chrono::seconds(60);
  const auto server = Start();
  auto call = StartHeldCall(Connect(server->listeners()[0].address));
  FakeControl::Get().WaitUntilRunning(1);
  auto drained = std::async(std::launch::async, [&] { return server->Drain(); });
  EXPECT_EQ(drained.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout) << "a call was running";
  FakeControl::Get().Release();
  EXPECT_TRUE(drained.get());
  EXPECT_TRUE(call.get().ok());
}

TEST_F(ServerTest, DrainCancelsWhatRunsPastTheTimeout) {
  settings_.drain_timeout = std::chrono::milliseconds(50);
  const auto server = Start();
  auto call = StartHeldCall(Connect(server->listeners()[0].address));
  FakeControl::Get().WaitUntilRunning(1);
  EXPECT_FALSE(server->Drain());
  EXPECT_FALSE(call.get().ok());
}

TEST_F(ServerTest, WatcherSeesNotServingAndDoesNotHoldUpTheDrain) {
  settings_.drain_timeout = std::chrono::hours(1);
  const auto server = Start();
  const auto stub = grpc::health::v1::Health::NewStub(Connect(server->listeners()[0].address));
  grpc::ClientContext context;
  const auto watch = stub->Watch(&context, HealthCheckRequest());
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  EXPECT_TRUE(server->Drain());
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&response));
  watch->Finish();
}

TEST_F(ServerTest, DestructionIsPromptWithACallRunning) {
  settings_.drain_timeout = std::chrono::hours(1);
  auto server = Start();
  auto call = StartHeldCall(Connect(server->listeners()[0].address));
  FakeControl::Get().WaitUntilRunning(1);
  server.reset();
  EXPECT_FALSE(call.get().ok());
}

class CompressionTest : public ServerTest, public ::testing::WithParamInterface<grpc_compression_algorithm> {};

TEST_P(CompressionTest, CompressedMessageIsRefused) {
  const auto server = Start();
  const auto stub = v1::TensorService::NewStub(Connect(server->listeners()[0].address));
  grpc::ClientContext context;
  testing::SetGenerousDeadline(context);
  context.set_compression_algorithm(GetParam());
  v1::ActivateRequest request;
  request.mutable_input()->set_data(std::string(100'000, '\0'));
  v1::ActivateResponse response;
  const grpc::Status status = stub->Activate(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("is disabled"));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, CompressionTest, ::testing::Values(GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE));

TEST_F(ServerTest, ReflectionListsAndDescribesTheServices) {
  const auto server = Start();
  const auto channel = Connect(server->listeners()[0].address);
  const std::string list = AskReflection(channel, testing::ListServicesRequest());
  for (const char* name : {"TensorService", "AnalysisService", "ServerService"}) {
    const std::string full = std::string("tensord.v1.") + name;
    EXPECT_THAT(list, HasSubstr(full));
    const std::string file = AskReflection(channel, testing::FileContainingSymbolRequest(full));
    EXPECT_THAT(file, HasSubstr("_service.proto"));
    EXPECT_THAT(file, HasSubstr(name));
    EXPECT_THAT(file, Not(HasSubstr("not found")));
  }
}

TEST_F(ServerTest, ReflectionCanBeOff) {
  settings_.reflection = false;
  const auto server = Start();
  const auto channel = Connect(server->listeners()[0].address);
  EXPECT_EQ(AskReflection(channel, testing::ListServicesRequest()), "");
  EXPECT_TRUE(CallServerInfo(channel).ok());
}

}  // namespace
}  // namespace tensord::server
