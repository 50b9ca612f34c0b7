// The program itself: the table of `tensorctl conventions`, in every format, by every door.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/client/cli/files.h"
#include "tests/client/cli/process.h"
#include "tests/server/daemon_process.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::array<const char*, 6> kProfiles = {"default", "textbook", "pytorch", "onnx", "tensorflow", "cudnn"};

// The contract's table, and what the decisions about pooling's stride, softmax and prelu add to it. Written down here
// by itself: a mistake in the engine's table must not be one here.
struct Row {
  const char* name;
  std::array<const char*, 6> values;  // in the order of kProfiles
};

constexpr char kChannelsLast[] = "W, HW, HWC, NHWC, NDHWC";
constexpr char kChannelsFirst[] = "W, HW, CHW, NCHW, NCDHW";
constexpr char kHwio[] = "W, HW, WIO, HWIO, DHWIO";
constexpr char kConvolutionLast[] = "WC, HWC, DHWC; NWC, NHWC, NDHWC";
constexpr char kConvolutionFirst[] = "CW, CHW, CDHW; NCW, NCHW, NCDHW";
constexpr char kOihw[] = "W, HW, OIW, OIHW, OIDHW";
constexpr char kIohw[] = "W, HW, IOW, IOHW, IODHW";
constexpr char kHwoi[] = "W, HW, WOI, HWOI, DHWOI";

constexpr std::array<const char*, 6> Everywhere(const char* value) {
  return {value, value, value, value, value, value};
}

constexpr Row kRows[] = {
    {"kernel", Everywhere("CROSS_CORRELATION")},
    {"padding", Everywhere("VALID")},
    {"padding_source", Everywhere("ZERO")},
    {"dilation", Everywhere("1")},
    {"convolution_input_layout",
     {kConvolutionLast, kConvolutionLast, kConvolutionFirst, kConvolutionFirst, kConvolutionLast, kConvolutionFirst}},
    {"pooling_input_layout",
     {kChannelsLast, kChannelsLast, kChannelsFirst, kChannelsFirst, kChannelsLast, kChannelsFirst}},
    {"filter_layout", {kHwio, kHwio, kOihw, kOihw, kHwio, kOihw}},
    {"transposed_filter_layout", {kHwio, kHwio, kIohw, kIohw, kHwoi, kOihw}},
    {"pooling_stride", {"WINDOW", "WINDOW", "WINDOW", "1", "WINDOW", "WINDOW"}},
    {"length_rule", {"FLOOR", "START_INSIDE", "FLOOR", "FLOOR", "FLOOR", "FLOOR"}},
    {"average_divisor", {"REFUSED", "EXCLUDED", "INCLUDED", "EXCLUDED", "EXCLUDED", "REFUSED"}},
    {"tie_rule", Everywhere("FIRST")},
    {"nan_rule", {"FIRST", "FIRST", "LAST", "FIRST", "FIRST", "FIRST"}},
    {"index_base", {"PLANE", "PLANE", "PLANE", "TENSOR", "LAYOUT_PER_SAMPLE", "PLANE"}},
    {"empty_window", Everywhere("REFUSE")},
    {"padding_limit", Everywhere("NONE")},
    {"window_mode", Everywhere("EXPLICIT")},
    {"index_range", Everywhere("PLANE")},
    {"lp_exponent", Everywhere("2")},
    // 1/6 in the fewest digits that make the same float64.
    {"hard_sigmoid_slope",
     {"0.16666666666666666", "0.16666666666666666", "0.16666666666666666", "0.2", "0.2", "0.16666666666666666"}},
    {"hard_sigmoid_offset", Everywhere("0.5")},
    {"leaky_relu_slope", {"0.01", "0.01", "0.01", "0.01", "0.2", "0.01"}},
    {"elu_alpha", Everywhere("1")},
    {"gelu_form", Everywhere("EXACT")},
    {"softplus_beta", Everywhere("1")},
    {"celu_alpha", Everywhere("1")},
    {"thresholded_relu_alpha", Everywhere("1")},
    {"hard_tanh_minimum", Everywhere("-1")},
    {"hard_tanh_maximum", Everywhere("1")},
    {"softmax_axis", {"-1", "-1", "REFUSED", "-1", "-1", "REFUSED"}},
    {"kink_slope", Everywhere("LEFT")},
    {"hard_kink_slope", Everywhere("SATURATED")},
    {"slope_match", {"TRAILING", "TRAILING", "CHANNEL", "TRAILING", "TRAILING", "TRAILING"}},
};

std::string Conventions(std::vector<std::string> flags) {
  flags.insert(flags.begin(), "conventions");
  const ProcessResult result = RunProcess(TENSORCTL, flags);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  return result.out;
}

Json ConventionsJson(std::vector<std::string> flags = {}) {
  flags.insert(flags.end(), {"--format", "json"});
  Json answer = Json::parse(Conventions(flags), nullptr, false);
  EXPECT_TRUE(answer.is_object());
  return answer;
}

