// The program itself, as a shell runs it: exit codes, errors, global flags, help and completion.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/client/cli/files.h"
#include "tests/client/cli/process.h"

namespace tensord::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ProcessResult Tensorctl(const std::vector<std::string>& arguments, const std::string& input = "",
                        const std::vector<std::string>& environment = {}) {
  return RunProcess(TENSORCTL, arguments, input, environment);
}

TEST(ExitCodeTest, OneWhereTheServerRefuses) {
  const ProcessResult result =
      Tensorctl({"convolve", "--input", "[[1,2],[3,4]]", "--filter", "[[1]]", "--stride", "0"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, AllOf(StartsWith("error: refused as invalid (INVALID_ARGUMENT):\n"),
                                HasSubstr("--stride (conventions.strides")));
}

TEST(ExitCodeTest, OneWhereNobodyListens) {
  const TemporaryDirectory folder;
  const std::string address = "unix:" + folder.path("none.sock");
  const ProcessResult result = Tensorctl({"--server", address, "health", "--deadline", "20s"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("cannot reach " + address), HasSubstr("hint: is a tensord running there")));
  EXPECT_EQ(Tensorctl({"health"}, "", {"TENSORCTL_SERVER=" + address}).exit_code, 1);
}

TEST(ExitCodeTest, OneWhereTheResultCannotBeWritten) {
  const ProcessResult result = Tensorctl({"activate", "--kind", "relu", "--input", "[1]", "--out", "/nowhere/x.npy"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("'/nowhere/x.npy': "));
}

struct UsageRow {
  const char* name;
  std::vector<std::string> arguments;
  const char* error;  // what the error says
};

void PrintTo(const UsageRow& row, std::ostream* out) { *out << row.name; }

class UsageErrorTest : public ::testing::TestWithParam<UsageRow> {};

TEST_P(UsageErrorTest, ExitsWithTwoAndSaysWhatWasExpected) {
  const ProcessResult result = Tensorctl(GetParam().arguments);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, AllOf(StartsWith("error: "), HasSubstr(GetParam().error), HasSubstr("--help\n")));
  EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, UsageErrorTest,
    ::testing::Values(
        UsageRow{"NoCommand", {}, "no command\nexpected: convolve, "},
        UsageRow{"UnknownCommand", {"convovle"}, "unknown command 'convovle' (did you mean convolve?)"},
        UsageRow{"UnknownSubcommand", {"analyze", "layr"}, "unknown command 'layr' (did you mean layer?)"},
        UsageRow{"UnknownFlag", {"pool", "--knd", "max"}, "unknown flag '--knd' (did you mean --kind?)"},
        UsageRow{"UnknownGlobalFlag", {"health", "--sever=x"}, "unknown flag '--sever' (did you mean --server?)"},
        UsageRow{"ControlCharacters", {"\x1b[31m"}, "unknown command '\\x1b[31m'"},
        UsageRow{"MissingFlags", {"convolve"}, "--input and --filter are required and not given"},
        UsageRow{"MissingValue", {"convolve", "--input"}, "--input"},
        UsageRow{"Format", {"health", "--format", "jsn"}, "'jsn' is not known (did you mean json?)"},
        UsageRow{"MarkdownElsewhere",
                 {"health", "--format", "markdown"},
                 "--format: 'markdown' is not for this command\nexpected: text, json\n"},
        UsageRow{
            "Profile", {"conventions", "--profile", "onnx", "--profile", "torch"}, "--profile: 'torch' is not known"},
        UsageRow{"ProfileNames",
                 {"conventions", "--profile", "default"},
                 "\nexpected: textbook, pytorch, onnx, tensorflow, cudnn\n"},
        UsageRow{"Color", {"health", "--color", "sometimes"}, "expected: auto, always, never"},
        UsageRow{"Deadline", {"health", "--deadline", "5"}, "--deadline: '5' is no duration"},
        UsageRow{"TlsWithoutServer", {"health", "--tls"}, "expected: --server ADDRESS"},
        UsageRow{"KeyWithoutCertificate",
                 {"health", "--server", "localhost:1", "--tls-key", "k.pem"},
                 "--tls-certificate and --tls-key"},
        UsageRow{"Type", {"activate", "--kind", "relu", "--input", "[1]", "--type", "float"}, "did you mean float16?"},
        UsageRow{"Kind", {"pool", "--kind", "mx", "--input", "[1]"}, "--kind: 'mx' is not known"},
        UsageRow{
            "Ragged", {"activate", "--kind", "relu", "--input", "[[1,2],[3]]"}, "--input: the list at element (1)"},
        UsageRow{"NoFile", {"activate", "--kind", "relu", "--input", "none.npy"}, "'none.npy': No such file"},
        UsageRow{"OutName", {"activate", "--kind", "relu", "--input", "[1]", "--out", "x.txt"}, "--out: cannot tell"},
        UsageRow{"PreActivationWithoutActivation",
                 {"convolve-backward", "--input", "[1]", "--filter", "[1]", "--output-gradient", "[1]",
                  "--out-pre-activation-gradient", "z.npy"},
                 "expected: --activation NAME"},
        UsageRow{"StandardInputTwice", {"convolve", "--input", "-", "--filter", "-"}, "--input: standard input: "},
        UsageRow{"BenchLoops", {"bench", "--rate", "5", "--concurrency", "2"}, "--concurrency and --rate: "},
        UsageRow{
            "BenchMix", {"bench", "--mix", "pool-mx"}, "--mix: 'pool-mx' is no kind of call (did you mean pool-max?)"},
        UsageRow{"BenchConnections",
                 {"bench", "--connections", "2"},
                 "--connections: there is no connection to open\nexpected: --server ADDRESS beside it"},
        UsageRow{"Shell", {"completion", "tcsh"}, "expected: bash, zsh, fish"}),
    [](const ::testing::TestParamInfo<UsageRow>& row) { return row.param.name; });

TEST(GlobalFlagTest, MayStandBeforeOrAfterTheCommandOrInTheEnvironment) {
  const std::string before = Tensorctl({"--format", "json", "health"}).out;
  EXPECT_THAT(before, StartsWith("{"));
  EXPECT_EQ(Tensorctl({"health", "--format=json"}).out, before);
  EXPECT_EQ(Tensorctl({"health"}, "", {"TENSORCTL_FORMAT=json"}).out, before);
  EXPECT_EQ(Tensorctl({"health", "--format", "text"}, "", {"TENSORCTL_FORMAT=json"}).out, "SERVING\n");
  EXPECT_EQ(Tensorctl({"analyze", "--format", "json", "layer", "--input-shape", "8", "--filter-shape", "3"}).exit_code,
            0);
  EXPECT_EQ(Tensorctl({"health"}, "", {"TENSORCTL_FORMAT=xml"}).exit_code, 2);
}

TEST(GlobalFlagTest, ColoursWhenToldTo) {
  const std::vector<std::string> command = {"activate", "--kind", "relu", "--input", "[1,2]", "--color"};
  const auto with = [&](const std::string& color) {
    std::vector<std::string> arguments = command;
    arguments.push_back(color);
    return Tensorctl(arguments).out;
  };
  EXPECT_THAT(with("always"), HasSubstr("\x1b["));
  EXPECT_THAT(with("never"), Not(HasSubstr("\x1b[")));
  EXPECT_THAT(with("auto"), Not(HasSubstr("\x1b[")));  // a file is no terminal
}

TEST(GlobalFlagTest, QuietLeavesNotesOut) {
  const std::vector<std::string> command = {"activate", "--kind", "sigmoid", "--input", "[1,2]", "--type", "float64"};
  std::vector<std::string> quiet = command;
  quiet.emplace_back("--quiet");
  EXPECT_THAT(Tensorctl(command).out, HasSubstr("digits are cut"));
  EXPECT_THAT(Tensorctl(quiet).out, Not(HasSubstr("digits are cut")));
}

TEST(HelpTest, ComesWithExamplesForEveryCommand) {
  EXPECT_EQ(Tensorctl({"--help"}).exit_code, 0);
  EXPECT_THAT(Tensorctl({"--help"}).out, AllOf(HasSubstr("Examples:"), HasSubstr("TENSORCTL_SERVER")));
  for (const char* command :
       {"convolve", "convolve-backward", "convolve-transpose", "convolve-transpose-backward", "pool", "pool-backward",
        "activate", "activate-backward", "describe", "batch", "bench", "conventions"}) {
    const ProcessResult help = Tensorctl({command, "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_THAT(help.out, AllOf(HasSubstr("Examples:"), HasSubstr("--"))) << command;
  }
  EXPECT_THAT(Tensorctl({"--version"}).out, StartsWith("tensorctl "));
}

TEST(CompletionTest, ScriptsAreSound) {
  const TemporaryDirectory folder;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const ProcessResult script = Tensorctl({"completion", shell});
    EXPECT_EQ(script.exit_code, 0);
    EXPECT_THAT(script.out, AllOf(HasSubstr("convolve-backward"), HasSubstr("start-inside"), HasSubstr("window")));
  }
}

// What bash offers for a command line whose last word is being typed.
std::string Completed(const std::vector<std::string>& words) {
  const TemporaryDirectory folder;
  std::string line;
  for (const std::string& word : words) line += " '" + word + "'";
  const std::string script = folder.Write(
      "complete.sh", Tensorctl({"completion", "bash"}).out + "COMP_WORDS=(tensorctl" + line +
                         ")\nCOMP_CWORD=" + std::to_string(words.size()) + "\n_tensorctl\necho \"${COMPREPLY[*]}\"\n");
  const ProcessResult result = RunProcess("/bin/bash", {script});
  EXPECT_EQ(result.err, "");
  return result.out;
}

TEST(CompletionTest, BashCompletesCommandsFlagsAndChoices) {
  EXPECT_EQ(Completed({"conv"}),
            "convolve convolve-backward convolve-transpose convolve-transpose-backward conventions\n");
  EXPECT_EQ(Completed({"conventions", "--profile", "te"}), "textbook tensorflow\n");
  EXPECT_EQ(Completed({"conventions", "--format", "m"}), "markdown\n");
  EXPECT_EQ(Completed({"convolve", "--padding-reads", "re"}), "reflect replicate\n");
  EXPECT_EQ(Completed({"convolve-transpose", "--output-sh"}), "--output-shape\n");
  EXPECT_EQ(Completed({"convolve", "--accumulation", "fa"}), "fast faithful\n");
  EXPECT_EQ(Completed({"pool", "--output-type", "int"}), "int8 int32 int64\n");
  EXPECT_EQ(Completed({"bench", "--mix", "he"}), "heavy heavy-convolve\n");
  EXPECT_EQ(Completed({"bench", "--arrivals", "p"}), "poisson\n");
  EXPECT_EQ(Completed({"bench", "--warm"}), "--warm-up\n");
  EXPECT_EQ(Completed({"analyze", "l"}), "layer\n");
  EXPECT_EQ(Completed({"pool", "--kind", "m"}), "max\n");
  EXPECT_EQ(Completed({"pool", "--ki"}), "--kind\n");
  EXPECT_EQ(Completed({"pool", "--tls-s"}), "--tls-server-name\n");
  EXPECT_EQ(Completed({"--format", "j"}), "json junit\n");
  EXPECT_EQ(Completed({"completion", "z"}), "zsh\n");
}

TEST(ExitCodeTest, OneForAnUnknownInstructionSet) {
  const ProcessResult result =
      Tensorctl({"convolve", "--input", "[[1]]", "--filter", "[[1]]"}, "", {"TENSORD_ISA=mmx"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("TENSORD_ISA: was \"mmx\", has to be one of what this processor runs: "));
}

}  // namespace
}  // namespace tensord::cli
