// Explanations as messages.
#ifndef TENSORD_SERVER_CONVERT_MODEL_EXPLANATION_CONVERT_H_
#define TENSORD_SERVER_CONVERT_MODEL_EXPLANATION_CONVERT_H_

#include <string>

#include "absl/status/status.h"
#include "server/convert/request_errors.h"
#include "tensord/analysis/explanation.h"
#include "tensord/v1/model.pb.h"

namespace tensord::server {

// The layer's name; a violation where it is longer than any that is printed.
[[nodiscard]] std::string DecodeExplain(const v1::AnalyzeModelRequest& request, RequestErrors& errors);

// What the engine says where there is no such layer, as a violation.
[[nodiscard]] absl::Status ExplainError(const absl::Status& status);

void EncodeExplanation(const analysis::Explanation& explanation, v1::Explanation& message);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_MODEL_EXPLANATION_CONVERT_H_
