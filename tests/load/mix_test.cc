#include "tests/load/mix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace tensord::load {
namespace {

std::map<std::string, int> CountByName(const std::vector<Kind>& kinds, const std::vector<uint16_t>& order) {
  std::map<std::string, int> counts;
  for (const uint16_t kind : order) ++counts[kinds[kind].name];
  return counts;
}

TEST(MixTest, StandardHasItsShares) {
  const absl::StatusOr<std::vector<Kind>> kinds = MakeMix("standard", 0);
  ASSERT_TRUE(kinds.ok());
  const std::map<std::string, int> counts = CountByName(*kinds, MakeOrder(*kinds, 1));
  EXPECT_EQ(counts.at("convolve"), 7000);
  EXPECT_EQ(counts.at("convolve-backward"), 1500);
  EXPECT_EQ(counts.at("pool-max") + counts.at("pool-average"), 1000);
  EXPECT_EQ(counts.at("analyze-layer") + counts.at("describe-dataset"), 500);
}

TEST(MixTest, HostileCallsTakeTheirShareAndNoMore) {
  const absl::StatusOr<std::vector<Kind>> kinds = MakeMix("standard", 1);
  ASSERT_TRUE(kinds.ok());
  int hostile = 0;
  const std::vector<uint16_t> order = MakeOrder(*kinds, 1);
  EXPECT_EQ(order.size(), 10'000u);
  std::set<std::string> seen;
  for (const uint16_t kind : order) {
    if (!(*kinds)[kind].hostile) continue;
    ++hostile;
    seen.insert((*kinds)[kind].name);
  }
  EXPECT_NEAR(hostile, 100, 1);
  EXPECT_EQ(seen.size(), HostileKinds().size());
}

TEST(MixTest, TheSeedOrders) {
  const std::vector<Kind> kinds = *MakeMix("standard", 0);
  EXPECT_EQ(MakeOrder(kinds, 1), MakeOrder(kinds, 1));
  EXPECT_NE(MakeOrder(kinds, 1), MakeOrder(kinds, 2));
}

TEST(MixTest, KindsHaveNamesOfTheirOwnAndAnAnswer) {
  std::set<std::string> names;
  for (const std::vector<Kind>& kinds : {*GoodKinds("standard"), *GoodKinds("heavy"), HostileKinds()}) {
    for (const Kind& kind : kinds) {
      EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
      EXPECT_FALSE(kind.expected.empty()) << kind.name;
      EXPECT_GT(kind.request.Length(), 0u) << kind.name;
      EXPECT_EQ(kind.hostile, kind.expected != std::vector<std::string>{"OK"}) << kind.name;
    }
  }
}

TEST(MixTest, OneKindIsAMixToo) {
  const absl::StatusOr<std::vector<Kind>> kinds = MakeMix("pool-max", 0);
  ASSERT_TRUE(kinds.ok());
  ASSERT_EQ(kinds->size(), 1u);
  EXPECT_EQ(kinds->front().name, "pool-max");
}

TEST(MixTest, AnUnknownMixIsRefusedWithTheChoices) {
  const absl::StatusOr<std::vector<Kind>> kinds = MakeMix("wrong", 0);
  ASSERT_FALSE(kinds.ok());
  EXPECT_THAT(std::string(kinds.status().message()), testing::HasSubstr("standard, heavy, convolve"));
}

}  // namespace
}  // namespace tensord::load
