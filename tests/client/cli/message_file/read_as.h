// What a text becomes, on one line.
#ifndef TENSORD_TESTS_CLIENT_CLI_MESSAGE_FILE_READ_AS_H_
#define TENSORD_TESTS_CLIENT_CLI_MESSAGE_FILE_READ_AS_H_

#include <google/protobuf/text_format.h>

#include <string>

#include "client/cli/message_file/read.h"

namespace tensord::cli::message_file {

// The message in text format, or the error.
template <typename Message>
std::string ReadAs(const std::string& text, const std::string& file = "f.yaml", const ReadOptions& options = {}) {
  Message message;
  const absl::Status read = ReadMessageFile(text, file, message, options);
  if (!read.ok()) return std::string(read.message());
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string shown;
  printer.PrintToString(message, &shown);
  while (!shown.empty() && shown.back() == ' ') shown.pop_back();
  return shown;
}

}  // namespace tensord::cli::message_file

#endif  // TENSORD_TESTS_CLIENT_CLI_MESSAGE_FILE_READ_AS_H_
