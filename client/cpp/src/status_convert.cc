#include "client/cpp/src/status_convert.h"

#include <array>
#include <string>

#include "google/rpc/status.pb.h"
#include "tensord/client/errors.h"

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

}  // namespace

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status converted;
  const bool parsed = converted.ParseFromString(status.error_details());
  if (!parsed || converted.code() != static_cast<int>(status.error_code())) converted.clear_details();
  converted.set_code(static_cast<int>(FromGrpcCode(status.error_code())));
  converted.set_message(status.error_message());
  return FromRpcStatus(converted);
}

}  // namespace tensord::client
