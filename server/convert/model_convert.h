// AnalyzeModel: from messages to the engine's types and back.
#ifndef TENSORD_SERVER_CONVERT_MODEL_CONVERT_H_
#define TENSORD_SERVER_CONVERT_MODEL_CONVERT_H_

#include "absl/status/statusor.h"
#include "server/rpc/prepared_call.h"
#include "tensord/v1/model.pb.h"

namespace tensord::server {

[[nodiscard]] absl::StatusOr<PreparedCall<v1::AnalyzeModelResponse>> PrepareAnalyzeModel(
    const v1::AnalyzeModelRequest& request, const PrepareOptions& options);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_MODEL_CONVERT_H_
