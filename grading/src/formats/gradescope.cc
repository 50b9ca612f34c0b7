#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/formats/json_value.h"
#include "grading/src/formats/text.h"
#include "grading/src/formats/verdict.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {
namespace {

using formats::Json;
using formats::NumberJson;
using formats::PlainText;

// The platform needs a number everywhere.
Json PointsJson(double points) {
  Json json = NumberJson(points);
  return json.is_null() ? Json(0) : json;
}

Json TestJson(const v1::GradedPart& part) {
  std::vector<std::string> lines;
  if (!part.answer().empty()) lines.push_back(absl::StrCat("Your answer: ", part.answer()));
  lines.push_back(formats::FeedbackAndNotes(part));
  return {{"score", PointsJson(part.points())},
          {"max_score", PointsJson(part.max_points())},
          {"status", formats::Passed(part) ? "passed" : "failed"},
          {"name", formats::VerdictWord(part.verdict())},
          {"number", formats::OneLine(part.id())},
          {"output", PlainText(absl::StrJoin(lines, "\n"))},
          // Never as HTML or Markdown: a student's answer is in it.
          {"output_format", "text"}};
}

}  // namespace

std::string GradescopeReport(const v1::GradedSubmission& submission) {
  Json json = {{"score", PointsJson(submission.score())}, {"output_format", "text"}, {"stdout_visibility", "hidden"}};
  if (!submission.ignored().empty()) {
    json["output"] =
        PlainText(absl::StrCat("Answers to parts that there are not: ", absl::StrJoin(submission.ignored(), ", ")));
  }
  json["tests"] = Json::array();
  for (const v1::GradedPart& part : submission.parts()) json["tests"].push_back(TestJson(part));
  json["extra_data"] = {{"assignment", submission.assignment()},
                        {"submission", submission.id()},
                        {"engine_version", submission.engine_version()},
                        {"sha256", submission.sha256()},
                        {"signature", submission.signature()}};
  return formats::JsonText(json, 2) + "\n";
}

}  // namespace tensord::grading
