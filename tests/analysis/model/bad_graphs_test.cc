// Graphs that are none, or that want to take more than they may: what is wrong is said of its node, and in full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <iostream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/analysis/onnx.h"
#include "tests/analysis/model/onnx_messages.h"
#include "tests/analysis/model/small_graph.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace tensord::analysis::model {
namespace {

using ::testing::HasSubstr;
using Sizes = std::vector<int64_t>;

constexpr int64_t kHuge = int64_t{1} << 60;

std::string MessageOf(const SmallGraph& graph, const std::vector<std::string>& outputs = {}) {
  return std::string(graph.Analyze(outputs).status().message());
}

// x [N,4,8,8] and three filters.
SmallGraph Start() {
  return SmallGraph()
      .Input("x", {"N", 4, 8, 8})
      .Weights("w", {4, 4, 3, 3})
      .Weights("wrong", {4, 3, 3, 3})
      .Weights("flat", {4, 4, 3});
}

TEST(BadGraphsTest, ANodeThatWaitsForItself) {
  EXPECT_EQ(MessageOf(Start().Node(NamedNode("conv", "Conv", {"y", "w"}, {"y"}))),
            "node \"conv\" (Conv): it waits for its own output, or for that of nodes that do; a graph has no cycles");
}

TEST(BadGraphsTest, CyclesOfManyNodes) {
  EXPECT_EQ(MessageOf(Start()
                          .Node(NamedNode("good", "Relu", {"x"}, {"a"}))
                          .Node(NamedNode("first", "Add", {"a", "c"}, {"b"}))
                          .Node(NamedNode("second", "Relu", {"b"}, {"c"}))
                          .Node(NamedNode("behind", "Relu", {"c"}, {"d"}))),
            "node \"first\" (Add): it waits for its own output, or for that of nodes that do; a graph has no cycles");
  SmallGraph ring = Start();
  constexpr int kNodes = 100'000;
  for (int i = 0; i < kNodes; ++i) {
    ring.Node("Relu", {absl::StrCat("t", i)}, {absl::StrCat("t", (i + 1) % kNodes)});
  }
  EXPECT_EQ(MessageOf(ring),
            "node (Relu): it waits for its own output, or for that of nodes that do; a graph has no cycles");
}

TEST(BadGraphsTest, TensorsThatAreNowhere) {
  EXPECT_EQ(MessageOf(Start().Node(NamedNode("conv", "Conv", {"x", "gone"}, {"y"}))),
            "node \"conv\" (Conv): its input \"gone\" is neither given nor computed by any node");
  // What the file says of a tensor does not make it one.
  EXPECT_EQ(MessageOf(Start().Declare("gone", {4, 4, 3, 3}).Node(NamedNode("conv", "Conv", {"x", "gone"}, {"y"}))),
            "node \"conv\" (Conv): its input \"gone\" is neither given nor computed by any node");
  EXPECT_EQ(MessageOf(Start(), {"y"}), "the graph's output \"y\" is computed by no node");
  EXPECT_EQ(MessageOf(Start().Input("", {1})), "the graph has an input or initializer without a name");
  EXPECT_EQ(MessageOf(Start().Node(NamedNode("conv", "Conv", {"x", ""}, {"y"}))),
            "node \"conv\" (Conv): its filter (input 1) is missing");
}

TEST(BadGraphsTest, NamesOfTwoTensors) {
  const std::string rule = " is computed or given elsewhere too; a name stands for one tensor";
  const auto twice = [](std::vector<std::string> outputs) {
    return MessageOf(
        Start().Node(NamedNode("one", "Relu", {"x"}, {"a"})).Node(NamedNode("two", "Relu", {"a"}, std::move(outputs))));
  };
  EXPECT_EQ(twice({"a"}), "node \"two\" (Relu): its output \"a\"" + rule);
  EXPECT_EQ(twice({"x"}), "node \"two\" (Relu): its output \"x\"" + rule);
  EXPECT_EQ(twice({"w"}), "node \"two\" (Relu): its output \"w\"" + rule);
  EXPECT_EQ(twice({"b", "b"}), "node \"two\" (Relu): its output \"b\"" + rule);
  EXPECT_EQ(MessageOf(Start().Input("x", {1})), "the graph has two inputs that are called \"x\"");
  EXPECT_EQ(MessageOf(Start().Weights("w", {1})), "the graph has two initializers that are called \"w\"");
  // Nodes may share a name, and a file may say two things of a tensor that are both so.
  const auto shared = Start()
                          .Node(NamedNode("same", "Relu", {"x"}, {"a"}))
                          .Node(NamedNode("same", "Relu", {"a"}, {"b"}))
                          .Declare("a", {"N", 4, 8, 8})
                          .Declare("a", {"M", 4, 8, 8})
                          .Analyze({"b", "b"});
  ASSERT_THAT(shared, test_support::IsOk());
  EXPECT_EQ(shared->layers.size(), 2U);
}

TEST(BadGraphsTest, ShapesThatDisagreeAreBothNamed) {
  const auto one = [](const std::string& op, std::vector<std::string> inputs, Attributes attributes = {}) {
    return MessageOf(Start()
                         .Input("m", {2, 3})
                         .Weights("s", {5})
                         .Integers("sizes", {7, -1})
                         .Integers("fixed", {7, 2})
                         .Node(NamedNode("n", op, std::move(inputs), {"y"}, std::move(attributes))));
  };
  EXPECT_EQ(
      one("Conv", {"x", "wrong"}),
      "node \"n\" (Conv): its input \"x\" [N,4,8,8] has to have as many channels as its filter \"wrong\" [4,3,3,3] "
      "takes, 3: was 4, has to be 3");
  EXPECT_EQ(one("Conv", {"x", "w"}, {{"group", int64_t{2}}}),
            "node \"n\" (Conv): its input \"x\" [N,4,8,8] has to have as many channels as its filter \"w\" [4,4,3,3] "
            "takes, 2 groups of 4: was 4, has to be 8");
  EXPECT_EQ(one("Conv", {"x", "flat"}),
            "node \"n\" (Conv): its input \"x\" [N,4,8,8] and its filter \"flat\" [4,4,3] have to be of the same rank: "
            "batch, channels and the spatial axes");
  EXPECT_EQ(one("Conv", {"x", "w", "s"}),
            "node \"n\" (Conv): its bias \"s\" [5] has one element for each output channel: was 5, has to be 4");
  EXPECT_EQ(
      one("ConvTranspose", {"x", "w"}, {{"group", int64_t{3}}}),
      "node \"n\" (ConvTranspose): its filter \"w\" [4,4,3,3] has 4 input channels, and they have to be divisible "
      "by its 3 groups");
  EXPECT_EQ(one("MaxPool", {"x"}, {{"kernel_shape", Sizes{9, 1}}}),
            "node \"n\" (MaxPool): its window of 9 along H is longer than its padded input: \"x\" [N,4,8,8], padding 0 "
            "and 0");
  EXPECT_EQ(
      one("Gemm", {"m", "m"}),
      "node \"n\" (Gemm): the columns of A, \"m\" [2,3], have to be as many as the rows of B, \"m\" [2,3]: was 3, "
      "has to be 2");
  EXPECT_EQ(
      one("Gemm", {"m", "m", "s"}, {{"transB", int64_t{1}}}),
      "node \"n\" (Gemm): the shapes [2,2] and [5] have to be equal or 1 along each axis, aligned at the last: was "
      "5, has to be 2");
  EXPECT_EQ(
      one("MatMul", {"m", "m"}),
      "node \"n\" (MatMul): the last axis of \"m\" [2,3] and the rows of \"m\" [2,3] have to be equally long: was "
      "3, has to be 2");
  EXPECT_EQ(one("Add", {"x", "m"}),
            "node \"n\" (Add): the shapes [N,4,8,8] and [2,3] have to be equal or 1 along each axis, aligned at the "
            "last: was 2, has to be 8");
  EXPECT_EQ(one("Concat", {"x", "w"}, {{"axis", int64_t{1}}}),
            "node \"n\" (Concat): its inputs \"x\" [N,4,8,8] and \"w\" [4,4,3,3] have to have the same sizes along all "
            "axes but 1: was 3, has to be 8");
  EXPECT_EQ(
      one("Reshape", {"m", "fixed"}),
      "node \"n\" (Reshape): its input \"m\" [2,3] cannot be reshaped to [7,2], both have to have as many elements: "
      "was 14, has to be 6");
  EXPECT_EQ(
      one("BatchNormalization", {"x", "s", "s", "s", "s"}),
      "node \"n\" (BatchNormalization): its scale \"s\" [5] has to have one element for each channel of its input "
      "\"x\" [N,4,8,8]: was 5, has to be 4");
  EXPECT_EQ(one("PRelu", {"x", "s"}),
            "node \"n\" (PRelu): the shapes [N,4,8,8] and [5] have to be equal or 1 along each axis, aligned at the "
            "last: was 5, has to be 8");
}

TEST(BadGraphsTest, CountsBeyond128BitsAreSaidOfTheirNode) {
  const auto huge = [] { return SmallGraph().Input("x", {kHuge, 1, kHuge, kHuge}).Weights("w", {1, 1, 1, 1}); };
  for (const char* op : {"Relu", "GlobalAveragePool", "Softmax"}) {
    EXPECT_EQ(MessageOf(huge().Node(NamedNode("large", op, {"x"}, {"y"}))),
              absl::StrCat("node \"large\" (", op, "): does not fit into 128 bits"));
  }
  EXPECT_EQ(MessageOf(huge().Node(NamedNode("large", "Conv", {"x", "w"}, {"y"}))),
            "node \"large\" (Conv): does not fit into 128 bits");
  EXPECT_EQ(MessageOf(huge().Node(NamedNode("large", "ConvTranspose", {"x", "w"}, {"y"}))),
            "node \"large\" (ConvTranspose): does not fit into 128 bits");
  EXPECT_EQ(MessageOf(huge().Node(NamedNode("large", "Flatten", {"x"}, {"y"}, {{"axis", int64_t{4}}}))),
            "node \"large\" (Flatten): does not fit into 128 bits")
      << "a size, not a count";
  // Sizes alone that are large are no mistake.
  EXPECT_EQ(SmallGraph().Input("x", {kHuge, 1, kHuge}).Node("Relu", {"x"}, {"y"}).Shape("y"),
            "[1152921504606846976,1,1152921504606846976]");
}

TEST(BadGraphsTest, SoAreSumsOfSuchThatFit) {
  // A layer has 2^127 comparisons, and three of them too many.
  SmallGraph graph;
  graph.Input("x", {int64_t{1} << 62, int64_t{1} << 62, 8});
  graph.Node("Relu", {"x"}, {"a"});
  EXPECT_THAT(graph.Analyze({"a"}), test_support::IsOk());
  graph.Node("Relu", {"x"}, {"b"}).Node("Relu", {"x"}, {"c"});
  EXPECT_EQ(MessageOf(graph), "the totals: does not fit into 128 bits");
}

TEST(BadGraphsTest, NegativeSizesAreNone) {
  EXPECT_EQ(MessageOf(SmallGraph().Input("x", {1, -5}).Node("Relu", {"x"}, {"y"})),
            "tensor \"x\" has the size -5, has to be at least 0");
  EXPECT_EQ(MessageOf(Start().Weights("v", {4, 4, -3, 3}).Node("Conv", {"x", "v"}, {"y"})),
            "tensor \"v\" has the size -3, has to be at least 0");
  EXPECT_EQ(MessageOf(Start().Declare("y", {-1, 4}).Node("Mystery", {"x"}, {"y"})),
            "tensor \"y\" has the size -1, has to be at least 0");
}

TEST(BadGraphsTest, AttributesOfAnySizeAreRead) {
  const auto conv = [](Attributes attributes) {
    return MessageOf(Start().Node(NamedNode("c", "Conv", {"x", "w"}, {"y"}, std::move(attributes))), {"y"});
  };
  EXPECT_EQ(conv({{"strides", Sizes(65536, 1)}}),
            "node \"c\" (Conv): its attribute strides has 65536 entries, has to have 2");
  EXPECT_EQ(conv({{"strides", Sizes{1, int64_t{1} << 31}}}),
            "node \"c\" (Conv): its attribute strides has the entry 2147483648, has to be 1..2147483647");
  EXPECT_EQ(conv({{"pads", Sizes{0, 0, 0, std::numeric_limits<int64_t>::min()}}}),
            "node \"c\" (Conv): its attribute pads has the entry -9223372036854775808, has to be 0..2147483647");
  EXPECT_EQ(conv({{"group", std::numeric_limits<int64_t>::max()}}),
            "node \"c\" (Conv): its input \"x\" [N,4,8,8] has to have as many channels as its filter \"w\" [4,4,3,3] "
            "takes, 9223372036854775807 groups of 4: was 4, has to be 36893488147419103228");
  EXPECT_EQ(conv({{"group", int64_t{0}}}), "node \"c\" (Conv): its attribute group was 0, has to be at least 1");
  EXPECT_EQ(conv({{"auto_pad", std::string(100'000, 'A')}}),
            "node \"c\" (Conv): its attribute auto_pad was \"" + std::string(253, 'A') +
                "...\", has to be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  EXPECT_EQ(conv({{"auto_pad", NamedTensor("t", {1})}}), "node \"c\" (Conv): its attribute auto_pad has to be a text");
  EXPECT_EQ(conv({{"pads", Sizes(4, 2147483647)}, {"strides", Sizes(2, 2147483647)}}), "");
}

TEST(BadGraphsTest, NamesAreWrittenSoThatNothingIsPlayed) {
  const auto named = [](const std::string& node, const std::string& op, const std::string& input) {
    return MessageOf(Start().Node(NamedNode(node, op, {input}, {"y"})));
  };
  const std::string rest = " is neither given nor computed by any node";
  EXPECT_EQ(named("a\x1b[2J\n\t\x7f", "Relu", "b"), "node \"a\\x1b[2J\\n\\t\\x7f\" (Relu): its input \"b\"" + rest);
  EXPECT_EQ(named(std::string("a\0b", 3), std::string("Re\0lu", 5), std::string("\0", 1)),
            "node \"a\\x00b\" (Re\\x00lu): its input \"\\x00\"" + rest);
  // A right-to-left override, and isolates: what follows would be read backwards.
  EXPECT_EQ(
      named("\xe2\x80\xaegnp", "\xe2\x81\xa6Relu\xe2\x81\xa9", "\xd8\x9c\xe2\x80\x8f"),
      "node \"\\xe2\\x80\\xaegnp\" (\\xe2\\x81\\xa6Relu\\xe2\\x81\\xa9): its input \"\\xd8\\x9c\\xe2\\x80\\x8f\"" +
          rest);
  // No UTF-8: a lone byte, an overlong NUL, a surrogate, a character that is cut off.
  EXPECT_EQ(named("\xff", "\xc0\x80", "\xed\xa0\x80"),
            "node \"\\xff\" (\\xc0\\x80): its input \"\\xed\\xa0\\x80\"" + rest);
  EXPECT_EQ(named("\xe2\x80", "Relu",
                  "gr\xc3\xb6\xc3\x9f"
                  "e"),
            "node \"\\xe2\\x80\" (Relu): its input \"gr\xc3\xb6\xc3\x9f"
            "e\"" +
                rest);
  // Names that differ in what nobody sees are two names.
  EXPECT_EQ(named("n", "Relu", "x\xe2\x80\x8b"), "node \"n\" (Relu): its input \"x\\xe2\\x80\\x8b\"" + rest);
}

// Whoever opens the file of elements waits for ever, as nobody writes into it.
TEST(BadGraphsTest, ElementsElsewhereAreNeverOpened) {
  const testing::TemporaryDirectory folder;
  const std::string trap = folder.path("weights.bin");
  ASSERT_EQ(mkfifo(trap.c_str(), 0600), 0);
  for (const std::string& location : {trap, std::filesystem::relative(trap).string(), "file://" + trap,
                                      std::string("../../../../etc/passwd"), std::string("a\0b", 3)}) {
    ::onnx::ModelProto model = SmallModel();
    const absl::StatusOr<Graph> without = ReadOnnx(model.SerializeAsString());
    ASSERT_THAT(without, test_support::IsOk());
    ::onnx::TensorProto& weight = *model.mutable_graph()->mutable_initializer(0);
    weight.set_data_location(::onnx::TensorProto::EXTERNAL);
    auto& place = *weight.add_external_data();
    place.set_key("location");
    place.set_value(location);
    const absl::StatusOr<Graph> read = ReadOnnx(model.SerializeAsString());
    ASSERT_THAT(read, test_support::IsOk());
    EXPECT_EQ(*read, *without);
    EXPECT_THAT(AnalyzeModel(*read, {}), test_support::IsOk());
    const absl::StatusOr<std::string> stripped = StripWeights(model.SerializeAsString());
    ASSERT_THAT(stripped, test_support::IsOk());
    EXPECT_THAT(*stripped, Not(HasSubstr(location)));
  }
}

// 2^20 values are folded in all: a product of 32 by 32 takes and gives three times as many, so 10922 of them are.
TEST(BadGraphsTest, FoldingHasABound) {
  const auto folded = [](int products) {
    SmallGraph graph = SmallGraph()
                           .Integers("p0", Sizes(32, 1))
                           .Integers("start", {0})
                           .Integers("end", {1})
                           .Node("Slice", {absl::StrCat("p", products), "start", "end"}, {"first"})
                           .Node("ConstantOfShape", {"first"}, {"y"});
    for (int i = 0; i < products; ++i) {
      graph.Node("Mul", {absl::StrCat("p", i), absl::StrCat("p", i)}, {absl::StrCat("p", i + 1)});
    }
    return graph.Shape("y");
  };
  EXPECT_EQ(folded(10'900), "[1]");
  EXPECT_EQ(folded(10'950), "unknown");
}

// Time: what a graph's size does not say must not cost it.

// Of the processor, as others may run beside it.
double MillisecondsOf(const SmallGraph& chain, const std::string& output) {
  const Graph graph = chain.With({output});
  const std::clock_t start = std::clock();
  const absl::StatusOr<ModelAnalysis> analysis = AnalyzeModel(graph, {});
  const std::clock_t end = std::clock();
  EXPECT_THAT(analysis, test_support::IsOk());
  return 1000.0 * static_cast<double>(end - start) / CLOCKS_PER_SEC;
}

SmallGraph Chain(int length, const std::string& op, const std::vector<std::string>& weights, Attributes attributes) {
  SmallGraph graph = SmallGraph().Input("t0", {"N", 1, 70'000}).Weights("w", {1, 1, 65536});
  for (int i = 0; i < length; ++i) {
    std::vector<std::string> inputs = {absl::StrCat("t", i)};
    inputs.insert(inputs.end(), weights.begin(), weights.end());
    graph.Node(op, inputs, {absl::StrCat("t", i + 1)}, attributes);
  }
  return graph;
}

TEST(BadGraphsTest, LongChainsAreLinear) {
  for (const int length : {1'000, 10'000, 100'000}) {
    const std::string last = absl::StrCat("t", length);
    std::cout << length << " layers: Relu " << MillisecondsOf(Chain(length, "Relu", {}, {}), last)
              << " ms, Conv of 65536 taps "
              << MillisecondsOf(Chain(length, "Conv", {"w"}, {{"auto_pad", std::string("SAME_UPPER")}}), last)
              << " ms\n";
  }
}

// Counts of what reads padding do not walk along a window that a file only says is long.
TEST(BadGraphsTest, LongWindowsAreCountedWithoutWalking) {
  constexpr int64_t kTaps = 100'000;
  constexpr int64_t kPad = 100'000;
  const auto model = SmallGraph()
                         .Input("x", {1, 1, 50})
                         .Weights("w", {1, 1, kTaps})
                         .Node("Conv", {"x", "w"}, {"y"},
                               {{"strides", Sizes{3}}, {"dilations", Sizes{2}}, {"pads", Sizes{kPad, kPad}}})
                         .Analyze({"y"});
  ASSERT_THAT(model, test_support::IsOk());
  ASSERT_EQ(Text(model->outputs[0]), "[1,1,18]");  // floor((200050 - 199999)/3) + 1
  int64_t outside = 0;
  for (int64_t o = 0; o < 18; ++o) {
    for (int64_t k = 0; k < kTaps; ++k) {
      const int64_t at = 3 * o + 2 * k - kPad;
      if (at < 0 || at >= 50) ++outside;
    }
  }
  EXPECT_EQ(model->operations.padding_macs->ToString(), absl::StrCat(outside));
}

}  // namespace
}  // namespace tensord::analysis::model
