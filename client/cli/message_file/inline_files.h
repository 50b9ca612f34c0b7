// Files in the place of their names.
#ifndef TENSORD_CLI_MESSAGE_FILE_INLINE_FILES_H_
#define TENSORD_CLI_MESSAGE_FILE_INLINE_FILES_H_

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/cli/message_file/field_lines.h"
#include "client/cli/message_file/files.h"

namespace tensord::cli::message_file {

// Reads every file that data and answers within `message` name, and puts its contents in the name's place.
//
// Errors:  kInvalidArgument, `assignment.yaml:7: questions[0].data.X.file: names the file "x.npy", which ...`.
[[nodiscard]] absl::Status InlineFiles(absl::string_view file_name, const FieldLines& lines, Files& files,
                                       google::protobuf::Message& message);

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_INLINE_FILES_H_
