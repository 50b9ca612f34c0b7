// The fuzzer's corpus, every good request of the contract suite, and each of these cut short and bent, byte by byte.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "tests/contract/requests.h"
#include "tests/fuzz/request_fuzz.h"

namespace tensord::fuzz {
namespace {

absl::Status RunBytes(const std::string& bytes) {
  return RunRequest(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

// The good requests behind the byte that picks their rpc.
std::vector<std::string> GoodInputs() {
  const std::map<std::string, char> selectors = {{"Convolve", 0},     {"ConvolveBackward", 1}, {"Pool", 2},
                                                 {"PoolBackward", 3}, {"Activate", 4},         {"ActivateBackward", 5},
                                                 {"AnalyzeLayer", 6}, {"DescribeDataset", 7}};
  std::vector<std::string> inputs;
  for (const contract::GoodCall& call : contract::GoodCalls()) {
    const auto selector = selectors.find(call.method.substr(call.method.find('/') + 1));
    if (selector != selectors.end()) inputs.push_back(std::string(1, selector->second) + call.bytes);
  }
  return inputs;
}

TEST(RequestReplayTest, TheCorpusBreaksNothing) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TENSORD_CORPUS)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    (void)RunBytes(bytes);
    ++count;
  }
  EXPECT_GT(count, 0u) << "no corpus in " << TENSORD_CORPUS;
}

TEST(RequestReplayTest, GoodRequestsPass) {
  const std::vector<std::string> inputs = GoodInputs();
  ASSERT_GE(inputs.size(), 8u);
  for (const std::string& input : inputs) EXPECT_TRUE(RunBytes(input).ok()) << RunBytes(input);
}

TEST(RequestReplayTest, TruncatedAnywhereTheyAreAnsweredOrRefused) {
  for (const std::string& input : GoodInputs()) {
    for (size_t length = 0; length < input.size(); ++length) (void)RunBytes(input.substr(0, length));
  }
}

TEST(RequestReplayTest, WithAnyByteBentTheyAreAnsweredOrRefused) {
  for (const std::string& input : GoodInputs()) {
    for (size_t i = 1; i < input.size(); ++i) {
      for (const char bent : {'\x00', '\x01', '\x7f', '\x80', '\xff'}) {
        std::string bytes = input;
        bytes[i] = bent;
        (void)RunBytes(bytes);
      }
    }
  }
}

}  // namespace
}  // namespace tensord::fuzz
