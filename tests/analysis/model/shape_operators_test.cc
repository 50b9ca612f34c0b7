// Shape, Size, Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Expand, Tile, Concat, DepthToSpace, SpaceToDepth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::model {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The output "y" of one operator on an input "x".
std::string With(const std::string& op, std::vector<Dimension> x, Attributes attributes, int64_t opset = 17) {
  return SmallGraph(opset).Input("x", std::move(x)).Node(op, {"x"}, {"y"}, std::move(attributes)).Shape("y");
}

// With a second input of integers.
std::string Told(const std::string& op, std::vector<Dimension> x, std::vector<int64_t> told, Attributes attributes = {},
                 int64_t opset = 17) {
  return SmallGraph(opset)
      .Input("x", std::move(x))
      .Integers("told", std::move(told))
      .Node(op, {"x", "told"}, {"y"}, std::move(attributes))
      .Shape("y");
}

TEST(ShapeOperatorsTest, ShapeGivesTheSizes) {
  const SmallGraph graph = SmallGraph()
                               .Input("x", {"N", 3, 5, 7})
                               .Node("Shape", {"x"}, {"all"})
                               .Node("Shape", {"x"}, {"middle"}, {{"start", 1}, {"end", -1}})
                               .Node("Shape", {"x"}, {"last"}, {{"start", -1}})
                               .Node("Shape", {"x"}, {"cut"}, {{"start", -9}, {"end", 9}})
                               .Node("Shape", {"x"}, {"none"}, {{"start", 3}, {"end", 1}})
                               .Node("Size", {"x"}, {"size"});
  EXPECT_EQ(graph.Shapes({"all", "middle", "last", "cut", "none", "size"}), "[4] [2] [1] [4] [0] []");
  EXPECT_EQ(graph.Values("all"), "[N,3,5,7]");
  EXPECT_EQ(graph.Values("middle"), "[3,5]");
  EXPECT_EQ(graph.Values("last"), "[7]");
  EXPECT_EQ(graph.Values("cut"), "[N,3,5,7]");
  EXPECT_EQ(graph.Values("size"), "[N*105]");
  EXPECT_THAT(With("Shape", {2}, Attributes{{"start", "1"}}), HasSubstr("attribute start has to be an integer"));
}

TEST(ShapeOperatorsTest, ShapesAreNoLayers) {
  const auto analysis = SmallGraph()
                            .Input("x", {"N", 3})
                            .Node("Shape", {"x"}, {"shape"})
                            .Node("Size", {"x"}, {"size"})
                            .Analyze({"shape", "size"});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  EXPECT_THAT(analysis->layers, IsEmpty());
  EXPECT_EQ(analysis->outputs[0].type, ElementType::kInt64);
}

TEST(ShapeOperatorsTest, SizesBeyond128BitsAreRefused) {
  const int64_t large = int64_t{1} << 62;
  EXPECT_THAT(With("Size", {large, large, large}, Attributes()), HasSubstr("node (Size): does not fit into 128 bits"));
  EXPECT_THAT(With("Flatten", {large, large, large, large}, Attributes()), HasSubstr("does not fit into 128 bits"));
  EXPECT_THAT(Told("Reshape", {large, large, large}, {1}), HasSubstr("does not fit into 128 bits"));
}

