// Explanations of random nodes of every family: whatever the sizes, each step is the analysis' number, and its formulas
// come to it.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/analysis/model/explained.h"
#include "tests/analysis/model/single_node.h"
#include "tests/support/builders.h"

namespace tensord::analysis::model {
namespace {

using single_node::Data;
using single_node::Integers;
using single_node::Node;
using single_node::Operand;
using single_node::Sizes;
using single_node::Weight;
using IntegerList = std::vector<int64_t>;

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}
  // least..most.
  int64_t Number(int64_t least, int64_t most) { return random_.Integer(least, most); }
  bool Coin() { return Number(0, 1) == 1; }
  template <typename T>
  T Of(const std::vector<T>& list) {
    return list[static_cast<size_t>(Number(0, static_cast<int64_t>(list.size()) - 1))];
  }
  IntegerList List(size_t count, int64_t least, int64_t most) {
    IntegerList list;
    for (size_t i = 0; i < count; ++i) list.push_back(Number(least, most));
    return list;
  }
  Dimension Batch() { return Coin() ? Dimension("N") : Dimension(Number(1, 5)); }
  // A batch, channels and spatial sizes; large enough for the windows.
  Sizes Image(int64_t channels, size_t spatial) {
    Sizes sizes = {Batch(), channels};
    for (size_t i = 0; i < spatial; ++i) {
      sizes.push_back(i == 0 && Number(0, 3) == 0 ? Dimension("H") : Dimension(Number(20, 40)));
    }
    return sizes;
  }
  Sizes Any(size_t rank) {
    Sizes sizes;
    for (size_t i = 0; i < rank; ++i) sizes.push_back(i == 0 ? Batch() : Dimension(Number(1, 9)));
    return sizes;
  }

 private:
  test_support::Random random_;
};

void AddWindow(Draw& draw, size_t spatial, Node& node) {
  if (draw.Coin()) node.attributes["strides"] = draw.List(spatial, 1, 4);
  if (draw.Coin()) node.attributes["dilations"] = draw.List(spatial, 1, 3);
  switch (draw.Number(0, 3)) {
    case 0:
      node.attributes["auto_pad"] = draw.Of<std::string>({"SAME_UPPER", "SAME_LOWER", "VALID"});
      break;
    case 1:
      break;
    default:
      node.attributes["pads"] = draw.List(2 * spatial, 0, 2);
  }
}

Node Convolution(Draw& draw) {
  const auto spatial = static_cast<size_t>(draw.Number(1, 3));
  const int64_t groups = draw.Coin() ? 1 : draw.Number(1, 3);
  const int64_t in = draw.Number(1, 4);
  const int64_t out = draw.Number(1, 4) * groups;
  Sizes filter = {out, in};
  for (const int64_t size : draw.List(spatial, 1, 5)) filter.emplace_back(size);
  Node node{.op = "Conv", .inputs = {Data(draw.Image(in * groups, spatial)), Weight(filter)}};
  node.attributes["group"] = groups;
  if (draw.Coin()) node.inputs.emplace_back(Weight({out}));
  AddWindow(draw, spatial, node);
  return node;
}

Node TransposedConvolution(Draw& draw) {
  const auto spatial = static_cast<size_t>(draw.Number(1, 3));
  const int64_t groups = draw.Coin() ? 1 : draw.Number(1, 3);
  const int64_t in = draw.Number(1, 4) * groups;
  const int64_t out = draw.Number(1, 4);
  Sizes filter = {in, out};
  for (const int64_t size : draw.List(spatial, 1, 5)) filter.emplace_back(size);
  Node node{.op = "ConvTranspose", .inputs = {Data(draw.Image(in, spatial)), Weight(filter)}};
  node.attributes["group"] = groups;
  if (draw.Coin()) node.inputs.emplace_back(Weight({out * groups}));
  AddWindow(draw, spatial, node);
  if (draw.Coin()) node.attributes["output_padding"] = draw.List(spatial, 0, 1);
  return node;
}

Node Pooling(Draw& draw) {
  const auto spatial = static_cast<size_t>(draw.Number(1, 3));
  Node node{.op = draw.Of<std::string>({"MaxPool", "AveragePool", "LpPool"}),
            .inputs = {Data(draw.Image(draw.Number(1, 9), spatial))}};
  node.attributes["kernel_shape"] = draw.List(spatial, 1, 5);
  node.attributes["ceil_mode"] = draw.Number(0, 1);
  AddWindow(draw, spatial, node);
  if (node.op == "MaxPool" && draw.Coin()) node.outputs = 2;
  return node;
}

Node GlobalPooling(Draw& draw) {
  return {.op = draw.Of<std::string>({"GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"}),
          .inputs = {Data(draw.Image(draw.Number(1, 9), static_cast<size_t>(draw.Number(1, 3))))}};
}

