// Slice, Split, Gather and its kin, Scatter, Pad, TopK.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::model {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax32 = std::numeric_limits<int32_t>::max();

// The length of a slice from `start` to `end` of an axis of that size.
std::string Sliced(Dimension size, int64_t start, int64_t end, int64_t step = 1) {
  return SmallGraph()
      .Input("x", {3, std::move(size)})
      .Integers("start", {start})
      .Integers("end", {end})
      .Integers("axis", {-1})
      .Integers("step", {step})
      .Node("Slice", {"x", "start", "end", "axis", "step"}, {"y"})
      .Shape("y");
}

TEST(SliceOperatorsTest, SlicesOfNumbersAreAsInNumPy) {
  EXPECT_EQ(Sliced(10, 0, 4), "[3,4]");
  EXPECT_EQ(Sliced(10, 2, kMax), "[3,8]");
  EXPECT_EQ(Sliced(10, 2, kMax32), "[3,8]");
  EXPECT_EQ(Sliced(10, -3, 100), "[3,3]");
  EXPECT_EQ(Sliced(10, -100, -1), "[3,9]");
  EXPECT_EQ(Sliced(10, 7, 3), "[3,0]");
  EXPECT_EQ(Sliced(10, 20, 30), "[3,0]");
  EXPECT_EQ(Sliced(10, 1, 8, 3), "[3,3]");
  EXPECT_EQ(Sliced(10, 1, 7, 3), "[3,2]");
  EXPECT_EQ(Sliced(10, 0, kMax, kMax), "[3,1]");
  EXPECT_EQ(Sliced(0, 0, kMax), "[3,0]");
  // An axis that is longer than INT_MAX ends where it is told.
  EXPECT_EQ(Sliced(kMax, 0, kMax32), "[3,2147483647]");
}

TEST(SliceOperatorsTest, NegativeStepsGoBackwards) {
  EXPECT_EQ(Sliced(10, -1, kMin, -1), "[3,10]");
  EXPECT_EQ(Sliced(10, kMax, kMin, -1), "[3,10]");
  EXPECT_EQ(Sliced(10, 8, 2, -2), "[3,3]");
  EXPECT_EQ(Sliced(10, 8, 1, -2), "[3,4]");
  EXPECT_EQ(Sliced(10, 8, -100, -3), "[3,3]");
  EXPECT_EQ(Sliced(10, 5, -1, -1), "[3,0]");
  EXPECT_EQ(Sliced(10, kMax, kMin, kMin), "[3,1]");
  EXPECT_EQ(Sliced(0, -1, kMin, -1), "[3,0]");
  EXPECT_EQ(Sliced("N", -1, kMin, -1), "[3,N]");
  EXPECT_EQ(Sliced("N", -2, kMin, -1), "[3,N - 1] where N >= 2");
  EXPECT_EQ(Sliced("N", kMax, kMin, -2), "[3,ceil(N/2)]");
  EXPECT_EQ(Sliced("N", 4, 1, -1), "[3,3] where N >= 2, N >= 5");
}

TEST(SliceOperatorsTest, SymbolsStay) {
  EXPECT_EQ(Sliced("N", 0, kMax), "[3,N]");
  EXPECT_EQ(Sliced("N", 0, kMax32), "[3,N]");
  EXPECT_EQ(Sliced("N", 1, kMax), "[3,N - 1]");
  EXPECT_EQ(Sliced("N", 0, -1), "[3,N - 1]");
  EXPECT_EQ(Sliced("N", 0, -2), "[3,N - 2] where N >= 2");
  EXPECT_EQ(Sliced("N", -1, kMax), "[3,1]");
  EXPECT_EQ(Sliced("N", -3, kMax), "[3,3] where N >= 3");
  EXPECT_EQ(Sliced("N", 2, -1), "[3,N - 3] where N >= 2, N >= 3");
  EXPECT_EQ(Sliced("N", 0, 1), "[3,1]");
  EXPECT_EQ(Sliced("N", 0, 0), "[3,0]");
  EXPECT_EQ(Sliced("N", 0, kMax, 2), "[3,ceil(N/2)]");
  EXPECT_EQ(Sliced("N", -kMax32 - 1, -1), "[3,N - 1]");
}

