// Completion scripts for shells, made from the command line's own tree.
#ifndef TENSORD_CLI_COMPLETION_H_
#define TENSORD_CLI_COMPLETION_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::cli {

[[nodiscard]] const std::vector<std::string>& CompletionShells();

// The script for `bash`, `zsh` or `fish` that completes `app`'s commands, flags and choices.
[[nodiscard]] absl::StatusOr<std::string> CompletionScript(const CLI::App& app, absl::string_view shell);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMPLETION_H_
