// Flags of models, and the line that tells of the reading of large files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "client/cli/model/modules.h"
#include "client/cli/model/request_flags.h"
#include "client/cli/model/source.h"
#include "tests/support/temporary_directory.h"

namespace tensord::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr int64_t kMebibyte = int64_t{1} << 20;

TEST(ParseConventionTest, NamesAndTheirSums) {
  for (const char* name : {"default", "bias", "skip-padding", "by-output", "bias+skip-padding", "bias+by-output",
                           "skip-padding+by-output", "bias+skip-padding+by-output"}) {
    const absl::StatusOr<v1::CostConvention> convention = ParseConvention(name);
    ASSERT_TRUE(convention.ok()) << name;
    EXPECT_EQ(ConventionName(*convention), name);
  }
  EXPECT_EQ(ConventionName(*ParseConvention("By_Output+BIAS")), "bias+by-output");
  for (const char* name : {"", "+", "bias+", "default+bias", "biased", "skip padding bias"}) {
    const absl::StatusOr<v1::CostConvention> convention = ParseConvention(name);
    ASSERT_FALSE(convention.ok()) << name;
    EXPECT_THAT(std::string(convention.status().message()), AllOf(HasSubstr("--convention"), HasSubstr("expected")));
  }
  EXPECT_THAT(std::string(ParseConvention("biass").status().message()), HasSubstr("did you mean bias?"));
}

TEST(ParseMachineTest, BillionsOfOperationsAndBytes) {
  const absl::StatusOr<v1::Machine> machine = ParseMachine("35600,0.5");
  ASSERT_TRUE(machine.ok());
  EXPECT_EQ(machine->flops_per_second(), 35600e9);
  EXPECT_EQ(machine->bytes_per_second(), 0.5e9);
  for (const char* text : {"", "1", "1,", ",1", "1,2,3", "0,1", "1,-1", "nan,1", "1,inf", "1e308,1", "x,y", "1 ,2x"}) {
    EXPECT_FALSE(ParseMachine(text).ok()) << text;
  }
}

TEST(ReadingLineTest, TellsEachPercentAndGoesAway) {
  std::ostringstream err;
  {
    ReadingLine line(&err, "big.onnx", 200 * kMebibyte);
    for (int64_t read = kMebibyte / 2; read <= 200 * kMebibyte; read += kMebibyte / 2) line.ShowRead(read);
    EXPECT_THAT(err.str(), HasSubstr("\rreading big.onnx: 98 of 200 MiB (49 %)\x1b[K\r"));
    EXPECT_THAT(err.str(), EndsWith("\rreading big.onnx: 198 of 200 MiB (99 %)\x1b[K"));
    std::string text = err.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 100);
    line.ShowStep("stripping weights");
  }
  EXPECT_THAT(err.str(), EndsWith("\rbig.onnx: stripping weights\x1b[K\r\x1b[K"));
}

TEST(ReadingLineTest, SmallFilesAreNotWorthALine) {
  std::ostringstream err;
  {
    ReadingLine line(&err, "small.onnx", 64 * kMebibyte - 1);
    line.ShowRead(64 * kMebibyte - 1);
    line.ShowStep("stripping weights");
    ReadingLine pipe(&err, "standard input", std::nullopt);
    pipe.ShowRead(64 * kMebibyte - 1);
    pipe.ShowStep("stripping weights");
  }
  EXPECT_EQ(err.str(), "");
  ReadingLine pipe(&err, "standard input", std::nullopt);
  pipe.ShowRead(64 * kMebibyte);
  EXPECT_EQ(err.str(), "\rreading standard input: 64 MiB\x1b[K");
  ReadingLine nobody(nullptr, "big.onnx", 200 * kMebibyte);
  nobody.ShowRead(kMebibyte);
  nobody.ShowStep("stripping weights");
}

TEST(ReadModelSourceTest, LargeFilesHaveALineWhereSomebodyWatches) {
  const testing::TemporaryDirectory folder;
  const std::string file = folder.path("zeros.onnx");
  std::ofstream(file).put('\0');
  std::filesystem::resize_file(file, 65 * kMebibyte);  // a hole, which takes no room
  std::istringstream in;
  std::ostringstream err;
  v1::AnalyzeModelRequest request;
  TensorSource watched(in, &err);
  EXPECT_THAT(std::string(ReadModelSource(file, watched, request).message()),
              AllOf(HasSubstr("zeros.onnx"), HasSubstr("expected: an ONNX file")));
  EXPECT_THAT(err.str(), AllOf(HasSubstr("of 65 MiB"), HasSubstr("stripping weights"), EndsWith("\r\x1b[K")));
  TensorSource unwatched(in);
  EXPECT_FALSE(ReadModelSource(file, unwatched, request).ok());
}

}  // namespace
}  // namespace tensord::cli
