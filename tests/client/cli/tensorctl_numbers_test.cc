// The program itself: accumulations, types, quantisation and bounds.
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
using ::testing::Not;

// The hash of the bytes 00 00 80 3f.
const char* const kHashOfOne = "e00e5eb9444182f352323374ef4e08ebcb784725fdd4fd612d7730540b3e0c8c";

ProcessResult Tensorctl(const std::vector<std::string>& arguments) { return RunProcess(TENSORCTL, arguments, "", {}); }

Json Answer(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--format", "json"});
  const ProcessResult result = Tensorctl(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const Json answer = Json::parse(result.out, nullptr, false);
  EXPECT_FALSE(answer.is_discarded()) << result.out;
  return answer;
}

std::vector<std::string> Cancelling(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"convolve", "--input", "[1e8,1,-1e8]", "--filter", "[1,1,1]"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(NumbersTest, AccumulationsDifferWhereTermsCancel) {
  const Json fast = Answer(Cancelling({}));
  EXPECT_EQ(fast["output"]["values"], Json({0}));
  EXPECT_EQ(fast["conventions"]["accumulation"], "fast");
  EXPECT_FALSE(fast.contains("output_sha256"));
  EXPECT_FALSE(fast.contains("error_bounds"));
  EXPECT_EQ(Answer(Cancelling({"--accumulation", "faithful"}))["output"]["values"], Json({1}));
  const Json exact = Answer(Cancelling({"--accumulation", "exact"}));
  EXPECT_EQ(exact["output"]["values"], Json({1}));
  EXPECT_EQ(exact["conventions"]["accumulation"], "exact");
  EXPECT_EQ(exact["output_sha256"], kHashOfOne);
}

TEST(NumbersTest, TheProofForPeople) {
  const ProcessResult text = Tensorctl(Cancelling({"--accumulation", "exact", "--bounds"}));
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("error_bounds  as computed"), HasSubstr("in any order of summation: largest"),
                              HasSubstr(std::string("output_sha256 = ") + kHashOfOne)));
  EXPECT_THAT(Tensorctl(Cancelling({})).out, Not(HasSubstr("sha256")));
}

TEST(NumbersTest, BoundsOfTheGradients) {
  const Json answer = Answer({"convolve-backward", "--input", "[1,2,3]", "--filter", "[1,1]", "--output-gradient",
                              "[0.1,0.2]", "--accumulation", "exact", "--bounds", "--type", "float16"});
  EXPECT_EQ(answer["input_gradient"]["type"], "float16");
  for (const char* gradient : {"input_gradient", "filter_gradient", "bias_gradient"}) {
    const Json& bounds = answer[std::string(gradient) + "_error_bounds"];
    EXPECT_EQ(bounds["computed"]["shape"], answer[gradient]["shape"]) << gradient;
    EXPECT_EQ(bounds["any_order"]["type"], "float64");
    EXPECT_EQ(answer[std::string(gradient) + "_sha256"].get<std::string>().size(), 64U);
  }
}

TEST(NumbersTest, EveryTypeIsComputed) {
  for (const char* type : {"float16", "bfloat16", "float32", "float64", "int32", "int64"}) {
    const Json answer =
        Answer({"convolve", "--input", "[1,2,3]", "--filter", "[1,2]", "--bias", "[10]", "--type", type});
    EXPECT_EQ(answer["output"]["type"], type);
    EXPECT_EQ(answer["output"]["values"], Json({15, 18}));
  }
  for (const char* type : {"int8", "uint8"}) {
    const Json answer =
        Answer({"convolve", "--input", "[1,2,3]", "--filter", "[1,100]", "--bias", "[1000]", "--type", type});
    EXPECT_EQ(answer["output"]["type"], "int32");
    EXPECT_EQ(answer["output"]["values"], Json({1201, 1302}));
    const Json wide = Answer({"convolve", "--input", "[1]", "--filter", "[1]", "--bias", "[8589934592]", "--type", type,
                              "--output-type", "int64"});
    EXPECT_EQ(wide["output"]["values"], Json({8589934593}));
  }
}

TEST(NumbersTest, FilesOfEveryTypeGoInAndOut) {
  const TemporaryDirectory folder;
  for (const char* type : {"float16", "int32", "int64"}) {
    const std::string path = folder.path(std::string(type) + ".npy");
    Answer({"convolve", "--input", "[1,2,3]", "--filter", "[1]", "--type", type, "--out", path});
    const Json again = Answer({"convolve", "--input", path, "--filter", path});
    EXPECT_EQ(again["output"]["type"], type);
    EXPECT_EQ(again["output"]["values"], Json({14}));
  }
  const std::string bytes = folder.path("bytes.npy");
  Answer({"convolve", "--input", "[1,2]", "--filter", "[1]", "--type", "int8", "--input-scale", "1", "--filter-scale",
          "1", "--output-scale", "1", "--out", bytes});
  EXPECT_EQ(Answer({"convolve", "--input", bytes, "--filter", bytes})["output"]["values"], Json({5}));
  const ProcessResult refused =
      Tensorctl({"convolve", "--input", "[1]", "--filter", "[1]", "--type", "bfloat16", "--out", folder.path("b.npy")});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("cannot hold bfloat16; a .json file can"));
}