TEST(ShapeOperatorsTest, ReshapeCopiesAndInfers) {
  EXPECT_EQ(Told("Reshape", {2, 3, 4}, {4, 6}), "[4,6]");
  EXPECT_EQ(Told("Reshape", {2, 3, 4}, {0, -1}), "[2,12]");
  EXPECT_EQ(Told("Reshape", {2, 3, 4}, {-1}), "[24]");
  EXPECT_EQ(Told("Reshape", {2, 3, 4}, {4, 0, 2}), "[4,3,2]");
  EXPECT_EQ(Told("Reshape", {1}, std::vector<int64_t>{}), "[]");
  EXPECT_EQ(Told("Reshape", {0, 3}, {0, 7}), "[0,7]");
  // With allowzero a 0 is a size.
  EXPECT_EQ(Told("Reshape", {5, 0}, {0, 9}, {{"allowzero", 1}}), "[0,9]");
  EXPECT_THAT(Told("Reshape", {5, 2}, {0, 10}, {{"allowzero", 1}}), HasSubstr("was 0, has to be 10"));
  // The first opset has it as an attribute.
  EXPECT_EQ(With("Reshape", {2, 3, 4}, Attributes{{"shape", Ints({-1, 8})}}, 1), "[3,8]");
}

TEST(ShapeOperatorsTest, ReshapeKeepsSymbols) {
  EXPECT_EQ(Told("Reshape", {"N", 512, 7, 7}, {0, -1}), "[N,25088]");
  EXPECT_EQ(Told("Reshape", {"N", 512, 7, 7}, {-1, 25088}), "[N,25088]");
  EXPECT_EQ(Told("Reshape", {"N", 3, "H", "W"}, {0, 0, -1}), "[N,3,H*W]");
  EXPECT_EQ(Told("Reshape", {"N", 6}, {-1, 4}), "[floor(N*3/2),4] where floor(N*3/2)*2 = N*3");
  EXPECT_EQ(Told("Reshape", {"N", 6}, {2, 12}), "[2,12] where N = 4");
  EXPECT_THAT(Told("Reshape", {"N", 6}, {0, 4}), AllOf(HasSubstr("[N,6]"), HasSubstr("[0,4]")));
}

// A size that is 0 for some symbol would copy another one, unless allowzero says that it does not.
TEST(ShapeOperatorsTest, ReshapeToSizesThatMayBe0) {
  SmallGraph graph = SmallGraph()
                         .Input("x", {"N", 3})
                         .Integers("one", {1})
                         .Integers("far", {int64_t{1} << 40})
                         .Node("Slice", {"x", "one", "far"}, {"rest"})
                         .Node("Shape", {"rest"}, {"sizes"});
  SmallGraph copying = graph;
  copying.Node("Reshape", {"rest", "sizes"}, {"y"});
  EXPECT_EQ(copying.Shape("y"), "[N - 1,3] where N >= 2");
  graph.Node("Reshape", {"rest", "sizes"}, {"y"}, {{"allowzero", 1}});
  EXPECT_EQ(graph.Shape("y"), "[N - 1,3]");
}

// A convolution's length is no monomial; copied sizes cancel before anything is divided.
TEST(ShapeOperatorsTest, ReshapeDividesPolynomials) {
  const SmallGraph graph =
      SmallGraph()
          .Input("x", {"N", 3, "H", "W"})
          .Weights("w", {8, 3, 3, 3})
          .Integers("told", {0, 0, -1})
          .Node("Conv", {"x", "w"}, {"c"}, {{"strides", Ints({2, 2})}, {"pads", Ints({1, 1, 1, 1})}})
          .Node("Reshape", {"c", "told"}, {"y"});
  EXPECT_EQ(graph.Shape("y"), "[N,8,floor((H - 1)/2)*floor((W - 1)/2) + floor((H - 1)/2) + floor((W - 1)/2) + 1]");
  SmallGraph back = graph;
  back.Node("Shape", {"c"}, {"sizes"})
      .Node("Split", {"sizes"}, {"n", "o", "h", "w_size"})
      .Integers("rest", {-1})
      .Node("Concat", {"n", "h", "w_size", "rest"}, {"back_shape"}, {{"axis", 0}})
      .Node("Reshape", {"c", "back_shape"}, {"z"});
  EXPECT_EQ(back.Shape("z"), "[N,floor((H - 1)/2) + 1,floor((W - 1)/2) + 1,8]");
}

