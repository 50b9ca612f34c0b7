#include "server/convert/grading_convert.h"

#include <memory>
#include <utility>
#include <vector>

#include "server/convert/append.h"
#include "server/convert/grading_session.h"
#include "server/convert/request_errors.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

// What a call is charged, whatever it is: what its questions take is known when they have been computed.
constexpr int64_t kMultiplications = int64_t{1} << 22;
constexpr double kLeastNs = 200'000;
constexpr double kNsPerByte = 20;

template <typename Response>
void SetCost(const google::protobuf::Message& request, const v1::Assignment& assignment, PreparedCall<Response>& call) {
  const auto bytes = static_cast<int64_t>(request.ByteSizeLong());
  // The session's copy of the assignment, and the answer.
  call.cost.scratch_bytes =
      compute::SaturatingAdd(GradingAllowance::For(assignment).bytes(), compute::SaturatingMultiply(bytes, 4));
  call.cost.multiplication_count = kMultiplications;
  call.estimated_ns = kLeastNs + kNsPerByte * static_cast<double>(bytes);
}

}  // namespace

absl::StatusOr<PreparedCall<v1::GradeSubmissionResponse>> PrepareGradeSubmission(
    const v1::GradeSubmissionRequest& request, const PrepareOptions& options) {
  RequestErrors errors;
  if (!request.has_assignment()) errors.AddViolation("assignment", "was not given, is required");
  if (!request.has_submission()) errors.AddViolation("submission", "was not given, is required");
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::GradeSubmissionResponse> call;
  SetCost(request, request.assignment(), call);
  call.run = [&request, options](const AnswerContext& context) -> absl::StatusOr<v1::GradeSubmissionResponse> {
    v1::GradeSubmissionResponse response;
    TENSORD_ASSIGN_OR_RETURN(const auto session, GradingSession::Create(request.assignment(), options, context));
    EncodeFaults(session->faults(), *response.mutable_faults());
    if (!session->faults().empty()) return response;
    TENSORD_ASSIGN_OR_RETURN(*response.mutable_graded(), session->Grade(request.submission(), context));
    return response;
  };
  return call;
}

absl::StatusOr<PreparedCall<v1::AuditAssignmentResponse>> PrepareAuditAssignment(
    const v1::AuditAssignmentRequest& request, const PrepareOptions& options) {
  RequestErrors errors;
  if (!request.has_assignment()) errors.AddViolation("assignment", "was not given, is required");
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::AuditAssignmentResponse> call;
  SetCost(request, request.assignment(), call);
  call.run = [&request, options](const AnswerContext& context) -> absl::StatusOr<v1::AuditAssignmentResponse> {
    v1::AuditAssignmentResponse response;
    TENSORD_ASSIGN_OR_RETURN(const auto session, GradingSession::Create(request.assignment(), options, context));
    EncodeFaults(session->faults(), *response.mutable_faults());
    if (!session->faults().empty()) return response;
    TENSORD_ASSIGN_OR_RETURN(std::vector<v1::PartAudit> audits, session->Audit(context));
    for (v1::PartAudit& audit : audits) Append(*response.mutable_parts()) = std::move(audit);
    return response;
  };
  return call;
}

}  // namespace tensord::server
