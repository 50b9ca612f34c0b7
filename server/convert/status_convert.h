// absl::Status <-> grpc::Status, with the google.rpc details that travel in `grpc-status-details-bin`.
#ifndef TENSORD_SERVER_CONVERT_STATUS_CONVERT_H_
#define TENSORD_SERVER_CONVERT_STATUS_CONVERT_H_

#include <grpcpp/support/status.h>

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/rpc/status.pb.h"
#include "tensord/compute/violations.h"

namespace tensord::server {

// Longest message, and most bytes of details, that a refusal sends.
inline constexpr size_t kMaxMessageBytes = 1024;
inline constexpr size_t kMaxDetailBytes = 4096;

// The one-to-one table of the 17 codes, each way.
[[nodiscard]] grpc::StatusCode ToGrpcCode(absl::StatusCode code);
[[nodiscard]] absl::StatusCode FromGrpcCode(grpc::StatusCode code);

// kInvalidArgument that names every violation, reason INVALID_REQUEST. `violations` must not be empty.
[[nodiscard]] absl::Status InvalidRequest(const compute::Violations& violations);

// `code` with a reason (UPPER_SNAKE, see docs/errors.md); `field` of the request may be empty.
[[nodiscard]] absl::Status ErrorWithReason(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                                           absl::string_view field = "");

// `status` with the advice to try again after `delay`.
[[nodiscard]] absl::Status WithRetry(absl::Status status, std::chrono::milliseconds delay);

// The status for the wire: the code, the message cut to kMaxMessageBytes, and a serialised google.rpc.Status with an
// ErrorInfo (always), a BadRequest (where fields are to blame) and a RetryInfo (where waiting helps), kMaxDetailBytes
// at most: violations that do not fit are left out, ErrorInfo's metadata "violation_count" tells how many there are.
[[nodiscard]] grpc::Status ToGrpcStatus(const absl::Status& status);

// The google.rpc.Status of it, for answers that carry it as a message.
[[nodiscard]] google::rpc::Status ToRpcStatus(const absl::Status& status);

// Why `status`, which is not OK, is not: the reason that its ErrorInfo will have.
[[nodiscard]] std::string ReasonOf(const absl::Status& status);

// The advice in `status` to try again, if it has one.
[[nodiscard]] std::optional<std::chrono::milliseconds> RetryDelayOf(const absl::Status& status);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_STATUS_CONVERT_H_