TEST(ShapeOperatorsTest, ReshapeRefusesWhatDisagrees) {
  EXPECT_THAT(Told("Reshape", {2, 3}, {4, 2}),
              AllOf(HasSubstr("\"x\" [2,3]"), HasSubstr("[4,2]"), HasSubstr("was 8, has to be 6")));
  EXPECT_THAT(Told("Reshape", {2, 3}, {4, -1}), AllOf(HasSubstr("[2,3]"), HasSubstr("[4,-1]"), HasSubstr("divisible")));
  EXPECT_THAT(Told("Reshape", {2, 3}, {-1, -1}), HasSubstr("one size may be -1"));
  EXPECT_THAT(Told("Reshape", {2, 3}, {2, 3, 0}), HasSubstr("size 2 is 0"));
  EXPECT_THAT(Told("Reshape", {2, 3}, {-2, -3}), HasSubstr("was -2"));
  EXPECT_THAT(Told("Reshape", {0, 3}, {0, -1}), HasSubstr("of which one is 0"));
  EXPECT_THAT(With("Reshape", {2}, Attributes()), HasSubstr("shape is missing"));
  EXPECT_THAT(Told("Reshape", {1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}), HasSubstr("of rank 9"));
  EXPECT_THAT(Told("Reshape", {2}, {2}, {{"allowzero", 0.5}}), HasSubstr("allowzero has to be an integer"));
  EXPECT_THAT(SmallGraph().Input("x", {2}).Integers("s", {1, 1}, {2}).Node("Reshape", {"x", "s"}, {"y"}).Shape("y"),
              HasSubstr("has to be of rank 1"));
}

// A shape that data holds is not known: what the file says of the output counts, and nothing else.
TEST(ShapeOperatorsTest, ReshapeToWhatDataHoldsIsUnknown) {
  SmallGraph graph;
  graph.Input("x", {"N", 6}).Input("s", {2}, ElementType::kInt64).Node("Reshape", {"x", "s"}, {"y"});
  EXPECT_EQ(graph.Shape("y"), "unknown");
  const auto analysis = graph.Analyze({"y"});
  ASSERT_TRUE(analysis.ok());
  EXPECT_EQ(analysis->unknown_layers, std::vector<std::string>{"Reshape_0"});
  graph.Declare("y", {"N", 2, 3}).Node("Shape", {"y"}, {"told"});
  EXPECT_EQ(graph.Values("told"), "[N,2,3]");
}

TEST(ShapeOperatorsTest, FlattenMakesTwoAxes) {
  EXPECT_EQ(With("Flatten", {"N", 3, 4, 5}, Attributes()), "[N,60]");
  EXPECT_EQ(With("Flatten", {2, 3, 4, 5}, Attributes{{"axis", 0}}), "[1,120]");
  EXPECT_EQ(With("Flatten", {2, 3, 4, 5}, Attributes{{"axis", 4}}), "[120,1]");
  EXPECT_EQ(With("Flatten", {2, 3, 4, 5}, Attributes{{"axis", -1}}), "[24,5]");
  EXPECT_EQ(With("Flatten", {2, 3, 4, 5}, Attributes{{"axis", -4}}), "[1,120]");
  EXPECT_THAT(With("Flatten", {2, 3}, Attributes{{"axis", 3}}), AllOf(HasSubstr("was 3"), HasSubstr("-2..2")));
  EXPECT_THAT(With("Flatten", {2, 3}, Attributes{{"axis", -3}}), HasSubstr("was -3"));
}