// A slice that a short axis cuts off: exact for every N, at and beside where the cut is.
TEST(SliceOperatorsTest, AnEndThatMayBeBeyondIsTheSmallerOfBoth) {
  const auto length = [](int64_t start, int64_t end, int64_t step, int64_t n) {
    const auto analysis = SmallGraph()
                              .Input("x", {"N"})
                              .Integers("start", {start})
                              .Integers("end", {end})
                              .Integers("axis", {0})
                              .Integers("step", {step})
                              .Node("Slice", {"x", "start", "end", "axis", "step"}, {"y"})
                              .Analyze({"y"});
    if (!analysis.ok()) return Integer(-1);
    return (*analysis->outputs[0].shape)[0].exact().Evaluate({{"N", n}}).value_or(Integer(-2));
  };
  for (const int64_t n : {1, 2, 99, 100, 101, 1000}) {
    EXPECT_EQ(length(0, 100, 1, n), Integer(std::min<int64_t>(n, 100))) << n;
    EXPECT_EQ(length(1, 100, 1, n), Integer(std::min<int64_t>(n, 100) - 1)) << n;
    EXPECT_EQ(length(0, 100, 3, n), Integer((std::min<int64_t>(n, 100) + 2) / 3)) << n;
  }
}

TEST(SliceOperatorsTest, AnEndThatIsASymbolIsTakenToBeInside) {
  const SmallGraph graph = SmallGraph()
                               .Input("x", {"B", "S"})
                               .Weights("positions", {1, 512})
                               .Integers("one", {1})
                               .Integers("zero", {0})
                               .Node("Shape", {"x"}, {"sizes"})
                               .Node("Gather", {"sizes", "one"}, {"length"})
                               .Node("Slice", {"positions", "zero", "length", "one"}, {"y"});
  EXPECT_EQ(graph.Shape("y"), "[1,S] where S <= 512");
}

TEST(SliceOperatorsTest, SlicesOfValues) {
  const SmallGraph graph = SmallGraph()
                               .Integers("v", {2, 4}, {0, 1, 2, 3, 4, 5, 6, 7})
                               .Integers("zero", {0})
                               .Integers("one", {1})
                               .Integers("last", {-1})
                               .Integers("far", {kMax})
                               .Integers("before", {kMin})
                               .Integers("two", {2})
                               .Node("Slice", {"v", "one", "far", "one", "two"}, {"odd"})
                               .Node("Slice", {"v", "last", "before", "zero", "last"}, {"flipped"})
                               .Node("Slice", {"v", "one", "two", "zero"}, {"row"});
  EXPECT_EQ(graph.Values("odd"), "[1,3,5,7]");
  EXPECT_EQ(graph.Values("flipped"), "[4,5,6,7,0,1,2,3]");
  EXPECT_EQ(graph.Values("row"), "[4,5,6,7]");
}

