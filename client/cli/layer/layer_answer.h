// What AnalyzeModel says of a layer, as what is printed of one.
#ifndef TENSORD_CLI_LAYER_LAYER_ANSWER_H_
#define TENSORD_CLI_LAYER_LAYER_ANSWER_H_

#include "absl/status/statusor.h"
#include "client/cli/layer/layer_model.h"
#include "client/cli/report.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli::layer {

// The report of LayerReport() with the same names and in the same order, the shape in the layout that was typed; beside
// it `special_function_count`, and `buffer_count` where there are buffers.
//
// Errors: kInternal - an answer that is none to the request; kInvalidArgument - bytes beyond 128 bits.
[[nodiscard]] absl::StatusOr<Report> AnswerReport(const LayerModel& model, const v1::AnalyzeModelResponse& response);

}  // namespace tensord::cli::layer

#endif  // TENSORD_CLI_LAYER_LAYER_ANSWER_H_
