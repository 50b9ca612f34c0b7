// The program itself: layers explained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/cli/process.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ProcessResult Explain(const std::string& model, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"analyze", "model", std::string(TENSORD_MODELS_FOLDER) + "/" + model + ".onnx"});
  return RunProcess(TENSORCTL, arguments);
}

TEST(ExplainTest, TextIsTheExplanationAlone) {
  const ProcessResult result = Explain("resnet18", {"--explain", "/conv1/Conv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("/conv1/Conv  Conv\n\nN "));
  // 224 + 2*3 - 7 + 1 places, every second one: 112.
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("H_out                = floor((H + ph_begin + ph_end - dh*(Kh - 1) - 1)/sh) + 1\n"
                              "                     = floor((224 + 3 + 3 - 1*(7 - 1) - 1)/2) + 1\n"
                              "                     = 112  length along axis 2\n"),
                    HasSubstr("mac_count            = E_out*T = 802816*147 = 118013952  "), Not(HasSubstr("layer1"))));
}

TEST(ExplainTest, JsonHasTheModelToo) {
  const ProcessResult result = Explain("alexnet", {"--explain", "/classifier/classifier.6/Gemm", "--format", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json answer = Json::parse(result.out);
  EXPECT_EQ(answer["total"]["parameter_count"], 61100840);
  EXPECT_EQ(answer["explanation"]["operator"], "Gemm");
  bool is_there = false;
  for (const Json& step : answer["explanation"]["steps"]) {
    if (step["quantity"] != "parameter_count") continue;
    is_there = true;
    EXPECT_EQ(step["value"], 4096 * 1000 + 1000);
    EXPECT_EQ(step["substituted"], "4096000 + 1000");
  }
  EXPECT_TRUE(is_there);
  EXPECT_FALSE(Json::parse(Explain("alexnet", {"--format", "json"}).out).contains("explanation"));
}

TEST(ExplainTest, MarkdownAndLatex) {
  EXPECT_THAT(Explain("alexnet", {"--explain", "/features/features.1/Relu", "--format", "markdown"}).out,
              StartsWith("# /features/features.1/Relu (Relu)\n\n| | formula |"));
  EXPECT_THAT(Explain("alexnet", {"--explain", "/features/features.1/Relu", "--format", "latex"}).out,
              AllOf(StartsWith("\\documentclass{article}\n"), HasSubstr("\\begin{align*}\n"),
                    HasSubstr("\\text{comparison\\_count} &= E_{\\text{out}} \\\\\n")));
  EXPECT_THAT(Explain("alexnet", {"--format", "latex"}).out,
              AllOf(HasSubstr("\\begin{longtable}"), HasSubstr("& 61,100,840 & 714,188,480 \\\\\n\\end{longtable}")));
}

TEST(ExplainTest, SaysWhatIsWrong) {
  const ProcessResult missing = Explain("resnet18", {"--explain", "/conv1/conv"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("no layer is called \"/conv1/conv\", the nearest are /conv1/Conv, "));
  const ProcessResult empty = Explain("resnet18", {"--explain", ""});
  EXPECT_EQ(empty.exit_code, 2);
  EXPECT_THAT(empty.err, HasSubstr("--explain: it is empty"));
  const ProcessResult spreadsheet = Explain("resnet18", {"--explain", "/conv1/Conv", "--format", "csv"});
  EXPECT_EQ(spreadsheet.exit_code, 2);
  EXPECT_THAT(spreadsheet.err, HasSubstr("expected: text, json, markdown, latex"));
}

}  // namespace
}  // namespace tensord::cli
