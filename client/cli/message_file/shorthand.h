// Shorter forms in which some messages may be written.
#ifndef TENSORD_CLI_MESSAGE_FILE_SHORTHAND_H_
#define TENSORD_CLI_MESSAGE_FILE_SHORTHAND_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "absl/status/statusor.h"
#include "client/cli/document/document.h"
#include "client/cli/message_file/fields.h"

namespace tensord::cli::message_file {

// Sets `message` where `value` is in its type's shorter form, and says whether it was; a value in no such form is left
// to the message's fields. The forms:
//
//   Tensor               a number, lists of numbers, or {type, shape, values, axes} (tensor.h)
//   Datum                as Tensor
//   Dimension            a number or a symbol
//   Padding              `valid`, `same-upper`, ..., a number, or a list with a number or a pair [before, after] per
//   axis Activation           `relu`, `leaky-relu:slope=0.2` Step                 in its operation the name of data in
//   a tensor's place: convolve: {input: X, filter: W} StudentAnswer        what the student wrote (answer.h)
//   AnalyzeModelRequest  model: FILE
//
// Errors:  kInvalidArgument - a value that looks like the shorter form and is wrong.
[[nodiscard]] absl::StatusOr<bool> FillShorthand(const document::Value& value, const document::Place& place,
                                                 const Context& context, google::protobuf::Message& message);

// Whether `value` in the place of `field`, a message, is the name of a tensor: `X`, `gradients.filter_gradient`.
[[nodiscard]] bool IsTensorName(const document::Value& value, const google::protobuf::FieldDescriptor& field);

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_SHORTHAND_H_
