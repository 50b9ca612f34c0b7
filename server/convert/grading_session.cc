#include "server/convert/grading_session.h"

#include <algorithm>
#include <utility>

#include "server/convert/append.h"
#include "server/convert/receipt.h"
#include "server/convert/request_errors.h"
#include "server/version.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

using grading::Grader;

constexpr int64_t kLeastBytes = int64_t{24} << 20;  // what the kernels reserve for any convolution, and more
constexpr int64_t kMostBytes = int64_t{64} << 20;
constexpr int64_t kBytesPerByte = 64;

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

GradingAllowance GradingAllowance::For(const v1::Assignment& assignment) {
  const auto size = static_cast<int64_t>(assignment.ByteSizeLong());
  const int64_t data = compute::SaturatingAdd(size, GeneratedBytes(assignment));
  return {std::clamp(compute::SaturatingMultiply(data, kBytesPerByte), kLeastBytes, kMostBytes)};
}

absl::StatusOr<std::unique_ptr<GradingSession>> GradingSession::Create(v1::Assignment assignment,
                                                                       const PrepareOptions& options,
                                                                       const compute::ExecutionContext& context) {
  const GradingAllowance allowance = GradingAllowance::For(assignment);
  std::unique_ptr<GradingSession> session(new GradingSession(std::move(assignment), options, allowance));
  const grading::GraderOptions grader_options{
      .engine_version = Version(), .max_kept_elements = allowance.kept_bytes() / static_cast<int64_t>(sizeof(double))};
  const GradingEngine::Call call(session->engine_, context);
  TENSORD_ASSIGN_OR_RETURN(Grader::Made made, Grader::Create(session->assignment_, session->engine_, grader_options));
  session->grader_ = std::move(made.grader);
  session->faults_ = std::move(made.faults);
  return session;
}

absl::StatusOr<v1::GradedSubmission> GradingSession::Grade(const v1::Submission& submission,
                                                           const compute::ExecutionContext& context) const {
  const GradingEngine::Call call(engine_, context);
  absl::StatusOr<v1::GradedSubmission> graded = grader_->Grade(submission);
  if (!graded.ok()) return RequestError(graded.status());
  graded->set_sha256(ReceiptHash(assignment_, submission, *graded));
  return graded;
}

absl::StatusOr<std::vector<v1::PartAudit>> GradingSession::Audit(const compute::ExecutionContext& context) const {
  const GradingEngine::Call call(engine_, context);
  return grader_->Audit();
}

void EncodeFaults(const std::vector<v1::AssignmentFault>& faults,
                  google::protobuf::RepeatedPtrField<v1::AssignmentFault>& into) {
  for (const v1::AssignmentFault& fault : faults) Append(into) = fault;
}

}  // namespace tensord::server
