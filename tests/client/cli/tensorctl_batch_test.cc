// The program itself: `tensorctl batch`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/client/cli/files.h"
#include "tests/client/cli/process.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ProcessResult Batch(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.begin(), "batch");
  return RunProcess(TENSORCTL, arguments, input);
}

std::vector<Json> Lines(const std::string& text) {
  std::vector<Json> lines;
  for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) lines.push_back(Json::parse(line));
  return lines;
}

// max(a, b), as an operation.
std::string Pool(int64_t id, int64_t a, int64_t b, int64_t window = 2) {
  return absl::StrCat(
      R"({"id":)", id, R"(,"pool":{"kind":"POOLING_KIND_MAX","input":{"data_type":"DATA_TYPE_FLOAT32",)",
      R"("shape":[2],"integers":{"values":[)", a, ",", b, R"(]}},"conventions":{"window":[)", window, "]}}}\n");
}

double Result(const Json& answer) { return answer["pool"]["output"]["doubles"]["values"][0]; }

TEST(BatchTest, TheExampleIsAnsweredLineByLine) {
  const ProcessResult result = Batch({TENSORD_BATCH_EXAMPLE, "--format", "json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const std::vector<Json> lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0]["line"], 2);
  EXPECT_EQ(lines[0]["convolve"]["output"]["doubles"]["values"], Json({-6, 1, -3, 1}));
  EXPECT_EQ(lines[1]["pool"]["output"]["doubles"]["values"], Json({2, 3, 10, 1}));
  EXPECT_EQ(lines[2]["id"], "3");
  EXPECT_EQ(lines[2]["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(lines[2]["error"]["reason"], "INVALID_REQUEST");
  EXPECT_EQ(lines[2]["error"]["violations"][0]["field"], "conventions.window");
  EXPECT_EQ(lines[3]["line"], 6);
  EXPECT_EQ(lines[3]["activate"]["output"]["doubles"]["values"], Json({0, 0, 2}));
  EXPECT_THAT(result.err, AllOf(HasSubstr("4 operations in "), HasSubstr("3 done, 1 failed\n")));
}

TEST(BatchTest, PeopleGetALineForEach) {
  const ProcessResult result = Batch({"-", "--quiet"}, Pool(7, 1, 5) + "nonsense\n" + Pool(8, 1, 5, 3));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "");
  const std::vector<std::string> lines = absl::StrSplit(result.out, '\n');
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "  line      id  operation and result");
  EXPECT_EQ(lines[1], "     1       7  pool  output 1 float32");
  EXPECT_THAT(lines[2], StartsWith("     2       -  INVALID_ARGUMENT: the line is no StreamComputeRequest in JSON"));
  EXPECT_THAT(lines[3], StartsWith("     3       8  pool  INVALID_ARGUMENT: conventions.window: was 3"));
}

// A bad line or operation in between ends nothing; ids may be the same; each answer is its own line's.
TEST(BatchTest, ManyAreAnsweredInOrder) {
  std::string input = "# many\n";
  constexpr int64_t kCount = 10000;
  for (int64_t i = 0; i < kCount; ++i) {
    input += i % 1000 == 500 ? "{\n" : (i % 1000 == 600 ? Pool(i % 3, i, -i, 3) : Pool(i % 3, i, -i));
  }
  const ProcessResult result = Batch({"-", "--format", "json"}, input);
  EXPECT_EQ(result.exit_code, 1);
  const std::vector<Json> lines = Lines(result.out);
  ASSERT_EQ(lines.size(), static_cast<size_t>(kCount));
  for (int64_t i = 0; i < kCount; ++i) {
    const Json& line = lines[static_cast<size_t>(i)];
    ASSERT_EQ(line["line"], i + 2);
    if (i % 1000 != 500) {
      ASSERT_EQ(line["id"], std::to_string(i % 3));
    }
    ASSERT_EQ(line.contains("error"), i % 1000 == 500 || i % 1000 == 600) << line;
    if (!line.contains("error")) {
      ASSERT_EQ(Result(line), static_cast<double>(i));
    }
  }
  EXPECT_THAT(result.err, HasSubstr("9980 done, 20 failed\n"));
}

TEST(BatchTest, UnorderedHasEveryLineOnce) {
  std::string input;
  for (int64_t i = 0; i < 500; ++i) input += Pool(0, i, -1);
  const ProcessResult result = Batch({"-", "--format", "json", "--unordered", "--window", "7"}, input);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::set<int64_t> seen;
  for (const Json& line : Lines(result.out)) {
    const int64_t number = line["line"];
    EXPECT_TRUE(seen.insert(number).second);
    EXPECT_EQ(Result(line), static_cast<double>(number - 1));
  }
  EXPECT_EQ(seen.size(), 500U);
}

TEST(BatchTest, NothingToDoIsDone) {
  for (const char* const input : {"", "\n\n", "# only\r\n  # comments"}) {
    const ProcessResult result = Batch({"-", "--format", "json"}, input);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("0 operations"));
  }
}

TEST(BatchTest, EndsOfLinesMakeNoDifference) {
  std::string text = Pool(1, 3, 4);
  text.pop_back();
  EXPECT_EQ(Lines(Batch({"-", "--format", "json"}, text + "\r\n" + text).out).size(), 2U);
}

TEST(BatchTest, OutTakesTheAnswersAsJson) {
  const TemporaryDirectory folder;
  const ProcessResult result = Batch({"-", "--out", folder.path("answers.jsonl")}, Pool(1, 3, 4));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  const std::vector<Json> lines = Lines(ReadFile(folder.path("answers.jsonl")));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(Result(lines[0]), 4);
}

TEST(BatchTest, MistakesInFlagsAndFilesAreUsageErrors) {
  const TemporaryDirectory folder;
  const std::string none = folder.path("none/x.jsonl");
  for (const auto& [arguments, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{none}, "cannot read " + none + ": No such file or directory"},
           {{folder.path("")}, "Is a directory"},
           {{"-", "--out", none}, "--out: cannot write " + none + ": No such file or directory"},
           {{"-", "--window", "0"}, "--window"},
           {{}, "FILE"},
       }) {
    const ProcessResult result = Batch(arguments);
    EXPECT_EQ(result.exit_code, 2) << message;
    EXPECT_THAT(result.err, AllOf(StartsWith("error: "), HasSubstr(message), HasSubstr("see tensorctl batch --help")));
    EXPECT_EQ(result.out, "");
  }
}

