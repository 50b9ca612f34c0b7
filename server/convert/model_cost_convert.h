// What a network costs, as messages.
#ifndef TENSORD_SERVER_CONVERT_MODEL_COST_CONVERT_H_
#define TENSORD_SERVER_CONVERT_MODEL_COST_CONVERT_H_

#include "absl/status/status.h"
#include "server/convert/request_errors.h"
#include "tensord/analysis/cost.h"
#include "tensord/analysis/model.h"
#include "tensord/v1/model.pb.h"

namespace tensord::server {

// The fields `convention` and `machine`.
[[nodiscard]] analysis::CostOptions DecodeCostOptions(const v1::AnalyzeModelRequest& request, RequestErrors& errors);

void EncodeOperations(const analysis::OperationCounts& counts, v1::OperationCounts& message);

// Adds the cost of the network and of its layers, which `response` has already.
// Errors: AnalyzeCost's.
[[nodiscard]] absl::Status EncodeCost(const analysis::ModelAnalysis& model, const analysis::CostOptions& options,
                                      v1::AnalyzeModelResponse& response);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_MODEL_COST_CONVERT_H_
