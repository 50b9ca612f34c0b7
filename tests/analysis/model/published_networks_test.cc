// Networks of the literature: what their papers, and the programs that train them, say of parameters, of
// multiply-accumulates and of what comes out of each stage. A rounded figure is compared as it was rounded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tensord/analysis/model.h"
#include "tests/analysis/model/networks.h"
#include "tests/analysis/model/small_graph.h"
#include "tests/support/matchers.h"

namespace tensord::analysis::networks {
namespace {

using test_support::IsOk;
using testing::ElementsAre;

constexpr int64_t kThousand = 1'000;
constexpr int64_t kMillion = 1'000'000;
constexpr int64_t kBillion = 1'000'000'000;

// A fraction with so many digits behind the point, the others cut off: "3.5".
std::string Truncated(int64_t count, int64_t unit, int digits) {
  int64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  const int64_t scaled = count * scale / unit;
  if (digits == 0) return absl::StrCat(scaled);
  return absl::StrFormat("%d.%0*d", scaled / scale, digits, scaled % scale);
}

// Likewise, but the nearest, and of two the larger one.
std::string Rounded(int64_t count, int64_t unit, int digits) {
  int64_t half = unit / 2;
  for (int i = 0; i < digits; ++i) half /= 10;
  return Truncated(count + half, unit, digits);
}

ModelAnalysis Analyzed(const Graph& graph) {
  absl::StatusOr<ModelAnalysis> model = AnalyzeModel(graph, {});
  EXPECT_THAT(model, IsOk()) << graph.name;
  if (!model.ok()) return {};
  EXPECT_THAT(model->unknown_layers, testing::IsEmpty()) << graph.name;
  EXPECT_THAT(model->conditions, testing::IsEmpty()) << graph.name;
  return *std::move(model);
}

// With one image.
int64_t Number(const Expression& count) {
  const absl::StatusOr<Integer> value = count.Evaluate({{"N", 1}});
  EXPECT_THAT(value, IsOk()) << count.ToString();
  return value.ok() ? value->ToInt64().value_or(-1) : -1;
}
int64_t ParametersOf(const ModelAnalysis& model) { return Number(model.parameter_count.exact()); }
int64_t MacsOf(const ModelAnalysis& model) { return Number(model.operations.macs); }

// The layers of one stage together.
struct Stage {
  int64_t parameters = 0;
  int64_t macs = 0;
  int64_t elements = 0;     // that its last layer gives
  int64_t connections = 0;  // inputs of sums, a bias being one
  std::string output;       // the shape of what its last layer gives
};

Stage StageOf(const ModelAnalysis& model, const std::string& name) {
  Stage stage;
  for (const ModelLayer& layer : model.layers) {
    if (!absl::StartsWith(layer.name, name + "/")) continue;
    const OperationCounts& counts = *layer.operations;
    stage.parameters += Number(layer.parameter_count.exact());
    stage.macs += Number(counts.macs);
    stage.output = model::Text(layer.outputs[0]);
    stage.elements = 1;
    for (const Count& size : *layer.outputs[0].shape) stage.elements *= Number(size.exact());
    stage.connections += Number(counts.macs + counts.bias_additions);
    // An average's sum has one input more than additions; a trained bias is added by an operator of its own; distances
    // are of differences.
    if (layer.op_type == "AveragePool") stage.connections += Number(counts.additions) + stage.elements;
    if (layer.op_type == "Add" || layer.op_type == "Sub") stage.connections += Number(counts.additions);
  }
  EXPECT_NE(stage.output, "") << "no stage " << name;
  return stage;
}

std::vector<std::string> OutputsOf(const ModelAnalysis& model, const std::vector<std::string>& stages) {
  std::vector<std::string> outputs;
  for (const std::string& stage : stages) outputs.push_back(StageOf(model, stage).output);
  return outputs;
}

TEST(PublishedNetworksTest, RoundingIsWhatItSays) {
  EXPECT_EQ(Rounded(3'449'999, kMillion, 1), "3.4");
  EXPECT_EQ(Rounded(3'450'000, kMillion, 1), "3.5");
  EXPECT_EQ(Rounded(3'050'000, kMillion, 2), "3.05");
  EXPECT_EQ(Rounded(99'500'000, kMillion, 0), "100");
  EXPECT_EQ(Truncated(3'499'999, kMillion, 0), "3");
  EXPECT_EQ(Truncated(3'499'999, kMillion, 1), "3.4");
  EXPECT_EQ(Truncated(3'500'000, kMillion, 1), "3.5");
}

// Source: LeCun et al. 1998 (networks.h), section II.B: the text of each layer.
TEST(PublishedNetworksTest, LeNet5HasTheConnectionsOfThePaper) {
  const ModelAnalysis model = Analyzed(LeNet5());
  struct Row {
    const char* stage;
    int64_t parameters;
    int64_t connections;
    const char* output;
  };
  const Row rows[] = {{"C1", 156, 122'304, "[N,6,28,28]"},    {"S2", 12, 5'880, "[N,6,14,14]"},
                      {"C3", 1'516, 151'600, "[N,16,10,10]"}, {"S4", 32, 2'000, "[N,16,5,5]"},
                      {"C5", 48'120, 48'120, "[N,120]"},      {"F6", 10'164, 10'164, "[N,84]"}};
  // The output's 10 units are connected to 84 values each, whose centers are fixed: no parameters.
  int64_t connections = StageOf(model, "output").connections;
  EXPECT_EQ(connections, 840);
  for (const Row& row : rows) {
    const Stage stage = StageOf(model, row.stage);
    EXPECT_EQ(stage.parameters, row.parameters) << row.stage;
    EXPECT_EQ(stage.connections, row.connections) << row.stage;
    EXPECT_EQ(stage.output, row.output) << row.stage;
    connections += stage.connections;
  }
  EXPECT_EQ(connections, 340'908);
  EXPECT_EQ(model.parameter_count.ToString(), "60000");
  EXPECT_EQ(model::Text(model.outputs[0]), "[N,10]");
  // C1, C3, C5 and F6: 117,600 + 150,000 + 48,000 + 10,080.
  EXPECT_EQ(model.operations.macs.ToString(), "N*325680");
}

// Sums over the stages conv1 to conv5.
struct FiveConvolutions {
  int64_t parameters = 0;
  int64_t macs = 0;
};

FiveConvolutions FiveConvolutionsOf(const ModelAnalysis& model) {
  FiveConvolutions sums;
  for (const char* name : {"conv1", "conv2", "conv3", "conv4", "conv5"}) {
    const Stage stage = StageOf(model, name);
    sums.parameters += stage.parameters;
    sums.macs += stage.macs;
  }
  return sums;
}

// Sources: Krizhevsky et al. 2012 (networks.h): 60 million parameters (abstract), the layers' neurons (figure 2: but
// those of the first layer, 253,440, are not the 55 x 55 x 96 that the text describes).
// Chen, Krishna, Emer, Sze, "Eyeriss: an energy-efficient reconfigurable accelerator for deep convolutional neural
// networks", ISSCC 2016, https://doi.org/10.1109/ISSCC.2016.7418007: 2.3 million weights of convolutions, 666 million
// multiply-accumulates.
TEST(PublishedNetworksTest, AlexNetOfThePaper) {
  const ModelAnalysis model = Analyzed(AlexNet());
  EXPECT_EQ(Truncated(ParametersOf(model), kMillion, 0), "60");
  std::vector<int64_t> neurons;
  for (const char* stage : {"conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"}) {
    neurons.push_back(StageOf(model, stage).elements);
  }
  EXPECT_THAT(neurons, ElementsAre(186'624, 64'896, 64'896, 43'264, 4096, 4096, 1000));
  EXPECT_THAT(OutputsOf(model, {"conv1", "pool1", "pool2", "pool5"}),
              ElementsAre("[N,96,55,55]", "[N,96,27,27]", "[N,256,13,13]", "[N,9216]"));
  const FiveConvolutions convolutions = FiveConvolutionsOf(model);
  EXPECT_EQ(Rounded(convolutions.parameters, kMillion, 1), "2.3");
  EXPECT_EQ(Rounded(convolutions.macs, kMillion, 0), "666");
}

// Sources: Simonyan, Zisserman (networks.h), table 2: millions of parameters. Chen et al. 2016 (above) of VGG-16's
// convolutions: 14.7 million weights, 15.3 billion multiply-accumulates.
TEST(PublishedNetworksTest, VggOfThePaper) {
  const std::pair<Vgg, const char*> columns[] = {{Vgg::kA, "133"}, {Vgg::kALrn, "133"}, {Vgg::kB, "133"},
                                                 {Vgg::kC, "134"}, {Vgg::kD, "138"},    {Vgg::kE, "144"}};
  for (const auto& [column, millions] : columns) {
    const ModelAnalysis model = Analyzed(VggNet(column));
    EXPECT_EQ(Rounded(ParametersOf(model), kMillion, 0), millions);
    EXPECT_THAT(OutputsOf(model, {"conv1", "conv2", "conv3", "conv4", "conv5", "pool5", "fc"}),
                ElementsAre("[N,64,224,224]", "[N,128,112,112]", "[N,256,56,56]", "[N,512,28,28]", "[N,512,14,14]",
                            "[N,512,7,7]", "[N,1000]"));
  }
  const ModelAnalysis model = Analyzed(VggNet(Vgg::kD));
  const FiveConvolutions convolutions = FiveConvolutionsOf(model);
  EXPECT_EQ(Rounded(convolutions.parameters, kMillion, 1), "14.7");
  EXPECT_EQ(Rounded(convolutions.macs, kBillion, 1), "15.3");
}

// Source: He et al. 2015 (networks.h), table 1: output sizes, and FLOPs, which are multiply-adds there (section 3.3).
TEST(PublishedNetworksTest, ResNetOfThePaper) {
  struct Row {
    int depth;
    Shortcut shortcut;
    const char* billions;
  };
  // With projections the 34 layers would be 3.7. The paper has them in the deeper networks alone (section 4.1).
  for (const Row& row : {Row{18, Shortcut::kPadded, "1.8"}, Row{34, Shortcut::kPadded, "3.6"},
                         Row{101, Shortcut::kProjected, "7.6"}, Row{152, Shortcut::kProjected, "11.3"}}) {
    const ModelAnalysis model = Analyzed(ResNet(row.depth, row.shortcut, Stride::kFirst));
    EXPECT_EQ(Rounded(MacsOf(model), kBillion, 1), row.billions) << row.depth;
    // Only the scores have a bias: those of convolutions are the normalizations'.
    EXPECT_EQ(model.operations.bias_additions.ToString(), "N*1000") << row.depth;
    const int64_t widen = row.depth < 50 ? 1 : 4;
    EXPECT_THAT(OutputsOf(model, {"conv1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "fc"}),
                ElementsAre("[N,64,112,112]", absl::StrCat("[N,", 64 * widen, ",56,56]"),
                            absl::StrCat("[N,", 128 * widen, ",28,28]"), absl::StrCat("[N,", 256 * widen, ",14,14]"),
                            absl::StrCat("[N,", 512 * widen, ",7,7]"), "[N,1000]"))
        << row.depth;
  }
  // 3.8 in the table, which is cut off: the other networks of bottlenecks are this one and whole blocks more.
  const int64_t fifty = MacsOf(Analyzed(ResNet(50, Shortcut::kProjected, Stride::kFirst)));
  EXPECT_EQ(Truncated(fifty, kBillion, 1), "3.8");
  EXPECT_EQ(Rounded(fifty, kBillion, 2), "3.86");
}

// Source: He et al. 2015, table 6: millions of parameters of the networks for CIFAR-10.
TEST(PublishedNetworksTest, CifarResNetOfThePaper) {
  struct Row {
    int layers;
    int digits;
    const char* millions;
  };
  for (const Row& row : {Row{20, 2, "0.27"}, Row{32, 2, "0.46"}, Row{44, 2, "0.66"}, Row{56, 2, "0.85"},
                         Row{110, 1, "1.7"}, Row{1202, 1, "19.4"}}) {
    const ModelAnalysis model = Analyzed(CifarResNet((row.layers - 2) / 6));
    EXPECT_EQ(Rounded(ParametersOf(model), kMillion, row.digits), row.millions) << row.layers;
    EXPECT_THAT(OutputsOf(model, {"channels16", "channels32", "channels64", "fc"}),
                ElementsAre("[N,16,32,32]", "[N,32,16,16]", "[N,64,8,8]", "[N,10]"));
  }
}

// Source: torchvision's documentation: "num_params" and "GFLOPS" (which are multiply-accumulates there) of each model's
// page, https://pytorch.org/vision/stable/models.html#table-of-all-available-classification-weights
TEST(PublishedNetworksTest, TorchvisionsTable) {
  struct Row {
    Graph graph;
    int64_t parameters;
    const char* billions;
  };
  const Row rows[] = {{TorchvisionAlexNet(), 61'100'840, "0.71"},
                      {VggNet(Vgg::kA), 132'863'336, "7.61"},
                      {VggNet(Vgg::kB), 133'047'848, "11.31"},
                      {VggNet(Vgg::kD), 138'357'544, "15.47"},
                      {VggNet(Vgg::kE), 143'667'240, "19.63"},
                      {ResNet(18, Shortcut::kProjected, Stride::kSecond), 11'689'512, "1.81"},
                      {ResNet(34, Shortcut::kProjected, Stride::kSecond), 21'797'672, "3.66"},
                      {ResNet(50, Shortcut::kProjected, Stride::kSecond), 25'557'032, "4.09"},
                      {ResNet(101, Shortcut::kProjected, Stride::kSecond), 44'549'160, "7.80"},
                      {ResNet(152, Shortcut::kProjected, Stride::kSecond), 60'192'808, "11.51"},
                      {MobileNetV2(224), 3'504'872, "0.30"},
                      {SqueezeNet(224), 1'248'424, "0.82"},
                      {SqueezeNet11(224), 1'235'496, "0.35"}};
  for (const Row& row : rows) {
    const ModelAnalysis model = Analyzed(row.graph);
    EXPECT_EQ(ParametersOf(model), row.parameters) << row.graph.name;
    EXPECT_EQ(Rounded(MacsOf(model), kBillion, 2), row.billions) << row.graph.name;
    EXPECT_EQ(model::Text(model.outputs[0]), "[N,1000]") << row.graph.name;
  }
}

// Source: Howard et al. 2017 (networks.h), tables 4 to 7: millions of mult-adds and of parameters. Two are different:
// 4,866 in table 4 is without the classifier's million, and 290 in table 7 is cut off.
TEST(PublishedNetworksTest, MobileNetV1OfThePaper) {
  struct Row {
    Graph graph;
    const char* macs;
    const char* parameters;
  };
  const Row rows[] = {
      {MobileNetV1(224, 4, 5, Separable::kYes), "569", "4.2"}, {MobileNetV1(224, 4, 5, Separable::kNo), "4867", "29.3"},
      {MobileNetV1(224, 4, 0, Separable::kYes), "307", "2.9"}, {MobileNetV1(224, 3, 5, Separable::kYes), "325", "2.6"},
      {MobileNetV1(224, 2, 5, Separable::kYes), "149", "1.3"}, {MobileNetV1(224, 1, 5, Separable::kYes), "41", "0.5"},
      {MobileNetV1(192, 4, 5, Separable::kYes), "418", "4.2"}, {MobileNetV1(160, 4, 5, Separable::kYes), "291", "4.2"},
      {MobileNetV1(128, 4, 5, Separable::kYes), "186", "4.2"}};
  for (const Row& row : rows) {
    const ModelAnalysis model = Analyzed(row.graph);
    EXPECT_EQ(Rounded(MacsOf(model), kMillion, 0), row.macs);
    EXPECT_EQ(Rounded(ParametersOf(model), kMillion, 1), row.parameters);
  }
  EXPECT_THAT(OutputsOf(Analyzed(rows[0].graph),
                        {"conv", "separable1", "separable3", "separable5", "separable11", "separable13", "fc"}),
              ElementsAre("[N,32,112,112]", "[N,64,112,112]", "[N,128,56,56]", "[N,256,28,28]", "[N,512,14,14]",
                          "[N,1024,7,7]", "[N,1000]"));
}

// Sources: Sandler et al. 2018 (networks.h): output sizes (table 2), 300 million multiply-adds and 3.4 million
// parameters (table 4). The authors' models: MACs in millions, cut off, and millions of parameters, those of
// normalizations left out (with them, 1.0 has 3.50),
// https://www.tensorflow.org/versions/r2.4/api_docs/python/tf/keras/applications/mobilenet_v2
TEST(PublishedNetworksTest, MobileNetV2OfThePaper) {
  struct Row {
    int64_t size;
    Width width;
    const char* macs;
    const char* parameters;
  };
  for (const Row& row :
       {Row{224, {7, 5}, "582", "6.06"}, Row{224, {13, 10}, "509", "5.34"}, Row{224, {1, 1}, "300", "3.47"},
        Row{192, {1, 1}, "221", "3.47"}, Row{160, {1, 1}, "154", "3.47"}, Row{128, {1, 1}, "99", "3.47"},
        Row{96, {1, 1}, "56", "3.47"}, Row{224, {3, 4}, "209", "2.61"}}) {
    const ModelAnalysis model = Analyzed(MobileNetV2(row.size, row.width));
    int64_t parameters = ParametersOf(model);
    for (const ModelLayer& layer : model.layers) {
      if (layer.op_type == "BatchNormalization") parameters -= Number(layer.parameter_count.exact());
    }
    EXPECT_EQ(Truncated(MacsOf(model), kMillion, 0), row.macs);
    EXPECT_EQ(Rounded(parameters, kMillion, 2), row.parameters);
    if (row.width.numerator == 1) {
      EXPECT_EQ(Truncated(parameters, kMillion, 1), "3.4");
    }
  }
  EXPECT_THAT(
      OutputsOf(Analyzed(MobileNetV2(224)), {"conv", "bottleneck1", "bottleneck3", "bottleneck6", "bottleneck10",
                                             "bottleneck13", "bottleneck16", "bottleneck17", "last", "fc"}),
      ElementsAre("[N,32,112,112]", "[N,16,112,112]", "[N,24,56,56]", "[N,32,28,28]", "[N,64,14,14]", "[N,96,14,14]",
                  "[N,160,7,7]", "[N,320,7,7]", "[N,1280,7,7]", "[N,1000]"));
}

// Source: Iandola et al. 2016 (networks.h), table 1: parameters before pruning, and output sizes. They come to 111 x
// 111 behind the first layer, which takes an image of 227 x 227, as the authors' files have it; the table says 224 x
// 224.
TEST(PublishedNetworksTest, SqueezeNetOfThePaper) {
  struct Row {
    const char* stage;
    int64_t parameters;
    const char* output;
  };
  const ModelAnalysis model = Analyzed(SqueezeNet(227));
  for (const Row& row :
       {Row{"conv1", 14'208, "[N,96,111,111]"}, Row{"pool1", 0, "[N,96,55,55]"}, Row{"fire2", 11'920, "[N,128,55,55]"},
        Row{"fire3", 12'432, "[N,128,55,55]"}, Row{"fire4", 45'344, "[N,256,55,55]"}, Row{"pool4", 0, "[N,256,27,27]"},
        Row{"fire5", 49'440, "[N,256,27,27]"}, Row{"fire6", 104'880, "[N,384,27,27]"},
        Row{"fire7", 111'024, "[N,384,27,27]"}, Row{"fire8", 188'992, "[N,512,27,27]"},
        Row{"pool8", 0, "[N,512,13,13]"}, Row{"fire9", 197'184, "[N,512,13,13]"},
        Row{"conv10", 513'000, "[N,1000,13,13]"}}) {
    const Stage stage = StageOf(model, row.stage);
    EXPECT_EQ(stage.parameters, row.parameters) << row.stage;
    EXPECT_EQ(stage.output, row.output) << row.stage;
  }
  EXPECT_EQ(model.parameter_count.ToString(), "1248424");
}

}  // namespace
}  // namespace tensord::analysis::networks