Node Gemm(Draw& draw) {
  const Dimension rows = draw.Batch();
  const int64_t depth = draw.Number(1, 20);
  const int64_t columns = draw.Number(1, 20);
  const bool a = draw.Coin();
  const bool b = draw.Coin();
  Node node{.op = "Gemm",
            .inputs = {Data(a ? Sizes{depth, rows} : Sizes{rows, depth}),
                       Weight(b ? Sizes{columns, depth} : Sizes{depth, columns})}};
  node.attributes["transA"] = static_cast<int64_t>(a);
  node.attributes["transB"] = static_cast<int64_t>(b);
  if (draw.Coin()) node.attributes["alpha"] = 0.5;
  if (draw.Coin()) node.attributes["beta"] = 0.5;
  if (draw.Coin()) node.inputs.emplace_back(Weight(draw.Coin() ? Sizes{columns} : Sizes{1, columns}));
  return node;
}

Node MatMul(Draw& draw) {
  Sizes a = draw.Any(static_cast<size_t>(draw.Number(1, 4)));
  Sizes b = {draw.Number(1, 9)};
  if (draw.Coin()) b.insert(b.begin(), a.back());
  if (b.size() == 1) b = {a.back()};
  for (size_t behind = 3; b.size() > 1 && behind <= a.size() && draw.Coin(); ++behind) {
    b.insert(b.begin(), a[a.size() - behind]);
  }
  return {.op = "MatMul", .inputs = {Data(std::move(a)), draw.Coin() ? Weight(b) : Data(b)}};
}

Node Normalisation(Draw& draw) {
  const auto spatial = static_cast<size_t>(draw.Number(1, 3));
  const int64_t channels = 4 * draw.Number(1, 3);
  const Sizes image = draw.Image(channels, spatial);
  const Operand vector = Weight({channels});
  switch (draw.Number(0, 7)) {
    case 0:
      return {.op = "BatchNormalization", .inputs = {Data(image), vector, vector, vector, vector}};
    case 1:
      return {.op = "BatchNormalization",
              .inputs = {Data(image), vector, vector, vector, vector},
              .attributes = {{"training_mode", int64_t{1}}},
              .outputs = 3};
    case 2:
      return {.op = "InstanceNormalization", .inputs = {Data(image), vector, vector}};
    case 3:
      return {.op = "GroupNormalization",
              .inputs = {Data(image), vector, vector},
              .attributes = {{"num_groups", int64_t{2}}},
              .opset = 21};
    case 4: {
      Node node{.op = "LayerNormalization", .inputs = {Data({draw.Batch(), 3, 8}), Weight({8})}};
      if (draw.Coin()) node.inputs.emplace_back(Weight({8}));
      if (draw.Coin()) node.attributes["axis"] = int64_t{1};
      return node;
    }
    case 5:
      return {.op = "LRN", .inputs = {Data(image)}, .attributes = {{"size", draw.Number(1, 5)}}};
    case 6:
      return {.op = "LpNormalization",
              .inputs = {Data(image)},
              .attributes = {{"axis", draw.Number(0, 2)}, {"p", draw.Number(1, 2)}}};
    default:
      return {.op = "MeanVarianceNormalization", .inputs = {Data(draw.Image(channels, 2))}};
  }
}

Node Reduction(Draw& draw) {
  const auto rank = static_cast<size_t>(draw.Number(2, 5));
  const std::string op = draw.Of<std::string>(
      {"ReduceSum", "ReduceMean", "ReduceProd", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare",
       "ReduceLogSum", "ReduceLogSumExp", "ArgMax", "ArgMin", "CumSum", "Softmax", "LogSoftmax", "Hardmax"});
  Node node{.op = op, .inputs = {Data(draw.Any(rank))}};
  const int64_t axis = draw.Number(-static_cast<int64_t>(rank), static_cast<int64_t>(rank) - 1);
  if (op == "CumSum") {
    node.inputs.emplace_back(Integers({axis}));
  } else if (op.substr(0, 6) != "Reduce") {
    node.attributes["axis"] = axis;
    if (op.find("max") != std::string::npos && draw.Coin()) node.opset = 11;
  } else if (op == "ReduceSum") {
    if (draw.Coin()) node.inputs.emplace_back(Integers({axis}));
  } else if (draw.Coin()) {
    node.attributes["axes"] = IntegerList{axis};
  }
  if (op.substr(0, 6) == "Reduce") node.attributes["keepdims"] = draw.Number(0, 1);
  return node;
}

