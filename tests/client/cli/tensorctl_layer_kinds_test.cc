// The program itself: `analyze layer` of layers that are no windows over planes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/flags/parse.h"
#include "client/cli/layer/kinds.h"
#include "tests/client/cli/process.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ProcessResult Layer(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"analyze", "layer"});
  return RunProcess(TENSORCTL, arguments);
}

Json Answer(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--format", "json"});
  const ProcessResult result = Layer(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return Json::parse(result.out, nullptr, false);
}

// The counts of operations: multiplications, additions, comparisons, divisions, special functions,
// multiply-accumulates.
Json Operations(const Json& answer) {
  Json counts = Json::array();
  for (const char* name : {"multiplication_count", "addition_count", "comparison_count", "division_count",
                           "special_function_count", "mac_count"}) {
    counts.push_back(answer[name]);
  }
  return counts;
}

Json Parameters(const Json& answer) {
  return {answer["parameter_count"], answer["weight_count"], answer["bias_count"]};
}

TEST(DenseTest, CountsAndFormulas) {
  const Json answer = Answer({"--kind", "dense", "--input-shape", "4,256", "--units", "10"});
  EXPECT_EQ(answer["schema_version"], 1);
  EXPECT_EQ(answer["output_shape"], Json({4, 10}));
  // 256 weights for each of 10 units, which have a bias; 4 samples.
  EXPECT_EQ(Parameters(answer), Json({2570, 2560, 10}));
  // 256 products a unit, 255 sums of them and one with the bias.
  EXPECT_EQ(Operations(answer), Json({10240, 4 * 10 * 255 + 40, 0, 0, 0, 10240}));
  EXPECT_EQ(answer["flop_count"], 20480);
  EXPECT_EQ(answer["input_channel_count"], 256);
  EXPECT_EQ(answer["output_channel_count"], 10);
  EXPECT_EQ(answer["byte_count"], Json::parse(R"({"input":4096,"filter":10240,"bias":40,"output":160})"));
  EXPECT_FALSE(answer.contains("buffer_count"));
  EXPECT_EQ(answer["formulas"]["parameter_count"], "C*O + O = 256*10 + 10 = 2570");
  EXPECT_EQ(answer["formulas"]["mac_count"], "N*O*C = 4*10*256 = 10240");
  EXPECT_EQ(answer["formulas"]["addition_count"], "N*O*(C - 1) + N*O = 4*10*(256 - 1) + 4*10 = 10240");
  EXPECT_EQ(answer["formulas"]["flop_count"], "2*N*O*C = 2*4*10*256 = 20480");
  EXPECT_EQ(answer["formulas"]["output_shape[1]"], "O = 10");
  EXPECT_EQ(answer["formulas"]["byte_count.filter"], "C*O*item_size = 256*10*4 = 10240");
  EXPECT_EQ(answer["conventions"], Json::parse(R"({"input_layout":"NC"})"));
}

TEST(DenseTest, WithoutBiasWithoutBatchAndInDoubles) {
  const Json answer =
      Answer({"--kind", "dense", "--input-shape", "256", "--units", "10", "--no-bias", "--type", "float64"});
  EXPECT_EQ(answer["output_shape"], Json({10}));
  EXPECT_EQ(Parameters(answer), Json({2560, 2560, 0}));
  EXPECT_EQ(Operations(answer), Json({2560, 2550, 0, 0, 0, 2560}));
  EXPECT_EQ(answer["byte_count"], Json::parse(R"({"input":2048,"filter":20480,"bias":0,"output":80})"));
  EXPECT_EQ(answer["formulas"]["mac_count"], "O*C = 10*256 = 2560");
  EXPECT_EQ(answer["formulas"]["output_shape[0]"], "O = 10");
}

TEST(DenseTest, EqualsAConvolutionOfOneByOne) {
  const Json dense = Answer({"--kind", "dense", "--input-shape", "N,256", "--units", "10"});
  const Json convolution = Answer({"--input-shape", "N,1,1,256", "--filter-shape", "1,1,256,10"});
  for (const char* name : {"parameter_count", "weight_count", "bias_count", "multiplication_count", "addition_count",
                           "mac_count", "flop_count", "comparison_count", "division_count", "input_channel_count",
                           "output_channel_count", "byte_count"}) {
    EXPECT_EQ(dense[name], convolution[name]) << name;
  }
  EXPECT_EQ(dense["mac_count"], "N*2560");
  EXPECT_EQ(dense["output_shape"], Json::parse(R"(["N",10])"));
}

// Over places of a sequence: as many products as a convolution of one place has.
TEST(DenseTest, OverMoreAxes) {
  const Json dense = Answer({"--kind", "dense", "--input-shape", "N,T,256", "--layout", "NWC", "--units", "10"});
  const Json convolution = Answer({"--input-shape", "N,T,256", "--layout", "NWC", "--filter-shape", "1,256,10"});
  for (const char* name :
       {"output_shape", "parameter_count", "bias_count", "addition_count", "mac_count", "byte_count"}) {
    EXPECT_EQ(dense[name], convolution[name]) << name;
  }
  EXPECT_EQ(dense["mac_count"], "N*T*2560");
  EXPECT_EQ(dense["formulas"]["mac_count"], "N*W*O*C = N*T*10*256 = N*T*2560");
  // Two operators have a part in that.
  EXPECT_FALSE(dense["formulas"].contains("addition_count"));
}

TEST(NormalisationTest, BatchNorm) {
  const Json answer = Answer({"--kind", "batch-norm", "--input-shape", "N,5,7,C"});
  EXPECT_EQ(answer["output_shape"], Json::parse(R"(["N",5,7,"C"])"));
  EXPECT_EQ(Parameters(answer), Json({"C*2", "C", "C"}));
  EXPECT_EQ(answer["buffer_count"], "C*2");
  // x*a + b for each of the 35 places of each channel.
  EXPECT_EQ(Operations(answer), Json({"C*N*35", "C*N*35", 0, 0, 0, 0}));
  EXPECT_EQ(answer["byte_count"]["input"], "C*N*140");
  EXPECT_EQ(answer["formulas"]["multiplication_count"], "N*C*H*W = N*C*5*7 = C*N*35");
  EXPECT_EQ(answer["formulas"]["output_shape[1]"], "H = 5");
  EXPECT_EQ(answer["conventions"]["input_layout"], "NHWC");
}

// n elements are standardised, R groups of them: 2*n products and n of the scale; two sums of n - R, n differences, R
// epsilons and n of the bias; 3*R quotients and R roots.
TEST(NormalisationTest, StandardisedGroups) {
  const Json instance = Answer({"--kind", "instance-norm", "--input-shape", "2,3,4,5", "--layout", "NCHW"});
  EXPECT_EQ(Operations(instance), Json({360, 2 * 114 + 120 + 6 + 120, 0, 18, 6, 0}));
  EXPECT_EQ(Parameters(instance), Json({6, 3, 3}));
  EXPECT_EQ(instance["formulas"]["addition_count"],
            "N*C*H*W*2 + (N*C*H*W - N*C)*2 + N*C = 2*3*4*5*2 + (2*3*4*5 - 2*3)*2 + 2*3 = 474");
  const Json group = Answer({"--kind", "group-norm", "--input-shape", "2,4,5,6", "--groups", "3"});
  EXPECT_EQ(Operations(group), Json({720, 2 * 234 + 240 + 6 + 240, 0, 18, 6, 0}));
  EXPECT_EQ(Parameters(group), Json({12, 6, 6}));
  EXPECT_EQ(group["formulas"]["special_function_count"], "N*G = 2*3 = 6");
  const Json layer = Answer({"--kind", "layer-norm", "--input-shape", "N,7,8,6", "--axis", "W"});
  EXPECT_EQ(Operations(layer), Json({"N*1008", "N*1337", 0, "N*21", "N*7", 0}));  // 2*(336 - 7) + 336 + 7 + 336
  EXPECT_EQ(Parameters(layer), Json({96, 48, 48}));
  EXPECT_EQ(layer["formulas"]["division_count"], "N*H*3 = N*7*3 = N*21");
  EXPECT_EQ(layer["formulas"]["parameter_count"], "W*C + W*C = 8*6 + 8*6 = 96");
  EXPECT_EQ(Answer({"--kind", "layer-norm", "--input-shape", "N,7,8,6", "--axis", "-2"}), layer);
  const Json last = Answer({"--kind", "layer-norm", "--input-shape", "N,7,8,6"});
  EXPECT_EQ(Parameters(last), Json({12, 6, 6}));
  EXPECT_EQ(last["special_function_count"], "N*56");
}

// A layout says of one or two sizes which the channels are: as with axes of size 1 beside them.
TEST(NormalisationTest, ChannelsWithoutAPlane) {
  for (const std::vector<std::string>& kind :
       {std::vector<std::string>{"batch-norm"}, {"group-norm", "--groups", "4"}, {"lrn", "--size", "3"}}) {
    SCOPED_TRACE(kind[0]);
    const auto answer = [&](const std::string& shape, const std::string& layout) {
      std::vector<std::string> arguments = {"--kind"};
      arguments.insert(arguments.end(), kind.begin(), kind.end());
      arguments.insert(arguments.end(), {"--input-shape", shape, "--layout", layout});
      return Answer(arguments);
    };
    const Json plane = answer("3,1,1,8", "NHWC");
    const Json samples = answer("3,8", "NC");
    const Json one = answer("8", "C");
    EXPECT_EQ(Operations(samples), Operations(plane));
    EXPECT_EQ(Parameters(samples), Parameters(plane));
    EXPECT_EQ(Parameters(one), Parameters(plane));
    EXPECT_EQ(samples["output_shape"], Json({3, 8}));
    EXPECT_EQ(one["output_shape"], Json({8}));
    EXPECT_EQ(samples["input_channel_count"], 8);
  }
  const Json instance = Answer({"--kind", "instance-norm", "--input-shape", "7,3", "--layout", "WC"});
  EXPECT_EQ(Operations(instance), Operations(Answer({"--kind", "instance-norm", "--input-shape", "1,7,1,3"})));
  EXPECT_EQ(Parameters(instance), Json({6, 3, 3}));
}

TEST(NormalisationTest, GroupsOfSymbolsAreACondition) {
  const Json answer = Answer({"--kind", "group-norm", "--input-shape", "N,8,8,C", "--groups", "32"});
  EXPECT_EQ(answer["conditions"], Json({"floor(C/32)*32 = C"}));
  EXPECT_EQ(answer["parameter_count"], "C*2");
}

TEST(NormalisationTest, LocalResponse) {
  const Json answer = Answer({"--kind", "lrn", "--input-shape", "3,4,6", "--size", "5"});
  EXPECT_EQ(answer["output_shape"], Json({3, 4, 6}));
  EXPECT_EQ(Operations(answer), Json({144, 360, 0, 72, 72, 0}));
  EXPECT_EQ(Parameters(answer), Json({0, 0, 0}));
  EXPECT_EQ(answer["formulas"]["addition_count"], "C*H*W*n = 6*3*4*5 = 360");
  EXPECT_FALSE(answer["formulas"].contains("weight_count"));
}

// The operations of an element, by the formulas of docs/ops/activations.md: exp, log, erf and tanh are one each.
TEST(ActivationTest, EachElement) {
  const std::vector<std::pair<std::string, Json>> rows = {
      {"identity", {0, 0, 0, 0, 0}},
      {"relu", {0, 0, 1, 0, 0}},
      {"leaky-relu", {1, 0, 1, 0, 0}},
      {"leaky-relu:slope=0.2", {1, 0, 1, 0, 0}},
      {"elu:alpha=2", {1, 1, 1, 0, 1}},
      {"selu", {2, 1, 1, 0, 1}},
      {"sigmoid", {0, 1, 0, 1, 1}},
      {"tanh", {0, 0, 0, 0, 1}},
      {"softplus", {0, 1, 0, 0, 2}},
      {"softsign", {0, 1, 1, 1, 0}},
      {"silu", {2, 1, 0, 1, 1}},
      {"gelu", {2, 1, 0, 1, 1}},
      {"gelu:form=tanh", {6, 2, 0, 0, 1}},
      {"hard-sigmoid", {1, 1, 2, 0, 0}},
      {"hard-swish", {2, 1, 2, 0, 0}},
      {"celu", {1, 2, 2, 1, 1}},
      {"mish", {1, 1, 0, 0, 3}},
      {"thresholded-relu", {0, 0, 1, 0, 0}},
      {"erf", {0, 0, 0, 0, 1}},
      {"hard-tanh", {0, 0, 2, 0, 0}},
      {"relu6", {0, 0, 2, 0, 0}},
      {"log-sigmoid", {0, 1, 0, 1, 2}},
  };
  for (const auto& [kind, each] : rows) {
    SCOPED_TRACE(kind);
    const Json answer = Answer({"--kind", kind, "--input-shape", "7,11"});
    Json expected = Json::array();
    for (const Json& count : each) expected.push_back(count.get<int>() * 77);
    expected.push_back(0);
    EXPECT_EQ(Operations(answer), expected);
    EXPECT_EQ(answer["output_shape"], Json({7, 11}));
    EXPECT_EQ(answer["parameter_count"], 0);
    EXPECT_EQ(answer["input_channel_count"], 1);
    EXPECT_EQ(answer["conventions"]["input_layout"], "HW");
    EXPECT_EQ(answer["byte_count"]["output"], 308);
  }
}

// One or two sizes are W and HW, under every profile; more have channels.
TEST(ActivationTest, AxesByTheRank) {
  const std::vector<std::vector<std::string>> rows = {{"5", "W", "W"},
                                                      {"5,6", "HW", "HW"},
                                                      {"5,6,7", "HWC", "CHW"},
                                                      {"4,5,6,7", "NHWC", "NCHW"},
                                                      {"3,4,5,6,7", "NDHWC", "NCDHW"}};
  for (const std::string kind : {"relu", "softmax:axis=0", "layer-norm", "prelu"}) {
    for (const std::vector<std::string>& row : rows) {
      SCOPED_TRACE(kind + " " + row[0]);
      const Json last = Answer({"--kind", kind, "--input-shape", row[0]});
      EXPECT_EQ(last["conventions"]["input_layout"], row[1]);
      const Json first = Answer({"--kind", kind, "--input-shape", row[0], "--profile", "onnx"});
      EXPECT_EQ(first["conventions"]["input_layout"], row[2]);
    }
  }
  // A plane has no channels, and so one slope.
  EXPECT_EQ(Answer({"--kind", "prelu", "--input-shape", "5,6"})["parameter_count"], 1);
  EXPECT_EQ(Answer({"--kind", "prelu", "--input-shape", "5,6", "--layout", "NC"})["parameter_count"], 6);
  EXPECT_EQ(Answer({"--kind", "relu", "--input-shape", "5,6"})["formulas"]["comparison_count"], "H*W = 5*6 = 30");
}

TEST(ActivationTest, EveryOneOfTensordsIsAKind) {
  const std::vector<std::string> kinds = layer::KindNames();
  for (const std::string& name : AllActivationNames()) {
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), name), 1) << name;
  }
}

