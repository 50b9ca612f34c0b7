// Networks of the literature: what their papers, and the programs that train them, say of parameters, of
// multiply-accumulates and of what comes out of each stage. A rounded figure is compared as it was rounded.
//
// Beside each figure stands where it is from, and how it was read again there; where it could not be, that is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/analysis/model.h"
#include "tests/analysis/model/networks.h"
#include "tests/analysis/model/published_figures.h"
#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::networks {
namespace {

using testing::ElementsAre;

TEST(PublishedNetworksTest, RoundingIsWhatItSays) {
  EXPECT_EQ(Rounded(3'449'999, kMillion, 1), "3.4");
  EXPECT_EQ(Rounded(3'450'000, kMillion, 1), "3.5");
  EXPECT_EQ(Rounded(3'050'000, kMillion, 2), "3.05");
  EXPECT_EQ(Rounded(99'500'000, kMillion, 0), "100");
  EXPECT_EQ(Truncated(3'499'999, kMillion, 0), "3");
  EXPECT_EQ(Truncated(3'499'999, kMillion, 1), "3.4");
  EXPECT_EQ(Truncated(3'500'000, kMillion, 1), "3.5");
}

// Source: LeCun et al. 1998 (networks.h), section II.B: the text of each layer. Read again in several
// transcriptions of it, with the sums of 340,908 connections and 60,000 parameters.
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

// Sources: Krizhevsky et al. 2012 (networks.h): 60 million parameters (abstract), the layers' neurons (caption of
// figure 2: but those of the first layer, 253,440, are not the 55 x 55 x 96 that the text describes). Both read again
// in the paper's text. Chen, Krishna, Emer, Sze, "Eyeriss: an energy-efficient reconfigurable accelerator for deep
// convolutional neural networks", ISSCC 2016, https://doi.org/10.1109/ISSCC.2016.7418007: 2.3 million weights of
// convolutions, 666 million multiply-accumulates of an image of 227 x 227. Read again in its abstract,
// https://dspace.mit.edu/handle/1721.1/101151
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

// Sources: Simonyan, Zisserman (networks.h), table 2: millions of parameters, A and A-LRN in one column. Read again in
// several transcriptions of the table. Chen et al. 2016 (above, read again in its abstract) of VGG-16's convolutions:
// 14.7 million weights, 15.3 billion multiply-accumulates of an image of 224 x 224.
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
// Read again in several transcriptions of the table; that the FLOPs are multiply-adds, in the FAQ of Araujo et al.'s
// table (below), too.
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
  // 3.8 in the table, which is cut off, while those of 101 and 152, which are this and whole blocks more, are rounded.
  const int64_t fifty = MacsOf(Analyzed(ResNet(50, Shortcut::kProjected, Stride::kFirst)));
  EXPECT_EQ(Truncated(fifty, kBillion, 1), "3.8");
  EXPECT_EQ(Rounded(fifty, kBillion, 2), "3.86");
}

// Source: He et al. 2015, table 6: millions of parameters of the networks for CIFAR-10. Read again in transcriptions of
// the table, one of them https://github.com/akamaster/pytorch_resnet_cifar10/blob/master/resnet.py
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

// Source: "num_params" and "_ops" of each model's weights in torchvision's files,
// torchvision/models/{alexnet,vgg,resnet,mobilenetv2,squeezenet}.py of https://github.com/pytorch/vision, read again
// in copies of them. Its documentation has the same, "_ops" with two digits as "GFLOPS" (they are
// multiply-accumulates); of ResNet-152 read again,
// https://pytorch.org/vision/stable/models.html#table-of-all-available-classification-weights
TEST(PublishedNetworksTest, TorchvisionsTable) {
  struct Row {
    Graph graph;
    int64_t parameters;
    const char* billions;
  };
  const Row rows[] = {{TorchvisionAlexNet(), 61'100'840, "0.714"},
                      {VggNet(Vgg::kA), 132'863'336, "7.609"},
                      {VggNet(Vgg::kB), 133'047'848, "11.308"},
                      {VggNet(Vgg::kD), 138'357'544, "15.470"},
                      {VggNet(Vgg::kE), 143'667'240, "19.632"},
                      {ResNet(18, Shortcut::kProjected, Stride::kSecond), 11'689'512, "1.814"},
                      {ResNet(34, Shortcut::kProjected, Stride::kSecond), 21'797'672, "3.664"},
                      {ResNet(50, Shortcut::kProjected, Stride::kSecond), 25'557'032, "4.089"},
                      {ResNet(101, Shortcut::kProjected, Stride::kSecond), 44'549'160, "7.801"},
                      {ResNet(152, Shortcut::kProjected, Stride::kSecond), 60'192'808, "11.514"},
                      {MobileNetV2(224), 3'504'872, "0.301"},
                      {SqueezeNet(224), 1'248'424, "0.819"},
                      {SqueezeNet11(224), 1'235'496, "0.349"}};
  for (const Row& row : rows) {
    const ModelAnalysis model = Analyzed(row.graph);
    EXPECT_EQ(ParametersOf(model), row.parameters) << row.graph.name;
    EXPECT_EQ(Rounded(MacsOf(model), kBillion, 3), row.billions) << row.graph.name;
    EXPECT_EQ(model::Text(model.outputs[0]), "[N,1000]") << row.graph.name;
  }
}

// Billions of operations up to each pooling.
std::vector<std::string> ProfiledAtPoolings(const ModelAnalysis& model) {
  std::vector<std::string> billions;
  int64_t operations = 0;
  for (const ModelLayer& layer : model.layers) {
    const OperationCounts& counts = *layer.operations;
    if (layer.op_type == "Conv") operations += Number(2 * counts.macs + counts.bias_additions);
    if (layer.op_type != "MaxPool") continue;
    // One for each element of a window, where comparing them takes one less.
    int64_t elements = 1;
    for (const Count& size : *layer.outputs[0].shape) elements *= Number(size.exact());
    operations += Number(counts.comparisons) + elements;
    billions.push_back(Rounded(operations, kBillion, 3));
  }
  return billions;
}

// Source: "FLOPs (Billion)" of vgg_a and vgg_16 in Araujo, Norris, Sim 2019,
// https://github.com/google-research/receptive_field/blob/f12ae8e/receptive_field/RECEPTIVE_FIELD_TABLE.md, read again
// there. They are what tf.profiler counts: 2 for a multiply-add, 1 for adding a bias, the window for an element of a
// pooling, nothing for ReLU.
TEST(PublishedNetworksTest, VggAsTensorFlowProfilesIt) {
  EXPECT_THAT(ProfiledAtPoolings(Analyzed(VggNet(Vgg::kA, 224))),
              ElementsAre("0.180", "2.033", "7.584", "13.134", "14.984"));
  EXPECT_THAT(ProfiledAtPoolings(Analyzed(VggNet(Vgg::kA, 321))),
              ElementsAre("0.369", "4.151", "15.480", "26.807", "30.583"));
  EXPECT_THAT(ProfiledAtPoolings(Analyzed(VggNet(Vgg::kD, 224))),
              ElementsAre("3.882", "9.436", "18.688", "27.938", "30.713"));
  EXPECT_THAT(ProfiledAtPoolings(Analyzed(VggNet(Vgg::kD, 321))),
              ElementsAre("7.973", "19.307", "38.188", "57.066", "62.729"));
}

}  // namespace
}  // namespace tensord::analysis::networks
