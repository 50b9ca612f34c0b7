// YAML and JSON as a tree of values that remember their lines.
#ifndef TENSORD_CLI_DOCUMENT_DOCUMENT_H_
#define TENSORD_CLI_DOCUMENT_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::cli::document {

// What a document may have.
struct Limits {
  size_t max_bytes = size_t{1} << 20;
  size_t max_depth = 64;
  // Scalars, lists and mappings, all of which take far more memory than they have bytes.
  size_t max_values = size_t{1} << 20;
  // What to do instead of an anchor or alias, for their errors.
  absl::string_view instead_of_aliases = "write it out again";
};

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

// Reads one document. `file` is what errors begin with: `lenet.yaml:12: ...`. In a file whose name ends with .json a
// character beyond 16 bits may be two escapes, as JSON writes it.
//
// Errors:  kInvalidArgument - no YAML (of which JSON is a part); more bytes, depth or values than the limits; anchors,
//          aliases and tags, which can make little text into much or into something else; a key twice, or one that is
//          no word; a second document.
// Cost:    linear in the text, in time and memory.
[[nodiscard]] absl::StatusOr<Value> ReadDocument(absl::string_view text, absl::string_view file,
                                                 const Limits& limits = {});

// A whole number without quotes, signs but a minus, or anything around it; nothing where it is none or does not fit.
[[nodiscard]] std::optional<int64_t> NumberOf(const Value& value);
// A finite one that may have a fraction.
[[nodiscard]] std::optional<double> RealOf(const Value& value);

// "3", "\"x\"", "a list": for messages.
[[nodiscard]] std::string Describe(const Value& value);

// `FILE:LINE: WHERE: WHAT`; of no file `WHERE: WHAT`, and of no line (0) `FILE: WHERE: WHAT`.
[[nodiscard]] absl::Status ErrorAt(absl::string_view file, int line, absl::string_view where, absl::string_view what);

// The file's name and the place of a value in it, `layers[3]`.
struct Place {
  absl::string_view file;
  std::string path;
  int line = 0;

  [[nodiscard]] Place Below(absl::string_view key, const Value& value) const;
  [[nodiscard]] Place At(size_t index, const Value& value) const;
  [[nodiscard]] absl::Status Error(absl::string_view what) const { return ErrorAt(file, line, path, what); }
};

}  // namespace tensord::cli::document

#endif  // TENSORD_CLI_DOCUMENT_DOCUMENT_H_
