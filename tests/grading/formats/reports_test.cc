#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "grading/src/formats/json_value.h"
#include "grading/src/formats/text.h"
#include "gtest/gtest.h"
#include "tensord/grading/formats.h"
#include "tests/grading/formats/sample.h"

namespace tensord::grading {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using formats::Json;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Every report of the same verdicts, one after another.
std::string AllReports(const std::vector<v1::GradedSubmission>& submissions) {
  const v1::Assignment assignment = sample::AnAssignment();
  std::string all = absl::StrCat(JsonReport(assignment, submissions), TextReport(assignment, submissions),
                                 MarkdownReport(assignment, submissions), HtmlReport(assignment, submissions),
                                 ClassReport(assignment, submissions), CsvReport(assignment, submissions),
                                 JUnitReport(assignment, submissions));
  for (const v1::GradedSubmission& submission : submissions) {
    absl::StrAppend(&all, GradescopeReport(submission), PrairieLearnReport(submission), AutolabReport(submission));
  }
  return all;
}

TEST(Reports, AreTheSameEveryTime) { EXPECT_EQ(AllReports(sample::AClass()), AllReports(sample::AClass())); }

TEST(Reports, AreUtf8WhateverIsInTheVerdicts) {
  std::vector<v1::GradedSubmission> odd = {sample::ASubmission("\xff\xfe")};
  odd[0].mutable_parts(1)->set_answer("\xed\xa0\x80 \x9b");
  odd[0].mutable_parts(1)->set_feedback("\xc0\xaf");
  odd[0].mutable_parts(1)->set_id("\xf5");
  odd[0].set_sha256("\x80");
  const std::string all = AllReports(odd);
  for (size_t i = 0; i < all.size();) {
    const formats::Character character = formats::CharacterAt(all, i);
    ASSERT_TRUE(character.is_valid) << all.substr(i < 40 ? 0 : i - 40, 80);
    i += character.length;
  }
}

TEST(Reports, SurviveEmptyVerdictsAndOddNumbers) {
  EXPECT_NE(AllReports({}), "");
  v1::GradedSubmission odd;
  for (const double number : {kNan, kInfinity, -kInfinity, -1.0, 1e308}) {
    odd.set_score(number);
    odd.set_max_score(-number);
    v1::GradedPart& part = *odd.add_parts();
    part.set_points(number);
    part.set_max_points(number);
    part.set_verdict(static_cast<v1::Outcome>(77));
    EXPECT_THAT(AllReports({odd, {}}), HasSubstr("unknown")) << number;
  }
}

TEST(JsonReport, HasEveryField) {
  const std::vector<v1::GradedSubmission> submissions = {sample::ASubmission("ann")};
  const Json json = Json::parse(JsonReport(sample::AnAssignment(), submissions));
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["assignment"], "hw10");
  const Json& submission = json["submissions"][0];
  EXPECT_EQ(submission["id"], "ann");
  EXPECT_EQ(submission["score"], 1);
  EXPECT_EQ(submission["max_score"], 4);
  EXPECT_EQ(submission["ignored"], Json({"9z"}));
  EXPECT_EQ(submission["receipt"], Json::parse(R"({"engine_version": "0.1.0",
      "conventions": ["1.Z: input_layout HW, padding valid"], "sha256": "00ff", "signature": "abcd"})"));
  const Json& part = submission["parts"][1];
  EXPECT_EQ(part["id"], "1b");
  EXPECT_EQ(part["verdict"], "wrong");
  EXPECT_EQ(part["points"], 0);
  EXPECT_EQ(part["max_points"], 1);
  EXPECT_EQ(part["difference"], Json::parse(R"json({"text": "3 of 12 elements differ, most at (0, 1, 2)",
      "differing_count": 3, "element_count": 12, "worst_cell": [0, 1, 2], "answered": "7", "shape": [2, 2, 3],
      "cells": [0, 5, 11]})json"));
  EXPECT_EQ(part["diagnosis"][0]["id"], "bias-per-input-channel");
  EXPECT_THAT(part["diagnosis"][0]["text"].get<std::string>(), HasSubstr(sample::kHostile));
  EXPECT_EQ(part["answer"], sample::kHostile);
  EXPECT_TRUE(submission["parts"][0]["difference"].is_null());
  EXPECT_EQ(submission["parts"][2]["notes"], Json({"Taken as text."}));
  EXPECT_EQ(submission["parts"][2]["verdict"], "ungradable");
}