TEST(ShapeOperatorsTest, SqueezeLeavesOutOnes) {
  EXPECT_EQ(With("Squeeze", {1, 3, 1, 5}, Attributes()), "[3,5]");
  EXPECT_EQ(Told("Squeeze", {1, 3, 1, 5}, {-2}), "[1,3,5]");
  EXPECT_EQ(Told("Squeeze", {1, 3, 1, 5}, {2, 0}), "[3,5]");
  EXPECT_EQ(With("Squeeze", {1, 3, 1, 5}, Attributes{{"axes", Ints({0})}}, 11), "[3,1,5]");
  // Only a batch that is not 1 stays, only one that is 1 can go.
  EXPECT_EQ(With("Squeeze", {"N", 1}, Attributes()), "[N] where N >= 2");
  EXPECT_EQ(Told("Squeeze", {"N", 4}, {0}), "[4] where N = 1");
  EXPECT_THAT(Told("Squeeze", {2, 3}, {1}), AllOf(HasSubstr("\"x\" [2,3]"), HasSubstr("was 3, has to be 1")));
  EXPECT_THAT(Told("Squeeze", {2, 1}, {2}), HasSubstr("its axis was 2, has to be -2..1"));
  EXPECT_THAT(With("Squeeze", {2, 1}, Attributes{{"axes", "1"}}), HasSubstr("axes has to be a list of integers"));
}

TEST(ShapeOperatorsTest, UnsqueezeAddsOnes) {
  EXPECT_EQ(Told("Unsqueeze", {"N", 4}, {1}), "[N,1,4]");
  EXPECT_EQ(Told("Unsqueeze", {3, 4}, {-1, 0}), "[1,3,4,1]");
  EXPECT_EQ(Told("Unsqueeze", {3, 4}, {4, 2, 1}), "[3,1,1,4,1]");
  EXPECT_EQ(With("Unsqueeze", {3, 4}, Attributes{{"axes", Ints({0, 3})}}, 11), "[1,3,4,1]");
  EXPECT_THAT(Told("Unsqueeze", {3, 4}, {0, 0}), HasSubstr("name axis 0 twice"));
  EXPECT_THAT(Told("Unsqueeze", {3, 4}, {0, -4}), HasSubstr("name axis 0 twice"));
  EXPECT_THAT(Told("Unsqueeze", {3, 4}, {3}), HasSubstr("its axis was 3, has to be -3..2"));
  EXPECT_THAT(With("Unsqueeze", {3, 4}, Attributes()), HasSubstr("axes are missing"));
  EXPECT_THAT(Told("Unsqueeze", {3, 4}, {0, 1, 2, 3, 4, 5, 6}), HasSubstr("of rank 9"));
}

TEST(ShapeOperatorsTest, TransposeMovesAxesAndValues) {
  EXPECT_EQ(With("Transpose", {"N", 3, 4}, Attributes()), "[4,3,N]");
  EXPECT_EQ(With("Transpose", {"N", 3, 4}, Attributes{{"perm", Ints({0, 2, 1})}}), "[N,4,3]");
  EXPECT_THAT(With("Transpose", {2, 3}, Attributes{{"perm", Ints({0, 0})}}), HasSubstr("name axis 0 twice"));
  EXPECT_THAT(With("Transpose", {2, 3}, Attributes{{"perm", Ints({0, 2})}}), HasSubstr("its axis was 2"));
  EXPECT_THAT(With("Transpose", {2, 3}, Attributes{{"perm", Ints({0})}}),
              AllOf(HasSubstr("has 1 axes"), HasSubstr("[2,3]")));
  const SmallGraph graph = SmallGraph()
                               .Integers("v", {2, 3}, {1, 2, 3, 4, 5, 6})
                               .Integers("cube", {2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7})
                               .Node("Transpose", {"v"}, {"t"})
                               .Node("Transpose", {"cube"}, {"turned"}, {{"perm", Ints({1, 2, 0})}});
  EXPECT_EQ(graph.Values("t"), "[1,4,2,5,3,6]");
  // y[j,k,i] = x[i,j,k].
  EXPECT_EQ(graph.Values("turned"), "[0,4,1,5,2,6,3,7]");
}

