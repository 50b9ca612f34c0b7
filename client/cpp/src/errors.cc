#include "tensord/client/errors.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/types/optional.h"

namespace tensord::client {
namespace {

template <typename Detail>
std::optional<Detail> DetailOf(const absl::Status& status, absl::string_view url) {
  const absl::optional<absl::Cord> payload = status.GetPayload(url);
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

}  // namespace

std::optional<google::rpc::BadRequest> BadRequestOf(const absl::Status& status) {
  return DetailOf<google::rpc::BadRequest>(status, kBadRequestUrl);
}

std::optional<google::rpc::ErrorInfo> ErrorInfoOf(const absl::Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
}

std::optional<google::rpc::RetryInfo> RetryInfoOf(const absl::Status& status) {
  return DetailOf<google::rpc::RetryInfo>(status, kRetryInfoUrl);
}

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  const bool is_error_code = status.code() > 0 && status.code() <= static_cast<int>(absl::StatusCode::kUnauthenticated);
  absl::Status converted(is_error_code ? static_cast<absl::StatusCode>(status.code()) : absl::StatusCode::kUnknown,
                         status.message());
  for (const google::protobuf::Any& detail : status.details()) {
    const absl::string_view url = detail.type_url();
    if (!converted.GetPayload(url).has_value()) converted.SetPayload(url, absl::Cord(detail.value()));
  }
  return converted;
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status converted;
  converted.set_code(static_cast<int>(status.code()));
  converted.set_message(std::string(status.message()));
  status.ForEachPayload([&converted](absl::string_view url, const absl::Cord& payload) {
    google::protobuf::Any& detail = *converted.add_details();
    detail.set_type_url(std::string(url));
    detail.set_value(std::string(payload));
  });
  return converted;
}

}  // namespace tensord::client
