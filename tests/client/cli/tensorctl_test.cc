// The program itself, as a shell runs it: every command and its answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/cli/files.h"
#include "tests/client/cli/process.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

ProcessResult Tensorctl(const std::vector<std::string>& arguments, const std::string& input = "",
                        const std::vector<std::string>& environment = {}) {
  return RunProcess(TENSORCTL, arguments, input, environment);
}

// Runs a command that has to succeed, and parses its JSON.
Json Answer(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.end(), {"--format", "json"});
  const ProcessResult result = Tensorctl(arguments, input);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const Json answer = Json::parse(result.out, nullptr, false);
  EXPECT_FALSE(answer.is_discarded()) << result.out;
  EXPECT_EQ(answer.value("schema_version", 0), 1);
  return answer;
}

const char* const kImage = "[[0,0,0,0,0],[0,3,3,3,0],[0,3,3,3,0],[0,3,2,3,0],[0,3,2,3,0],[0,0,0,0,0]]";

TEST(ConvolveTest, AnswersTheAssignment) {
  const Json answer = Answer({"convolve", "--input", kImage, "--filter", "[[1,-1],[1,-1]]"});
  EXPECT_EQ(answer["output"]["shape"], Json({5, 4}));
  EXPECT_EQ(answer["output"]["type"], "float32");
  EXPECT_EQ(answer["output"]["layout"], "HW");
  EXPECT_EQ(answer["output"]["values"], Json::parse("[[-3,0,0,3],[-6,0,0,6],[-6,1,-1,6],[-6,2,-2,6],[-3,1,-1,3]]"));
  EXPECT_EQ(answer["conventions"]["padding"]["mode"], "valid");
  EXPECT_EQ(answer["conventions"]["strides"], Json({1, 1}));
  EXPECT_EQ(answer["conventions"]["kernel"], "cross_correlation");
}

