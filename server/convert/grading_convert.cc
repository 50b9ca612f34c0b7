#include "server/convert/grading_convert.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "server/convert/append.h"
#include "server/convert/grading_engine.h"
#include "server/convert/receipt.h"
#include "server/convert/request_errors.h"
#include "server/version.h"
#include "tensord/compute/status_macros.h"
#include "tensord/grading/grader.h"

namespace tensord::server {
namespace {

using grading::Grader;

// What an assignment may take besides its message. Steps depend on each other's results, so that it is not known before
// it is computed: as much is reserved, and the engine and the grader keep within it.
constexpr int64_t kLeastBytes = int64_t{24} << 20;  // what the kernels reserve for any convolution, and more
constexpr int64_t kMostBytes = int64_t{64} << 20;
constexpr int64_t kBytesPerByte = 64;
// Likewise; what a call is charged, whatever it is.
constexpr int64_t kMultiplications = int64_t{1} << 22;
constexpr double kLeastNs = 200'000;
constexpr double kNsPerByte = 20;

// Bytes of the data that are generated; saturates.
int64_t GeneratedBytes(const v1::Assignment& assignment) {
  int64_t bytes = 0;
  for (const v1::Question& question : assignment.questions()) {
    for (const auto& [name, datum] : question.data()) {
      int64_t elements = datum.has_generated() ? 8 : 0;
      for (const int64_t size : datum.generated().shape()) {
        elements = compute::SaturatingMultiply(elements, std::max<int64_t>(size, 1));
      }
      bytes = compute::SaturatingAdd(bytes, elements);
    }
  }
  return bytes;
}

struct Allowance {
  int64_t run_bytes = 0;  // of one step

  [[nodiscard]] int64_t kept_bytes() const { return run_bytes / 4; }
  [[nodiscard]] int64_t kept_elements() const { return kept_bytes() / static_cast<int64_t>(sizeof(double)); }
};

Allowance AllowanceFor(const v1::Assignment& assignment) {
  const int64_t data =
      compute::SaturatingAdd(static_cast<int64_t>(assignment.ByteSizeLong()), GeneratedBytes(assignment));
  return {std::clamp(compute::SaturatingMultiply(data, kBytesPerByte), kLeastBytes, kMostBytes)};
}

template <typename Response>
void SetCost(const google::protobuf::Message& request, const Allowance& allowance, PreparedCall<Response>& call) {
  const auto bytes = static_cast<int64_t>(request.ByteSizeLong());
  call.cost.scratch_bytes =
      compute::SaturatingAdd(allowance.run_bytes + allowance.kept_bytes(), compute::SaturatingMultiply(bytes, 4));
  call.cost.multiplication_count = kMultiplications;
  call.estimated_ns = kLeastNs + kNsPerByte * static_cast<double>(bytes);
}

// The grader of a request's assignment; `response` gets its faults where there is none.
template <typename Response>
absl::StatusOr<std::unique_ptr<Grader>> MakeGrader(const v1::Assignment& assignment, GradingEngine& engine,
                                                   const Allowance& allowance, Response& response) {
  grading::GraderOptions options{.engine_version = Version(), .max_kept_elements = allowance.kept_elements()};
  TENSORD_ASSIGN_OR_RETURN(Grader::Made made, Grader::Create(assignment, engine, options));
  for (v1::AssignmentFault& fault : made.faults) Append(*response.mutable_faults()) = std::move(fault);
  return std::move(made.grader);
}

// What is said of a submission is said of the request's field.
absl::Status RequestError(const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return status;
  RequestErrors errors;
  const absl::string_view message = status.message();
  const size_t colon = message.find(": ");
  if (colon == absl::string_view::npos) return status;
  errors.AddViolation(message.substr(0, colon), message.substr(colon + 2));
  return errors.ToStatus();
}

}  // namespace

absl::StatusOr<PreparedCall<v1::GradeSubmissionResponse>> PrepareGradeSubmission(
    const v1::GradeSubmissionRequest& request, const PrepareOptions& options) {
  RequestErrors errors;
  if (!request.has_assignment()) errors.AddViolation("assignment", "was not given, is required");
  if (!request.has_submission()) errors.AddViolation("submission", "was not given, is required");
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::GradeSubmissionResponse> call;
  const Allowance allowance = AllowanceFor(request.assignment());
  SetCost(request, allowance, call);
  call.run = [&request, options,
              allowance](const AnswerContext& context) -> absl::StatusOr<v1::GradeSubmissionResponse> {
    v1::GradeSubmissionResponse response;
    GradingEngine engine(options, context, allowance.run_bytes);
    TENSORD_ASSIGN_OR_RETURN(const std::unique_ptr<Grader> grader,
                             MakeGrader(request.assignment(), engine, allowance, response));
    if (grader == nullptr) return response;
    absl::StatusOr<v1::GradedSubmission> graded = grader->Grade(request.submission());
    if (!graded.ok()) return RequestError(graded.status());
    graded->set_sha256(ReceiptHash(request.assignment(), request.submission(), *graded));
    *response.mutable_graded() = *std::move(graded);
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
  const Allowance allowance = AllowanceFor(request.assignment());
  SetCost(request, allowance, call);
  call.run = [&request, options,
              allowance](const AnswerContext& context) -> absl::StatusOr<v1::AuditAssignmentResponse> {
    v1::AuditAssignmentResponse response;
    GradingEngine engine(options, context, allowance.run_bytes);
    TENSORD_ASSIGN_OR_RETURN(const std::unique_ptr<Grader> grader,
                             MakeGrader(request.assignment(), engine, allowance, response));
    if (grader == nullptr) return response;
    TENSORD_ASSIGN_OR_RETURN(std::vector<v1::PartAudit> audits, grader->Audit());
    for (v1::PartAudit& audit : audits) Append(*response.mutable_parts()) = std::move(audit);
    return response;
  };
  return call;
}

}  // namespace tensord::server
