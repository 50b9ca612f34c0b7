// ServerService's rpc: the server's account of itself.
#ifndef TENSORD_SERVER_CONVERT_SERVER_INFO_CONVERT_H_
#define TENSORD_SERVER_CONVERT_SERVER_INFO_CONVERT_H_

#include "absl/status/statusor.h"
#include "server/rpc/prepared_call.h"
#include "tensord/v1/server.pb.h"

namespace tensord::server {

[[nodiscard]] absl::StatusOr<PreparedCall<v1::GetServerInfoResponse>> PrepareGetServerInfo(
    const v1::GetServerInfoRequest& request, const PrepareOptions& options);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_SERVER_INFO_CONVERT_H_
