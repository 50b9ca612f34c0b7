#include "tests/contract/bad_cases.h"
#include "tests/contract/grading_requests.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

v1::Assignment GoodAssignment() {
  v1::Assignment assignment;
  assignment.set_id("week1");
  v1::Question& question = *assignment.add_questions();
  question.set_id("1");
  *(*question.mutable_data())["x"].mutable_tensor() = Integers(v1::DATA_TYPE_FLOAT32, {3}, {4, 1, 7});
  v1::Step& convolve = *question.add_steps();
  convolve.set_name("z");
  (*convolve.mutable_tensors())["input"] = "x";
  *convolve.mutable_convolve()->mutable_filter() = Integers(v1::DATA_TYPE_FLOAT32, {2}, {1, -2});
  v1::Step& layer = *question.add_steps();
  layer.set_name("layer");
  v1::ConvolutionLayer& convolution = *layer.mutable_analyze_layer()->mutable_convolution();
  for (const int size : {5, 5, 3}) convolution.add_input_shape()->set_value(size);
  for (const int size : {1, 1, 3, 4}) convolution.add_filter_shape()->set_value(size);
  v1::Part& elements = *question.add_parts();
  elements.set_id("a");
  elements.add_of("z");
  elements.mutable_tensor();
  v1::Part& parameters = *question.add_parts();
  parameters.set_id("b");
  parameters.add_of("layer.parameter_count");
  parameters.mutable_integer();
  return assignment;
}

}  // namespace

v1::GradeSubmissionRequest GoodGradeSubmission() {
  v1::GradeSubmissionRequest request;
  *request.mutable_assignment() = GoodAssignment();
  request.mutable_submission()->set_id("ada");
  (*request.mutable_submission()->mutable_answers())["1a"].set_text("[2, -13]");
  (*request.mutable_submission()->mutable_answers())["1b"].set_text("3*4 = 12");
  return request;
}

v1::AuditAssignmentRequest GoodAuditAssignment() {
  v1::AuditAssignmentRequest request;
  *request.mutable_assignment() = GoodAssignment();
  return request;
}

// A wrong assignment is none of these: it is answered with its faults.
void AddGradingCases(Cases& cases) {
  const std::string grade = std::string(kGradingService) + "GradeSubmission";
  const auto add = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(grade, name, GoodGradeSubmission(), spoil, field, text);
  };
  add(
      "AssignmentMissing", [](auto& r) { r.clear_assignment(); }, "assignment", "was not given, is required");
  add(
      "SubmissionMissing", [](auto& r) { r.clear_submission(); }, "submission", "was not given, is required");
  add(
      "SubmissionWithoutId", [](auto& r) { r.mutable_submission()->clear_id(); }, "submission.id",
      "has to have 1 to 256 bytes");
  add(
      "SubmissionOfAnother", [](auto& r) { r.mutable_submission()->set_assignment("week2"); }, "submission.assignment",
      "was \"week2\", has to be \"week1\"");
  cases.Add(
      std::string(kGradingService) + "AuditAssignment", "AssignmentMissing", GoodAuditAssignment(),
      [](auto& r) { r.clear_assignment(); }, "assignment", "was not given, is required");
}

}  // namespace tensord::contract