TEST(NumbersTest, QuantisesAsTheDocumentationSays) {
  std::vector<std::string> arguments = {"convolve",
                                        "--type",
                                        "uint8",
                                        "--input",
                                        "[130,140,150]",
                                        "--filter",
                                        "[132,126]",
                                        "--input-zero-point",
                                        "128",
                                        "--filter-zero-point",
                                        "128"};
  EXPECT_EQ(Answer(arguments)["output"]["values"], Json({-16, 4}));
  arguments.insert(arguments.end(), {"--input-scale", "0.5", "--filter-scale", "0.25", "--output-scale", "0.25",
                                     "--output-zero-point", "100"});
  const Json answer = Answer(arguments);
  EXPECT_EQ(answer["output"]["type"], "uint8");
  EXPECT_EQ(answer["output"]["values"], Json({92, 102}));
  EXPECT_EQ(answer["conventions"]["quantization"], Json::parse(R"({"input_zero_point":128,"filter_zero_points":[128],
      "input_scale":0.5,"filter_scales":[0.25],"output_scale":0.25,"output_zero_point":100})"));
}

TEST(NumbersTest, ErrorsNameTheFlags) {
  const ProcessResult refused =
      Tensorctl({"convolve", "--input", "[1]", "--filter", "[1]", "--type", "int8", "--input-zero-point", "300",
                 "--filter-zero-point=-129", "--output-scale", "0", "--output-type", "int64"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("--input-zero-point (quantization.input_zero_point): was 300"),
                    HasSubstr("--filter-zero-point (quantization.filter_zero_points[0]): was -129"),
                    HasSubstr("--input-scale (quantization.input_scale): was not given"),
                    HasSubstr("--filter-scale (quantization.filter_scales): was not given"),
                    HasSubstr("--output-scale (quantization.output_scale): was 0"),
                    HasSubstr("--output-type (output_type): was int64, has to be int8 or uint8 beside scales")));
  const ProcessResult overflow =
      Tensorctl({"convolve", "--input", "[65536]", "--filter", "[65536]", "--type", "int32"});
  EXPECT_EQ(overflow.exit_code, 1);
  EXPECT_THAT(overflow.err, HasSubstr("--output-type (output[0]): was beyond int32"));
}

TEST(NumbersTest, FlagsThatAreNoNumbersAreUsageErrors) {
  const auto usage = [](const std::string& flag, const std::string& value) {
    const ProcessResult result =
        Tensorctl({"convolve", "--input", "[1]", "--filter", "[1]", "--type", "int8", flag + "=" + value});
    EXPECT_EQ(result.exit_code, 2) << result.out;
    return result.err;
  };
  EXPECT_THAT(usage("--accumulation", "precise"), HasSubstr("expected: fast, faithful, exact"));
  EXPECT_THAT(usage("--input-zero-point", "1.5"), HasSubstr("is no integer"));
  EXPECT_THAT(usage("--filter-zero-point", "1,x"), HasSubstr("is no list of integers"));
  EXPECT_THAT(usage("--output-zero-point", "x"), HasSubstr("is no integer"));
  EXPECT_THAT(usage("--input-scale", "half"), HasSubstr("is no number"));
  EXPECT_THAT(usage("--filter-scale", "0.5,,1"), HasSubstr("is no list of numbers"));
  EXPECT_THAT(usage("--output-type", "int7"), HasSubstr("int8"));
}

TEST(NumbersTest, PoolingTakesThemToo) {
  const Json average = Answer({"pool", "--kind", "average", "--window", "2", "--input", "[1,2,2,3]", "--type", "int8",
                               "--output-type", "float16", "--bounds"});
  EXPECT_EQ(average["output"]["type"], "float16");
  EXPECT_EQ(average["output"]["values"], Json({1.5, 2.5}));
  EXPECT_TRUE(average["error_bounds"].contains("any_order"));
  const Json exact =
      Answer({"pool", "--kind", "average", "--window", "3", "--input", "[1e8,3,-1e8]", "--accumulation", "exact"});
  EXPECT_EQ(exact["output"]["values"], Json({1}));
  EXPECT_EQ(exact["output_sha256"], kHashOfOne);
}

}  // namespace
}  // namespace tensord::cli
