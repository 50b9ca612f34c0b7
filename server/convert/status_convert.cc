#include "server/convert/status_convert.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/arena.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/convert/append.h"
#include "tensord/compute/limits.h"

namespace tensord::server {
namespace {

constexpr absl::string_view kDomain = "tensord";
// Payloads of an absl::Status besides compute's kReasonPayload and kFieldPayload.
constexpr absl::string_view kBadRequestPayload = "tensord/bad-request";
constexpr absl::string_view kViolationCountPayload = "tensord/violation-count";
constexpr absl::string_view kRetryPayload = "tensord/retry-ms";

constexpr std::array<std::pair<absl::StatusCode, grpc::StatusCode>, 17> kCodes = {{
    {absl::StatusCode::kOk, grpc::StatusCode::OK},
    {absl::StatusCode::kCancelled, grpc::StatusCode::CANCELLED},
    {absl::StatusCode::kUnknown, grpc::StatusCode::UNKNOWN},
    {absl::StatusCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
    {absl::StatusCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    {absl::StatusCode::kNotFound, grpc::StatusCode::NOT_FOUND},
    {absl::StatusCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
    {absl::StatusCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
    {absl::StatusCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    {absl::StatusCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
    {absl::StatusCode::kAborted, grpc::StatusCode::ABORTED},
    {absl::StatusCode::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE},
    {absl::StatusCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED},
    {absl::StatusCode::kInternal, grpc::StatusCode::INTERNAL},
    {absl::StatusCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
    {absl::StatusCode::kDataLoss, grpc::StatusCode::DATA_LOSS},
    {absl::StatusCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED},
}};

std::string PayloadText(const absl::Status& status, absl::string_view url) {
  const auto payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : std::string();
}

// The reason of a status that none was given for.
absl::string_view DefaultReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return "INVALID_REQUEST";
    case absl::StatusCode::kCancelled:
      return "CANCELLED";
    case absl::StatusCode::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case absl::StatusCode::kResourceExhausted:
      return "OUT_OF_MEMORY";
    default:
      return "INTERNAL";
  }
}

void AddFieldViolation(absl::string_view field, absl::string_view description, google::rpc::BadRequest& bad_request) {
  google::rpc::BadRequest::FieldViolation& violation = Append(*bad_request.mutable_field_violations());
  violation.set_field(std::string(field));
  violation.set_description(std::string(description));
}

// What is built here lives on an arena: where memory runs out while a map grows, protobuf 3.21 leaves one that cannot
// be destroyed, and an arena destroys no maps.
google::rpc::ErrorInfo& MakeErrorInfo(const absl::Status& status, google::protobuf::Arena& arena) {
  google::rpc::ErrorInfo& info = *google::protobuf::Arena::CreateMessage<google::rpc::ErrorInfo>(&arena);
  info.set_reason(ReasonOf(status));
  info.set_domain(std::string(kDomain));
  const std::string field = PayloadText(status, compute::kFieldPayload);
  if (!field.empty()) (*info.mutable_metadata())["field"] = field;
  const std::string count = PayloadText(status, kViolationCountPayload);
  if (!count.empty()) (*info.mutable_metadata())["violation_count"] = count;
  return info;
}

std::string CutMessage(const absl::Status& status) { return std::string(status.message().substr(0, kMaxMessageBytes)); }

std::string MakeDetails(const absl::Status& status, const std::string& message) {
  google::protobuf::Arena arena;
  google::rpc::Status& details = *google::protobuf::Arena::CreateMessage<google::rpc::Status>(&arena);
  details.set_code(static_cast<int>(ToGrpcCode(status.code())));
  details.set_message(message);
  Append(*details.mutable_details()).PackFrom(MakeErrorInfo(status, arena));
  if (const auto delay = RetryDelayOf(status); delay.has_value()) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(delay->count() / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(delay->count() % 1000) * 1'000'000);
    Append(*details.mutable_details()).PackFrom(retry);
  }
  google::rpc::BadRequest& bad_request = *google::protobuf::Arena::CreateMessage<google::rpc::BadRequest>(&arena);
  const std::string serialized = PayloadText(status, kBadRequestPayload);
  if (!serialized.empty() && bad_request.ParseFromString(serialized)) {
    google::protobuf::Any& any = Append(*details.mutable_details());
    any.PackFrom(bad_request);
    while (details.ByteSizeLong() > kMaxDetailBytes && bad_request.field_violations_size() > 0) {
      bad_request.mutable_field_violations()->RemoveLast();
      any.PackFrom(bad_request);
    }
  }
  return details.SerializeAsString();
}

}  // namespace

std::string ReasonOf(const absl::Status& status) {
  const std::string reason = PayloadText(status, compute::kReasonPayload);
  return reason.empty() ? std::string(DefaultReason(status.code())) : reason;
}

grpc::StatusCode ToGrpcCode(absl::StatusCode code) {
  for (const auto& [absl_code, grpc_code] : kCodes) {
    if (absl_code == code) return grpc_code;
  }
  return grpc::StatusCode::INTERNAL;
}

absl::StatusCode FromGrpcCode(grpc::StatusCode code) {
  for (const auto& [absl_code, grpc_code] : kCodes) {
    if (grpc_code == code) return absl_code;
  }
  return absl::StatusCode::kInternal;
}

absl::Status InvalidRequest(const compute::Violations& violations) {
  absl::Status status = violations.ToStatus();
  google::rpc::BadRequest bad_request;
  for (const compute::Violation& violation : violations.kept()) {
    AddFieldViolation(violation.field, violation.description, bad_request);
  }
  status.SetPayload(kBadRequestPayload, absl::Cord(bad_request.SerializeAsString()));
  status.SetPayload(kViolationCountPayload, absl::Cord(absl::StrCat(violations.total())));
  return status;
}

absl::Status ErrorWithReason(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                             absl::string_view field) {
  absl::Status status(code, message);
  status.SetPayload(compute::kReasonPayload, absl::Cord(reason));
  if (!field.empty()) status.SetPayload(compute::kFieldPayload, absl::Cord(field));
  return status;
}

absl::Status WithRetry(absl::Status status, std::chrono::milliseconds delay) {
  status.SetPayload(kRetryPayload, absl::Cord(absl::StrCat(delay.count())));
  return status;
}

std::optional<std::chrono::milliseconds> RetryDelayOf(const absl::Status& status) {
  int64_t delay_ms = 0;
  if (!absl::SimpleAtoi(PayloadText(status, kRetryPayload), &delay_ms)) return std::nullopt;
  return std::chrono::milliseconds(delay_ms);
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status message;
  if (!status.ok()) message.ParseFromString(MakeDetails(status, CutMessage(status)));
  return message;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message = CutMessage(status);
  return grpc::Status(ToGrpcCode(status.code()), message, MakeDetails(status, message));
}

}  // namespace tensord::server
