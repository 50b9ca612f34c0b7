// gRPC's statuses as Abseil's. The server has the other direction.
#ifndef TENSORD_CLIENT_SRC_STATUS_CONVERT_H_
#define TENSORD_CLIENT_SRC_STATUS_CONVERT_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace tensord::client {

// The status with the same code and message; each google.rpc detail becomes a payload under its type's URL. Details
// that cannot be parsed, or are for another code, are left out; so are all but the first of one type. A code that is
// none becomes kUnknown.
[[nodiscard]] absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_SRC_STATUS_CONVERT_H_
