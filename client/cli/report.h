// What a command found out, before it is printed in one format or another.
#ifndef TENSORD_CLI_REPORT_H_
#define TENSORD_CLI_REPORT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/numbers.pb.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// A tensor under the name that JSON gives it.
struct NamedTensor {
  std::string name;
  v1::Tensor tensor;
  std::string file;  // where it was written to, or empty
};

// The bounds of a result's error under the name that JSON gives them.
struct NamedBounds {
  std::string name;
  v1::ErrorBounds bounds;
};

// What a value is to a reader; JSON prints them all alike.
enum class Role {
  kQuantity,     // a count, a shape, a word
  kAnswer,       // all there is to say: people need no name for it
  kConventions,  // an object of settings, told in a sentence
  kTable,        // an object of objects: one column each
  kDetail,       // for programs only: people get it in another form
};

struct NamedValue {
  std::string name;
  nlohmann::ordered_json value;
  Role role = Role::kQuantity;
};

// Tensors come first, then bounds, then values, each in order.
struct Report {
  std::vector<NamedTensor> tensors;
  std::vector<NamedBounds> bounds;
  std::vector<NamedValue> values;
  std::vector<v1::Formula> formulas;    // where the values of the same names came from; for people
  std::vector<std::string> conditions;  // what has to hold for them; for people
};

// The value that a path leads to: `mac_count`, `output_shape[0]` or `byte_count.input`; null where there is none.
[[nodiscard]] const nlohmann::ordered_json* FindValue(const Report& report, absl::string_view path);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_REPORT_H_
