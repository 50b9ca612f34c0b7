#include "server/start_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>

#include "server/server.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace tensord::server {
namespace {

using test_support::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Settings Quiet() {
  Settings settings;
  settings.listen = {"127.0.0.1:0"};
  settings.metrics_listen = "off";
  return settings;
}

TEST(StartCheckTest, FindsEverythingThatIsWrongAtOnce) {
  const testing::TemporaryDirectory folder;
  NoopMetrics metrics;
  NullLog log;
  const auto other = Server::Create(Quiet(), &metrics, &log);
  ASSERT_TRUE(other.ok()) << other.status();
  const std::string taken = (*other)->listeners()[0].address;

  Settings settings = Quiet();
  settings.listen = {taken, "unix:/nowhere/a.sock"};
  settings.metrics_listen = taken;
  settings.tls_certificate = "/nowhere/server.pem";
  settings.tls_key = "/nowhere/server.key";
  settings.auth_tokens = folder.Write("tokens", "a token in plain text\n");
  const absl::Status status = CheckStart(settings);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  const std::string text(status.message());
  EXPECT_THAT(text, HasSubstr("tls-certificate: /nowhere/server.pem: No such file or directory"));
  EXPECT_THAT(text, HasSubstr("auth-tokens: " + settings.auth_tokens + ": line 1: expected"));
  EXPECT_THAT(text, HasSubstr("listen: " + taken + " cannot be listened on: Address already in use"));
  EXPECT_THAT(text, HasSubstr("listen: no socket can be made in /nowhere: No such file or directory"));
  EXPECT_THAT(text, HasSubstr("metrics-listen: " + taken + " cannot be listened on"));
  EXPECT_TRUE(CheckStart(Quiet()).ok());
}

TEST(StartCheckTest, TokensOverTcpNeedTlsOrInsistence) {
  const testing::TemporaryDirectory folder;
  Settings settings = Quiet();
  settings.auth_tokens = folder.Write("tokens", std::string(64, 'a') + " grader\n");
  EXPECT_THAT(CheckStart(settings), StatusIs(absl::StatusCode::kInvalidArgument, "auth-without-tls on, to insist"));
  settings.auth_without_tls = true;
  EXPECT_TRUE(CheckStart(settings).ok());
  settings.auth_without_tls = false;
  settings.listen = {"unix:" + folder.path("a.sock")};
  EXPECT_TRUE(CheckStart(settings).ok());
}

TEST(StartCheckTest, WarnsOfWhatWorksOtherwiseThanExpected) {
  Settings settings = Quiet();
  EXPECT_THAT(StartWarnings(settings), IsEmpty());
  settings.listen = {"127.0.0.1:0", "0.0.0.0:50051", "unix:/run/a.sock"};
  EXPECT_THAT(StartWarnings(settings), ElementsAre(HasSubstr("other machines can reach 0.0.0.0:50051")));
  settings = Quiet();
  settings.memory_budget_bytes = 300 << 20;
  settings.transport_quota_bytes = 100 << 20;
  EXPECT_THAT(StartWarnings(settings),
              ElementsAre(HasSubstr("messages of more than 104857600 bytes will be refused"),
                          HasSubstr("more than 104857600 bytes will break their connection's stream")));
}

TEST(StartCheckTest, OpensAsManyFilesAsItMay) {
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit lowered = before;
  lowered.rlim_cur = 100;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lowered), 0);
  EXPECT_EQ(static_cast<rlim_t>(RaiseFileLimit()), before.rlim_max);
  rlimit after = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
}

}  // namespace
}  // namespace tensord::server