TEST(ShapeOperatorsTest, ExpandBroadcastsBothWays) {
  EXPECT_EQ(Told("Expand", {3, 1}, {2, 1, 6}), "[2,3,6]");
  EXPECT_EQ(Told("Expand", {3, 4}, {1}), "[3,4]");
  EXPECT_EQ(Told("Expand", {"N", 1}, {1, 5}), "[N,5]");
  EXPECT_EQ(Told("Expand", {"N", 1}, {7, 5}), "[7,5] where N = 7");
  EXPECT_THAT(Told("Expand", {3, 4}, {2, 4}), AllOf(HasSubstr("[3,4]"), HasSubstr("[2,4]")));
  EXPECT_THAT(Told("Expand", {3, 4}, {-1, 4}), HasSubstr("cannot be negative: was -1"));
  EXPECT_THAT(With("Expand", {3, 4}, Attributes()), HasSubstr("shape (input 1) is missing"));
  EXPECT_EQ(
      SmallGraph().Integers("row", {2}, {5, 6}).Integers("s", {2, 1}).Node("Expand", {"row", "s"}, {"y"}).Values("y"),
      "[5,6,5,6]");
  EXPECT_EQ(
      SmallGraph().Integers("v", {3, 1}, {7, 8, 9}).Integers("s", {1, 2}).Node("Expand", {"v", "s"}, {"y"}).Values("y"),
      "[7,7,8,8,9,9]");
}

TEST(ShapeOperatorsTest, TileRepeats) {
  EXPECT_EQ(Told("Tile", {"N", 3}, {2, 4}), "[N*2,12]");
  EXPECT_EQ(Told("Tile", {2, 3}, {0, 4}), "[0,12]");
  EXPECT_THAT(Told("Tile", {2, 3}, {4}), AllOf(HasSubstr("[2,3]"), HasSubstr("repeats [4]")));
  EXPECT_THAT(Told("Tile", {2, 3}, {1, -1}), HasSubstr("was -1, has to be at least 0"));
  EXPECT_EQ(SmallGraph()
                .Integers("v", {2, 2}, {1, 2, 3, 4})
                .Integers("r", {1, 2})
                .Node("Tile", {"v", "r"}, {"y"})
                .Values("y"),
            "[1,2,1,2,3,4,3,4]");
  EXPECT_EQ(SmallGraph()
                .Integers("v", {2, 2}, {1, 2, 3, 4})
                .Integers("r", {2, 1})
                .Node("Tile", {"v", "r"}, {"y"})
                .Values("y"),
            "[1,2,3,4,1,2,3,4]");
}

TEST(ShapeOperatorsTest, ConcatAddsLengths) {
  const auto concat = [](std::vector<Dimension> a, std::vector<Dimension> b, Attributes attributes,
                         int64_t opset = 17) {
    return SmallGraph(opset)
        .Input("a", std::move(a))
        .Input("b", std::move(b))
        .Node("Concat", {"a", "b"}, {"y"}, std::move(attributes))
        .Shape("y");
  };
  EXPECT_EQ(concat({"N", 3, 4}, {"N", 5, 4}, {{"axis", 1}}), "[N,8,4]");
  EXPECT_EQ(concat({"N", 3, 4}, {"N", "C", 4}, {{"axis", -2}}), "[N,C + 3,4]");
  EXPECT_EQ(concat({"N", 3}, {2, 5}, {{"axis", 1}}), "[2,8] where N = 2");
  EXPECT_EQ(concat({2, 3}, {2, 4}, {}, 1), "[2,7]");
  EXPECT_THAT(concat({2, 3}, {2, 4}, {}), HasSubstr("axis is missing"));
  EXPECT_THAT(concat({2, 3}, {4, 3}, {{"axis", 1}}), AllOf(HasSubstr("\"a\" [2,3]"), HasSubstr("\"b\" [4,3]")));
  EXPECT_THAT(concat({2, 3}, {2}, {{"axis", 0}}), HasSubstr("\"b\" [2] has to be of rank 2"));
  EXPECT_THAT(concat({2, 3}, {2, 3}, {{"axis", 2}}), HasSubstr("its axis was 2, has to be -2..1"));
  EXPECT_THAT(concat({2, 3}, {2, 3}, {{"axis", 1.5}}), HasSubstr("axis has to be an integer"));
  EXPECT_THAT(SmallGraph().Node("Concat", {}, {"y"}, {{"axis", 0}}).Shape("y"), HasSubstr("is missing"));
}