TEST(ConventionsTest, EveryProfileHasItsColumnOfTheContract) {
  const Json answer = ConventionsJson();
  EXPECT_EQ(answer["profiles"], Json(kProfiles));
  ASSERT_EQ(answer["conventions"].size(), std::size(kRows));
  for (size_t r = 0; r < std::size(kRows); ++r) {
    const Json& row = answer["conventions"][r];
    EXPECT_EQ(row["name"], kRows[r].name);
    ASSERT_EQ(row["values"].size(), kProfiles.size()) << kRows[r].name;
    Json differs = Json::array();
    for (size_t p = 0; p < kProfiles.size(); ++p) {
      EXPECT_EQ(row["values"][kProfiles[p]], kRows[r].values[p]) << kRows[r].name << ", " << kProfiles[p];
      if (std::string(kRows[r].values[p]) != kRows[r].values[0]) differs.push_back(kProfiles[p]);
    }
    EXPECT_EQ(row["differs"], differs) << kRows[r].name;
  }
}

TEST(ConventionsTest, JsonHasItsSchema) {
  const Json answer = ConventionsJson();
  EXPECT_EQ(answer["schema_version"], 1);
  std::vector<std::string> keys;
  for (const auto& item : answer.items()) keys.push_back(item.key());
  EXPECT_THAT(keys, ElementsAre("schema_version", "profiles", "conventions", "examples"));
  for (const Json& row : answer["conventions"]) {
    EXPECT_EQ(row.size(), 4U);
    EXPECT_NE(row["meaning"], "") << row["name"];
  }
  for (const Json& example : answer["examples"]) {
    EXPECT_EQ(example.size(), 5U);
    for (const char* key : {"name", "convention", "about", "command"}) EXPECT_TRUE(example[key].is_string());
    for (const Json& item : example["answers"]) {
      EXPECT_EQ(item.size(), 3U);
      EXPECT_NE(item.contains("profiles"), item.contains("flags"));
      EXPECT_NE(item.contains("results"), item.contains("refused"));
      EXPECT_EQ(item["commands"].size(), item.contains("profiles") ? item["profiles"].size() : 1U);
    }
  }
}

// The cells of every table of a page, row by row, without the lines below the heads.
std::vector<std::vector<std::string>> MarkdownRows(const std::string& page) {
  std::vector<std::vector<std::string>> rows;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    if (!absl::StartsWith(line, "| ") || absl::StartsWith(line, "| |")) continue;
    const std::vector<std::string> cells = absl::StrSplit(line.substr(2, line.size() - 4), " | ");
    rows.push_back(cells);
    for (std::string& cell : rows.back()) cell = absl::StrReplaceAll(cell, {{"\\|", "|"}});
  }
  return rows;
}