TEST(SliceOperatorsTest, OldSlicesHaveAttributes) {
  const auto slice = [](Attributes attributes) {
    return SmallGraph(9).Input("x", {"N", 8, 8}).Node("Slice", {"x"}, {"y"}, std::move(attributes)).Shape("y");
  };
  EXPECT_EQ(slice({{"starts", Ints({2, -3})}, {"ends", Ints({5, kMax})}, {"axes", Ints({1, 2})}}), "[N,3,3]");
  EXPECT_EQ(slice({{"starts", Ints({0, 1})}, {"ends", Ints({kMax, 3})}}), "[N,2,8]");
  EXPECT_THAT(slice({{"starts", Ints({0})}}), HasSubstr("ends is missing"));
  EXPECT_THAT(slice({{"starts", 0}, {"ends", Ints({1})}}), HasSubstr("starts has to be a list of integers"));
  EXPECT_THAT(slice({{"starts", Ints({0, 0})}, {"ends", Ints({1})}}), HasSubstr("2 starts, 1 ends"));
  EXPECT_THAT(slice({{"starts", Ints({0})}, {"ends", Ints({1})}, {"axes", Ints({3})}}), HasSubstr("its axis was 3"));
  EXPECT_THAT(slice({{"starts", Ints({0, 0})}, {"ends", Ints({1, 1})}, {"axes", Ints({0, -3})}}),
              HasSubstr("axis 0 twice"));
  EXPECT_THAT(slice({{"starts", Ints({0})}, {"ends", Ints({1})}, {"axes", Ints({0, 1})}}), HasSubstr("names 2 axes"));
  EXPECT_THAT(slice({{"starts", Ints({0, 0, 0, 0})}, {"ends", Ints({1, 1, 1, 1})}}),
              AllOf(HasSubstr("4 axes"), HasSubstr("[N,8,8]")));
}

TEST(SliceOperatorsTest, SlicesRefuseAStepOf0AndListsOfLists) {
  EXPECT_THAT(Sliced(4, 0, 4, 0), HasSubstr("its step is 0"));
  EXPECT_THAT(SmallGraph()
                  .Input("x", {4})
                  .Integers("s", {1, 1}, {0})
                  .Integers("e", {3})
                  .Node("Slice", {"x", "s", "e"}, {"y"})
                  .Shape("y"),
              HasSubstr("\"s\" [1,1] has to be of rank 1"));
  EXPECT_EQ(SmallGraph()
                .Input("x", {4})
                .Input("s", {1}, ElementType::kInt64)
                .Integers("e", {3})
                .Node("Slice", {"x", "s", "e"}, {"y"})
                .Shape("y"),
            "unknown");
}

std::string SplitInto(std::vector<std::string> outputs, std::vector<Dimension> x, Attributes attributes,
                      int64_t opset = 11) {
  return SmallGraph(opset)
      .Input("x", std::move(x))
      .Node("Split", {"x"}, outputs, std::move(attributes))
      .Shapes(outputs);
}

TEST(SliceOperatorsTest, SplitMakesParts) {
  EXPECT_EQ(SplitInto({"a", "b"}, {"N", 6}, {{"axis", 1}, {"split", Ints({2, 4})}}), "[N,2] [N,4]");
  EXPECT_EQ(SplitInto({"a", "b", "c"}, {"N", 6}, {{"axis", -1}}), "[N,2] [N,2] [N,2]");
  EXPECT_EQ(SplitInto({"a", "b"}, {"N", 6}, {}), "[floor(N/2),6] [floor(N/2),6] where floor(N/2)*2 = N");
  EXPECT_EQ(SplitInto({"a", "b", "c"}, {7}, {{"num_outputs", 3}}, 18), "[3] [3] [1]");
  EXPECT_EQ(SplitInto({"a", "b"}, {"N"}, {{"num_outputs", 2}}, 18), "[ceil(N/2)] [floor(N/2)]");
  EXPECT_EQ(SmallGraph()
                .Input("x", {"N", 6})
                .Integers("parts", {1, 0, 5})
                .Node("Split", {"x", "parts"}, {"a", "b", "c"}, {{"axis", 1}})
                .Shapes({"a", "b", "c"}),
            "[N,1] [N,0] [N,5]");
  EXPECT_EQ(SplitInto({"a", "b", "c"}, {"N"}, {{"num_outputs", 3}}, 18),
            "[ceil(N/3)] [ceil(N/3)] [N - ceil(N/3)*2] where N >= ceil(N/3)*2");
  EXPECT_THAT(SplitInto({"a", "b"}, {5}, {}), AllOf(HasSubstr("\"x\" [5]"), HasSubstr("5 is not divisible by 2")));
  EXPECT_THAT(SplitInto({"a", "b"}, {6}, {{"split", Ints({2, 3})}}),
              AllOf(HasSubstr("\"x\" [6]"), HasSubstr("was 5, has to be 6")));
  EXPECT_THAT(SplitInto({"a", "b"}, {6}, {{"split", Ints({6})}}), HasSubstr("1 parts, and has 2 outputs"));
  EXPECT_THAT(SplitInto({"a", "b"}, {6}, {{"split", Ints({7, -1})}}), HasSubstr("was -1"));
  EXPECT_THAT(SplitInto({"a", "b"}, {6}, {{"num_outputs", 3}}, 18), HasSubstr("num_outputs was 3"));
  EXPECT_THAT(SplitInto({"a", "b", "c", "d"}, {5}, {{"num_outputs", 4}}, 18), HasSubstr("the last of 4 parts"));
  EXPECT_THAT(SplitInto({"a"}, {6}, {{"axis", 1}}), HasSubstr("its axis was 1"));
  EXPECT_THAT(SplitInto({"a"}, {}, {}), HasSubstr("has to be of rank 1..8"));
}

