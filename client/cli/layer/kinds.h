// The kinds of layers that `analyze layer` asks AnalyzeModel about: those that are no window over a plane.
#ifndef TENSORD_CLI_LAYER_KINDS_H_
#define TENSORD_CLI_LAYER_KINDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace tensord::cli::layer {

struct Kind {
  absl::string_view name;     // of --kind
  absl::string_view lowered;  // what files of models call it: model_file::FindLayerKind() has the nodes
  // Whether the operator takes batch and channels first. The others take axes in any order.
  bool channels_first = false;
  bool needs_channels = false;
  bool needs_space = false;
  // The flags that it takes beside those of all kinds, of which the first ones are required.
  absl::Span<const absl::string_view> flags = {};
  size_t required = 0;
};

// Null where there is none of that name.
[[nodiscard]] const Kind* FindKind(absl::string_view name);
// In the order of help texts.
[[nodiscard]] std::vector<std::string> KindNames();

}  // namespace tensord::cli::layer

#endif  // TENSORD_CLI_LAYER_KINDS_H_
