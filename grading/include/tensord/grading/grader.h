// Grades submissions of an assignment.
#ifndef TENSORD_GRADING_GRADER_H_
#define TENSORD_GRADING_GRADER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensord/grading/engine.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::grading {

struct GraderOptions {
  // Stands in every verdict.
  std::string engine_version;
  // Pairs of slips that are tried for one wrong answer, at most.
  int64_t max_pairs = 2000;
  // Elements of tensors that are kept for slips, at most, for each question; what is beyond is computed anew.
  int64_t max_kept_elements = int64_t{1} << 20;
};

// An assignment that has been checked, with what is expected.
//
// Meaning:  docs/adr/0028-grading.md. The same assignment and submission give the same verdict, whatever was graded
//           before or is graded at the same time.
// Cost:     Create computes every step of every question once. A wrong answer costs one computation of its question for
//           each slip the first time; what slips give is kept. Questions with data per student are computed for each.
// Threads:  Grade and Audit may be called from any number of threads.
class Grader {
 public:
  // The grader, or what is wrong with the assignment: every fault, by field.
  struct Made {
    std::unique_ptr<Grader> grader;
    std::vector<v1::AssignmentFault> faults;  // none where there is a grader
  };

  // `engine` has to outlive the grader. Errors: the engine's, where it was stopped or its limits are used up.
  [[nodiscard]] static absl::StatusOr<Made> Create(const v1::Assignment& assignment, Engine& engine,
                                                   const GraderOptions& options);
  ~Grader();
  Grader(const Grader&) = delete;
  Grader& operator=(const Grader&) = delete;

  // The verdict, without a receipt. Errors: kInvalidArgument - the submission is another assignment's, or its id is
  // missing or too long; and the engine's, as above.
  [[nodiscard]] absl::StatusOr<v1::GradedSubmission> Grade(const v1::Submission& submission) const;

  // What each part cannot tell apart. Errors: the engine's, as above.
  [[nodiscard]] absl::StatusOr<std::vector<v1::PartAudit>> Audit() const;

 private:
  class State;
  explicit Grader(std::unique_ptr<const State> state);

  const std::unique_ptr<const State> state_;
};

// The ids and texts of all slips that an answer can be diagnosed as.
struct SlipDescription {
  std::string id;
  std::string text;
};
[[nodiscard]] std::vector<SlipDescription> AllSlips();

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_GRADER_H_
