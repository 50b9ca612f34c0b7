// The program itself: the examples of `tensorctl conventions`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/app.h"
#include "tests/client/cli/files.h"
#include "tests/client/cli/process.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;

const Json& Conventions() {
  static const auto& answer = *[] {
    const ProcessResult result = RunProcess(TENSORCTL, {"conventions", "--format", "json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return new Json(Json::parse(result.out, nullptr, false));
  }();
  return answer;
}

// `output [1,2], indices [0,1]`; `refused` without its reason, in which two refusals of the same thing may differ.
std::string Short(const Json& answer) {
  if (answer.contains("refused")) return "refused";
  std::vector<std::string> parts;
  for (const auto& item : answer["results"].items()) {
    parts.push_back(absl::StrCat(item.key(), " ", item.value()["values"].dump()));
  }
  return absl::StrJoin(parts, ", ");
}

// By profile, or by flags: what the example's answers are.
std::map<std::string, std::string> ShortAnswers(const Json& example) {
  std::map<std::string, std::string> answers;
  for (const Json& answer : example["answers"]) {
    if (answer.contains("flags")) answers[answer["flags"]] = Short(answer);
    if (!answer.contains("profiles")) continue;
    for (const Json& profile : answer["profiles"]) answers[profile] = Short(answer);
  }
  return answers;
}

// What an example has to answer, by who says so: profiles that say the same, or flags.
struct Expected {
  const char* name;
  std::vector<std::pair<const char*, const char*>> answers;
};

constexpr char kAll[] = "default textbook pytorch onnx tensorflow cudnn";
constexpr char kIndexBaseMaxima[] = "output [[[[9,9]]],[[[9,9]]]], indices ";

// Worked out by hand from the formulas of the operators' pages.
std::vector<Expected> OfConvolutions() {
  return {
      {"kernel", {{kAll, "output [21,32]"}, {"--flip-filter", "output [12,23]"}}},
      // 4 inputs, stride 2: 2 outputs, which read 2*1 + 3 = 5 cells, one more than there are.
      {"same-padding",
       {{kAll, "output [6]"},                      // 1+2+3
        {"--padding same-upper", "output [6,7]"},  // 1+2+3, 3+4+0
        {"--padding same-lower", "output [3,9]"},  // 0+1+2, 2+3+4
        {"--padding 1", "output [3,9]"}}},         // 0+1+2, 2+3+4
      {"same-padding-transposed",                  // 1 10 100 and, two cells on, 2 20 200
       {{kAll, "output [1,10,102,20,200]"},        //
        {"--padding same-upper", "output [1,10,102,20]"},
        {"--padding same-lower", "output [10,102,20,200]"}}},
      {"padding-source",
       {{kAll, "output [210,321,32]"},                           // 0 1 2 3 0
        {"--padding-reads reflect", "output [212,321,232]"},     // 2 1 2 3 2
        {"--padding-reads replicate", "output [211,321,332]"},   // 1 1 2 3 3
        {"--padding-reads circular", "output [213,321,132]"}}},  // 3 1 2 3 1
      {"dilation", {{kAll, "output [21,32]"}, {"--dilation 0", "refused"}, {"--dilation 2", "output [31]"}}},
      // The first channel plus ten times the second: 1 and 2 are a cell's, or 1 and 5.
      {"convolution-input-layout",
       {{"default textbook tensorflow", "output [[[21],[43]],[[65],[87]]]"},
        {"pytorch onnx cudnn", "output [[[51,62],[73,84]]]"}}},
      // The filter's numbers are 1..6. As W I O there is one tap: a row of the input times [1 2 3; 4 5 6]. As O I W the
      // rows (1,0), (0,1), (1,1) meet the taps (1,4), (2,5), (3,6): 1 + 5 + 9.
      {"filter-layout",
       {{"default textbook tensorflow", "output [[1,2,3],[4,5,6],[5,7,9]]"}, {"pytorch onnx cudnn", "output [[15]]"}}},
      // One cell, whose channels are 1 and 10: tap w of output o is f(0) + 10 f(1), over the I axis.
      {"transposed-filter-layout",
       {{"default textbook", "output [[31,42],[75,86]]"},  // W I O: 1+30, 2+40; 5+70, 6+80
        {"pytorch onnx", "output [[51,73],[62,84]]"},      // I O W: 1+50, 3+70; 2+60, 4+80
        {"tensorflow", "output [[21,43],[65,87]]"},        // W O I: 1+20, 3+40; 5+60, 7+80
        {"cudnn", "output [[31,75],[42,86]]"}}},           // O I W: 1+30, 5+70; 2+40, 6+80
      {"accumulation",
       {{kAll, "output [0]"}, {"--accumulation faithful", "output [1]"}, {"--accumulation exact", "output [1]"}}},
  };
}

std::vector<Expected> OfPoolings() {
  return {
      {"input-layout",
       {{"default textbook tensorflow", "output [[[7,8]]]"}, {"pytorch onnx cudnn", "output [[[4]],[[8]]]"}}},
      {"pooling-stride", {{"default textbook pytorch tensorflow cudnn", "output [4,3]"}, {"onnx", "output [4,3,3]"}}},
      // floor(1/2)+1 = 1, ceil(1/2)+1 = 2, floor(4/2)+1 = 3 windows.
      {"length-rule",
       {{"default pytorch onnx tensorflow cudnn", "output [5]"},
        {"textbook", "output [5,3,1]"},
        {"--rounding ceil", "output [5,3]"},
        {"--rounding start-inside", "output [5,3,1]"}}},
      // ceil((3+3-2)/2)+1 = 3 windows, the last of which starts at cell 4 of 1+3: one less.
      {"length-rule-past-the-end", {{kAll, "refused"}, {"--rounding ceil", "output [1,3]"}}},
      // (2+4)/2, 12/3, (4+6)/2; or everything by 3.
      {"average-divisor",
       {{"default cudnn", "refused"},
        {"textbook onnx tensorflow", "output [3,4,5]"},
        {"pytorch", "output [2,4,3.3333333]"}}},
      {"average-divisor-cut-off",
       {{"default cudnn", "refused"},
        {"textbook pytorch onnx tensorflow", "output [2,4]"},
        {"--divisor 3", "output [2,1.3333334]"}}},
      {"ties",
       {{kAll, "input_gradient [6,0,0]"},
        {"--ties all", "input_gradient [6,6,0]"},
        {"--ties split", "input_gradient [3,3,0]"}}},
      {"nan",
       {{"default textbook onnx tensorflow cudnn", "output [\"NaN\"], indices [0]"},
        {"pytorch", "output [\"NaN\"], indices [2]"}}},
      // The nines of (n,c) lie at (h,w): (0,0) at (0,1), (0,1) at (1,0), (1,0) at (1,0), (1,1) at (0,1).
      {"index-base",
       {{"default textbook pytorch cudnn", "[[[[1,2]]],[[[2,1]]]]"},     // 2h + w
        {"onnx", "[[[[1,6]]],[[[10,13]]]]"},                             // 8n + 4c + 2h + w
        {"tensorflow", "[[[[2,5]]],[[[4,3]]]]"},                         // 4h + 2w + c
        {"--index-base tensor-column-major", "[[[[2,5]]],[[[9,14]]]]"},  // 8n + 4c + h + 2w
        {"--index-base layout", "[[[[2,5]]],[[[12,11]]]]"}}},            // 8n + 4h + 2w + c
      {"empty-window",
       {{kAll, "refused"}, {"--empty-window negative-infinity", "output [\"-Infinity\",2,\"-Infinity\"]"}}},
      // The windows hold x[-2], x[2]; x[-1], x[3]; x[0], x[4]; x[1], x[5].
      {"padding-limit",
       {{kAll, "output [2,4,3,1]"},
        {"--padding-limit half-window", "refused"},
        {"--padding-limit half-dilated-window", "output [2,4,3,1]"}}},
  };
}

std::vector<Expected> OfActivations() {
  return {
      // 1/6 + 1/2 and 0.2 + 0.5, as float32.
      {"hard-sigmoid", {{"default textbook pytorch cudnn", "output [0.6666667]"}, {"onnx tensorflow", "output [0.7]"}}},
      {"leaky-relu", {{"default textbook pytorch onnx cudnn", "output [-0.01]"}, {"tensorflow", "output [-0.2]"}}},
      {"softmax-axis", {{"default textbook onnx tensorflow", "output [[0.5,0.5]]"}, {"pytorch cudnn", "refused"}}},
      {"slope-match",
       {{"default textbook onnx tensorflow cudnn", "output [[-2,-1],[-2,-1]]"},
        {"pytorch", "output [[-2,-2],[-1,-1]]"}}},
  };
}

TEST(ExamplesTest, AnswerWhatWasWorkedOutByHand) {
  std::vector<Expected> all = OfConvolutions();
  for (const std::vector<Expected>& more : {OfPoolings(), OfActivations()})
    all.insert(all.end(), more.begin(), more.end());
  const Json& examples = Conventions()["examples"];
  ASSERT_EQ(examples.size(), all.size());
  for (size_t e = 0; e < all.size(); ++e) {
    EXPECT_EQ(examples[e]["name"], all[e].name);
    std::map<std::string, std::string> expected;
    for (const auto& [who, answer] : all[e].answers) {
      const std::string text = *answer == '[' ? absl::StrCat(kIndexBaseMaxima, answer) : answer;
      const bool flags = *who == '-';
      for (const auto& name :
           flags ? std::vector<std::string>{who} : std::vector<std::string>(absl::StrSplit(who, ' '))) {
        expected[name] = text;
      }
    }
    EXPECT_EQ(ShortAnswers(examples[e]), expected) << all[e].name;
  }
}

TEST(ExamplesTest, EveryExampleShowsADifference) {
  for (const Json& example : Conventions()["examples"]) {
    std::set<std::string> different;
    for (const auto& [who, answer] : ShortAnswers(example)) different.insert(answer);
    EXPECT_GE(different.size(), 2U) << example["name"] << " shows nothing";
  }
}

// Where two profiles differ in a convention, some example of it has different answers under them.
TEST(ExamplesTest, EveryDifferenceOfTwoProfilesShowsInAnExample) {
  const Json& answer = Conventions();
  int differences = 0;
  for (const Json& row : answer["conventions"]) {
    for (const auto& [one, value] : row["values"].items()) {
      for (const auto& [other, other_value] : row["values"].items()) {
        if (value == other_value) continue;
        ++differences;
        bool shown = false;
        for (const Json& example : answer["examples"]) {
          if (example["convention"] != row["name"]) continue;
          std::map<std::string, std::string> answers = ShortAnswers(example);
          shown = shown || answers[one] != answers[other];
        }
        EXPECT_TRUE(shown) << "no example of " << row["name"] << " shows how " << one << " and " << other << " differ";
      }
    }
  }
  EXPECT_GT(differences, 100);
}

// An example is of its own convention only: profiles that agree about that have the same answer.
TEST(ExamplesTest, NoExampleShowsAnotherConvention) {
  const Json& answer = Conventions();
  for (const Json& example : answer["examples"]) {
    std::map<std::string, std::string> answers = ShortAnswers(example);
    Json values = Json::object();
    for (const Json& row : answer["conventions"]) {
      if (row["name"] == example["convention"]) values = row["values"];
    }
    // How sums are made is the one convention that no profile has a say in.
    EXPECT_EQ(values.empty(), example["convention"] == "accumulation") << example["convention"];
    for (const Json& one : answer["profiles"]) {
      for (const Json& other : answer["profiles"]) {
        const std::string a = one;
        const std::string b = other;
        if (!values.empty() && values[a] != values[b]) continue;
        EXPECT_EQ(answers[a], answers[b]) << example["name"];
      }
    }
  }
}

// The words of command lines as a shell makes them, each line's without the first, which has to be `tensorctl`.
std::vector<std::vector<std::string>> ShellWords(const std::vector<std::string>& lines) {
  const TemporaryDirectory folder;
  const std::string script = folder.Write(
      "words.sh", absl::StrCat("tensorctl() { printf '%s\\n' \"$@\" --; }\n", absl::StrJoin(lines, "\n"), "\n"));
  const ProcessResult result = RunProcess("/bin/bash", {script});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  std::vector<std::vector<std::string>> words(1);
  for (const std::string& word : std::vector<std::string>(absl::StrSplit(result.out, '\n', absl::SkipEmpty()))) {
    if (word == "--") {
      words.emplace_back();
    } else {
      words.back().push_back(word);
    }
  }
  words.pop_back();
  return words;
}

// Runs tensorctl's main with these words.
ProcessResult Main(std::vector<std::string> words) {
  words.insert(words.begin(), "tensorctl");
  std::vector<char*> argv;
  argv.reserve(words.size());
  for (std::string& word : words) argv.push_back(word.data());
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  ProcessResult result;
  result.exit_code = RunMain(static_cast<int>(argv.size()), argv.data(), {in, out, err});
  result.out = out.str();
  result.err = err.str();
  return result;
}

void ExpectAnswer(std::vector<std::string> words, const Json& answer) {
  words.insert(words.end(), {"--format", "json"});
  const ProcessResult result = Main(words);
  if (answer.contains("refused")) {
    EXPECT_EQ(result.exit_code, 1);
    const std::vector<std::string> lines = absl::StrSplit(result.err, '\n');
    ASSERT_GE(lines.size(), 2U);
    EXPECT_EQ(std::string(absl::StripAsciiWhitespace(lines[1])), answer["refused"]);
    return;
  }
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const Json printed = Json::parse(result.out, nullptr, false);
  ASSERT_TRUE(printed.is_object());
  EXPECT_FALSE(answer["results"].empty());
  for (const auto& [name, tensor] : answer["results"].items()) EXPECT_EQ(printed[name], tensor);
  // Whose profile it was, the answer says.
  const std::string profile = printed["conventions"].value("profile", "default");
  if (!answer.contains("profiles")) return;
  EXPECT_NE(answer["profiles"].dump().find("\"" + profile + "\""), std::string::npos);
}

TEST(ExamplesTest, EveryPrintedCommandGivesThePrintedAnswer) {
  std::vector<std::string> commands;
  std::vector<const Json*> answers;
  for (const Json& example : Conventions()["examples"]) {
    EXPECT_EQ(example["command"], example["answers"][0]["commands"][0]);
    for (const Json& answer : example["answers"]) {
      for (const Json& command : answer["commands"]) {
        commands.push_back(command);
        answers.push_back(&answer);
      }
    }
  }
  EXPECT_GT(commands.size(), 100U);
  const std::vector<std::vector<std::string>> words = ShellWords(commands);
  ASSERT_EQ(words.size(), commands.size());
  for (size_t i = 0; i < words.size(); ++i) {
    SCOPED_TRACE(commands[i]);
    ExpectAnswer(words[i], *answers[i]);
  }
}

}  // namespace
}  // namespace tensord::cli