TEST(ActivationTest, Prelu) {
  const Json answer = Answer({"--kind", "prelu", "--input-shape", "N,64,7,8", "--profile", "pytorch"});
  EXPECT_EQ(Parameters(answer), Json({64, 64, 0}));
  EXPECT_EQ(Operations(answer), Json({"N*3584", 0, "N*3584", 0, 0, 0}));
  EXPECT_EQ(answer["output_shape"], Json::parse(R"(["N",64,7,8])"));
  EXPECT_EQ(answer["conventions"], Json::parse(R"({"profile":"pytorch","input_layout":"NCHW"})"));
  EXPECT_EQ(Answer({"--kind", "prelu", "--input-shape", "N,7,8,64"})["parameter_count"], 64);
  // Without channels there is one slope.
  const Json samples = Answer({"--kind", "prelu", "--input-shape", "5", "--layout", "N"});
  EXPECT_EQ(samples["parameter_count"], 1);
  EXPECT_EQ(samples["output_shape"], Json({5}));
  EXPECT_EQ(samples["formulas"]["comparison_count"], "N = 5");
}

// Of each group of K: K - 1 comparisons for the maximum, K differences and K - 1 sums, K powers of e and quotients.
TEST(ActivationTest, SoftmaxAlongAnAxis) {
  const Json channels = Answer({"--kind", "softmax:axis=C", "--input-shape", "2,3,4,5", "--layout", "NCHW"});
  EXPECT_EQ(Operations(channels), Json({0, 120 + 80, 80, 120, 120, 0}));  // 40 groups of 3
  EXPECT_EQ(Answer({"--kind", "softmax", "--axis", "1", "--input-shape", "2,3,4,5", "--layout", "NCHW"}), channels);
  const Json last = Answer({"--kind", "softmax", "--input-shape", "2,3,4,5", "--layout", "NCHW"});
  EXPECT_EQ(last["comparison_count"], 96);  // 24 groups of 5
  EXPECT_EQ(last["formulas"]["comparison_count"], "N*C*H*W - N*C*H = 2*3*4*5 - 2*3*4 = 96");
  const Json logarithm = Answer({"--kind", "log-softmax", "--input-shape", "B,10"});
  EXPECT_EQ(Operations(logarithm), Json({0, "B*29", "B*9", 0, "B*11", 0}));
}

