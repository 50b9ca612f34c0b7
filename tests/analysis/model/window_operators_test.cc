// Convolutions, poolings and matrix products in graphs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tensord/analysis/model.h"
#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using model::Attributes;
using Ints = std::vector<int64_t>;

// One node `n` on a data input `x` and parameters of these shapes.
absl::StatusOr<ModelAnalysis> Analyze(const std::string& op_type, std::vector<Dimension> input,
                                      const std::vector<std::vector<Dimension>>& parameters, Attributes attributes,
                                      size_t outputs = 1) {
  model::SmallGraph graph(13);
  graph.Input("x", std::move(input));
  GraphNode node = model::NamedNode("n", op_type, {"x"}, {"y"}, std::move(attributes));
  if (outputs > 1) node.outputs.push_back("y2");
  for (const std::vector<Dimension>& shape : parameters) {
    node.inputs.push_back("p" + std::to_string(node.inputs.size() - 1));
    graph.Weights(node.inputs.back(), shape);
  }
  return graph.Node(node).Analyze(node.outputs);
}

std::string ShapeOf(const absl::StatusOr<ModelAnalysis>& model, size_t output = 0) {
  return model.ok() ? model::Text(model->outputs[output]) : std::string(model.status().message());
}

std::string Macs(const absl::StatusOr<ModelAnalysis>& model) {
  return model.ok() ? model->operations.macs.ToString() : std::string(model.status().message());
}

TEST(ConvolutionTest, ShapesAndProducts) {
  // ResNet's first layer: He et al. 2016, table 1: 112x112.
  const auto resnet = Analyze("Conv", {"N", 3, 224, 224}, {{64, 3, 7, 7}},
                              {{"strides", Ints{2, 2}}, {"pads", Ints{3, 3, 3, 3}}, {"kernel_shape", Ints{7, 7}}});
  EXPECT_EQ(ShapeOf(resnet), "[N,64,112,112]");
  EXPECT_EQ(Macs(resnet), "N*118013952");  // 64*112*112*147
  // MobileNet's depthwise layer, with stride 2.
  const auto depthwise = Analyze("Conv", {1, 32, 112, 112}, {{32, 1, 3, 3}},
                                 {{"group", int64_t{32}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}});
  EXPECT_EQ(ShapeOf(depthwise), "[1,32,56,56]");
  EXPECT_EQ(Macs(depthwise), "903168");  // 32*56*56*9
  // 1-D and 3-D, dilated.
  EXPECT_EQ(ShapeOf(Analyze("Conv", {2, 4, 100}, {{8, 4, 5}}, {{"dilations", Ints{3}}})), "[2,8,88]");
  EXPECT_EQ(ShapeOf(Analyze("Conv", {2, 4, 8, 9, 10}, {{8, 4, 1, 2, 3}}, {})), "[2,8,8,8,8]");
  // SAME: ceil(7/2).
  for (const char* mode : {"SAME_UPPER", "SAME_LOWER"}) {
    EXPECT_EQ(ShapeOf(Analyze("Conv", {1, 1, 7, 7}, {{1, 1, 4, 4}},
                              {{"auto_pad", std::string(mode)}, {"strides", Ints{2, 2}}})),
              "[1,1,4,4]");
  }
  EXPECT_EQ(ShapeOf(Analyze("Conv", {1, 1, 7, 7}, {{1, 1, 4, 4}}, {{"auto_pad", std::string("VALID")}})), "[1,1,4,4]");
}

// Counts, cell by cell, the taps of all positions along an axis that read padding.
int64_t PaddingReads(int64_t input, int64_t taps, int64_t stride, int64_t dilation, int64_t begin, int64_t output) {
  int64_t count = 0;
  for (int64_t o = 0; o < output; ++o) {
    for (int64_t k = 0; k < taps; ++k) {
      const int64_t at = o * stride + k * dilation - begin;
      if (at < 0 || at >= input) ++count;
    }
  }
  return count;
}

