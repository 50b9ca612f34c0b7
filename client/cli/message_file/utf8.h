// Texts that a message can carry.
#ifndef TENSORD_CLI_MESSAGE_FILE_UTF8_H_
#define TENSORD_CLI_MESSAGE_FILE_UTF8_H_

#include "absl/strings/string_view.h"

namespace tensord::cli::message_file {

// Whether `text` is UTF-8 (RFC 3629), which a message's strings have to be: no overlong forms, no surrogates.
[[nodiscard]] bool IsUtf8(absl::string_view text);

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_UTF8_H_