std::string Title(const std::string& profile) {
  std::string title = profile;
  if (profile != "default") {
    for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return title;
}

// How people read an answer of the JSON.
std::vector<std::string> AnswerCells(const Json& answer, size_t profile_count) {
  std::string who = "all alike";
  if (answer.contains("flags")) {
    who = "`" + answer["flags"].get<std::string>() + "`";
  } else if (answer["profiles"].size() < profile_count) {
    who.clear();
    for (const Json& name : answer["profiles"]) who += (who.empty() ? "" : ", ") + Title(name);
  }
  if (answer.contains("refused")) return {who, "refused: " + answer["refused"].get<std::string>()};
  std::string text;
  for (const auto& item : answer["results"].items()) {
    text += (text.empty() ? "" : ", ") + item.key() + " " + item.value()["values"].dump();
  }
  return {who, "`" + text + "`"};
}

void ExpectSameCells(const std::vector<std::string>& flags) {
  const Json answer = ConventionsJson(flags);
  std::vector<std::string> markdown_flags = flags;
  markdown_flags.insert(markdown_flags.end(), {"--format", "markdown"});
  std::vector<std::vector<std::string>> expected = {{"convention", "what it is"}};
  for (const Json& name : answer["profiles"]) expected[0].push_back(Title(name));
  for (const Json& row : answer["conventions"]) {
    std::vector<std::string> cells = {"`" + row["name"].get<std::string>() + "`", row["meaning"]};
    for (const auto& value : row["values"].items()) {
      const bool differs = row["differs"].dump().find("\"" + value.key() + "\"") != std::string::npos;
      const std::string text = value.value();
      cells.push_back(differs ? "**" + text + "**" : text);
    }
    expected.push_back(cells);
  }
  for (const Json& example : answer["examples"]) {
    for (const Json& item : example["answers"]) expected.push_back(AnswerCells(item, answer["profiles"].size()));
  }
  EXPECT_EQ(MarkdownRows(Conventions(markdown_flags)), expected);
}

TEST(ConventionsTest, MarkdownHasTheCellsOfJson) {
  ExpectSameCells({});
  ExpectSameCells({"--profile", "cudnn"});
}

TEST(ConventionsTest, TheDocumentationsPageIsWhatTheCommandPrints) {
  const std::string page = Conventions({"--format", "markdown"});
  EXPECT_THAT(page, HasSubstr("Printed by `tensorctl conventions --format markdown`"));
  EXPECT_EQ(ReadFile(TENSORD_CONVENTIONS_PAGE), page)
      << "print it anew: tensorctl conventions --format markdown >docs/conventions.md";
}

TEST(ConventionsTest, TextMarksWhatDiffersWithAndWithoutColours) {
  const std::string plain = Conventions({"--color", "never"});
  EXPECT_THAT(plain, ContainsRegex("\nlength_rule +FLOOR +START_INSIDE\\* +FLOOR +FLOOR +FLOOR +FLOOR\n"));
  EXPECT_THAT(plain, ContainsRegex("\nsoftmax_axis +-1 +-1 +REFUSED\\* +-1 +-1 +REFUSED\\*\n"));
  EXPECT_THAT(plain, ContainsRegex("\nfilter_layout +W, HW, WIO, HWIO, +W, HW, WIO, HWIO, +W, HW, OIW, OIHW, "));
  EXPECT_THAT(plain, ContainsRegex("\n +DHWIO +DHWIO +OIDHW\\* +OIDHW\\* +DHWIO +OIDHW\\*\n"));
  EXPECT_THAT(plain, AllOf(HasSubstr("\n* differs from the default."), Not(HasSubstr("\x1b"))));
  const std::string coloured = Conventions({"--color", "always"});
  EXPECT_THAT(coloured, HasSubstr("\x1b[32mSTART_INSIDE*\x1b[0m"));
  EXPECT_THAT(coloured, Not(HasSubstr("\x1b[32mFLOOR")));
  // But for its colours it is the same.
  std::string stripped = coloured;
  for (const char* code : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m"}) {
    stripped = absl::StrReplaceAll(stripped, {{code, ""}});
  }
  EXPECT_EQ(stripped, plain);
}

TEST(ConventionsTest, TextHasEveryExampleAndItsAnswers) {
  const std::string text = Conventions({});
  const Json answer = ConventionsJson();
  for (const Json& example : answer["examples"]) {
    EXPECT_THAT(text, HasSubstr("\n  $ " + example["command"].get<std::string>() + "\n"));
    for (const Json& item : example["answers"]) {
      const std::vector<std::string> cells = AnswerCells(item, kProfiles.size());
      EXPECT_THAT(text, HasSubstr("  " + absl::StrReplaceAll(cells[1], {{"`", ""}}) + "\n"));
    }
  }
}

TEST(ConventionsTest, ProfilesCanBeChosen) {
  const Json one = ConventionsJson({"--profile", "onnx"});
  EXPECT_EQ(one["profiles"], Json({"default", "onnx"}));
  EXPECT_EQ(one["conventions"].size(), std::size(kRows));
  // In the table's order, once each, however they are written.
  const Json two = ConventionsJson({"--profile", "cudnn", "--profile", "PYTORCH", "--profile", "cudnn"});
  EXPECT_EQ(two["profiles"], Json({"default", "pytorch", "cudnn"}));
  // An example in which the chosen ones cannot differ is left out; one with flags that differ is not.
  const auto names = [](const Json& answer) {
    std::vector<std::string> all;
    for (const Json& example : answer["examples"]) all.push_back(example["name"]);
    return all;
  };
  EXPECT_THAT(names(one), AllOf(::testing::Contains("pooling-stride"), Not(::testing::Contains("nan")),
                                Not(::testing::Contains("leaky-relu")), ::testing::Contains("ties")));
  EXPECT_THAT(names(two), AllOf(Not(::testing::Contains("pooling-stride")), ::testing::Contains("nan")));
}

TEST(ConventionsTest, AServerSaysTheSame) {
  testing::DaemonProcess daemon({"--listen", "127.0.0.1:0", "--metrics-listen", "off"});
  const std::string address = daemon.WaitForAddress("listening");
  for (const std::string format : {"text", "json", "markdown"}) {
    EXPECT_EQ(Conventions({"--format", format, "--server", address}), Conventions({"--format", format}));
  }
}

TEST(ConventionsTest, WaitsWhereAServerTakesOnlySoManyCallsASecond) {
  testing::DaemonProcess daemon(
      {"--listen", "127.0.0.1:0", "--metrics-listen", "off", "--client-calls-per-second", "100"});
  const std::string address = daemon.WaitForAddress("listening");
  EXPECT_EQ(Conventions({"--server", address}), Conventions({}));
}

TEST(ConventionsTest, FailsWhereNobodyListens) {
  const TemporaryDirectory folder;
  const ProcessResult result =
      RunProcess(TENSORCTL, {"conventions", "--server", "unix:" + folder.path("none.sock"), "--deadline", "20s"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("cannot reach unix:"));
}

}  // namespace
}  // namespace tensord::cli
