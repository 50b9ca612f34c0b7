// The program itself: whole models.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
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
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TemporaryDirectory;

std::string Model(const std::string& name) { return std::string(TENSORD_MODELS_FOLDER) + "/" + name + ".onnx"; }

ProcessResult Analyze(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.begin(), {"analyze", "model"});
  return RunProcess(TENSORCTL, arguments, input);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

TEST(AnalyzeModelTest, JsonOfEveryModelIsWhatTheTruthSays) {
  const Json truth = Json::parse(ReadFile(std::string(TENSORD_MODELS_FOLDER) + "/truth.json"));
  ASSERT_EQ(truth.size(), 6U);
  for (const auto& [name, expected] : truth.items()) {
    const ProcessResult result = Analyze({Model(name), "--format", "json"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const Json answer = Json::parse(result.out);
    EXPECT_EQ(answer["schema_version"], 1);
    EXPECT_EQ(answer["inputs"][0]["shape"], expected["input"]) << name;
    EXPECT_EQ(answer["outputs"][0]["shape"], expected["output"]) << name;
    EXPECT_EQ(answer["total"]["parameter_count"], expected["parameters"]) << name;
    EXPECT_EQ(answer["total"]["mac_count"], expected["macs"]) << name;
    EXPECT_EQ(answer["total"]["is_lower_bound"], false) << name;
    int64_t layers = 0;
    int64_t macs = 0;
    for (const Json& layer : answer["layers"]) {
      macs += layer["mac_count"].get<int64_t>();
      if (layer["operator"] == "Conv" || layer["operator"] == "Gemm") ++layers;
    }
    EXPECT_EQ(macs, expected["macs"]) << name;
    EXPECT_EQ(layers, expected["conv_linear"]) << name;
  }
}

TEST(AnalyzeModelTest, TextFitsAPageAndHasTheTotals) {
  const ProcessResult result = Analyze({Model("resnet18")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("takes  input float32 1 x 3 x 224 x 224\n"),
                    HasSubstr("1 x 64 x 112 x 112       9,408  118,013,952"),
                    ContainsRegex("\n  layer1.0 +73,984 +231,211,008"),
                    ContainsRegex("\n    conv1/Conv +Conv +1 x 64 x 56 x 56 +36,864 +115,605,504"),
                    ContainsRegex("parameters +11,689,512\n"), ContainsRegex("multiply-accumulates +1,814,073,344\n")));
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; };
    EXPECT_LE(line.size() - static_cast<size_t>(std::count_if(line.begin(), line.end(), continues)), 120U) << line;
  }
}

TEST(AnalyzeModelTest, StandardInputFilesMarkdownAndCsv) {
  const TemporaryDirectory folder;
  const std::string file = folder.path("layers.csv");
  const ProcessResult csv = Analyze({"-", "--format", "csv", "--out", file}, ReadFile(Model("alexnet")));
  EXPECT_EQ(csv.exit_code, 0) << csv.err;
  EXPECT_EQ(csv.out, "");
  const std::string table = ReadFile(file);
  EXPECT_THAT(table, StartsWith("name,operator,output_shape,parameter_count,buffer_count,mac_count,flop_count,"));
  EXPECT_THAT(table, HasSubstr("\r\ntotal,,1 x 1000,61100840,0,714188480,1428376960,"));
  const ProcessResult markdown = Analyze({Model("alexnet"), "--format", "markdown"});
  EXPECT_THAT(markdown.out, AllOf(HasSubstr("| layer | operator | output | parameters | MACs |"),
                                  HasSubstr("| parameters | 61,100,840 |\n")));
}

TEST(AnalyzeModelTest, AConventionAndAMachineGoIntoTheRequest) {
  for (const char* convention : {"biased", "default+bias", ""}) {
    const ProcessResult result = Analyze({Model("alexnet"), "--convention", convention});
    EXPECT_EQ(result.exit_code, 2) << convention;
    EXPECT_THAT(result.err, AllOf(HasSubstr("--convention"), HasSubstr("skip-padding")));
  }
  for (const char* machine : {"0,1", "5", "5,x"}) {
    const ProcessResult result = Analyze({Model("alexnet"), "--machine", machine});
    EXPECT_EQ(result.exit_code, 2) << machine;
    EXPECT_THAT(result.err, AllOf(HasSubstr("--machine"), HasSubstr("GB/s")));
  }
  EXPECT_EQ(Analyze({Model("alexnet"), "--convention", "bias+by-output", "--machine", "100,10"}).exit_code, 0);
}

