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
  EXPECT_THAT(result.out, AllOf(HasSubstr("takes  input float32 1 x 3 x 224 x 224\n"),
                                HasSubstr("1 x 64 x 112 x 112       9,408  118,013,952\n"),
                                HasSubstr("parameters                       11,689,512\n"),
                                HasSubstr("multiply-accumulates          1,814,073,344\n")));
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
  EXPECT_THAT(markdown.out,
              AllOf(HasSubstr("| layer | operator | output | parameters | MACs |\n|---|---|---|---:|---:|\n"),
                    HasSubstr("| parameters | 61,100,840 |\n")));
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
