#include "server/rpc/client_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "server/convert/status_convert.h"

namespace tensord::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

class ClientRegistryTest : public ::testing::Test {
 protected:
  void Make(const ClientLimits& limits, size_t capacity = 4) { registry_.emplace(limits, &metrics_, capacity); }
  // The reason of a refusal, or "".
  std::string Try(const std::string& name) {
    auto lease = registry_->Enter(name, now_);
    if (!lease.ok()) return ReasonOf(lease.status());
    leases_.push_back(*std::move(lease));
    return "";
  }
  ClientRegistry::Lease Enter(const std::string& name) {
    auto lease = registry_->Enter(name, now_);
    EXPECT_TRUE(lease.ok()) << lease.status();
    return lease.ok() ? *std::move(lease) : ClientRegistry::Lease();
  }

  NoopMetrics metrics_;
  ClientRegistry::TimePoint now_{seconds(1000)};
  std::optional<ClientRegistry> registry_;
  std::vector<ClientRegistry::Lease> leases_;
};

TEST_F(ClientRegistryTest, WithoutLimitsEverythingPasses) {
  Make({});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Try("a"), "");
  EXPECT_TRUE(registry_->Charge(*leases_[0].client(), INT64_MAX, now_).ok());
  EXPECT_TRUE(registry_->Charge(*leases_[0].client(), INT64_MAX, now_).ok());
}

TEST_F(ClientRegistryTest, CallsInFlightAreCountedForEachClient) {
  Make({.calls_in_flight = 2});
  EXPECT_EQ(Try("a"), "");
  EXPECT_EQ(Try("a"), "");
  EXPECT_EQ(Try("a"), "QUOTA");
  EXPECT_EQ(Try("b"), "");
  leases_.erase(leases_.begin());
  EXPECT_EQ(Try("a"), "");
  EXPECT_EQ(Try("a"), "QUOTA");
}

TEST_F(ClientRegistryTest, CallsASecondHaveABurstOfOneSecond) {
  Make({.calls_per_second = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Try("a"), "");
  const auto refused = registry_->Enter("a", now_);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(refused.status().message(), HasSubstr("more often than 3 times a second"));
  // A third of a second, give or take a fifth.
  ASSERT_TRUE(RetryDelayOf(refused.status()).has_value());
  EXPECT_GE(*RetryDelayOf(refused.status()), milliseconds(266));
  EXPECT_LE(*RetryDelayOf(refused.status()), milliseconds(401));
  EXPECT_EQ(Try("b"), "");
  now_ += milliseconds(334);
  EXPECT_EQ(Try("a"), "");
  EXPECT_EQ(Try("a"), "QUOTA");
  now_ += seconds(100);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Try("a"), "");
  EXPECT_EQ(Try("a"), "QUOTA");
}

TEST_F(ClientRegistryTest, OneLargeCallMayRunIntoDebt) {
  Make({.multiplications_per_second = 1000});
  const ClientRegistry::Lease lease = Enter("a");
  EXPECT_TRUE(registry_->Charge(*lease.client(), 5000, now_).ok());
  EXPECT_EQ(ReasonOf(registry_->Charge(*lease.client(), 1, now_)), "QUOTA");
  now_ += milliseconds(3999);
  EXPECT_FALSE(registry_->Charge(*lease.client(), 1, now_).ok());
  now_ += milliseconds(2);
  EXPECT_TRUE(registry_->Charge(*lease.client(), 1, now_).ok());
  const ClientRegistry::Lease other = Enter("b");
  EXPECT_TRUE(registry_->Charge(*other.client(), 1, now_).ok());
}

TEST_F(ClientRegistryTest, ForgetsTheClientThatHasBeenIdleLongest) {
  Make({.calls_per_second = 1}, 2);
  Enter("a");
  Enter("b");
  EXPECT_EQ(Try("a"), "QUOTA") << "it is remembered, and used again";
  Enter("c");  // b goes
  EXPECT_EQ(registry_->size(), 2U);
  EXPECT_EQ(Try("a"), "QUOTA");
  EXPECT_EQ(Try("b"), "") << "it was forgotten";
}

TEST_F(ClientRegistryTest, BusyClientsAreNotForgottenAndNewOnesShareAPlace) {
  Make({}, 2);
  const ClientRegistry::Lease a = Enter("a");
  const ClientRegistry::Lease b = Enter("b");
  const ClientRegistry::Lease c = Enter("c");
  const ClientRegistry::Lease d = Enter("d");
  EXPECT_EQ(c.client()->name(), "(others)");
  EXPECT_EQ(c.client(), d.client());
  EXPECT_EQ(Enter("a").client(), a.client());
}

TEST_F(ClientRegistryTest, AMillionNamesTakeNoMoreThanItsCapacity) {
  Make({}, 100);
  for (int i = 0; i < 1'000'000; ++i) Enter("name" + std::to_string(i));
  EXPECT_EQ(registry_->size(), 100U);
}

TEST_F(ClientRegistryTest, LimitsCanChange) {
  Make({.calls_in_flight = 1});
  EXPECT_EQ(Try("a"), "");
  EXPECT_EQ(Try("a"), "QUOTA");
  registry_->SetLimits({.calls_in_flight = 2});
  EXPECT_EQ(Try("a"), "");
  EXPECT_EQ(Try("a"), "QUOTA");
}

}  // namespace
}  // namespace tensord::server
