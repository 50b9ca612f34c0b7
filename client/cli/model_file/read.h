// Models that people write.
#ifndef TENSORD_CLI_MODEL_FILE_READ_H_
#define TENSORD_CLI_MODEL_FILE_READ_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tensord/v1/model_graph.pb.h"

namespace tensord::cli::model_file {

// The model that a YAML or JSON text describes, lowered to operators of ONNX whose parameters have open sizes.
// docs/model_file.md has the format. `file` is what errors begin with.
//
// Errors:  kInvalidArgument, `lenet.yaml:12: layers[3].kernel: was "x", has to be ...`: the first thing that is wrong.
// Cost:    linear in the text and in the operators, of which there are at most Builder::kMaxNodes.
[[nodiscard]] absl::StatusOr<v1::Model> ReadModel(absl::string_view text, absl::string_view file);

// The keys of the file itself.
[[nodiscard]] absl::Span<const absl::string_view> ModelKeys();

// Whether a file of that name is such a text: it ends with .yaml, .yml or .json.
[[nodiscard]] bool IsModelFileName(absl::string_view name);
// Whether bytes of no name are: they begin with a mapping's key, a comment or a brace. An ONNX file begins with a field
// of its version, and has bytes that no text has.
[[nodiscard]] bool LooksLikeText(absl::string_view bytes);

}  // namespace tensord::cli::model_file

#endif  // TENSORD_CLI_MODEL_FILE_READ_H_
