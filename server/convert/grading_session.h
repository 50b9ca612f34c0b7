// An assignment that many submissions are graded by.
#ifndef TENSORD_SERVER_CONVERT_GRADING_SESSION_H_
#define TENSORD_SERVER_CONVERT_GRADING_SESSION_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "server/convert/grading_engine.h"
#include "server/rpc/prepared_call.h"
#include "tensord/grading/grader.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::server {

// What an assignment may take besides its message. Steps depend on each other's results, so that it is not known before
// it is computed: as much is reserved, and the engine and the grader keep within it.
struct GradingAllowance {
  int64_t run_bytes = 0;  // of one step

  [[nodiscard]] static GradingAllowance For(const v1::Assignment& assignment);
  [[nodiscard]] int64_t kept_bytes() const { return run_bytes / 4; }
  [[nodiscard]] int64_t bytes() const { return run_bytes + kept_bytes(); }
};

// A grader and its engine, or what is wrong with the assignment. Threads: Grade and Audit from any number of them.
class GradingSession {
 public:
  // Errors: as Grader::Create.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<GradingSession>> Create(v1::Assignment assignment,
                                                                              const PrepareOptions& options,
                                                                              const compute::ExecutionContext& context);

  // Where there are any, nothing can be graded.
  [[nodiscard]] const std::vector<v1::AssignmentFault>& faults() const { return faults_; }

  // The verdict with its receipt. Errors: kInvalidArgument with the violation `submission.id` or
  // `submission.assignment`; and as Grader::Grade.
  [[nodiscard]] absl::StatusOr<v1::GradedSubmission> Grade(const v1::Submission& submission,
                                                           const compute::ExecutionContext& context) const;
  // Errors: as Grader::Audit.
  [[nodiscard]] absl::StatusOr<std::vector<v1::PartAudit>> Audit(const compute::ExecutionContext& context) const;

 private:
  GradingSession(v1::Assignment assignment, const PrepareOptions& options, const GradingAllowance& allowance)
      : assignment_(std::move(assignment)), engine_(options, allowance.run_bytes) {}

  const v1::Assignment assignment_;
  mutable GradingEngine engine_;
  std::unique_ptr<grading::Grader> grader_;
  std::vector<v1::AssignmentFault> faults_;
};

// Copies faults into a response.
void EncodeFaults(const std::vector<v1::AssignmentFault>& faults,
                  google::protobuf::RepeatedPtrField<v1::AssignmentFault>& into);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_GRADING_SESSION_H_