TEST(SliceOperatorsTest, SplitsOfValues) {
  const SmallGraph graph = SmallGraph()
                               .Integers("v", {2, 3}, {0, 1, 2, 3, 4, 5})
                               .Integers("parts", {1, 2})
                               .Node("Split", {"v", "parts"}, {"a", "b"}, {{"axis", 1}})
                               .Node("Split", {"v"}, {"top", "bottom"});
  EXPECT_EQ(graph.Values("a"), "[0,3]");
  EXPECT_EQ(graph.Values("b"), "[1,2,4,5]");
  EXPECT_EQ(graph.Values("bottom"), "[3,4,5]");
}

std::string Gathered(const std::string& op, std::vector<Dimension> x, std::vector<Dimension> indices,
                     Attributes attributes = {}) {
  return SmallGraph()
      .Input("x", std::move(x))
      .Input("i", std::move(indices), ElementType::kInt64)
      .Node(op, {"x", "i"}, {"y"}, std::move(attributes))
      .Shape("y");
}

TEST(SliceOperatorsTest, GatherPutsIndicesInPlaceOfAnAxis) {
  EXPECT_EQ(Gathered("Gather", {"N", 5, 7}, {2, 3}, {{"axis", 1}}), "[N,2,3,7]");
  EXPECT_EQ(Gathered("Gather", {4, 5, 7}, {"B"}), "[B,5,7]");
  EXPECT_EQ(Gathered("Gather", {4, 5, 7}, {}, {{"axis", -1}}), "[4,5]");
  EXPECT_THAT(Gathered("Gather", {4, 5}, {2}, {{"axis", 2}}), HasSubstr("its axis was 2, has to be -2..1"));
  EXPECT_THAT(Gathered("Gather", {}, {2}), HasSubstr("has to be of rank 1..8"));
  EXPECT_THAT(Gathered("Gather", {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}), HasSubstr("of rank 9"));
  EXPECT_THAT(Gathered("Gather", {4}, {2}, {{"axis", "0"}}), HasSubstr("axis has to be an integer"));
}