TEST(AnalyzeModelTest, APageOfHtmlIsWrittenToAFile) {
  const TemporaryDirectory folder;
  const std::string file = folder.path("page.html");
  const ProcessResult result = Analyze({Model("alexnet"), "--format", "html", "--out", file});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(ReadFile(file), AllOf(StartsWith("<!DOCTYPE html>\n<html lang=\"en\">"),
                                    HasSubstr("<dd id=\"total-parameter_count\">61,100,840</dd>")));
  EXPECT_EQ(Analyze({Model("alexnet"), "--format", "html", "--out", folder.path("no/such/folder")}).exit_code, 1);
}

ProcessResult Diff(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.begin(), {"analyze", "diff"});
  return RunProcess(TENSORCTL, arguments, input);
}

// VGG-16 has the classifier of AlexNet, but for the input of its first layer: 25088 and 9216 of 4096 features each.
TEST(AnalyzeDiffTest, TellsTwoModelsApart) {
  const ProcessResult text = Diff({Model("alexnet"), Model("vgg16")});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(ContainsRegex("parameters +61,100,840 +138,357,544 +.77,256,704 +2.264\n"),
                              ContainsRegex("~ /classifier/classifier.1/Gemm -> [^ ]+  parameters 37,752,832 -> "
                                            "102,764,544; MACs 37,748,736 -> 102,760,448")));
  const ProcessResult json = Diff({"-", Model("vgg16"), "--format", "json"}, ReadFile(Model("alexnet")));
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const Json answer = Json::parse(json.out);
  EXPECT_EQ(answer["is_same"], false);
  EXPECT_EQ(answer["total"]["mac_count"]["difference"], 15470264320 - 714188480);
  const ProcessResult same = Diff({Model("vgg16"), Model("vgg16"), "--format", "json"});
  EXPECT_EQ(Json::parse(same.out)["is_same"], true);
  EXPECT_EQ(same.exit_code, 0);
}

TEST(AnalyzeDiffTest, SaysWhatIsWrong) {
  EXPECT_EQ(Diff({}).exit_code, 2);
  EXPECT_THAT(Diff({Model("alexnet")}).err, HasSubstr("B: it is missing"));
  EXPECT_THAT(Diff({"-", "-"}).err, HasSubstr("B: standard input is A already"));
  const ProcessResult missing = Diff({Model("alexnet"), "nowhere.onnx"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("nowhere.onnx"));
  const ProcessResult refused = Diff({Model("alexnet"), Model("vgg16"), "--data-input", "imago"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("alexnet.onnx"), HasSubstr("imago")));
}

TEST(AnalyzeModelTest, SaysWhatIsWrong) {
  const ProcessResult missing = Analyze({"nowhere.onnx"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("nowhere.onnx"), HasSubstr("expected: an ONNX file")));
  EXPECT_EQ(Analyze({}).exit_code, 2);
  const ProcessResult foreign = Analyze({"-"}, "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(foreign.exit_code, 2);
  EXPECT_THAT(foreign.err, HasSubstr("expected: an ONNX file"));
  for (const char* size : {"N", "N=", "=3", "N=0", "N=3x", "N=99999999999999999999"}) {
    const ProcessResult result = Analyze({Model("alexnet"), "--set", size});
    EXPECT_EQ(result.exit_code, 2) << size;
    EXPECT_THAT(result.err, HasSubstr("--set")) << size;
  }
  const ProcessResult input = Analyze({Model("alexnet"), "--data-input", "imago"});
  EXPECT_EQ(input.exit_code, 1);
  EXPECT_THAT(input.err, HasSubstr("no data input that is called \"imago\""));
  const ProcessResult format = RunProcess(TENSORCTL, {"analyze", "layer", "--format", "csv"});
  EXPECT_EQ(format.exit_code, 2);
  EXPECT_THAT(format.err, HasSubstr("--format: 'csv' is not for this command\nexpected: text, json\n"));
}

}  // namespace
}  // namespace tensord::cli
