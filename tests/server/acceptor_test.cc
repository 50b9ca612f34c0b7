#include "server/acceptor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/listening_socket.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace tensord::server {
namespace {

using test_support::StatusIs;

// Whether somebody took the connection over, and said so; otherwise it was closed.
bool IsTaken(const FileDescriptor& connection) {
  char byte = 0;
  return recv(connection.get(), &byte, 1, 0) == 1;
}

FileDescriptor ConnectTo(const ListenAddress& address) {
  FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(address.port));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)), 0);
  return fd;
}

class AcceptorTest : public ::testing::Test {
 protected:
  void Start(int64_t file_limit) {
    auto sockets = Listen(address_);
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    std::vector<AcceptorSocket> accepting;
    for (FileDescriptor& socket : *sockets) {
      accepting.push_back({std::move(socket), [this](int fd) { Take(fd); }});
    }
    acceptor_ = std::make_unique<Acceptor>(std::move(accepting), file_limit, &metrics_);
  }
  void Take(int fd) {
    const std::lock_guard lock(mutex_);
    taken_.emplace_back(fd);
    EXPECT_EQ(send(fd, "x", 1, MSG_NOSIGNAL), 1);
  }
  void CloseTaken() {
    const std::lock_guard lock(mutex_);
    taken_.clear();
  }
  // The lowest descriptor that is free.
  static int NextDescriptor() { return FileDescriptor(dup(0)).get(); }

  ListenAddress address_{.host = "127.0.0.1"};
  NoopMetrics metrics_;
  std::mutex mutex_;
  std::vector<FileDescriptor> taken_;
  std::unique_ptr<Acceptor> acceptor_;
};

TEST_F(AcceptorTest, HandsOverEveryConnection) {
  Start(1000);
  std::vector<FileDescriptor> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(ConnectTo(address_));
  for (const FileDescriptor& client : clients) EXPECT_TRUE(IsTaken(client));
}

TEST_F(AcceptorTest, ClosesAtOnceWhatTakesTheLastDescriptors) {
  // Each connection takes two descriptors, as both its ends are in this process: ten fit, or one more.
  Start(4 * (NextDescriptor() + 23) / 3);
  std::vector<FileDescriptor> clients;
  std::vector<bool> taken;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(ConnectTo(address_));
    taken.push_back(IsTaken(clients.back()));
  }
  EXPECT_TRUE(taken[0]);
  EXPECT_FALSE(taken[29]);
  EXPECT_TRUE(std::is_sorted(taken.rbegin(), taken.rend())) << "first all are taken, then none";
  CloseTaken();
  clients.clear();
  // There is room again, and it is used.
  EXPECT_TRUE(IsTaken(ConnectTo(address_)));
}

TEST_F(AcceptorTest, NothingIsListenedOnAfterItsEnd) {
  Start(1000);
  acceptor_.reset();
  ListenAddress again = address_;
  EXPECT_TRUE(Listen(again).ok());
}

TEST(ListenTest, EveryAddressOfANameHasOnePort) {
  ListenAddress address{.host = "localhost"};
  const auto sockets = Listen(address);
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  EXPECT_GT(address.port, 0);
  EXPECT_EQ(DescribeTcpBindFailure(address), "Address already in use");
  ListenAddress second = address;
  EXPECT_THAT(Listen(second), StatusIs(absl::StatusCode::kFailedPrecondition, "Address already in use"));
}

TEST(ListenTest, SocketFilesAreForOwnerAndGroup) {
  const testing::TemporaryDirectory folder;
  ListenAddress address{.path = folder.path("a.sock")};
  const auto sockets = Listen(address);
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  EXPECT_EQ(std::filesystem::status(address.path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write |
                std::filesystem::perms::group_read | std::filesystem::perms::group_write);
}

TEST(ListenTest, NamesThatCannotBeListenedOnAreErrors) {
  ListenAddress unknown{.host = "no-such-host.invalid"};
  EXPECT_FALSE(Listen(unknown).ok());
  ListenAddress foreign{.host = "192.0.2.1"};  // of nobody: RFC 5737
  EXPECT_THAT(Listen(foreign), StatusIs(absl::StatusCode::kFailedPrecondition, "Cannot assign requested address"));
}

}  // namespace
}  // namespace tensord::server
