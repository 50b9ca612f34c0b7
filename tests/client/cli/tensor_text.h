// Tensors in a form that tests can compare at a glance.
#ifndef TENSORD_TESTS_CLIENT_CLI_TENSOR_TEXT_H_
#define TENSORD_TESTS_CLIENT_CLI_TENSOR_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/elements.h"
#include "client/cli/io/json_tensor.h"

namespace tensord::cli {

// `float32 2x3 [[0,1,2],[3,4,5]]`, or `error: ...`.
inline std::string Show(const absl::StatusOr<v1::Tensor>& tensor) {
  if (!tensor.ok()) return absl::StrCat("error: ", tensor.status().message());
  const auto elements = Elements::Of(*tensor);
  if (!elements.ok()) return absl::StrCat("broken: ", elements.status().message());
  return absl::StrCat(TypeName(tensor->data_type()), " ", absl::StrJoin(tensor->shape(), "x"), " ",
                      JsonLists(*elements));
}

}  // namespace tensord::cli

#endif  // TENSORD_TESTS_CLIENT_CLI_TENSOR_TEXT_H_