TEST(ShapeOperatorsTest, ConcatJoinsValues) {
  const SmallGraph graph = SmallGraph()
                               .Integers("a", {2, 1}, {1, 2})
                               .Integers("b", {2, 2}, {3, 4, 5, 6})
                               .Integers("none", {2, 0}, {})
                               .Integers("c", {1, 2}, {8, 9})
                               .Node("Concat", {"a", "none", "b"}, {"side"}, {{"axis", 1}})
                               .Node("Concat", {"b", "c"}, {"below"}, {{"axis", 0}});
  EXPECT_EQ(graph.Values("side"), "[1,3,4,2,5,6]");
  EXPECT_EQ(graph.Values("below"), "[3,4,5,6,8,9]");
}

TEST(ShapeOperatorsTest, BlocksBecomeChannelsAndBack) {
  EXPECT_EQ(With("DepthToSpace", {"N", 12, 5, "W"}, Attributes{{"blocksize", 2}}), "[N,3,10,W*2]");
  EXPECT_EQ(With("SpaceToDepth", {"N", 3, 10, 6}, Attributes{{"blocksize", 2}}), "[N,12,5,3]");
  EXPECT_EQ(With("SpaceToDepth", {1, 3, "H", 6}, Attributes{{"blocksize", 2}}),
            "[1,12,floor(H/2),3] where floor(H/2)*2 = H");
  EXPECT_THAT(With("DepthToSpace", {1, 6, 5, 5}, Attributes{{"blocksize", 2}}),
              AllOf(HasSubstr("[1,6,5,5]"), HasSubstr("6 is not divisible by 4")));
  EXPECT_THAT(With("SpaceToDepth", {1, 3, 5, 6}, Attributes{{"blocksize", 2}}), HasSubstr("5 is not divisible by 2"));
  EXPECT_THAT(With("DepthToSpace", {1, 6, 5}, Attributes{{"blocksize", 2}}), HasSubstr("rank 4"));
  EXPECT_THAT(With("DepthToSpace", {1, 4, 5, 5}, Attributes()), HasSubstr("blocksize was 0"));
  EXPECT_THAT(With("DepthToSpace", {1, 4, 5, 5}, Attributes{{"blocksize", int64_t{1} << 62}}), HasSubstr("divisible"));
  EXPECT_THAT(With("DepthToSpace", {1, 4, 5, 5}, Attributes{{"blocksize", 2}, {"mode", "XYZ"}}),
              HasSubstr("DCR or CRD"));
  // Channels 0..7 of one pixel, as blocks of 2*2 of two channels: depth first, or column and row first.
  const SmallGraph graph = SmallGraph()
                               .Integers("v", {1, 8, 1, 1}, {0, 1, 2, 3, 4, 5, 6, 7})
                               .Integers("image", {1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7})
                               .Node("DepthToSpace", {"v"}, {"dcr"}, {{"blocksize", 2}})
                               .Node("DepthToSpace", {"v"}, {"crd"}, {{"blocksize", 2}, {"mode", "CRD"}})
                               .Node("SpaceToDepth", {"image"}, {"deep"}, {{"blocksize", 2}});
  EXPECT_EQ(graph.Values("dcr"), "[0,2,4,6,1,3,5,7]");
  EXPECT_EQ(graph.Values("crd"), "[0,1,2,3,4,5,6,7]");
  EXPECT_EQ(graph.Values("deep"), "[0,4,1,5,2,6,3,7]");
}

