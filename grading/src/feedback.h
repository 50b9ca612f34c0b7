// What students are told.
#ifndef TENSORD_GRADING_FEEDBACK_H_
#define TENSORD_GRADING_FEEDBACK_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "grading/src/answers/kind.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::grading {

// All that is known of an answer.
struct Findings {
  Judgement judgement;
  std::vector<v1::SlipFound> slips;
  // Whether each of them alone explains the answer; else they were all made.
  bool are_alternatives = true;
  std::string right_answer;
  // It is right, given an answer to an earlier part that was not: `3a`.
  std::string carried_from;
  // Why it cannot be graded, and what would help.
  std::string unreadable;
};

// Fills difference, diagnosis, feedback and notes, as far as the hint level allows.
void Tell(const Findings& findings, v1::HintLevel level, v1::GradedPart& graded);

// Valid UTF-8 without control characters, which become \x1b, and of at most `most` bytes; what is cut ends with "...".
[[nodiscard]] std::string Printable(absl::string_view text, size_t most);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_FEEDBACK_H_
