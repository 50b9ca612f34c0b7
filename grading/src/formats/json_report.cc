#include "grading/src/formats/json_value.h"
#include "grading/src/formats/verdict.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {
namespace {

using formats::Json;
using formats::NumberJson;

template <typename Values>
Json ListJson(const Values& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(value);
  return list;
}

Json DifferenceJson(const v1::Difference& difference) {
  Json json = {{"text", difference.text()},
               {"differing_count", difference.differing_count()},
               {"element_count", difference.element_count()},
               {"worst_cell", ListJson(difference.worst_cell())}};
  if (!difference.answered().empty()) json["answered"] = difference.answered();
  // Absent rather than empty: below the hint level SOLUTION there is nothing to say.
  if (!difference.expected().empty()) json["expected"] = difference.expected();
  json["shape"] = ListJson(difference.shape());
  json["cells"] = ListJson(difference.cells());
  return json;
}

Json PartJson(const v1::GradedPart& part) {
  Json diagnosis = Json::array();
  for (const v1::SlipFound& slip : part.diagnosis()) diagnosis.push_back({{"id", slip.id()}, {"text", slip.text()}});
  Json json = {{"id", part.id()},
               {"verdict", formats::VerdictWord(part.verdict())},
               {"points", NumberJson(part.points())},
               {"max_points", NumberJson(part.max_points())}};
  json["difference"] = part.has_difference() ? DifferenceJson(part.difference()) : Json(nullptr);
  json["diagnosis"] = std::move(diagnosis);
  json["feedback"] = part.feedback();
  json["notes"] = ListJson(part.notes());
  json["answer"] = part.answer();
  return json;
}

Json ReceiptJson(const v1::GradedSubmission& submission) {
  Json json = {{"engine_version", submission.engine_version()},
               {"conventions", ListJson(submission.conventions())},
               {"sha256", submission.sha256()}};
  if (!submission.signature().empty()) json["signature"] = submission.signature();
  return json;
}

Json SubmissionJson(const v1::GradedSubmission& submission) {
  Json json = {{"id", submission.id()},
               {"score", NumberJson(submission.score())},
               {"max_score", NumberJson(submission.max_score())}};
  json["parts"] = Json::array();
  for (const v1::GradedPart& part : submission.parts()) json["parts"].push_back(PartJson(part));
  json["ignored"] = ListJson(submission.ignored());
  json["receipt"] = ReceiptJson(submission);
  return json;
}

}  // namespace

std::string JsonReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  Json json = {{"schema_version", 1}, {"assignment", assignment.id()}};
  json["submissions"] = Json::array();
  for (const v1::GradedSubmission& submission : submissions) json["submissions"].push_back(SubmissionJson(submission));
  return formats::JsonText(json, 2) + "\n";
}

}  // namespace tensord::grading
