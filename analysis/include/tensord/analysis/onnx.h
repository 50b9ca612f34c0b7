// ONNX models: as graphs, and without their weights.
#ifndef TENSORD_ANALYSIS_ONNX_H_
#define TENSORD_ANALYSIS_ONNX_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/analysis/graph.h"

namespace tensord::analysis {

// The versions of ONNX's own operators that are read: from those that every converter of the last years writes up to
// those of ONNX 1.12, whose messages these are.
// Source: https://github.com/onnx/onnx/blob/main/docs/Versioning.md (released versions).
inline constexpr int64_t kMinOnnxOpset = 7;
inline constexpr int64_t kMaxOnnxOpset = 17;

// The graph of an ONNX model, from its file's bytes (a ModelProto).
//
// Tensors:  an initializer has its values where they are at most kMaxConstantValues integers, truth values or reals
//           (but for an uint64 beyond 2^63 - 1). One whose elements are not there, because they were stripped or lie in
//           another file, has type and shape alone; that file is never looked for. A sparse one has its name alone, and
//           so has what the file says of sequences, maps and more than kMaxGraphRank dimensions in between.
// Names:    as they are, control characters included; print them by PrintableName. The domain "ai.onnx" becomes "".
// Nodes:    subgraphs, sparse tensors, types and lists of tensors become OpaqueAttribute. Functions and what is there
//           for training are passed over.
// Errors:   kInvalidArgument - the bytes are no model, or a part of one; it has no graph, or operators of another
//           version; an input that is no tensor; a tensor with a negative size, of a type that ONNX does not have, or
//           with more or fewer elements than its shape takes; an attribute without a type, or twice.
//           kResourceExhausted - messages nested more than 100 deep, over 2 GiB, more than the bounds of graph.h, or
//           than 256 MiB of objects: two bytes of a file can be a hundred of memory.
// Cost:     linear in the bytes, in time and memory: all of them are copied once.
// Threads:  no shared state.
[[nodiscard]] absl::StatusOr<Graph> ReadOnnx(absl::string_view bytes);

// How many bytes the objects take that ReadOnnx makes of a model's messages and texts, beside the bytes themselves.
// Known before anything is allocated, so that a server can reserve it. Errors: those of ReadOnnx about what is no
// message, or too much of one.
[[nodiscard]] absl::StatusOr<int64_t> OnnxObjectBytes(absl::string_view bytes);

// The same model without its weights: the elements of tensors of more than kMaxConstantValues are gone (of
// initializers, of attributes, and of those in subgraphs and functions), as are the places of elements in other files,
// documentation and metadata. ReadOnnx makes the same of both.
//
// Errors:   those of ReadOnnx that say that the bytes are no model or too much of one, or that are about its
//           initializers and the tensors of its nodes. Where there is one, ReadOnnx has one too.
// Cost:     as ReadOnnx. Threads: no shared state.
[[nodiscard]] absl::StatusOr<std::string> StripWeights(absl::string_view bytes);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_ONNX_H_
