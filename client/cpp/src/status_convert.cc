#include "client/cpp/src/status_convert.h"

#include <array>
#include <string>

#include "absl/strings/cord.h"
#include "google/rpc/status.pb.h"

namespace tensord::client {
namespace {

struct CodePair {
  grpc::StatusCode grpc;
  absl::StatusCode absl;
};

constexpr std::array<CodePair, 17> kCodes = {{
    {grpc::StatusCode::OK, absl::StatusCode::kOk},
    {grpc::StatusCode::CANCELLED, absl::StatusCode::kCancelled},
    {grpc::StatusCode::UNKNOWN, absl::StatusCode::kUnknown},
    {grpc::StatusCode::INVALID_ARGUMENT, absl::StatusCode::kInvalidArgument},
    {grpc::StatusCode::DEADLINE_EXCEEDED, absl::StatusCode::kDeadlineExceeded},
    {grpc::StatusCode::NOT_FOUND, absl::StatusCode::kNotFound},
    {grpc::StatusCode::ALREADY_EXISTS, absl::StatusCode::kAlreadyExists},
    {grpc::StatusCode::PERMISSION_DENIED, absl::StatusCode::kPermissionDenied},
    {grpc::StatusCode::RESOURCE_EXHAUSTED, absl::StatusCode::kResourceExhausted},
    {grpc::StatusCode::FAILED_PRECONDITION, absl::StatusCode::kFailedPrecondition},
    {grpc::StatusCode::ABORTED, absl::StatusCode::kAborted},
    {grpc::StatusCode::OUT_OF_RANGE, absl::StatusCode::kOutOfRange},
    {grpc::StatusCode::UNIMPLEMENTED, absl::StatusCode::kUnimplemented},
    {grpc::StatusCode::INTERNAL, absl::StatusCode::kInternal},
    {grpc::StatusCode::UNAVAILABLE, absl::StatusCode::kUnavailable},
    {grpc::StatusCode::DATA_LOSS, absl::StatusCode::kDataLoss},
    {grpc::StatusCode::UNAUTHENTICATED, absl::StatusCode::kUnauthenticated},
}};

absl::StatusCode FromGrpcCode(grpc::StatusCode code) {
  for (const CodePair& pair : kCodes) {
    if (pair.grpc == code) return pair.absl;
  }
  return absl::StatusCode::kUnknown;
}

void AttachDetails(const grpc::Status& from, absl::Status& to) {
  google::rpc::Status details;
  if (!details.ParseFromString(from.error_details()) || details.code() != static_cast<int>(from.error_code())) return;
  for (const google::protobuf::Any& detail : details.details()) {
    const absl::string_view url = detail.type_url();
    if (!to.GetPayload(url).has_value()) to.SetPayload(url, absl::Cord(detail.value()));
  }
}

}  // namespace

absl::Status FromGrpcStatus(const grpc::Status& status) {
  absl::Status converted(FromGrpcCode(status.error_code()), status.error_message());
  if (!status.ok()) AttachDetails(status, converted);
  return converted;
}

}  // namespace tensord::client
