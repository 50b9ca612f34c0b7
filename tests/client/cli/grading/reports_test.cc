// What tensorctl grade and audit print of answers that are given.
#include "client/cli/grading/reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "client/cli/grading/audit_text.h"
#include "client/cli/grading/faults.h"

namespace tensord::cli {
namespace {

using ::testing::HasSubstr;

v1::GradedSubmission Submission(const std::string& id) {
  v1::GradedSubmission submission;
  submission.set_id(id);
  submission.set_score(1);
  submission.set_max_score(2);
  v1::GradedPart& right = *submission.add_parts();
  right.set_id("1a");
  right.set_verdict(v1::OUTCOME_RIGHT);
  right.set_points(1);
  right.set_max_points(1);
  v1::GradedPart& wrong = *submission.add_parts();
  wrong.set_id("1b");
  wrong.set_verdict(v1::OUTCOME_WRONG);
  wrong.set_max_points(1);
  wrong.set_feedback("The kernel was\x1b[31m reversed.");
  submission.add_ignored("9z");
  return submission;
}

std::string Mark(const v1::Assignment& /*assignment*/, absl::Span<const v1::GradedSubmission> submissions,
                 const GradeTextOptions& /*options*/) {
  std::string text;
  for (const v1::GradedSubmission& submission : submissions) text += submission.id() + ";";
  return text;
}

TEST(ReportsTest, EveryFormatWritesSomethingOfItsOwn) {
  v1::Assignment assignment;
  assignment.set_id("h1");
  std::vector<std::string> names = MoreGradeFormats();
  EXPECT_EQ(names.size(), 8U);
  names.insert(names.end(), {"text", "json"});
  std::set<std::string> texts;
  for (const std::string& name : names) {
    const std::string text = FindGradeFormat(name)->write(assignment, std::vector{Submission("maria")}, {});
    EXPECT_FALSE(text.empty()) << name;
    EXPECT_TRUE(texts.insert(text).second) << name;
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << name;
  }
  EXPECT_EQ(FindGradeFormat("xls"), nullptr);
}

TEST(ReportsTest, TextFitsTheTerminal) {
  v1::Assignment assignment;
  assignment.set_id("h1");
  v1::GradedSubmission submission = Submission("maria");
  submission.mutable_parts(1)->set_feedback(std::string(30, 'w') + " " + std::string(300, ' ') + "end");
  const std::string text = FindGradeFormat("text")->write(assignment, std::vector{submission}, {.width = 60});
  for (const absl::string_view line : absl::StrSplit(text, '\n')) EXPECT_LE(line.size(), 60U) << line;
  EXPECT_THAT(text, HasSubstr("score: 1/2"));
}

TEST(ReportsTest, JsonHasEverySubmission) {
  v1::Assignment assignment;
  assignment.set_id("h1");
  const auto json = nlohmann::json::parse(
      FindGradeFormat("json")->write(assignment, std::vector{Submission("a"), Submission("b")}, {}));
  EXPECT_EQ(json["assignment"], "h1");
  ASSERT_EQ(json["submissions"].size(), 2);
  EXPECT_EQ(json["submissions"][1]["id"], "b");
  EXPECT_EQ(json["submissions"][1]["parts"][1]["verdict"], "wrong");
  EXPECT_EQ(json["submissions"][1]["parts"][1]["points"], 0);
}

TEST(ReportsTest, AReportIsOfAllOrOfOne) {
  const std::vector<v1::GradedSubmission> submissions = {Submission("x"), Submission("y")};
  const std::vector<std::string> files = {"in/maria.yaml", "-"};
  GradeFormat format{.name = "mark", .ending = ".txt", .is_of_one = false, .write = Mark};
  auto reports = MakeReports({}, submissions, files, format, {});
  ASSERT_TRUE(reports.ok());
  ASSERT_EQ(reports->size(), 1);
  EXPECT_EQ((*reports)[0].name, "report.txt");
  EXPECT_EQ((*reports)[0].text, "x;y;");
  format.is_of_one = true;
  reports = MakeReports({}, submissions, files, format, {});
  ASSERT_TRUE(reports.ok());
  ASSERT_EQ(reports->size(), 2);
  EXPECT_EQ((*reports)[0].name, "maria.txt");
  EXPECT_EQ((*reports)[0].text, "x;");
  EXPECT_EQ((*reports)[1].name, "standard_input.txt");
  EXPECT_EQ((*reports)[1].text, "y;");
}

TEST(ReportsTest, NoReportReplacesAnother) {
  const GradeFormat format{.name = "mark", .ending = ".json", .is_of_one = true, .write = Mark};
  const auto names = ReportNames(std::vector<std::string>{"a/x.yaml", "b/x.json"}, format);
  ASSERT_FALSE(names.ok());
  EXPECT_THAT(std::string(names.status().message()),
              HasSubstr("a/x.yaml and b/x.json would both be reported in x.json"));
  // The ending of a folder's name is none of the file's.
  EXPECT_EQ(ReportNames(std::vector<std::string>{"../../x.y/z"}, format)->front(), "z.json");
}

TEST(ReportsTest, FaultsComeWithTheLineOfTheirField) {
  message_file::FieldLines lines;
  lines.Add("questions[0].parts[0]", 7);
  google::protobuf::RepeatedPtrField<v1::AssignmentFault> faults;
  v1::AssignmentFault& fault = *faults.Add();
  fault.set_field("questions[0].parts[0].of[0]");
  fault.set_part("1a");
  fault.set_description("names no data: \"Q\"\x1b");
  faults.Add()->set_field("id");
  EXPECT_EQ(FaultsText("a.yaml", lines, faults, Style(false)),
            "a.yaml:7: questions[0].parts[0].of[0] (1a): names no data: \"Q\"\\x1b\n"
            "a.yaml: id: \n"
            "error: the assignment has 2 faults, and nothing was graded\n");
}

TEST(ReportsTest, Audits) {
  v1::AuditAssignmentResponse audit;
  v1::PartAudit& part = *audit.add_parts();
  part.set_id("3a");
  part.set_expected("(46, 62, 20)");
  part.add_unseen_slips("bias");
  part.add_alike_slips("a = b");
  EXPECT_EQ(AuditText(audit), "3a  (46, 62, 20)\n  would be marked right: bias\n  give one answer: a = b\n");
  EXPECT_EQ(nlohmann::json::parse(AuditJson(audit))["parts"][0]["unseen_slips"][0], "bias");
}

}  // namespace
}  // namespace tensord::cli
