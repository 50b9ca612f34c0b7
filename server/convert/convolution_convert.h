// The rpcs on convolutions: requests checked and made ready to run.
#ifndef TENSORD_SERVER_CONVERT_CONVOLUTION_CONVERT_H_
#define TENSORD_SERVER_CONVERT_CONVOLUTION_CONVERT_H_

#include "absl/status/statusor.h"
#include "server/rpc/prepared_call.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/transposed_convolution.pb.h"

namespace tensord::server {

[[nodiscard]] absl::StatusOr<PreparedCall<v1::ConvolveResponse>> PrepareConvolve(const v1::ConvolveRequest& request,
                                                                                 const PrepareOptions& options);
[[nodiscard]] absl::StatusOr<PreparedCall<v1::ConvolveBackwardResponse>> PrepareConvolveBackward(
    const v1::ConvolveBackwardRequest& request, const PrepareOptions& options);
[[nodiscard]] absl::StatusOr<PreparedCall<v1::ConvolveTransposeResponse>> PrepareConvolveTranspose(
    const v1::ConvolveTransposeRequest& request, const PrepareOptions& options);
[[nodiscard]] absl::StatusOr<PreparedCall<v1::ConvolveTransposeBackwardResponse>> PrepareConvolveTransposeBackward(
    const v1::ConvolveTransposeBackwardRequest& request, const PrepareOptions& options);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_CONVOLUTION_CONVERT_H_
