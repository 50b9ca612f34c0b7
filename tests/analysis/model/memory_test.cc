// Bytes that are read, written, alive and kept; against a slow simulation, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/analysis/model/costs.h"

namespace tensord::analysis::model {
namespace {

using ::testing::ElementsAre;

std::string Types(const std::vector<TypeBytes>& list) {
  return absl::StrJoin(list, ", ", [](std::string* out, const TypeBytes& entry) {
    absl::StrAppend(out, entry.bytes.ToString(), " ", ElementTypeName(entry.type));
  });
}

std::vector<std::string> Live(const Costs& costs) {
  std::vector<std::string> live;
  for (const LayerCost& layer : costs.layers) live.push_back(Text(layer.memory.live));
  return live;
}

// x [1,2,4,4] 128 bytes -> Conv to 3 channels, c [1,3,4,4] 192 -> Relu, r 192 -> Flatten, f -> Gemm to 5, y 20.
SmallGraph Small() {
  SmallGraph graph;
  graph.Input("x", {1, 2, 4, 4}).Weights("w", {3, 2, 1, 1}).Weights("b", {3}).Weights("v", {48, 5});
  graph.Node("Conv", {"x", "w", "b"}, {"c"}).Node("Relu", {"c"}, {"r"}).Node("Flatten", {"r"}, {"f"});
  graph.Node("Gemm", {"f", "v"}, {"y"});
  return graph;
}

TEST(MemoryTest, OfASmallNetwork) {
  const Costs costs = CostsOf(Small(), {"y"});
  ASSERT_EQ(costs.layers.size(), 4U);
  EXPECT_EQ(Text(costs.layers[0].memory.parameters), "36");  // 4*(6 + 3)
  EXPECT_EQ(Text(costs.layers[0].memory.buffers), "0");
  EXPECT_EQ(Text(costs.layers[0].memory.read), "164");  // 128 + 36
  EXPECT_EQ(Text(costs.layers[0].memory.written), "192");
  EXPECT_EQ(Text(costs.layers[2].memory.read), "0") << "Flatten gives another name";
  EXPECT_EQ(Text(costs.layers[2].memory.written), "0");
  EXPECT_EQ(Text(costs.layers[3].memory.read), "1152");  // 192 + 4*240
  EXPECT_THAT(Live(costs), ElementsAre("320", "384", "192", "212"));
  const ModelMemory& memory = costs.total.memory;
  EXPECT_EQ(Text(memory.peak), "384");
  EXPECT_EQ(memory.peak_layer, "Relu_1");
  EXPECT_EQ(Types(memory.parameters), "996 float32");
  EXPECT_EQ(memory.parameter_bytes.ToString(), "996");
  EXPECT_EQ(Types(memory.activations), "532 float32");  // 128 + 192 + 192 + 20
  // The convolution's input, and the activation's output, which is the product's input too.
  EXPECT_EQ(Text(costs.layers[0].memory.training), "128");
  EXPECT_EQ(Text(costs.layers[1].memory.training), "192");
  EXPECT_EQ(Text(costs.layers[2].memory.training), "0");
  EXPECT_EQ(Text(costs.layers[3].memory.training), "0");
  EXPECT_EQ(memory.training_bytes.ToString(), "320");
}

TEST(MemoryTest, BytesByType) {
  SmallGraph graph;
  graph.Input("x", {1, 4, 2, 2}, ElementType::kFloat16);
  for (const std::string name : {"s", "b", "m", "v"}) graph.Weights(name, {4});
  graph.Node("BatchNormalization", {"x", "s", "b", "m", "v"}, {"n"});
  graph.Node("Cast", {"n"}, {"y"}, {{"to", int64_t{11}}});
  const Costs costs = CostsOf(graph, {"y"});
  EXPECT_EQ(Types(costs.total.memory.buffers), "32 float32");
  EXPECT_EQ(Text(costs.layers[0].memory.buffers), "32");
  EXPECT_EQ(Types(costs.total.memory.activations), "64 float16, 128 float64");
  EXPECT_EQ(costs.total.memory.activation_bytes.ToString(), "192");
  // Its input, and a mean and a deviation for each of 4 channels.
  EXPECT_EQ(Text(costs.layers[0].memory.training), "48");
}

TEST(MemoryTest, SharedParametersAreReadTwiceAndCountedOnce) {
  SmallGraph graph;
  graph.Input("x", {1, 4, 3}).Weights("w", {4, 4, 1});
  graph.Node("Conv", {"x", "w"}, {"c"}).Node("Conv", {"c", "w"}, {"y"});
  const Costs costs = CostsOf(graph, {"y"});
  EXPECT_EQ(Text(costs.layers[0].memory.parameters), "64");
  EXPECT_EQ(Text(costs.layers[1].memory.parameters), "0");
  EXPECT_EQ(Text(costs.layers[1].memory.read), "112");
  EXPECT_EQ(costs.total.memory.parameter_bytes.ToString(), "64");
}

TEST(MemoryTest, ATensorThatIsTakenTwiceIsReadOnce) {
  SmallGraph graph;
  graph.Input("x", {10}).Node("Mul", {"x", "x"}, {"y"});
  const Costs costs = CostsOf(graph, {"y"});
  EXPECT_EQ(Text(costs.layers[0].memory.read), "40");
  EXPECT_EQ(Text(costs.layers[0].memory.training), "40");
}

// x lives until the sum, behind a name that Identity gave it; what nobody uses lives while its layer runs.
TEST(MemoryTest, SkipsKeepTensorsAliveThroughTheirOtherNames) {
  SmallGraph graph;
  graph.Input("x", {10}).Node("Identity", {"x"}, {"i"}).Node("Relu", {"x"}, {"a"}).Node("Abs", {"a"}, {"unused"});
  graph.Node("Relu", {"a"}, {"b"}).Node("Add", {"b", "i"}, {"c"}).Node("Relu", {"c"}, {"y"});
  EXPECT_THAT(Live(CostsOf(graph, {"y"})), ElementsAre("40", "80", "120", "120", "120", "80"));
  // What the network gives lives until the end.
  EXPECT_THAT(Live(CostsOf(graph, {"y", "a"})), ElementsAre("40", "80", "120", "120", "160", "120"));
}

TEST(MemoryTest, ABatchThatIsASymbol) {
  SmallGraph graph;
  graph.Input("x", {"N", 6}).Weights("w", {6, 9}).Weights("v", {9, 2});
  graph.Node("Gemm", {"x", "w"}, {"a"}).Node("Relu", {"a"}, {"r"}).Node("Gemm", {"r", "v"}, {"y"});
  const Costs costs = CostsOf(graph, {"y"});
  EXPECT_THAT(Live(costs), ElementsAre("N*60", "N*72", "N*44"));
  EXPECT_EQ(Text(costs.total.memory.peak), "N*72");
  EXPECT_EQ(costs.total.memory.peak_layer, "Relu_1");
}

TEST(MemoryTest, TheFirstOfEqualPeaks) {
  SmallGraph graph;
  graph.Input("x", {"N", 6}).Node("Relu", {"x"}, {"a"}).Node("Relu", {"a"}, {"b"}).Node("Relu", {"b"}, {"y"});
  EXPECT_EQ(CostsOf(graph, {"y"}).total.memory.peak_layer, "Relu_0");
}

// 40*N + 40*M are alive at one place, 800 at another: symbols decide; but 4000*M + 4000*N at a third are more than
// both.
TEST(MemoryTest, SymbolsMayDecideThePeak) {
  SmallGraph graph;
  graph.Input("x", {"N", 5}).Input("z", {"M", 5});
  graph.Node("Relu", {"x"}, {"a"}).Node("Relu", {"a"}, {"x1"});
  graph.Node("Relu", {"z"}, {"b"}).Node("Relu", {"b"}, {"z1"});
  Costs costs = CostsOf(graph, {"x1"});
  EXPECT_THAT(Live(costs), ElementsAre("(M + N*2)*20", "(M + N*2)*20", "M*40 + N*20", "M*40 + N*20"));
  EXPECT_FALSE(costs.total.memory.peak.has_value());
  EXPECT_EQ(costs.total.memory.peak_layer, "");
  graph.Integers("many", {1, 50})
      .Node("Tile", {"x1", "many"}, {"t"})
      .Node("Concat", {"t", "t"}, {"y"}, {{"axis", int64_t{1}}});
  costs = CostsOf(graph, {"y", "z1", "b"});
  // z1 and b, t and twice t.
  EXPECT_EQ(Text(costs.total.memory.peak), "(M + N*75)*40");
  EXPECT_EQ(costs.total.memory.peak_layer, "Concat_5");
}

TEST(MemoryTest, WhatIsNotKnownIsSaidSo) {
  SmallGraph graph;
  graph.Input("x", {4}).Node("Relu", {"x"}, {"a"}).Node("Mystery", {"a"}, {"m"}).Node("Abs", {"m"}, {"n"});
  graph.Node("Relu", {"a"}, {"y"});
  const Costs costs = CostsOf(graph, {"y"});
  EXPECT_THAT(Live(costs), ElementsAre("32", "unknown", "unknown", "32"));
  EXPECT_EQ(Text(costs.layers[1].memory.read), "16");
  EXPECT_EQ(Text(costs.layers[1].memory.written), "unknown");
  EXPECT_EQ(Text(costs.layers[1].memory.training), "unknown");
  EXPECT_EQ(Text(costs.layers[2].memory.read), "unknown");
  EXPECT_FALSE(costs.total.memory.peak.has_value());
  EXPECT_EQ(costs.total.memory.activation_bytes.ToString(), "48");  // x, a and y
}

TEST(MemoryTest, MasksIndicesAndOutputsAreKept) {
  SmallGraph graph;
  graph.Input("x", {1, 2, 4, 4});
  const Attributes halves = {{"kernel_shape", Ints({2, 2})}, {"strides", Ints({2, 2})}};
  graph.Node("MaxPool", {"x"}, {"p"}, halves).Node("Sigmoid", {"p"}, {"s"}).Node("Sigmoid", {"s"}, {"t"});
  graph.Node("Mul", {"s", "t"}, {"m"}).Node("AveragePool", {"m"}, {"y"}, halves);
  const Costs costs = CostsOf(graph, {"y"});
  std::vector<std::string> kept;
  for (const LayerCost& layer : costs.layers) kept.push_back(Text(layer.memory.training));
  // 8 indices of 8 bytes; 8 outputs; 8 outputs; both factors are kept already; an average keeps nothing.
  EXPECT_THAT(kept, ElementsAre("64", "32", "32", "0", "0"));
}

// 4 elements of 16 bytes, 8 of 32.
TEST(MemoryTest, FactorsAreKeptForEachOther) {
  const auto kept = [](const std::string& op, bool has_parameter) {
    SmallGraph graph;
    graph.Input("a", {4});
    if (has_parameter) {
      graph.Weights("b", {2, 4});
    } else {
      graph.Input("b", {2, 4});
    }
    return Text(CostsOf(graph.Node(op, {"a", "b"}, {"y"}), {"y"}).layers[0].memory.training);
  };
  EXPECT_EQ(kept("Mul", false), "48");
  EXPECT_EQ(kept("Mul", true), "16") << "parameters are there anyhow";
  EXPECT_EQ(kept("Div", false), "64") << "b and the quotient";
  EXPECT_EQ(kept("Div", true), "32");
  EXPECT_EQ(kept("Add", false), "0");
}

// Layer i of a random graph takes some earlier tensors; some layers only relabel.
struct RandomGraph {
  SmallGraph graph;
  std::vector<std::vector<size_t>> inputs;  // of each layer, tensors; tensor 0 is the network's input
  std::vector<bool> relabels;
  std::set<size_t> outputs;
  std::vector<std::string> output_names;
};

RandomGraph MakeRandom(std::mt19937& random) {
  RandomGraph made;
  made.graph.Input("t0", {1, 4});
  const size_t count = 1 + random() % 12;
  for (size_t i = 0; i < count; ++i) {
    const size_t first = random() % (i + 1);
    const size_t second = random() % (i + 1);
    const std::string name = absl::StrCat("t", i + 1);
    const auto tensor = [](size_t id) { return absl::StrCat("t", id); };
    made.relabels.push_back(random() % 4 == 0);
    if (made.relabels.back()) {
      made.graph.Node("Identity", {tensor(first)}, {name});
      made.inputs.push_back({first});
    } else if (random() % 2 == 0) {
      made.graph.Node("Relu", {tensor(first)}, {name});
      made.inputs.push_back({first});
    } else {
      made.graph.Node("Concat", {tensor(first), tensor(second)}, {name}, {{"axis", int64_t{1}}});
      made.inputs.push_back({first, second});
    }
    if (random() % 5 == 0 || i + 1 == count) made.outputs.insert(i + 1);
  }
  for (const size_t output : made.outputs) made.output_names.push_back(absl::StrCat("t", output));
  return made;
}

// Which tensors have bytes that someone needs while layer `now` runs, decided for each by looking at all layers.
int64_t SlowLive(const RandomGraph& made, size_t now) {
  const size_t tensors = made.inputs.size() + 1;
  std::vector<int64_t> width(tensors, 4);
  std::vector<size_t> owner(tensors, 0);  // whose bytes a tensor has
  for (size_t layer = 0; layer < made.inputs.size(); ++layer) {
    width[layer + 1] = 0;
    for (const size_t input : made.inputs[layer]) width[layer + 1] += width[input];
    owner[layer + 1] = made.relabels[layer] ? owner[made.inputs[layer][0]] : layer + 1;
  }
  int64_t bytes = 0;
  for (size_t tensor = 0; tensor < tensors; ++tensor) {
    if (owner[tensor] != tensor) continue;
    const bool is_there = tensor == 0 || tensor - 1 <= now;
    bool is_needed = tensor == now + 1;
    for (size_t other = 0; other < tensors; ++other) {
      if (owner[other] == tensor && made.outputs.count(other) != 0) is_needed = true;
    }
    for (size_t layer = now; layer < made.inputs.size(); ++layer) {
      for (const size_t input : made.inputs[layer]) is_needed = is_needed || owner[input] == tensor;
    }
    if (is_there && is_needed) bytes += 4 * width[tensor];
  }
  return bytes;
}

TEST(MemoryTest, AsASlowSimulationOfRandomGraphs) {
  std::mt19937 random(22);
  for (int run = 0; run < 2000; ++run) {
    const RandomGraph made = MakeRandom(random);
    const Costs costs = CostsOf(made.graph, made.output_names);
    ASSERT_EQ(costs.layers.size(), made.inputs.size());
    int64_t peak = -1;
    size_t peak_layer = 0;
    for (size_t layer = 0; layer < costs.layers.size(); ++layer) {
      const int64_t live = SlowLive(made, layer);
      ASSERT_EQ(Text(costs.layers[layer].memory.live), absl::StrCat(live)) << "run " << run << ", layer " << layer;
      if (live > peak) peak_layer = layer;
      peak = std::max(peak, live);
    }
    ASSERT_EQ(Text(costs.total.memory.peak), absl::StrCat(peak));
    ASSERT_EQ(costs.total.memory.peak_layer, costs.model.layers[peak_layer].name);
  }
}

}  // namespace
}  // namespace tensord::analysis::model
