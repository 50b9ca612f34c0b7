// Tensors of indices: any integer type, read as 64 bits.
#ifndef TENSORD_SERVER_CONVERT_INDEX_TENSOR_H_
#define TENSORD_SERVER_CONVERT_INDEX_TENSOR_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/convert/request_errors.h"
#include "server/convert/tensor_convert.h"
#include "tensord/compute/data_type.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::server {

// Adds violations of FIELD.data_type where the type is no integer's, and of FIELD.doubles where the elements come as
// doubles.
void CheckIndices(const v1::Tensor& tensor, compute::DataType type, absl::string_view field, RequestErrors& errors);

// Sets `decoded.view` to the elements as int64: those of the message where they are that already, else copies in
// `decoded.owned`. Numbers that the tensor's own type cannot hold are a violation, which names the first.
void LoadIndices(const v1::Tensor& tensor, absl::string_view field, DecodedTensor& decoded, RequestErrors& errors);

// What LoadIndices allocates at most.
[[nodiscard]] int64_t IndexScratchBytes(const DecodedTensor& decoded);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_INDEX_TENSOR_H_
