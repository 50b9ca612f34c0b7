// What a server tells about an error besides its code and message: google.rpc's details.
#ifndef TENSORD_CLIENT_ERRORS_H_
#define TENSORD_CLIENT_ERRORS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tensord::client {

// The keys of the payloads under which a status that a client returned carries each detail, serialised.
inline constexpr absl::string_view kBadRequestUrl = "type.googleapis.com/google.rpc.BadRequest";
inline constexpr absl::string_view kErrorInfoUrl = "type.googleapis.com/google.rpc.ErrorInfo";
inline constexpr absl::string_view kRetryInfoUrl = "type.googleapis.com/google.rpc.RetryInfo";

// Which fields of the request are wrong, what they were and what they had to be; nothing where the status does not say,
// or says it in bytes that are no such message.
[[nodiscard]] std::optional<google::rpc::BadRequest> BadRequestOf(const absl::Status& status);

// Why, in a form for programs: the reason (e.g. "TENSOR_TOO_LARGE") within the domain "tensord". Nothing as above.
[[nodiscard]] std::optional<google::rpc::ErrorInfo> ErrorInfoOf(const absl::Status& status);

// How long to wait before the next attempt. Nothing as above.
[[nodiscard]] std::optional<google::rpc::RetryInfo> RetryInfoOf(const absl::Status& status);

// The error that an answer of a stream carries (v1::StreamComputeResponse), as a call would have returned it: the same
// code and message, and each detail as a payload under its type's URL, but for all after the first of one type. A code
// that is none, or no error's, becomes kUnknown.
[[nodiscard]] absl::Status FromRpcStatus(const google::rpc::Status& status);

// The other direction.
[[nodiscard]] google::rpc::Status ToRpcStatus(const absl::Status& status);

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_ERRORS_H_
