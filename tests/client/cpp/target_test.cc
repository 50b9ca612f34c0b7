#include "client/cpp/src/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tensord::client {
namespace {

using ::testing::HasSubstr;

TEST(TargetOfTest, AddressesOfEveryFormAreTakenAsTheyAre) {
  for (const char* address :
       {"localhost:50051", "127.0.0.1:1", "[::1]:65535", "dns:///tensord.example:50051", "dns://1.1.1.1/host:1",
        "dns:///[::1]:50051", "ipv4:127.0.0.1:50051", "ipv4:127.0.0.1:1,127.0.0.2:2", "ipv6:[::1]:50051",
        "unix:/run/tensord.sock", "unix:///run/tensord.sock", "unix:relative.sock", "unix-abstract:name"}) {
    const absl::StatusOr<std::string> target = TargetOf(address);
    ASSERT_TRUE(target.ok()) << target.status();
    EXPECT_EQ(*target, address);
  }
}

void ExpectRefused(const std::string& address, const std::string& why) {
  const absl::StatusOr<std::string> target = TargetOf(address);
  ASSERT_EQ(target.status().code(), absl::StatusCode::kInvalidArgument) << address;
  EXPECT_THAT(std::string(target.status().message()), HasSubstr("was \"" + address + "\", " + why));
  EXPECT_THAT(std::string(target.status().message()), HasSubstr("has to be host:port"));
}

TEST(TargetOfTest, WhatIsWrongIsSaid) {
  for (const char* address : {"", "localhost", "[::1]", "dns:///localhost"})
    ExpectRefused(address, "which has no port");
  for (const char* address : {"localhost:", "localhost:0", "localhost:65536", "localhost:http", "localhost:-1",
                              "localhost:99999999999999999999", "ipv4:127.0.0.1:1,127.0.0.2:x"}) {
    ExpectRefused(address, "whose port is no number from 1 to 65535");
  }
  for (const char* address : {":50051", "[]:50051", "dns:///:50051", "dns://host:50051"}) {
    ExpectRefused(address, "which has no host");
  }
  ExpectRefused("::1:50051", "whose IPv6 address is not in brackets");
  for (const char* address : {"http://localhost:50051", "https://localhost:50051", "://:1"}) {
    ExpectRefused(address, "whose scheme is not known");
  }
  for (const char* address : {"local host:50051", "localhost/x:50051", "a@b:1"})
    ExpectRefused(address, "whose host is none");
  for (const char* address : {"unix:", "unix://", "unix-abstract:"}) ExpectRefused(address, "which has no path");
  ExpectRefused("unix:/" + std::string(107, 'x'), "whose path is longer than 107 bytes");
}

}  // namespace
}  // namespace tensord::client
