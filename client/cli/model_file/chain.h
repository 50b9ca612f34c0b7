// Lists of layers, and what stands in them: repetitions, residuals, branches.
#ifndef TENSORD_CLI_MODEL_FILE_CHAIN_H_
#define TENSORD_CLI_MODEL_FILE_CHAIN_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/document/document.h"
#include "client/cli/model_file/arguments.h"
#include "client/cli/model_file/builder.h"
#include "client/cli/model_file/sharing.h"

namespace tensord::cli::model_file {

// A layer that was lowered, as parameters-of finds it.
struct KnownLayer {
  std::string kind;
  ParameterList parameters;  // null of what stands beside layers
};

// The names that can be said at a place: those of the list that it stands in, and of the lists around it.
struct Scope {
  const Scope* around = nullptr;
  std::string prefix = {};         // of the layers' full names: "stage/1/"
  Iteration* iteration = nullptr;  // of the innermost repetition whose parameters are shared
  std::map<std::string, Tensor> tensors = {};
  std::map<std::string, KnownLayer> layers = {};
  std::set<std::string> given = {};        // names that the file gives to layers of this list
  std::map<std::string, int> counts = {};  // of layers without a name, by kind
};

// What stands beside layers: "repeat", "residual", "branches"; and beside each: "name", "from", "parameters-of".
[[nodiscard]] absl::Span<const absl::string_view> StructureNames();
[[nodiscard]] absl::Span<const absl::string_view> KeysOfStructure(absl::string_view name);
[[nodiscard]] absl::Span<const absl::string_view> CommonKeys();

// Adds the layers of a list, each of which takes what the one before it gives, or what `from` says. Returns what the
// last one gives; `first` where the list is empty. A tensor without a name is none.
[[nodiscard]] absl::StatusOr<Tensor> LowerList(const Value& list, const Place& place, Scope& scope, const Tensor& first,
                                               Builder& builder);

}  // namespace tensord::cli::model_file

#endif  // TENSORD_CLI_MODEL_FILE_CHAIN_H_
