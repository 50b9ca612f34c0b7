// The rpcs on shapes and counts: requests checked and made ready to run.
#ifndef TENSORD_SERVER_CONVERT_ANALYSIS_CONVERT_H_
#define TENSORD_SERVER_CONVERT_ANALYSIS_CONVERT_H_

#include "absl/status/statusor.h"
#include "server/rpc/prepared_call.h"
#include "tensord/v1/analysis.pb.h"

namespace tensord::server {

[[nodiscard]] absl::StatusOr<PreparedCall<v1::AnalyzeLayerResponse>> PrepareAnalyzeLayer(
    const v1::AnalyzeLayerRequest& request, const PrepareOptions& options);
[[nodiscard]] absl::StatusOr<PreparedCall<v1::DescribeDatasetResponse>> PrepareDescribeDataset(
    const v1::DescribeDatasetRequest& request, const PrepareOptions& options);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_ANALYSIS_CONVERT_H_