TEST(ConvolveTest, TellsPeopleTheExtremesAndTheirPlaces) {
  const ProcessResult result = Tensorctl({"convolve", "--input", kImage, "--filter", "[[1,-1],[1,-1]]"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, AllOf(HasSubstr("largest    6  at (1,3), (2,3), (3,3)\n"),
                                HasSubstr("smallest  -6  at (1,0), (2,0), (3,0)\n"), HasSubstr("conventions: ")));
}

TEST(ConvolveTest, TakesEveryFlag) {
  const Json answer = Answer({"convolve",
                              "--input",
                              "[[[1,2],[3,4]],[[5,6],[7,8]]]",
                              "--filter",
                              "[[[[1,0]]],[[[0,1]]]]",
                              "--layout",
                              "HWC",
                              "--filter-layout",
                              "HWIO",
                              "--groups",
                              "2",
                              "--bias",
                              "[0.5,-100]",
                              "--stride",
                              "1,2",
                              "--dilation",
                              "1",
                              "--padding",
                              "1,0:0,0",
                              "--flip-filter",
                              "--activation",
                              "leaky-relu:slope=0.25",
                              "--profile",
                              "textbook",
                              "--type",
                              "float64"});
  EXPECT_EQ(answer["output"]["type"], "float64");
  EXPECT_EQ(answer["conventions"]["profile"], "textbook");
  EXPECT_EQ(answer["conventions"]["kernel"], "true_convolution");
  EXPECT_EQ(answer["conventions"]["groups"], 2);
  EXPECT_EQ(answer["conventions"]["strides"], Json({1, 2}));
  EXPECT_EQ(answer["conventions"]["padding"]["begin"], Json({1, 0}));
  EXPECT_EQ(answer["conventions"]["activation"]["slope"], 0.25);
  // Reversed, the first channel's taps are [0;1] and the second's [1;0]; row -1 is padding.
  EXPECT_EQ(answer["output"]["values"], Json::parse("[[[1.5,-25]],[[5.5,-24.5]]]"));
}

TEST(ConvolveTest, WritesFilesThatItCanRead) {
  const TemporaryDirectory folder;
  for (const char* name : {"z.npy", "z.json"}) {
    const Json first =
        Answer({"convolve", "--input", kImage, "--filter", "[[1,-1],[1,-1]]", "--out", folder.path(name)});
    const Json second = Answer({"activate", "--kind", "identity", "--input", folder.path(name)});
    EXPECT_EQ(second["output"]["values"], first["output"]["values"]);
  }
  const ProcessResult text = Tensorctl({"activate", "--kind", "relu", "--input", "[1]", "--out", folder.path("r.npy")});
  EXPECT_THAT(text.out, HasSubstr("-> " + folder.path("r.npy")));
}

TEST(ConvolveTest, HintsAtTheTypeWhereAnImageIsNotComputed) {
  const ProcessResult refused = Tensorctl(
      {"convolve", "--input", FixturePath("grey_all_values.png"), "--filter", "[[1]]", "--profile", "textbook"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--type float32"));
  const Json answer =
      Answer({"convolve", "--input", FixturePath("grey_all_values.png"), "--filter", "[[1]]", "--type", "float32"});
  EXPECT_EQ(answer["output"]["values"][15][15], 255);
}

TEST(ActivateTest, CarriesTensorsBeyondGrpcsDefaultLimit) {
  const TemporaryDirectory folder;
  const std::string image = folder.Write("large.pgm", "P5 2000 1000 255\n" + std::string(2'000'000, '\x02'));
  const ProcessResult result = Tensorctl(
      {"activate", "--kind", "relu", "--input", image, "--type", "float32", "--out", folder.path("large.npy")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("1000 x 2000"), HasSubstr("all equal  2")));
  EXPECT_EQ(ReadFile(folder.path("large.npy")).size(), 8'000'128U);
}

TEST(ActivateTest, SoftmaxAlongANamedAxis) {
  const Json answer = Answer(
      {"activate", "--kind", "softmax:axis=C", "--layout", "CN", "--input", "[[3,0],[3,0]]", "--type", "float64"});
  EXPECT_EQ(answer["output"]["values"], Json::parse("[[0.5,0.5],[0.5,0.5]]"));
  EXPECT_EQ(answer["conventions"]["activation"]["axis"], "C");
  EXPECT_EQ(answer["conventions"]["activation"]["axis_index"], 0);
  const ProcessResult refused = Tensorctl({"activate", "--kind", "softmax:axis=C", "--input", "[1,2]"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--kind (activation.axis): was 'C', has to be one letter"));
}

TEST(ActivateTest, PreluTakesATensorOfSlopes) {
  const Json forward = Answer({"activate", "--kind", "prelu", "--slope", "[0.5,0.25]", "--input", "[[-1,-2],[-4,8]]"});
  EXPECT_EQ(forward["output"]["values"], Json::parse("[[-0.5,-0.5],[-2,8]]"));
  EXPECT_EQ(forward["conventions"]["activation"]["slope_match"], "trailing");
  const Json by_axes = Answer({"activate", "--kind", "prelu", "--slope", "[0.5,0.25]", "--slope-layout", "H",
                               "--layout", "HW", "--input", "[[-1,-2],[-4,8]]"});
  EXPECT_EQ(by_axes["output"]["values"], Json::parse("[[-0.5,-1],[-1,8]]"));
  const TemporaryDirectory folder;
  const std::string file = folder.path("da.json");
  const Json backward = Answer({"activate-backward", "--kind", "prelu", "--slope", "[0.5]", "--input", "[-1,0,-4,8]",
                                "--output-gradient", "[1,10,100,1000]", "--out-slope-gradient", file});
  EXPECT_EQ(backward["input_gradient"]["values"], Json::parse("[0.5,5,50,1000]"));
  EXPECT_EQ(backward["slope_gradient"]["values"], Json::parse("[-401]"));
  EXPECT_THAT(ReadFile(file), HasSubstr("-401"));
  const ProcessResult refused = Tensorctl({"activate", "--kind", "prelu", "--input", "[1,2]"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--slope (slope): was not given, is required"));
}

TEST(ConvolveTest, RefusesToFuseASoftmax) {
  const ProcessResult refused =
      Tensorctl({"convolve", "--input", kImage, "--filter", "[[1]]", "--activation", "softmax"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--activation (activation.kind): was SOFTMAX, has to be a function of one"));
}

TEST(ConvolveBackwardTest, GivesEveryGradient) {
  const Json answer = Answer(
      {"convolve-backward", "--input", "[[1,2],[3,4]]", "--filter", "[[1,-1]]", "--output-gradient", "[[1],[10]]"});
  EXPECT_EQ(answer["input_gradient"]["values"], Json::parse("[[1,-1],[10,-10]]"));
  EXPECT_EQ(answer["filter_gradient"]["values"], Json::parse("[[31,42]]"));
  EXPECT_EQ(answer["bias_gradient"]["values"], Json::parse("[11]"));
  EXPECT_FALSE(answer.contains("pre_activation_gradient"));
}

TEST(ConvolveBackwardTest, GivesThePreActivationGradientAndWritesFiles) {
  const TemporaryDirectory folder;
  const Json answer =
      Answer({"convolve-backward", "--input", "[[1,2],[3,4]]", "--filter", "[[1,-1]]", "--bias", "[3]", "--activation",
              "relu", "--output-gradient", "[[1],[10]]", "--out-input-gradient", folder.path("dx.json"),
              "--out-filter-gradient", folder.path("dw.json"), "--out-bias-gradient", folder.path("db.json"),
              "--out-pre-activation-gradient", folder.path("dz.json")});
  EXPECT_EQ(answer["pre_activation_gradient"]["values"], Json::parse("[[1],[10]]"));
  EXPECT_EQ(ReadFile(folder.path("dx.json")), "[[1,-1],[10,-10]]\n");
  EXPECT_EQ(ReadFile(folder.path("dw.json")), "[[31,42]]\n");
  EXPECT_EQ(ReadFile(folder.path("db.json")), "[11]\n");
  EXPECT_EQ(ReadFile(folder.path("dz.json")), "[[1],[10]]\n");
}

TEST(ConvolveTest, PadsCausallyAndReadsTheInput) {
  const auto output = [](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"convolve", "--input", "[1,2,4]", "--filter", "[1,10]"});
    return Answer(flags)["output"]["values"];
  };
  EXPECT_EQ(output({"--padding", "causal"}), Json({10, 21, 42}));
  EXPECT_EQ(output({"--padding", "causal", "--padding-reads", "replicate"}), Json({11, 21, 42}));
  EXPECT_EQ(output({"--padding", "1", "--padding-reads", "reflect"}), Json({12, 21, 42, 24}));
  EXPECT_EQ(output({"--padding", "1", "--padding-reads", "circular"}), Json({14, 21, 42, 14}));
}

TEST(ConvolveTransposeTest, SpreadsTheInput) {
  const Json answer = Answer({"convolve-transpose", "--input", "[[1,2],[3,4]]", "--filter", "[[1,10],[100,1000]]",
                              "--stride", "2", "--output-padding", "1,0"});
  EXPECT_EQ(answer["output"]["values"],
            Json::parse("[[1,10,2,20],[100,1000,200,2000],[3,30,4,40],[300,3000,400,4000],[0,0,0,0]]"));
  EXPECT_EQ(answer["conventions"]["output_shape"], Json({5, 4}));
  const Json shaped = Answer({"convolve-transpose", "--input", "[1,2]", "--filter", "[1,10,100]", "--stride", "2",
                              "--output-shape", "4", "--padding", "same-upper"});
  EXPECT_EQ(shaped["output"]["values"], Json({1, 10, 102, 20}));
}

TEST(ConvolveTransposeBackwardTest, GivesEveryGradient) {
  const Json answer = Answer({"convolve-transpose-backward", "--input", "[1,2]", "--filter", "[1,10]", "--stride", "2",
                              "--output-gradient", "[1,2,3,4]"});
  EXPECT_EQ(answer["input_gradient"]["values"], Json({21, 43}));
  EXPECT_EQ(answer["filter_gradient"]["values"], Json({7, 10}));
  EXPECT_EQ(answer["bias_gradient"]["values"], Json({10}));
}

TEST(AnalyzeLayerTest, TakesATransposedConvolution) {
  const Json answer = Answer({"analyze", "layer", "--transposed", "--input-shape", "N,3,32,32", "--filter-shape",
                              "3,8,4,4", "--profile", "pytorch", "--stride", "2", "--padding", "1"});
  EXPECT_EQ(answer["output_shape"], Json::parse("[\"N\",8,64,64]"));
  EXPECT_EQ(answer["parameter_count"], 3 * 8 * 16 + 8);
  EXPECT_EQ(answer["multiplication_count"], "N*393216");
}

TEST(PoolTest, AnswersTheAssignment) {
  const char* x = "[1,2,3,2,0,10,1,0]";
  EXPECT_EQ(Answer({"pool", "--kind", "subsample", "--input", x, "--stride", "2"})["output"]["values"],
            Json({1, 3, 0, 1}));
  EXPECT_EQ(Answer({"pool", "--kind", "max", "--input", x, "--window", "2", "--stride", "2", "--rounding",
                    "start-inside"})["output"]["values"],
            Json({2, 3, 10, 1}));
  EXPECT_EQ(Answer({"pool", "--kind", "max", "--input", x, "--window", "4", "--stride", "2", "--rounding",
                    "start-inside"})["output"]["values"],
            Json({3, 10, 10, 1}));
}

TEST(PoolTest, HasHabitsThatItShows) {
  const Json max = Answer({"pool", "--kind", "max", "--input", "[1,2,3,4]"});
  EXPECT_EQ(max["output"]["values"], Json({2, 4}));
  EXPECT_EQ(max["conventions"]["window"], Json({2}));
  EXPECT_EQ(max["conventions"]["strides"], Json({2}));
  EXPECT_EQ(Answer({"pool", "--kind", "subsample", "--input", "[1,2,3,4]"})["output"]["values"], Json({1, 3}));
}

TEST(PoolTest, GivesIndicesAndDivides) {
  const TemporaryDirectory folder;
  const Json max = Answer({"pool", "--kind", "max", "--input", "[[1,2],[4,3]]", "--window", "2,2", "--indices"});
  EXPECT_EQ(max["indices"]["values"], Json::parse("[[2]]"));
  EXPECT_EQ(max["indices"]["type"], "int64");
  Answer({"pool", "--kind", "max", "--input", "[1,2]", "--out-indices", folder.path("i.json")});
  EXPECT_EQ(ReadFile(folder.path("i.json")), "[1]\n");
  const std::vector<std::string> average = {"pool", "--kind",   "average", "--input",   "[2,4]", "--window",
                                            "2",    "--stride", "1",       "--padding", "1",     "--divisor"};
  const auto with = [&](const std::string& divisor) {
    std::vector<std::string> arguments = average;
    arguments.push_back(divisor);
    return Answer(arguments)["output"]["values"];
  };
  EXPECT_EQ(with("excluded"), Json({2, 3, 4}));
  EXPECT_EQ(with("included"), Json({1, 3, 2}));
  EXPECT_EQ(with("4"), Json({0.5, 1.5, 1}));
}

TEST(PoolBackwardTest, SendsTheGradientToTheMaximum) {
  EXPECT_EQ(Answer({"pool-backward", "--kind", "max", "--window", "2", "--input", "[1,2,3,2]", "--output-gradient",
                    "[10,20]"})["input_gradient"]["values"],
            Json({0, 10, 20, 0}));
}

TEST(PoolTest, TakesNormsGlobalAndAdaptiveWindows) {
  EXPECT_EQ(Answer({"pool", "--kind", "lp", "--input", "[3,-4,5,12]"})["output"]["values"], Json({5, 13}));
  EXPECT_EQ(Answer({"pool", "--kind", "lp", "--p", "1", "--input", "[3,-4,5,12]"})["output"]["values"], Json({7, 17}));
  const Json global = Answer({"pool", "--kind", "max", "--global", "--input", "[1,7,3]"});
  EXPECT_EQ(global["output"]["values"], Json({7}));
  EXPECT_EQ(global["conventions"]["window_mode"], "global");
  const Json adaptive =
      Answer({"pool", "--kind", "max", "--output-size", "3", "--indices", "--input", "[1,2,3,2,0,10,-1]"});
  EXPECT_EQ(adaptive["output"]["values"], Json({3, 3, 10}));
  EXPECT_EQ(adaptive["indices"]["values"], Json({2, 2, 5}));
  const Json empty = Answer({"pool", "--kind", "max", "--window", "1", "--padding", "1", "--empty-window",
                             "negative-infinity", "--input", "[2]"});
  EXPECT_EQ(empty["output"]["values"], Json({"-Infinity", 2, "-Infinity"}));
  const ProcessResult refused = Tensorctl({"pool", "--kind", "lp", "--p", "0", "--input", "[1,2]"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--p (conventions.p): was 0, has to be a finite number above 0"));
}

TEST(PoolBackwardTest, BreaksTiesAsTold) {
  const auto with = [](const std::string& ties) {
    return Answer({"pool-backward", "--kind", "max", "--global", "--ties", ties, "--input", "[3,1,3,3]",
                   "--output-gradient", "[12]"})["input_gradient"]["values"];
  };
  EXPECT_EQ(with("first"), Json({12, 0, 0, 0}));
  EXPECT_EQ(with("all"), Json({12, 0, 12, 12}));
  EXPECT_EQ(with("split"), Json({4, 0, 4, 4}));
}

TEST(UnpoolTest, UndoesPooling) {
  EXPECT_EQ(Answer({"unpool", "--input", "[7,3,10]", "--indices", "[1,2,5]"})["output"]["values"],
            Json({0, 7, 3, 0, 0, 10}));
  EXPECT_EQ(
      Answer({"unpool", "--input", "[7]", "--indices", "[2]", "--global", "--output-shape", "4"})["output"]["values"],
      Json({0, 0, 7, 0}));
  EXPECT_EQ(Answer({"unpool-backward", "--output-gradient", "[1,2,3,4,5,6]", "--indices",
                    "[1,2,5]"})["input_gradient"]["values"],
            Json({2, 3, 6}));
  const ProcessResult refused =
      Tensorctl({"unpool", "--input", "[7,3]", "--indices", "[2,3]", "--index-range", "window"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--indices (indices[0]): was 2, has to be 0..1, an element of its own window"));
}

TEST(ActivateTest, AppliesAndDifferentiates) {
  EXPECT_EQ(Answer({"activate", "--kind", "relu", "--input", "-"}, "[-1,0,2]")["output"]["values"], Json({0, 0, 2}));
  EXPECT_EQ(Answer({"activate-backward", "--kind", "leaky_relu:slope=0.5,kink=right", "--input", "[-1,0,2]",
                    "--output-gradient", "[1,1,1]"})["input_gradient"]["values"],
            Json({0.5, 1, 1}));
}

TEST(AnalyzeLayerTest, AnswersTheAssignment) {
  const Json answer = Answer({"analyze", "layer", "--input-shape", "48,64,10", "--filter-shape", "3,3,10,20"});
  EXPECT_EQ(answer["output_shape"], Json({46, 62, 20}));
  EXPECT_EQ(answer["parameter_count"], 1820);
  EXPECT_EQ(answer["weight_count"], 1800);
  EXPECT_EQ(answer["bias_count"], 20);
  EXPECT_EQ(answer["multiplication_count"], 5133600);
  EXPECT_EQ(answer["mac_count"], 5133600);
  EXPECT_EQ(answer["flop_count"], 10267200);
  EXPECT_EQ(answer["input_channel_count"], 10);
  EXPECT_EQ(answer["output_channel_count"], 20);
  EXPECT_EQ(answer["byte_count"], Json::parse("{\"input\":122880,\"filter\":7200,\"bias\":80,\"output\":228160}"));
  EXPECT_TRUE(answer["formulas"].contains("multiplication_count"));
  EXPECT_EQ(Answer({"analyze", "layer", "--input-shape", "48,64,10", "--filter-shape", "3,3,10,20",
                    "--no-bias"})["parameter_count"],
            1800);
}

TEST(AnalyzeLayerTest, TakesSymbols) {
  const Json convolution = Answer({"analyze", "layer", "--input-shape", "N,48,64,10", "--filter-shape", "3,3,10,20"});
  EXPECT_EQ(convolution["output_shape"][0], "N");
  EXPECT_TRUE(convolution["multiplication_count"].is_string());
  EXPECT_EQ(convolution["parameter_count"], 1820);
  const Json pooling =
      Answer({"analyze", "layer", "--kind", "subsample", "--input-shape", "B,N,C", "--layout", "NWC", "--stride", "s"});
  EXPECT_EQ(pooling["output_shape"][0], "B");
  EXPECT_THAT(pooling["output_shape"][1].get<std::string>(), HasSubstr("floor"));
  EXPECT_EQ(pooling["output_shape"][2], "C");
}

TEST(AnalyzeLayerTest, RefusesFlagsOfTheOtherKindOfLayer) {
  const ProcessResult result =
      Tensorctl({"analyze", "layer", "--input-shape", "8", "--filter-shape", "3", "--window", "2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--window: it says nothing of a convolution"));
}

TEST(DescribeTest, AnswersTheAssignment) {
  const Json answer = Answer({"describe", "--axes", "recording=40,channel=80,sample=2400"});
  EXPECT_EQ(answer["shape"], Json({40, 80, 2400}));
  EXPECT_EQ(answer["axes"], Json({"recording", "channel", "sample"}));
  EXPECT_EQ(answer["element_count"], 7680000);
  EXPECT_EQ(answer["byte_count"], 7680000);
  EXPECT_EQ(answer.size(), 5U);
  EXPECT_EQ(Answer({"describe", "--axes", "image=N,pixel=10", "--type", "float64"})["byte_count"].is_string(), true);
}

TEST(InfoTest, TellsLimitsAndProfiles) {
  const Json answer = Answer({"info"});
  EXPECT_EQ(answer["limits"]["max_tensor_bytes"], 201326592);
  EXPECT_TRUE(answer["profiles"].contains("pytorch"));
  EXPECT_TRUE(answer["profiles"].contains("default"));
  const ProcessResult text = Tensorctl({"info"});
  EXPECT_THAT(text.out, AllOf(HasSubstr("version"), HasSubstr("textbook")));
}

TEST(HealthTest, Serves) {
  EXPECT_EQ(Answer({"health"}), Json::parse("{\"schema_version\":1,\"status\":\"SERVING\"}"));
  EXPECT_EQ(Tensorctl({"health"}).out, "SERVING\n");
}

}  // namespace
}  // namespace tensord::cli