TEST(SliceOperatorsTest, GatherTakesValues) {
  const SmallGraph graph = SmallGraph()
                               .Integers("v", {2, 3}, {0, 1, 2, 3, 4, 5})
                               .Integers("i", {2, -3})
                               .Integers("second", std::vector<Dimension>{}, {-1})
                               .Integers("square", {2, 2}, {0, 1, 1, 0})
                               .Integers("cube", {2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7})
                               .Integers("list", {6, 7})
                               .Node("Gather", {"v", "i"}, {"columns"}, {{"axis", 1}})
                               .Node("Gather", {"v", "second"}, {"row"})
                               .Node("Gather", {"cube", "second"}, {"middle"}, {{"axis", 1}})
                               .Node("Gather", {"list", "square"}, {"table"});
  EXPECT_EQ(graph.Values("columns"), "[2,0,5,3]");
  EXPECT_EQ(graph.Values("row"), "[3,4,5]");
  EXPECT_EQ(graph.Values("middle"), "[2,3,6,7]");
  EXPECT_EQ(graph.Values("table"), "[6,7,7,6]");
  EXPECT_EQ(SmallGraph().Integers("none", {}).Node("Gather", {"none", "none"}, {"y"}).Shape("y"), "[0]");
  EXPECT_EQ(SmallGraph()
                .Integers("x", {int64_t{1} << 60, 0}, {})
                .Integers("none", {})
                .Node("Gather", {"x", "none"}, {"y"}, {{"axis", 1}})
                .Shape("y"),
            "[1152921504606846976,0]");
  SmallGraph beyond = graph;
  beyond.Integers("three", {3}).Node("Gather", {"v", "three"}, {"y"}, {{"axis", 1}});
  EXPECT_THAT(beyond.Shape("y"), AllOf(HasSubstr("index 3"), HasSubstr("\"v\" [2,3]")));
}

// An embedding: its table is a parameter, and what is looked up in it is data.
TEST(SliceOperatorsTest, GatherReadsAnEmbedding) {
  const auto analysis = SmallGraph()
                            .Input("ids", {"N", 16}, ElementType::kInt64)
                            .Weights("table", {1000, 64})
                            .Node("Gather", {"table", "ids"}, {"y"})
                            .Analyze({"y"});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  EXPECT_EQ(analysis->parameter_count.ToString(), "64000");
  ASSERT_EQ(analysis->inputs.size(), 1U);
  EXPECT_EQ(analysis->inputs[0].name, "ids");
  ASSERT_EQ(analysis->layers.size(), 1U);
  EXPECT_EQ(Text(analysis->outputs[0]), "[N,16,64]");
  EXPECT_EQ(analysis->outputs[0].type, ElementType::kFloat32);
  EXPECT_EQ(analysis->operations.multiplications, Expression(0));
}

TEST(SliceOperatorsTest, GatherElementsAndGatherND) {
  EXPECT_EQ(Gathered("GatherElements", {"N", 5}, {"N", 2}, {{"axis", 1}}), "[N,2]");
  EXPECT_THAT(Gathered("GatherElements", {3, 5}, {3}), HasSubstr("\"i\" [3] has to be of rank 2"));
  EXPECT_THAT(Gathered("GatherElements", {3, 5}, {3, 5}, {{"axis", 2}}), HasSubstr("its axis was 2"));
  EXPECT_EQ(Gathered("GatherND", {4, 5, 6}, {"M", 2}), "[M,6]");
  EXPECT_EQ(Gathered("GatherND", {4, 5, 6}, {7, 8, 3}), "[7,8]");
  EXPECT_EQ(Gathered("GatherND", {"N", 5, 6}, {"N", 3, 1}, {{"batch_dims", 1}}), "[N,3,6]");
  EXPECT_EQ(Gathered("GatherND", {4, 5}, {3, "K"}), "unknown");
  EXPECT_THAT(Gathered("GatherND", {4, 5}, {3, 3}), AllOf(HasSubstr("\"i\" [3,3]"), HasSubstr("1..2")));
  EXPECT_THAT(Gathered("GatherND", {4, 5}, {3, 0}), HasSubstr("1..2"));
  EXPECT_THAT(Gathered("GatherND", {4, 5, 6}, {3, 1}, {{"batch_dims", 1}}), HasSubstr("was 3, has to be 4"));
  EXPECT_THAT(Gathered("GatherND", {4, 5}, {4, 1}, {{"batch_dims", 2}}), HasSubstr("batch_dims was 2"));
}

