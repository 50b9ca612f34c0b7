// The rpcs on pooling: requests checked and made ready to run.
#ifndef TENSORD_SERVER_CONVERT_POOLING_CONVERT_H_
#define TENSORD_SERVER_CONVERT_POOLING_CONVERT_H_

#include "absl/status/statusor.h"
#include "server/rpc/prepared_call.h"
#include "tensord/v1/pooling.pb.h"

namespace tensord::server {

[[nodiscard]] absl::StatusOr<PreparedCall<v1::PoolResponse>> PreparePool(const v1::PoolRequest& request,
                                                                         const PrepareOptions& options);
[[nodiscard]] absl::StatusOr<PreparedCall<v1::PoolBackwardResponse>> PreparePoolBackward(
    const v1::PoolBackwardRequest& request, const PrepareOptions& options);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_POOLING_CONVERT_H_
