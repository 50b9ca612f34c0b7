#include "server/rpc/request_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "server/rpc/caller.h"

namespace tensord::server {
namespace {

using ::testing::MatchesRegex;

constexpr char kTraceparent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(RequestIdTest, TakesTheClientsOwn) {
  EXPECT_EQ(ChooseRequestId("grade-7/b:2", kTraceparent), "grade-7/b:2");
  EXPECT_EQ(ChooseRequestId(std::string(128, 'x'), std::nullopt), std::string(128, 'x'));
}

TEST(RequestIdTest, ElseTheTraceId) {
  EXPECT_EQ(ChooseRequestId(std::nullopt, kTraceparent), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(ChooseRequestId(std::nullopt, std::string("01") + (kTraceparent + 2) + "-later"),
            "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(RequestIdTest, ElseMakesOne) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(ChooseRequestId(std::nullopt, std::nullopt));
  EXPECT_EQ(ids.size(), 1000U);
  for (const std::string& id : ids) EXPECT_THAT(id, MatchesRegex("[0-9a-f]{32}"));
}

TEST(RequestIdTest, WhatCouldForgeALineIsNotTaken) {
  for (const std::string& hostile :
       {std::string(), std::string(129, 'x'), std::string("a b"), std::string("a\nb"), std::string("a\"b"),
        std::string("a\0b", 3), std::string("%s"), std::string("\xc3\xa9")}) {
    EXPECT_THAT(ChooseRequestId(hostile, std::nullopt), MatchesRegex("[0-9a-f]{32}")) << hostile;
  }
}

TEST(RequestIdTest, ATraceparentThatIsNoneIsNotTaken) {
  const std::string good = kTraceparent;
  for (const std::string& bad :
       {good.substr(1), good.substr(0, 54), good + "x", "ff" + good.substr(2), std::string(good).replace(2, 1, "_"),
        std::string(good).replace(3, 32, std::string(32, '0')), std::string(good).replace(5, 1, "G"),
        std::string(good).replace(5, 1, "F")}) {
    EXPECT_NE(ChooseRequestId(std::nullopt, bad), "4bf92f3577b34da6a3ce929d0e0e4736") << bad;
    EXPECT_THAT(ChooseRequestId(std::nullopt, bad), MatchesRegex("[0-9a-f]{32}")) << bad;
  }
}

TEST(CallerTest, PeersAreAddressesWithoutPorts) {
  EXPECT_EQ(PeerAddress("ipv4:127.0.0.1:51234"), "127.0.0.1");
  EXPECT_EQ(PeerAddress("ipv6:%5B::1%5D:51234"), "::1");
  EXPECT_EQ(PeerAddress("ipv6:[2001:db8::1]:51234"), "2001:db8::1");
  EXPECT_EQ(PeerAddress("unix:/run/a.sock"), "unix");
  EXPECT_EQ(PeerAddress("unix:"), "unix");
  EXPECT_EQ(PeerAddress("inproc"), "inproc");
}

}  // namespace
}  // namespace tensord::server