// What PyTorch exports for x.view(x.size(0), -1) and the like.
TEST(ShapeOperatorsTest, FlattensABatchAsPyTorchExports) {
  const SmallGraph graph = SmallGraph()
                               .Input("x", {"N", 512, 7, 7})
                               .Integers("zero", std::vector<Dimension>{}, {0})
                               .Integers("axes", {0})
                               .Integers("rest", {-1})
                               .Node("Shape", {"x"}, {"shape"})
                               .Node("Gather", {"shape", "zero"}, {"batch"}, {{"axis", 0}})
                               .Node("Unsqueeze", {"batch", "axes"}, {"batch_list"})
                               .Node("Concat", {"batch_list", "rest"}, {"to"}, {{"axis", 0}})
                               .Node("Reshape", {"x", "to"}, {"y"});
  EXPECT_EQ(graph.Shape("y"), "[N,25088]");
  const auto analysis = graph.Analyze({"y"});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  ASSERT_EQ(analysis->layers.size(), 1U);
  EXPECT_EQ(analysis->layers[0].op_type, "Reshape");
  EXPECT_THAT(analysis->unknown_layers, IsEmpty());
  EXPECT_EQ(analysis->parameter_count.ToString(), "0");
}

TEST(ShapeOperatorsTest, JoinsSlicesOfShapes) {
  const SmallGraph graph = SmallGraph()
                               .Input("x", {"N", 64, "H", 14})
                               .Integers("s", {0})
                               .Integers("e", {2})
                               .Integers("far", {int64_t{1} << 31})
                               .Integers("rest", {-1})
                               .Node("Shape", {"x"}, {"shape"})
                               .Node("Slice", {"shape", "s", "e"}, {"front"})
                               .Node("Slice", {"shape", "e", "far"}, {"back"})
                               .Node("Concat", {"front", "rest"}, {"to"}, {{"axis", 0}})
                               .Node("Concat", {"back", "front"}, {"turned"}, {{"axis", 0}})
                               .Node("Reshape", {"x", "to"}, {"y"});
  EXPECT_EQ(graph.Shape("y"), "[N,64,H*14]");
  EXPECT_EQ(graph.Values("turned"), "[H,14,N,64]");
}

// How PyTorch computes the pads of F.pad, up to the cast of the result.
TEST(ShapeOperatorsTest, PadsThatPyTorchExports) {
  const SmallGraph graph = SmallGraph()
                               .Input("x", {"N", 3, "H", 8})
                               .Integers("told", {1, 2, 3, 4})  // left, right, top, bottom
                               .Integers("more", {4})
                               .Integers("two_columns", {-1, 2})
                               .Integers("flat", {-1})
                               .Integers("start", {-1})
                               .Integers("end", {std::numeric_limits<int64_t>::min()})
                               .Integers("axis", {0})
                               .Integers("step", {-1})
                               .Node("ConstantOfShape", {"more"}, {"zeros"},
                                     {{"value", GraphTensor{.name = "",
                                                            .type = ElementType::kInt64,
                                                            .shape = std::vector<Dimension>{1},
                                                            .values = std::vector<int64_t>{0}}}})
                               .Node("Concat", {"told", "zeros"}, {"all"}, {{"axis", 0}})
                               .Node("Reshape", {"all", "two_columns"}, {"pairs"})
                               .Node("Slice", {"pairs", "start", "end", "axis", "step"}, {"reversed"})
                               .Node("Transpose", {"reversed"}, {"turned"}, {{"perm", Ints({1, 0})}})
                               .Node("Reshape", {"turned", "flat"}, {"pads"})
                               .Node("Pad", {"x", "pads"}, {"y"});
  EXPECT_EQ(graph.Shape("y"), "[N,3,H + 7,11]");
}

}  // namespace
}  // namespace tensord::analysis::model