TEST(JsonReport, WritesWholeNumbersWithoutAPoint) {
  v1::GradedSubmission submission;
  submission.set_score(2);
  submission.set_max_score(2.5);
  EXPECT_THAT(JsonReport({}, {submission}), HasSubstr("\"score\": 2,\n      \"max_score\": 2.5,"));
  submission.set_score(1e300);
  submission.set_max_score(kNan);
  EXPECT_THAT(JsonReport({}, {submission}), HasSubstr("\"score\": 1e+300,\n      \"max_score\": null,"));
}

TEST(TextReport, IsATable) {
  EXPECT_EQ(TextReport(sample::AnAssignment(), {sample::ASubmission("ann")}, {.width = 72}),
            R"(ann
part  verdict     points  answered           what to say of it
------------------------------------------------------------------------
1a    right       1/1     28520
1b    wrong       0/1     <script>alert(1)<  Wrong. 3 of 12 elements
                          /script>"'&        differ.
2a    ungradable  0/2     about a thousand   This cannot be graded. It
                                             is no number.
                                             Taken as text.
ignored: there is no part 9z
score: 1/4
)");
}

TEST(TextReport, SumsUpAClass) {
  const std::string text = TextReport(sample::AnAssignment(), sample::AClass());
  EXPECT_THAT(text, HasSubstr("3 submissions: mean 1.667, median 1, from 0 to 4 of 4 points"));
  EXPECT_THAT(text, HasSubstr("\n1a: 2 of 3 right\n1b: 1 of 3 right\n2a: 1 of 3 right\n1 x bias-per-input-channel\n"));
  EXPECT_THAT(TextReport(sample::AnAssignment(), {sample::ASubmission("ann")}), Not(HasSubstr("submissions")));
}

TEST(TextReport, FitsAnyWidth) {
  for (const int width : {-5, 20, 33, 45, 60, 80, 200, 100000}) {
    for (const absl::string_view line :
         absl::StrSplit(TextReport(sample::AnAssignment(), sample::AClass(), {.width = width}), '\n')) {
      EXPECT_LE(formats::DisplayWidth(line), std::max(20, std::min(width, 1000))) << line;
    }
  }
}

TEST(TextReport, HasEscapesOnlyForColours) {
  v1::GradedSubmission hostile = sample::ASubmission("\x1b]0;title\x07");
  hostile.mutable_parts(1)->set_answer("\x1b[2J\r\x9b");
  EXPECT_EQ(TextReport(sample::AnAssignment(), {hostile}).find_first_of("\x1b\x07\r"), std::string::npos);
  const std::string coloured = TextReport(sample::AnAssignment(), {hostile}, {.colour = true});
  EXPECT_THAT(coloured, HasSubstr("\x1b[32mright\x1b[0m"));
  EXPECT_THAT(coloured, HasSubstr("\x1b[31mwrong\x1b[0m"));
  EXPECT_THAT(coloured, Not(HasSubstr("\x1b[2J")));
}

TEST(MarkdownReport, EscapesEverything) {
  v1::GradedSubmission hostile = sample::ASubmission("a|b\n# c");
  hostile.mutable_parts(1)->set_answer("[x](http://e.invalid) | `y` *z* <img>");
  const std::string markdown = MarkdownReport(sample::AnAssignment(), {hostile});
  EXPECT_THAT(markdown, HasSubstr("\n## a\\|b \\# c\n"));
  EXPECT_THAT(markdown, HasSubstr("\\[x\\]\\(http\\:\\/\\/e.invalid\\) \\| \\`y\\` \\*z\\* &lt;img\\>"));
  EXPECT_THAT(markdown, HasSubstr("**Score: 1/4**\n"));
}

