// Receptive fields of small graphs, worked out by hand from the operators' definitions.
#include "tensord/analysis/receptive_field.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tensord/analysis/model.h"
#include "tests/analysis/model/field_text.h"
#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::model {
namespace {

std::string FieldsOf(const SmallGraph& graph, const std::string& output = "y") {
  const absl::StatusOr<ModelAnalysis> model = graph.Analyze({output});
  return model.ok() ? field_text::FieldsOf(*model, output) : std::string(model.status().message());
}

// One node from x [1,2,length] to y, with a filter of `window` where it takes one.
std::string Along(const Dimension& length, const std::string& op_type, Attributes attributes, int64_t window = 0) {
  SmallGraph graph;
  graph.Input("x", {1, 2, length});
  if (window > 0) graph.Weights("w", {2, 2, window});
  graph.Node(op_type, window > 0 ? std::vector<std::string>{"x", "w"} : std::vector<std::string>{"x"}, {"y"},
             std::move(attributes));
  return FieldsOf(graph);
}

TEST(ReceptiveFieldTest, WindowsWithStridesDilationsAndPadding) {
  // 2*o - 1 .. 2*o + 1 for o = 0..4.
  EXPECT_EQ(Along(10, "Conv", {{"strides", Ints({2})}, {"pads", Ints({1, 0})}}, 3),
            "x 2: 3 by 2 from -1, borders 1 and 0");
  // o - 4 .. o + 4 for o = 0..9.
  EXPECT_EQ(Along(10, "Conv", {{"dilations", Ints({4})}, {"pads", Ints({4, 4})}}, 3),
            "x 2: 9 by 1 from -4, borders 4 and 4");
  // 2*o .. 2*o + 2; the third window reaches to 6.
  EXPECT_EQ(Along(6, "MaxPool", {{"kernel_shape", Ints({3})}, {"strides", Ints({2})}, {"ceil_mode", int64_t{1}}}),
            "x 2: 3 by 2 from 0, borders 0 and 1");
  EXPECT_EQ(Along(6, "AveragePool", {{"kernel_shape", Ints({3})}, {"strides", Ints({2})}}),
            "x 2: 3 by 2 from 0, borders 0 and 0");
  // 2*o .. 2*o + 6.
  EXPECT_EQ(Along(9, "MaxPool", {{"kernel_shape", Ints({3})}, {"strides", Ints({2})}, {"dilations", Ints({3})}}),
            "x 2: 7 by 2 from 0, borders 0 and 0");
}

TEST(ReceptiveFieldTest, SamePaddingFollowsFromTheLength) {
  const auto same = [](const Dimension& length, const std::string& mode, int64_t window, int64_t stride) {
    return Along(length, "Conv", {{"auto_pad", mode}, {"strides", Ints({stride})}}, window);
  };
  // 5 windows of 3 by 2 cover 11: one more than 10, two more than 9.
  EXPECT_EQ(same(10, "SAME_UPPER", 3, 2), "x 2: 3 by 2 from 0, borders 0 and 1");
  EXPECT_EQ(same(10, "SAME_LOWER", 3, 2), "x 2: 3 by 2 from -1, borders 1 and 0");
  EXPECT_EQ(same(9, "SAME_UPPER", 3, 2), "x 2: 3 by 2 from -1, borders 1 and 1");
  EXPECT_EQ(same(9, "SAME_UPPER", 4, 1), "x 2: 4 by 1 from -1, borders 1 and 2");
  // With a stride of 1 the length does not matter, with one of 2 the field has what either parity needs.
  EXPECT_EQ(same("L", "SAME_UPPER", 4, 1), "x 2: 4 by 1 from -1, borders ? and ?");
  EXPECT_EQ(same("L", "SAME_LOWER", 4, 1), "x 2: 4 by 1 from -2, borders ? and ?");
  EXPECT_EQ(same("L", "SAME_UPPER", 3, 2), "x 2: 4 by 2 from -1, borders ? and ?");
  EXPECT_EQ(same("L", "SAME_LOWER", 3, 2), "x 2: 3 by 2 from -1, borders ? and ?");
  EXPECT_EQ(same("L", "SAME_UPPER", 1, 2), "x 2: 1 by 2 from 0, borders ? and ?");
}

TEST(ReceptiveFieldTest, TransposedConvolutionsHaveFractionsAsStrides) {
  // Input i goes to 2*i - 1 .. 2*i + 1: o comes from (o - 1)/2 .. (o + 1)/2.
  EXPECT_EQ(Along(4, "ConvTranspose", {{"strides", Ints({2})}, {"pads", Ints({1, 1})}}, 3),
            "x 2: 2 by 1/2 from -1/2, borders 0 and 0");
  EXPECT_EQ(Along(4, "ConvTranspose", {{"strides", Ints({2})}}, 2), "x 2: 1 by 1/2 from -1/2, borders 0 and 0");
  // To 3*i .. 3*i + 4: positions 0 and 1 would come from -1 too, and the last two from 4.
  EXPECT_EQ(Along(4, "ConvTranspose", {{"strides", Ints({3})}}, 5), "x 2: 2 by 1/3 from -4/3, borders 2 and 2");
  // As a full convolution.
  EXPECT_EQ(Along(4, "ConvTranspose", {}, 3), "x 2: 3 by 1 from -2, borders 2 and 2");
  // 9 - 8 = 1 is cut, at the beginning unless SAME_UPPER says otherwise.
  EXPECT_EQ(Along(4, "ConvTranspose", {{"strides", Ints({2})}, {"output_shape", Ints({8})}}, 3),
            "x 2: 2 by 1/2 from -1/2, borders 0 and 1");
  EXPECT_EQ(Along(4, "ConvTranspose", {{"strides", Ints({2})}, {"auto_pad", std::string("SAME_UPPER")}}, 3),
            "x 2: 2 by 1/2 from -1, borders 1 and 0");
  EXPECT_EQ(Along(4, "ConvTranspose", {{"strides", Ints({2})}, {"auto_pad", std::string("SAME_LOWER")}}, 3),
            "x 2: 2 by 1/2 from -1/2, borders 0 and 1");
  // What symbols cut is not known.
  EXPECT_EQ(Along("L", "ConvTranspose", {{"strides", Ints({2})}, {"output_shape", Ints({8})}}, 3), "x 2: whole L");
}

// x [1,1,4,4] resized to y, by scales or to sizes.
std::string Resized(Attributes attributes, std::vector<double> scales, std::vector<int64_t> sizes = {}) {
  SmallGraph graph;
  graph.Input("x", {1, 1, 4, 4});
  if (sizes.empty()) {
    graph.Reals("scales", std::move(scales)).Node("Resize", {"x", "", "scales"}, {"y"}, std::move(attributes));
  } else {
    graph.Integers("sizes", std::move(sizes)).Node("Resize", {"x", "", "", "sizes"}, {"y"}, std::move(attributes));
  }
  return FieldsOf(graph);
}

TEST(ReceptiveFieldTest, ResizedImages) {
  const auto text = [](const char* value) { return std::string(value); };
  const std::string kept = "x 2: 1 by 1 from 0, borders 0 and 0; ";
  // At o/2 - 1/4: the nearest is floor(o/2), those around it floor((o - 1)/2) and the next one.
  EXPECT_EQ(Resized({}, {1, 1, 1, 2}), kept + "3: 1 by 1/2 from -3/4, borders 0 and 0");
  EXPECT_EQ(Resized({{"mode", text("linear")}}, {1, 1, 1, 2}), kept + "3: 2 by 1/2 from -1, borders 1 and 1");
  EXPECT_EQ(Resized({{"mode", text("linear")}}, {}, {1, 1, 4, 8}), kept + "3: 2 by 1/2 from -1, borders 1 and 1");
  EXPECT_EQ(Resized({{"mode", text("cubic")}}, {1, 1, 1, 2}), kept + "3: 4 by 1/2 from -2, borders 3 and 3");
  // At o/2, and at 2*o + 1/2.
  EXPECT_EQ(
      Resized({{"mode", text("linear")}, {"coordinate_transformation_mode", text("align_corners")}}, {}, {1, 1, 4, 7}),
      kept + "3: 2 by 1/2 from -1/2, borders 0 and 0");
  EXPECT_EQ(
      Resized({{"coordinate_transformation_mode", text("asymmetric")}, {"nearest_mode", text("floor")}}, {1, 1, 1, 2}),
      kept + "3: 1 by 1/2 from -1/2, borders 0 and 0");
  EXPECT_EQ(Resized({{"mode", text("linear")}}, {1, 1, 1, 0.5}), kept + "3: 2 by 2 from 0, borders 0 and 0");
  // No simple fraction.
  EXPECT_EQ(Resized({}, {1, 1, 1, 1.2345678}), kept + "3: whole 4");
}

TEST(ReceptiveFieldTest, BlocksBecomeChannelsAndBack) {
  SmallGraph up;
  up.Input("x", {1, 4, 3, 3}).Node("DepthToSpace", {"x"}, {"y"}, {{"blocksize", int64_t{2}}});
  EXPECT_EQ(FieldsOf(up), "x 2: 1 by 1/2 from -1/2, borders 0 and 0; 3: 1 by 1/2 from -1/2, borders 0 and 0");
  SmallGraph down;
  down.Input("x", {1, 1, 4, 4}).Node("SpaceToDepth", {"x"}, {"y"}, {{"blocksize", int64_t{2}}});
  EXPECT_EQ(FieldsOf(down), "x 2: 2 by 2 from 0, borders 0 and 0; 3: 2 by 2 from 0, borders 0 and 0");
}

TEST(ReceptiveFieldTest, PartsAndMarginsShiftThem) {
  SmallGraph graph(19);
  graph.Input("x", {1, 1, 5}).Integers("pads", {0, 0, 2, 0, 0, 1});
  graph.Node("Pad", {"x", "pads"}, {"p"});
  EXPECT_EQ(FieldsOf(graph, "p"), "x 2: 1 by 1 from -2, borders 2 and 1");
  // -1, 2 and 5.
  graph.Integers("one", {1}).Integers("end", {100}).Integers("axis", {2}).Integers("three", {3});
  graph.Node("Slice", {"p", "one", "end", "axis", "three"}, {"s"});
  EXPECT_EQ(FieldsOf(graph, "s"), "x 2: 1 by 3 from -1, borders 1 and 1");
  graph.Integers("back", {-1}).Integers("start", {-100});
  graph.Node("Slice", {"x", "end", "start", "axis", "back"}, {"b"});
  EXPECT_EQ(FieldsOf(graph, "b"), "x 2: whole 5");
  graph.Node("Pad", {"x", "pads"}, {"w"}, {{"mode", std::string("wrap")}});
  EXPECT_EQ(FieldsOf(graph, "w"), "x 2: whole 5");
  graph.Integers("parts", {3, 2}).Node("Split", {"x", "parts"}, {"s0", "s1"}, {{"axis", int64_t{2}}});
  graph.Node("Relu", {"s1"}, {"y"});
  EXPECT_EQ(FieldsOf(graph, "s0"), "x 2: 1 by 1 from 0, borders 0 and 0");
  EXPECT_EQ(FieldsOf(graph), "x 2: 1 by 1 from 3, borders 0 and 0");
}

TEST(ReceptiveFieldTest, PathsThatMeetAreUnited) {
  SmallGraph graph;
  graph.Input("x", {1, 1, 8}).Weights("w2", {1, 1, 2}).Weights("w5", {1, 1, 5});
  graph.Node("Conv", {"x", "w2"}, {"a"}, {{"pads", Ints({1, 0})}});
  graph.Node("Conv", {"x", "w2"}, {"b"}, {{"pads", Ints({0, 1})}});
  graph.Node("Conv", {"x", "w5"}, {"c"}, {{"pads", Ints({2, 2})}});
  graph.Node("Add", {"a", "b"}, {"ab"}).Node("Sum", {"b", "x", "c"}, {"bc"});
  EXPECT_EQ(FieldsOf(graph, "ab"), "x 2: 3 by 1 from -1, borders 1 and 1");
  EXPECT_EQ(FieldsOf(graph, "bc"), "x 2: 5 by 1 from -2, borders 2 and 2");
  graph.Node("Concat", {"a", "c"}, {"ac"}, {{"axis", int64_t{1}}});
  EXPECT_EQ(FieldsOf(graph, "ac"), "x 2: 5 by 1 from -2, borders 2 and 2");
  // One element that all positions see.
  graph.Input("z", {1, 1, 8}).Node("AveragePool", {"x"}, {"g"}, {{"kernel_shape", Ints({8})}});
  graph.Node("Mul", {"z", "g"}, {"zg"});
  EXPECT_EQ(FieldsOf(graph, "g"), "x 2: 8 by 1 from 0, borders 0 and 0");
  EXPECT_EQ(FieldsOf(graph, "zg"), "x 2: whole 8 | z 2: 1 by 1 from 0, borders 0 and 0");
  // One after the other: o sees o, and from 8 on o - 8.
  graph.Node("Concat", {"x", "x"}, {"xx"}, {{"axis", int64_t{2}}});
  EXPECT_EQ(FieldsOf(graph, "xx"), "x 2: 9 by 1 from -8, borders 8 and 8");
  // A stride of 2 meets one of 1.
  graph.Node("MaxPool", {"x"}, {"m"}, {{"kernel_shape", Ints({2})}, {"strides", Ints({2})}});
  graph.Integers("0", {0}).Integers("4", {4}).Integers("2", {2}).Node("Slice", {"x", "0", "4", "2"}, {"s"});
  graph.Node("Add", {"m", "s"}, {"ms"}).Node("Conv", {"ms", "w2"}, {"y"});
  EXPECT_EQ(FieldsOf(graph, "ms"), "x 2: whole 8");
  EXPECT_EQ(FieldsOf(graph), "x 2: whole 8");
}

TEST(ReceptiveFieldTest, AMapThatIsMadeSmallerAndLargerAgainHasTheLeastEvenField) {
  // Positions 2*i and 2*i + 1 see 2*i .. 2*i + 1: from o - 1, where o is odd, to o + 1, where it is even.
  SmallGraph graph;
  graph.Input("x", {1, 1, 8}).Weights("w", {1, 1, 2});
  graph.Node("Conv", {"x", "w"}, {"d"}, {{"strides", Ints({2})}});
  graph.Node("ConvTranspose", {"d", "w"}, {"u"}, {{"strides", Ints({2})}});
  graph.Node("Add", {"u", "x"}, {"y"});
  EXPECT_EQ(FieldsOf(graph, "u"), "x 2: 3 by 1 from -1, borders 1 and 1");
  EXPECT_EQ(FieldsOf(graph), "x 2: 3 by 1 from -1, borders 1 and 1");
}

TEST(ReceptiveFieldTest, EveryDataInputHasItsOwn) {
  SmallGraph graph;
  graph.Input("x", {1, 1, 8}).Input("z", {1, 1, 8}).Input("k", {1, 1, 3}).Weights("w", {1, 1, 3});
  graph.Node("Conv", {"z", "w"}, {"c"}, {{"pads", Ints({1, 1})}}).Node("Mul", {"c", "x"}, {"m"});
  EXPECT_EQ(FieldsOf(graph, "m"), "x 2: 1 by 1 from 0, borders 0 and 0 | z 2: 3 by 1 from -1, borders 1 and 1");
  // A filter that is computed is seen whole; one that is a parameter is no data.
  graph.Node("Relu", {"k"}, {"r"}).Node("Conv", {"x", "r"}, {"y"});
  EXPECT_EQ(FieldsOf(graph), "x 2: 3 by 1 from 0, borders 0 and 0 | k 2: whole 3");
  // Without a window, axes behind the channels.
  SmallGraph plain;
  plain.Input("x", {1, 3, 4, 5}).Node("Relu", {"x"}, {"y"});
  EXPECT_EQ(FieldsOf(plain), "x 2: 1 by 1 from 0, borders 0 and 0; 3: 1 by 1 from 0, borders 0 and 0");
  SmallGraph crowd;
  std::vector<std::string> names;
  for (size_t i = 0; i <= kMaxReceptiveInputs; ++i) {
    names.push_back("x" + std::to_string(i));
    crowd.Input(names.back(), {1, 1, 8});
  }
  crowd.Node("Sum", names, {"s"});
  EXPECT_EQ(FieldsOf(crowd, "s"), "none");
  names.pop_back();
  EXPECT_EQ(FieldsOf(crowd.Node("Sum", names, {"y"})).substr(0, 31), "x0 2: 1 by 1 from 0, borders 0 ");
}

TEST(ReceptiveFieldTest, AxesKeepTheirPlacesThroughOtherShapes) {
  SmallGraph nhwc;
  nhwc.Input("x", {1, 8, 6, 3}).Weights("w", {4, 3, 3, 3});
  nhwc.Node("Transpose", {"x"}, {"t"}, {{"perm", Ints({0, 3, 1, 2})}});
  nhwc.Node("Conv", {"t", "w"}, {"c"}, {{"strides", Ints({2, 1})}});
  nhwc.Node("Transpose", {"c"}, {"y"}, {{"perm", Ints({0, 2, 3, 1})}});
  EXPECT_EQ(FieldsOf(nhwc, "c"), "x 1>2: 3 by 2 from 0, borders 0 and 0; 2>3: 3 by 1 from 0, borders 0 and 0");
  EXPECT_EQ(FieldsOf(nhwc), "x 1: 3 by 2 from 0, borders 0 and 0; 2: 3 by 1 from 0, borders 0 and 0");
  // Channels are shuffled.
  SmallGraph shuffle;
  shuffle.Input("x", {1, 6, 5, 7}).Integers("split", {1, 2, 3, 5, 7}).Integers("joined", {0, -1, 5, 7});
  shuffle.Node("Reshape", {"x", "split"}, {"a"}).Node("Transpose", {"a"}, {"b"}, {{"perm", Ints({0, 2, 1, 3, 4})}});
  shuffle.Node("Reshape", {"b", "joined"}, {"y"});
  EXPECT_EQ(FieldsOf(shuffle, "b"), "x 2>3: 1 by 1 from 0, borders 0 and 0; 3>4: 1 by 1 from 0, borders 0 and 0");
  EXPECT_EQ(FieldsOf(shuffle), "x 2: 1 by 1 from 0, borders 0 and 0; 3: 1 by 1 from 0, borders 0 and 0");
  // A signal without channels gets one.
  SmallGraph signal;
  signal.Input("x", {"N", 100}).Integers("1", {1}).Weights("w", {4, 1, 5});
  signal.Node("Unsqueeze", {"x", "1"}, {"u"}).Node("Conv", {"u", "w"}, {"y"});
  EXPECT_EQ(FieldsOf(signal), "x 1>2: 5 by 1 from 0, borders 0 and 0");
  // 12 = 3*4 = 2*6 are other rows.
  SmallGraph rows;
  rows.Input("x", {1, 1, 3, 4}).Integers("to", {1, 1, 2, 6}).Node("Reshape", {"x", "to"}, {"y"});
  EXPECT_EQ(FieldsOf(rows), "x 2: whole 3; 3: whole 4");
}

TEST(ReceptiveFieldTest, WhatLooksAtAllElementsSeesTheWholeAxis) {
  SmallGraph graph;
  graph.Input("x", {"N", 3, "H", 4}).Weights("s", {3}).Weights("w", {3, 3, 3, 3});
  graph.Node("Conv", {"x", "w"}, {"c"}, {{"pads", Ints({1, 1, 1, 1})}});
  graph.Node("GlobalAveragePool", {"c"}, {"g"}).Node("Flatten", {"c"}, {"f"});
  graph.Node("ReduceMean", {"c"}, {"r"}, {{"axes", Ints({2})}, {"keepdims", int64_t{0}}});
  graph.Node("Softmax", {"c"}, {"m"}, {{"axis", int64_t{3}}});
  graph.Node("InstanceNormalization", {"c", "s", "s"}, {"i"});
  graph.Node("BatchNormalization", {"c", "s", "s", "s", "s"}, {"b"});
  graph.Node("LRN", {"c"}, {"l"}, {{"size", int64_t{5}}}).Node("Mul", {"c", "g"}, {"e"});
  const std::string height = "2: 3 by 1 from -1, borders ? and ?";
  const std::string width = "3: 3 by 1 from -1, borders 1 and 1";
  const std::string whole = "2: whole H; 3: whole 4";
  EXPECT_EQ(FieldsOf(graph, "c"), "x " + height + "; " + width);
  EXPECT_EQ(FieldsOf(graph, "g"), "x " + whole);
  EXPECT_EQ(FieldsOf(graph, "f"), "x " + whole);
  EXPECT_EQ(FieldsOf(graph, "r"), "x 2: whole H; 3>2: 3 by 1 from -1, borders 1 and 1");
  EXPECT_EQ(FieldsOf(graph, "m"), "x " + height + "; 3: whole 4");
  EXPECT_EQ(FieldsOf(graph, "i"), "x " + whole);
  EXPECT_EQ(FieldsOf(graph, "b"), "x " + height + "; " + width);
  EXPECT_EQ(FieldsOf(graph, "l"), "x " + height + "; " + width);
  EXPECT_EQ(FieldsOf(graph, "e"), "x " + whole);
}

TEST(ReceptiveFieldTest, MatrixProductsKeepTheirRows) {
  SmallGraph graph;
  graph.Input("x", {2, 5, 7}).Input("v", {2, 7, 3}).Weights("w", {7, 3});
  graph.Node("MatMul", {"x", "w"}, {"p"}).Node("MatMul", {"x", "v"}, {"y"});
  EXPECT_EQ(FieldsOf(graph, "p"), "x 2: whole 7");
  EXPECT_EQ(FieldsOf(graph), "x 2: whole 7 | v 2: 1 by 1 from 0, borders 0 and 0");
}

TEST(ReceptiveFieldTest, WhatIsNotKnownHasNone) {
  SmallGraph graph;
  graph.Input("x", {1, 1, 8}).Weights("w", {1, 1, 3}).Declare("u", {1, 1, 8});
  graph.Node("Mystery", {"x"}, {"u"}).Node("Conv", {"u", "w"}, {"c"}).Node("Conv", {"x", "w"}, {"d"});
  graph.Node("Add", {"c", "d"}, {"y"});
  EXPECT_EQ(FieldsOf(graph, "u"), "none");
  EXPECT_EQ(FieldsOf(graph, "c"), "none");
  EXPECT_EQ(FieldsOf(graph), "none") << "one of two paths is not enough";
  // What a scale that is computed does is not told.
  SmallGraph scaled;
  scaled.Input("x", {1, 3, 8}).Input("z", {3}).Weights("p", {3}).Node("Relu", {"z"}, {"s"});
  scaled.Node("BatchNormalization", {"x", "s", "p", "p", "p"}, {"y"});
  EXPECT_EQ(FieldsOf(scaled), "none");
  // Indices that are data decide what is read.
  SmallGraph gather;
  gather.Input("x", {1, 1, 8}).Input("i", {1, 1, 3}, ElementType::kInt64);
  gather.Node("GatherElements", {"x", "i"}, {"y"}, {{"axis", int64_t{2}}});
  EXPECT_EQ(FieldsOf(gather), "x 2: whole 8 | i 2: whole 3");
}

TEST(ReceptiveFieldTest, NumbersThatGrowTooLargeAreWholeAxes) {
  constexpr int64_t kStride = (int64_t{1} << 31) - 1;
  constexpr int64_t kLength = int64_t{1} << 60;
  SmallGraph graph;
  graph.Input("x", {1, 1, kLength});
  const Attributes far = {{"kernel_shape", Ints({1})}, {"strides", Ints({kStride})}};
  graph.Node("MaxPool", {"x"}, {"a"}, far).Node("MaxPool", {"a"}, {"b"}, far);
  EXPECT_EQ(FieldsOf(graph, "a"), "x 2: 1 by 2147483647 from 0, borders 0 and 0");
  EXPECT_EQ(FieldsOf(graph, "b"), "x 2: whole 1152921504606846976");
  // A margin of nearly all, on both sides of the bound of 2^60.
  SmallGraph pad;
  pad.Input("x", {1, 1, 4}).Integers("some", {0, 0, kLength - 1, 0, 0, 0}).Integers("more", {0, 0, kLength, 0, 0, 0});
  pad.Node("Pad", {"x", "some"}, {"a"}).Node("Pad", {"x", "more"}, {"b"});
  EXPECT_EQ(FieldsOf(pad, "a"), "x 2: 1 by 1 from -1152921504606846975, borders 1152921504606846975 and 0");
  EXPECT_EQ(FieldsOf(pad, "b"), "x 2: whole 4");
}

TEST(ReceptiveFieldTest, AllLayersTogetherHaveNoMoreThanABoundedNumber) {
  SmallGraph graph;
  std::vector<std::string> names;
  for (size_t i = 0; i < kMaxReceptiveInputs; ++i) {
    names.push_back("x" + std::to_string(i));
    graph.Input(names.back(), {1, 1, 2, 2, 2, 2, 2, 2});
  }
  graph.Node("Sum", names, {"t0"});
  // 16 inputs of 8 axes each: 2^19 after 4096 layers, each of which makes its fields anew.
  const Attributes single = {{"kernel_shape", Ints({1, 1, 1, 1, 1, 1})}};
  for (int i = 0; i < 4200; ++i) {
    graph.Node("MaxPool", {"t" + std::to_string(i)}, {"t" + std::to_string(i + 1)}, single);
  }
  const absl::StatusOr<ModelAnalysis> model = graph.Analyze({"t4200"});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->layers[4095].receptive_fields.size(), kMaxReceptiveInputs);
  EXPECT_EQ(model->layers[4095].receptive_fields[0].axes.size(), 6U);
  EXPECT_TRUE(model->layers[4096].receptive_fields.empty());
  EXPECT_TRUE(model->layers.back().receptive_fields.empty());
}

}  // namespace
}  // namespace tensord::analysis::model
