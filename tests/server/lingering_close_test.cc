#include "server/lingering_close.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace tensord::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// More than a receiver that does not read has room for, and less than the sender has.
constexpr size_t kAnswer = 200 << 10;

// Later than anything here takes.
steady_clock::time_point Soon() { return steady_clock::now() + std::chrono::seconds(30); }

// A connection over loopback; the client's side has little room.
struct Connected {
  Connected() {
    const FileDescriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(name);
    auto* const address = reinterpret_cast<sockaddr*>(&name);
    EXPECT_EQ(bind(listener.get(), address, length), 0);
    EXPECT_EQ(listen(listener.get(), 1), 0);
    EXPECT_EQ(getsockname(listener.get(), address, &length), 0);
    client = FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int room = 16 << 10;
    EXPECT_EQ(setsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
    EXPECT_EQ(connect(client.get(), address, length), 0);
    server = FileDescriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const int much = 1 << 20;
    EXPECT_EQ(setsockopt(server.get(), SOL_SOCKET, SO_SNDBUF, &much, sizeof(much)), 0);
  }

  // What gRPC does: everything is handed to the kernel, both directions are shut down, and the descriptor is closed.
  void AnswerAndClose() {
    const std::string answer(kAnswer, 'x');
    ASSERT_EQ(send(server.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL),
              static_cast<ssize_t>(answer.size()));
    ASSERT_EQ(shutdown(server.get(), SHUT_RDWR), 0);
    server = FileDescriptor();
  }

  // The client's bytes until its end of the connection, sending something before each look; nothing where that was a
  // reset.
  std::optional<size_t> ReadWhileSending() {
    size_t total = 0;
    std::array<char, 4096> piece;
    while (true) {
      static_cast<void>(send(client.get(), "y", 1, MSG_NOSIGNAL));
      std::this_thread::sleep_for(milliseconds(1));
      const ssize_t count = recv(client.get(), piece.data(), piece.size(), 0);
      if (count < 0) return std::nullopt;
      if (count == 0) return total;
      total += static_cast<size_t>(count);
    }
  }

  FileDescriptor client;
  FileDescriptor server;
};

// What all this is about.
TEST(LingeringCloseTest, WithoutOneTheKernelThrowsTheAnswerAway) {
  Connected connected;
  connected.AnswerAndClose();
  EXPECT_NE(connected.ReadWhileSending(), kAnswer);
}

TEST(LingeringCloseTest, WithOneTheAnswerComesAndIsWaitedFor) {
  for (const milliseconds pause : {milliseconds(0), milliseconds(300)}) {
    LingeringClose closes;
    Connected connected;
    connected.AnswerAndClose();
    std::thread waiting([&closes] { closes.WaitForNone(Soon()); });
    std::this_thread::sleep_for(pause);
    EXPECT_EQ(connected.ReadWhileSending(), kAnswer);
    connected.client = FileDescriptor();
    waiting.join();
  }
}

TEST(LingeringCloseTest, NobodyIsWaitedForBeyondTheDeadline) {
  LingeringClose closes;
  Connected connected;
  connected.AnswerAndClose();
  const steady_clock::time_point begin = steady_clock::now();
  closes.WaitForNone(begin + milliseconds(50));
  EXPECT_GE(steady_clock::now() - begin, milliseconds(50));
  EXPECT_EQ(connected.ReadWhileSending(), kAnswer);  // it goes on by itself
}

TEST(LingeringCloseTest, AClientThatTakesNothingIsNotWaitedForForLong) {
  LingeringClose closes;
  Connected connected;
  connected.AnswerAndClose();
  const steady_clock::time_point begin = steady_clock::now();
  closes.WaitForNone(Soon());
  EXPECT_GE(steady_clock::now() - begin, milliseconds(900));
  // Reset, as unread data go with it, or ended: not open in any case.
  EXPECT_NE(connected.ReadWhileSending(), kAnswer);
}

TEST(LingeringCloseTest, WhatItsClientHasClosedIsClosedAtOnce) {
  LingeringClose closes;
  Connected connected;
  connected.client = FileDescriptor();
  EXPECT_FALSE(LingeringClose::TakeOver(connected.server.get()));
  EXPECT_EQ(shutdown(connected.server.get(), SHUT_RDWR), 0);
  closes.WaitForNone(Soon());
}

TEST(LingeringCloseTest, TakesOverConnectionsOnly) {
  LingeringClose closes;
  const FileDescriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(listen(listener.get(), 1), 0);
  EXPECT_FALSE(LingeringClose::TakeOver(listener.get()));
  EXPECT_FALSE(LingeringClose::TakeOver(-1));
  EXPECT_EQ(shutdown(-1, SHUT_RDWR), -1);
  EXPECT_EQ(errno, EBADF);
}

TEST(LingeringCloseTest, HasRoomForSoMany) {
  LingeringClose closes;
  Connected connected;
  for (int i = 0; i < 256; ++i) EXPECT_TRUE(LingeringClose::TakeOver(connected.server.get())) << i;
  EXPECT_FALSE(LingeringClose::TakeOver(connected.server.get()));
}

TEST(LingeringCloseTest, OneThatIsGoneHasNoEffect) {
  { const LingeringClose closes; }
  const Connected connected;
  EXPECT_FALSE(LingeringClose::TakeOver(connected.server.get()));
}

}  // namespace
}  // namespace tensord::server