TEST(CsvReport, DefusesFormulasAndQuotes) {
  std::vector<v1::GradedSubmission> submissions;
  for (const char* const id : {"=1+1", "+1", "-1", "@a",
                               "\xef\xbc\x9d"
                               "1",
                               "a,\"b\"\nc", "\tx"}) {
    submissions.push_back(sample::ARightSubmission(id));
  }
  submissions[0].mutable_parts(0)->set_points(-0.5);
  submissions[1].mutable_parts()->RemoveLast();
  const std::string csv = CsvReport(sample::AnAssignment(), submissions);
  EXPECT_THAT(absl::StrSplit(csv, "\r\n"), ElementsAre("id,score,max_score,1a,1b,2a", "'=1+1,4,4,-0.5,1,2",
                                                       "'+1,4,4,1,1,", "'-1,4,4,1,1,2", "'@a,4,4,1,1,2",
                                                       "'\xef\xbc\x9d"
                                                       "1,4,4,1,1,2",
                                                       "\"a,\"\"b\"\" c\",4,4,1,1,2", " x,4,4,1,1,2", ""));
}

TEST(PrairieLearnReport, ScoreIsInRange) {
  const auto score = [](double points, double max_points) {
    v1::GradedSubmission submission;
    submission.set_score(points);
    submission.set_max_score(max_points);
    return Json::parse(PrairieLearnReport(submission))["score"].get<double>();
  };
  EXPECT_EQ(score(1, 4), 0.25);
  EXPECT_EQ(score(5, 4), 1);
  EXPECT_EQ(score(-1, 4), 0);
  EXPECT_EQ(score(0, 0), 0);
  EXPECT_EQ(score(kNan, 4), 0);
  EXPECT_EQ(score(kInfinity, 4), 0);
}

TEST(PrairieLearnReport, CutsTextsAndThenPartsToOneMegabyte) {
  v1::GradedSubmission submission = sample::ASubmission("ann");
  submission.mutable_parts(1)->set_feedback(std::string(3'000'000, '\x01'));
  const std::string cut = PrairieLearnReport(submission);
  EXPECT_LE(cut.size(), 1'000'000U);
  EXPECT_GT(cut.size(), 300'000U);
  EXPECT_THAT(cut, HasSubstr(" [cut]"));
  EXPECT_EQ(Json::parse(cut)["tests"].size(), 3U);
  for (int i = 0; i < 30000; ++i) *submission.add_parts() = sample::WrongPart("x", "1");
  const Json fewer = Json::parse(PrairieLearnReport(submission));
  EXPECT_LT(fewer["tests"].size(), 30003U);
  EXPECT_THAT(fewer["message"].get<std::string>(), HasSubstr("of 30003 parts are shown"));
}

TEST(HtmlReport, EscapesWhatStrangersWrote) {
  const std::string html = HtmlReport(sample::AnAssignment(), sample::AClass());
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("<pre>&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;</pre>"));
  EXPECT_THAT(html, HasSubstr("How many multiplications?"));
  EXPECT_THAT(html, HasSubstr("<svg class=\"map\""));
  EXPECT_THAT(html, HasSubstr("bias-per-input-channel"));
  EXPECT_THAT(html, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(html, EndsWith("</html>\n"));
}

TEST(HtmlReport, SaysNoMoreThanTheVerdict) {
  v1::GradedSubmission submission = sample::ASubmission("ann");
  EXPECT_THAT(HtmlReport({}, {submission}), Not(HasSubstr("right there")));
  submission.mutable_parts(1)->mutable_difference()->set_expected("8");
  EXPECT_THAT(HtmlReport({}, {submission}), HasSubstr("right there: 8"));
}

TEST(ClassReport, CountsScoresPartsAndSlips) {
  const std::string html = ClassReport(sample::AnAssignment(), sample::AClass());
  EXPECT_THAT(html, HasSubstr("3 submissions; of 4 points the mean is 1.667, the median 1, from 0 to 4"));
  EXPECT_THAT(html, HasSubstr(R"(<th scope="row">0 to &lt;10 %</th><td>1</td>)"));
  EXPECT_THAT(html, HasSubstr(R"(<th scope="row">20 to &lt;30 %</th><td>1</td>)"));
  EXPECT_THAT(html, HasSubstr(R"(<th scope="row">90 to 100 %</th><td>1</td>)"));
  EXPECT_THAT(html,
              HasSubstr(R"(<th scope="row">1b</th><td>1</td><td>0</td><td>1</td><td>1</td><td>1</td><td>3</td>)"));
  EXPECT_THAT(html, HasSubstr(R"(<th scope="row">bias-per-input-channel</th>)"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace tensord::grading