std::string Scattered(const std::string& op, std::vector<Dimension> x, std::vector<Dimension> indices,
                      std::vector<Dimension> updates, Attributes attributes = {}) {
  return SmallGraph()
      .Input("x", std::move(x))
      .Input("i", std::move(indices), ElementType::kInt64)
      .Input("u", std::move(updates))
      .Node(op, {"x", "i", "u"}, {"y"}, std::move(attributes))
      .Shape("y");
}

TEST(SliceOperatorsTest, ScatterKeepsTheShape) {
  EXPECT_EQ(Scattered("ScatterElements", {"N", 5}, {2, 3}, {2, 3}, {{"axis", 1}}), "[N,5]");
  EXPECT_EQ(Scattered("Scatter", {4, 5}, {2, 3}, {2, 3}), "[4,5]");
  EXPECT_EQ(Scattered("ScatterND", {4, 5, 6}, {7, 2}, {7, 6}), "[4,5,6]");
  EXPECT_THAT(Scattered("ScatterElements", {4, 5}, {2, 3}, {2, 4}),
              AllOf(HasSubstr("\"u\" [2,4]"), HasSubstr("\"x\" [4,5]"), HasSubstr("was 4, has to be 3")));
  EXPECT_THAT(Scattered("ScatterElements", {4, 5}, {2}, {2}), HasSubstr("has to be of rank 2"));
  EXPECT_THAT(Scattered("ScatterElements", {4, 5}, {2, 3}, {2, 3}, {{"axis", -3}}), HasSubstr("its axis was -3"));
  EXPECT_THAT(Scattered("ScatterND", {4, 5, 6}, {7, 2}, {7}), AllOf(HasSubstr("\"u\" [7]"), HasSubstr("[7,6]")));
  EXPECT_THAT(Scattered("ScatterND", {4, 5, 6}, {7, 2}, {7, 5}), HasSubstr("was 5, has to be 6"));
  EXPECT_THAT(Scattered("ScatterND", {4}, {7, 1}, {7}, {{"reduction", "avg"}}), HasSubstr("reduction has to be"));
}

TEST(SliceOperatorsTest, ScatterCountsWhatItReduces) {
  const auto counts = [](const std::string& reduction) {
    return SmallGraph()
        .Input("x", {9, 5})
        .Input("i", {"N", 1}, ElementType::kInt64)
        .Input("u", {"N", 5})
        .Node("ScatterND", {"x", "i", "u"}, {"y"}, {{"reduction", reduction}})
        .Analyze({"y"})
        .value()
        .operations;
  };
  EXPECT_EQ(counts("none").additions.ToString(), "0");
  EXPECT_EQ(counts("add").additions.ToString(), "N*5");
  EXPECT_EQ(counts("add").multiplications.ToString(), "0");
  EXPECT_EQ(counts("mul").multiplications.ToString(), "N*5");
  EXPECT_EQ(counts("max").comparisons.ToString(), "N*5");
}

std::string Padded(std::vector<Dimension> x, std::vector<int64_t> pads, Attributes attributes = {}) {
  return SmallGraph()
      .Input("x", std::move(x))
      .Integers("pads", std::move(pads))
      .Node("Pad", {"x", "pads"}, {"y"}, std::move(attributes))
      .Shape("y");
}

