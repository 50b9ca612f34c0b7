// The program itself: batches in chunks.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/cli/process.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::json;

Json Answer(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--format", "json"});
  const ProcessResult result = RunProcess(TENSORCTL, arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return Json::parse(result.out, nullptr, false);
}

TEST(ChunksTest, ABatchInChunksIsTheSameBatch) {
  const char* const batch = "[[[[1],[2],[3]]],[[[4],[5],[6]]],[[[7],[8],[9]]]]";  // NHWC 3, 1, 3, 1
  const std::vector<std::string> arguments = {"convolve", "--input", batch, "--filter", "[[[[1]],[[10]]]]"};
  const Json whole = Answer(arguments);
  EXPECT_EQ(whole["output"]["values"], Json::parse("[[[[21],[32]]],[[[54],[65]]],[[[87],[98]]]]"));
  for (const char* bytes : {"1", "24", "4MiB", "0"}) {
    std::vector<std::string> more = arguments;
    more.insert(more.end(), {"--chunk-bytes", bytes});
    EXPECT_EQ(Answer(more), whole) << bytes;
  }
}

TEST(ChunksTest, IndicesInChunksAreThoseOfTheBatch) {
  const std::vector<std::string> arguments = {"pool",     "--kind", "max",       "--profile", "onnx",
                                              "--window", "2",      "--indices", "--input",   "[[[1,2,3]],[[6,5,4]]]",
                                              "--layout", "NCW"};
  const Json whole = Answer(arguments);
  EXPECT_EQ(whole["indices"]["values"], Json::parse("[[[1,2]],[[3,4]]]"));
  std::vector<std::string> more = arguments;
  more.insert(more.end(), {"--chunk-bytes", "1"});
  EXPECT_EQ(Answer(more), whole);
}

TEST(ChunksTest, SaysWhatIsWrong) {
  const auto run = [](const char* bytes, const char* input) {
    return RunProcess(TENSORCTL, {"convolve", "--input", input, "--filter", "[[1]]", "--chunk-bytes", bytes});
  };
  const ProcessResult sizes = run("-3", "[[1,2]]");
  EXPECT_EQ(sizes.exit_code, 2);
  EXPECT_NE(sizes.err.find("--chunk-bytes"), std::string::npos) << sizes.err;
  const ProcessResult layout = run("1", "[[1,2],[3,4]]");
  EXPECT_EQ(layout.exit_code, 1);
  EXPECT_NE(layout.err.find("its layout is HW"), std::string::npos) << layout.err;
}

}  // namespace
}  // namespace tensord::cli
