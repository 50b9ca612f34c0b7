// The rpcs on unpooling: requests checked and made ready to run.
#ifndef TENSORD_SERVER_CONVERT_UNPOOLING_CONVERT_H_
#define TENSORD_SERVER_CONVERT_UNPOOLING_CONVERT_H_

#include "absl/status/statusor.h"
#include "server/rpc/prepared_call.h"
#include "tensord/v1/unpooling.pb.h"

namespace tensord::server {

[[nodiscard]] absl::StatusOr<PreparedCall<v1::UnpoolResponse>> PrepareUnpool(const v1::UnpoolRequest& request,
                                                                             const PrepareOptions& options);
[[nodiscard]] absl::StatusOr<PreparedCall<v1::UnpoolBackwardResponse>> PrepareUnpoolBackward(
    const v1::UnpoolBackwardRequest& request, const PrepareOptions& options);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_UNPOOLING_CONVERT_H_
