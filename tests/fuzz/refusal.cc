#include "tests/fuzz/refusal.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/stubs/logging.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/convert/status_convert.h"
#include "tests/fuzz/check.h"

namespace tensord::fuzz {
namespace {

// Protobuf has a line to say on each text that is no UTF-8: millions of them.
[[maybe_unused]] google::protobuf::LogHandler* const previous_log_handler = google::protobuf::SetLogHandler(nullptr);

bool IsAllowed(absl::StatusCode code) {
  return code == absl::StatusCode::kInvalidArgument || code == absl::StatusCode::kResourceExhausted;
}

// Protobuf refuses strings that are no UTF-8: a client would lose all details then.
void CheckDetails(const grpc::Status& wire, const absl::Status& status) {
  google::rpc::Status details;
  Check(details.ParseFromString(wire.error_details()), "a client has to be able to read the details", status);
  bool has_reason = false;
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad_request;
    if (detail.Is<google::rpc::ErrorInfo>()) {
      Check(detail.UnpackTo(&info), "a client has to be able to read ErrorInfo", status);
      has_reason = !info.reason().empty();
    } else if (detail.Is<google::rpc::BadRequest>()) {
      Check(detail.UnpackTo(&bad_request), "a client has to be able to read BadRequest", status);
      for (const auto& violation : bad_request.field_violations()) {
        Check(!violation.description().empty(), "a violation has to say what is wrong", status);
      }
    }
  }
  Check(has_reason, "a refusal has to have a reason", status);
}

}  // namespace

void CheckRefusal(const absl::Status& status) {
  if (status.ok()) return;
  Check(IsAllowed(status.code()), "no bad request may get this code", status);
  Check(!status.message().empty(), "a refusal has to say why", status);
  const grpc::Status wire = server::ToGrpcStatus(status);
  Check(
      wire.error_message().size() <= server::kMaxMessageBytes && wire.error_details().size() <= server::kMaxDetailBytes,
      "a refusal has to fit into the trailers", status);
  CheckDetails(wire, status);
}

}  // namespace tensord::fuzz
