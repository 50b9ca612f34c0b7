// The server's fuzz targets over their corpora, and over every good request of the contract suite.
#include <map>

#include "tests/contract/requests.h"
#include "tests/fuzz/config_fuzz.h"
#include "tests/fuzz/decode_fuzz.h"
#include "tests/fuzz/replay_suite.h"
#include "tests/fuzz/request_fuzz.h"

namespace tensord::fuzz {
namespace {

INSTANTIATE_TEST_SUITE_P(Server, ReplayTest,
                         testing::Values(Replay{"decode", &RunDecode, {"fuzz/corpus/request", "regression/decode"}},
                                         Replay{"request", &RunRequest, {"fuzz/corpus/request", "regression/request"}},
                                         Replay{"config", &RunConfig, {"fuzz/corpus/config", "regression/config"}}),
                         ReplayName);

// The good requests behind the byte that picks their rpc.
std::vector<std::string> GoodInputs() {
  const std::map<std::string, char> selectors = {{"Convolve", 0},
                                                 {"ConvolveBackward", 1},
                                                 {"Pool", 2},
                                                 {"PoolBackward", 3},
                                                 {"Activate", 4},
                                                 {"ActivateBackward", 5},
                                                 {"AnalyzeLayer", 6},
                                                 {"DescribeDataset", 7},
                                                 {"GetServerInfo", 8},
                                                 {"Unpool", 9},
                                                 {"UnpoolBackward", 10},
                                                 {"ConvolveTranspose", 11},
                                                 {"ConvolveTransposeBackward", 12},
                                                 {"AnalyzeModel", 13},
                                                 {"GradeSubmission", 14},
                                                 {"AuditAssignment", 15}};
  std::vector<std::string> inputs;
  for (const contract::GoodCall& call : contract::GoodCalls()) {
    inputs.push_back(std::string(1, selectors.at(call.method.substr(call.method.find('/') + 1))) + call.bytes);
  }
  return inputs;
}

TEST(GoodRequestsTest, PassAsTheyAre) {
  for (const std::string& input : GoodInputs()) {
    const absl::Status status = AnswerRequest(reinterpret_cast<const uint8_t*>(input.data()), input.size());
    EXPECT_TRUE(status.ok()) << status;
    RunOn(&RunDecode, input);
  }
}

TEST(GoodRequestsTest, CutShortTheyAreAnsweredOrRefused) {
  for (const std::string& input : GoodInputs()) RunTruncated(&RunRequest, input);
}

TEST(GoodRequestsTest, WithAnyByteBentTheyAreAnsweredOrRefused) {
  for (const std::string& input : GoodInputs()) RunBent(&RunRequest, input);
}

}  // namespace
}  // namespace tensord::fuzz
