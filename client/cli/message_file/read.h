// Messages that people write: YAML, JSON or protobuf's text format.
#ifndef TENSORD_CLI_MESSAGE_FILE_READ_H_
#define TENSORD_CLI_MESSAGE_FILE_READ_H_

#include <google/protobuf/message.h>

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/cli/message_file/field_lines.h"
#include "client/cli/message_file/files.h"

namespace tensord::cli::message_file {

struct ReadOptions {
  // Reads what the file names; where it is null, names of data and answers are left as they are.
  Files* files = nullptr;
  // Gets each field's line, where it is not null. Text format gives none.
  FieldLines* lines = nullptr;
  size_t max_bytes = size_t{64} << 20;
  size_t max_depth = 64;
  size_t max_values = size_t{2} << 20;
};

// Sets `message` to what the text says, by the message's descriptor: docs/grading/assignments.md has the rules. A file
// whose name ends with .textproto, .txtpb or .pbtxt is in protobuf's text format; every other one is YAML, of which
// JSON is a part. `file_name` is what errors begin with.
//
// Errors:  kInvalidArgument, `assignment.yaml:12: questions[2].parts[0].tensor.slack: was "x", has to be a number`: the
//          first thing that is wrong; `message` then has no particular value.
// Cost:    linear in the text and in the files that it names.
[[nodiscard]] absl::Status ReadMessageFile(absl::string_view text, absl::string_view file_name,
                                           google::protobuf::Message& message, const ReadOptions& options = {});

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_READ_H_
