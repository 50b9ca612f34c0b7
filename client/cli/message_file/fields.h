// A message's fields from a file's values, by the message's descriptor.
#ifndef TENSORD_CLI_MESSAGE_FILE_FIELDS_H_
#define TENSORD_CLI_MESSAGE_FILE_FIELDS_H_

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/cli/document/document.h"
#include "client/cli/message_file/field_lines.h"
#include "client/cli/message_file/files.h"

namespace tensord::cli::message_file {

// What the reading of a value needs to know besides it.
struct Context {
  // The file's folder; null where no file can be named.
  Files* files = nullptr;
  // Never null.
  FieldLines* lines = nullptr;
  // Within a step's operation: where the name of a tensor goes that stands in a tensor field's place. Else null.
  std::map<std::string, std::string>* tensor_names = nullptr;
};

// Sets `message`, which is empty, to what `value` says, in a shorter form where there is one (shorthand.h), else by its
// fields: see docs/grading/assignments.md.
//
// Errors:  kInvalidArgument, `assignment.yaml:12: questions[2].parts[0].tensor.slack: was "x", has to be a number`.
// Cost:    linear in the value; it recurs as deep as the value is nested, which the document's reader bounds.
[[nodiscard]] absl::Status FillMessage(const document::Value& value, const document::Place& place,
                                       const Context& context, google::protobuf::Message& message);

// Likewise by its fields alone.
[[nodiscard]] absl::Status FillFields(const document::Value& value, const document::Place& place,
                                      const Context& context, google::protobuf::Message& message);

// The message's keys, as people write them.
[[nodiscard]] std::vector<std::string> KeysOf(const google::protobuf::Descriptor& type);

// `was "x", has to be EXPECTED`.
[[nodiscard]] absl::Status Wrong(const document::Place& place, const document::Value& value,
                                 absl::string_view expected);

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_FIELDS_H_
