// What became of one line of a batch, as JSON and as text.
#ifndef TENSORD_CLI_BATCH_ANSWER_H_
#define TENSORD_CLI_BATCH_ANSWER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/stream.pb.h"

namespace tensord::cli {

// Where an operation came from.
struct Origin {
  int64_t line = 0;
  uint64_t id = 0;
  std::string operation;  // its field's name, e.g. pool_backward; empty where the line is none
};

struct Answer {
  Origin origin;
  v1::StreamComputeResponse response;

  [[nodiscard]] bool is_error() const { return response.has_error(); }
};

// The operation of a line: a StreamComputeRequest as protobuf's JSON.
//
// Error: kInvalidArgument - it is no JSON, no such message, or a message without an operation.
[[nodiscard]] absl::StatusOr<v1::StreamComputeRequest> ParseOperation(absl::string_view text);

// The name of the request's operation, or empty.
[[nodiscard]] std::string OperationName(const v1::StreamComputeRequest& request);

// The answer to a line that has no other one.
[[nodiscard]] Answer ErrorAnswer(Origin origin, const absl::Status& status);

// {"line":3,"id":"7","pool":{...}}, with the response as protobuf's JSON; or
// {"line":3,"id":"7","error":{"code":...,"message":...,"reason":...,"violations":[{"field":...,"description":...}]}}.
[[nodiscard]] std::string AnswerJson(const Answer& answer);

// `3  7  pool  output 2x2 float32`; an error's lines after the first are indented.
[[nodiscard]] std::string AnswerText(const Answer& answer);
// The line above those.
[[nodiscard]] std::string AnswerTextHeader();

}  // namespace tensord::cli

#endif  // TENSORD_CLI_BATCH_ANSWER_H_
