// A field's number, switch, word or text from a file's value.
#ifndef TENSORD_CLI_MESSAGE_FILE_SCALAR_H_
#define TENSORD_CLI_MESSAGE_FILE_SCALAR_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "client/cli/document/document.h"

namespace tensord::cli::message_file {

// Sets `field`, which is no message, or adds to it where it is repeated.
//
// Enums are given by the short name (`max` for POOLING_KIND_MAX, `same-upper`) or the full one; bytes as base64; whole
// numbers in quotes too, as protobuf's JSON has them.
// Errors:  kInvalidArgument - what the field cannot hold, with the choices and the nearest one for an enum.
[[nodiscard]] absl::Status PutScalar(const document::Value& value, const document::Place& place,
                                     const google::protobuf::FieldDescriptor& field,
                                     google::protobuf::Message& message);

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_SCALAR_H_
