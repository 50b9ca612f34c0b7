#include "client/load/mix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tensord::load {
namespace {

std::map<std::string, int> CountByName(const std::vector<Kind>& kinds, const std::vector<uint16_t>& order) {
  std::map<std::string, int> counts;
  for (const uint16_t kind : order) ++counts[kinds[kind].name];
  return counts;
}

TEST(MixTest, StandardHasItsShares) {
  const absl::StatusOr<std::vector<Kind>> kinds = GoodKinds("standard");
  ASSERT_TRUE(kinds.ok());
  const std::map<std::string, int> counts = CountByName(*kinds, MakeOrder(*kinds, 1));
  EXPECT_EQ(counts.at("convolve"), 7000);
  EXPECT_EQ(counts.at("convolve-backward"), 1500);
  EXPECT_EQ(counts.at("pool-max") + counts.at("pool-average"), 1000);
  EXPECT_EQ(counts.at("analyze-layer") + counts.at("describe-dataset"), 500);
}

TEST(MixTest, TheSeedOrders) {
  const std::vector<Kind> kinds = *GoodKinds("standard");
  EXPECT_EQ(MakeOrder(kinds, 1), MakeOrder(kinds, 1));
  EXPECT_NE(MakeOrder(kinds, 1), MakeOrder(kinds, 2));
}

TEST(MixTest, KindsHaveNamesOfTheirOwnAndAnAnswer) {
  std::set<std::string> names;
  for (const std::vector<Kind>& kinds : {*GoodKinds("standard"), *GoodKinds("heavy")}) {
    for (const Kind& kind : kinds) {
      EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
      EXPECT_GT(kind.request.Length(), 0u) << kind.name;
      EXPECT_FALSE(kind.hostile) << kind.name;
      EXPECT_EQ(kind.expected, std::vector<std::string>{"OK"}) << kind.name;
    }
  }
}

TEST(MixTest, OneKindIsAMixToo) {
  const absl::StatusOr<std::vector<Kind>> kinds = GoodKinds("pool-max");
  ASSERT_TRUE(kinds.ok());
  ASSERT_EQ(kinds->size(), 1u);
  EXPECT_EQ(kinds->front().name, "pool-max");
}

TEST(MixTest, AnUnknownMixIsRefusedWithTheChoices) {
  const absl::StatusOr<std::vector<Kind>> kinds = GoodKinds("wrong");
  ASSERT_FALSE(kinds.ok());
  EXPECT_THAT(std::string(kinds.status().message()), testing::HasSubstr("standard, heavy, convolve"));
}

std::map<std::string, double> WeightsOf(const char* text) {
  const absl::StatusOr<std::vector<Kind>> kinds = ParseMix(text);
  EXPECT_TRUE(kinds.ok()) << kinds.status();
  std::map<std::string, double> weights;
  if (!kinds.ok()) return weights;
  for (const Kind& kind : *kinds) weights[kind.name] = kind.weight;
  EXPECT_EQ(weights.size(), kinds->size());
  return weights;
}

TEST(ParseMixTest, OneNameIsThatMix) {
  const absl::StatusOr<std::vector<Kind>> kinds = ParseMix("standard");
  ASSERT_TRUE(kinds.ok());
  EXPECT_EQ(MakeOrder(*kinds, 1), MakeOrder(*GoodKinds("standard"), 1));
  EXPECT_EQ(WeightsOf("pool-max").size(), 1u);
}

TEST(ParseMixTest, WeightsAreAsGivenAndOneByDefault) {
  EXPECT_THAT(WeightsOf("convolve=8.5,pool-max"),
              testing::ElementsAre(testing::Pair("convolve", testing::DoubleEq(8.5)),
                                   testing::Pair("pool-max", testing::DoubleEq(1))));
}

TEST(ParseMixTest, AMixSharesItsWeightAndKindsAddUp) {
  const std::map<std::string, double> weights = WeightsOf("standard=10,heavy=5,convolve=3");
  EXPECT_EQ(weights.size(), 7u);
  EXPECT_DOUBLE_EQ(weights.at("convolve"), 10 * 0.7 + 3);
  EXPECT_DOUBLE_EQ(weights.at("pool-max"), 10 * 0.05);
  EXPECT_DOUBLE_EQ(weights.at("heavy-convolve"), 5);
}

TEST(ParseMixTest, WhatIsWrongIsNamed) {
  for (const auto& [text, complaint] : std::vector<std::pair<const char*, const char*>>{
           {"", "'' is no kind of call"},
           {"convolve,", "'' is no kind of call"},
           {"pool", "'pool' is no kind of call"},
           {"convolve=", "'convolve=' has no weight above 0"},
           {"convolve=0", "'convolve=0' has no weight above 0"},
           {"convolve=-1", "has no weight above 0"},
           {"convolve=inf", "has no weight above 0"},
           {"convolve=nan", "has no weight above 0"},
           {"convolve=1=2", "has no weight above 0"},
           {"convolve=1,convolve=2", "'convolve' is given twice"},
           {"convolve=10000,pool-max", "'pool-max' would be less than one call in 10000"},
       }) {
    const absl::StatusOr<std::vector<Kind>> kinds = ParseMix(text);
    ASSERT_FALSE(kinds.ok()) << text;
    EXPECT_THAT(std::string(kinds.status().message()), testing::HasSubstr(complaint));
  }
  EXPECT_TRUE(ParseMix("convolve=9999,pool-max").ok());
}

TEST(ParseMixTest, EveryNameIsAMix) {
  for (const std::vector<std::string>& names : {MixNames(), KindNames()}) {
    for (const std::string& name : names) EXPECT_TRUE(ParseMix(name).ok()) << name;
  }
  EXPECT_EQ(KindNames().size(), 7u);
}

}  // namespace
}  // namespace tensord::load
