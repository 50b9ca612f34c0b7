// A message from the file that the command line names.
#ifndef TENSORD_CLI_MESSAGE_FILE_LOAD_H_
#define TENSORD_CLI_MESSAGE_FILE_LOAD_H_

#include <google/protobuf/message.h>

#include <istream>
#include <string>

#include "absl/status/status.h"
#include "client/cli/message_file/field_lines.h"

namespace tensord::cli::message_file {

struct LoadOptions {
  // As FilesOptions.allow_outside.
  bool allow_outside = false;
  // Gets each field's line, where it is not null.
  FieldLines* lines = nullptr;
};

// Reads the file `path` by ReadMessageFile, with the files that it names; `-` is standard input, which names files of
// the folder that the program was started in.
//
// Errors:  kInvalidArgument - it cannot be read, or as ReadMessageFile.
[[nodiscard]] absl::Status LoadMessage(const std::string& path, std::istream& standard_input,
                                       google::protobuf::Message& message, const LoadOptions& options = {});

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_LOAD_H_