// The same as the poolings of AnalyzeLayer with one window.
TEST(GlobalPoolingTest, EqualsAPoolingOfAll) {
  for (const std::string kind : {"max", "average"}) {
    for (const std::string shape : {"N,7,9,512", "7,9", "7,H,3", "2,3,4,5,6"}) {
      SCOPED_TRACE(kind + " " + shape);
      Json global = Answer({"--kind", "global-" + kind, "--input-shape", shape});
      Json pooling = Answer({"--kind", kind, "--global", "--input-shape", shape});
      EXPECT_EQ(global["special_function_count"], 0);
      EXPECT_EQ(global["conventions"]["input_layout"], pooling["conventions"]["input_layout"]);
      for (const char* name : {"formulas", "conventions"}) {
        global.erase(name);
        pooling.erase(name);
      }
      global.erase("special_function_count");
      EXPECT_EQ(global, pooling);
    }
  }
  const Json answer = Answer({"--kind", "global-average", "--input-shape", "7,9,4"});
  EXPECT_EQ(Operations(answer), Json({0, 4 * 62, 0, 4, 0, 0}));
  EXPECT_EQ(answer["formulas"]["addition_count"], "C*1*1*(H*W - 1) = 4*1*1*(7*9 - 1) = 248");
}

TEST(KindTest, TransposedAndConvolutionAreKindsToo) {
  const std::vector<std::string> flags = {"--input-shape", "N,3,32,32", "--filter-shape", "3,8,4,4",
                                          "--profile",     "pytorch",   "--stride",       "2"};
  std::vector<std::string> by_kind = {"--kind", "transposed"};
  std::vector<std::string> by_flag = {"--transposed"};
  by_kind.insert(by_kind.end(), flags.begin(), flags.end());
  by_flag.insert(by_flag.end(), flags.begin(), flags.end());
  EXPECT_EQ(Answer(by_kind), Answer(by_flag));
  EXPECT_EQ(Answer(by_kind)["output_shape"], Json::parse(R"(["N",8,66,66])"));
  EXPECT_EQ(Answer({"--kind", "convolution", "--input-shape", "8", "--filter-shape", "3"}),
            Answer({"--input-shape", "8", "--filter-shape", "3"}));
}

TEST(KindTest, TextHasFormulasAndLeavesOutWhatIsNot) {
  const ProcessResult result = Layer({"--kind", "dense", "--input-shape", "N,256", "--units", "10"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("addition_count       = N*O*(C - 1) + N*O = N*10*(256 - 1) + N*10 = N*2560\n"),
                    HasSubstr("conventions: input layout NC\n"), Not(HasSubstr("special_function_count")),
                    Not(HasSubstr("division_count"))));
}

// A symbol that is called as an axis is, and stands elsewhere.
TEST(KindTest, SymbolsOfAxesNames) {
  const Json answer = Answer({"--kind", "relu", "--input-shape", "8,N,C,H", "--layout", "NCHW"});
  EXPECT_EQ(answer["formulas"]["comparison_count"], "N*C*H*W = 8*N*C*H = C*H*N*8");
  const Json swapped = Answer({"--kind", "batch-norm", "--input-shape", "8,N,C,H", "--layout", "NHWC"});
  EXPECT_EQ(swapped["parameter_count"], "H*2");
  EXPECT_EQ(swapped["formulas"]["multiplication_count"], "N*C*H*W = 8*H*N*C = C*H*N*8");
}

}  // namespace
}  // namespace tensord::cli