Node SingleElements(Draw& draw) {
  const std::string op =
      draw.Of<std::string>({"Relu",     "LeakyRelu", "Sigmoid", "Selu",  "Celu", "Gelu",    "Mish", "HardSwish",
                            "Softplus", "Neg",       "Tanh",    "Exp",   "Add",  "Sub",     "Mul",  "Div",
                            "Max",      "Mean",      "Equal",   "PRelu", "Clip", "Dropout", "Where"});
  const Sizes shape = draw.Any(static_cast<size_t>(draw.Number(1, 5)));
  Node node{.op = op, .inputs = {Data(shape)}};
  Sizes other = shape;
  for (Dimension& size : other) {
    if (draw.Number(0, 3) == 0) size = int64_t{1};
  }
  if (draw.Coin() && other.size() > 1) other.erase(other.begin());
  if (op == "Where") {
    node.inputs = {Data(other, ElementType::kBool), Data(shape), Data(other)};
  } else if (op == "Max" || op == "Mean") {
    for (int64_t i = draw.Number(0, 3); i > 0; --i) node.inputs.emplace_back(Data(other));
  } else if (op == "PRelu") {
    node.inputs.emplace_back(Weight(other));
  } else if (op == "Add" || op == "Sub" || op == "Mul" || op == "Div" || op == "Equal") {
    node.inputs.insert(draw.Coin() ? node.inputs.begin() : node.inputs.end(), Data(other));
  } else if (op == "Clip") {
    node.inputs.emplace_back(single_node::Reals({0}));
    node.inputs.back()->tensor.shape = Sizes();
  }
  return node;
}

Node Shape(Draw& draw) {
  const int64_t channels = 4 * draw.Number(1, 4);
  const Sizes image = {draw.Batch(), channels, 2 * draw.Number(1, 9), 2 * draw.Number(1, 9)};
  switch (draw.Number(0, 10)) {
    case 0: {
      Sizes more = image;
      more[1] = draw.Number(1, 9);
      return {.op = "Concat", .inputs = {Data(image), Data(more), Data(image)}, .attributes = {{"axis", int64_t{1}}}};
    }
    case 1:
      return {.op = "Flatten", .inputs = {Data(image)}, .attributes = {{"axis", draw.Number(-4, 4)}}};
    case 2:
      return {.op = "Reshape", .inputs = {Data(image), Integers({0, -1, 4})}};
    case 3:
      return {.op = "Transpose", .inputs = {Data(image)}, .attributes = {{"perm", IntegerList{0, 3, 1, 2}}}};
    case 4:
      return {.op = "Pad",
              .inputs = {Data(image), Integers({0, 0, draw.Number(0, 3), 1, 0, 0, 2, draw.Number(-1, 1)})}};
    case 5:
      return {.op = draw.Of<std::string>({"DepthToSpace", "SpaceToDepth"}),
              .inputs = {Data(image)},
              .attributes = {{"blocksize", int64_t{2}}}};
    case 6:
      return {.op = "Unsqueeze", .inputs = {Data(image), Integers({1, -1})}};
    case 7:
      return {.op = "Squeeze", .inputs = {Data({draw.Batch(), 1, 5, 1}), Integers({-1, 1})}};
    case 8:
      return {.op = "Split", .inputs = {Data(image)}, .attributes = {{"axis", int64_t{1}}}, .outputs = 4};
    case 9:
      return {.op = "Tile", .inputs = {Data(image), Integers(draw.List(4, 1, 3))}};
    default:
      return {.op = "Slice", .inputs = {Data(image), Integers({1}), Integers({3}), Integers({1})}};
  }
}

TEST(ExplanationRandomTest, EachStepIsTheAnalysisNumber) {
  const std::vector<std::pair<const char*, Node (*)(Draw&)>> families = {
      {"convolution", &Convolution},
      {"transposed convolution", &TransposedConvolution},
      {"pooling", &Pooling},
      {"global pooling", &GlobalPooling},
      {"Gemm", &Gemm},
      {"MatMul", &MatMul},
      {"normalisation", &Normalisation},
      {"reduction and softmax", &Reduction},
      {"single elements", &SingleElements},
      {"shape", &Shape}};
  constexpr uint64_t kNodes = 400;
  for (const auto& [name, make] : families) {
    size_t analysed = 0;
    for (uint64_t seed = 1; seed <= kNodes; ++seed) {
      Draw draw(seed);
      const Node node = make(draw);
      const Graph graph = single_node::GraphOf(node);
      // Some sizes do not fit; that is for the operators' tests.
      if (!AnalyzeModel(graph, {}).ok()) continue;
      ++analysed;
      SCOPED_TRACE(std::string(name) + ", seed " + std::to_string(seed) + ": " + node.op);
      ExpectExplained(graph, "n");
      if (testing::Test::HasFailure()) return;
    }
    std::cout << name << ": " << analysed << " nodes\n";
    EXPECT_GT(analysed, kNodes / 2) << name;
  }
}

}  // namespace
}  // namespace tensord::analysis::model
