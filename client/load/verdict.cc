#include "client/load/verdict.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tensord::load {
namespace {

bool Expects(const Kind& kind, const std::string& label) {
  return std::find(kind.expected.begin(), kind.expected.end(), label) != kind.expected.end();
}

}  // namespace

Failure Explain(const grpc::Status& status) {
  Failure failure{.label = absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code()))};
  google::rpc::Status details;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details())) return failure;
  for (const auto& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (detail.Is<google::rpc::RetryInfo>()) failure.has_retry_info = true;
    if (detail.UnpackTo(&info)) absl::StrAppend(&failure.label, " ", info.reason());
  }
  return failure;
}

Verdict JudgeOk(const Kind& kind) { return Expects(kind, "OK") ? Verdict::kAccepted : Verdict::kUnexpected; }

Verdict Judge(const Kind& kind, const Failure& failure, Accepted accepted) {
  if (Expects(kind, failure.label)) return Verdict::kHostile;
  // A server under pressure may refuse a call before it has looked at what is wrong with it.
  const bool temporary =
      failure.label == "RESOURCE_EXHAUSTED OVERLOADED" || failure.label == "RESOURCE_EXHAUSTED QUOTA";
  if (accepted.refusals && temporary && failure.has_retry_info) return Verdict::kRefused;
  const bool late = failure.label.rfind("DEADLINE_EXCEEDED", 0) == 0;
  return accepted.deadline && late ? Verdict::kLate : Verdict::kUnexpected;
}

}  // namespace tensord::load
