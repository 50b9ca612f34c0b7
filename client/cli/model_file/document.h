// YAML and JSON as a tree of values that remember their lines.
#ifndef TENSORD_CLI_MODEL_FILE_DOCUMENT_H_
#define TENSORD_CLI_MODEL_FILE_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::cli::model_file {

// What people write has some kilobytes. More is no such file.
inline constexpr size_t kMaxDocumentBytes = size_t{1} << 20;
inline constexpr size_t kMaxDocumentDepth = 64;

struct Value {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  int line = 0;                   // counted from 1
  bool is_quoted = false;         // of a scalar: "3" is a text, and 3 a number
  std::string text = {};          // of a scalar
  std::vector<Value> items = {};  // of a list, or a map's values
  std::vector<std::string> keys = {};
  std::vector<int> key_lines = {};

  // A map's value of that key, or null.
  [[nodiscard]] const Value* Find(absl::string_view key) const;
};

// Reads one document. `file` is what errors begin with: `lenet.yaml:12: ...`.
//
// Errors:  kInvalidArgument - no YAML (of which JSON is a part); more than kMaxDocumentBytes, nested deeper than
//          kMaxDocumentDepth; anchors, aliases and tags, which can make little text into much or into something else; a
//          key twice, or one that is no word; a second document.
// Cost:    linear in the text, in time and memory.
[[nodiscard]] absl::StatusOr<Value> ReadDocument(absl::string_view text, absl::string_view file);

// "3", "\"x\"", "a list": for messages.
[[nodiscard]] std::string Describe(const Value& value);

// `FILE:LINE: WHERE: WHAT`; of no file `WHERE: WHAT`.
[[nodiscard]] absl::Status ErrorAt(absl::string_view file, int line, absl::string_view where, absl::string_view what);

}  // namespace tensord::cli::model_file

#endif  // TENSORD_CLI_MODEL_FILE_DOCUMENT_H_
