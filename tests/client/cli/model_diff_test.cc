// In what two models differ, from answers made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "client/cli/model/diff.h"
#include "client/cli/model/match.h"
#include "tests/client/cli/model_messages.h"

namespace tensord::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Model = v1::AnalyzeModelResponse;

// Layers as `name operator`.
Model ModelOf(const std::vector<std::string>& layers) {
  Model model;
  for (const std::string& layer : layers) {
    const size_t blank = layer.find(' ');
    AddLayer(model, layer.substr(0, blank), layer.substr(blank + 1), "10", "100");
  }
  return model;
}

std::vector<int> Match(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return MatchLayers(ModelOf(a), ModelOf(b));
}

TEST(MatchLayersTest, NamesComeFirst) {
  EXPECT_THAT(Match({"a Conv", "b Relu"}, {"b Relu", "a Conv"}), ElementsAre(1, 0));
  EXPECT_THAT(Match({"a Conv", "b Relu"}, {"a Gemm", "c Relu"}), ElementsAre(0, 1));
  EXPECT_THAT(Match({}, {"a Conv"}), ElementsAre(-1));
  EXPECT_THAT(Match({"a Conv"}, {}), ElementsAre());
}

TEST(MatchLayersTest, WithoutNamesTheOrderOfOperators) {
  // A Relu more in front, and nothing else: all that follows is matched.
  EXPECT_THAT(Match({"a Conv", "b Relu", "c Conv"}, {"w Relu", "x Conv", "y Relu", "z Conv"}),
              ElementsAre(-1, 0, 1, 2));
  // Crossing pairs are none: the longer sequence wins.
  EXPECT_THAT(Match({"a Gemm", "b Conv", "c Relu"}, {"x Conv", "y Relu", "z Gemm"}), ElementsAre(1, 2, -1));
  // Of two that fit, the one whose last part is the same.
  EXPECT_THAT(Match({"m/down Conv", "m/main Conv"}, {"n/main Conv"}), ElementsAre(1));
  // A name that is there twice says nothing.
  EXPECT_THAT(Match({"a Conv", "a Relu"}, {"a Relu"}), ElementsAre(1));
}

TEST(MatchLayersTest, WhatIsBetweenTheSameNeighboursIsCompared) {
  // The Relu before `k` is not that behind it.
  EXPECT_THAT(Match({"r Relu", "k Conv"}, {"k Conv", "s Relu"}), ElementsAre(1, -1));
  EXPECT_THAT(Match({"r Relu", "k Conv", "t Relu"}, {"k Conv", "s Relu"}), ElementsAre(1, 2));
}

// The longest common subsequence by trying everything.
int LongestCommon(const std::string& a, const std::string& b) {
  int longest = 0;
  for (size_t subset = 0; subset < (size_t{1} << a.size()); ++subset) {
    size_t place = 0;
    int length = 0;
    for (size_t i = 0; i < a.size() && place != std::string::npos; ++i) {
      if ((subset >> i & 1) == 0) continue;
      place = b.find(a[i], place);
      if (place == std::string::npos) continue;
      ++place;
      ++length;
    }
    if (place != std::string::npos) longest = std::max(longest, length);
  }
  return longest;
}

TEST(MatchLayersTest, IsTheLongestCommonSubsequence) {
  unsigned state = 1;
  const auto random = [&](unsigned below) {
    state = state * 1664525 + 1013904223;
    return (state >> 16) % below;
  };
  for (int round = 0; round < 300; ++round) {
    std::string letters[2];
    Model models[2];
    for (int m = 0; m < 2; ++m) {
      const unsigned length = random(10);
      for (unsigned i = 0; i < length; ++i) {
        letters[m] += static_cast<char>('A' + random(3));
        AddLayer(models[m], (m == 0 ? "a/" : "b/") + std::string(m == 0 ? "p" : "q") + std::to_string(i),
                 letters[m].substr(i, 1));
      }
    }
    int matched = 0;
    int last = -1;
    const std::vector<int> match = MatchLayers(models[0], models[1]);
    for (size_t k = 0; k < match.size(); ++k) {
      if (match[k] < 0) continue;
      EXPECT_GT(match[k], last);
      EXPECT_EQ(letters[0][static_cast<size_t>(match[k])], letters[1][k]);
      last = match[k];
      ++matched;
    }
    EXPECT_EQ(matched, LongestCommon(letters[0], letters[1])) << letters[0] << " " << letters[1];
  }
}

TEST(MatchLayersTest, LargeModelsWithoutCommonNamesTakeNoLong) {
  Model a;
  Model b;
  for (int i = 0; i < 50000; ++i) {
    AddLayer(a, "a" + std::to_string(i), i % 3 == 0 ? "Conv" : "Relu");
    AddLayer(b, "b" + std::to_string(i), i % 3 == 0 ? "Conv" : "Relu");
  }
  // Of the processor's time, as the machine may do something else too.
  const std::clock_t began = std::clock();
  const std::vector<int> match = MatchLayers(a, b);
  EXPECT_LT(std::clock() - began, 5 * CLOCKS_PER_SEC);
  for (int i = 0; i < 50000; ++i) ASSERT_EQ(match[static_cast<size_t>(i)], i);
}

