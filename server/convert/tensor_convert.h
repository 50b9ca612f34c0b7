// Tensors of the wire <-> tensors of the engine.
#ifndef TENSORD_SERVER_CONVERT_TENSOR_CONVERT_H_
#define TENSORD_SERVER_CONVERT_TENSOR_CONVERT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/convert/attached_tensors.h"
#include "server/convert/request_errors.h"
#include "tensord/compute/layout.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/tensor.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::server {

// In which form a tensor's elements came, and so in which an answer goes.
enum class TensorForm { kBytes, kTyped };

// A tensor of a request: a view of the message's own bytes, or of `owned` where they had to be converted. The message
// has to outlive it.
struct DecodedTensor {
  compute::TensorView view;
  compute::Tensor owned;
  TensorForm form = TensorForm::kBytes;
  std::optional<std::string> axes;
  bool type_known = true;  // else view.type means nothing, and there is a violation already
};

// The tensor's type and shape, without its elements: what checks and costs are made from, before anything is allocated.
// Adds to `errors` what is wrong: the tensor missing (`given` is false); its type missing or unknown; a rank above
// kMaxRank; the size over the limit; no payload, one whose length does not fit, or doubles for an integer type. Which
// types go together, and whether each size is in range, is left to the operation, which knows the axes. Nothing is
// returned where there is no shape to go on with.
//
// `types`: kIndices takes the integer types only (others are a violation), as bytes or integers; their elements are
// loaded by LoadIndices.
enum class TensorTypes { kAny, kIndices };
[[nodiscard]] std::optional<DecodedTensor> CheckTensor(bool given, const v1::Tensor& tensor, absl::string_view field,
                                                       const compute::Limits& limits, RequestErrors& errors,
                                                       TensorTypes types = TensorTypes::kAny);

// Sets `decoded.view.data`. Typed elements are converted into `decoded.owned`: a number that its type cannot hold is a
// violation, naming the first.
void LoadElements(const v1::Tensor& tensor, absl::string_view field, DecodedTensor& decoded, RequestErrors& errors);

// The message for `tensor` in that form; floating types as doubles, integers as integers. `axes` may be empty.
// Denormals are kept, here and in LoadElements, whatever the processor's mode is.
[[nodiscard]] v1::Tensor EncodeTensor(const compute::Tensor& tensor, TensorForm form, absl::string_view axes);

// The same for a tensor of an answer; as bytes, unless they are few, it is attached and not copied.
[[nodiscard]] v1::Tensor EncodeTensor(compute::Tensor tensor, TensorForm form, absl::string_view axes,
                                      AttachedTensors& attached);

// What EncodeTensor and the wire take for a tensor of `shape` beyond three times its bytes, which every answer is
// allowed: numbers of small types are larger than themselves when they are typed.
[[nodiscard]] int64_t TypedAnswerBytes(const compute::Shape& shape, compute::DataType type, TensorForm form);

// The layout's letters for a tensor: its own `axes` or the operation's `layout`, which have to agree where both are
// given, and which `axes` have to be where they alone are (else a violation of FIELD.axes).
[[nodiscard]] std::optional<std::string> MergeAxes(const std::optional<std::string>& layout,
                                                   const std::optional<std::string>& axes, compute::Layout::Role role,
                                                   absl::string_view field, compute::Violations& violations);

// Adds a violation of FIELD.axes where the tensor has axes other than `letters`.
void CheckAxes(const DecodedTensor& decoded, absl::string_view letters, absl::string_view field,
               compute::Violations& violations);

// Adds a violation of FIELD.shape where the tensor's is another than `shape`, which is `whose`, e.g. "the input's
// shape".
void CheckShape(const DecodedTensor& decoded, const compute::Shape& shape, absl::string_view whose,
                absl::string_view field, compute::Violations& violations);

// Adds a violation of FIELD.data_type where the tensor's is not the input's.
void CheckSameType(const DecodedTensor& decoded, const DecodedTensor& input, absl::string_view field,
                   compute::Violations& violations);

// Adds a violation of FIELD.data_type where the tensor's is no floating type.
void CheckFloating(const DecodedTensor& decoded, absl::string_view field, compute::Violations& violations);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_TENSOR_CONVERT_H_
