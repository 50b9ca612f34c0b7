// A student's answer from a file's value.
#ifndef TENSORD_CLI_MESSAGE_FILE_ANSWER_H_
#define TENSORD_CLI_MESSAGE_FILE_ANSWER_H_

#include "absl/status/statusor.h"
#include "client/cli/document/document.h"
#include "tensord/v1/grading.pb.h"

namespace tensord::cli::message_file {

// Sets `answer` to the text that the student wrote, and says whether it did:
//
//   1820, (46, 62, 20)    exactly so, numbers too; a block of lines likewise; nothing gives an empty text
//   [1, 3, [0, 1]]        a list is written again as such a text
//   {N: 1000, C: 3}       a mapping as `N=1000, C=3`
//
// A mapping with one of the keys text, tensor and file, and no other, is left to the message's fields.
// Errors:  kInvalidArgument - a mapping in another, or in a list.
[[nodiscard]] absl::StatusOr<bool> FillAnswer(const document::Value& value, const document::Place& place,
                                              v1::StudentAnswer& answer);

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_ANSWER_H_