TEST(BatchTest, TheFileThatIsReadIsNotWritten) {
  const TemporaryDirectory folder;
  const std::string path = folder.path("x.jsonl");
  std::ofstream(path) << Pool(1, 2, 3);
  const ProcessResult result = Batch({path, "--out", path});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--out: " + path + " is the file that is read"));
  EXPECT_EQ(ReadFile(path), Pool(1, 2, 3));
}

TEST(BatchTest, WhatCannotBeReadToItsEndIsTold) {
  const ProcessResult file = Batch({"/proc/self/mem"});  // the first page of memory, which nobody may read
  EXPECT_EQ(file.exit_code, 1);
  EXPECT_THAT(file.err, AllOf(HasSubstr("0 operations"), HasSubstr("/proc/self/mem cannot be read to its end")));
  const ProcessResult input = RunProcess("/bin/sh", {"-c", "exec \"$1\" batch - </", "sh", TENSORCTL});
  EXPECT_EQ(input.exit_code, 1);
  EXPECT_THAT(input.err, HasSubstr("standard input cannot be read to its end"));
}

// Interrupted while it waits for more lines, once the first is answered.
TEST(BatchTest, ALineThatWasSentIsAnsweredAfterAnInterrupt) {
  const TemporaryDirectory folder;
  std::ofstream(folder.path("x.jsonl")) << Pool(1, 2, 3);
  const ProcessResult result = RunProcess("/bin/sh", {"-c", R"(
cd "$1" && mkfifo pipe && exec 3<>pipe && cat x.jsonl >&3
"$2" batch - --out answers.jsonl <pipe &
until [ -s answers.jsonl ]; do sleep 0.05; done
kill -INT $!
wait $!)",
                                                      "sh", folder.path(""), TENSORCTL});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("1 done, 0 failed, interrupted\n"));
  EXPECT_EQ(Lines(ReadFile(folder.path("answers.jsonl"))).size(), 1U);
}

TEST(BatchTest, ADiskThatIsFullIsTold) {
  std::string input;
  for (int64_t i = 0; i < 500; ++i) input += Pool(0, i, -1);
  const ProcessResult result = Batch({"-", "--out", "/dev/full"}, input);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("/dev/full cannot be written"));
}

TEST(BatchTest, NobodyListening) {
  const TemporaryDirectory folder;
  const std::string address = "unix:" + folder.path("none.sock");
  const ProcessResult result =
      RunProcess(TENSORCTL, {"--server", address, "batch", "-", "--format", "json"}, Pool(1, 2, 3) + Pool(2, 2, 3));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("2 failed\n"), HasSubstr("cannot reach " + address)));
  for (const Json& line : Lines(result.out)) EXPECT_EQ(line["error"]["code"], "UNAVAILABLE");
}

}  // namespace
}  // namespace tensord::cli