TEST(ConvolutionTest, ProductsWithPaddingAreCountedCellByCell) {
  for (const int64_t stride : {1, 2, 3}) {
    for (const int64_t dilation : {1, 2, 4}) {
      for (const int64_t pad : {0, 1, 2, 5}) {
        constexpr int64_t kInput = 13;
        constexpr int64_t kTaps = 3;
        const auto model =
            Analyze("Conv", {"N", 2, kInput}, {{5, 2, kTaps}},
                    {{"strides", Ints{stride}}, {"dilations", Ints{dilation}}, {"pads", Ints{pad, pad + 1}}});
        ASSERT_TRUE(model.ok()) << model.status();
        const int64_t output = (kInput + 2 * pad + 1 - dilation * (kTaps - 1) - 1) / stride + 1;
        const int64_t reads = PaddingReads(kInput, kTaps, stride, dilation, pad, output);
        EXPECT_EQ(*model->operations.padding_macs, Expression::Symbol("N") * 10 * reads);
      }
    }
  }
  // Two axes: what is outside along either.
  const auto square = Analyze("Conv", {1, 1, 4, 4}, {{1, 1, 3, 3}}, {{"pads", Ints{1, 1, 1, 1}}});
  EXPECT_EQ(square->operations.padding_macs->ToString(), "44");  // 144 - 10*10
  const auto same = Analyze("Conv", {1, 1, 5}, {{1, 1, 4}}, {{"auto_pad", std::string("SAME_LOWER")}});
  EXPECT_EQ(same->operations.padding_macs->ToString(), std::to_string(PaddingReads(5, 4, 1, 1, 2, 5)));
  EXPECT_FALSE(Analyze("Conv", {1, 1, "L"}, {{1, 1, 3}}, {})->operations.padding_macs.has_value());
}

TEST(ConvolutionTest, SaysWhatIsWrong) {
  EXPECT_THAT(
      ShapeOf(Analyze("Conv", {1, 3, 8, 8}, {{4, 2, 3, 3}}, {})),
      HasSubstr("node \"n\" (Conv): its input \"x\" [1,3,8,8] has to have as many channels as its filter \"p0\" "
                "[4,2,3,3] takes, 2: was 3, has to be 2"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 4, 8, 8}, {{5, 2, 3, 3}}, {{"group", int64_t{2}}})),
              HasSubstr("divisible by its 2 groups"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 4, 8, 8}, {{5, 2, 3}}, {})), HasSubstr("same rank"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 4}, {{5, 4}}, {})), HasSubstr("rank 3..8"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 2, 8, 8}, {{4, 2, 9, 3}}, {})), HasSubstr("window of 9 along H is longer"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 2, 8, 8}, {{4, 2, 3, 3}, {5}}, {})),
              HasSubstr("one element for each output channel"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 2, 8, 8}, {{4, 2, 3, 3}}, {{"strides", Ints{0, 1}}})),
              HasSubstr("strides has the entry 0"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 2, 8, 8}, {{4, 2, 3, 3}}, {{"strides", Ints{1}}})),
              HasSubstr("has 1 entries, has to have 2"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 2, 8, 8}, {{4, 2, 3, 3}}, {{"pads", Ints{-1, 0, 0, 0}}})),
              HasSubstr("pads has the entry -1"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 2, 8, 8}, {{4, 2, 3, 3}}, {{"auto_pad", std::string("FULL")}})),
              HasSubstr("auto_pad was \"FULL\""));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 2, 8, 8}, {{4, 2, 3, 3}}, {{"kernel_shape", Ints{3, 5}}})),
              HasSubstr("kernel_shape"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 2, 8, 8}, {{4, 2, 3, 3}}, {{"group", 1.5}})),
              HasSubstr("group has to be an integer"));
  EXPECT_THAT(ShapeOf(Analyze("Conv", {1, 2, 8, 8}, {}, {})), HasSubstr("its filter (input 1) is missing"));
}

