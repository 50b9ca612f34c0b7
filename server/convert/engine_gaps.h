// What the engine's numbers do not cover yet goes to the plain kernels where that is the same, and is refused
// elsewhere: padding that reads the input, transposed convolution, windows but explicit ones, norms, and gradients of
// poolings.
#ifndef TENSORD_SERVER_CONVERT_ENGINE_GAPS_H_
#define TENSORD_SERVER_CONVERT_ENGINE_GAPS_H_

#include "absl/strings/str_cat.h"
#include "server/convert/tensor_convert.h"

namespace tensord::server {

inline void CheckComputable(const DecodedTensor& tensor, absl::string_view field, compute::Violations& violations) {
  if (!tensor.type_known || compute::IsComputable(tensor.view.type)) return;
  violations.Add(absl::StrCat(field, ".data_type"),
                 absl::StrCat("was ", compute::Name(tensor.view.type), ", has to be float32 or float64"));
}

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_ENGINE_GAPS_H_
