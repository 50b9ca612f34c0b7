#include "tests/grading/formats/sample.h"

#include "absl/strings/str_cat.h"

namespace tensord::grading::sample {
namespace {

v1::GradedPart Part(const std::string& id, v1::Outcome verdict, double points, double max_points) {
  v1::GradedPart part;
  part.set_id(id);
  part.set_verdict(verdict);
  part.set_points(points);
  part.set_max_points(max_points);
  return part;
}

v1::GradedPart RightPart(const std::string& id, double points) {
  v1::GradedPart part = Part(id, v1::OUTCOME_RIGHT, points, points);
  part.set_feedback("Right.");
  part.set_answer("28520");
  return part;
}

v1::GradedPart UngradablePart(const std::string& id, double max_points) {
  v1::GradedPart part = Part(id, v1::OUTCOME_UNGRADABLE, 0, max_points);
  part.set_feedback("This cannot be graded. It is no number.");
  part.set_answer("about a thousand");
  part.add_notes("Taken as text.");
  return part;
}

v1::GradedSubmission Graded(const std::string& id, const std::vector<v1::GradedPart>& parts) {
  v1::GradedSubmission submission;
  submission.set_id(id);
  submission.set_assignment("hw10");
  for (const v1::GradedPart& part : parts) {
    *submission.add_parts() = part;
    submission.set_score(submission.score() + part.points());
    submission.set_max_score(submission.max_score() + part.max_points());
  }
  submission.set_engine_version("0.1.0");
  submission.add_conventions("1.Z: input_layout HW, padding valid");
  submission.set_sha256("00ff");
  submission.set_signature("abcd");
  return submission;
}

}  // namespace

v1::Assignment AnAssignment() {
  v1::Assignment assignment;
  assignment.set_id("hw10");
  assignment.set_title(absl::StrCat("Homework 10 ", kHostile));
  v1::Question& first = *assignment.add_questions();
  first.set_id("1");
  first.set_text(absl::StrCat("A layer with 46 x 62 places.\n", kHostile));
  v1::Part& part = *first.add_parts();
  part.set_id("a");
  part.set_text("How many multiplications?");
  first.add_parts()->set_id("b");
  v1::Question& second = *assignment.add_questions();
  second.set_id("2");
  second.add_parts()->set_id("a");
  return assignment;
}

v1::GradedPart WrongPart(const std::string& id, const std::string& answer) {
  v1::GradedPart part = Part(id, v1::OUTCOME_WRONG, 0, 1);
  part.set_answer(answer);
  v1::Difference& difference = *part.mutable_difference();
  difference.set_text("3 of 12 elements differ, most at (0, 1, 2)");
  difference.set_differing_count(3);
  difference.set_element_count(12);
  for (const int64_t index : {0, 1, 2}) difference.add_worst_cell(index);
  difference.set_answered("7");
  for (const int64_t size : {2, 2, 3}) difference.add_shape(size);
  for (const int64_t cell : {0, 5, 11}) difference.add_cells(cell);
  v1::SlipFound& slip = *part.add_diagnosis();
  slip.set_id("bias-per-input-channel");
  slip.set_text(absl::StrCat("one bias for each input channel ", kHostile));
  part.set_feedback("Wrong. 3 of 12 elements differ.");
  return part;
}

v1::GradedSubmission ASubmission(const std::string& id) {
  v1::GradedSubmission submission =
      Graded(id, {RightPart("1a", 1), WrongPart("1b", kHostile), UngradablePart("2a", 2)});
  submission.add_ignored("9z");
  return submission;
}

v1::GradedSubmission ARightSubmission(const std::string& id) {
  return Graded(id, {RightPart("1a", 1), RightPart("1b", 1), RightPart("2a", 2)});
}

v1::GradedSubmission AnUngradableSubmission(const std::string& id) {
  return Graded(id, {UngradablePart("1a", 1), UngradablePart("1b", 1), UngradablePart("2a", 2)});
}

std::vector<v1::GradedSubmission> AClass() {
  return {ASubmission(absl::StrCat("ann ", kHostile)), ARightSubmission("bob"), AnUngradableSubmission("cy")};
}

}  // namespace tensord::grading::sample
