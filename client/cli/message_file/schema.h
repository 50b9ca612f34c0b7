// What files of messages may have, for editors.
#ifndef TENSORD_CLI_MESSAGE_FILE_SCHEMA_H_
#define TENSORD_CLI_MESSAGE_FILE_SCHEMA_H_

#include <google/protobuf/descriptor.h>

#include <nlohmann/json.hpp>

namespace tensord::cli::message_file {

// A JSON Schema (draft 2020-12) of the files that ReadMessageFile reads as `type`, made of the descriptors of it and of
// all messages within it. It knows the fields' names in the form that is preferred, hint_level, and enums as
// same-upper; the other forms, which are read too, it does not.
[[nodiscard]] nlohmann::ordered_json SchemaOf(const google::protobuf::Descriptor& type);

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_SCHEMA_H_
