// Paths to fields of answers.
#ifndef TENSORD_GRADING_QUESTION_PATH_H_
#define TENSORD_GRADING_QUESTION_PATH_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "grading/src/question/value.h"

namespace tensord::grading {

// What `path` names in a message: `multiplication_count`, `layers[3].output_shape`; empty: its first tensor. A tensor
// has its error bounds from the field beside it: error_bounds, or the tensor's name and _error_bounds.
//
// Error: kInvalidArgument, with the fields that there are.
[[nodiscard]] absl::StatusOr<Computed> ValueAt(const google::protobuf::Message& message, absl::string_view path);

// The tensor that `path` names, as above.
[[nodiscard]] absl::StatusOr<const v1::Tensor*> TensorAt(const google::protobuf::Message& message,
                                                         absl::string_view path);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_QUESTION_PATH_H_