TEST(SliceOperatorsTest, PadAddsMargins) {
  // All beginnings come first, then all ends.
  EXPECT_EQ(Padded({"N", 3, 8}, {0, 0, 1, 0, 0, 4}), "[N,3,13]");
  EXPECT_EQ(Padded({"N", 8}, {0, -1, 0, -2}, {{"mode", "reflect"}}), "[N,5]");
  EXPECT_EQ(Padded({"H"}, {-3, 1}), "[H - 2] where H >= 2");
  EXPECT_EQ(SmallGraph(2).Input("x", {2, 3}).Node("Pad", {"x"}, {"y"}, {{"pads", Ints({1, 2, 3, 4})}}).Shape("y"),
            "[6,9]");
  EXPECT_EQ(SmallGraph(1).Input("x", {2, 3}).Node("Pad", {"x"}, {"y"}, {{"paddings", Ints({0, 1, 0, 1})}}).Shape("y"),
            "[2,5]");
  EXPECT_THAT(Padded({4}, {-3, -2}), AllOf(HasSubstr("\"x\" [4]"), HasSubstr("was -1")));
  EXPECT_THAT(Padded({4, 4}, {1, 1}), AllOf(HasSubstr("2 pads"), HasSubstr("[4,4]")));
  EXPECT_THAT(Padded({4}, {1, 1}, {{"mode", "mirror"}}), HasSubstr("mode was \"mirror\""));
  EXPECT_THAT(Padded({4}, {1, 1}, {{"mode", 1}}), HasSubstr("mode has to be a text"));
  EXPECT_THAT(SmallGraph().Input("x", {4}).Node("Pad", {"x"}, {"y"}).Shape("y"), HasSubstr("pads is missing"));
}

TEST(SliceOperatorsTest, PadNamesAxes) {
  const auto padded = [](std::vector<int64_t> pads, std::vector<int64_t> axes) {
    return SmallGraph(18)
        .Input("x", {"N", 3, 8, 9})
        .Integers("pads", std::move(pads))
        .Reals("fill", {1})
        .Integers("axes", std::move(axes))
        .Node("Pad", {"x", "pads", "fill", "axes"}, {"y"})
        .Analyze({"y"});
  };
  EXPECT_EQ(Text(padded({1, 2, 3, 4}, {-1, 2})->outputs[0]), "[N,3,14,13]");
  // What it pads with is no parameter.
  EXPECT_EQ(padded({1, 2, 3, 4}, {-1, 2})->parameter_count.ToString(), "0");
  EXPECT_THAT(std::string(padded({1, 2}, {0, 1}).status().message()), HasSubstr("names 2 axes"));
  EXPECT_THAT(std::string(padded({1, 2}, {4}).status().message()), HasSubstr("its axis was 4"));
}

TEST(SliceOperatorsTest, TopKTakesSome) {
  const auto top = [](std::vector<Dimension> x, std::vector<int64_t> k, Attributes attributes) {
    return SmallGraph()
        .Input("x", std::move(x))
        .Integers("k", std::move(k))
        .Node("TopK", {"x", "k"}, {"values", "indices"}, std::move(attributes))
        .Shapes({"values", "indices"});
  };
  EXPECT_EQ(top({"N", 1000}, {5}, {}), "[N,5] [N,5]");
  EXPECT_EQ(top({9, 4}, {2}, {{"axis", 0}}), "[2,4] [2,4]");
  EXPECT_EQ(top({"N"}, {5}, {}), "[5] [5] where N >= 5");
  EXPECT_EQ(SmallGraph(9).Input("x", {3, 8}).Node("TopK", {"x"}, {"y", "i"}, {{"k", 3}}).Shapes({"y", "i"}),
            "[3,3] [3,3]");
  EXPECT_THAT(top({4}, {5}, {}), AllOf(HasSubstr("\"x\" [4]"), HasSubstr("was 4, has to be at least 5")));
  EXPECT_THAT(top({4}, {-1}, {}), HasSubstr("was -1"));
  EXPECT_THAT(top({4}, {1, 2}, {}), HasSubstr("\"k\" [2] has to have one element"));
  EXPECT_THAT(top({4}, {1}, {{"axis", 1}}), HasSubstr("its axis was 1"));
  EXPECT_THAT(top({}, {1}, {}), HasSubstr("has to be of rank 1..8"));
}

}  // namespace
}  // namespace tensord::analysis::model
