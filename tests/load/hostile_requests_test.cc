#include "tests/load/hostile_requests.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace tensord::load {
namespace {

TEST(HostileRequestsTest, HostileCallsTakeTheirShareAndNoMore) {
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

TEST(HostileRequestsTest, HaveNamesOfTheirOwnAndAnAnswer) {
  std::set<std::string> names;
  for (const std::string& name : KindNames()) names.insert(name);
  for (const Kind& kind : HostileKinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_GT(kind.request.Length(), 0u) << kind.name;
    EXPECT_TRUE(kind.hostile) << kind.name;
    EXPECT_FALSE(kind.expected.empty()) << kind.name;
    EXPECT_NE(kind.expected, std::vector<std::string>{"OK"}) << kind.name;
  }
}

TEST(HostileRequestsTest, NoneWhereNoneAreAskedFor) {
  EXPECT_EQ(MakeMix("standard", 0)->size(), GoodKinds("standard")->size());
  EXPECT_FALSE(MakeMix("wrong", 1).ok());
}

}  // namespace
}  // namespace tensord::load