struct Pair {
  Model a;
  Model b;
};

Pair Changed() {
  Pair pair{ModelOf({"conv1 Conv", "relu Relu", "pool MaxPool", "fc Gemm"}),
            ModelOf({"conv1 Conv", "relu Clip", "norm BatchNormalization", "head Gemm"})};
  *pair.b.mutable_layers(0)->mutable_parameter_count() = MakeCount("1020");
  *pair.b.mutable_layers(0)->mutable_operations()->mutable_mac_count() = MakeCount("N*400");
  *pair.b.mutable_layers(0)->mutable_outputs(0)->mutable_shape(1) = MakeCount("8");
  SetTotals(pair.a, "40", "400");
  SetTotals(pair.b, "1050", "N*400 + 300");
  return pair;
}

TEST(DiffTest, WhatChangedIsTold) {
  const Pair pair = Changed();
  EXPECT_EQ(DiffText({"a.onnx", "b\x1b.onnx", pair.a, pair.b}, Style(false)),
            "A  a.onnx  4 layers\n"
            "B  b\\x1b.onnx  4 layers\n"
            "\n"
            "                        A            B    difference  ratio\n"
            "parameters             40        1,050        +1,010  26.25\n"
            "multiply-accumulates  400  N*400 + 300  +N*400 - 100\n"
            "\n"
            "1 layer alike, 2 changed, 1 added, 1 removed; 1 in both have another name\n"
            "~ conv1  output 1 x 4 x 8 x 8 -> 1 x 8 x 8 x 8; parameters 10 -> 1,020; MACs 100 -> N*400\n"
            "~ relu  operator Relu -> Clip\n"
            "+ norm  BatchNormalization, output 1 x 4 x 8 x 8, parameters 10, MACs 100\n"
            "- pool  MaxPool, output 1 x 4 x 8 x 8, parameters 10, MACs 100\n");
  EXPECT_THAT(DiffMarkdown({"a|b", "c", pair.a, pair.b}),
              AllOf(HasSubstr("A is a\\|b, 4 layers; B is c, 4 layers.\n"),
                    HasSubstr("| parameters | 40 | 1,050 | +1,010 | 26.25 |\n"),
                    HasSubstr("| multiply-accumulates | 400 | N\\*400 + 300 | +N\\*400 - 100 |  |\n"),
                    HasSubstr("| removed | pool | MaxPool, output 1 x 4 x 8 x 8, parameters 10, MACs 100 |\n")));
}

TEST(DiffTest, JsonHasTheSame) {
  const Pair pair = Changed();
  nlohmann::ordered_json json;
  for (const NamedValue& value : DiffReport({"a", "b", pair.a, pair.b}).values) json[value.name] = value.value;
  EXPECT_EQ(json["is_same"], false);
  EXPECT_EQ(json["total"]["parameter_count"]["difference"], 1010);
  EXPECT_EQ(json["total"]["parameter_count"]["ratio"], 26.25);
  EXPECT_EQ(json["total"]["mac_count"]["difference"], "N*400 - 100");
  EXPECT_TRUE(json["total"]["mac_count"]["ratio"].is_null());
  EXPECT_EQ(json["added"][0]["name"], "norm");
  EXPECT_EQ(json["removed"][0]["operator"], "MaxPool");
  EXPECT_EQ(json["changed"][1]["changes"].dump(), R"({"operator":{"a":"Relu","b":"Clip"}})");
  EXPECT_EQ(json["same_count"], 1);
  EXPECT_EQ(json["renamed_count"], 1);
}

TEST(DiffTest, AModelIsAsItself) {
  const Pair pair = Changed();
  EXPECT_TRUE(CompareModels(pair.b, pair.b).is_same());
  EXPECT_THAT(DiffText({"x", "x", pair.b, pair.b}, Style(false)),
              AllOf(HasSubstr("parameters                  1,050        1,050           0      1\n"),
                    HasSubstr("4 layers alike, 0 changed, 0 added, 0 removed\n"), Not(HasSubstr("->"))));
}

TEST(DiffTest, UnknownOperatorsAndZeros) {
  Pair pair = Changed();
  pair.b.add_unknown_layers("relu");
  SetTotals(pair.a, "0", "0");
  const std::string text = DiffText({"a", "b", pair.a, pair.b}, Style(false));
  EXPECT_THAT(text, AllOf(HasSubstr("Numbers of B are at least"),
                          HasSubstr("parameters            0        1,050        +1,050\n")));
  EXPECT_EQ(CompareModels(pair.a, pair.b).totals[0].ratio, std::nullopt);
}

}  // namespace
}  // namespace tensord::cli
