// The program itself: models that people write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/client/cli/process.h"
#include "tests/support/temporary_directory.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

ProcessResult Analyze(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.begin(), {"analyze", "model"});
  return RunProcess(TENSORCTL, arguments, input);
}

struct Expected {
  int64_t parameters;
  int64_t buffers;
  int64_t macs;
  std::vector<int64_t> output;
};

// LeNet-5: parameters as https://github.com/planetopenllms/lenet.sandbox lists them, layer by layer; multiply-
//   accumulates 6*28*28*25 + 16*10*10*150 + 400*120 + 120*84 + 84*10.
// AlexNet, VGG-16: torchvision's parameters, multiply-accumulates by hooks in PyTorch: tests/models/truth.json.
// ResNet's block: 64*64 + 64*64*9 + 64*256 + 64*256 weights at 56*56 positions, and two for each of 640 channels.
// U-Net: 18 convolutions of 3*3, 4 of 2*2 and one of 1*1, by the channels and lengths of figure 1 in
//   https://arxiv.org/abs/1505.04597, added up by hand.
// Siamese: 64*100 + 64*49*128 + 128*16*128 + 128*16*256 + 9216*4096 + 4096 weights and 64 + 128 + 128 + 256 + 4096 + 1
//   biases, counted once; of each twin 96*96 positions of the first filters, 42*42, 18*18 and 6*6 of the others.
// ECG: 12*7*32 + 2*32*32*5 + 3*2*32 + 32*5 + 5; 500*84*32 + 2*250*160*32 + 160.
const std::map<std::string, Expected>& Examples() {
  static const auto* const examples = new std::map<std::string, Expected>{
      {"lenet5", {61'706, 0, 416'520, {1, 10}}},
      {"alexnet", {61'100'840, 0, 714'188'480, {1, 1000}}},
      {"vgg16", {138'357'544, 0, 15'470'264'320, {1, 1000}}},
      {"resnet_block", {75'008, 1'280, 231'211'008, {1, 256, 56, 56}}},
      {"unet", {31'030'658, 0, 150'428'424'448, {1, 2, 388, 388}}},
      {"siamese", {38'951'745, 0, 2 * 908'623'872LL + 4096, {1, 1}}},
      {"ecg_1d", {13'285, 192, 3'904'160, {1, 5}}},
  };
  return *examples;
}

TEST(ModelDescriptionTest, EveryExampleIsWhatIsKnownOfIt) {
  size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(TENSORD_EXAMPLE_MODELS)) {
    ++files;
    const std::string name = file.path().stem();
    ASSERT_TRUE(Examples().contains(name)) << name;
    const Expected& expected = Examples().at(name);
    const ProcessResult result = Analyze({file.path(), "--set", "N=1", "--format", "json"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const Json answer = Json::parse(result.out);
    EXPECT_EQ(answer["total"]["parameter_count"], expected.parameters) << name;
    EXPECT_EQ(answer["total"]["buffer_count"], expected.buffers) << name;
    EXPECT_EQ(answer["total"]["mac_count"], expected.macs) << name;
    EXPECT_EQ(answer["total"]["is_lower_bound"], false) << name;
    ASSERT_EQ(answer["outputs"].size(), 1U) << name;
    EXPECT_EQ(answer["outputs"][0]["shape"], expected.output) << name;
  }
  EXPECT_EQ(files, Examples().size());
}

// Of two samples of 6 features: parameters, buffers, multiply-accumulates.
std::vector<int64_t> Counts(const std::string& layers) {
  const ProcessResult result = Analyze({"-", "--format", "json"}, "input: [2, 6]\nlayers:\n" + layers);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const Json total = Json::parse(result.out, nullptr, false)["total"];
  return {total["parameter_count"], total["buffer_count"], total["mac_count"]};
}

TEST(ModelDescriptionTest, WhatIsSharedIsCountedOnce) {
  using Numbers = std::vector<int64_t>;
  // 6*6 weights and 6 biases; 2*36 multiply-accumulates each time.
  EXPECT_EQ(Counts("  - dense: 6\n  - dense: 6\n"), (Numbers{84, 0, 144}));
  EXPECT_EQ(Counts("  - dense: 6\n  - {dense: 6, parameters-of: dense1}\n"), (Numbers{42, 0, 144}));
  EXPECT_EQ(Counts("  - repeat: {times: 5, shared: true, layers: [{dense: 6}]}\n"), (Numbers{42, 0, 360}));
  // Statistics too: mean and variance.
  EXPECT_EQ(Counts("  - batch-norm\n  - {batch-norm: , parameters-of: batch-norm1}\n"), (Numbers{12, 12, 0}));
  EXPECT_EQ(Counts("  - batch-norm\n  - batch-norm\n"), (Numbers{24, 24, 0}));
  // What the first layer settled, the second one needs otherwise.
  const ProcessResult other = Analyze(
      {"-"}, "input: [2, 6]\nlayers:\n  - {dense: 4, name: wide}\n  - {dense: 4, name: narrow, parameters-of: wide}\n");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, AllOf(HasSubstr("node \"narrow\" (Gemm)"), HasSubstr("\"wide.weight\"")));
}

// As `analyze layer` has it, whose rule it is.
TEST(ModelDescriptionTest, PoolingsThatStartInside) {
  for (const std::string padding : {"0", "1"}) {
    for (const std::string dilation : {"1", "2"}) {
      for (const std::string length : {"2", "5", "6", "7", "8", "L"}) {
        SCOPED_TRACE(padding + " " + dilation + " " + length);
        const ProcessResult layer =
            RunProcess(TENSORCTL, {"analyze",       "layer",      "--kind",       "max",          "--input-shape",
                                   "2,3," + length, "--layout",   "NCW",          "--window",     "3",
                                   "--stride",      "2",          "--padding",    padding + ":0", "--dilation",
                                   dilation,        "--rounding", "start-inside", "--format",     "json"});
        ASSERT_EQ(layer.exit_code, 0) << layer.err;
        const ProcessResult model = Analyze(
            {"-", "--format", "json"}, "input: [2, 3, " + length +
                                           "]\nlayers:\n  - max-pool: {window: 3, stride: 2, dilation: " + dilation +
                                           ", padding: [[" + padding + ", 0]], rounding: start-inside}\n");
        ASSERT_EQ(model.exit_code, 0) << model.err;
        const Json answer = Json::parse(model.out);
        const Json expected = Json::parse(layer.out);
        EXPECT_EQ(answer["outputs"][0]["shape"], expected["output_shape"]);
        EXPECT_EQ(answer["total"]["comparison_count"], expected["comparison_count"]);
        EXPECT_FALSE(answer.contains("conditions") && !answer["conditions"].empty()) << answer["conditions"];
      }
    }
  }
}

TEST(ModelDescriptionTest, TheBatchStaysASymbol) {
  const ProcessResult result = Analyze({std::string(TENSORD_EXAMPLE_MODELS) + "/lenet5.yaml"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("LeNet-5\ntakes  input float32 N x 1 x 32 x 32\ngives  output float32 N x 10\n"),
                    HasSubstr("C3          Conv         N x 16 x 10 x 10       2,416  N*240000  14x14/2\n"),
                    HasSubstr("multiply-accumulates               N*416520\n")));
}

TEST(ModelDescriptionTest, StandardInputIsADescriptionWhereItIsText) {
  const ProcessResult result = Analyze({"-", "--format", "csv"}, "input: [N, 3]\nlayers:\n  - dense: 4\n");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("total,,N x 4,16,0,N*12,"));
  const ProcessResult json = Analyze({"-", "--format", "csv"}, R"({"input": ["N", 3], "layers": [{"dense": 4}]})");
  EXPECT_THAT(json.out, HasSubstr("total,,N x 4,16,0,N*12,"));
  const ProcessResult bad = Analyze({"-"}, "input: [N, 3]\nlayers:\n  - dens: 4\n");
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.err, HasSubstr("standard input:3: layers[0]: was \"dens\" (did you mean dense?)"));
}

TEST(ModelDescriptionTest, ErrorsNameFileAndLine) {
  const TemporaryDirectory folder;
  const std::string path = folder.path("net.yml");
  std::ofstream(path) << "input: [N, 3, 8, 8]\nlayers:\n  - conv: {filters: 4, kernel: x}\n";
  const ProcessResult wrong = Analyze({path});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr(path + ":3: layers[0].kernel: was \"x\", has to be a whole number"));
  // What only the analysis can see.
  std::ofstream(path) << "input: [N, 3, 8, 8]\nlayers:\n  - conv: {filters: 4, kernel: 9}\n    name: large\n";
  const ProcessResult large = Analyze({path});
  EXPECT_EQ(large.exit_code, 1);
  EXPECT_THAT(large.err,
              HasSubstr("graph: node \"large\" (Conv): its window of 9 along H is longer than its padded input"));
  // A name that ends so is a description, whatever is in it.
  std::ofstream(path) << std::string("\x08\x07\x12\x07pytorch", 11);
  EXPECT_EQ(Analyze({path}).exit_code, 2);
}

TEST(ModelDescriptionTest, ALongChainIsAnalysed) {
  const ProcessResult result = Analyze({"-", "--format", "json"},
                                       "input: [N, 8, 16]\nlayers:\n  - repeat: {times: 2000, layers: [{conv: "
                                       "{filters: 8, kernel: 3, padding: 1}}, relu]}\n");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json answer = Json::parse(result.out);
  EXPECT_EQ(answer["layers"].size(), 4000U);
  EXPECT_EQ(answer["total"]["parameter_count"], 2000 * (8 * 8 * 3 + 8));
}

}  // namespace
}  // namespace tensord::cli
