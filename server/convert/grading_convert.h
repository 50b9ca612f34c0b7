// The rpcs of GradingService: requests checked and made ready to run.
#ifndef TENSORD_SERVER_CONVERT_GRADING_CONVERT_H_
#define TENSORD_SERVER_CONVERT_GRADING_CONVERT_H_

#include "absl/status/statusor.h"
#include "server/rpc/prepared_call.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::server {

[[nodiscard]] absl::StatusOr<PreparedCall<v1::GradeSubmissionResponse>> PrepareGradeSubmission(
    const v1::GradeSubmissionRequest& request, const PrepareOptions& options);
[[nodiscard]] absl::StatusOr<PreparedCall<v1::AuditAssignmentResponse>> PrepareAuditAssignment(
    const v1::AuditAssignmentRequest& request, const PrepareOptions& options);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_GRADING_CONVERT_H_