TEST(ConvolutionTest, SymbolsAddConditions) {
  const auto model = Analyze("Conv", {"N", "C", "H", 8}, {{4, 2, 3, 3}}, {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(ShapeOf(model), "[N,4,H - 2,6]");
  EXPECT_THAT(model->conditions, ElementsAre("C = 2", "H >= 3"));
}

TEST(TransposedConvolutionTest, ShapesAndBothBases) {
  // DCGAN's generator: 4x4 to 8x8.
  const auto model = Analyze("ConvTranspose", {"N", 512, 4, 4}, {{512, 256, 4, 4}},
                             {{"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}});
  EXPECT_EQ(ShapeOf(model), "[N,256,8,8]");
  EXPECT_EQ(Macs(model), "N*33554432");                                   // 512*16*256*16
  EXPECT_EQ(model->operations.macs_by_output.ToString(), "N*134217728");  // 256*64*512*16
  EXPECT_EQ(ShapeOf(Analyze("ConvTranspose", {1, 4, 5}, {{4, 3, 3}},
                            {{"strides", Ints{2}}, {"output_padding", Ints{1}}, {"group", int64_t{2}}})),
            "[1,6,12]");
  EXPECT_EQ(
      ShapeOf(Analyze("ConvTranspose", {1, 4, 5}, {{4, 3, 3}}, {{"strides", Ints{2}}, {"output_shape", Ints{10}}})),
      "[1,3,10]");
  EXPECT_EQ(ShapeOf(Analyze("ConvTranspose", {1, 4, 5}, {{4, 3, 3}},
                            {{"strides", Ints{2}}, {"auto_pad", std::string("SAME_UPPER")}})),
            "[1,3,10]");
  EXPECT_THAT(ShapeOf(Analyze("ConvTranspose", {1, 3, 5}, {{4, 3, 3}}, {})), HasSubstr("was 3, has to be 4"));
}

TEST(TransposedConvolutionTest, RefusesCellsThatNoWindowReaches) {
  const auto of = [](Dimension length, Attributes attributes) {
    return ShapeOf(Analyze("ConvTranspose", {1, 4, std::move(length)}, {{4, 3, 3}}, std::move(attributes)));
  };
  // Strides of 2 and dilations of 3: windows of 7 reach 2*4 + 7 = 15 cells, and 2 may be added.
  const Attributes given = {{"strides", Ints{2}}, {"dilations", Ints{3}}};
  const auto with = [&given](const char* name, int64_t value) {
    Attributes attributes = given;
    attributes[name] = Ints{value};
    return attributes;
  };
  EXPECT_EQ(of(5, with("output_padding", 2)), "[1,3,17]");
  EXPECT_EQ(
      of(5, with("output_padding", 3)),
      "node \"n\" (ConvTranspose): its attribute output_padding has the entry 3 along W, has to be less than 3, the "
      "larger of its stride and dilation");
  EXPECT_EQ(of(5, with("output_shape", 17)), "[1,3,17]");
  EXPECT_EQ(of(5, with("output_shape", 1)), "[1,3,1]");
  EXPECT_EQ(of(5, with("output_shape", 18)),
            "node \"n\" (ConvTranspose): its attribute output_shape has the size 18 along W, has to be at most 17: its "
            "windows reach 15 cells from its input \"x\" [1,4,5]");
  EXPECT_EQ(of(5, {{"strides", Ints{2}}, {"output_shape", Ints{1, 3, 11}}}), "[1,3,11]") << "with batch and channels";
  const auto open = Analyze("ConvTranspose", {1, 4, "L"}, {{4, 3, 3}}, with("output_shape", 18));
  EXPECT_EQ(ShapeOf(open), "[1,3,18]");
  EXPECT_THAT(open->conditions, ElementsAre("L >= 6"));  // 2*(L - 1) + 7 + 2 >= 18
  EXPECT_THAT(of(5, {{"group", int64_t{3}}}), HasSubstr("4 input channels, and they have to be divisible by its 3"));
}

TEST(PoolingTest, ShapesAndCost) {
  const auto maximum = Analyze("MaxPool", {"N", 64, 112, 112}, {},
                               {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}}, 2);
  EXPECT_EQ(ShapeOf(maximum), "[N,64,56,56]");
  EXPECT_EQ(ShapeOf(maximum, 1), "[N,64,56,56]");
  EXPECT_EQ(maximum->outputs[1].type, ElementType::kInt64);
  EXPECT_EQ(maximum->operations.comparisons.ToString(), "N*1605632");  // 64*56*56*8
  EXPECT_EQ(Macs(maximum), "0");
  // GoogLeNet's pooling rounds up: 112 to 56.
  EXPECT_EQ(ShapeOf(Analyze("MaxPool", {1, 64, 112, 112}, {},
                            {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"ceil_mode", int64_t{1}}})),
            "[1,64,56,56]");
  EXPECT_EQ(ShapeOf(Analyze("MaxPool", {1, 64, 112, 112}, {}, {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}})),
            "[1,64,55,55]");
  const auto average = Analyze("AveragePool", {2, 3, 6}, {}, {{"kernel_shape", Ints{2}}, {"strides", Ints{2}}});
  EXPECT_EQ(average->operations.additions.ToString(), "18");
  EXPECT_EQ(average->operations.divisions.ToString(), "18");
  EXPECT_EQ(ShapeOf(Analyze("GlobalAveragePool", {"N", 512, 7, 7}, {}, {})), "[N,512,1,1]");
  EXPECT_EQ(Analyze("GlobalMaxPool", {"N", 512, 7, 7}, {}, {})->operations.comparisons.ToString(), "N*24576");
  EXPECT_THAT(ShapeOf(Analyze("MaxPool", {1, 2, 8, 8}, {}, {})), HasSubstr("kernel_shape is missing"));
}

// A symbol may be what a parameter's size says it is.
TEST(MatrixTest, AddendsMayDecideASymbol) {
  const auto gemm = Analyze("Gemm", {"N", 5}, {{5, 3}, {2, 3}}, {});
  EXPECT_EQ(ShapeOf(gemm), "[N,3]");
  EXPECT_THAT(gemm->conditions, ElementsAre("N = 2"));
  EXPECT_THAT(ShapeOf(Analyze("Gemm", {1, 5}, {{5, 3}, {2, 3}}, {})),
              HasSubstr("its C \"p1\" [2,3] has to be broadcast to its product's shape [1,3]: was 2, has to be 1"));
}

TEST(MatrixTest, ProductsOfMatrices) {
  // AlexNet's last layer.
  const auto gemm = Analyze("Gemm", {"N", 4096}, {{1000, 4096}, {1000}}, {{"transB", int64_t{1}}});
  EXPECT_EQ(ShapeOf(gemm), "[N,1000]");
  EXPECT_EQ(Macs(gemm), "N*4096000");
  EXPECT_EQ(gemm->operations.bias_additions.ToString(), "N*1000");
  EXPECT_EQ(gemm->parameter_count.ToString(), "4097000");
  EXPECT_EQ(ShapeOf(Analyze("Gemm", {5, 2}, {{5, 3}}, {{"transA", int64_t{1}}})), "[2,3]");
  EXPECT_THAT(ShapeOf(Analyze("Gemm", {5, 2}, {{5, 3}}, {})), HasSubstr("was 2, has to be 5"));
  EXPECT_THAT(ShapeOf(Analyze("Gemm", {5, 2}, {{2, 3}, {4}}, {})), HasSubstr("[5,3]"));
  EXPECT_THAT(ShapeOf(Analyze("Gemm", {5, 2, 1}, {{2, 3}}, {})), HasSubstr("rank 2"));
  const auto batched = Analyze("MatMul", {"N", 12, 64, 32}, {{1, 12, 32, 64}}, {});
  EXPECT_EQ(ShapeOf(batched), "[N,12,64,64]");
  EXPECT_EQ(Macs(batched), "N*1572864");
  EXPECT_EQ(ShapeOf(Analyze("MatMul", {7}, {{7}}, {})), "[]");
  EXPECT_EQ(ShapeOf(Analyze("MatMul", {3, 7}, {{7}}, {})), "[3]");
  EXPECT_EQ(ShapeOf(Analyze("MatMul", {7}, {{2, 7, 4}}, {})), "[2,4]");
  EXPECT_THAT(ShapeOf(Analyze("MatMul", {2, 3, 4}, {{5, 4, 3}}, {})), HasSubstr("equal or 1 along each axis"));
}

}  // namespace
}  // namespace tensord::analysis
